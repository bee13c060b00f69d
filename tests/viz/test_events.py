"""The list of events: what became of a League result's tasks, groups that hide, only one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
import pytest

from fleet.events import Alarm, Operation
from tests.viz.desk import Desk
from tests.viz.league.test_league import TASKS
from tests.viz.test_files import result, write
from viz.alarms import ALARM, ALARM_FAULT, ALARM_SHUT, ALARM_SILENT, request_alarm, told_alarm
from viz.events import (
    ASSIGNED,
    ERRANDS,
    FINISHED,
    GROUPS,
    OPERATORS,
    PARCELS,
    TROUBLE,
    Listing,
    concerns,
    event_text,
)
from viz.find import find
from viz.source import open_source
from viz.story import tell
from viz.view import Selection, View
from viz.words import alarm_text, place_text, where_text

# Robot 0 gives task 7 back; robot 1 does its two errands and then gets task 9.
DONE = {
    "actualPaths": ["W,W,W,W,W", "W,W,W,W,W"],
    "actualSchedule": ["1:7,2:-1", "2:7,5:9"],
    "events": [[3, 1, 7, 1], [4, 1, 7, 2]],
    "tasks": [[7, 0, [0, 2, 1, 2]], [9, 2, [0, 3, 1, 3]]],
}


def test_what_becomes_of_a_task_is_told(tmp_path: Path) -> None:
    """Assigned, given back, assigned again, each errand, finished; what ends a task is not told
    twice, and that it is given back then is no news."""
    source = open_source(str(write(tmp_path, result(**DONE))))
    alarms = source.alarms()
    assert [(int(row["tick"]), alarm_text(source.scene, row)) for row in alarms] == [
        (0, "robot 0 gets task 7"),
        (1, "robot 0 gives back task 7"),
        (1, "robot 1 gets task 7"),
        (3, "robot 1: errand 1 of task 7"),
        (4, "robot 1 finishes task 7"),
        (4, "robot 1 gets task 9"),
    ]
    source.close()


def test_tasks_of_2023_are_told(tmp_path: Path) -> None:
    """A task of one errand is assigned and finished."""
    plain = result(
        actualPaths=["W,W", "W,W"],
        events=[[[0, 0, "assigned"], [0, 2, "finished"], [1, 2, "assigned"]], []],
        tasks=[[0, 0, 2], [1, 1, 2]],
    )
    source = open_source(str(write(tmp_path, plain)))
    told = [(int(row["tick"]), alarm_text(source.scene, row)) for row in source.alarms()]
    assert told == [
        (0, "robot 0 gets task 0"), (2, "robot 0 finishes task 0"), (2, "robot 0 gets task 1"),
    ]  # fmt: skip
    source.close()


def test_a_schedule_may_name_tasks_that_are_not_told(tmp_path: Path) -> None:
    """A task without errands in the file is assigned and given back all the same."""
    plain = result(**{**TASKS, "actualSchedule": ["1:50,3:-1", ""]})
    source = open_source(str(write(tmp_path, plain)))
    told = [alarm_text(source.scene, row) for row in source.alarms()]
    assert told[:2] == ["robot 0 gets task 50", "robot 0 gives back task 50"]
    source.close()


def test_task_numbers_may_be_large(tmp_path: Path) -> None:
    """Nothing is kept for numbers between them: two thousand million is a number as any other."""
    plain = result(
        actualPaths=["F", "W"],
        tasks=[[2_000_000_000, 0, [0, 1]]],
        actualSchedule=["0:2000000000", ""],
        events=[[1, 0, 2_000_000_000, 1]],
    )
    source = open_source(str(write(tmp_path, plain)))
    told = [alarm_text(source.scene, row) for row in source.alarms()]
    assert told == ["robot 0 gets task 2000000000", "robot 0 finishes task 2000000000"]
    source.close()


def test_groups_hide_and_the_selection_narrows(tmp_path: Path) -> None:
    """What is listed, and how many each group has; hidden ones are counted on."""
    source = open_source(str(write(tmp_path, result(**DONE))))
    alarms, view, listing = source.alarms(), View(), Listing()
    rows, counts = listing.look(source.scene, alarms, view)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert dict(zip(GROUPS, counts, strict=True)) == {
        "trouble": 0, "parcels": 0, "operators": 0, "assigned": 3, "given back": 1, "errands": 1,
        "finished": 1,
    }  # fmt: skip
    view.events_hidden = {ASSIGNED, ERRANDS}
    assert listing.look(source.scene, alarms, view)[0].tolist() == [1, 4]
    view.selection, view.events_own = Selection("task", 9), True
    assert listing.look(source.scene, alarms, view)[0].tolist() == []
    view.events_hidden = {FINISHED}
    assert listing.look(source.scene, alarms, view)[0].tolist() == [5]
    assert listing.look(source.scene, alarms, view)[1][FINISHED] == 0
    source.close()


@pytest.mark.parametrize(
    ("selection", "rows"),
    [
        (Selection("robot", 0), [0, 1]),
        (Selection("robot", 0, (1,)), [0, 1, 2, 3, 4, 5]),
        (Selection("task", 7), [0, 1, 2, 3, 4]),
        (Selection("cell", 3), [5]),  # an errand of task 9 is there
        (Selection("cell", 0), []),
        (Selection("station", 0), []),
        (Selection("parcel", 0), []),
    ],
)
def test_what_an_event_concerns(tmp_path: Path, selection: Selection, rows: list[int]) -> None:
    """A robot's, several robots', a task's, those of tasks with an errand at a cell."""
    source = open_source(str(write(tmp_path, result(**DONE))))
    found = concerns(source.scene, source.alarms(), selection)
    assert np.flatnonzero(found).tolist() == rows
    source.close()


