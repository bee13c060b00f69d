"""What a person is told of a tick's alarms: one line for what is the same of many robots."""

from __future__ import annotations

import numpy as np

from fleet.events import Action, Alarm, Sheet
from fleet.factsheet import misfits
from fleet.messages import INSTANT_TYPES
from fleet.world import World

SHOWN = 5  # robots that one line names


def lines(world: World, rows: np.ndarray) -> list[str]:
    """Return a tick's alarms (dtype `events.ALARM`) in words, one line for equal ones."""
    found: dict[str, list[int]] = {}
    for what, robot, detail, ticks in rows.tolist():
        found.setdefault(_say(world, Alarm(what), robot, detail, ticks), []).append(robot)
    return [f"{_names(robots)}: {text}" for text, robots in found.items()]


def _names(robots: list[int]) -> str:
    if len(robots) == 1:
        return f"robot {robots[0]}"
    more = f" and {len(robots) - SHOWN:,} others" if len(robots) > SHOWN else ""
    return f"robots {', '.join(map(str, robots[:SHOWN]))}{more}"


def _say(world: World, what: Alarm, robot: int, detail: int, ticks: int) -> str:
    if what == Alarm.UNREFLECTED:
        return (
            f"{INSTANT_TYPES[Action(detail)]} not done after {world.seconds(ticks):g} s; "
            "what it holds stays held; look at it"
        )
    if what == Alarm.REFLECTED:
        return f"{INSTANT_TYPES[Action(detail)]} no longer waited for"
    if what == Alarm.REBOOTED:
        return "rebooted; goes on from where it stands"  # one line for a whole host
    if what == Alarm.CYCLE:
        return (
            f"its base needs a cell of robot {detail}, which waits for it in turn; told to drop "
            "its order; report this, for it should not be"
        )
    if world.robots["sheet"][robot] == Sheet.REFUSED:
        return "factsheet: it has none to give; see yourself whether it fits the scenario"
    said = "; ".join(misfits(world.scenario, world.sheets[robot]))
    return f"factsheet: {said}; mend the scenario, or take it out"
