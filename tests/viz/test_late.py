"""Robots that may go on and do not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from fleet.events import ROBOT_FRAME, RobotStatus
from fleet.scenario import FloorPart, Scenario
from viz.colours import LATE, categories
from viz.late import late_after, status_with_late
from viz.live.past import Past
from viz.stored.replay import Replay

EMPTY, WAITS = RobotStatus.EMPTY, RobotStatus.EMPTY | RobotStatus.WAITING


def robots(cells: list[int], status: list[int]) -> np.ndarray:
    """Return a frame of robots that head east."""
    rows = np.zeros(len(cells), ROBOT_FRAME)
    rows["cell"], rows["status"] = cells, status
    return rows


def test_who_is_late() -> None:
    """One that stood with cells released throughout; not one that moved, waits, loads or waited."""
    now = robots([1, 2, 3, 4, 5], [EMPTY, EMPTY, WAITS, RobotStatus.LOADING, EMPTY])
    before = now.copy()
    before["cell"][1] = 9
    before["status"][4] = WAITS
    status = status_with_late(now, [before, now])
    assert (categories(status) == LATE).tolist() == [True, False, False, False, False]
    assert (status_with_late(now, []) == now["status"]).all()  # nobody knows yet
    assert (status_with_late(now, [now[:2]]) == now["status"]).all()  # robots have come


def test_turning_is_not_late() -> None:
    """Two quarter turns and an answer fit in."""
    scenario = Scenario(name="x", floor=FloorPart(map="x.map", robots=1, turn_seconds=1.0))
    assert late_after(scenario) >= 2 * scenario.ticks(1.0)


def test_a_live_view_looks_back_as_far_as_it_knows() -> None:
    """The robots since a moment; none where that was before the viewer came."""
    past = Past()
    for tick in (5, 6, 8, 9):
        past.add(SimpleNamespace(tick=tick, robots=robots([tick], [EMPTY]), bytes=1))  # type: ignore[arg-type]
    assert [int(frame["cell"][0]) for frame in past.robots_since(3, 3)] == [8, 6]
    assert past.robots_since(1, 3) == []


def test_nobody_is_late_on_a_day_without_delays(replay: Replay) -> None:
    """Turns, loads and waits of a whole day are none."""
    first, last = replay.span()
    for tick in range(first, last + 1):
        assert not (categories(replay.frame(tick).status) == LATE).any()
