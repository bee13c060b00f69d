"""Why a stop is left out, and what is wrong with a tour: in words and as data.

A rule is named where leaving out that rule alone would let the stop in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from routing.road.layout import layout
from routing.road.plan import Plan, leg_distances
from routing.road.problem import Problem, Vehicle

TOLERANCE = 1e-6
CLOSE = 30  # tours looked at for a stop, nearest first
WALK = 400_000  # stops that all explanations walk along, about: a second


class Fault(NamedTuple):
    """A rule that a tour breaks, by how much, and the row where it does first (-1: the whole)."""

    rule: str
    amount: float
    row: int


def fault_words(problem: Problem, fault: Fault) -> str:
    """A fault with its place, such as "capacity by 2 at stop 'a'"."""
    place = f" at {problem.place(fault.row)}" if fault.row >= 0 else ""
    return f"{fault.rule} by {fault.amount:g}{place}"


@dataclass(frozen=True)
class Reason:
    """Why stop `row` is left out: the rule in the way, how much is missing, and words.

    The words call the stop by its id, or by its number in a `.sol` file where it has none.
    """

    row: int
    rule: str
    missing: float
    words: str


def tour_faults(problem: Problem, tour: np.ndarray, vehicle: Vehicle) -> list[Fault]:
    """The rules that a tour breaks, one entry a rule with the largest amount."""
    worst: dict[str, Fault] = {}

    def note(rule: str, amount: float, row: int) -> None:
        if amount > TOLERANCE and (rule not in worst or worst[rule].amount < amount):
            worst[rule] = Fault(rule, amount, row)

    stops = [int(row) for row in tour]
    place = {row: position for position, row in enumerate(stops)}
    for row in stops:
        lacking = int(problem.skills[row]) & ~vehicle.skills
        note("skills", float(lacking.bit_count()), row)
        other = int(problem.partner[row])
        if other >= 0 and (
            other not in place or (opens_pair(problem, row) and place[other] < place[row])
        ):
            note("pairs", 1.0, row)
    _note_loads(problem, stops, vehicle, note)
    way = [vehicle.start, *stops] + ([] if vehicle.end is None else [vehicle.end])
    ends = np.array(way)
    legs = leg_distances(problem, ends[:-1], ends[1:])
    note("distance", float(legs.sum()) - vehicle.max_distance, -1)
    _note_times(problem, way, legs, vehicle, note)
    return list(worst.values())


def opens_pair(problem: Problem, row: int) -> bool:
    """Whether a stop of a pair is its pickup; without demand that is the lower row."""
    demand, other = problem.demand[row], int(problem.partner[row])
    return bool((demand > 0).any() or (not (demand < 0).any() and row < other))


def _note_loads(problem: Problem, stops: list[int], vehicle: Vehicle, note: object) -> None:
    assert callable(note)
    single = [row for row in stops if problem.partner[row] < 0]
    load = problem.demand[single].sum(axis=0)
    for row in [-1, *stops]:
        if row >= 0:
            load = load + problem.demand[row] * (1 if problem.partner[row] >= 0 else -1)
        over = load - np.asarray(vehicle.capacity)
        note("capacity", float(over.max()), row)


def _note_times(
    problem: Problem, way: list[int], legs: np.ndarray, vehicle: Vehicle, note: object
) -> None:
    """Walk with the rest ahead and with the rest behind, and sum up the least duration."""
    assert callable(note)
    rows = np.array(way)
    if problem.durations is not None:
        spans = problem.durations[rows[:-1], rows[1:]]
    else:
        spans = problem.pace * legs
    last = len(way) - 1 if vehicle.end is not None else -1
    opens = max(vehicle.earliest, float(problem.ready[vehicle.start]))
    shuts = min(vehicle.latest, float(problem.due[vehicle.start]))
    rest = vehicle.rest
    ahead = opens
    behind = math.inf if rest is None else max(opens, rest.earliest + rest.duration)
    total, early, late = 0.0, opens, shuts
    for position in range(1, len(way)):
        row = way[position]
        span = float(spans[position - 1])
        service = 0.0 if position == 1 else float(problem.service[way[position - 1]])
        ready, due = float(problem.ready[row]), float(problem.due[row])
        if position == last:
            ready, due = max(ready, vehicle.earliest), min(due, vehicle.latest)
        leave = ahead + service
        behind = behind + service + span
        if rest is not None and max(leave, rest.earliest) <= rest.latest + TOLERANCE:
            behind = min(behind, max(leave + span, rest.earliest) + rest.duration)
        ahead, behind = max(ready, leave + span), max(ready, behind)
        note("shift" if position == last else "window", ahead - due, row)
        ahead = min(ahead, due)
        if behind > due + TOLERANCE:
            behind = math.inf
        total += service + span
        wait = max(0.0, ready - total - late)
        early, late = max(ready - total, early) - wait, min(due - total, late)
        total += wait
    if vehicle.end is None:
        leave = ahead + float(problem.service[way[-1]])
        total += float(problem.service[way[-1]]) if len(way) > 1 else 0.0
        note("shift", leave - vehicle.latest, -1)
    if rest is not None and not math.isfinite(behind):
        note("rest", ahead - rest.latest, -1)
    note("duration", total - vehicle.max_duration, -1)


def explain(problem: Problem, plan: Plan) -> list[Reason]:
    """A reason for each stop that the plan leaves out.

    Where there are many of them, or tours are long, not every place is looked at.
    """
    if not len(plan.unserved):
        return []
    xy = layout(problem)
    centres = np.array([xy[tour].mean(axis=0) for tour in plan.tours]).reshape(-1, 2)
    walk = WALK // len(plan.unserved)
    return [_reason(problem, plan, int(row), centres - xy[row], walk) for row in plan.unserved]


def _reason(problem: Problem, plan: Plan, row: int, apart: np.ndarray, walk: int) -> Reason:
    """The reason for one stop, `apart` from the tours, after about `walk` stops of them."""
    alone = _alone(problem, row)
    if alone is not None:
        return alone
    if math.isfinite(problem.price[row]):
        price = float(problem.price[row])
        return Reason(
            row, "price", 0.0,
            f"{problem.place(row)}: serving it costs more than its price {price:g}",
        )  # fmt: skip
    best: Fault | None = None
    for index in np.argsort(np.hypot(*apart.T), kind="stable")[:CLOSE]:
        tour, vehicle = plan.tours[index], problem.vehicles[plan.vehicles[index]]
        for position in _places(problem, tour, vehicle, row):
            walk -= len(tour) + 1
            if walk < 0:
                break
            faults = tour_faults(problem, np.insert(tour, position, row), vehicle)
            faults = [fault for fault in faults if fault.rule != "pairs"]
            if len(faults) == 1 and (best is None or faults[0].amount < best.amount):
                best = faults[0]
    if best is not None:
        words = _WORDS[best.rule].format(amount=best.amount)
        return Reason(
            row, best.rule, best.amount,
            f"{problem.place(row)}: every vehicle is in use; next best, {words}",
        )  # fmt: skip
    return Reason(row, "vehicles", 1.0, f"{problem.place(row)}: one more vehicle is needed")


def _places(problem: Problem, tour: np.ndarray, vehicle: Vehicle, row: int) -> list[int]:
    """Places of a stop in a tour, those with the shortest detour first."""
    before = np.concatenate([[vehicle.start], tour])
    behind = np.concatenate([tour, tour[-1:] if vehicle.end is None else [vehicle.end]])
    here = np.full(len(before), row)
    detour = leg_distances(problem, before, here) + leg_distances(problem, here, behind)
    detour -= leg_distances(problem, before, behind)
    return [int(place) for place in np.argsort(detour, kind="stable")]


_WORDS = {
    "skills": "no vehicle there has the skill",
    "capacity": "capacity short by {amount:g}",
    "window": "its window, or one behind it, closes {amount:g} too early",
    "shift": "the shift ends {amount:g} too early",
    "duration": "the tour lasts {amount:g} too long",
    "distance": "the tour is {amount:g} too long",
    "rest": "the rest starts {amount:g} too late",
    "pairs": "its pair is not whole",
}


def _alone(problem: Problem, row: int) -> Reason | None:
    """Why not even an empty vehicle can serve the stop; None where one can."""
    other = int(problem.partner[row])
    tour = [row]
    if other >= 0:
        tour = [row, other] if opens_pair(problem, row) else [other, row]
    nearest: Fault | None = None
    for vehicle in problem.vehicles:
        if vehicle.count == 0:
            continue
        faults = tour_faults(problem, np.array(tour), vehicle)
        if not faults:
            return None
        if nearest is None or faults[0].amount < nearest.amount:
            nearest = faults[0]
    if nearest is None:
        return Reason(row, "vehicles", 1.0, f"{problem.place(row)}: there is no vehicle")
    texts = {
        "skills": "no vehicle has the skill",
        "capacity": f"capacity of every empty vehicle short by {nearest.amount:g}",
        "window": f"window closes {nearest.amount:g} before any arrival",
        "shift": f"the shift ends {nearest.amount:g} before any return",
        "duration": f"there and back lasts {nearest.amount:g} longer than a tour may",
        "distance": f"there and back is {nearest.amount:g} longer than a tour may be",
        "rest": f"no time for the rest: it would start {nearest.amount:g} too late",
        "pairs": "its pair is not whole",
    }
    return Reason(row, nearest.rule, nearest.amount, f"{problem.place(row)}: {texts[nearest.rule]}")


def refused(problem: Problem) -> str | None:
    """What the compiled search does not take, in words; None where it takes all."""
    rests = any(vehicle.rest is not None for vehicle in problem.vehicles)
    durations = any(math.isfinite(vehicle.max_duration) for vehicle in problem.vehicles)
    pairs = problem.partner >= 0
    if rests and durations:
        return "rests together with a longest duration"
    if pairs.any() and (rests or durations):
        return "pairs together with rests or a longest duration"
    if pairs.any() and problem.demand[~pairs].any():
        return "pairs together with single stops that have a demand"
    for _, stops in problem.locks:
        others = problem.partner[stops]
        if not np.isin(others[others >= 0], stops).all():
            return "pairs of which a lock holds the pickup alone"
    return None
