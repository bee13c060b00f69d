"""Results as the League's simulator writes them, for its viewers and for the judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from routing.floor.arena import Game

ACTIONS = "FRCW"


def result_of(game: Game, planner_ms: list[float] | None = None) -> dict[str, Any]:
    """Return a game as a League result (JSON-ready), of the problem's edition."""
    problem = game.problem
    width = problem.floor.width
    result: dict[str, Any] = {
        "actionModel": "MAPF_T",
        "teamSize": problem.robots,
        "start": [[int(c // width), int(c % width), "E"] for c in problem.starts],
        "numTaskFinished": game.finished,
        "makespan": game.step,
        "actualPaths": _paths(game.actions, problem.robots),
        "plannerPaths": _paths(game.planned, problem.robots),
        "plannerTimes": [round(ms / 1000, 6) for ms in planner_ms or []],
        "errors": [list(error) for error in game.errors],
    }
    if problem.edition == 2023:
        events: list[list[list[Any]]] = [[] for _ in range(problem.robots)]
        for robot, changes in enumerate(game.schedule):
            events[robot] = [[task, step, "assigned"] for step, task in changes]
        for step, robot, task, _ in game.events:
            events[robot].append([task, step, "finished"])
        for rows in events:
            rows.sort(key=lambda row: (row[1], row[2] == "assigned"))
        if problem.once:
            events = [
                [[robot, 0, "assigned"], *([[robot, step, "finished"]] if step >= 0 else [])]
                for robot, step in enumerate(game.arrived.tolist())
            ]
        cells = [int(problem.task(number)[0]) for number in range(len(game.revealed))]
        return result | {
            "AllValid": "No" if game.errors else "Yes",
            "sumOfCost": game.costs if problem.once else game.step * problem.robots,
            "events": events,
            "tasks": [[number, c // width, c % width] for number, c in enumerate(cells)],
            # Passing one's goal finishes nothing then: the League does not have that.
            **({"oneShot": True} if problem.once else {}),
        }
    tasks = []
    for number, step in enumerate(game.revealed):
        places = [int(x) for c in problem.task(number) for x in divmod(int(c), width)]
        tasks.append([number, step, places])
    schedule = [",".join(f"{step}:{task}" for step, task in changes) for changes in game.schedule]
    return result | {
        "version": "2024 LoRR",
        "numPlannerErrors": game.invalid,
        "numScheduleErrors": 0,
        "numEntryTimeouts": game.late,
        "actualSchedule": schedule,
        "plannerSchedule": schedule,
        "scheduleErrors": [],
        "events": [list(event) for event in game.events],
        "tasks": tasks,
    }


def _paths(actions: list[np.ndarray], robots: int) -> list[str]:
    """Return each robot's letters, T where there was no action."""
    if not actions:
        return [""] * robots
    letters = np.array([*ACTIONS, "T"])[np.array(actions)]
    return [",".join(letters[:, robot]) for robot in range(robots)]


def write_result(result: dict[str, Any], path: str | Path) -> None:
    """Write a result file."""
    Path(path).write_text(json.dumps(result))
