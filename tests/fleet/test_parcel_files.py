"""Parcel files: what is read, and what is refused in one line."""

import builtins
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fleet.parcel_files import METRES_PER_DEGREE, read_parcels, unused_columns
from fleet.parcel_tables import ParcelError


def _csv(tmp_path, text):
    path = tmp_path / "parcels.csv"
    path.write_text(text)
    return path


def test_reads_a_csv_with_every_column(tmp_path):
    """Every documented column arrives in its own type."""
    path = _csv(
        tmp_path,
        "id,x,y,size,ready,due_open,due_close,paid,station\na,1,2.5,3,4,5,60,no,7\n",
    )
    parcels = read_parcels(path).parcels
    row = {f.name: getattr(parcels, f.name)[0] for f in fields(parcels)}
    assert row == {
        "names": "a", "x": 1.0, "y": 2.5, "size": 3, "station": 7, "ready_seconds": 4.0,
        "due_open": 5.0, "due_close": 60.0, "paid": False,
    }  # fmt: skip


def test_empty_fields_take_the_defaults(tmp_path):
    """An empty field is a missing one, in any order of columns, and spaces do not count."""
    path = _csv(
        tmp_path, "\ufeffy, X ,id,size,paid,station,colour\n2, 1,a,,,,red\n\n4,3,b,2,1,0,\n"
    )
    file = read_parcels(path, depot=(0, 0))
    parcels = file.parcels
    assert parcels.names == ["a", "b"]
    assert parcels.x.tolist() == [1, 3]
    assert parcels.size.tolist() == [1, 2]
    assert parcels.paid.tolist() == [True, True]
    assert parcels.station.tolist() == [-1, 0]
    assert np.isnan(parcels.ready_seconds).all()
    assert np.isnan(parcels.due_close).all()
    assert file.ignored == ("colour",)
    assert file.depot == (0, 0)
    assert file.capacity is None


