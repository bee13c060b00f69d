"""Tours: which courier carries which parcels, in what order."""

from routing.road.plan import Limit, Plan
from routing.road.problem import Break, Problem, ProblemError, Vehicle
from routing.road.solve import solve

__all__ = ["Break", "Limit", "Plan", "Problem", "ProblemError", "Vehicle", "solve"]
