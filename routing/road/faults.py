"""What is wrong with a tour: the rules that it breaks, by how much and where."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from routing.road.plan import leg_distances
from routing.road.problem import Break, Problem, Vehicle

TOLERANCE = 1e-6


class Fault(NamedTuple):
    """A rule that a tour breaks, by how much, and the row where it does first (-1: the whole)."""

    rule: str
    amount: float
    row: int
    skills: int = 0  # those that are lacking, as a bit mask


def fault_words(problem: Problem, fault: Fault) -> str:
    """A fault with its place, such as "capacity by 2 at stop 'a'"."""
    place = f" at {problem.place(fault.row)}" if fault.row >= 0 else ""
    more = ""
    if fault.rule == "skills":
        more = f" (lacks {problem.skill_words(fault.skills)})"
    elif fault.rule == "visits":
        more = " (is no stop)" if fault.row < problem.depots else " (visited twice)"
    return f"{fault.rule} by {fault.amount:g}{place}{more}"


def with_partner(problem: Problem, row: int) -> np.ndarray:
    """The stop, or both of its pair in order."""
    other = int(problem.partner[row])
    if other < 0:
        return np.array([row])
    return np.array([row, other] if opens_pair(problem, row) else [other, row])


def hopeless(problem: Problem, rows: np.ndarray) -> np.ndarray:
    """Those of these stops that no vehicle can serve in a tour of their own."""
    vehicles = [vehicle for vehicle in problem.vehicles if vehicle.count != 0]
    alone = (with_partner(problem, int(row)) for row in rows)
    never = [all(tour_faults(problem, stops, vehicle) for vehicle in vehicles) for stops in alone]
    return rows[np.array(never, bool)]


def tour_faults(problem: Problem, tour: np.ndarray, vehicle: Vehicle) -> list[Fault]:
    """The rules that a tour breaks, one entry a rule with the largest amount."""
    worst: dict[str, Fault] = {}

    def note(rule: str, amount: float, row: int, skills: int = 0) -> None:
        if amount > TOLERANCE and (rule not in worst or worst[rule].amount < amount):
            worst[rule] = Fault(rule, amount, row, skills)

    stops = [int(row) for row in tour]
    place = {row: position for position, row in enumerate(stops)}
    for row in stops:
        lacking = int(problem.skills[row]) & ~vehicle.skills
        note("skills", float(lacking.bit_count()), row, lacking)
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
    visits = _visits(problem, way, legs, vehicle)
    last = len(way) - 1 if vehicle.end is not None else -1
    opens = max(vehicle.earliest, float(problem.ready[vehicle.start]))
    shuts = min(vehicle.latest, float(problem.due[vehicle.start]))
    rest = vehicle.rest
    ahead = opens
    behind = math.inf if rest is None else max(opens, rest.earliest + rest.duration)
    total, late = 0.0, shuts
    for position, (service, span, ready, due) in enumerate(visits, 1):
        leave = ahead + service
        behind = behind + service + span
        if rest is not None and max(leave, rest.earliest) <= rest.latest + TOLERANCE:
            behind = min(behind, max(leave + span, rest.earliest) + rest.duration)
        ahead, behind = max(ready, leave + span), max(ready, behind)
        note("shift" if position == last else "window", ahead - due, way[position])
        ahead = min(ahead, due)
        if behind > due + TOLERANCE:
            behind = math.inf
        total += service + span
        wait = max(0.0, ready - total - late)
        late = min(due - total, late)
        total += wait
    last_service = float(problem.service[way[-1]]) if vehicle.end is None and visits else 0.0
    if vehicle.end is None:
        ahead += last_service
        total += last_service
        if behind + last_service > vehicle.latest + TOLERANCE:
            behind = math.inf
        note("shift", ahead - vehicle.latest, -1)
    if rest is not None:
        if not math.isfinite(behind):
            note("rest", ahead - rest.latest, -1)
        if math.isfinite(vehicle.max_duration):
            if vehicle.end is None:  # behind it the shift has to be over
                visits.append((last_service, 0.0, -math.inf, vehicle.latest))
            resting = _least_duration(visits, opens, shuts, rest)
            total = resting if math.isfinite(resting) else total
    note("duration", total - vehicle.max_duration, -1)


Visit = tuple[float, float, float, float]  # service and way before it, and its window


def _visits(problem: Problem, way: list[int], legs: np.ndarray, vehicle: Vehicle) -> list[Visit]:
    """All but the start."""
    rows = np.array(way)
    if problem.durations is not None:
        spans = problem.durations[rows[:-1], rows[1:]]
    else:
        spans = problem.pace * legs
    service, ready, due = problem.service[rows[:-1]], problem.ready[rows], problem.due[rows]
    service[:1] = 0.0  # nothing is done at the start
    if vehicle.end is not None:
        ready[-1], due[-1] = max(ready[-1], vehicle.earliest), min(due[-1], vehicle.latest)
    columns = (column.tolist() for column in (service, spans, ready[1:], due[1:]))
    return list(zip(*columns, strict=True))


def _least_duration(visits: list[Visit], opens: float, shuts: float, rest: Break) -> float:
    """The least duration of a tour with its rest, wherever that lies; endless where none fits.

    The rest may lie before the tour or behind it, and does not count as a part of it there.
    """
    least = math.inf
    for gap in range(-1, len(visits) + 1):
        steps = []  # how long until the next moment that has a window, and that
        for k, (service, span, ready, due) in enumerate(visits):
            lasts = service + span
            if k == gap:  # it begins on the way at the latest, and what is left of that follows
                steps.append((lasts, rest.earliest, rest.latest + span))
                lasts = rest.duration
            steps.append((lasts, ready, due))
        if gap == len(visits):
            steps.append((0.0, -math.inf, rest.latest))
        now = opens if gap >= 0 else max(opens, rest.earliest + rest.duration)
        fits, total, late = now <= shuts + TOLERANCE, 0.0, shuts
        for lasts, ready, due in steps:
            now = max(ready, now + lasts)
            fits &= now <= due + TOLERANCE
            total += lasts
            total += max(0.0, ready - total - late)
            late = min(due - total, late)
        if fits:
            least = min(least, total)
    return least
