"""The judge of League results: replays them by the rules, from the files alone.

It shares no code with what plays: it reads the map's letters, the actions and the events itself.
"""

from __future__ import annotations

from typing import Any

from routing.floor.check import Violation
from routing.floor.check_assigned import judge_assigned
from routing.floor.check_counts import judge_counts
from routing.floor.check_errands import judge_errands
from routing.floor.check_map import map_rows
from routing.floor.check_paths import replay


def check_result(
    map_text: str,
    result: dict[str, Any],
    *,
    following: bool = True,
    at_most: int = 100,
) -> list[Violation]:
    """Return what breaks the League's rules in a result on a map, at most `at_most` findings."""
    return judge(map_rows(map_text), result, following=following, at_most=at_most)


def judge(
    rows: list[str],
    result: dict[str, Any],
    *,
    following: bool = True,
    at_most: int = 100,
) -> list[Violation]:
    """Return what breaks the League's rules in a result on the rows of a map.

    Moves are judged from `actualPaths` alone; where the result lists `events` and `tasks`, errands
    are judged too: each at its place, in order, one robot a task, one task a robot at a time.
    """
    found: list[Violation] = []
    track = replay(rows, result, following, found, at_most)
    if found:
        return found[:at_most]
    judge_counts(result, track, found)
    if judges_errands(result):
        if edition(result) == 2024:
            judge_errands(result, track, found)
        else:
            judge_assigned(result, track, found)
    return found[:at_most]


def edition(result: dict[str, Any]) -> int:
    """Return the edition of the League that a result is of.

    2023 says none, and nor did 2024 at first, but only there robots are scheduled.
    """
    said = str(result.get("version", "")).startswith("2024")
    return 2024 if said or "actualSchedule" in result else 2023


def judges_errands(result: dict[str, Any]) -> bool:
    """Whether a result says enough to judge errands too."""
    return "events" in result and "tasks" in result