BAD = [
    ("x,y\n1,2\n", ": column id is missing (found: x, y)"),
    ("id,x\na,2\n", ": column y is missing"),
    ("", ": column id is missing (found: none)"),
    ("id;x;y\na;1;2\n", ": column id is missing (found: id;x;y)"),
    ("id,x,y,x\na,1,2,3\n", ":1: column x stands twice"),
    ("id,x,y\na,1,2\nb,one,2\n", ":3: x 'one' is not a number"),
    ("id,x,y\na,1,2\n\nb,nan,2\n", ":4: x nan is not a finite number"),
    ("id,x,y\na,1,inf\n", ":2: y inf is not a finite number"),
    ("id,x,y\na,1,\n", ":2: y nan is no place"),
    ("id,x,y\na,1,2\n,1,2\n", ":3: id is empty"),
    ("id,x,y\na,1,2\nb,1,2\na,3,4\n", ":4: id 'a' stands at 2 already"),
    ("id,x,y\na,1,2\nb,1,2,3\n", ":3: 4 fields where the header has 3"),
    ('id,x,y\n"a,1,2\n', ":2: not CSV"),
    ("id,x,y,size\na,1,2,-3\n", ":2: size -3 is negative; give 0 or more"),
    ("id,x,y,size\na,1,2,26\n", ":2: size 26 is above the van's capacity of 25"),
    ("id,x,y,size\na,1,2,1.5\n", ":2: size 1.5 is not a whole number"),
    ("id,x,y,ready\na,1,2,-1\n", ":2: ready -1 is before opening"),
    ("id,x,y,due_open,due_close\na,1,2,9,8\n", ":2: due_close 8 is before due_open or ready"),
    ("id,x,y,ready,due_close\na,1,2,9,8\n", ":2: due_close 8 is before due_open or ready"),
    ("id,x,y,paid\na,1,2,maybe\n", ":2: paid 'maybe' is no flag"),
    ("id,x,y,station\na,1,2,-2\n", ":2: station -2 is negative"),
    ("id,x,y\na,1,2\nb,1e308,2\n", ":3: x 1e+308 is out of range; give -25000000 to 25000000"),
    ("id,x,y\na,1,-25000001\n", ":2: y -2.5e+07 is out of range"),
    ("id,x,y,ready\na,1,2,1e300\n", ":2: ready 1e+300 is out of range"),
    ("id,x,y,due_close\na,1,2,1e300\n", ":2: due_close 1e+300 is out of range"),
    (f"id,x,y\n{'a' * 101},1,2\n", f":2: id '{'a' * 101}' has not 1 to 100 bytes"),
    ("id,x,y\na\x07,1,2\n", ":2: id 'a\\x07' has control characters"),
    ("id,lat,lon\na,91,2\n", ":2: lat 91 is out of range"),
    ("id,lat,lon\na,1,181\n", ":2: lon 181 is out of range"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_bad_input_is_one_line(tmp_path, text, message):
    """The line names file, line, column, value and remedy."""
    path = _csv(tmp_path, text)
    with pytest.raises(ParcelError) as caught:
        read_parcels(path, capacity=25)
    line = str(caught.value)
    assert line.startswith(str(path) + message)
    assert "\n" not in line


def test_the_line_is_right_behind_quoted_line_breaks(tmp_path):
    """A field with a line break in it moves the lines that follow."""
    path = _csv(tmp_path, 'id,x,y,note\na,1,2,"two\nlines"\nb,?,2,\n')
    with pytest.raises(ParcelError, match=r"parcels\.csv:4: x '\?'"):
        read_parcels(path)


@pytest.mark.parametrize("name", ["none.csv", "none.parquet", "none.vrp", "none.xlsx"])
def test_a_file_that_is_not_there_is_one_line(tmp_path, name):
    """So is a kind of file that is not read."""
    with pytest.raises(ParcelError, match=name):
        read_parcels(tmp_path / name)


def test_degrees_become_metres_around_the_depot(tmp_path):
    """A hundredth of a degree north is 1,112 m; east it is cos(latitude) times that."""
    path = _csv(tmp_path, "id,lat,lon\na,60.01,20\nb,60,20.01\n")
    file = read_parcels(path, depot=(60.0, 20.0))
    assert file.parcels.y == pytest.approx([0.01 * METRES_PER_DEGREE, 0])
    assert file.parcels.x == pytest.approx([0, 0.005 * METRES_PER_DEGREE])
    assert (file.depot, file.origin) == ((0, 0), (60, 20))
    around_mean = read_parcels(path)
    assert around_mean.origin == pytest.approx((60.005, 20.005))
    assert around_mean.depot is None
    with pytest.raises(ParcelError, match="not in degrees"):
        read_parcels(path, depot=(1000, 700))


def test_the_180th_meridian_does_not_tear_parcels_apart(tmp_path):
    """Two doors on either side of it are neighbours."""
    path = _csv(tmp_path, "id,lat,lon\na,0,179.99\nb,0,-179.99\n")
    x = read_parcels(path).parcels.x
    assert abs(x[0] - x[1]) == pytest.approx(0.02 * METRES_PER_DEGREE)


def test_reads_parquet_like_csv(tmp_path):
    """The same table gives the same parcels, and the same errors by row."""
    path = tmp_path / "p.parquet"
    table = {"id": [7, 8], "x": [1, 2], "y": [0.5, 1.5], "size": [None, 2], "paid": [False, True]}
    pq.write_table(pa.table(table), path)
    parcels = read_parcels(path).parcels
    assert parcels.names == ["7", "8"]
    assert parcels.x.tolist() == [1, 2]
    assert parcels.size.tolist() == [1, 2]
    assert parcels.paid.tolist() == [False, True]
    pq.write_table(pa.table({"id": ["a", "b"], "x": [1.0, None], "y": [1, 2]}), path)
    with pytest.raises(ParcelError, match=r"p\.parquet:row 2: x nan is no place"):
        read_parcels(path)


def test_numbers_as_ids_keep_all_their_digits(tmp_path):
    """A tool that knows no empty whole number writes a column of ids as fractions."""
    path = tmp_path / "p.parquet"
    ids = [7.0, 999999.0, 1234567.0, 9007199254740991.0, 123456.75]
    place = {"x": [0.0] * 5, "y": [0.0] * 5}
    pq.write_table(pa.table({"id": ids, **place}), path)
    names = ["7", "999999", "1234567", "9007199254740991", "123456.75"]
    assert read_parcels(path).parcels.names == names
    pq.write_table(pa.table({"id": [*ids[:4], None], **place}), path)
    with pytest.raises(ParcelError, match=r"p\.parquet:row 5: id is empty"):
        read_parcels(path)


def test_parquet_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    """A user without the extra learns what to install."""
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ParcelError, match="--extra parquet"):
        read_parcels(tmp_path / "p.parquet")


VRP = """NAME : tiny
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 5
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 2
3 5
DEPOT_SECTION
1
-1
EOF
"""


def test_reads_a_vrp_file_with_depot_and_capacity(tmp_path):
    """Its demands are sizes and its node numbers names."""
    path = tmp_path / "tiny.vrp"
    path.write_text(VRP)
    file = read_parcels(path)
    assert (file.depot, file.capacity) == ((0, 0), 5)
    assert file.parcels.names == ["2", "3"]
    assert file.parcels.size.tolist() == [2, 5]
    assert file.parcels.y.tolist() == [4, 8]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("EUC_2D", "GEO", ": EDGE_WEIGHT_TYPE is 'GEO'"),
        ("3 5", "3 6", ": demand of stop 2 is [6], above every capacity"),
        ("3 5", "3 x", ": line 13 is '3 x'; give numbers"),
        ("2 3 4\n", "", ": NODE_COORD_SECTION (line 6) has 6 numbers, 3 nodes need 9"),
        ("2 2\n", "", ": DEMAND_SECTION (line 10) has 4 numbers"),
        ("CAPACITY : 5", "CAPACITY : -5", ": CAPACITY is '-5'"),
        ("SECTION\n1\n-1", "SECTION\n9\n-1", ": DEPOT_SECTION is [9.0, -1.0]"),
    ],
)
def test_a_bad_vrp_file_is_one_line(tmp_path, old, new, message):
    """The line names file, line, value and remedy."""
    path = tmp_path / "tiny.vrp"
    path.write_text(VRP.replace(old, new))
    with pytest.raises(ParcelError) as caught:
        read_parcels(path)
    assert str(caught.value).startswith(str(path) + message)


def test_a_column_that_means_nothing_is_named(tmp_path):
    """A misspelt column is taken for its default; its user is told."""
    path = _csv(tmp_path, "id,x,y,chute\na,1,2,3\n")
    [line] = unused_columns(path, read_parcels(path))
    assert line.startswith(f"{path}: column chute is not used; known are id, x, y,")


def test_degrees_beside_x_and_y_are_named(tmp_path):
    """A parcel lies at x and y then; its user is told."""
    path = _csv(tmp_path, "id,x,y,lat,lon\na,1,2,50.9,4.7\n")
    file = read_parcels(path)
    assert (file.parcels.x.tolist(), file.origin) == ([1], None)
    assert unused_columns(path, file) == [
        f"{path}: column {name} is not used beside x and y" for name in ("lat", "lon")
    ]
