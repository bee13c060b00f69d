"""Tests of `routing.road.recombine`."""

import subprocess
import sys

import numpy as np
import pytest

from routing.road.plan import make_plan
from routing.road.problem import Problem
from routing.road.recombine import Pool, recombine


@pytest.mark.slow
def test_best_of_two_plans():
    """Of two plans that are each half good the good halves are taken."""
    xy = [(0, 0), (1, 0), (2, 0), (-1, 0), (-2, 0)]
    problem = Problem.from_coordinates(xy, [0, 1, 1, 1, 1], 2)
    kinds = np.zeros(3, np.int32)
    pool = Pool(problem)
    pool.add([np.array([1, 2]), np.array([3]), np.array([4])], kinds)
    pool.add([np.array([3, 4]), np.array([1]), np.array([2])], kinds)
    plan = make_plan(problem, [np.array([1, 2]), np.array([3]), np.array([4])])
    found = recombine(pool, plan, seconds=None, work=1.0, workers=1)
    assert found.cost == 8.0
    assert len(found.tours) == 2


@pytest.mark.slow
def test_a_stop_that_nobody_serves_stays_left_out():
    """With a fifth stop that no tour reaches in time the good halves are taken, too."""
    xy = [(0, 0), (1, 0), (2, 0), (-1, 0), (-2, 0), (9, 9)]
    problem = Problem.from_coordinates(xy, [0, 1, 1, 1, 1, 1], 2, due=[9e9] * 5 + [1.0])
    pool = Pool(problem)
    pool.add([np.array([1, 2]), np.array([3]), np.array([4])], np.zeros(3, np.int32))
    pool.add([np.array([3, 4]), np.array([1]), np.array([2])], np.zeros(3, np.int32))
    plan = make_plan(problem, [np.array([1, 2]), np.array([3]), np.array([4])])
    found = recombine(pool, plan, seconds=None, work=1.0, workers=1)
    assert (found.cost, found.missing) == (8.0, 1)


INTERRUPTED = """
import signal
import tests.routing.road.test_recombine as here

signal.signal(signal.SIGINT, signal.default_int_handler)
here.test_best_of_two_plans()
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("heard")
"""


@pytest.mark.slow
def test_ctrl_c_is_heard_after_a_choice():
    """CP-SAT, left alone, takes the signal for itself, and the next one ends the process."""
    words = [sys.executable, "-c", INTERRUPTED]
    assert subprocess.run(words, capture_output=True, text=True).stdout == "heard\n"
