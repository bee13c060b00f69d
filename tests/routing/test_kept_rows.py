"""Rows that a run goes on from."""

import pytest

from routing.kept_rows import RowsError, kept_rows

ROW = {"robots": 4, "day": "d"}
LINE = '{"robots": 4, "day": "d"}\n'


def test_there_is_no_file_yet(tmp_path):
    """Nothing is kept, and nothing is written."""
    assert kept_rows(None) == []
    assert kept_rows(tmp_path / "none.jsonl", "robots") == []


def test_a_line_cut_off_as_it_was_written_is_taken_out(tmp_path):
    """The file keeps the whole rows; what is added begins on a line of its own."""
    path = tmp_path / "rows.jsonl"
    path.write_text(LINE + '{"robots": 8, "d')
    assert kept_rows(path, "robots", "day") == [ROW]
    assert path.read_text() == LINE


def test_a_row_without_its_end_of_line_gets_one(tmp_path):
    """Cut off between the two, it is whole, and the next row begins on a line of its own."""
    path = tmp_path / "rows.jsonl"
    path.write_text(LINE.strip())
    assert kept_rows(path, "robots", "day") == [ROW]
    assert path.read_text() == LINE


def test_bytes_are_refused(tmp_path):
    """A file that is no text is named, and left as it is."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xff\x00")
    with pytest.raises(RowsError, match="is no text; name another --out"):
        kept_rows(path, "robots", "day")
    assert path.read_bytes() == b"\xff\x00"


@pytest.mark.parametrize(
    "text",
    [
        "id,x,y\n1,2,3\n",
        '{"robots": 4}\n',
        "[1]\n",
        LINE + "}\n",
        "notes",
        "[" * 100_000 + "\n",
        '{"robots":' + "[" * 100_000,
        '{"robots": ' + "1" * 5000 + ', "day": 1}\n',
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, text):
    """It is left as it is."""
    path = tmp_path / "rows.jsonl"
    path.write_text(text)
    with pytest.raises(RowsError, match=r"line \d is no row of this kind; name another --out"):
        kept_rows(path, "robots", "day")
    assert path.read_text() == text


def test_a_row_with_a_fault_of_its_own(tmp_path):
    """The line is named with what its reader says of it, and the file left as it is."""
    path = tmp_path / "rows.jsonl"
    path.write_text(LINE * 2)
    faults = iter(["", "day is 'd'"])
    said = r"rows\.jsonl: line 2: day is 'd'; correct the line or name another --out"
    with pytest.raises(RowsError, match=said):
        kept_rows(path, "robots", fault=lambda row: next(faults))
    assert path.read_text() == LINE * 2
