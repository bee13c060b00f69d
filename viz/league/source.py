"""Results and problems of the League of Robot Runners (editions 2023 to 2026) as sources.

Plans of the MAPF Tracker are played like results: each robot has one task of one errand.

A result names no map: it is looked for beside the result by its name, or named with `--map`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from routing.floor.grid import Floor, FloorError
from viz.alarms import (
    ALARM,
    ALARM_COLLISION,
    ALARM_FINISHED,
    ALARM_MOVE,
    ALARM_PLANNER,
    ALARM_TASK,
)
from viz.frame import Curves, Frame, Scene, empty_frame
from viz.league.errands import Errands
from viz.league.events import task_events
from viz.league.file import is_result, read_league
from viz.league.frames import LeagueFrames, read_delays
from viz.league.goals import Goals
from viz.league.moves import Moves, replay, still
from viz.league.problem import read_problem
from viz.league.schedule import read_schedule
from viz.league.tracker import read_tracker
from viz.plain import Still
from viz.source import SourceError
from viz.stored.frames import between
from viz.stored.scan import Scan


def open_league(path: Path, map_file: str | None) -> League:
    """Return a League result or problem as a source."""
    plain = read_league(path)
    if "mapFile" in plain and "agentFile" in plain:
        if map_file is not None:
            raise SourceError(
                f"--map {map_file}: {path} is a League problem, which names its own; leave it out"
            )
        floor, cells = read_problem(path, plain)
        return League(path.stem, floor, still(floor, cells), {}, "League problem")
    if not is_result(plain):
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
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise SourceError(
            f"{path}: paths, tasks, events or errors cannot be read ({error}); was the file made "
            "by the League's simulator?"
        ) from error


class League(Still):
    """Robots on a floor, any moment played from where they stood shortly before it."""

    def __init__(self, name: str, floor: Floor, moves: Moves, plain: dict, what: str) -> None:
        self._what = what
        schedule = read_schedule(plain, floor, moves.robots)
        self._errands = Errands(schedule)
        super().__init__(Scene(name=name, floor=floor, league=self._errands))
        goals = None
        if len(schedule.taken):
            goals = Goals(schedule, moves.robots, len(moves))
        delays = read_delays(plain, moves.robots)
        self._frames = LeagueFrames(moves, goals, delays, told=bool(plain))
        told = task_events(self._errands)
        self._finished = np.sort(told["tick"][told["kind"] == ALARM_FINISHED])
        told = np.concatenate([_errors(plain, self._frames), told])
        self._told = told[np.argsort(told["tick"], kind="stable")]
        self._alarms: tuple[int, np.ndarray] | None = None
        self.scan = Scan(floor.cells, self._frames.ticks, ~floor.free)
        self.scan.start(lambda: (self._frames.walk, lambda: None))

    def span(self) -> tuple[int, int]:
        """Return the first and last tick."""
        return 0, len(self._frames) - 1

    def frame(self, time: float) -> Frame:
        """Return a moment of the result."""
        now, after, part = between(self._frames, time)
        base = empty_frame(self.scene, time)
        index = self._frames.index(time)
        goals = self._frames.goals(index)
        ahead = self._frames.ahead(index, part)
        fields = {name: getattr(base, name) for name in base.__dataclass_fields__}
        fields |= {
            "cells": now["cell"],
            "next_cells": after["cell"] if ahead is None else ahead[0],
            "headings": (after if part >= 0.5 else now)["heading"],
            "status": now["status"],
            "goals": np.full(len(now), -1, np.int32) if goals is None else goals,
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
        """Return errors that are listed, collisions and walls in moves, what became of tasks."""
        found = len(self.scan.alarms)
        if self._alarms is None or self._alarms[0] != found:
            rows = self.scan.alarm_rows()[:found]
            at = np.searchsorted(self._told["tick"], rows["tick"])
            self._alarms = found, np.insert(self._told, at, rows)
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


def _errors(plain: dict, frames: LeagueFrames) -> np.ndarray:
    """Return what the judge found wrong: with moves, with the planner's time, with schedules."""
    rows: list[tuple[int, int, int, int, int]] = []
    # In order of time, so that no block is worked out twice.
    for one, other, tick, *text in sorted(plain.get("errors") or [], key=lambda row: row[2]):
        at = min(max(int(tick), 0), len(frames) - 1)
        said = " ".join(map(str, text)).lower()
        robots = [robot for robot in (int(one), int(other)) if robot >= 0]
        if not robots or "timeout" in said:
            rows.append((at, ALARM_PLANNER, -1, -1, -1))
            continue
        kind = ALARM_MOVE if "unallowed" in said else ALARM_COLLISION
        cells = frames.robots(at)["cell"]
        rows += [(at, kind, robot, -1, int(cells[robot])) for robot in robots]
    for task, _, _, tick, *_ in plain.get("scheduleErrors") or []:
        rows.append((min(max(int(tick), 0), len(frames) - 1), ALARM_TASK, -1, -1, int(task)))
    return np.sort(np.array(rows, ALARM), order=["tick"], kind="stable")


def _find_map(path: Path, map_file: str | None) -> Floor:
    """Return the map that is named, or the one beside a file whose name begins the file's.

    Of several the longest, as `routing check` takes it; a map that lies there alone may have any
    name.
    """
    if map_file is not None:
        found = Path(map_file)
    else:
        beside = list(path.parent.glob("*.map"))
        own = [file for file in beside if path.stem.startswith(file.stem)]
        if not own and len(beside) != 1:
            there = f"no name of the {len(beside)} maps beside it begins its own"
            raise SourceError(
                f"{path}: names no map, and {there if beside else 'none lies beside it'}; name it "
                "with --map FILE.map"
            )
        found = max(own or beside, key=lambda file: len(file.stem))
    try:
        return Floor.read(found)
    except FloorError as error:
        raise SourceError(str(error)) from error
