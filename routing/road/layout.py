"""Where depots and stops lie in the plane, for what needs no more than a rough map."""

from __future__ import annotations

import numpy as np

from routing.road.problem import Problem

LANDMARKS = 16  # rows whose distances to all others make the map
FARTHEST = 10.0  # median distances from the depot: beyond it no way leads


def layout(problem: Problem) -> np.ndarray:
    """float64[rows, 2]: the coordinates, or a map made from the matrix where there are none.

    Distances to a few landmarks, far from each other, are scaled to two dimensions (landmark
    multidimensional scaling, de Silva and Tenenbaum 2004).
    """
    table = problem.distances
    if table is None or (problem.xy != problem.xy[0]).any():
        return problem.xy
    marks: list[int] = []
    nearest = np.minimum(table[0], table[:, 0])
    farthest = FARTHEST * np.median(nearest)
    for _ in range(LANDMARKS):
        marks.append(int(np.where(nearest <= farthest, nearest, -1.0).argmax()))
        nearest = np.minimum(nearest, np.minimum(table[marks[-1]], table[:, marks[-1]]))
    apart = np.minimum(np.minimum(table[marks], table[:, marks].T), farthest) ** 2
    means = apart[:, marks].mean(axis=1)
    among = means[:, None] + means[None, :] - means.mean() - apart[:, marks]
    values, vectors = np.linalg.eigh(among + among.T)
    axes = vectors[:, -2:] / np.sqrt(np.maximum(values[-2:], 1e-9))
    return (means[:, None] - apart).T @ axes
