"""The pass over all frames."""

from __future__ import annotations

import numpy as np
import pytest

from fleet.events import ROBOT_FRAME, RobotStatus
from viz.alarms import ALARM_FAULT, ALARM_SILENT
from viz.stored.scan import STEP_FRAMES, Scan


def test_visits_waiting_and_alarms() -> None:
    """One robot drives over three cells and waits on the last, the other fails and goes silent."""
    frames = np.zeros((5, 2), ROBOT_FRAME)
    frames["cell"][:, 0] = 0, 1, 2, 2, 2
    frames["cell"][:, 1] = 9
    frames["status"][3:, 0] = RobotStatus.EMPTY | RobotStatus.WAITING
    frames["status"][2, 1] = RobotStatus.FAULT
    frames["status"][3:, 1] = RobotStatus.IDLE | RobotStatus.SILENT
    ticks = np.arange(5)
    scan = Scan(10, ticks)
    assert scan.heat("visits", 0, 5) is None
    scan.run(zip(ticks.tolist(), frames, strict=True))
    visits, waits = scan.heat("visits", 0, 5), scan.heat("waiting", 0, 5)
    assert visits is not None
    assert waits is not None
    assert visits.tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert waits.tolist() == [0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    assert scan.waiting.tolist() == [0, 0, 0, 0.5, 0.5]
    rows = scan.alarm_rows()
    assert rows["kind"].tolist() == [ALARM_FAULT, ALARM_SILENT]
    assert rows["tick"].tolist() == [2, 3]


def test_stretches_add_up() -> None:
    """The visits of two halves that meet at a kept sum are those of the whole."""
    rng = np.random.default_rng(2)
    frames = np.zeros((640, 3), ROBOT_FRAME)
    frames["cell"] = rng.integers(0, 7, (640, 3))
    ticks = np.arange(640)
    scan = Scan(7, ticks)
    scan.run(zip(ticks.tolist(), frames, strict=True))
    whole, one, two = (scan.heat("visits", *s) for s in ((0, 640), (0, 320), (320, 640)))
    assert whole is not None
    assert one is not None
    assert two is not None
    assert (one + two == whole).all()


def test_a_stretch_holds_nothing_of_what_comes() -> None:
    """At the beginning there is nothing to show; later at most half of what lies between sums."""
    frames = np.zeros((640, 1), ROBOT_FRAME)
    frames["cell"][:, 0] = np.arange(640) % 2  # one visit a frame
    ticks = np.arange(640)
    scan = Scan(2, ticks)
    scan.run(zip(ticks.tolist(), frames, strict=True))
    assert scan.heat("visits", 0, 1) is None
    for first, last in ((0, 100), (0, 391), (200, 500)):
        heat = scan.heat("visits", first, last)
        assert heat is not None
        assert abs(int(heat.sum()) - (last - first)) <= 16


def test_a_short_stretch_of_a_long_run_is_shown() -> None:
    """Where sums lie far apart, those around it tell."""
    ticks = np.arange(400)
    frames = np.zeros((400, 1), ROBOT_FRAME)
    frames["cell"][:, 0] = np.arange(400) % 2
    scan = Scan(2, ticks)
    scan._every = 100
    scan.run(zip(ticks.tolist(), frames, strict=True))
    for first, last in ((0, 20), (90, 120), (370, 400)):
        heat = scan.heat("visits", first, last)
        assert heat is not None
        assert heat.sum() == 100


def test_a_long_run_is_read_in_steps() -> None:
    """No read takes more frames than a step has, and all of them together take every frame."""
    n, read = 2 * STEP_FRAMES + 7, []
    frames = np.zeros((n, 1), ROBOT_FRAME)

    def stored(first: int, last: int) -> zip:
        read.append((first, last))
        return zip(range(first, last + 1), frames[first : last + 1], strict=True)

    scan = Scan(2, np.arange(n))
    scan.start(lambda: (stored, lambda: None))
    scan.join()
    assert scan.done
    assert read == [(0, 1023), (1024, 2047), (2048, n - 1)]


def test_a_damaged_run_is_not_read_over_and_over() -> None:
    """What cannot be read is told; it is tried again only when there is more."""
    opened = []

    def broken() -> None:
        opened.append(1)
        raise ValueError("broken")

    scan = Scan(2, np.arange(3))
    for frames in (3, 3, 4):
        scan.grow(np.arange(frames), broken)  # type: ignore[arg-type]
        scan.join()
    assert scan.failure.startswith("frames cannot be read (broken)")
    assert len(opened) == 2


def test_a_cell_beyond_the_floor_is_told_before_anything_is_made_of_it() -> None:
    """A broken frame may name any cell; a table of that many cells would fill the memory."""
    frames = np.zeros((1, 2), ROBOT_FRAME)
    frames["cell"] = 3, 2_000_000_000
    scan = Scan(10, np.arange(1))
    with pytest.raises(ValueError, match="tick 0: cell 2000000000 of a floor of 10"):
        scan.run(zip([0], frames, strict=True))
