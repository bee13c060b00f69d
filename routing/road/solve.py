"""The front door: plan the tours of a problem within a limit.  Only here are clock and executor."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from routing.road.decompose import piece_vehicles, pieces
from routing.road.improve import Job, improve
from routing.road.neighbours import neighbours
from routing.road.plan import Limit, Plan, make_plan
from routing.road.problem import Problem
from routing.road.recombine import Pool, recombine
from routing.road.savings import fits_savings, savings
from routing.road.squeeze import fewer_tours, fewest

SAVINGS_NEIGHBOURS = 100
PIECE = 1000  # stops of a piece, about
ALONE = 400  # a problem of fewer stops is not cut
SQUEEZING = 0.4  # share of the limit that may go into fewer vehicles
ROUNDS = 100  # about, within the limit
CHAINS = 2  # on a problem that is not cut
MEETING = 10  # rounds after which chains meet
SHORT = 12.0  # stops of a tour, on average, up to which recombining pays
CHOOSING = 10.0  # deterministic time of one recombining
MODELLED = 100  # stops up to which OR-Tools makes the first tours

Progress = Callable[[Plan, float], None]


def solve(
    problem: Problem,
    limit: Limit,
    seed: int = 0,
    executor: Executor | None = None,
    on_progress: Progress | None = None,
    start: Plan | None = None,
) -> Plan:
    """Plan tours for `problem`.

    Parameters
    ----------
    limit
        Seconds of wall clock or iterations; with iterations the same seed gives the same tours,
        whatever the executor and the number of its workers.
    executor
        Where pieces are improved side by side; without one they take turns here.
    on_progress
        Called with the plan so far and the share of the limit used (0 to 1).
    start
        A plan to start from.

    Returns
    -------
    Plan
        The best plan found.  Stops that no vehicle can take are in `unserved`.
    """
    began = time.perf_counter()
    if problem.stops == 0:
        return make_plan(problem, [])
    run = _Run(problem, limit, seed, executor, on_progress, began)
    return run.search(start if start is not None else first_plan(problem))


def first_plan(problem: Problem) -> Plan:
    """A first complete plan, as fast as it can be had."""
    if problem.stops <= MODELLED:
        from routing.road.ortools_model import first_tours

        found = first_tours(problem)
        if found is not None:
            return make_plan(problem, *found)
    if fits_savings(problem):
        return make_plan(problem, savings(problem, neighbours(problem, SAVINGS_NEIGHBOURS)))
    empty = Job(problem, [], np.zeros(0, np.int32), 0, 0, 0.0, 0.0)
    done = improve(empty)
    return make_plan(problem, done.tours, done.vehicles)


def rank(plan: Plan) -> tuple[int, float]:
    """Plans by what they leave out that must be served, then by cost."""
    return plan.missing, plan.cost


def better(one: Plan, other: Plan) -> bool:
    """Whether plan `one` is better than the other by more than the last bits."""
    return rank(one) < (other.missing, other.cost - 1e-9)


class _Run:
    """One search: the plan so far, the random numbers of its cuts, and how much limit is left."""

    def __init__(
        self,
        problem: Problem,
        limit: Limit,
        seed: int,
        executor: Executor | None,
        on_progress: Progress | None,
        began: float,
    ) -> None:
        self.problem = problem
        self.limit = limit
        self.seed = seed
        self.executor = executor
        self.on_progress = on_progress
        self.began = began
        self.random = np.random.default_rng(seed)
        self.done = 0
        self.rate = 20_000.0 * (2 if executor else 1)  # iterations a second, until it is known
        self.jobs = 0
        self.rounds = 0
        self.chains: list[Plan] = []
        self.pool: Pool | None = None

    def share(self) -> float:
        """How much of the limit is used, 0 to 1."""
        if self.limit.iterations is not None:
            return self.done / max(1, self.limit.iterations)
        assert self.limit.seconds is not None
        return (time.perf_counter() - self.began) / max(1e-9, self.limit.seconds)

    def search(self, plan: Plan) -> Plan:
        """Rounds of cutting, improving side by side and joining, while the temperature falls."""
        plan = self.reduce(plan)
        problem = self.problem
        legs = problem.stops + len(plan.tours)
        leg = plan.distance / max(1, legs)
        hot, cold = self.temperatures(leg)
        best = plan
        recombinings = [0.7, 0.85, 0.94]
        short = problem.stops / max(1, len(plan.tours)) <= SHORT
        if short and problem.stops <= 2 * PIECE and not self.problem.locks:
            self.pool = Pool(problem)
        self.report(best)
        while (used := self.share()) < 1.0:
            iterations = self.round_size()
            if iterations <= 0:
                break
            after = min(1.0, used + iterations / self.expected())
            temperature = hot * (cold / hot) ** used
            lower = hot * (cold / hot) ** after
            plan, found = self.round(plan, iterations, temperature, lower)
            if better(found, best):
                best = found
            if self.pool is not None and recombinings and self.share() >= recombinings[0]:
                recombinings.pop(0)
                chosen = self.recombine(best)
                if better(chosen, best):
                    plan = best = chosen
                    self.chains = []
            self.report(best)
        return replace(best, iterations=self.done)

    def reduce(self, plan: Plan) -> Plan:
        """Serve what is left out, and use fewer vehicles where that comes first.

        From here on the fleet is what this phase ends with.
        """
        first = self.problem.objective == "vehicles"
        least = fewest(self.problem)
        legs = self.problem.stops + len(plan.tours)
        hot = max(1e-9, 0.1 * plan.distance / legs)
        workers = 2
        while self.share() < SQUEEZING and (plan.missing or (first and len(plan.tours) > least)):
            iterations = self.round_size() // workers
            if iterations <= 0:
                break
            jobs = []
            for _ in range(workers):
                seed = self.next_seed()
                jobs.append(
                    Job(self.problem, plan.tours, plan.vehicles, seed, iterations, hot, hot)
                )
            started = time.perf_counter()
            results = list((self.executor.map if self.executor else map)(fewer_tours, jobs))
            plans = [make_plan(self.problem, done.best, done.best_vehicles) for done in results]
            plan = min([plan, *plans], key=lambda p: (p.missing, len(p.tours), p.cost))
            self.done += iterations * workers
            self.rate = iterations * workers / max(1e-3, time.perf_counter() - started)
            self.report(plan)
        if first and not plan.missing:
            used = np.bincount(plan.vehicles, minlength=len(self.problem.vehicles))
            fleet = tuple(
                replace(vehicle, count=int(count))
                for vehicle, count in zip(self.problem.vehicles, used, strict=True)
            )
            self.problem = replace(self.problem, vehicles=fleet)
        return plan

    def temperatures(self, leg: float) -> tuple[float, float]:
        """Where annealing starts and ends, for a mean leg: less hot where there is less time."""
        each = self.expected() / max(1, self.problem.stops)
        hot = leg * min(1.5, max(0.05, 1.5 * each / 1000.0))
        return max(hot, 1e-9), max(leg * 0.015, 1e-9)

    def expected(self) -> float:
        """Iterations that the whole limit will allow."""
        if self.limit.iterations is not None:
            return float(self.limit.iterations)
        assert self.limit.seconds is not None
        left = max(0.0, self.limit.seconds - (time.perf_counter() - self.began))
        return self.done + left * self.rate + 1.0

    def round_size(self) -> int:
        """Iterations of the next round, over all pieces."""
        if self.limit.iterations is not None:
            return min(max(1, self.limit.iterations // ROUNDS), self.limit.iterations - self.done)
        assert self.limit.seconds is not None
        left = self.limit.seconds - (time.perf_counter() - self.began)
        seconds = min(left, max(0.05, self.limit.seconds / ROUNDS))
        return int(seconds * self.rate * 0.97)

    def round(self, plan: Plan, iterations: int, hot: float, cold: float) -> tuple[Plan, Plan]:
        """Improve all pieces once: the plan at the end, and that of the best tours on the way."""
        problem = self.problem
        started = time.perf_counter()
        self.rounds += 1
        size = PIECE if problem.stops > 2 * PIECE else (problem.stops + 1) // 2
        if problem.stops < ALONE or len(plan.tours) < 4:
            groups = []
            jobs = self.make_chains(plan, iterations, hot, cold)
        else:
            groups = pieces(problem, plan.tours, size, self.random)
            jobs = self.make_jobs(plan, groups, iterations, hot, cold)
        results = (
            list(self.executor.map(improve, jobs)) if self.executor else list(map(improve, jobs))
        )
        if groups:
            plan = self.join([(done.tours, done.vehicles) for done in results])
            found = self.join([(done.best, done.best_vehicles) for done in results])
        else:
            self.chains = [make_plan(problem, done.tours, done.vehicles) for done in results]
            bests = [make_plan(problem, done.best, done.best_vehicles) for done in results]
            self.collect(bests)
            plan = min(self.chains, key=rank)
            found = min(bests, key=rank)
        self.collect([plan, found])
        self.done += sum(job.iterations for job in jobs)
        elapsed = time.perf_counter() - started
        self.rate = sum(job.iterations for job in jobs) / max(1e-3, elapsed)
        return plan, found

    def make_jobs(
        self, plan: Plan, groups: list[np.ndarray], iterations: int, hot: float, cold: float
    ) -> list[Job]:
        """One job a piece; stops left out go to the piece of the nearest tour."""
        problem = self.problem
        kinds = len(problem.vehicles)
        used = np.bincount(plan.vehicles, minlength=kinds)
        homes = self.homes(plan, groups)
        out = []
        for index, group in enumerate(groups):
            rows = np.sort(np.concatenate([*(plan.tours[t] for t in group), homes[index]]))
            mine = np.bincount(plan.vehicles[group], minlength=kinds)
            fleet = piece_vehicles(problem, used, mine, len(rows) / problem.stops)
            part = problem.part(rows, fleet)
            where = np.zeros(problem.rows, np.int32)
            where[rows] = np.arange(len(rows), dtype=np.int32) + problem.depots
            tours = [where[plan.tours[t]] for t in group]
            share = max(1, round(iterations * len(rows) / problem.stops))
            seed = self.next_seed()
            out.append(Job(part, tours, plan.vehicles[group], seed, share, hot, cold))
        self.rows = [
            np.sort(np.concatenate([*(plan.tours[t] for t in group), homes[index]]))
            for index, group in enumerate(groups)
        ]
        return out

    def make_chains(self, plan: Plan, iterations: int, hot: float, cold: float) -> list[Job]:
        """Jobs on the whole problem, each with its own tours; now and then all take the best."""
        if not self.chains or self.rounds % MEETING == 0:
            self.chains = [plan] * CHAINS
        return [
            Job(
                self.problem, chain.tours, chain.vehicles, self.next_seed(),
                max(1, iterations // CHAINS), hot, cold,
            )
            for chain in self.chains
        ]  # fmt: skip

    def next_seed(self) -> int:
        """A seed of its own for each job."""
        self.jobs += 1
        return self.seed * 1_000_003 + self.jobs

    def collect(self, plans: list[Plan]) -> None:
        """Keep their tours for recombining, once the temperature has come down."""
        if self.pool is not None and self.share() > 0.3:
            for plan in plans:
                self.pool.add(plan.tours, plan.vehicles)

    def recombine(self, best: Plan) -> Plan:
        """Choose anew among all tours seen."""
        assert self.pool is not None
        seconds = None
        if self.limit.seconds is not None:
            left = self.limit.seconds - (time.perf_counter() - self.began)
            seconds = min(0.5 * left, 0.1 * self.limit.seconds)
            if seconds < 0.5:
                return best
        return recombine(self.pool, best, seconds=seconds, work=CHOOSING, workers=1)

    def homes(self, plan: Plan, groups: list[np.ndarray]) -> list[np.ndarray]:
        """For each piece the stops left out that lie nearest to its tours."""
        xy = self.problem.xy
        if not len(plan.unserved):
            return [np.zeros(0, np.int32) for _ in groups]
        centres = np.array([
            np.mean([xy[plan.tours[t]].mean(axis=0) for t in group], axis=0) for group in groups
        ])  # fmt: skip
        apart = ((xy[plan.unserved][:, None] - centres[None]) ** 2).sum(axis=2)
        return [plan.unserved[apart.argmin(axis=1) == index] for index in range(len(groups))]

    def join(self, parts: list[tuple[list[np.ndarray], np.ndarray]]) -> Plan:
        """The pieces' tours as one plan."""
        if len(parts) == 1:
            return make_plan(self.problem, *parts[0])
        tours: list[np.ndarray] = []
        for rows, (mine, _) in zip(self.rows, parts, strict=True):
            tours += [rows[tour - self.problem.depots] for tour in mine]
        return make_plan(self.problem, tours, np.concatenate([kinds for _, kinds in parts]))

    def report(self, plan: Plan) -> None:
        """Tell the caller how far it is."""
        if self.on_progress is not None:
            self.on_progress(plan, min(1.0, self.share()))
