"""The judge of tours: reads instance and answer anew and recomputes everything.

It shares no reader, distance or rounding with the solver.  Tolerance: 1e-4 of a unit of times and
lengths; a claimed cost may be off by one in ten million.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from routing.road.answer import Answer, read_answer
from routing.road.case import Case, CheckError, Wagon, case_of
from routing.road.case_file import read_case

__all__ = ["Answer", "Case", "CheckError", "Verdict", "Wagon", "case_of", "check", "judge",
           "read_answer"]  # fmt: skip

TOLERANCE = 1e-4
CLAIM = 1e-7  # a share of the cost, or of 1 where it is less: places from degrees are that exact

Fault = Callable[[str, str, str], None]


@dataclass
class Verdict:
    """What the judge found."""

    cost: float
    routes: int
    violations: list[dict[str, str]]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations


def check(
    instance: Path,
    solution: Path,
    rounding: str | None = None,
    objective: str | None = None,
    depot: tuple[float, float] | None = None,
    capacity: int | None = None,
) -> Verdict:
    """Judge a solution file against an instance file.

    `rounding` and `objective` override the format's convention, and a table of stops needs
    `depot` and `capacity`, as in `routing solve`.
    """
    case = case_as_asked(instance, rounding, objective, depot, capacity)
    answer = read_answer(solution, case.depots)
    if not answer.told and math.inf in case.price[case.depots :]:
        raise CheckError(f"{solution}: has no line 'Route #1: ...'; name a file with tours")
    return judge(case, answer)


def case_as_asked(
    instance: Path,
    rounding: str | None = None,
    objective: str | None = None,
    depot: tuple[float, float] | None = None,
    capacity: int | None = None,
) -> Case:
    """The case of an instance file, for several answers to it; arguments as of `check`."""
    case = read_case(instance, depot, capacity)
    if rounding is not None and case.matrix is not None:
        raise CheckError(f"{instance}: distances are a matrix; leave --rounding {rounding} out")
    case.rounding = rounding or case.rounding
    case.objective = objective or case.objective
    return case


def judge(case: Case, answer: Answer) -> Verdict:
    """Judge tours; nodes below `case.depots` are depots."""
    faults: list[dict[str, str]] = []

    def fault(what: str, where: str, detail: str) -> None:
        faults.append({"what": what, "where": where, "detail": detail})

    nodes = len(case.demand)
    seen: dict[int, int] = {}
    used = [0] * len(case.wagons)
    cost = 0.0
    for number, (tour, kind) in enumerate(zip(answer.tours, answer.kinds, strict=True), 1):
        where = f"route {number}"
        bad = [node for node in tour if not case.depots <= node < nodes]
        if bad:
            fault("unknown stop", where, f"{_stop(case, bad[0])} is not a stop of the instance")
            continue
        if not 0 <= kind < len(case.wagons):
            fault("unknown vehicle", where, f"type {kind} of {len(case.wagons)}")
            continue
        for node in tour:
            if node in seen:
                detail = f"stop {_stop(case, node)} is also in route {seen[node]}"
                fault("visited twice", where, detail)
            seen[node] = number
        used[kind] += 1
        cost += _judge_tour(case, case.wagons[kind], tour, where, fault)
    for node in range(case.depots, nodes):
        if node in seen:
            continue
        if math.isinf(case.price[node]):
            fault("not visited", "plan", f"stop {_stop(case, node)} is in no route")
        else:
            cost += case.price[node]
    for kind, (wagon, count) in enumerate(zip(case.wagons, used, strict=True)):
        if wagon.count is not None and count > wagon.count:
            fault("too many vehicles", "plan", f"{count} of type {kind}, which has {wagon.count}")
    _judge_locks(case, answer, fault)
    claimed = answer.claimed
    if claimed is not None and not abs(claimed - cost) <= CLAIM * max(1.0, abs(cost)):
        fault("cost", "plan", f"the file says {claimed:.10g}, the routes cost {cost:.10g}")
    return Verdict(cost, len(answer.tours), faults)


def _stop(case: Case, node: int) -> int:
    """The stop's number in files: 1 is the first."""
    return node - case.depots + 1


def _judge_tour(case: Case, wagon: Wagon, tour: list[int], where: str, fault: Fault) -> float:
    way = [wagon.start, *tour] + ([] if wagon.end is None else [wagon.end])
    length = math.fsum(case.distance(a, b) for a, b in itertools.pairwise(way))
    if length > wagon.longest + TOLERANCE:
        fault("too long", where, f"length {length:.6g}, limit {wagon.longest:.6g}")
    for node in tour:
        lacking = case.skills[node] & ~wagon.skills
        if lacking:
            detail = f"stop {_stop(case, node)} asks for skills that the vehicle lacks"
            fault("skill", where, f"{detail} (bits {lacking:b})")
    _judge_load(case, wagon, tour, where, fault)
    _judge_pairs(case, tour, where, fault)
    _judge_time(case, wagon, tour, where, fault)
    if case.objective == "cost":
        return wagon.fixed + wagon.per_distance * length
    return length


