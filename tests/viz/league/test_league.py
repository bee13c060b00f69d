"""What a League result tells beyond moves: errands, who had them, delays, what was refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
import pytest

from tests.viz.desk import Desk
from tests.viz.test_files import result, write
from viz.alarms import ALARM_WALL, GRAVE
from viz.colours import LATE, categories
from viz.facts import Line
from viz.find import find
from viz.league.errands import shown_errands
from viz.save import wait_for_scan
from viz.source import SourceError, open_source
from viz.story import tell
from viz.view import ERRANDS, Selection, View
from viz.words import alarm_text

# Task 7 is taken by robot 0, given back and taken by robot 1; task 8 is open to the end.
TASKS = {
    "tasks": [[7, 0, [0, 2, 1, 2]], [8, 1, [0, 3]]],
    "actualSchedule": ["1:7,2:-1", "2:7"],
    "events": [[3, 1, 7, 1]],
}


def test_a_task_tells_who_had_it_and_what_is_done(tmp_path: Path) -> None:
    """Shown, taken, given back, taken again; each errand with its cell, and when it was done."""
    source = open_source(str(write(tmp_path, result(**TASKS))))
    title, lines = tell(source, source.scene, source.frame(3), Selection("task", 7), None)
    assert title == "Task 7"
    assert [line[:2] for line in lines] == [
        ("shown", "step 0"),
        ("taken", "step 0, robot 0"),
        ("given back", "step 1"),
        ("taken", "step 1, robot 1"),
        ("errand 1", "row 0, column 2"),
        ("   done", "step 3, robot 1"),
        ("errand 2", "row 1, column 2"),
        ("   next", ""),
    ]
    assert (lines[3].at, lines[5].at, lines[6].to) == (1, 3, Selection("cell", 6))
    _, lines = tell(source, source.scene, source.frame(0), Selection("task", 8), None)
    assert [line.value for line in lines] == ["Not shown yet."]
    _, lines = tell(source, source.scene, source.frame(3), Selection("robot", 1), None)
    assert ("task 7", "1 of 2 errands done") in [line[:2] for line in lines]
    assert lines[-1] == Line("step 3", "errand of task 7 done", at=3)
    assert find(source.scene, source.frame(3), "t7") == Selection("task", 7)
    source.close()


@pytest.mark.parametrize(
    ("tick", "which", "cells"),
    [
        (0, "next", [2]), (0, "taken", [2, 6]), (0, "open", []), (0, "all", [2, 6]), (0, "", []),
        (1, "open", [3]), (3, "next", [6]), (3, "taken", [6]), (3, "all", [2, 6, 3]),
    ],
)  # fmt: skip
def test_which_errands_are_shown(tmp_path: Path, tick: int, which: str, cells: list[int]) -> None:
    """Where robots go next, those of robots, those of nobody, all, none."""
    source = open_source(str(write(tmp_path, result(**TASKS))))
    assert shown_errands(source.frame(tick).errands, which)[:, 0].tolist() == cells
    source.close()


def test_e_goes_through_the_errands(tmp_path: Path) -> None:
    """Each choice is another picture, and after the last there are none again."""
    pygame.font.init()
    source = open_source(str(write(tmp_path, result(**TASKS))))
    desk, seen = Desk(source), []
    desk.session.go_to(3)
    for which in ERRANDS:
        assert desk.session.view.errands == which
        desk.draw()
        seen.append(pygame.surfarray.array3d(desk.surface).tobytes())
        desk.key(pygame.K_e, "e")
    assert desk.session.view.errands == ""
    assert len(set(seen)) == len(ERRANDS)
    source.close()


def test_a_task_and_a_robot_draw_its_errands(tmp_path: Path) -> None:
    """A selected task shows its chain; a robot what is left of it."""
    pygame.font.init()
    source = open_source(str(write(tmp_path, result(**TASKS))))
    desk, seen = Desk(source), []
    desk.session.go_to(3)
    for text in ("t7", "t8", "1"):
        assert desk.session.find(text)
        desk.draw()
        seen.append(pygame.surfarray.array3d(desk.surface).tobytes())
    assert len(set(seen)) == 3
    source.close()


def test_a_delayed_robot_is_late(tmp_path: Path) -> None:
    """From the first tick of a delay to before its last, whatever it would do."""
    source = open_source(str(write(tmp_path, result(delayIntervals=[[[1, 3]], []]))))
    late = [categories(source.frame(t).status)[0] == LATE for t in range(5)]
    assert late == [False, True, True, False, False]
    source.close()


def test_a_move_of_several_ticks_glides(tmp_path: Path) -> None:
    """In 2026 a robot is between two cells while its move takes, and stands where it waits."""
    plain = result(
        agentMaxCounter=3,
        actualPaths=["[(0,0,0,E,0):(F 1,W 1,F 2,R 3)]", "[(0,1,3,N,0):(W 7)]"],
    )
    source = open_source(str(write(tmp_path, plain)))
    thirds = []
    for time in (0, 0.5, 1, 2, 3, 3.5, 4, 5.5):
        frame = source.frame(time)
        part = np.broadcast_to(frame.part, 2)
        way = int(frame.next_cells[0]) - int(frame.cells[0])
        thirds.append(round(3 * (int(frame.cells[0]) + way * float(part[0])), 3))
    assert thirds == [0, 0.5, 1, 1, 2, 2.5, 3, 3]
    waits = [int(source.frame(t).status[0]) & 16 for t in range(7)]
    assert waits == [0, 16, 0, 0, 0, 0, 0]
    source.close()


def test_what_was_refused_is_told(tmp_path: Path) -> None:
    """Collisions of both robots, a late planner, moves and tasks that are not allowed."""
    plain = result(
        actualPaths=["W,W,W,W", "W,W,W,W"],
        errors=[
            [0, 1, 1, "vertex conflict"], [-1, -1, 2, "planner timeout"],
            [1, -1, 3, "unallowed move"],
        ],
        scheduleErrors=[[7, 0, 1, 4, "already taken"]],
    )  # fmt: skip
    source = open_source(str(write(tmp_path, plain)))
    alarms = source.alarms()
    assert [alarm_text(source.scene, alarm) for alarm in alarms] == [
        "robot 0 collides", "robot 1 collides", "planner late", "robot 1: move refused",
        "task 7 refused",
    ]  # fmt: skip
    assert np.isin(alarms["kind"], GRAVE).all()
    desk = Desk(source)
    desk.session.go_to(4)
    desk.draw()
    assert desk.session.drawn is not None
    assert desk.session.drawn.frame.errands.shape == (0, 4)
    source.close()


def test_who_drives_into_a_wall_is_told(tmp_path: Path) -> None:
    """Once, at the moment at which it stands there; each robot, and each wall that it enters."""
    plain = result(start=[[0, 1, "S"], [1, 0, "E"]], actualPaths=["W,F,W,W", "W,W,W,F"], errors=[])
    source = open_source(str(write(tmp_path, plain)))
    wait_for_scan(source, 4)
    told = [row for row in source.alarms() if row["kind"] == ALARM_WALL]
    assert [(int(row["tick"]), alarm_text(source.scene, row)) for row in told] == [
        (2, "robot 0 drives into a wall"), (4, "robot 1 drives into a wall"),
    ]  # fmt: skip
    assert ALARM_WALL in GRAVE
    _, lines = tell(source, source.scene, source.frame(4), Selection("cell", 5), None)
    assert ("step 2", "robot 0 drives into a wall") in [line[:2] for line in lines]
    source.close()


def test_times_are_steps(tmp_path: Path) -> None:
    """`/` goes to a step."""
    desk = Desk(open_source(str(write(tmp_path, result()))))
    assert desk.session.find("step 3")
    assert desk.session.time == 3
    assert not desk.session.find("step ²")
    assert View().errands == ""
    desk.session.source.close()


@pytest.mark.parametrize("letters", ["R,D,W", "R,U,W"])
def test_robots_that_do_not_turn(tmp_path: Path, letters: str) -> None:
    """R is to the right, not a turn; up or down is what keeps to the free cells."""
    plain = result(
        actionModel="MAPF", actualPaths=[letters, "W,W,W"], start=[[0, 1, "E"], [1, 3, "E"]]
    )
    source = open_source(str(write(tmp_path, plain)))
    assert [int(source.frame(t).cells[0]) for t in range(4)] == [1, 2, 6, 6]
    assert [int(source.frame(t).headings[0]) for t in range(4)] == [0, 1, 1, 1]
    source.close()
    plain["actualPaths"] = ["U", "D"]
    with pytest.raises(SourceError, match="leave the free cells"):
        open_source(str(write(tmp_path, plain)))
