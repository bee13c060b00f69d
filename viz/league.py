"""Results and problems of the League of Robot Runners (editions 2023 to 2026) as sources.

Plans of the MAPF Tracker are played like results: each robot has one task of one errand.

A result names no map: it is looked for beside the result, or named with `--map`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet.events import RobotStatus
from fleet.store import ROBOT_FRAME
from routing.floor.grid import Floor, FloorError
from viz.alarms import ALARM, ALARM_COLLISION, ALARM_MOVE, ALARM_PLANNER, ALARM_TASK
from viz.colours import LATE_FLAG
from viz.frame import Curves, Frame, Scene, empty_frame
from viz.league_errands import Errands
from viz.league_events import task_events
from viz.league_moves import Moves, replay
from viz.plain import Still
from viz.scan import Scan, held_frames
from viz.source import SourceError, read_json
from viz.stored_frames import HeldFrames, between
from viz.tracker import read_tracker


def open_league(path: Path, map_file: str | None) -> League:
    """Return a League result or problem as a source."""
    plain = read_json(path)
    if "mapFile" in plain and "agentFile" in plain:
        return _problem(path, plain)
    if "start" not in plain or not ("actualPaths" in plain or "plannerPaths" in plain):
        raise SourceError(
            f"{path}: neither a League result (start, actualPaths) nor a League problem "
            "(mapFile, agentFile); name another file"
        )
    return _played(path, _find_map(path, map_file), plain, "League result")


def open_tracker(path: Path, map_file: str | None) -> League:
    """Return a plan of the MAPF Tracker as a source."""
    plain, name = read_tracker(path)
    beside = path.with_name(f"{name}.map")
    if map_file is None and name and beside.exists():
        map_file = str(beside)
    return _played(path, _find_map(path, map_file), plain, "MAPF plan")


def _played(path: Path, floor: Floor, plain: dict, what: str) -> League:
    try:
        return League(path.stem, floor, replay(path, plain, floor), plain, what)
    except SourceError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise SourceError(
            f"{path}: paths, tasks, events or errors cannot be read ({error}); was the file made "
            "by the League's simulator?"
        ) from error


class League(Still):
    """Robots on a floor, all their moves in memory."""

    def __init__(self, name: str, floor: Floor, moves: Moves, plain: dict, what: str) -> None:
        self._what = what
        self._errands = Errands(plain, floor)
        super().__init__(Scene(name=name, floor=floor, league=self._errands))
        cells = moves.cells
        ticks = np.arange(len(cells), dtype=np.int32)
        frames = np.zeros(cells.shape, ROBOT_FRAME)
        frames["cell"], frames["heading"] = cells, moves.headings
        goals, finished = errands(plain, floor, len(cells), cells.shape[1])
        busy = goals >= 0 if goals is not None else np.ones(cells.shape, bool)
        status = np.where(busy, RobotStatus.EMPTY, RobotStatus.IDLE)
        frames["status"] = status | np.where(busy & moves.waits, RobotStatus.WAITING, 0)
        for robot, delays in enumerate(plain.get("delayIntervals") or []):
            for first, end in delays:
                late = frames["status"][int(first) : int(end), robot]
                late[:] = late & ~np.uint8(RobotStatus.WAITING) | LATE_FLAG
        self._moves = moves
        self._goals = goals
        self._frames = HeldFrames(ticks, frames)
        self._finished = np.sort(finished)
        self._told = np.concatenate([_errors(plain, cells), task_events(self._errands)])
        self._alarms: tuple[int, np.ndarray] | None = None
        self.scan = Scan(floor.cells, ticks)
        self.scan.start(lambda: (lambda a, b: held_frames(frames, ticks), lambda: None))

    def span(self) -> tuple[int, int]:
        """Return the first and last tick."""
        return 0, len(self._frames) - 1

    def frame(self, time: float) -> Frame:
        """Return a moment of the result."""
        now, after, part = between(self._frames, time)
        base = empty_frame(self.scene, time)
        goals = np.full(len(now), -1, np.int32)
        if self._goals is not None:
            goals = self._goals[self._frames.index(time)]
        ahead = self._moves.ahead(self._frames.index(time), part, self.scene.floor)
        fields = {name: getattr(base, name) for name in base.__dataclass_fields__}
        fields |= {
            "cells": now["cell"],
            "next_cells": after["cell"] if ahead is None else ahead[0],
            "headings": (after if part >= 0.5 else now)["heading"],
            "status": now["status"],
            "goals": goals,
            "tasks": np.full(len(now), -1, np.int32),
            "part": part if ahead is None else ahead[1],
            "errands": self._errands.at(int(time)),
        }
        return Frame(**fields)

    def curves(self) -> Curves:
        """Return tasks finished over time."""
        ticks = self._frames.ticks
        finished = np.searchsorted(self._finished, ticks, side="right")
        unknown = np.full(len(ticks), np.nan, np.float32)
        return Curves(ticks, finished, np.zeros(len(ticks)), self.scan.waiting, unknown)

    def alarms(self) -> np.ndarray:
        """Return errors that the result lists, collisions in its moves, what became of tasks."""
        found = len(self.scan.alarms)
        if self._alarms is None or self._alarms[0] != found:
            rows = np.concatenate([self.scan.alarm_rows()[:found], self._told])
            self._alarms = found, rows[np.argsort(rows["tick"], kind="stable")]
        return self._alarms[1]

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return visits or waiting of each cell between two ticks."""
        return self.scan.heat(kind, first, last + 1)

    def trail(self, robot: int, time: float, ticks: int) -> np.ndarray:
        """Return where a robot was."""
        last = self._frames.index(time)
        return np.array(
            [self._frames.robots(k)[robot]["cell"] for k in range(max(0, last - ticks), last + 1)]
        )

    def state(self) -> str:
        """Return what this is."""
        return self._what

    def close(self) -> None:
        """End the pass in the background."""
        self.scan.stop()


