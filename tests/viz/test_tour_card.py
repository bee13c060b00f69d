"""What cards say of times at doors: promised, planned, expected, and as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fleet.events import ParcelState, TourState
from fleet.scenario import CityPart, FloorPart, Scenario, WavePart
from tests.viz.made import Made
from tests.viz.panel_rows import panel_rows
from viz.facts import Line
from viz.frame import Frame, Parcels, no_tours
from viz.story import tell
from viz.view import Selection, View

WAITS, CHUTE, OUT = ParcelState.AT_STATION, ParcelState.IN_CHUTE, ParcelState.OUT
DONE, BACK = ParcelState.DELIVERED, ParcelState.RETURNING


class Round(Made):
    """One tour over doors on a line, 10 apart, a unit a tick; planned at tick 20, ten to sort."""

    def __init__(self, states: list[int], tour: int, due: float = np.nan) -> None:
        super().__init__()
        n, self.tour = len(states), tour
        self.scene.scenario = Scenario(
            name="x",
            floor=FloorPart(map="x", robots=1, tick_seconds=0.5),
            city=CityPart(courier_metres_per_second=2.0, depart_seconds=2.0, stop_seconds=5.0),
            wave=WavePart(sort_seconds=5.0),
        )
        self.scene.parcels = Parcels(
            [f"P{k}" for k in range(n)], np.arange(10.0, 10 * n + 1, 10), np.zeros(n),
            np.zeros(n, np.int32), np.full(n, due),
        )  # fmt: skip
        self.scene.tours = no_tours([np.arange(n, dtype=np.int32)])
        self.scene.tours.plan_tick[:] = 20
        self.states = np.array(states, np.uint8)

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        ticks = np.where(self.states == DONE, 60, 40).astype(np.int32)
        return replace(
            super().frame(time), time=time, parcel_state=self.states, parcel_tick=ticks,
            tour_state=np.array([self.tour], np.uint8),
        )  # fmt: skip

    def card(self, kind: str, time: float) -> list[Line]:
        """Return what is told of the tour, or of its first parcel."""
        return tell(self, self.scene, self.frame(time), Selection(kind, 0), None)[1]


@pytest.mark.parametrize(
    ("states", "tour", "time", "label", "value"),
    [
        # 20 planned, 10 to sort, 4 to depart, 10 to drive, 10 at the door: tick 54, 27 s
        ([WAITS, CHUTE], TourState.SORTING, 25, "planned", "about 0:00:27"),
        ([CHUTE, CHUTE], TourState.READY, 130, "expected", "not before 0:01:17"),
        ([OUT, OUT], TourState.OUT, 41, "expected", "about 0:00:32"),
        ([WAITS, WAITS], TourState.PLANNED, 10, "tour", "none planned yet"),
        ([WAITS, OUT], TourState.OUT, 41, "tour", "none planned yet"),
    ],
)
def test_a_parcel_says_what_can_be_told(
    states: list[int], tour: int, time: float, label: str, value: str
) -> None:
    """Of one whose tour is planned, from the plan; later from now; on its way from the courier."""
    lines = Round(states, tour).card("parcel", time)
    assert (lines[-1].label, lines[-1].value) == (label, value)


def test_what_is_at_its_end_is_not_expected() -> None:
    """Delivered, coming back."""
    for state in (DONE, BACK):
        labels = [line.label for line in Round([state, OUT], TourState.OUT).card("parcel", 70)]
        assert not {"expected", "planned"} & set(labels)


def test_a_robot_says_when_its_parcel_was_promised() -> None:
    """And when that is to be at its door."""
    source = Round([ParcelState.ON_ROBOT, CHUTE], TourState.SORTING, due=26.0)
    frame = replace(source.frame(25), tasks=np.array([0, *[-1] * 8], np.int32))
    lines = {
        line.label: line
        for line in tell(source, source.scene, frame, Selection("robot", 0), None)[1]
    }
    assert lines["promised by"].value == "0:00:26"
    assert lines["planned"].value == "about 0:00:27 · late"
    assert lines["planned"].late


def test_a_tour_lists_its_stops() -> None:
    """When each came or should come, was promised, or what became of it; late ones are marked."""
    source = Round([DONE, BACK, OUT, OUT], TourState.OUT, due=40.0)
    lines = source.card("tour", 70)[-4:]
    assert [(line.label, line.value, line.late) for line in lines] == [
        ("1. P0", "0:00:30 by 0:00:40", False),
        ("2. P1", "not delivered by 0:00:40", False),
        ("3. P2", "~0:00:40 by 0:00:40", False),
        ("4. P3", "~0:00:50 by 0:00:40 !", True),
    ]
    assert lines[2].to == Selection("parcel", 2)


def test_a_stop_planned_again_names_its_tour() -> None:
    """What became of it is told there."""
    source = Round([DONE, OUT, OUT], TourState.OUT)
    source.scene.tours = no_tours([np.array([0, 1, 2], np.int32), np.array([1], np.int32)])
    source.scene.tours.plan_tick[:] = 20, 50
    for time, value in ((45, "~"), (70, "now of tour 1")):
        frame = replace(source.frame(time), tour_state=np.full(2, TourState.OUT, np.uint8))
        _, lines = tell(source, source.scene, frame, Selection("tour", 0), None)
        assert lines[-2].value.startswith(value)


def test_of_many_stops_late_ones_are_listed_and_the_rest_counted() -> None:
    """Thirty of forty; in the order of the tour."""
    source = Round([DONE] * 30 + [OUT] * 10, TourState.OUT, due=45.0)
    lines = source.card("tour", 70)
    stops = [line for line in lines if line.to is not None]
    assert [int(line.label.split(".")[0]) for line in stops] == list(range(11, 41))
    assert all(line.late for line in stops[-7:])
    assert lines[-1].value == "and 10 more"


def test_a_long_card_leaves_room_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a window of usual size parcels are still counted below it."""
    source = Round([OUT] * 30, TourState.OUT)
    view = View(shown="both", selection=Selection("tour", 0))
    rows = panel_rows(monkeypatch, source, 70, view, (1280, 700))
    stops = [label for label in rows if ". P" in label]
    assert 3 <= len(stops) < 12
    assert f"and {31 - len(stops)} more" in rows  # and when it was planned
    assert "with couriers" in rows


def test_where_room_is_short_the_next_stops_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those that are done, nor when the tour was planned."""
    source = Round([DONE] * 9 + [OUT] * 4, TourState.OUT)
    view = View(shown="both", selection=Selection("tour", 0))
    rows = panel_rows(monkeypatch, source, 70, view, (640, 400))
    stops = [label for label in rows if ". P" in label]
    assert stops[-4:] == ["10. P9", "11. P10", "12. P11", "13. P12"]
    assert stops[0] != "1. P0"
    assert "planned" not in rows
    assert "delivered" in rows
