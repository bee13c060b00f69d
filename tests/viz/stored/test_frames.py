"""Frames of robots from a store."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet.events import ROBOT_FRAME
from fleet.store import Store
from viz.frame import Curves
from viz.stored.frames import StoredFrames, between


def test_every_frame_is_what_the_store_says(run_folder: Path) -> None:
    """Frames in any order equal those read from the beginning."""
    store = Store(run_folder / "store.sqlite")
    frames = StoredFrames(store)
    expected = list(store.frames())
    assert frames.ticks.tolist() == [tick for tick, _ in expected]
    for index in np.random.default_rng(1).permutation(len(frames)).tolist():
        assert (frames.robots(index) == expected[index][1]).all()
    store.close()


def test_robots_stand_while_the_clock_jumps() -> None:
    """Between ticks 2 and 9 robots wait until 8, then move."""

    class Held:
        ticks = np.array([2, 9])

        def __len__(self) -> int:
            return 2

        def index(self, time: float) -> int:
            return int(time >= 9)

        def robots(self, index: int) -> np.ndarray:
            return np.array([(4 + index, 0, 0)], ROBOT_FRAME)

    frames = Held()
    for time, part in ((2.0, 0.0), (7.9, 0.0), (8.25, 0.25), (9.0, 0.0), (12.0, 0.0)):
        now, after, share = between(frames, time)
        assert share == part
        assert int(now["cell"][0]) == (4 if time < 9 else 5)
        assert int(after["cell"][0]) == (5 if part or time >= 9 else 4)


def test_a_rate_begins_where_the_curve_does() -> None:
    """What was sorted before a viewer came does not count as sorted since."""
    ticks = np.arange(100, 111)
    curves = Curves(ticks=ticks, sorted=500 + 2 * (ticks - 100))
    assert curves.rate("sorted", 110, 60) == 2.0
    assert curves.rate("sorted", 100, 60) == 0.0
    assert curves.rate("sorted", 110, 5) == 2.0
