"""Cut a plan into pieces of neighbouring tours that can be improved side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.road.problem import Problem, Vehicle


def pieces(
    problem: Problem, tours: list[np.ndarray], size: int, random: np.random.Generator
) -> list[np.ndarray]:
    """Indices of the tours of each piece, of about `size` stops each.

    The centres of the tours are halved again and again by lines of random directions, so that
    each call cuts along other lines.
    """
    centres = np.array([problem.xy[tour].mean(axis=0) for tour in tours])
    weight = np.array([len(tour) for tour in tours])
    out: list[np.ndarray] = []
    todo = [np.arange(len(tours))]
    while todo:
        members = todo.pop()
        stops = int(weight[members].sum())
        parts = round(stops / size)
        if parts < 2 or len(members) < 2:
            out.append(members)
            continue
        spread = np.ptp(centres[members], axis=0) + 1e-12
        angle = random.uniform(0.0, np.pi)
        direction = np.array([np.cos(angle), np.sin(angle)])
        if spread.max() > 2.0 * spread.min():  # a long strip is cut across
            direction = np.array([1.0, 0.0]) if spread[0] > spread[1] else np.array([0.0, 1.0])
        order = members[np.argsort(centres[members] @ direction, kind="stable")]
        share = (parts // 2) / parts
        cut = int(np.searchsorted(np.cumsum(weight[order]), share * stops))
        cut = min(max(cut, 1), len(order) - 1)
        todo += [order[cut:], order[:cut]]
    return out


def piece_vehicles(
    problem: Problem, used: np.ndarray, mine: np.ndarray, share: float
) -> tuple[Vehicle, ...]:
    """The fleet of a piece: the vehicles of its tours and its `share` of those that stand idle.

    `used` and `mine` count vehicles by type, of the whole plan and of the piece.
    """
    fleet = []
    for kind, vehicle in enumerate(problem.vehicles):
        if vehicle.count is None:
            fleet.append(vehicle)
        else:
            spare = int((vehicle.count - used[kind]) * share)
            fleet.append(replace(vehicle, count=int(mine[kind]) + spare))
    return tuple(fleet)
