"""OR-Tools' routing model of a problem: it states everything that a problem can hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from routing.road.plan import Plan, leg_distances, make_plan
from routing.road.problem import Problem, Vehicle

# The model counts in whole numbers; lengths are cut, durations are rounded up so that what the
# model holds feasible is feasible.
SCALE = {"nearest": 1, "dimacs": 10, "exact": 1000, "matrix": 100}
FAR = 2**40


class Fleet:
    """One entry a vehicle of the model: its type, and the node where it ends."""

    def __init__(self, problem: Problem) -> None:
        need = np.ceil(
            (problem.demand[problem.depots :].clip(0).sum(axis=0))
            / np.maximum(np.max([v.capacity for v in problem.vehicles], axis=0), 1)
        ).max()
        wish = int(1.3 * need) + 5
        if problem.timed or (problem.partner >= 0).any():
            wish = int(3 * need) + 10
        wish = max(1, min(wish, problem.stops))
        self.kinds: list[int] = []
        locked = [kind for kind, _ in problem.locks]
        for kind, vehicle in enumerate(problem.vehicles):
            count = wish if vehicle.count is None else min(vehicle.count, wish)
            self.kinds += [kind] * max(count, locked.count(kind))
        self.nowhere = problem.rows if any(v.end is None for v in problem.vehicles) else None
        self.nodes = problem.rows + (self.nowhere is not None)
        self.starts = [problem.vehicles[kind].start for kind in self.kinds]
        self.ends = [
            self.nowhere if (end := problem.vehicles[kind].end) is None else end
            for kind in self.kinds
        ]


def first_tours(problem: Problem) -> tuple[list[np.ndarray], np.ndarray] | None:
    """The model's first solution: tours and their vehicle types; None where it finds none."""
    plan = plan_with_model(problem, solutions=1)
    return None if plan is None else (plan.tours, plan.vehicles)


def plan_with_model(
    problem: Problem,
    *,
    seconds: float | None = None,
    solutions: int | None = None,
    on_plan: Any = None,
) -> Plan | None:
    """Plan with guided local search until `seconds` or a count of `solutions`; None: none found.

    `on_plan` is called with the objective of each solution on the way.
    """
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    if not problem.stops:
        return make_plan(problem, [])
    fleet = Fleet(problem)
    if not fleet.kinds:
        return None
    manager = pywrapcp.RoutingIndexManager(fleet.nodes, len(fleet.kinds), fleet.starts, fleet.ends)
    model = pywrapcp.RoutingModel(manager)
    scale = SCALE[problem.rounding]
    _costs(problem, fleet, manager, model, scale)
    _loads(problem, fleet, manager, model)
    time = _times(problem, fleet, manager, model, scale)
    _stops(problem, fleet, manager, model, scale)
    _pairs(problem, manager, model, time)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    insertion = problem.timed or bool((problem.partner >= 0).any())
    strategy = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = (
        strategy.PARALLEL_CHEAPEST_INSERTION if insertion else strategy.SAVINGS
    )
    if solutions != 1:
        parameters.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )
    if solutions is not None:
        parameters.solution_limit = solutions
    if seconds is not None:
        whole = int(seconds)
        parameters.time_limit.seconds = whole
        parameters.time_limit.nanos = int((seconds - whole) * 1e9)
    if on_plan is not None:
        model.AddAtSolutionCallback(
            lambda: on_plan(_plan_from_next(problem, fleet, manager, model))
        )
    model.CloseModelWithParameters(parameters)
    if problem.locks and not model.ApplyLocksToAllVehicles(_locks(problem, fleet, manager), False):
        return None
    answer = model.SolveWithParameters(parameters)
    if answer is None:
        return None
    return _plan(problem, fleet, manager, model, lambda index: answer.Value(model.NextVar(index)))


def _plan_from_next(problem: Problem, fleet: Fleet, manager: Any, model: Any) -> Plan:
    return _plan(problem, fleet, manager, model, lambda index: model.NextVar(index).Value())


