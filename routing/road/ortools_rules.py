"""The rules of a problem stated to OR-Tools' routing model: loads, times, skills, pairs, locks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from routing.road.problem import Problem, ProblemError, Vehicle
from routing.road.whole import Whole


def add_loads(problem: Problem, kinds: list[int], nodes: int, routing: Any) -> None:
    """One dimension of the model a dimension of the demand.

    Goods of plain stops come from the depot, those of a pair from its pickup.  Where a problem has
    both, the load at the start is what its plain stops take off.
    """
    plain = problem.partner < 0
    both = bool((problem.demand[plain] > 0).any() and not plain.all())
    for dimension in range(problem.demand.shape[1]):
        column = np.zeros(nodes, np.int64)
        column[: problem.rows] = problem.demand[:, dimension]
        if both:
            column[: problem.rows][plain] *= -1
        transit = routing.RegisterUnaryTransitVector(column.tolist())
        bounds = [problem.vehicles[kind].capacity[dimension] for kind in kinds]
        routing.AddDimensionWithVehicleCapacity(transit, 0, bounds, not both, f"load{dimension}")


def add_times(
    problem: Problem, n: Whole, kinds: list[int], nodes: int, manager: Any, routing: Any
) -> Any:
    """Windows, shifts, durations and rests; None where nothing depends on time."""
    p = problem
    if not p.timed and not (p.partner >= 0).any():
        return None
    table = np.zeros((nodes, nodes), np.int64)
    table[: p.rows, : p.rows] = n.durations
    service = np.zeros(nodes, np.int64)
    service[: p.rows] = n.service
    ends = [_down(v.latest, n) for v in p.vehicles] + n.due.tolist()
    ends += n.ready.tolist() + [_up(v.earliest, n) for v in p.vehicles]
    ends += [_down(v.rest.latest + v.rest.duration, n) for v in p.vehicles if v.rest]
    finite = [value for value in ends if value < n.never]
    reach = int(table[table < n.forever].max(initial=1)) + int(service.max())
    horizon = max(finite, default=0) + reach * (p.stops + 2)
    horizon = min(max(horizon, 1), n.never)
    transit = routing.RegisterTransitMatrix(
        np.minimum(table + service[:, None], horizon + 1).tolist()
    )
    routing.AddDimension(transit, horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for row in range(p.depots, p.rows):
        index, late = manager.NodeToIndex(row), int(min(n.due[row], horizon))
        if late < 0:  # over before the clock begins
            routing.ActiveVar(index).SetValue(0)
        else:
            time.CumulVar(index).SetRange(int(n.ready[row]), late)
    for vehicle, kind in enumerate(kinds):
        _add_shift(p, n, p.vehicles[kind], vehicle, manager, routing, time, horizon, service)
    return time


def _add_shift(
    p: Problem, n: Whole, kind: Vehicle, vehicle: int, manager: Any, routing: Any,
    time: Any, horizon: int, service: np.ndarray,
) -> None:  # fmt: skip
    for index, row in ((routing.Start(vehicle), kind.start), (routing.End(vehicle), kind.end)):
        early, late = _up(kind.earliest, n), _down(kind.latest, n)
        if row is not None:
            early, late = max(early, int(n.ready[row])), min(late, int(n.due[row]))
        if early > late:
            raise ProblemError(
                f"{p.name}: a shift from {kind.earliest:g} to {kind.latest:g} leaves no "
                f"whole moment within the window of depot {row}; make them overlap by more"
            )
        time.CumulVar(index).SetRange(early, min(late, horizon))
    if math.isfinite(kind.max_duration):
        time.SetSpanUpperBoundForVehicle(_down(kind.max_duration, n), vehicle)
        routing.AddVariableMaximizedByFinalizer(time.CumulVar(routing.Start(vehicle)))
        routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.End(vehicle)))
    if kind.rest is not None:
        early, late = _up(kind.rest.earliest, n), _down(kind.rest.latest, n)
        sooner = max(early - late, 0)  # no whole moment lies between, see `whole`
        rest = routing.solver().FixedDurationIntervalVar(
            early - sooner,
            min(late, horizon),
            _up(kind.rest.duration, n) + sooner,
            False,
            f"rest{vehicle}",
        )
        # a visit lasts as long as its service; the rest lies between visits
        lasts = [int(service[manager.IndexToNode(index)]) for index in range(routing.Size())]
        time.SetBreakIntervalsOfVehicle([rest], vehicle, lasts)


def _up(value: float, n: Whole) -> int:
    return math.ceil(value * n.scale - 1e-6)


def _down(value: float, n: Whole) -> int:
    return n.never if math.isinf(value) else int(min(value * n.scale + 1e-6, n.never))


def add_stops(
    p: Problem, n: Whole, kinds: list[int], manager: Any, routing: Any, must: int, dearest: int
) -> None:
    """Prices of leaving stops out, and who has the skills.

    `must` is that of stops without a price, `dearest` the highest that is told.
    """
    owned = np.array([p.vehicles[kind].skills for kind in kinds])
    able: dict[int, list[int]] = {}
    in_use = {p.vehicles[kind].start for kind in kinds} | {p.vehicles[kind].end for kind in kinds}
    for depot in sorted(set(range(p.depots)) - in_use):  # would be a stop to the model
        routing.AddDisjunction([manager.NodeToIndex(depot)], 0)
        routing.ActiveVar(manager.NodeToIndex(depot)).SetValue(0)
    for row in range(p.depots, p.rows):
        index = manager.NodeToIndex(row)
        price = p.price[row]
        penalty = round(price * n.scale * n.rate) if math.isfinite(price) else must
        routing.AddDisjunction([index], min(penalty, dearest))
        need = int(p.skills[row])
        if need:
            if need not in able:
                able[need] = np.flatnonzero((owned & need) == need).tolist()
            routing.VehicleVar(index).SetValues([-1, *able[need]])


def add_pairs(problem: Problem, manager: Any, routing: Any, time: Any) -> None:
    """Pickup before delivery in one vehicle."""
    solver = routing.solver()
    for row in np.flatnonzero(problem.partner >= 0).tolist():
        other = int(problem.partner[row])
        loads = (problem.demand[row] > 0).any()
        if not loads and ((problem.demand[other] > 0).any() or other < row):
            continue  # its pickup states the pair
        pickup, delivery = manager.NodeToIndex(row), manager.NodeToIndex(other)
        if time.CumulVar(pickup).Min() > time.CumulVar(delivery).Max():
            # the order of times binds stops left out as well: no plan at all would keep it
            routing.ActiveVar(pickup).SetValue(0)
            routing.ActiveVar(delivery).SetValue(0)
            continue
        routing.AddPickupAndDelivery(pickup, delivery)
        solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(delivery))
        solver.Add(time.CumulVar(pickup) <= time.CumulVar(delivery))


def add_locks(problem: Problem, kinds: list[int], manager: Any, routing: Any) -> None:
    """Beginnings of tours under way: each leg of them is given."""
    free = {kind: [v for v, k in enumerate(kinds) if k == kind] for kind in set(kinds)}
    for kind, stops in problem.locks:
        at = routing.Start(free[kind].pop(0))
        for row in stops.tolist():
            index = manager.NodeToIndex(row)
            routing.solver().Add(routing.NextVar(at) == index)
            at = index
