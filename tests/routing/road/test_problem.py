"""Tests of problems made of whole numbers, and from a road graph."""

from dataclasses import fields

import networkx
import numpy as np
import pytest

from routing.road.problem import Break, Problem, ProblemError, Vehicle


def of_kind(kind, order="C", **more):
    """A problem whose numbers are all of this type, its tables in this order."""

    def table(*values):
        return np.array(values, kind, order=order)

    return Problem(
        name="kinds", depots=1, xy=table((0, 0), (3, 4), (6, 8)), demand=table((0,), (1,), (1,)),
        vehicles=(
            Vehicle(
                tuple(table(9)), fixed=kind(5), per_distance=kind(2), earliest=kind(0),
                latest=kind(99), max_duration=kind(99), max_distance=kind(99),
                rest=Break(kind(2), kind(3), kind(1)),
            ),
        ),
        rounding="matrix", objective="cost", ready=table(0, 0, 0), due=table(99, 50, 60),
        service=table(0, 1, 1), price=table(9, 9, 9), skills=table(0, 0, 0),
        partner=table(-1, -1, -1), distances=table((0, 1, 2), (1, 0, 3), (2, 3, 0)),
        durations=table((0, 1, 2), (1, 0, 3), (2, 3, 0)), pace=kind(1), **more,
    )  # fmt: skip


def kinds(problem):
    """Types and layouts of all that compiled code is given."""
    vehicle = problem.vehicles[0]
    out = [type(size) for size in vehicle.capacity]
    for entry in (problem, vehicle, vehicle.rest):
        for value in (getattr(entry, field.name) for field in fields(entry)):
            if isinstance(value, np.ndarray):
                out.append((value.dtype, value.flags.c_contiguous, value.flags.writeable))
            else:
                out.append(type(value))
    return out


@pytest.mark.parametrize("kind", [int, np.int32, np.int64, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_type_become_those_of_compiled_code(kind, order):
    """It would be compiled anew, for minutes, for others."""
    problem = of_kind(kind, order)
    assert kinds(problem) == kinds(of_kind(float))
    assert {problem.demand.dtype, problem.skills.dtype} == {np.dtype(np.int64)}
    assert problem.partner.dtype == np.int32
    assert {type(v) for v in (problem.pace, problem.vehicles[0].fixed)} == {float}
    assert problem.distances.flags.c_contiguous
    assert problem.distances.dtype == problem.ready.dtype == np.float64


def test_what_may_not_be_written_to_is_copied():
    """A table of a file that is mapped into memory is another type for compiled code."""
    table = np.ones((2, 2))
    table.flags.writeable = False
    assert Problem.from_matrices(table, [0, 1], 9).distances.flags.writeable


def roads(kind=networkx.DiGraph, **changed):
    """Four crossings: a ring one way, and a street both ways between 0 and 2."""
    graph = kind()
    for start, end, metres, seconds in (
        (0, 1, 100.0, 10),
        (1, 2, 50.0, 20),
        (2, 3, 30.0, 5),
        (3, 0, 40.0, 5),
        (0, 2, 200.0, 8),
        (2, 0, 200.0, 8),
    ):
        graph.add_edge(start, end, distance=metres, seconds=seconds)
    next(iter(graph.edges(data=True)))[2].update(changed)  # of the edge from 0 to 1
    return graph


@pytest.mark.parametrize("kind", [networkx.DiGraph, networkx.MultiDiGraph])
def test_distances_and_durations_are_shortest_ways(kind):
    """By hand: each attribute has shortest ways of its own, and crossing 3 is passed through.

    Two stops at one crossing are nothing apart.
    """
    graph = roads(kind)
    problem = Problem.from_graph(graph, [0, 1, 2, 2], [0, 1, 1, 1], 5, duration="seconds")
    assert problem.distances.tolist() == [
        [0, 100, 150, 150],
        [120, 0, 50, 50],
        [70, 170, 0, 0],
        [70, 170, 0, 0],
    ]
    assert problem.durations.tolist() == [
        [0, 10, 8, 8],
        [28, 0, 20, 20],
        [8, 18, 0, 0],
        [8, 18, 0, 0],
    ]
    assert problem.rounding == "matrix"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"distance": None}, "graph: edge 0 -> 1 has no 'distance'; add it, or name another"),
        ({"distance": "100"}, "graph: edge 0 -> 1: distance is '100'; give a number from 0 to 1e"),
        ({"distance": -1}, "graph: edge 0 -> 1: distance is -1; give"),
        ({"distance": np.nan}, "graph: edge 0 -> 1: distance is nan; give"),
        ({"seconds": [5]}, r"graph: edge 0 -> 1: seconds is \[5\]; give"),
    ],
)
def test_an_edge_without_length(changed, said):
    """It is named; networkx would count it as 1, leave it out, or raise."""
    with pytest.raises(ProblemError, match=said):
        Problem.from_graph(roads(**changed), [0, 1], [0, 1], 5, duration="seconds")


def test_an_attribute_that_no_edge_has():
    """A graph of OSMnx calls it length."""
    with pytest.raises(ProblemError, match="edge 0 -> 1 has no 'length'"):
        Problem.from_graph(roads(), [0, 1], [0, 1], 5, distance="length")


def test_a_node_that_is_not_in_the_graph():
    """It is named."""
    with pytest.raises(ProblemError, match="graph: node 9 is not in it"):
        Problem.from_graph(roads(), [0, 9], [0, 1], 5)