def _plan(problem: Problem, fleet: Fleet, manager: Any, model: Any, after: Any) -> Plan:
    tours = []
    kinds = []
    for vehicle, kind in enumerate(fleet.kinds):
        index = after(model.Start(vehicle))
        tour = []
        while not model.IsEnd(index):
            tour.append(manager.IndexToNode(index))
            index = after(index)
        if tour:
            tours.append(np.array(tour, np.int32))
            kinds.append(kind)
    return make_plan(problem, tours, np.array(kinds, np.int32))


def _table(problem: Problem, fleet: Fleet, what: str) -> np.ndarray:
    """float64[nodes, nodes] of distances or durations, with 0 to nowhere."""
    rows = problem.rows
    out = np.zeros((fleet.nodes, fleet.nodes))
    if what == "durations" and problem.durations is not None:
        out[:rows, :rows] = problem.durations
    else:
        every = np.arange(rows)
        out[:rows, :rows] = leg_distances(problem, every[:, None], every[None, :])
        if what == "durations":
            out[:rows, :rows] *= problem.pace
    return out


def _costs(problem: Problem, fleet: Fleet, manager: Any, model: Any, scale: int) -> None:
    table = _table(problem, fleet, "distances")
    finite = np.minimum(table, FAR / scale / 1000)
    priced = problem.objective == "cost"
    matrices = {}
    for vehicle, kind in enumerate(fleet.kinds):
        rate = problem.vehicles[kind].per_distance if priced else 1.0
        if rate not in matrices:
            whole = np.floor(finite * rate * scale + 1e-6).astype(np.int64)
            matrices[rate] = model.RegisterTransitMatrix(whole.tolist())
        model.SetArcCostEvaluatorOfVehicle(matrices[rate], vehicle)
        if priced:
            model.SetFixedCostOfVehicle(int(problem.vehicles[kind].fixed * scale), vehicle)
    if problem.objective == "vehicles":
        legs = float(np.max(finite)) * 2 * max(1, problem.stops)
        model.SetFixedCostOfAllVehicles(int(min(legs * scale, FAR)))
    longest = [problem.vehicles[kind].max_distance for kind in fleet.kinds]
    if np.isfinite(longest).any():
        up = np.ceil(finite * scale - 1e-6).astype(np.int64)
        bounds = [int(min(value * scale, FAR)) for value in longest]
        transit = model.RegisterTransitMatrix(up.tolist())
        model.AddDimensionWithVehicleCapacity(transit, 0, bounds, True, "distance")


def _loads(problem: Problem, fleet: Fleet, manager: Any, model: Any) -> None:
    pairs = problem.partner >= 0
    for dimension in range(problem.demand.shape[1]):
        column = np.zeros(fleet.nodes, np.int64)
        column[: problem.rows] = problem.demand[:, dimension]
        transit = model.RegisterUnaryTransitVector(column.tolist())
        bounds = [problem.vehicles[kind].capacity[dimension] for kind in fleet.kinds]
        model.AddDimensionWithVehicleCapacity(
            transit, 0, bounds, not pairs.any(), f"load{dimension}"
        )


def _times(problem: Problem, fleet: Fleet, manager: Any, model: Any, scale: int) -> Any:
    if not problem.timed and not (problem.partner >= 0).any():
        return None
    table = _table(problem, fleet, "durations")
    service = np.zeros(fleet.nodes)
    service[: problem.rows] = problem.service
    whole = np.ceil(np.minimum(table + service[:, None], FAR / scale) * scale - 1e-6)
    transit = model.RegisterTransitMatrix(whole.astype(np.int64).tolist())
    ends = [v.latest for v in problem.vehicles] + list(problem.due)
    horizon = max((value for value in ends if math.isfinite(value)), default=FAR / scale)
    if not problem.timed:
        horizon = FAR / scale
    horizon_whole = int(min(horizon * scale * 2, FAR))
    model.AddDimension(transit, horizon_whole, horizon_whole, False, "time")
    time = model.GetDimensionOrDie("time")
    for row in range(problem.depots, problem.rows):
        early = math.ceil(problem.ready[row] * scale - 1e-6)
        late = int(min(problem.due[row] * scale, horizon_whole))
        time.CumulVar(manager.NodeToIndex(row)).SetRange(early, max(early, late))
    waits = [math.ceil(value * scale - 1e-6) for value in service]
    for vehicle, kind in enumerate(fleet.kinds):
        _shift(problem, problem.vehicles[kind], vehicle, model, time, scale, horizon_whole, waits)
    return time


