"""How many vehicles a search goes on with, before it looks for short tours."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from routing.road.decompose import cut, join, piece_size
from routing.road.faults import hopeless
from routing.road.heat import windows_bind
from routing.road.improve import Job
from routing.road.plan import Plan, better, make_plan
from routing.road.problem import Problem
from routing.road.search import ALONE, Search
from routing.road.squeeze import fewer_tours, fewest
from routing.road.state import FULL, filled

SQUEEZING = 0.4  # share of the limit that may go into fewer vehicles
SLOWER = 0.1  # iterations of that, measured in iterations of annealing, until it is known
LONG = 6  # rounds of annealing that one of it takes
AGAIN = 0.02  # share of the limit for one more plan of as few vehicles
LOOKED_AT = 1000  # stops left out, at most, of which is asked whether they can be served at all
LOST = 3  # such rounds in vain after which it ends
TRIAL = 0.08  # share of the limit of one short annealing that tries a number of vehicles
TRIALS = 0.3  # and of all of them
TRIED_EACH = 1000  # iterations a stop from which trials can tell numbers apart
STEP = 50  # tours of which one is saved from one trial to the next


def fewer(search: Search, plan: Plan) -> Plan:
    """Serve what is left out, and use fewer vehicles where that comes first.

    From here on the search's fleet is what this phase ends with, where it is of one type.
    """
    budget = search.budget
    begun = plan
    first = search.problem.objective == "vehicles"
    least = fewest(search.problem)
    annealing = budget.rate
    budget.rate *= SLOWER
    squeezes = 0
    lost = 0  # rounds without a vehicle less, one after the other
    never = 0  # stops that no round can serve
    while budget.share() < SQUEEZING and (
        plan.missing > never or (first and lost < LOST and len(plan.tours) > least)
    ):
        # Rounds are long: which stops are hard to place is learned anew in each.
        iterations = budget.round_size()
        if squeezes:
            left = (SQUEEZING - budget.share()) * budget.expected()
            iterations = int(min(LONG * iterations, max(iterations, left)))
        if iterations < 2:
            break
        found = squeeze(search, plan, iterations, plan.missing > 0 or lost == LOST - 1)
        gained = (found.missing, len(found.tours)) < (plan.missing, len(plan.tours))
        lost = 0 if gained or not squeezes else lost + 1
        squeezes += 1
        plan = min([plan, found], key=lambda p: (p.missing, len(p.tours), p.cost))
        if plan.missing and not never and plan.missing <= LOOKED_AT:
            needed = plan.unserved[np.isinf(search.problem.price[plan.unserved])]
            never = len(hopeless(search.problem, needed))
        search.report(plan)
    budget.rate = annealing
    if first and not plan.missing and len(search.problem.vehicles) == 1:
        search.afresh = partial(again, search, search.problem, begun, plan)
        search.problem = with_fleet_of(search.problem, plan)
    return plan


def again(search: Search, free: Problem, begun: Plan, few: Plan) -> Plan:
    """Make the tours of `begun` as few as those of `few` once more, by other random numbers.

    Where hardly any plan has so few tours, annealing does not get far from the one it begins with.
    It begins with `few` where this does not succeed soon.  `free` has all vehicles.
    """
    fleet, search.problem = search.problem, free
    found = squeeze_once(search, begun, AGAIN, len(few.tours))
    search.problem = fleet
    return few if found.missing or len(found.tours) > len(few.tours) else found


def squeeze(search: Search, plan: Plan, iterations: int, whole: bool, least: int = 0) -> Plan:
    """One round of making tours fewer, down to `least`.

    Two pieces or more are squeezed side by side, or the whole twice with other random numbers.
    """
    problem = search.problem
    hot = max(1e-9, 0.1 * plan.distance / (problem.stops + len(plan.tours)))
    started = search.budget.clock()
    rows = []
    if whole or problem.stops < ALONE or len(plan.tours) < 4:
        jobs = [
            Job(
                problem, plan.tours, plan.vehicles, search.next_seed(), max(1, iterations // 2),
                hot, hot, least=least,
            )
            for _ in range(2)
        ]  # fmt: skip
    else:
        cuts = cut(problem, plan, piece_size(problem, plan), search.random)
        rows = [piece.rows for piece in cuts]
        jobs = search.piece_jobs(cuts, iterations, hot, hot)
    results = search.side_by_side(fewer_tours, jobs)
    ran = sum(done.iterations for done in results)
    search.budget.count(max(1, ran), search.budget.clock() - started)
    if rows:
        return join(problem, rows, [(done.best, done.best_vehicles) for done in results])
    plans = [make_plan(problem, done.best, done.best_vehicles) for done in results]
    return min(plans, key=lambda p: (p.missing, len(p.tours), p.cost))


def squeeze_once(search: Search, plan: Plan, share: float, least: int) -> Plan:
    """One round on the whole, for a share of the limit, after which annealing goes on as fast."""
    annealing = search.budget.rate
    size = max(2, int(share * search.budget.expected()))
    found = squeeze(search, plan, size, True, least)
    search.budget.rate = annealing
    return found


def choose_count(search: Search, plan: Plan) -> Plan:
    """The plan of a short annealing, or of others with fewer vehicles, where those are shorter.

    Annealing alone hardly ever empties a tour for good: each stop of it would have to move while
    that costs more.  So the tours of the first trial are made fewer by force, and a second trial
    with the fewer vehicles shows what that is worth.  Where fewer are better they are all that
    the search has from here on.

    Where windows bind the first trial pays by itself: it is most of the way to where a long
    annealing ends, and shows a good plan long before that does.
    """
    problem = search.problem
    budget = search.budget
    each = budget.expected() / max(1, problem.stops)
    if each < TRIED_EACH or not (windows_bind(problem) or tells(problem, plan)):
        return plan
    end = budget.share() + TRIAL
    best = search.anneal(plan, end)
    least = fewest(problem)
    while tells(problem, best) and len(best.tours) > least and end + 1.5 * TRIAL <= TRIALS:
        aim = max(least, len(best.tours) - max(1, len(best.tours) // STEP))
        found = squeeze_once(search, best, 0.3 * TRIAL, aim)
        end = budget.share() + TRIAL
        if found.missing or len(found.tours) > aim:
            break
        free, search.problem = search.problem, with_fleet_of(problem, found)
        found = search.anneal(found, end)
        if not better(problem, found, best):
            search.problem = free
            break
        best = found
    return best


def tells(problem: Problem, plan: Plan) -> bool:
    """Whether the number of vehicles may be what holds a search back.

    It is where they are nearly full, but not where windows come with a choice of stops.
    """
    return (
        problem.objective != "vehicles"
        and (not problem.timed or windows_bind(problem))
        and not (problem.partner >= 0).any()
        and len(problem.vehicles) == 1
        and not problem.locks
        and not plan.missing
        and filled(problem, plan.tours, plan.vehicles) > FULL
    )


def with_fleet_of(problem: Problem, plan: Plan) -> Problem:
    """The problem with no more vehicles than a plan uses."""
    used = np.bincount(plan.vehicles, minlength=len(problem.vehicles))
    fleet = tuple(
        replace(vehicle, count=int(count))
        for vehicle, count in zip(problem.vehicles, used, strict=True)
    )
    return replace(problem, vehicles=fleet)
