"""How hot annealing is, and what a tour more or less is worth meanwhile."""

from __future__ import annotations

import numpy as np

from routing.road.plan import Plan
from routing.road.problem import Problem

HOTTEST = 2.4  # mean legs: the first temperature
COLDEST = 0.024  # mean legs: the last temperature
HOTTEST_WINDOWS = 0.9  # the first one where windows bind and the distance counts
LEAST_HOT = 0.08
WARMER = 0.016  # what an iteration a stop adds to it, where there are few
WARMER_EACH = 0.0145  # the same where capacity alone binds, times the root of the stops a tour
LONG = 20.0  # stops a tour from which all temperatures rise there
LONGER_HOTTER = 0.75  # and with which power of the stops a tour
CHOOSING_HOTTER = 2.0  # factor of the first temperature where vehicles or stops are chosen
EAGER = 3.0  # temperatures: what a tour more is worth while it is hot, where stops have windows
EAGEREST = 1.5  # mean legs: the most that it is worth
THRIFTY = 2.0  # temperatures: what a tour less is worth, where stops may be left out


def temperatures(
    problem: Problem, plan: Plan, leg: float, iterations: float
) -> tuple[float, float]:
    """Where annealing starts and ends, for a mean leg: less hot where there is less time.

    What is left to gain lies between tours, and the longer these are, the more must change at once
    before it shows: so they need more heat (docs/tours-tried.md).
    """
    each = iterations / max(1, problem.stops)
    hottest, coldest, warmer = HOTTEST, COLDEST, WARMER
    if windows_bind(problem):
        hottest = HOTTEST_WINDOWS
    elif not problem.timed and not choosing(problem):
        long = problem.stops / max(1, len(plan.tours))
        hotter = max(1.0, long / LONG) ** LONGER_HOTTER
        hottest, coldest = hotter * hottest, hotter * coldest
        warmer = max(warmer, WARMER_EACH * long**0.5)
    hot = leg * min(hottest, max(LEAST_HOT, warmer * each))
    if choosing(problem):
        hot *= CHOOSING_HOTTER
    return max(hot, 1e-9), max(leg * coldest, 1e-9)


def worth_of_a_tour(problem: Problem, temperature: float, leg: float) -> float:
    """What a tour more is worth for now: below nothing where one less is."""
    if windows_bind(problem):
        return min(EAGER * temperature, EAGEREST * leg)
    return -THRIFTY * temperature if optional(problem) else 0.0


def choosing(problem: Problem) -> bool:
    """Whether types of vehicle, or stops to leave out, are chosen."""
    return len(problem.vehicles) > 1 or optional(problem)


def optional(problem: Problem) -> bool:
    """Whether stops may be left out, at a price.

    Annealing alone hardly ever gives a tour up there: all its stops at once would have to find
    other places or be paid for.  So a tour less is worth something while it is hot.
    """
    return bool(np.isfinite(problem.price[problem.depots :]).any())


def windows_bind(problem: Problem) -> bool:
    """Whether stops have windows and the distance of one kind of tours counts.

    More tours are often shorter than the first plan's there, but annealing alone hardly ever opens
    one, as the first stops of it cost more than they gain: so a tour more is worth something while
    it is hot.  And less heat finds plans as short, and much sooner (docs/tours-tried.md).
    """
    return problem.timed and problem.objective == "distance" and not choosing(problem)
