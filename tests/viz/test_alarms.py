"""Alarms of robots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import feed, robot
from fleet.events import Action, Alarm, RobotStatus
from tests.fleet.pure_day import PureDay, write_files
from viz.alarms import (
    ALARM,
    ALARM_COLLISION,
    ALARM_FAULT,
    GRAVE,
    collisions,
    robot_alarms,
    told_alarm,
)
from viz.frame import Scene
from viz.live.moment import read_moment
from viz.stored.replay import Replay
from viz.story import tell
from viz.view import Selection
from viz.words import alarm_text


@pytest.mark.parametrize(
    ("before", "now", "robots"),
    [
        ([1, 2, 3], [2, 3, 4], []),  # a row that moves on
        ([1, 2, 3], [1, 2, 2], [2]),  # one drives into another that stands
        ([1, 5, 3], [2, 2, 3], [0, 1]),  # two meet
        ([1, 2, 3], [2, 1, 3], [0, 1]),  # two change places
        ([1, 2, 6, 5], [2, 6, 5, 1], []),  # a ring is none
        ([2, 2], [2, 2], []),  # told before
        ([-1, -1, 3], [9, -1, 3], []),  # one is set down, one stays off the floor
        ([4, -1, 9], [-1, 4, 9], []),  # one is set down where one was taken off
        ([9, 8, -1], [8, 9, -1], [0, 1]),  # two change places, one is off the floor
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


def test_what_the_controller_tells_has_words() -> None:
    """Each kind of alarm is said in a few words of its own, and two of them are grave."""
    detail = {Alarm.CYCLE: 4, Alarm.REBOOTED: 9, Alarm.FACTSHEET: -1}
    rows = [told_alarm(7, what, 3, detail.get(what, Action.CANCEL_ORDER)) for what in Alarm]
    alarms = np.array(rows, ALARM)
    assert [alarm_text(Scene("x"), alarm) for alarm in alarms] == [
        "robot 3: cancelOrder not done",
        "robot 3: cancelOrder done after all",
        "robot 3: factsheet does not fit",
        "robot 3 rebooted",
        "robots 3 and 4 wait in a ring",
    ]
    assert np.isin(alarms["kind"], GRAVE).tolist() == [True, False, False, False, True]


def test_what_the_controller_told_is_listed_live_and_later(tmp_path: Path) -> None:
    """A robot that rebooted stands among the events of feed and store, and in its own story."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=60)
    world, told = run.day.world, []
    driving = int(np.flatnonzero(world.robots["ahead"])[0])
    robot.reboot(run.robots[0], np.array([driving]))
    while not told:
        world.tick += 1
        effects = run.tick()
        body = feed.tick_body(world, effects, speed=1.0, planner_ms=0.0)
        told = read_moment(body).alarms
    run.day.store.close()
    source = Replay(run.day.folder)
    alarms = source.alarms()
    assert told_alarm(world.tick, *told[0][:3]) in alarms.tolist()
    assert f"robot {driving} rebooted" in [alarm_text(source.scene, row) for row in alarms]
    frame = source.frame(world.tick)
    lines = tell(source, source.scene, frame, Selection("robot", driving), None)[1]
    assert "rebooted" in [line.value for line in lines]
    source.close()
