"""The front door: plan the tours of a problem within a limit.  Only here are clock and executor."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from routing.road.budget import Budget
from routing.road.construct import HUGE, first_plan
from routing.road.decompose import piece_vehicles, pieces
from routing.road.dominated import by_kind, told_by_kind, without_dominated
from routing.road.improve import Done, Job, improve, unchanged
from routing.road.ortools_model import solve_ortools
from routing.road.plan import Limit, Plan, local_leg, make_plan
from routing.road.problem import Problem
from routing.road.recombine import Pool, recombine
from routing.road.squeeze import fewer_tours, fewest
from routing.road.warm import check_locks, without_faults
from routing.road.why import explain, refused

PIECE = 1000  # stops of a piece, about
ALONE = 400  # a problem of fewer stops is not cut
SQUEEZING = 0.4  # share of the limit that may go into fewer vehicles
SLOWER = 0.1  # iterations of that, measured in iterations of annealing, until it is known
LONG = 6  # rounds of annealing that one of it takes
LOST = 3  # such rounds in vain after which it ends
CHAINS = 2  # on a problem that is not cut
BATCH = 16  # pieces between two looks at the clock
MEETING = 10  # rounds after which chains meet
SHORT = 12.0  # stops of a tour, on average, up to which recombining pays
CHOOSING = 10.0  # deterministic time of one recombining, at most
CHOOSING_EACH = 5e-7  # and an iteration of the limit, where that counts
CHOOSING_HOTTER = 2.0  # factor of the first temperature where vehicles or stops are chosen
REASONS = 20  # stops left out whose reasons are told in the notes

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
    notes: list[str] = []
    check_locks(problem)
    if start is not None:
        start, notes = without_faults(problem, start)
    reason = refused(problem)
    if reason is not None:
        plan = solve_ortools(problem, limit, seed, start)
        notes.append(f"{reason}: planned by OR-Tools alone, which improves slowly")
    else:
        needed, kinds = (problem, None) if start is not None else without_dominated(problem)
        told = told_by_kind(on_progress, kinds)
        run = _Run(needed, limit, seed, executor, told, began)
        plan = by_kind(run.search(start if start is not None else first_plan(needed)), kinds)
    few = replace(plan, unserved=plan.unserved[:REASONS])
    notes += [reason.words for reason in explain(problem, few)]
    return replace(plan, notes=tuple(notes))


def rank(plan: Plan) -> tuple[int, float]:
    """Plans by what they leave out that must be served, then by cost."""
    return plan.missing, plan.cost


def better(one: Plan, other: Plan) -> bool:
    """Whether plan `one` is better than the other by more than the last bits."""
    return rank(one) < (other.missing, other.cost - 1e-9)


def piece_size(problem: Problem) -> int:
    """Stops of a piece, about: an even number of pieces, so that two cores share them."""
    return -(-problem.stops // (2 * max(1, round(problem.stops / (2 * PIECE)))))


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
        self.budget = Budget(limit, problem.stops, 2 if executor else 1, time.perf_counter, began)
        self.seed = seed
        self.executor = executor
        self.on_progress = on_progress
        self.random = np.random.default_rng(seed)
        self.jobs = 0
        self.squeezes = 0
        self.rounds = 0
        self.chains: list[Plan] = []
        self.pool: Pool | None = None

    def search(self, plan: Plan) -> Plan:
        """Rounds of cutting, improving side by side and joining, while the temperature falls."""
        plan = self.reduce(plan)
        problem = self.problem
        hot, cold = self.temperatures(local_leg(problem, plan))
        best = plan
        recombinings = [0.7, 0.85, 0.94]
        short = problem.stops / max(1, len(plan.tours)) <= SHORT
        if short and problem.stops <= 2 * PIECE and not self.problem.locks:
            self.pool = Pool(problem)
        self.report(best)
        while (used := self.budget.share()) < 1.0:
            iterations = self.budget.round_size()
            if iterations <= 0:
                break
            after = min(1.0, used + iterations / self.budget.expected())
            temperature = hot * (cold / hot) ** used
            lower = hot * (cold / hot) ** after
            plan, found = self.round(plan, iterations, temperature, lower)
            if better(found, best):
                best = found
            if self.pool is not None and recombinings and self.budget.share() >= recombinings[0]:
                recombinings.pop(0)
                chosen = self.recombine(best)
                if better(chosen, best):
                    plan = best = chosen
                    self.chains = []
            self.report(best)
        return replace(best, iterations=self.budget.done)

    def reduce(self, plan: Plan) -> Plan:
        """Serve what is left out, and use fewer vehicles where that comes first.

        From here on the fleet is what this phase ends with.
        """
        first = self.problem.objective == "vehicles"
        least = fewest(self.problem)
        annealing = self.budget.rate
        self.budget.rate *= SLOWER
        lost = 0  # rounds without a vehicle less, one after the other
        while self.budget.share() < SQUEEZING and (
            plan.missing or (first and lost < LOST and len(plan.tours) > least)
        ):
            short = not self.squeezes
            found = self.squeeze(plan, whole=plan.missing > 0 or lost == LOST - 1)
            if found is None:
                break
            gained = (found.missing, len(found.tours)) < (plan.missing, len(plan.tours))
            lost = 0 if gained or short else lost + 1
            plan = min([plan, found], key=lambda p: (p.missing, len(p.tours), p.cost))
            self.report(plan)
        self.budget.rate = annealing
        if first and not plan.missing:
            used = np.bincount(plan.vehicles, minlength=len(self.problem.vehicles))
            fleet = tuple(
                replace(vehicle, count=int(count))
                for vehicle, count in zip(self.problem.vehicles, used, strict=True)
            )
            self.problem = replace(self.problem, vehicles=fleet)
        return plan

    def squeeze(self, plan: Plan, whole: bool) -> Plan | None:
        """One round of making tours fewer; none where no limit is left.

        Two pieces or more are squeezed side by side, or the whole twice with other random numbers.
        Rounds are long: which stops are hard to place is learned anew in each.
        """
        problem = self.problem
        iterations = self.budget.round_size()
        if self.squeezes:
            left = (SQUEEZING - self.budget.share()) * self.budget.expected()
            iterations = int(min(LONG * iterations, max(iterations, left)))
        if iterations < 2:
            return None
        self.squeezes += 1
        hot = max(1e-9, 0.1 * plan.distance / (problem.stops + len(plan.tours)))
        started = time.perf_counter()
        whole = whole or problem.stops < ALONE or len(plan.tours) < 4
        if whole:
            jobs = [
                Job(problem, plan.tours, plan.vehicles, self.next_seed(), iterations // 2, hot, hot)
                for _ in range(2)
            ]
        else:
            groups = pieces(problem, plan.tours, piece_size(problem), self.random)
            jobs = self.make_jobs(plan, groups, iterations, hot, hot)
        results = list((self.executor.map if self.executor else map)(fewer_tours, jobs))
        ran = sum(done.iterations for done in results)
        self.budget.count(max(1, ran), time.perf_counter() - started)
        if not whole:
            return self.join([(done.best, done.best_vehicles) for done in results])
        plans = [make_plan(problem, done.best, done.best_vehicles) for done in results]
        return min(plans, key=lambda p: (p.missing, len(p.tours), p.cost))

    def temperatures(self, leg: float) -> tuple[float, float]:
        """Where annealing starts and ends, for a mean leg: less hot where there is less time."""
        each = self.budget.expected() / max(1, self.problem.stops)
        hot = leg * min(2.4, max(0.08, 2.4 * each / 1000.0))
        stops = self.problem.price[self.problem.depots :]
        if len(self.problem.vehicles) > 1 or np.isfinite(stops).any():
            hot *= CHOOSING_HOTTER
        return max(hot, 1e-9), max(leg * 0.024, 1e-9)

    def round(self, plan: Plan, iterations: int, hot: float, cold: float) -> tuple[Plan, Plan]:
        """Improve all pieces once: the plan at the end, and that of the best tours on the way."""
        problem = self.problem
        started = time.perf_counter()
        self.rounds += 1
        if problem.stops < ALONE or len(plan.tours) < 4:
            groups = []
            jobs = self.make_chains(plan, iterations, hot, cold)
        else:
            groups = pieces(problem, plan.tours, piece_size(problem), self.random)
            jobs = self.make_jobs(plan, groups, iterations, hot, cold)
        results = self.run_jobs(jobs)
        counted = time.perf_counter()
        if groups:
            found = self.join([(done.best, done.best_vehicles) for done in results])
            plan = found
            if problem.stops <= HUGE:
                plan = self.join([(done.tours, done.vehicles) for done in results])
        else:
            self.chains = [make_plan(problem, done.tours, done.vehicles) for done in results]
            bests = [make_plan(problem, done.best, done.best_vehicles) for done in results]
            self.collect(bests)
            plan = min(self.chains, key=rank)
            found = min(bests, key=rank)
        self.collect([plan, found])
        ran = sum(
            job.iterations
            for job, done in zip(jobs, results, strict=True)
            if done.tours is not job.tours
        )
        self.budget.count(ran, time.perf_counter() - started)
        self.budget.joining = 1.5 * (time.perf_counter() - counted)
        return plan, found

    def run_jobs(self, jobs: list[Job]) -> list[Done]:
        """All jobs, side by side; when time is over, those not begun keep their tours."""
        spread = self.executor.map if self.executor else map
        budget = self.budget
        if budget.limit.iterations is not None or len(jobs) <= BATCH:
            return list(spread(improve, jobs))
        results: list[Done] = []
        for first in range(0, len(jobs), BATCH):
            batch = jobs[first : first + BATCH]
            if budget.left() > budget.joining:
                results += spread(improve, batch)
            else:
                results += [unchanged(job) for job in batch]
        return results

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
        if self.pool is not None and self.budget.share() > 0.3:
            for plan in plans:
                self.pool.add(plan.tours, plan.vehicles)

    def recombine(self, best: Plan) -> Plan:
        """Choose anew among all tours seen."""
        assert self.pool is not None
        seconds = None
        limit = self.budget.limit
        if limit.seconds is not None:
            seconds = min(0.5 * self.budget.left(), 0.1 * limit.seconds)
            if seconds < 0.5:
                return best
        work = CHOOSING
        if limit.iterations is not None:
            work = min(work, CHOOSING_EACH * limit.iterations)
        return recombine(self.pool, best, seconds=seconds, work=work, workers=1)

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
            self.on_progress(plan, min(1.0, self.budget.share()))
