"""Parcels as columns: what is drawn, and rows that stay together."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.parcel_files import read_parcels
from fleet.parcel_tables import ParcelError
from fleet.parcels import Book, Parcels, draw, joined
from fleet.scenario import FloorPart, Scenario, WavePart

NOW = {"floor": FloorPart(map="x.map", robots=1)}


def test_draw_fills_what_is_open_and_keeps_what_is_given(tmp_path):
    """Ready times spread evenly over the given time; named stations and times stay."""
    path = tmp_path / "parcels.csv"
    path.write_text("id,x,y,ready,station\na,1,1,,\nb,1,1,50,2\nc,1,1,,\n")
    parcels = read_parcels(path).parcels
    scenario = Scenario(name="x", wave=WavePart(arrive_seconds=30), **NOW)
    drawn = draw(parcels, scenario, 3)
    assert drawn.station[1] == 2
    assert drawn.ready_seconds[1] == 50
    assert set(drawn.ready_seconds[[0, 2]]) <= {0, 10, 20}
    with pytest.raises(ParcelError, match="station 2 is not on the floor; it has 2"):
        draw(parcels, scenario, 2)


@given(st.integers(0, 2**63 - 1), st.integers(1, 40), st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_draw_is_by_seed_alone(seed, n, stations):
    """The same seed draws the same, every station exists and every time is inside the span."""
    parcels = _unplaced(n)
    scenario = Scenario(name="x", seed=seed, wave=WavePart(arrive_seconds=60), **NOW)
    one, two = draw(parcels, scenario, stations), draw(parcels, scenario, stations)
    assert one.station.tolist() == two.station.tolist()
    assert one.ready_seconds.tolist() == two.ready_seconds.tolist()
    assert 0 <= one.station.min() <= one.station.max() < stations
    assert sorted(one.ready_seconds) == pytest.approx([60 * k / n for k in range(n)])


def _unplaced(n):
    number, none = np.arange(n), np.full(n, np.nan)
    names = [f"p{k}" for k in range(n)]
    unknown = np.full(n, -1, np.int32)
    return Parcels(names, number * 1.0, number * 2.0, number, unknown, none, none, none, number > 0)


def test_take_keeps_rows_together():
    """A selection of parcels has all its columns in the same order."""
    some = _unplaced(3).take(np.array([2, 0]))
    assert some.names == ["p2", "p0"]
    assert some.y.tolist() == [4, 0]
    assert some.paid.tolist() == [True, False]


@given(st.integers(0, 9), st.integers(0, 9))
def test_what_was_parted_is_joined_again(first, second):
    """Column by column, in the same order."""
    whole = _unplaced(first + second)
    rows = np.arange(first + second)
    parts = [whole.take(rows[:first]), whole.take(rows[first:])]
    book = Book(whole.take(rows[:0]))
    for part in parts:
        book.add(part)
    for field in fields(Parcels):
        for again in (joined(parts), book.parcels):
            np.testing.assert_array_equal(getattr(again, field.name), getattr(whole, field.name))


def test_a_book_is_not_copied_with_each_arrival():
    """It has room for as many again."""
    book = Book(_unplaced(4))
    book.add(_unplaced(1))
    before = book.parcels
    book.add(_unplaced(1))
    assert np.shares_memory(book.parcels.x, before.x)
    assert book.parcels.x.dtype == before.x.dtype