def errands(
    plain: dict, floor: Floor, ticks: int, robots: int
) -> tuple[np.ndarray | None, np.ndarray]:
    """Return each robot's goal cell by tick (None: the result does not say), and finish ticks."""
    events, tasks = plain.get("events"), plain.get("tasks")
    if not events or not tasks:
        return None, np.zeros(0, np.int64)
    goals = np.full((ticks, robots), -1, np.int32)
    if isinstance(events[0], list) and events[0] and isinstance(events[0][0], list):
        return _errands_2023(events, tasks, floor, goals)
    places = {
        int(task[0]): [
            int(r) * floor.width + int(c) for r, c in zip(task[2][::2], task[2][1::2], strict=True)
        ]
        for task in tasks
    }
    done = dict.fromkeys(places, 0)
    finished = []
    schedule: list[tuple[int, int, int, int]] = []  # tick, order, robot, task
    for robot, text in enumerate(plain.get("actualSchedule") or []):
        for word in filter(None, text.split(",")):
            tick, task = word.split(":")
            schedule.append((int(tick), 1, robot, int(task)))
    current = np.full(robots, -1, np.int64)
    steps = sorted([*schedule, *((int(t), 0, int(r), int(k)) for t, r, k, _ in events)])
    for tick, order, robot, task in steps:
        if order == 0:
            done[task] = done.get(task, 0) + 1
            if done[task] >= len(places.get(task, [])):
                finished.append(tick)
        else:
            current[robot] = task
        task = int(current[robot])
        left = places.get(task, [])[done.get(task, 0) :]
        goals[min(tick, ticks) :, robot] = left[0] if left else -1
    return (goals if schedule else None), np.array(finished, np.int64)


def _errands_2023(
    events: list, tasks: list, floor: Floor, goals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    places = {int(task): int(r) * floor.width + int(c) for task, r, c in tasks}
    finished = []
    for robot, own in enumerate(events[: goals.shape[1]]):
        for task, tick, what in own:
            if what == "assigned":
                goals[int(tick) :, robot] = places.get(int(task), -1)
            elif what == "finished":
                finished.append(int(tick))
    return goals, np.array(finished, np.int64)


def _errors(plain: dict, cells: np.ndarray) -> np.ndarray:
    """Return what the judge found wrong: with moves, with the planner's time, with schedules."""
    rows = []
    for one, other, tick, *text in plain.get("errors") or []:
        at = min(max(int(tick), 0), len(cells) - 1)
        said = " ".join(map(str, text)).lower()
        robots = [robot for robot in (int(one), int(other)) if robot >= 0]
        if not robots or "timeout" in said:
            rows.append((at, ALARM_PLANNER, -1, -1, -1))
            continue
        kind = ALARM_MOVE if "unallowed" in said else ALARM_COLLISION
        rows += [(at, kind, robot, -1, int(cells[at, robot])) for robot in robots]
    for task, _, _, tick, *_ in plain.get("scheduleErrors") or []:
        rows.append((min(max(int(tick), 0), len(cells) - 1), ALARM_TASK, -1, -1, int(task)))
    return np.sort(np.array(rows, ALARM), order=["tick"], kind="stable")


def _find_map(path: Path, map_file: str | None) -> Floor:
    if map_file is not None:
        choices = [Path(map_file)]
    else:
        choices = sorted(path.parent.glob("*.map"))
        if len(choices) != 1:
            raise SourceError(
                f"{path}: a League result names no map, and {len(choices)} maps lie beside it; "
                "name it with --map FILE.map"
            )
    try:
        return Floor.read(choices[0])
    except FloorError as error:
        raise SourceError(str(error)) from error


def _problem(path: Path, plain: dict) -> League:
    """Return a problem's robots where they start, all heading east."""
    try:
        floor = Floor.read(path.parent / str(plain["mapFile"]))
        lines = (path.parent / str(plain["agentFile"])).read_text().splitlines()
        numbers = [int(line) for line in lines if line.strip() and not line.startswith("#")]
        count = min(int(plain.get("teamSize", numbers[0])), len(numbers) - 1)
        cells = np.array(numbers[1 : 1 + count], np.int32)[None, :]
    except FloorError as error:
        raise SourceError(str(error)) from error
    except (OSError, ValueError, IndexError) as error:
        raise SourceError(
            f"{path}: agentFile {plain['agentFile']!r} cannot be read ({error}); it stands beside "
            "the problem, one cell a line"
        ) from None
    if cells.size and not (cells.min() >= 0 and cells.max() < floor.cells):
        raise SourceError(
            f"{path}: a robot starts at cell {int(cells.max())}, off the map of {floor.cells} "
            "cells; do agentFile and mapFile belong together?"
        )
    still = np.zeros(cells.shape, bool)
    moves = Moves(cells, still.astype(np.uint8), still)
    return League(path.stem, floor, moves, {}, "League problem")
