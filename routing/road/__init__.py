"""Tours: which courier carries which parcel, in what order."""

from routing.road.plan import Limit as Limit
from routing.road.plan import Plan as Plan
from routing.road.problem import Problem as Problem
from routing.road.solve import solve as solve
