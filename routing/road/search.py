"""One search for short tours: annealing in rounds, by pieces side by side or by chains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from routing.road.budget import Budget
from routing.road.construct import HUGE
from routing.road.decompose import Piece, cut, join, piece_size
from routing.road.heat import choosing, temperatures, windows_bind, worth_of_a_tour
from routing.road.improve import Done, Job, improve, unchanged
from routing.road.plan import Plan, better, local_leg, make_plan, rank
from routing.road.problem import Problem
from routing.road.recombine import Ended, Pool, recombine, uninterrupted

if TYPE_CHECKING:
    from concurrent.futures import Executor

ALONE = 400  # a problem of fewer stops is not cut
CHAINS = 2  # on a problem that is not cut
BATCH = 16  # pieces between two looks at the clock
MEETING = 10  # rounds after which chains meet
SHORT = 12.0  # stops of a tour, on average, up to which recombining pays
SHORT_CHOOSING = 40.0  # the same where vehicles or stops are chosen
RECOMBININGS = (0.7, 0.85, 0.94)  # shares of the limit after which that is done
COLLECTING = 0.3  # share of an annealing from which tours are kept for it
POOLED = 2000  # stops up to which it is tried
CHOOSING = 10.0  # deterministic time of one recombining, at most
CHOOSING_EACH = 5e-7  # and an iteration of the limit, where that counts
STARTS = 10  # annealings from the first plan, at most, where vehicles or stops are chosen
START_EACH = 1200.0  # iterations a stop that each of them needs
AFRESH_EACH = 3000.0  # the same where each has a first plan of its own
TOGETHER = 0.3  # share of the limit for the last annealing, from the best of them
TOGETHER_HEAT = 0.3  # factor of its first temperature
AFTER_EARLY = 0.6  # factor of the first temperature after a short annealing where windows bind
PROBE = 0.02  # share of the limit after which the rate is known

Progress = Callable[[Plan, float], None]


class Search:
    """What one search knows: its random numbers, the limit, its chains and the tours it has seen.

    `problem` may come to have fewer vehicles on the way, never other stops.
    """

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        seed: int,
        executor: Executor | None,
        on_progress: Progress | None,
        ended: Ended = uninterrupted,
    ) -> None:
        self.problem = problem
        self.budget = budget
        self.seed = seed
        self.executor = executor
        self.on_progress = on_progress
        self.ended = ended
        self.random = np.random.default_rng(seed)
        self.jobs = 0
        self.rounds = 0
        self.chains: list[Plan] = []
        self.pool: Pool | None = None
        self.collecting = 0.0  # share of the limit from which tours are kept
        self.shown: Plan | None = None  # the best plan told so far
        self.afresh: Callable[[], Plan] | None = None  # another first plan, where one can be had

    def run(self, plan: Plan) -> Plan:
        """Anneal until the limit is used, and recombine the tours seen where they are short.

        The plan is the best that was told, whichever annealing it is of.
        """
        problem = self.problem
        short = SHORT_CHOOSING if choosing(problem) else SHORT
        each = problem.stops / max(1, len(plan.tours))
        if each <= short and problem.stops <= POOLED and not problem.locks:
            self.pool = Pool(problem)
        heat = AFTER_EARLY if windows_bind(problem) and self.rounds else 1.0
        if choosing(problem) or self.afresh is not None:
            best = self.starts(plan)
            if best is not None:
                plan, heat = best, TOGETHER_HEAT
        plan = self.anneal(plan, 1.0, RECOMBININGS, heat)
        if self.shown is not None and better(problem, self.shown, plan):
            plan = self.shown
        return replace(plan, iterations=self.budget.done)

    def starts(self, plan: Plan) -> Plan | None:
        """The best of several annealings from first plans; None where there is no time for two.

        Which vehicles are used and which stops are left out is settled while it is hot, and not
        always well: two annealings differ by far more than a longer one gains.  With as few
        vehicles as can be it is settled before: then each begins from a first plan of its own.
        """
        best = plan = self.anneal(plan, self.budget.share() + PROBE)
        begin = self.budget.share()
        left = 1.0 - TOGETHER - begin
        each = START_EACH if self.afresh is None else AFRESH_EACH
        fit = int(left * self.budget.expected() / max(1, self.problem.stops) / each)
        if fit < 2:
            return None
        count = min(STARTS, fit)
        for k in range(count):
            first = self.afresh() if k and self.afresh is not None else plan
            found = self.anneal(first, begin + left * (k + 1) / count)
            if better(self.problem, found, best):
                best = found
        chosen = self.recombine(best)
        return chosen if better(self.problem, chosen, best) else best

    def anneal(
        self, plan: Plan, end: float, recombinings: tuple[float, ...] = (), heat: float = 1.0
    ) -> Plan:
        """Rounds while the temperature falls, until `end` (0 to 1) of the limit is used."""
        problem = self.problem
        begin = self.budget.share()
        self.collecting = begin + COLLECTING * (end - begin)
        leg = local_leg(problem, plan)  # mean distance between neighbouring stops of a tour
        self.chains = []
        best = plan
        self.report(best)
        while (used := self.budget.share()) < end:
            expected = self.budget.expected()
            left = (end - used) * expected
            size = min(self.budget.round_size(), max(1, round(left)))
            if size <= 0:
                break
            before = (used - begin) / (end - begin)
            after = min(1.0, before + size / expected / (end - begin))
            # Anew each round: how many iterations the limit allows is hardly known at first.
            hot, cold = temperatures(problem, plan, leg, max(1.0, (end - begin) * expected))
            hot = max(cold, heat * hot)
            fall = cold / hot
            now = hot * fall**before
            worth = worth_of_a_tour(problem, now, leg)
            plan, found = self.round(plan, size, now, hot * fall**after, worth)
            if better(problem, found, best):
                best = found
            if recombinings and self.budget.share() >= recombinings[0]:
                recombinings = recombinings[1:]
                chosen = self.recombine(best)
                if better(problem, chosen, best):
                    plan = best = chosen
                    self.chains = []
            self.report(best)
        return best

    def round(
        self, plan: Plan, iterations: int, hot: float, cold: float, worth: float
    ) -> tuple[Plan, Plan]:
        """Improve all pieces once: the plan at the end, and that of the best tours on the way."""
        problem = self.problem
        started = self.budget.clock()
        self.rounds += 1
        rows = []
        if problem.stops < ALONE or len(plan.tours) < 4:
            jobs = self.chain_jobs(plan, iterations, hot, cold, worth)
        else:
            cuts = cut(problem, plan, piece_size(problem, plan), self.random)
            rows = [piece.rows for piece in cuts]
            jobs = self.piece_jobs(cuts, iterations, hot, cold, worth)
        results = self.run_jobs(jobs)
        counted = self.budget.clock()
        if rows:
            plan = join(problem, rows, [(done.tours, done.vehicles) for done in results])
            found = plan  # two plans of so many stops take long to put together
            if problem.stops <= HUGE:
                found = join(problem, rows, [(done.best, done.best_vehicles) for done in results])
        else:
            self.chains = [make_plan(problem, done.tours, done.vehicles) for done in results]
            bests = [make_plan(problem, done.best, done.best_vehicles) for done in results]
            self.collect(bests)
            plan = min(self.chains, key=lambda plan: rank(problem, plan))
            found = min(bests, key=lambda plan: rank(problem, plan))
        self.collect([plan, found])
        ran = sum(
            job.iterations
            for job, done in zip(jobs, results, strict=True)
            if done.tours is not job.tours
        )
        self.budget.count(ran, self.budget.clock() - started)
        self.budget.joining = 1.5 * (self.budget.clock() - counted)
        return plan, found

    def run_jobs(self, jobs: list[Job]) -> list[Done]:
        """All jobs, side by side; when time is over, those not begun keep their tours."""
        budget = self.budget
        if budget.limit.iterations is not None or len(jobs) <= BATCH:
            return self.side_by_side(improve, jobs)
        results: list[Done] = []
        for first in range(0, len(jobs), BATCH):
            batch = jobs[first : first + BATCH]
            if budget.left() > budget.joining:
                results += self.side_by_side(improve, batch)
            else:
                results += [unchanged(job) for job in batch]
        return results

    def side_by_side(self, work: Callable[[Job], Done], jobs: list[Job]) -> list[Done]:
        """The results of all jobs, in their order."""
        return list((self.executor.map if self.executor else map)(work, jobs))

    def piece_jobs(
        self, cuts: list[Piece], iterations: int, hot: float, cold: float, worth: float = 0.0
    ) -> list[Job]:
        """A job a piece, with its share of the iterations; `worth` is that of a tour more."""
        return [
            Job(
                piece.problem, piece.tours, piece.vehicles, self.next_seed(),
                max(1, round(iterations * len(piece.rows) / self.problem.stops)), hot, cold, worth,
            )
            for piece in cuts
        ]  # fmt: skip

    def chain_jobs(
        self, plan: Plan, iterations: int, hot: float, cold: float, worth: float
    ) -> list[Job]:
        """Jobs on the whole problem, each with its own tours; now and then all take the best."""
        if not self.chains or self.rounds % MEETING == 0:
            self.chains = [plan] * CHAINS
        each = max(1, iterations // CHAINS)
        return [
            Job(self.problem, chain.tours, chain.vehicles, self.next_seed(), each, hot, cold, worth)
            for chain in self.chains[:iterations]  # where the last round has one alone
        ]

    def next_seed(self) -> int:
        """A seed of its own for each job."""
        self.jobs += 1
        return self.seed * 1_000_003 + self.jobs

    def collect(self, plans: list[Plan]) -> None:
        """Keep their tours for recombining, once the temperature has come down."""
        if self.pool is not None and self.budget.share() > self.collecting:
            for plan in plans:
                self.pool.add(plan.tours, plan.vehicles)

    def recombine(self, best: Plan) -> Plan:
        """Choose anew among all tours seen."""
        if self.pool is None:
            return best
        import ortools.sat.python.cp_model  # noqa: F401 - the first time its second counts, too

        seconds = None
        limit = self.budget.limit
        if limit.seconds is not None:
            seconds = min(0.5 * self.budget.left(), 0.1 * limit.seconds)
            if seconds < 0.5:
                return best
        work = CHOOSING
        if limit.iterations is not None:
            work = min(work, CHOOSING_EACH * limit.iterations)
        return recombine(self.pool, best, seconds=seconds, work=work, workers=1, ended=self.ended)

    def report(self, plan: Plan) -> None:
        """Tell the caller how far it is, with the best plan so far."""
        if self.shown is None or better(self.problem, plan, self.shown):
            self.shown = plan
        if self.on_progress is not None:
            told = replace(self.shown, iterations=self.budget.done)
            self.on_progress(told, min(1.0, self.budget.share()))
