"""Alarms of robots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.events import RobotStatus
from viz.alarms import ALARM_COLLISION, ALARM_FAULT, collisions, robot_alarms


@pytest.mark.parametrize(
    ("before", "now", "robots"),
    [
        ([1, 2, 3], [2, 3, 4], []),  # a row that moves on
        ([1, 2, 3], [1, 2, 2], [2]),  # one drives into another that stands
        ([1, 5, 3], [2, 2, 3], [0, 1]),  # two meet
        ([1, 2, 3], [2, 1, 3], [0, 1]),  # two change places
        ([1, 2, 6, 5], [2, 6, 5, 1], []),  # a ring is none
        ([2, 2], [2, 2], []),  # told before
    ],
)
def test_collisions(before: list[int], now: list[int], robots: list[int]) -> None:
    """Sharing a cell and changing places are collisions; following and rings are not."""
    rows = collisions(7, np.array(before), np.array(now))
    assert [row[2] for row in rows] == robots
    assert all(row[:2] == (7, ALARM_COLLISION) for row in rows)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8))
def test_the_first_tick_tells_who_shares_a_cell(cells: list[int]) -> None:
    """Without a tick before, exactly the robots that are not alone are told."""
    rows = collisions(0, None, np.array(cells))
    assert [row[2] for row in rows] == [k for k, c in enumerate(cells) if cells.count(c) > 1]


def test_a_fault_is_told_once() -> None:
    """A robot that stays broken is no news."""
    well, ill = np.array([RobotStatus.EMPTY], np.uint8), np.array([RobotStatus.FAULT], np.uint8)
    cells = np.array([4])
    assert robot_alarms(3, well, ill, cells) == [(3, ALARM_FAULT, 0, -1, 4)]
    assert robot_alarms(4, ill, ill, cells) == []
