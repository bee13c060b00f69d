"""Read and write instances, solutions and tables."""

from routing.road.formats.read import read_problem
from routing.road.formats.solution import read_solution, write_solution

__all__ = ["read_problem", "read_solution", "write_solution"]