def test_events_of_a_run_narrow_to_parcels_of_a_tour_and_a_station(desk: Desk) -> None:
    """Parcels that went astray concern their tour and their station."""
    from viz.alarms import ALARM, ALARM_FAULT, ALARM_MISSING, ALARM_SHUT

    rows = [(1, ALARM_MISSING, -1, 3, -1), (2, ALARM_FAULT, 5, -1, 0), (3, ALARM_SHUT, -1, -1, 2)]
    alarms, scene = np.array(rows, ALARM), desk.session.source.scene

    def about(kind: str, number: int) -> list[int]:
        return np.flatnonzero(concerns(scene, alarms, Selection(kind, number))).tolist()

    assert about("parcel", 3) == about("tour", 0) == about("station", 3) == [0]
    assert about("tour", 1) == about("station", 0) == []
    assert about("robot", 5) == about("cell", 0) == [1]
    assert about("chute", 2) == [2]
    assert Listing().look(scene, alarms, View())[1][PARCELS : OPERATORS + 1] == [2, 0]


def test_clicks_filter_and_jump(tmp_path: Path) -> None:
    """A click on a word hides its events, N passes them by, a click on an event goes there."""
    pygame.font.init()
    desk = Desk(open_source(str(write(tmp_path, result(**DONE)))))
    session = desk.session
    session.go_to(4)
    desk.draw()
    assert session.drawn is not None
    assert session.drawn.spots.listed == 6
    place = next(rect for rect, group in session.drawn.spots.groups if group == ASSIGNED)
    desk.click(place.center)
    assert session.drawn.spots.listed == 3
    session.go_to(0)
    desk.key(pygame.K_n, "n")
    assert (session.time, session.view.selection) == (1, Selection("task", 7))
    assert session.view.floor_camera is not None
    session.go_to(4)
    desk.draw()
    newest = session.drawn.spots.events[0]
    desk.click(newest[0].center)
    assert session.time == 4
    own = next(rect for rect, group in session.drawn.spots.groups if group < 0)
    desk.click(own.center)
    assert session.view.events_own
    desk.key(pygame.K_v, "v")
    assert not session.view.events_own
    session.source.close()


def test_n_goes_to_each_event_of_a_step(tmp_path: Path) -> None:
    """One after the other, both ways, and each press selects what that event is about."""
    pygame.font.init()
    source = open_source(str(write(tmp_path, result(**DONE))))
    desk = Desk(source)
    session, on, back = desk.session, [], []
    for _ in range(7):
        desk.key(pygame.K_n, "n")
        on.append((session.time, session.view.selection.number))
    assert on == [(0, 7), (1, 7), (1, 7), (3, 7), (4, 7), (4, 9), (4, 9)]
    session.view.events_hidden = {FINISHED}
    session.go_to(4.0)
    desk.key(pygame.K_n, "N", pygame.KMOD_SHIFT)
    assert (session.time, session.view.selection.number) == (3, 7)
    session.view.events_hidden = set()
    for end in (4.0, 3.5):
        session.go_to(end)
        for _ in range(2):
            desk.key(pygame.K_n, "N", pygame.KMOD_SHIFT)
            back.append((session.time, session.view.selection.number))
    assert back == [(4, 9), (4, 7), (3, 7), (1, 7)]
    source.close()


