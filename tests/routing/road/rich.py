"""Random small problems in which all rules meet."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from routing.road import Break, Plan, Problem, ProblemError, Vehicle
from routing.road.check import Answer, case_of, judge
from routing.road.warm import check_locks


def problem_of(
    seed: int, *, rests: bool = True, prices: bool = True, pairs: bool = True, most: int = 8
):
    """A problem with some of: several depots, types and dimensions, windows, limits, skills."""
    random = np.random.default_rng(seed)
    depots = int(random.integers(1, 3))
    stops = int(random.integers(2, most + 1))
    rows = depots + stops
    demand = random.integers(0, 4, (rows, int(random.integers(1, 3))))
    demand[:depots] = 0
    partner = np.full(rows, -1, np.int32)
    if pairs and random.random() < 0.4:
        for pickup in range(depots, rows - 1, 2):
            partner[pickup], partner[pickup + 1] = pickup + 1, pickup
            demand[pickup] = np.maximum(demand[pickup], 1)
            demand[pickup + 1] = -demand[pickup]
    ready = random.integers(0, 60, rows).astype(float)
    due = ready + random.integers(20, 90, rows)
    due[random.random(rows) < 0.4] = math.inf
    ready[:depots], due[:depots] = 0.0, 400.0
    price = np.full(rows, math.inf)
    if prices and random.random() < 0.5:
        price[depots:] = random.integers(1, 60, stops)
    vehicles = tuple(
        Vehicle(
            capacity=tuple(random.integers(4, 10, demand.shape[1]).tolist()),
            count=None if random.random() < 0.5 else int(random.integers(1, 4)),
            start=(start := int(random.integers(0, depots))),
            end=None if random.random() < 0.2 else start,
            fixed=float(random.integers(0, 50)),
            per_distance=float(random.integers(1, 4)),
            earliest=float(random.integers(0, 20)),
            latest=float(random.integers(200, 400)),
            max_duration=math.inf if random.random() < 0.5 else float(random.integers(80, 200)),
            max_distance=math.inf if random.random() < 0.5 else float(random.integers(80, 200)),
            skills=int(random.integers(0, 4)),
            rest=Break(40.0, 90.0, 15.0) if rests and random.random() < 0.5 else None,
        )
        for _ in range(int(random.integers(1, 3)))
    )
    skills = np.where(random.random(rows) < 0.2, random.integers(0, 4, rows), 0)
    skills[:depots] = 0
    service = random.integers(0, 6, rows).astype(float)
    service[:depots] = 0
    return Problem(
        name=f"rich{seed}",
        depots=depots,
        xy=random.integers(0, 30, (rows, 2)).astype(float),
        demand=demand,
        vehicles=vehicles,
        rounding=str(random.choice(["exact", "nearest", "dimacs"])),
        objective=str(random.choice(["distance", "vehicles", "cost"])),
        ready=ready,
        due=due,
        service=service,
        price=price,
        skills=skills,
        partner=partner,
        pace=float(random.choice([0.5, 1.0, 2.0])),
    )


def loose_of(seed: int, most: int = 8) -> Problem:
    """The same with matrices that break the triangle inequality, and a locked beginning."""
    problem = problem_of(seed, most=most)
    random = np.random.default_rng(seed + 10**6)
    rows = problem.rows
    apart = np.hypot(*(problem.xy[:, None] - problem.xy[None]).transpose(2, 0, 1))
    columns: dict[str, Any] = {}
    if random.random() < 0.5:
        kind = random.integers(0, 3)
        if kind == 0:
            table = random.integers(0, 60, (rows, rows)).astype(float)
        elif kind == 1:
            table = np.floor(apart * random.uniform(0.5, 2, (rows, rows)))
        else:
            table = np.where(random.random((rows, rows)) < 0.2, apart + 200, apart)
        np.fill_diagonal(table, 0)
        columns |= {"distances": table, "rounding": "matrix"}
        if random.random() < 0.3:
            columns["xy"] = np.zeros((rows, 2))
    if random.random() < 0.4:
        if random.random() < 0.5:
            table = random.integers(0, 50, (rows, rows)).astype(float)
        else:
            table = np.floor(apart * random.uniform(0.5, 2, (rows, rows)))
        np.fill_diagonal(table, 0)
        columns["durations"] = table
    if random.random() < 0.2:
        columns["due"] = np.where(np.arange(rows) < problem.depots, problem.due, math.inf)
        columns["ready"] = np.zeros(rows)
        columns["vehicles"] = tuple(
            replace(v, latest=math.inf, earliest=0.0, rest=None, max_duration=math.inf)
            for v in problem.vehicles
        )
    problem = replace(problem, **columns)
    if random.random() < 0.2:
        stops = random.permutation(np.arange(problem.depots, rows))
        kind = int(random.integers(0, len(problem.vehicles)))
        lock = stops[: int(random.integers(1, 3))].astype(np.int32)
        locked = replace(problem, locks=((kind, lock),))
        try:
            check_locks(locked)
        except ProblemError:
            return problem
        return locked
    return problem


def faults(problem: Problem, plan: Plan) -> list[dict[str, str]]:
    """What the judge finds wrong, but for stops that the plan says it left out."""
    tours = [tour.tolist() for tour in plan.tours]
    verdict = judge(case_of(problem), Answer(tours, plan.vehicles.tolist(), plan.cost))
    return [fault for fault in verdict.violations if fault["what"] != "not visited"]