def _shift(
    problem: Problem,
    kind: Vehicle,
    vehicle: int,
    model: Any,
    time: Any,
    scale: int,
    horizon: int,
    waits: list[int],
) -> None:
    for index, row in ((model.Start(vehicle), kind.start), (model.End(vehicle), kind.end)):
        early = kind.earliest if row is None else max(kind.earliest, problem.ready[row])
        late = kind.latest if row is None else min(kind.latest, problem.due[row])
        time.CumulVar(index).SetRange(math.ceil(early * scale), int(min(late * scale, horizon)))
    if math.isfinite(kind.max_duration):
        time.SetSpanUpperBoundForVehicle(int(kind.max_duration * scale), vehicle)
    if kind.rest is not None:
        rest = model.solver().FixedDurationIntervalVar(
            math.ceil(kind.rest.earliest * scale),
            int(min(kind.rest.latest * scale, horizon)),
            math.ceil(kind.rest.duration * scale),
            False,
            f"rest{vehicle}",
        )
        # visits last as long as their service; the rest lies between them
        by_index = [0] * model.Size()
        for index in range(model.Size()):
            if not model.IsStart(index):
                by_index[index] = waits[_node(model, index)]
        time.SetBreakIntervalsOfVehicle([rest], vehicle, by_index)


def _node(model: Any, index: int) -> int:
    return model.IndexToNode(index) if hasattr(model, "IndexToNode") else index


def _stops(problem: Problem, fleet: Fleet, manager: Any, model: Any, scale: int) -> None:
    """Prices of leaving out, and which vehicles have the skills."""
    table = problem.distances if problem.distances is not None else problem.xy
    must = int(min(FAR, 20 * scale * (float(np.abs(table[np.isfinite(table)]).max()) + 1) * 100))
    owned = np.array([problem.vehicles[kind].skills for kind in fleet.kinds])
    for row in range(problem.depots, problem.rows):
        index = manager.NodeToIndex(row)
        price = problem.price[row]
        model.AddDisjunction([index], int(price * scale) if math.isfinite(price) else must)
        need = int(problem.skills[row])
        if need:
            able = np.flatnonzero((owned & need) == need).tolist()
            model.VehicleVar(index).SetValues([-1, *able])


def _pairs(problem: Problem, manager: Any, model: Any, time: Any) -> None:
    for row in np.flatnonzero(problem.partner >= 0):
        if (problem.demand[row] < 0).any() or (
            problem.partner[row] < row and (problem.demand[row] <= 0).all()
        ):
            continue  # its pickup states the pair
        pickup = manager.NodeToIndex(int(row))
        delivery = manager.NodeToIndex(int(problem.partner[row]))
        model.AddPickupAndDelivery(pickup, delivery)
        solver = model.solver()
        solver.Add(model.VehicleVar(pickup) == model.VehicleVar(delivery))
        solver.Add(time.CumulVar(pickup) <= time.CumulVar(delivery))


def _locks(problem: Problem, fleet: Fleet, manager: Any) -> list[list[int]]:
    left = [[stops for kind_, stops in problem.locks if kind_ == kind]
            for kind in range(len(problem.vehicles))]  # fmt: skip
    out = []
    for kind in fleet.kinds:
        stops = left[kind].pop(0) if left[kind] else np.zeros(0, np.int32)
        out.append([manager.NodeToIndex(int(row)) for row in stops])
    return out
