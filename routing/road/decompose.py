"""Cut a plan into pieces of neighbouring tours that can be improved side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from routing.road.layout import layout
from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem, Vehicle

PIECE = 1000  # stops of a piece, about
PIECE_TOURS = 25  # and at least so many tours: of few all lie at its edge


class Piece(NamedTuple):
    """Some tours of a plan as a problem of their own."""

    problem: Problem
    rows: np.ndarray  # int32, its stops as rows of the whole problem, ascending
    tours: list[np.ndarray]
    vehicles: np.ndarray


def piece_size(problem: Problem, plan: Plan) -> int:
    """Stops of a piece, about: an even number of pieces, so that two cores share them."""
    size = max(PIECE, PIECE_TOURS * problem.stops / max(1, len(plan.tours)))
    return -(-problem.stops // (2 * max(1, round(problem.stops / (2 * size)))))


def cut(problem: Problem, plan: Plan, size: int, random: np.random.Generator) -> list[Piece]:
    """Pieces of about `size` stops; stops left out go to the piece of the nearest tour."""
    xy = layout(problem)
    groups = pieces(xy, plan.tours, size, random)
    kinds = len(problem.vehicles)
    used = np.bincount(plan.vehicles, minlength=kinds)
    out = []
    begin = 0.0  # share of the stops in the pieces so far
    for group, home in zip(groups, _homes(problem, plan, groups, xy), strict=True):
        rows = np.sort(np.concatenate([*(plan.tours[t] for t in group), home]))
        mine = np.bincount(plan.vehicles[group], minlength=kinds)
        end = begin + len(rows) / problem.stops
        fleet = piece_vehicles(problem, used, mine, begin, end)
        begin = end
        where = np.zeros(problem.rows, np.int32)
        where[rows] = np.arange(len(rows), dtype=np.int32) + problem.depots
        tours = [where[plan.tours[t]] for t in group]
        out.append(Piece(problem.part(rows, fleet), rows, tours, plan.vehicles[group]))
    return out


def join(
    problem: Problem,
    rows: list[np.ndarray],
    parts: list[tuple[list[np.ndarray], np.ndarray]],
) -> Plan:
    """The tours of all pieces, whose stops are `rows`, and their vehicles as one plan."""
    tours: list[np.ndarray] = []
    for places, (mine, _) in zip(rows, parts, strict=True):
        tours += [places[tour - problem.depots] for tour in mine]
    return make_plan(problem, tours, np.concatenate([kinds for _, kinds in parts]))


def _homes(
    problem: Problem, plan: Plan, groups: list[np.ndarray], xy: np.ndarray
) -> list[np.ndarray]:
    """For each piece the stops left out that lie nearest to its tours; pairs stay together."""
    if not len(plan.unserved):
        return [np.zeros(0, np.int32) for _ in groups]
    centres = np.array([
        np.mean([xy[plan.tours[t]].mean(axis=0) for t in group], axis=0) for group in groups
    ])  # fmt: skip
    partner = problem.partner[plan.unserved]
    of_pair = np.where(partner >= 0, np.minimum(plan.unserved, partner), plan.unserved)
    apart = ((xy[of_pair][:, None] - centres[None]) ** 2).sum(axis=2)
    return [plan.unserved[apart.argmin(axis=1) == index] for index in range(len(groups))]


def pieces(
    xy: np.ndarray, tours: list[np.ndarray], size: int, random: np.random.Generator
) -> list[np.ndarray]:
    """Indices of the tours of each piece, of about `size` stops each.

    The centres of the tours are halved again and again by lines of random directions, so that
    each call cuts along other lines.
    """
    centres = np.array([xy[tour].mean(axis=0) for tour in tours])
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
    problem: Problem, used: np.ndarray, mine: np.ndarray, begin: float, end: float
) -> tuple[Vehicle, ...]:
    """The fleet of a piece: the vehicles of its tours and its share of those that stand idle.

    `used` and `mine` count vehicles by type, of the whole plan and of the piece.  Pieces whose
    shares, from `begin` to `end`, follow each other have all idle vehicles between them.
    """
    fleet = []
    for kind, vehicle in enumerate(problem.vehicles):
        if vehicle.count is None:
            fleet.append(vehicle)
        else:
            idle = vehicle.count - int(used[kind])
            spare = round(idle * end) - round(idle * begin)
            fleet.append(replace(vehicle, count=int(mine[kind]) + spare))
    return tuple(fleet)
