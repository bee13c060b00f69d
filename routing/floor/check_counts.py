"""The judge of the counts in a League result: what it says beside what it lists itself."""

from __future__ import annotations

from typing import Any

from routing.floor.check import Violation
from routing.floor.check_paths import Track


def judge_counts(result: dict[str, Any], track: Track, found: list[Violation]) -> None:
    """Compare the counts that a result gives with its paths and its lists."""
    late = int(track.late.sum())
    listed = {"teamSize": len(result["start"]), "numEntryTimeouts": late}
    for count, errors in (("numPlannerErrors", "errors"), ("numScheduleErrors", "scheduleErrors")):
        if errors in result:
            listed[count] = len(result[errors])
    for name, value in listed.items():
        said = result.get(name, value)
        if said != value:
            found.append(Violation("wrong count", name, f"{said} said, {value} found"))
    # The simulator does not count steps in which no robot has a task.
    said = result.get("makespan", 0)
    if said > track.steps:
        detail = f"{said} said, the paths have {track.steps} steps"
        found.append(Violation("wrong count", "makespan", detail))


def judge_costs(result: dict[str, Any], costs: int, track: Track, found: list[Violation]) -> None:
    """Judge sum of costs and makespan where each robot has one goal."""
    for name, value in (("sumOfCost", costs), ("makespan", track.steps)):
        said = result.get(name, value)
        if said != value and not (name == "makespan" and said > value):  # has been told
            found.append(Violation("wrong count", name, f"{said} said, {value} found"))


def judge_finished(result: dict[str, Any], finished: int, found: list[Violation]) -> None:
    """Judge how many tasks a result says were finished."""
    said = result.get("numTaskFinished", finished)
    if said != finished:
        found.append(
            Violation("tasks finished", "numTaskFinished", f"{said} said, {finished} found")
        )
