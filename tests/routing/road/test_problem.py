"""Tests of problems made from a road graph."""

import networkx
import numpy as np
import pytest

from routing.road.problem import Problem, ProblemError


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
