"""What the panel says where there is little room: what went wrong before what is as ever."""

from __future__ import annotations

import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viz.made import Made
from tests.viz.panel_rows import panel_rows
from tests.viz.scenes import Faulty
from viz.colours import (
    CATEGORIES,
    DARK,
    EMPTY,
    FAULT,
    IDLE,
    LATE,
    LOADED,
    OUT,
    PAUSED,
    SILENT,
    WAITING,
)
from viz.draw import Picture
from viz.legend import TROUBLE, rows_that_fit
from viz.pen import Pen
from viz.text import Type
from viz.view import Selection, View, lay_out

BROKEN = {LATE, FAULT, SILENT, PAUSED, OUT}


def counts(**numbers: int) -> np.ndarray:
    result = np.zeros(len(CATEGORIES), int)
    for name, number in numbers.items():
        result[CATEGORIES.index(name)] = number
    return result


def test_all_rows_where_there_is_room() -> None:
    """What every robot does now and then has a row even at zero; the rest where it is."""
    rows, joined = rows_that_fit(counts(idle=3, fault=1), set(), 20)
    assert rows == [*range(WAITING + 1), FAULT]
    assert joined == []


def test_zeros_give_way_first_then_what_is_ordinary() -> None:
    """Three lines: the fault has its own, and what has none is named together."""
    rows, joined = rows_that_fit(counts(idle=3, carrying=2, fault=1), set(), 3)
    assert (rows, joined) == ([IDLE, LOADED, FAULT], [])
    rows, joined = rows_that_fit(counts(idle=3, carrying=2, waiting=1, fault=1), set(), 3)
    assert (rows, joined) == ([WAITING, FAULT], [LOADED, IDLE])


def test_hidden_robots_can_be_shown_again() -> None:
    """Their row stays, even at zero, before ordinary ones."""
    rows, _ = rows_that_fit(counts(idle=3, carrying=2, waiting=1), {EMPTY}, 2)
    assert EMPTY in rows


@given(
    st.lists(st.integers(0, 3), min_size=12, max_size=12),
    st.sets(st.integers(0, 11)),
    st.integers(0, 14),
    st.booleans(),
)
def test_no_robot_is_left_out(
    numbers: list[int], hidden: set[int], lines: int, league: bool
) -> None:
    """Rows fit, each robot is counted in one of them, and trouble goes last."""
    count = np.array(numbers)
    rows, joined = rows_that_fit(count, hidden, lines, league=league)
    assert len(rows) + bool(joined) <= lines
    if lines:
        there = set(np.flatnonzero(count).tolist())
        assert there <= {*rows, *joined}
        lost = set(joined) & set(TROUBLE)
        assert not lost or set(rows) <= set(TROUBLE)


@pytest.mark.parametrize("size", [(640, 400), (900, 600), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("shown", ["floor", "both"])
def test_trouble_has_its_rows(size: tuple[int, int], shown: str) -> None:
    """Late, faulty, silent, paused and taken out robots are in the legend of any window."""
    drawn = Picture(Faulty()).draw(pygame.Surface(size), 12.5, View(shown=shown))
    assert {kind for _, kind in drawn.spots.legend} >= BROKEN


@pytest.mark.parametrize("shown", ["floor", "both"])
@pytest.mark.parametrize("selection", [Selection("robot", 7), Selection("parcel", 3)])
def test_a_selection_leaves_room(shown: str, selection: Selection) -> None:
    """A story in a small window does not hide faults, nor the last event."""
    view = View(shown=shown, selection=selection)
    drawn = Picture(Made()).draw(pygame.Surface((640, 400)), 12.5, view)
    assert {kind for _, kind in drawn.spots.legend} >= {FAULT, SILENT}
    assert len(drawn.spots.events) == 1


def test_a_heading_without_room_leaves_no_hole() -> None:
    """What comes next may use what is left."""
    layout = lay_out((640, 400), Made().scene, "floor")
    pen = Pen(pygame.Surface((640, 400)), layout, DARK, Type(), 50)
    before = pen.y
    assert not pen.heading("Robots")
    assert pen.y == before


@pytest.mark.parametrize("size", [(640, 400), (900, 600), (1280, 800)])
@pytest.mark.parametrize("shown", ["floor", "both"])
def test_what_heat_means_is_said(size: tuple[int, int], shown: str) -> None:
    """However many robots are in trouble."""
    surface = pygame.Surface(size)
    drawn = Picture(Faulty()).draw(surface, 12.5, View(shown=shown, heat="visits"))
    panel = pygame.surfarray.array3d(surface.subsurface(drawn.layout.panel))
    bar = (np.abs(panel.astype(int) - DARK.heat[-1]).max(axis=2) < 9).any(axis=1)
    assert bar.any()
    assert {kind for _, kind in drawn.spots.legend} >= {FAULT, SILENT}


@pytest.mark.parametrize("width", [320, 400, 640, 900])
def test_the_last_event_is_seen(width: int) -> None:
    """In a window of any size from the smallest on."""
    for height in range(200, 700, 70):
        for source in (Made(), Faulty()):
            drawn = Picture(source).draw(pygame.Surface((width, height)), 12.5, View(shown="both"))
            assert drawn.spots.events


def test_tours_are_told_beside_a_robots_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a window of the usual size, with a robot selected, the city has its line."""
    view = View(shown="both", selection=Selection("robot", 2))
    assert "tours out" in panel_rows(monkeypatch, Made(), 12.5, view, (1280, 800))


def test_tours_are_not_told_as_a_part_of_a_robots_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """However low the window is, their line stands below another heading than the robot's."""
    below, write, head = {}, Pen.row, Pen.heading

    def heading(self: Pen, text: str) -> bool:
        headed = head(self, text)
        if headed:
            below["heading"] = text
        return headed

    def row(self: Pen, label: str, value: str, **how: object) -> pygame.Rect | None:
        where = write(self, label, value, **how)  # type: ignore[arg-type]
        if where is not None:
            below[label] = below["heading"]
        return where

    monkeypatch.setattr(Pen, "heading", heading)
    monkeypatch.setattr(Pen, "row", row)
    view = View(shown="both", selection=Selection("robot", 2))
    picture = Picture(Made())
    for height in range(200, 801, 10):
        below.clear()
        picture.draw(pygame.Surface((1000, height)), 12.5, view)
        assert below.get("tours out") != "Robot 2", height
    assert "tours out" in below


def test_states_that_share_a_line_are_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where their names are too long for the panel, it says how many they are."""
    rows = panel_rows(monkeypatch, Made(), 12.5, View(shown="both"), (400, 260))
    assert any(label.endswith(" other states") for label in rows)
