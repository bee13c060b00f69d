"""PyVRP as a peer: our problem in its words, its answer in ours."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from routing.road.faults import opens_pair
from routing.road.plan import Limit, Plan, make_plan
from routing.road.problem import Problem, Vehicle
from routing.road.whole import Whole, below_zero, whole

LARGEST = 12_000  # stops; above, its matrices (about 40 bytes a pair) fill a common machine
OnCost = Callable[[float, int | None], None]
FLEET_SHARE = 0.5  # of the limit goes to PyVRP's own `minimise_fleet`, where vehicles come first


def plan_with_pyvrp(
    problem: Problem,
    limit: Limit,
    seed: int,
    on_cost: OnCost | None = None,
) -> Plan:
    """Plan with PyVRP's defaults; `on_cost` hears cost and tours of each better feasible plan.

    Raises
    ------
    ImportError
        Where it is not installed.
    NotImplementedError
        Where PyVRP cannot state the problem.
    """
    import pyvrp

    _require(problem)
    if not problem.stops:
        return make_plan(problem, [])
    began = time.perf_counter()
    numbers = whole(problem)
    data = _data(pyvrp, problem, numbers)
    assert limit.seconds is not None
    if problem.objective == "vehicles":
        early = _stop_at(began + limit.seconds * FLEET_SHARE)
        fleet = pyvrp.minimise_fleet(data, early, seed=seed)
        data = data.replace(vehicle_types=[fleet])
    usual = pyvrp.PenaltyParams()
    parameters = pyvrp.SolveParams(
        # its penalties are per unit of load or time: prices times `rate` raise what they must top
        penalty=pyvrp.PenaltyParams(max_penalty=usual.max_penalty * numbers.rate),
        ils=pyvrp.IteratedLocalSearchParams(
            callbacks=_listener(pyvrp, on_cost, numbers.scale * numbers.rate)
        ),
    )
    result = pyvrp.solve(
        data,
        _stop_at(began + limit.seconds),
        seed=seed,
        collect_stats=False,
        display=False,
        params=parameters,
    )
    if not result.best.is_feasible():
        return make_plan(problem, [], iterations=result.num_iterations)
    return _plan(problem, data, result)


def _require(problem: Problem) -> None:
    if problem.stops > LARGEST:
        raise NotImplementedError(f"PyVRP's matrices of {problem.stops} stops do not fit in memory")
    if any(vehicle.rest for vehicle in problem.vehicles):
        raise NotImplementedError("PyVRP has no breaks")
    if below_zero(problem):
        raise NotImplementedError("PyVRP knows no times below 0")
    if problem.locks:
        raise NotImplementedError("PyVRP cannot lock the beginning of a tour")
    if problem.objective == "vehicles" and len(problem.vehicles) > 1:
        raise NotImplementedError("PyVRP minimises a fleet of one type only")
    if problem.objective == "vehicles" and np.isfinite(problem.price).any():
        raise NotImplementedError("PyVRP minimises no fleet where stops may be left out")
    if (problem.partner >= 0).any() and problem.skills.any():
        raise NotImplementedError("PyVRP's pairs are not restricted to vehicles here")


def _stop_at(end: float) -> Any:
    return lambda best_cost: time.perf_counter() >= end


def _listener(pyvrp: Any, on_cost: OnCost | None, rate: int) -> Any:
    if on_cost is None:
        return pyvrp.IteratedLocalSearchCallbacks()
    tell = on_cost

    class Listener(pyvrp.IteratedLocalSearchCallbacks):  # type: ignore[misc, name-defined]
        def on_start(self, algorithm: Any) -> None:
            self.on_best(algorithm.initial_solution)

        def on_best(self, best: Any) -> None:
            if best.is_feasible():
                cost = best.distance_cost() + best.fixed_vehicle_cost() + best.uncollected_prizes()
                tell(cost / rate, best.num_routes())

    return Listener()


def _data(pyvrp: Any, problem: Problem, numbers: Whole) -> Any:
    p, n = problem, numbers
    nowhere = p.rows if any(v.end is None for v in p.vehicles) else None
    places = p.rows + (nowhere is not None)
    masks = sorted({v.skills for v in p.vehicles})
    distances, durations = [], []
    for mask in masks:
        table = np.zeros((places, places), np.int64)
        table[: p.rows, : p.rows] = np.minimum(n.distances, pyvrp.constants.MAX_VALUE)
        lasts = np.zeros((places, places), np.int64)
        lasts[: p.rows, : p.rows] = np.minimum(n.durations, pyvrp.constants.MAX_VALUE)
        if nowhere is not None:
            table[nowhere, : p.rows] = pyvrp.constants.MAX_VALUE
        barred = np.flatnonzero((p.skills & mask) != p.skills)
        # out of reach of these vehicles, as PyVRP's documentation proposes
        table[:, barred] = pyvrp.constants.MAX_VALUE
        lasts[:, barred] = pyvrp.constants.MAX_VALUE
        np.fill_diagonal(table, 0)
        np.fill_diagonal(lasts, 0)
        distances.append(table)
        durations.append(lasts)
    locations = [pyvrp.Location(float(x), float(y)) for x, y in p.xy]
    locations += [pyvrp.Location(0.0, 0.0)] * (nowhere is not None)
    depots = [pyvrp.Depot(row, **_window(n, row)) for row in range(p.depots)]
    if nowhere is not None:
        depots.append(pyvrp.Depot(nowhere))
    clients, shipments = [], []
    for row in range(p.depots, p.rows):
        other = int(p.partner[row])
        if other < 0:
            clients.append(
                pyvrp.Client(
                    row, delivery=p.demand[row].tolist(), service_duration=int(n.service[row]),
                    **_window(n, row), **_price(p, n, [row]),
                )
            )  # fmt: skip
        elif opens_pair(p, row):
            shipments.append(
                pyvrp.Shipment(
                    row, other,
                    **{f"pickup_{k}": v for k, v in _window(n, row).items()},
                    **{f"delivery_{k}": v for k, v in _window(n, other).items()},
                    pickup_service_duration=int(n.service[row]),
                    delivery_service_duration=int(n.service[other]),
                    amount=p.demand[row].tolist(), **_price(p, n, [row, other]),
                )
            )  # fmt: skip
    types = [_type(pyvrp, p, n, vehicle, masks, len(depots) - 1) for vehicle in p.vehicles]
    return pyvrp.ProblemData(
        locations, clients, depots, types, distances, durations, shipments=shipments
    )


def _window(n: Whole, row: int) -> dict[str, int]:
    window = {"tw_early": int(n.ready[row])}
    if n.due[row] < n.never:
        window["tw_late"] = int(n.due[row])
    return window


def _price(p: Problem, n: Whole, rows: list[int]) -> dict[str, Any]:
    """The price of leaving all of these out, who only go together."""
    price = float(p.price[rows].sum())
    if math.isinf(price):
        return {}
    return {"prize": round(price * n.scale * n.rate), "required": False}


def _type(
    pyvrp: Any, p: Problem, n: Whole, vehicle: Vehicle, masks: list[int], nowhere: int
) -> Any:
    priced = p.objective == "cost"
    more: dict[str, int] = {"tw_early": math.ceil(vehicle.earliest * n.scale - 1e-6)}
    if math.isfinite(vehicle.latest):
        more["tw_late"] = int(vehicle.latest * n.scale + 1e-6)
    if math.isfinite(vehicle.max_duration):
        more["shift_duration"] = int(vehicle.max_duration * n.scale + 1e-6)
    if math.isfinite(vehicle.max_distance):
        more["max_distance"] = int(vehicle.max_distance * n.scale + 1e-6)
    return pyvrp.VehicleType(
        num_available=p.stops if vehicle.count is None else min(vehicle.count, p.stops),
        capacity=list(vehicle.capacity),
        start_depot=vehicle.start,
        end_depot=nowhere if vehicle.end is None else vehicle.end,
        fixed_cost=round(vehicle.fixed * n.scale * n.rate) if priced else 0,
        unit_distance_cost=round(vehicle.per_distance * n.rate) if priced else n.rate,
        profile=masks.index(vehicle.skills),
        **more,
    )


def _plan(problem: Problem, data: Any, result: Any) -> Plan:
    clients = [client.location for client in data.clients()]
    shipments = [(s.pickup.location, s.delivery.location) for s in data.shipments()]
    tours, kinds = [], []
    for route in result.best.routes():
        tour = []
        for visit in route:
            if visit.is_client():
                tour.append(clients[visit.idx])
            elif visit.is_pickup():
                tour.append(shipments[visit.idx][0])
            elif visit.is_delivery():
                tour.append(shipments[visit.idx][1])
        tours.append(np.array(tour, np.int32))
        kinds.append(route.vehicle_type())
    return make_plan(problem, tours, np.array(kinds, np.int32), iterations=result.num_iterations)
