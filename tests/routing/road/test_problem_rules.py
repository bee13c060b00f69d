"""Tests of what a problem must keep to: each wrong value is one line that names it."""

import math
import warnings

import numpy as np
import pytest

from routing.road.problem import Break, Problem, ProblemError, Vehicle

nan, inf = math.nan, math.inf


def line(**changed):
    """Depot at 0, stops at 10 and 20 on a line, and what is wrong with it."""
    fields = {
        "name": "line",
        "depots": 1,
        "xy": np.array([[0.0, 0], [10, 0], [20, 0]]),
        "demand": np.array([[0], [1], [1]]),
        "vehicles": (Vehicle((9,)),),
    }
    return Problem(**fields | changed)


def said(make) -> str:
    """The one line with which it is refused, without a warning before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ProblemError) as caught:
            make()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("price", -5.0, "price of stop 2 is -5; give 0 to 1e+12, or none"),
        ("price", 1e13, "price of stop 2 is 1e+13"),
        ("service", -1.0, "service of stop 2 is -1"),
        ("service", inf, "service of stop 2 is inf"),
        ("ready", -inf, "ready of stop 2 is -inf"),
        ("due", nan, "due of stop 2 is nan"),
        ("xy", [inf, 0], "xy of stop 2 is [inf, 0.0]; give coordinates from -1e+12 to 1e+12"),
        ("xy", [0, 1e300], "xy of stop 2 is [0.0, 1e+300]"),
        ("demand", [-1], "demand of stop 2 is [-1]; give 0 or more, or its pickup"),
        ("demand", [10**13], "demand of stop 2"),
        ("demand", [10], "demand of stop 2 is [10], above every capacity (largest [9])"),
        ("due", -3.0, "window of stop 2 starts at 0 and ends before, at -3"),
    ],
)
def test_columns(column, value, words):
    """A value of stop 2 that no solver could plan with."""
    table = np.array(getattr(line(), column))
    table[2] = value
    assert words in said(lambda: line(**{column: table}))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("capacity", (-2,), "capacity is -2; give whole numbers from 0 to 1e+12"),
        ("capacity", (10**30,), "capacity is 1e+30"),
        ("count", -1, "count is -1"),
        ("count", 10**23, "count is 1e+23; give a whole number (int) from 0 to 1e+12"),
        ("count", 10**400, "count is inf; give a whole number (int) from 0 to 1e+12, or none"),
        ("count", 1.5, "count is 1.5; give a whole number (int)"),
        ("count", 2.0, "count is 2; give a whole number (int)"),
        ("fixed", -1.0, "fixed is -1; give a number from 0 to 1e+12"),
        ("fixed", nan, "fixed is nan"),
        ("fixed", inf, "fixed is inf"),
        ("per_distance", -1.0, "per_distance is -1"),
        ("earliest", nan, "earliest is nan"),
        ("latest", -1.0, "latest is -1; give 0 (earliest) or later"),
        ("max_duration", -5.0, "max_duration is -5; give 0 or more, or none"),
        ("max_distance", nan, "max_distance is nan"),
        ("rest", Break(0, 9, -45), "break: duration is -45"),
        ("rest", Break(600, 500, 1), "break: latest is 500; give 600 (earliest) to 1e+12"),
    ],
)
def test_vehicles(field, value, words):
    """A type of vehicle that nobody can drive."""
    fields = {"capacity": (9,), field: value}
    assert f"line: vehicle 0: {words}" in said(lambda: line(vehicles=(Vehicle(**fields),)))


@pytest.mark.parametrize(
    ("demand", "partner", "words"),
    [
        ([0, 1, -1], [-1, 1, -1], "stop 1 names stop 1 as its partner, which cannot be its pair"),
        ([0, 1, -1], [-1, 2, -1], "stop 1 names stop 2 as its partner, which does not name it"),
        ([0, 1, -1], [-1, 99, -1], "stop 1 names row 99 as its partner, which cannot be its pair"),
        ([0, 8, -7], [-1, 2, 1], "demand of stop 1 is [8] and of its partner stop 2 [-7]"),
        ([0, 1, 1], [-1, 2, 1], "demand of stop 1 is [1] and of its partner stop 2 [1]"),
    ],
)
def test_pairs(demand, partner, words):
    """Two stops that are no pair."""
    columns = {"demand": np.array(demand)[:, None], "partner": np.array(partner, np.int32)}
    assert words in said(lambda: line(**columns))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"xy": np.zeros((3, 3))}, "xy has 3 columns; give two, x and y"),
        ({"xy": np.zeros(3)}, "xy has 1 column; give two, x and y"),
        ({"pace": -1.0}, "pace is -1; give a number from 0 to 1e+12"),
        ({"pace": nan}, "pace is nan"),
        ({"locks": ((0, np.array([1, 1])),)}, "the locks name stop 1 twice"),
        ({"locks": ((0, np.array([1])), (0, np.array([1])))}, "the locks name stop 1 twice"),
        ({"locks": ((1, np.array([1])),)}, "a lock names vehicle 1; there are 1, from 0"),
        ({"locks": ((0, np.array([0])),)}, "a lock names row 0; name a stop"),
        ({"ids": ("d", "a", "b"), "price": np.array([0, -1.0, 0])}, "price of stop 'a' is -1"),
    ],
)
def test_the_whole(changed, words):
    """Pace, locks, and stops by the names that the user gave them."""
    assert words in said(lambda: line(**changed))


@pytest.mark.parametrize("wrong", [-1.0, nan, inf, 1e13])
def test_matrices(wrong):
    """An entry that is no distance is named by its two places."""
    table = np.array([[0, 1, 2], [1, 0, 9], [2, wrong, 0]])
    words = f"distances from stop 2 to stop 1 is {wrong:g}; give a number from 0 to 1e+12"
    assert words in said(lambda: Problem.from_matrices(table, [0, 1, 1], 9))


@pytest.mark.parametrize(
    ("demand", "capacity", "words"),
    [
        ([0, 1, 1.5], 9, "demand of row 2 is 1.5; give a whole number"),
        ([0, 1, nan], 9, "demand of row 2 is nan"),
        ([[0, 0], [1, 1], [1, 1e30]], (9, 9), "demand of row 2 is 1e+30"),
        ([0, 1, 1], (5.7,), "capacity is 5.7; give a whole number"),
        ([0, 1, 1], 10**30, "capacity is 1e+30"),
    ],
)
def test_nothing_is_cut(demand, capacity, words):
    """Decimals are not cut, and what has no whole number is told as it is."""
    assert words in said(lambda: Problem.from_coordinates(np.zeros((3, 2)), demand, capacity))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Problem.from_matrices([[0, 1], [1, 0, 2]], [0, 1], 5),
         "problem: distances of row 1 has length 3, not 2; make them equal"),
        (lambda: Problem.from_matrices([[0, 1], 1], [0, 1], 5), "row 1 has length 1, not 2"),
        (lambda: Problem.from_matrices([[0, 1], [1, "x"]], [0, 1], 5),
         "problem: distances of row 1, column 1 is 'x'; give numbers"),
        (lambda: Problem.from_matrices([["0", "1"], ["1", "0"]], [0, 1], 5),
         "distances of row 0, column 0 is '0'; give numbers"),
        (lambda: Problem.from_matrices([[0, 1], [1, 0]], [0, 1], 5, durations=[[0, None], [1, 0]]),
         "durations from depot 1 to stop 1 is nan; give a number"),
        (lambda: Problem.from_matrices([[0, 1], [1, 0]], [0, "1"], 5), "demand of row 1 is '1'"),
        (lambda: Problem.from_matrices([[0, 1], [1, 0]], [0, 1], "5"), "capacity is '5'; give"),
        (lambda: Problem.from_coordinates("abc", [0, 1], 5), "xy is 'abc'; give numbers"),
        (lambda: line(pace="fast"), "line: pace is 'fast'; give a number"),
        (lambda: line(ready=np.array([np.datetime64("2026-01-01")] * 3)), "ready of row 0 is"),
        (lambda: line(ready=[[0, 1]] * 3), "ready has several columns; give one number a row"),
        (lambda: line(skills=[0, 0.5, 1]), "skills of stop 1 is 0.5; give a bit mask, a whole"),
        (lambda: line(skills=[0, -1, 1]), "skills of stop 1 is -1; give a bit mask"),
        (lambda: line(partner=[-1, 2.5, 1]), "partner of stop 1 is 2.5; give a row, or -1"),
        (lambda: line(demand=[[0], [1], [0.5]]), "demand of stop 2 is [0.5]; give whole numbers"),
        (lambda: line(locks=((0, [1.5]),)), "line: a lock names row 1.5; name a stop"),
        (lambda: line(vehicles=Vehicle((9,), skills=-1)), "vehicle 0: skills is -1; give a bit"),
        (lambda: line(vehicles=Vehicle((9,), skills="cold")), "vehicle 0: skills is 'cold'; give"),
        (lambda: line(vehicles=Vehicle((9,), start=0.0)), "vehicle 0: start is row 0.0; depots"),
        (lambda: line(vehicles=(9,)), "line: vehicles is (9,); give a tuple of Vehicle"),
        (lambda: Vehicle(5), "vehicle: capacity is 5; give a tuple, one number a dimension: (5,)"),
        (lambda: Vehicle(("5",)), "vehicle: capacity of row 0 is '5'; give numbers"),
        (lambda: Vehicle((5,), fixed="3"), "vehicle: fixed is '3'; give a number"),
        (lambda: Vehicle((5,), latest=None), "vehicle: latest is None; give a number"),
        (lambda: Break(0, 9, "1"), "break: duration is '1'; give a number"),
        (lambda: line(ids=("d", "a", "a")), "line: ids gives 'a' to two stops; name each once"),
        (lambda: line(demand=[[3], [1], [1]]),
         "line: demand of depot 1 is [3]; give 0, and what lies there a stop of its own"),
    ],
)  # fmt: skip
def test_what_is_no_number(make, words):
    """One line with place and value in place of what numpy says, or of nothing."""
    assert words in said(make)


def test_lists_are_taken_for_arrays():
    """Durations and locks, as all other columns."""
    xy, demand = [(0, 0), (10, 0), (20, 0)], [0, 1, 1]
    more = {"durations": [[0, 1, 2], [1, 0, 1], [2, 1, 0]], "locks": [(0, [2])]}
    problem = Problem.from_coordinates(xy, demand, 2, **more)
    assert problem.durations.tolist() == more["durations"]
    assert [(kind, stops.tolist()) for kind, stops in problem.locks] == [(0, [2])]


def test_a_shift_outside_the_window_of_its_depot():
    """The depot is shut before the shift begins, or opens after it has ended."""
    for shift, window in (((100, 200), (0, 50)), ((0, 50), (60, 200))):
        van = Vehicle((9,), earliest=shift[0], latest=shift[1])
        ready, due = np.array([window[0], 0.0]), np.array([window[1], np.inf])
        with pytest.raises(ProblemError, match=r"vehicle 0: its shift from .* make them overlap"):
            Problem("shut", 1, np.zeros((2, 2)), np.array([[0], [1]]), (van,), ready=ready, due=due)
