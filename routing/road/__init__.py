"""Tours: which courier carries which parcels, in what order.

>>> from routing.road import Limit, Problem, solve
>>> xy = [(0, 0), (1, 0), (2, 0), (-1, 0), (-2, 0)]  # the depot, then four stops
>>> problem = Problem.from_coordinates(xy, demand=[0, 1, 1, 1, 1], capacity=2)
>>> plan = solve(problem, Limit(iterations=100), seed=0)
>>> plan.cost
8.0
>>> sorted(sorted(tour.tolist()) for tour in plan.tours)
[[1, 2], [3, 4]]

A stop that nobody can serve is left out, and the plan says why:

>>> far = Problem.from_coordinates(xy, [0, 1, 1, 1, 1], 2, due=[9, 9, 9, 9, 1])
>>> plan = solve(far, Limit(iterations=100))
>>> plan.unserved.tolist(), plan.notes
([4], ('stop 4: window closes 1 before any arrival',))

Why, as data, of all that are left out (the notes tell twenty):

>>> [(reason.row, reason.rule, reason.missing) for reason in explain(far, plan)]
[(4, 'window', 1.0)]
"""

from routing.road.plan import Limit, LockError, Plan, Rejected
from routing.road.problem import Break, Problem, ProblemError, Vehicle
from routing.road.solve import solve
from routing.road.why import Reason, explain

__all__ = [
    "Break", "Limit", "LockError", "Plan", "Problem", "ProblemError", "Reason", "Rejected",
    "Vehicle", "explain", "solve",
]  # fmt: skip
