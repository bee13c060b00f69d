"""OR-Tools' routing model of a problem: it states everything that a problem can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from routing.road.fleet_size import vehicles_wished
from routing.road.ortools_rules import (
    add_loads,
    add_locks,
    add_pairs,
    add_stops,
    add_times,
)
from routing.road.plan import Limit, Plan, make_plan
from routing.road.problem import Problem, ProblemError
from routing.road.whole import whole

LARGEST = 6_000  # stops; the model holds about 50 bytes a pair and matrix
BRANCHES = 20  # of the search, at most, for each solution that it is allowed
FIRST_BRANCHES = 100_000  # and until there is a first one

OnCost = Callable[[float, int | None], None]
Stop = Callable[[], bool]


def first_tours(problem: Problem) -> tuple[list[np.ndarray], np.ndarray] | None:
    """The model's first solution: tours and their vehicle types; None where it finds none."""
    plan = solve_ortools(problem, Limit(iterations=1))
    return (plan.tours, plan.vehicles) if plan.tours else None


def enough_vehicles(problem: Problem, limit: Limit, stop: Stop | None = None) -> tuple[Plan, int]:
    """The first solution of a model with vehicles enough for it, and how many times the usual."""
    times = 1
    while True:
        plan = solve_ortools(problem, limit, times=times, first=True, stop=stop)
        used = np.bincount(plan.vehicles, minlength=len(problem.vehicles))
        wished = [vehicles_wished(problem, vehicle, times) for vehicle in problem.vehicles]
        more = any(
            vehicle.count is None and wish < problem.stops and count >= wish
            for vehicle, wish, count in zip(problem.vehicles, wished, used, strict=True)
        )
        if not plan.missing or not more or (stop is not None and stop()):
            return plan, times
        times *= 2


def solve_ortools(
    problem: Problem,
    limit: Limit,
    seed: int = 0,
    start: Plan | None = None,
    on_cost: OnCost | None = None,
    *,
    times: int = 1,
    first: bool = False,
    stop: Stop | None = None,
) -> Plan:
    """Plan with the routing model and guided local search.

    Parameters
    ----------
    limit
        Seconds, or as iterations a count of solutions: then the same problem gives the same tours.
    seed
        Has no effect: the model draws no random numbers.
    start
        A plan to start from; the model ignores one that breaks a rule and says so in the notes.
    on_cost
        Hears cost and tours (where known) of each better complete plan.
    times
        How many times the usual number of vehicles the model has, where any number may be used.
    first
        Whether its first solution will do.
    stop
        Asked again and again, a tenth of the time, whether to end with what there is.

    Raises
    ------
    ProblemError
        Where the problem is too large for the model's matrices, or its locks contradict its rules.
    """
    if not problem.stops:
        return make_plan(problem, [])
    if problem.stops > LARGEST:
        raise ProblemError(
            f"{problem.name}: {problem.stops} stops are too many for OR-Tools' matrices "
            f"(at most {LARGEST}); use peakday"
        )
    model = _Model(_from_zero(problem), times)
    if not model.kinds:
        return make_plan(problem, [], notes=("there is no vehicle",))
    parameters = model.parameters(limit, first)
    if limit.iterations is not None:
        # guided local search never ends by itself where there is nothing left to move
        branches = model.routing.solver().BranchesLimit(
            FIRST_BRANCHES + BRANCHES * limit.iterations
        )
        model.routing.AddSearchMonitor(branches)
    if stop is not None:
        model.routing.AddSearchMonitor(model.routing.solver().CustomLimit(stop))
    if on_cost is not None:
        model.listen(on_cost)
    model.routing.CloseModelWithParameters(parameters)
    notes: tuple[str, ...] = ()
    answer = None
    if start is not None and start.tours:
        assignment = model.assignment(start)
        if assignment is None:
            notes = ("OR-Tools rejects the plan to start from: it breaks a rule",)
        else:
            answer = model.routing.SolveFromAssignmentWithParameters(assignment, parameters)
    if answer is None:
        answer = model.routing.SolveWithParameters(parameters)
    if answer is None:
        return make_plan(problem, [], notes=(*notes, "OR-Tools finds no plan within the limit"))
    return model.plan(answer, notes)


def _from_zero(problem: Problem) -> Problem:
    """The same problem on a clock that is 0 when the first shift begins, the least it can be."""
    first = min(vehicle.earliest for vehicle in problem.vehicles)
    if first >= 0:
        return problem
    fleet = []
    for v in problem.vehicles:
        rest = v.rest
        if rest is not None:
            rest = replace(rest, earliest=rest.earliest - first, latest=rest.latest - first)
        fleet.append(replace(v, earliest=v.earliest - first, latest=v.latest - first, rest=rest))
    # nothing begins before, so that moments stay within their bounds
    ready = np.minimum(np.maximum(problem.ready, first), problem.due) - first
    return replace(problem, ready=ready, due=problem.due - first, vehicles=tuple(fleet))


