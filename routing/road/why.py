"""Why a stop is left out, in words and as data.

A rule is named where leaving out that rule alone would let the stop in; where it takes several, all
are named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routing.road.faults import TOLERANCE, Fault, tour_faults, with_partner
from routing.road.layout import layout
from routing.road.plan import Plan, leg_distances, tour_distance
from routing.road.problem import Problem, Vehicle

CLOSE = 30  # tours looked at for a stop, nearest first
WALK = 400_000  # stops that all explanations walk along, about: a second


@dataclass(frozen=True)
class Reason:
    """Why stop `row` is left out: the rule in the way, how much is missing, and words.

    `rule` is "skills", "capacity", "window", "shift", "duration", "distance", "rest" or "pairs";
    "vehicles" where one more of them is needed; "price" where the stop costs more than that;
    "search" where no rule is in the way.  `also`: rules that stand in its way beside this one.
    The words call the stop by its id, or by its number in a `.sol` file where it has none.
    """

    row: int
    rule: str
    missing: float
    words: str
    also: tuple[Fault, ...] = ()


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
    stops = with_partner(problem, row)
    broken = {
        kind: tour_faults(problem, stops, vehicle)
        for kind, vehicle in enumerate(problem.vehicles)
        if vehicle.count != 0
    }
    able = [kind for kind, faults in broken.items() if not faults]
    if not able:
        return _reason_alone(problem, row, broken)
    place = problem.place(row)
    left = [kind for kind in able if _is_left(problem, plan, kind)]
    if left:
        cost = min(_cost_alone(problem, stops, problem.vehicles[kind]) for kind in left)
        if _too_dear(problem, stops, cost):
            cost = min(cost, _nearest_place(problem, plan, stops, apart, walk)[1])
        return _reason_despite_place(problem, row, cost, opens=True)
    nearest, cost = _nearest_place(problem, plan, stops, apart, walk)
    if math.isfinite(cost):
        return _reason_despite_place(problem, row, cost, opens=False)
    which = "" if len(able) == len(problem.vehicles) else " that could take it"
    if nearest is not None:
        words = f"every vehicle{which} is in use; next best, {_words(problem, nearest)}"
        return Reason(row, nearest.rule, nearest.amount, f"{place}: {words}")
    return Reason(row, "vehicles", 1.0, f"{place}: one more vehicle{which} is needed")


def _is_left(problem: Problem, plan: Plan, kind: int) -> bool:
    count = problem.vehicles[kind].count
    return count is None or int((plan.vehicles == kind).sum()) < count


def _cost_alone(problem: Problem, stops: np.ndarray, vehicle: Vehicle) -> float:
    length = tour_distance(problem, stops, vehicle)
    return vehicle.fixed + vehicle.per_distance * length if _priced(problem) else length


def _priced(problem: Problem) -> bool:
    return problem.objective == "cost"


def _too_dear(problem: Problem, stops: np.ndarray, cost: float) -> bool:
    return cost > float(problem.price[stops].sum()) - TOLERANCE


def _reason_despite_place(problem: Problem, row: int, cost: float, *, opens: bool) -> Reason:
    """The reason for a stop that has a place at this cost, in a tour of its own if that `opens`."""
    place, stops = problem.place(row), with_partner(problem, row)
    price = float(problem.price[stops].sum())
    own = "its price" if problem.partner[row] < 0 else "the price of its pair"
    if math.isfinite(price) and opens and problem.objective == "vehicles":
        words = f"serving it takes one more tour, or costs more than {own} {price:g}"
    elif _too_dear(problem, stops, cost):
        words = f"serving it costs more than {own} {price:g}"
    else:
        return Reason(row, "search", 0.0, f"{place}: no rule is in its way; search longer")
    return Reason(row, "price", 0.0, f"{place}: {words}")


def _nearest_place(
    problem: Problem, plan: Plan, stops: np.ndarray, apart: np.ndarray, walk: int
) -> tuple[Fault | None, float]:
    """The least fault that stands alone in the way, and the least cost where none does."""
    best: Fault | None = None
    least = math.inf
    for index in np.argsort(np.hypot(*apart.T), kind="stable")[:CLOSE]:
        if walk < 0:
            break
        tour, vehicle = plan.tours[index], problem.vehicles[plan.vehicles[index]]
        for longer in _insertions(problem, tour, vehicle, stops):
            walk -= len(longer)
            if walk < 0:
                break
            faults = tour_faults(problem, longer, vehicle)
            if not faults:
                extra = tour_distance(problem, longer, vehicle)
                extra -= tour_distance(problem, tour, vehicle)
                least = min(least, extra * (vehicle.per_distance if _priced(problem) else 1.0))
            elif len(faults) == 1 and (best is None or faults[0].amount < best.amount):
                best = faults[0]
    return best, least


def _insertions(
    problem: Problem, tour: np.ndarray, vehicle: Vehicle, stops: np.ndarray
) -> Iterator[np.ndarray]:
    """The tour with the stop or pair at each place, those with the shortest detour first."""
    begun = 0
    for _, lock in problem.locks:
        if tour[: len(lock)].tolist() == lock.tolist():
            begun = len(lock)
    places = [
        [place for place in _places(problem, tour, vehicle, row) if place >= begun]
        for row in stops.tolist()
    ]
    for first in places[0]:
        if len(stops) == 1:
            yield np.insert(tour, first, stops[0])
            continue
        for second in places[1]:
            if second >= first:
                yield np.insert(tour, [first, second], stops)


def _places(problem: Problem, tour: np.ndarray, vehicle: Vehicle, row: int) -> list[int]:
    """Places of a stop in a tour, those with the shortest detour first."""
    before = np.concatenate([[vehicle.start], tour])
    behind = np.concatenate([tour, tour[-1:] if vehicle.end is None else [vehicle.end]])
    here = np.full(len(before), row)
    detour = leg_distances(problem, before, here) + leg_distances(problem, here, behind)
    detour -= leg_distances(problem, before, behind)
    return [int(place) for place in np.argsort(detour, kind="stable")]


_WORDS = {
    "capacity": "capacity short by {amount:g}",
    "window": "its window, or one behind it, closes {amount:g} too early",
    "shift": "the shift ends {amount:g} too early",
    "duration": "the tour lasts {amount:g} too long",
    "distance": "the tour is {amount:g} too long",
    "rest": "the rest starts {amount:g} too late",
    "pairs": "its pair is not whole",
}
_ALONE = {
    "capacity": "capacity of every empty vehicle{who} short by {amount:g}",
    "window": "window{its} closes {amount:g} before any arrival{of}",
    "shift": "the shift ends {amount:g} before any return{of}",
    "duration": "there and back lasts {amount:g} longer than a tour{of} may",
    "distance": "there and back is {amount:g} longer than a tour{of} may be",
    "rest": "no time for the rest{of}: it would start {amount:g} too late",
    "pairs": "its pair is not whole",
}


def _words(problem: Problem, fault: Fault) -> str:
    """What one tour lacks."""
    if fault.rule == "skills":
        return f"the vehicle lacks {problem.skill_words(fault.skills)}"
    return _WORDS[fault.rule].format(amount=fault.amount)


def _reason_alone(problem: Problem, row: int, broken: dict[int, list[Fault]]) -> Reason:
    """Why not even an empty vehicle can serve the stop; `broken`: what each type breaks."""
    place = problem.place(row)
    if not broken:
        return Reason(row, "vehicles", 1.0, f"{place}: there is no vehicle")
    by_rule = {kind: {fault.rule: fault for fault in faults} for kind, faults in broken.items()}
    skilled = {kind: faults for kind, faults in by_rule.items() if "skills" not in faults}
    who = ""
    if skilled and len(skilled) < len(by_rule):  # what the others break besides is no matter
        by_rule = skilled
        needed = int(np.bitwise_or.reduce(problem.skills[with_partner(problem, row)]))
        who = f" with {problem.skill_words(needed)}"
    fewest = min(by_rule.values(), key=len)
    if all(fewest.keys() <= faults.keys() for faults in by_rule.values()):
        faults = [
            min((other[rule] for other in by_rule.values()), key=lambda fault: fault.amount)
            for rule in fewest
        ]
        words = " and ".join(
            _words_of_all(problem, row, [other[rule] for other in by_rule.values()], who)
            for rule in fewest
        )
    else:
        faults = list(fewest.values())
        kinds: dict[str, list[str]] = {}
        for kind, others in by_rule.items():
            lacks = " and ".join(_words(problem, fault) for fault in others.values())
            kinds.setdefault(lacks, []).append(str(kind))
        listed = "; ".join(f"type {', '.join(of)}: {lacks}" for lacks, of in kinds.items())
        words = f"no vehicle{who} can serve it ({listed})"
    return Reason(row, faults[0].rule, faults[0].amount, f"{place}: {words}", tuple(faults[1:]))


def _words_of_all(problem: Problem, row: int, faults: list[Fault], who: str) -> str:
    """One rule that all types of vehicle break."""
    nearest = min(faults, key=lambda fault: fault.amount)
    if nearest.rule != "skills":
        of = f" of a vehicle{who}" if who else ""
        its = " of its pair" if 0 <= nearest.row == problem.partner[row] else ""
        return _ALONE[nearest.rule].format(amount=nearest.amount, who=who, of=of, its=its)
    nobody = int(np.bitwise_and.reduce([fault.skills for fault in faults]))
    if nobody:
        return f"no vehicle has {problem.skill_words(nobody)}"
    everybody = int(np.bitwise_or.reduce([fault.skills for fault in faults]))
    return f"no vehicle has all of {problem.skill_words(everybody)}"


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
