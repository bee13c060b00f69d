"""`routing check RESULT.json`: the judge of League results as a command."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from routing.floor.check_map import read_plain, read_rows
from routing.floor.check_result import edition, judge, judges_errands
from routing.floor.grid import FloorError

AT_MOST = 100  # findings shown
TURNING = "MAPF_T"  # robots turn; in "MAPF" they move to all four sides at once
COUNTS = (
    "teamSize", "makespan", "numTaskFinished", "numPlannerErrors", "numScheduleErrors",
    "numEntryTimeouts",
)  # fmt: skip
SCHEDULE = re.compile(r"(\d{1,9}:-?\d{1,9}(,\d{1,9}:-?\d{1,9})*)?", re.ASCII)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the judge of League results."""
    parser.add_argument("result", type=Path, help="League result file (.json) of 2023 or 2024")
    parser.add_argument(
        "--map", type=Path, metavar="FILE",
        help="its map (.map); else the one beside it whose name begins the result's",
    )  # fmt: skip
    parser.add_argument(
        "--no-following",
        action="store_true",
        help="no cell may be entered in the step it is left (what execution under grants needs)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Judge as the command asks; 1 where a rule is broken.

    Raises
    ------
    FloorError
        For a file that is no result, or no map.
    """
    result = read_result(args.result)
    rows = read_rows(args.map or _map_beside(args.result))
    found = judge(rows, result, following=not args.no_following, at_most=AT_MOST)
    if args.json:
        facts = {"ok": not found, "violations": [vars(violation) for violation in found]}
        print(json.dumps(facts | {"errands_judged": judges_errands(result)}))
    elif found:
        for violation in found:
            print(f"{violation.where}: {violation.what}: {violation.detail}".removesuffix(": "))
        print(f"{len(found)} violations" + (" or more" if len(found) == AT_MOST else ""))
    else:
        steps = len(result["actualPaths"][0].split(",")) if result["actualPaths"][0] else 0
        words = f"ok: {len(result['start'])} robots, {steps} steps"
        if not judges_errands(result):
            print(f"{words}; only moves were judged: no events in it")
        else:
            done = result.get("numTaskFinished", "no number of")
            print(f"{words}, {done} tasks finished; moves and errands were judged")
    return 1 if found else 0


def read_result(path: Path) -> dict[str, Any]:
    """Read a result file, refusing in one line what has not the form of one."""
    result = read_plain(path)
    for key in ("start", "actualPaths"):
        if not isinstance(result, dict) or key not in result:
            raise FloorError(f"{path}: no League result: it has no {key!r}")

    def require(key: str, right: Callable[[Any], bool], remedy: str) -> None:
        if not isinstance(result[key], list):
            raise FloorError(f"{path}: {key}: {_short(result[key])}; give a list")
        for number, entry in enumerate(result[key]):
            if not right(entry):
                raise FloorError(f"{path}: {key} {number}: {_short(entry)}; {remedy}")

    require("start", _is_start, "a robot starts at [row, column, heading], E, S, W or N")
    robots = len(result["start"])
    require("actualPaths", lambda it: isinstance(it, str), "a path is letters with commas between")
    if not robots or len(result["actualPaths"]) != robots:
        raise FloorError(
            f"{path}: actualPaths: {len(result['actualPaths'])} paths for {robots} robots; give "
            "one each"
        )
    if "2026" in str(result.get("version", "")) or result["actualPaths"][0].startswith("["):
        raise FloorError(f"{path}: of 2026; results of 2023 and 2024 are judged")
    if result.get("actionModel", TURNING) != TURNING:
        raise FloorError(
            f"{path}: actionModel: {_short(result['actionModel'])}; robots that turn ({TURNING!r}) "
            "are judged"
        )
    for key in COUNTS:
        if not _whole(result.get(key, 0)):
            raise FloorError(f"{path}: {key}: {_short(result[key])}; give a whole number")
    for key in ("errors", "scheduleErrors"):
        if not isinstance(result.get(key, []), list):
            raise FloorError(f"{path}: {key}: {_short(result[key])}; give a list")
    if not judges_errands(result):
        if "events" in result:
            raise FloorError(f"{path}: it has 'events', but no 'tasks'; give both or neither")
        return result
    if edition(result) == 2024:
        require(
            "events", lambda it: _is_event(it, robots), "an event is [step, robot, task, count]"
        )
        require("tasks", _is_task, "a task is [number, step, [row, column, ...]]")
        if "actualSchedule" in result:
            require("actualSchedule", _is_schedule, "a schedule is step:task with commas between")
            _require_one_each(path, "actualSchedule", result, robots)
    else:
        require("events", _are_events, "an event is [task, step, 'assigned' or 'finished']")
        _require_one_each(path, "events", result, robots)
        require("tasks", lambda it: _wholes(it, 3), "a task is [number, row, column]")
    return result


def _require_one_each(path: Path, key: str, result: dict[str, Any], robots: int) -> None:
    if len(result[key]) != robots:
        raise FloorError(
            f"{path}: {key}: {len(result[key])} lines for {robots} robots; give one each"
        )


def _map_beside(path: Path) -> Path:
    """Return the map whose name begins the result's, the longest of several."""
    maps = [file for file in path.parent.glob("*.map") if path.stem.startswith(file.stem)]
    if not maps:
        raise FloorError(f"{path}: no map beside it whose name begins its own; give --map FILE")
    return max(maps, key=lambda file: len(file.stem))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _wholes(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(_whole, value))


def _is_start(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and _wholes(value[:2], 2)
        and value[2] in ("E", "S", "W", "N")
    )


def _is_event(value: Any, robots: int) -> bool:
    return _wholes(value, 4) and value[1] < robots


def _is_task(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and _wholes(value[:2], 2)
        and isinstance(value[2], list)
        and value[2] != []
        and len(value[2]) % 2 == 0
        and _wholes(value[2], len(value[2]))
    )


def _is_schedule(value: Any) -> bool:
    return isinstance(value, str) and SCHEDULE.fullmatch(value) is not None


def _are_events(value: Any) -> bool:
    """Whether these are one robot's events as 2023 has them."""
    return isinstance(value, list) and all(
        isinstance(event, list)
        and len(event) == 3
        and _wholes(event[:2], 2)
        and event[2] in ("assigned", "finished")
        for event in value
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
