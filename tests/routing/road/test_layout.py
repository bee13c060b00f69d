"""Tests of the rough map that is made from a matrix."""

from dataclasses import replace

import numpy as np

from routing.road import Problem
from routing.road.decompose import cut
from routing.road.layout import layout
from routing.road.plan import make_plan


def blocks(order: np.ndarray) -> Problem:
    """Four blocks of 25 stops in a row, told by their distances alone; stop k is of block k % 4."""
    random = np.random.default_rng(2)
    corner = np.stack([100.0 * (order % 4), 0.0 * order], axis=1)
    xy = np.concatenate([[[150.0, 50.0]], corner + random.uniform(0, 10, (100, 2))])
    return Problem.from_matrices(apart(xy), [0, *[1] * 100], 5)


def apart(xy: np.ndarray) -> np.ndarray:
    """Distances between all rows."""
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


def test_distances_of_the_plane_come_back():
    """A matrix of straight distances is mapped without loss."""
    problem = blocks(np.arange(100))
    assert np.allclose(apart(layout(problem)), problem.distances)


def test_a_stop_without_a_way_does_not_spoil_the_map():
    """The others lie as they do without it."""
    problem = blocks(np.arange(100))
    far = problem.distances.copy()
    far[7, :] = far[:, 7] = 1e9
    rest = np.arange(101) != 7
    between = apart(layout(replace(problem, distances=far)))
    assert np.allclose(between[rest][:, rest], problem.distances[rest][:, rest])


def test_coordinates_are_used_where_there_are_some():
    """They are not copied."""
    problem = Problem.from_coordinates([(0, 0), (1, 0)], [0, 1], 1)
    assert layout(problem) is problem.xy


def test_pieces_without_coordinates_are_neighbours():
    """Tours of one block come into one piece, but for one at its edge, however they are listed."""
    order = np.random.default_rng(5).permutation(100)
    problem = blocks(order)
    tours = np.array_split(np.argsort(order % 4, kind="stable").astype(np.int32) + 1, 20)
    plan = make_plan(problem, [tours[k] for k in np.random.default_rng(1).permutation(20)])
    pieces = cut(problem, plan, 25, np.random.default_rng(0))
    assert len(pieces) == 4
    for piece in pieces:
        blocks_of = np.bincount(order[piece.rows - 1] % 4)
        assert blocks_of.sum() - blocks_of.max() <= 5
