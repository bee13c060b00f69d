"""VROOM as a peer: our problem in its words, its answer in ours."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np

from routing.road.faults import opens_pair
from routing.road.fleet_size import vehicles_wished
from routing.road.plan import Limit, Plan, make_plan
from routing.road.problem import Problem, Vehicle
from routing.road.whole import Whole, below_zero, whole

EXPLORATION = 5  # its most thorough
LARGEST = 12_000  # stops; its three matrices take 12 bytes a pair, its start grows faster
FAR = 2**32 - 2**20  # it counts in 32 bits


def plan_with_vroom(problem: Problem, limit: Limit, threads: int) -> Plan:
    """Plan with VROOM, which reports nothing on its way.

    Raises
    ------
    ImportError
        Where it is not installed.
    NotImplementedError
        Where VROOM cannot state the problem.
    """
    import vroom

    _require(problem)
    if not problem.stops:
        return make_plan(problem, [])
    numbers = whole(problem)
    base = max(1.0, float(numbers.distances[numbers.distances < numbers.forever].max(initial=1)))
    stated = vroom.Input()
    kinds: list[int] = []
    for kind, vehicle in enumerate(problem.vehicles):
        _matrices(stated, problem, numbers, kind, vehicle)
        for _ in range(vehicles_wished(problem, vehicle)):
            stated.add_vehicle(_vehicle(vroom, problem, numbers, len(kinds), kind, vehicle, base))
            kinds.append(kind)
    _jobs(vroom, stated, problem, numbers)
    assert limit.seconds is not None
    answer = stated.solve(
        exploration_level=EXPLORATION,
        nb_threads=threads,
        timeout=timedelta(seconds=limit.seconds),
    )
    routes = answer.routes
    tours: dict[int, list[int]] = {}
    if not len(routes):
        return make_plan(problem, [])
    for number, row, step in zip(routes["vehicle_id"], routes["id"], routes["type"], strict=True):
        if step in ("job", "pickup", "delivery"):
            tours.setdefault(int(number), []).append(int(row))
    return make_plan(
        problem,
        [np.array(tour, np.int32) for tour in tours.values()],
        np.array([kinds[number] for number in tours], np.int32),
    )


def _require(problem: Problem) -> None:
    if problem.stops > LARGEST:
        raise NotImplementedError(f"VROOM's matrices of {problem.stops} stops do not fit in memory")
    if np.isfinite(problem.price).any():
        raise NotImplementedError("VROOM has no prices of leaving stops out")
    if any(math.isfinite(v.max_duration) for v in problem.vehicles):
        raise NotImplementedError("VROOM limits the time of travel, not that of a tour")
    if below_zero(problem):
        raise NotImplementedError("VROOM knows no times below 0")
    if problem.locks:
        raise NotImplementedError("VROOM cannot lock the beginning of a tour")


def _matrices(stated: Any, problem: Problem, numbers: Whole, kind: int, vehicle: Vehicle) -> None:
    rate = vehicle.per_distance if problem.objective == "cost" else 1.0
    costs = np.floor(numbers.distances * rate * numbers.rate + 1e-6)
    for state, table in (
        (stated.set_durations_matrix, numbers.durations),
        (stated.set_distances_matrix, numbers.distances),
        (stated.set_costs_matrix, costs),
    ):
        state(f"kind{kind}", np.minimum(table, FAR).astype(np.uint32))


def _vehicle(
    vroom: Any, problem: Problem, n: Whole, number: int, kind: int, vehicle: Vehicle, base: float
) -> Any:
    fixed = 0
    if problem.objective == "cost":
        fixed = int(vehicle.fixed * n.scale * n.rate)
    elif problem.objective == "vehicles":
        fixed = int(10 * base)
    more: dict[str, Any] = {}
    early, late = vehicle.earliest, vehicle.latest
    for row in (vehicle.start, vehicle.end):
        if row is not None:
            early, late = max(early, problem.ready[row]), min(late, problem.due[row])
    if math.isfinite(late) or early > 0:
        top = min(late * n.scale, FAR)
        more["time_window"] = vroom.TimeWindow(math.ceil(early * n.scale - 1e-6), int(top + 1e-6))
    if math.isfinite(vehicle.max_distance):
        more["max_distance"] = int(vehicle.max_distance * n.scale + 1e-6)
    if vehicle.rest is not None:
        rest = vehicle.rest
        window = vroom.TimeWindow(
            math.ceil(rest.earliest * n.scale - 1e-6), int(rest.latest * n.scale + 1e-6)
        )
        lasts = math.ceil(rest.duration * n.scale - 1e-6)
        more["breaks"] = [vroom.Break(number, [window], lasts)]
    return vroom.Vehicle(
        number,
        start=vehicle.start,
        end=vehicle.end,
        profile=f"kind{kind}",
        capacity=list(vehicle.capacity),
        skills=_bits(vehicle.skills),
        costs=vroom.VehicleCosts(fixed=fixed),
        **more,
    )


def _bits(mask: int) -> set[int]:
    return {bit for bit in range(int(mask).bit_length()) if mask >> bit & 1}


def _jobs(vroom: Any, stated: Any, p: Problem, n: Whole) -> None:
    def windows(row: int) -> list[Any]:
        if n.ready[row] <= 0 and n.due[row] >= FAR:
            return []
        return [vroom.TimeWindow(int(n.ready[row]), int(min(n.due[row], FAR)))]

    for row in range(p.depots, p.rows):
        other = int(p.partner[row])
        skills = _bits(int(p.skills[row]))
        if other < 0:
            stated.add_job(
                vroom.Job(
                    row, location=row, default_service=int(n.service[row]),
                    delivery=vroom.Amount(p.demand[row].tolist()), skills=skills,
                    time_windows=windows(row),
                )
            )  # fmt: skip
        elif opens_pair(p, row):
            steps = [
                vroom.ShipmentStep(
                    place, location=place, default_service=int(n.service[place]),
                    time_windows=windows(place),
                )
                for place in (row, other)
            ]  # fmt: skip
            amount = vroom.Amount(p.demand[row].tolist())
            skills |= _bits(int(p.skills[other]))
            stated.add_shipment(*steps, amount=amount, skills=skills)