class _Model:
    """The routing model with what is needed to read its answers."""

    def __init__(self, problem: Problem, times: int) -> None:
        from ortools.constraint_solver import pywrapcp

        self.problem = problem
        self.numbers = whole(problem)
        self.kinds: list[int] = []
        locked = [kind for kind, _ in problem.locks]
        for kind, vehicle in enumerate(problem.vehicles):
            count = max(vehicles_wished(problem, vehicle, times), locked.count(kind))
            self.kinds += [kind] * count
        if not self.kinds:
            return
        types = [problem.vehicles[kind] for kind in self.kinds]
        nowhere = problem.rows  # a node that every vehicle reaches at no cost
        self.nodes = problem.rows + any(v.end is None for v in types)
        self.manager = pywrapcp.RoutingIndexManager(
            self.nodes,
            len(types),
            [v.start for v in types],
            [nowhere if v.end is None else v.end for v in types],
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.fixed = 0  # of a vehicle where vehicles come first: above any distance
        # No sum of these may leave 64 bits: prices above this bound count as this.
        self.dearest = 2**61 // (problem.stops + len(types))
        self.must = min(1 + self.costs(), self.dearest)  # of leaving out a stop without a price
        add_loads(problem, self.kinds, self.nodes, self.routing)
        time = add_times(problem, self.numbers, self.kinds, self.nodes, self.manager, self.routing)
        add_stops(
            problem, self.numbers, self.kinds, self.manager, self.routing, self.must, self.dearest
        )
        add_pairs(problem, self.manager, self.routing, time)
        add_locks(problem, self.kinds, self.manager, self.routing)

    def costs(self) -> int:
        """State the costs of ways and vehicles; returns more than any complete plan costs."""
        problem, numbers = self.problem, self.numbers
        table = grown(numbers.distances, self.nodes)
        reach = int(table[table < numbers.forever].max(initial=1))
        table = np.minimum(table, max(10 * reach, 1) * 1000)
        priced = problem.objective == "cost"
        matrices: dict[int, int] = {}
        most = 0
        legs = problem.stops + len(self.kinds)
        for vehicle, kind in enumerate(self.kinds):
            of_type = problem.vehicles[kind]
            rate = round(of_type.per_distance * numbers.rate) if priced else numbers.rate
            if rate not in matrices:
                matrices[rate] = self.routing.RegisterTransitMatrix((table * rate).tolist())
            self.routing.SetArcCostEvaluatorOfVehicle(matrices[rate], vehicle)
            fixed = 0
            if priced:
                fixed = min(round(of_type.fixed * numbers.scale * numbers.rate), self.dearest)
                self.routing.SetFixedCostOfVehicle(fixed, vehicle)
            most = max(most, fixed * len(self.kinds) + reach * rate * legs)
        if problem.objective == "vehicles":
            self.fixed = min(most + 1, self.dearest)
            most += self.fixed * len(self.kinds)
            self.routing.SetFixedCostOfAllVehicles(self.fixed)
        prices = problem.price[np.isfinite(problem.price)].sum()
        most += int(prices * numbers.scale * numbers.rate)
        longest = [problem.vehicles[kind].max_distance for kind in self.kinds]
        if np.isfinite(longest).any():
            bounds = [int(min(value * numbers.scale + 1e-6, numbers.forever)) for value in longest]
            up = table if numbers.scale in (1, 10) else table + (table > 0)
            transit = self.routing.RegisterTransitMatrix(up.tolist())
            self.routing.AddDimensionWithVehicleCapacity(transit, 0, bounds, True, "distance")
        return most

    def parameters(self, limit: Limit, first: bool) -> Any:
        """Construction, improvement and limit of the search."""
        from ortools.constraint_solver import pywrapcp, routing_enums_pb2

        parameters = pywrapcp.DefaultRoutingSearchParameters()
        strategy = routing_enums_pb2.FirstSolutionStrategy
        inserts = self.problem.timed or bool((self.problem.partner >= 0).any())
        parameters.first_solution_strategy = (
            strategy.PARALLEL_CHEAPEST_INSERTION if inserts else strategy.SAVINGS
        )
        if limit.iterations != 1 and not first:
            parameters.local_search_metaheuristic = (
                routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
            )
        if limit.iterations is not None:
            parameters.solution_limit = max(1, limit.iterations)
        if first:
            parameters.solution_limit = 1
        if limit.seconds is not None:
            parameters.time_limit.FromMilliseconds(max(1, int(limit.seconds * 1000)))
        return parameters

    def listen(self, on_cost: OnCost) -> None:
        """Tell `on_cost` of each better complete plan, at the price of one number read."""
        best = self.must
        rate = self.numbers.scale * self.numbers.rate

        def at_solution() -> None:
            nonlocal best
            value = self.routing.CostVar().Max()
            if value >= best:
                return
            best = value
            if self.fixed:
                tours, value = divmod(value, self.fixed)
                on_cost(value / rate, tours)
            else:
                on_cost(value / rate, None)

        self.routing.AddAtSolutionCallback(at_solution)

    def assignment(self, start: Plan) -> Any:
        """The plan as the model's own, None where it breaks one of the model's rules."""
        routes: list[list[int]] = [[] for _ in self.kinds]
        free = {
            kind: [v for v, k in enumerate(self.kinds) if k == kind] for kind in set(self.kinds)
        }
        for tour, kind in zip(start.tours, start.vehicles.tolist(), strict=True):
            if not free.get(kind):
                return None
            routes[free[kind].pop(0)] = tour.tolist()
        return self.routing.ReadAssignmentFromRoutes(routes, True)

    def plan(self, answer: Any, notes: tuple[str, ...]) -> Plan:
        """The model's answer as a plan."""
        tours, kinds = [], []
        for vehicle, kind in enumerate(self.kinds):
            index = answer.Value(self.routing.NextVar(self.routing.Start(vehicle)))
            tour = []
            while not self.routing.IsEnd(index):
                tour.append(self.manager.IndexToNode(index))
                index = answer.Value(self.routing.NextVar(index))
            tours.append(np.array(tour, np.int32))
            kinds.append(kind)
        return make_plan(self.problem, tours, np.array(kinds, np.int32), notes=notes)


def grown(table: np.ndarray, nodes: int) -> np.ndarray:
    """The table with zeros for a node beyond its rows."""
    out = np.zeros((nodes, nodes), np.int64)
    out[: len(table), : len(table)] = table
    return out