def _judge_load(case: Case, wagon: Wagon, tour: list[int], where: str, fault: Fault) -> None:
    """Goods of plain stops come from the depot, those of a pair from its pickup."""
    paired = set(case.pickup_of) | set(case.pickup_of.values())
    for dimension, capacity in enumerate(wagon.capacity):
        load = sum(case.demand[node][dimension] for node in tour if node not in paired)
        most, at = load, "the depot"
        for node in tour:
            amount = case.demand[node][dimension]
            load += amount if node in paired else -amount
            if load > most:
                most, at = load, f"stop {_stop(case, node)}"
        if most > capacity:
            which = f" (dimension {dimension + 1})" if len(wagon.capacity) > 1 else ""
            fault("capacity", where, f"load {most}, capacity {capacity} after {at}{which}")


def _judge_pairs(case: Case, tour: list[int], where: str, fault: Fault) -> None:
    place = {node: position for position, node in enumerate(tour)}
    for node in tour:
        pickup = case.pickup_of.get(node)
        if pickup is not None and place.get(pickup, math.inf) > place[node]:
            detail = f"delivery {_stop(case, node)} without its pickup {_stop(case, pickup)}"
            fault("pair", where, f"{detail} before it")
    for delivery, pickup in case.pickup_of.items():
        if pickup in place and delivery not in place:
            detail = f"pickup {_stop(case, pickup)} without its delivery {_stop(case, delivery)}"
            fault("pair", where, detail)


def _judge_time(case: Case, wagon: Wagon, tour: list[int], where: str, fault: Fault) -> None:
    """Windows, shift, duration and rest: some timetable must keep them all.

    The rest may lie on the way between two visits, before the tour starts or after its end.
    """
    without_rest = _timetable(case, wagon, tour, None)
    if without_rest is not None:
        what, detail = without_rest
        fault(what, where, detail)
        return
    if wagon.rest is None:
        return
    for gap in range(-1, len(tour) + 2 - (wagon.end is None)):
        if _timetable(case, wagon, tour, gap) is None:
            return
    fault("rest", where, "no moment for the rest keeps all windows and the shift")


def _timetable(
    case: Case, wagon: Wagon, tour: list[int], gap: int | None
) -> tuple[str, str] | None:
    """What keeps the earliest timetable from its windows; None where it fits.

    `gap`: where the rest lies: -1 before the start, k on the k-th leg from 0, and after the end
    where it is the count of legs.
    """
    way = [wagon.start, *tour] + ([] if wagon.end is None else [wagon.end])
    rest = wagon.rest if gap is not None else None
    opens, closes = wagon.earliest, wagon.latest
    clock = max(opens, case.ready[wagon.start])
    if rest and gap == -1:
        clock = max(clock, rest[0] + rest[2])
    latest_start = min(closes, case.due[wagon.start])
    if clock > latest_start + TOLERANCE:
        return "late", f"the shift cannot start before {clock:.6g}"
    busy = 0.0  # travel, service and rest so far: what no waiting hides
    for position, (a, b) in enumerate(itertools.pairwise(way)):
        leaves = clock + (case.service[a] if position else 0.0)
        busy += case.service[a] if position else 0.0
        travel = case.lasts(a, b)
        clock = leaves + travel
        busy += travel
        if rest and gap == position:
            if leaves > rest[1] + TOLERANCE:
                return "rest", f"it would start at {leaves:.6g}, after {rest[1]:.6g}"
            latest_start = min(latest_start, rest[1] - (busy - travel))
            clock = max(clock, rest[0]) + rest[2]
            busy += rest[2]
        last_moment = case.due[b]
        if b == wagon.end and position == len(way) - 2:
            last_moment = min(last_moment, closes)
            clock = max(clock, case.ready[b], opens)
            name = "the end"
        else:
            clock = max(clock, case.ready[b])
            name = f"stop {_stop(case, b)}"
        if clock > last_moment + TOLERANCE:
            return "late", f"{name} at {clock:.6g}, window ends {last_moment:.6g}"
        latest_start = min(latest_start, last_moment - busy)
    finish = clock
    if wagon.end is None and tour:
        finish += case.service[tour[-1]]
        busy += case.service[tour[-1]]
        if finish > closes + TOLERANCE:
            return "late", f"the last stop is done at {finish:.6g}, the shift ends {closes:.6g}"
        latest_start = min(latest_start, closes - busy)
    if rest and gap == len(way) - 1:
        if finish > rest[1] + TOLERANCE:
            return "rest", f"the tour ends at {finish:.6g}, after {rest[1]:.6g}"
        latest_start = min(latest_start, rest[1] - busy)
    # A tour that starts at t ends at max(finish, t + busy): it is shortest at the latest start.
    lasts = max(busy, finish - latest_start)
    if lasts > wagon.longest_time + TOLERANCE:
        return "takes too long", f"{lasts:.6g}, limit {wagon.longest_time:.6g}"
    return None


def _judge_locks(case: Case, answer: Answer, fault: Fault) -> None:
    taken: set[int] = set()
    for kind, nodes in case.locks:
        for number, (tour, of) in enumerate(zip(answer.tours, answer.kinds, strict=True)):
            if number not in taken and of == kind and tour[: len(nodes)] == nodes:
                taken.add(number)
                break
        else:
            stops = " ".join(str(_stop(case, node)) for node in nodes)
            fault("lock", "plan", f"no tour of type {kind} begins with stops {stops}")