def test_n_passes_events_that_are_alike(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors that a result lists twice hold nobody up, nor do events that are found meanwhile."""
    same = (5, ALARM_FAULT, 2, -1, 20)
    rows = [same, same, (5, ALARM_FAULT, 3, -1, 21), (9, ALARM_FAULT, 4, -1, 22)]
    monkeypatch.setattr(desk.session.source, "alarms", lambda: np.array(rows, ALARM))
    seen = []
    for _ in range(3):
        desk.key(pygame.K_n, "n")
        seen.append(desk.session.view.selection.number)
    rows.insert(0, (5, ALARM_FAULT, 1, -1, 20))
    for mod in (0, pygame.KMOD_SHIFT, pygame.KMOD_SHIFT):
        desk.key(pygame.K_n, "n", mod)
        seen.append(desk.session.view.selection.number)
    assert seen == [2, 2, 3, 4, 3, 2]


def test_a_league_goal_is_a_place_of_an_errand(tmp_path: Path) -> None:
    """Its maps have emitters and service points, not stations and chutes of ours."""
    path = write(tmp_path, result(**TASKS))
    (tmp_path / "field.map").write_text("type octile\nheight 2\nwidth 4\nmap\n..S.\n.@E.\n")
    source = open_source(str(path))
    scene, frame = source.scene, source.frame(0)
    assert place_text(scene, 2) == "row 0, column 2"
    assert where_text(scene, 2) == "service point · row 0, column 2"
    _, lines = tell(source, scene, frame, Selection("robot", 0), None)
    assert ("goal", "row 0, column 2", Selection("cell", 2)) in [line[:3] for line in lines]
    _, lines = tell(source, scene, frame, Selection("cell", 6), None)
    assert ("kind", "emitter") in [line[:2] for line in lines]
    assert [find(scene, frame, text).kind for text in ("c0", "s0")] == ["", ""]
    source.close()


def test_a_host_that_falls_silent_is_one_line(desk: Desk) -> None:
    """However many robots it speaks for; of a robot that is selected its own silence is listed."""
    rows = [(3, ALARM_FAULT, 2, -1, 20), *((4, ALARM_SILENT, k, -1, 20 + k) for k in range(3, 7)),
            (5, ALARM_SILENT, 1, -1, 9)]  # fmt: skip
    alarms, listing, scene = np.array(rows, ALARM), Listing(), desk.session.source.scene
    view = View()
    listed, counts = listing.look(scene, alarms, view)
    texts = [event_text(scene, alarms, row, view) for row in listed.tolist()]
    assert texts == ["robot 2 has a fault", "robots 3 to 6 are silent", "robot 1 is silent"]
    assert counts[TROUBLE] == 6
    view.selection, view.events_own = Selection("robot", 4, (6,)), True
    listed, _ = listing.look(scene, alarms, view)
    assert [event_text(scene, alarms, row, view) for row in listed.tolist()] == [
        "robot 4 is silent", "robot 6 is silent",
    ]  # fmt: skip
    alarms["robot"][2] = 9
    view = View()
    assert event_text(scene, alarms, 1, view) == "4 robots are silent"
    alarms = np.array([told_alarm(8, Alarm.REBOOTED, k, 9) for k in (3, 5)], ALARM)
    assert listing.look(scene, alarms, view)[0].tolist() == [0]
    assert event_text(scene, alarms, 0, view) == "2 robots rebooted"


def test_a_cell_and_a_chute_tell_what_happened_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it was closed, a robot broke there, or its bag was changed; no longer ago than now."""
    source = desk.session.source
    close = request_alarm(2, Operation.CLOSE, -1, 20)
    rows = [close, (3, ALARM_FAULT, 2, -1, 20), (4, ALARM_SHUT, -1, -1, 1), (9, *close[1:])]
    monkeypatch.setattr(source, "alarms", lambda: np.array(rows, ALARM))

    def told(kind: str, number: int) -> list[tuple[str, str]]:
        lines = tell(source, source.scene, source.frame(5), Selection(kind, number), None)[1]
        return [(line.label, line.value) for line in lines if line.at is not None]

    assert told("cell", 20) == [("0:00:01", "robot 2 has a fault"), ("0:00:01", "close cell 20")]
    assert told("chute", 1) == [("0:00:02", "shut")]
    assert told("robot", 2) == [("0:00:01", "has a fault")]
