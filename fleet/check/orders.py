"""The judge of orders: they stitch, their steps are legal, and nothing follows an action.

From the orders follows each robot's way: the cells released to it, one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fleet.check.anchors import settle
from fleet.check.clearances import given_cells, is_placed
from fleet.check.recording import Map, Recording
from fleet.check.violations import Violations
from fleet.events import Action

EAST, SOUTH, WEST, NORTH = range(4)
ARROWS = {">": EAST, "v": SOUTH, "<": WEST, "^": NORTH}


@dataclass(frozen=True, eq=False)
class Ways:
    """Each robot's way, robot after robot: its opening cell, then every cell released to it.

    Attributes
    ----------
    first
        Index of each robot's opening cell; int64[robots + 1].
    cells, ticks
        The cells, and the tick after which each was released (-1: it stood there at opening).
    order_ticks, orders
        The orders without repeats, by robot, then in order of sending.
    ends
        Index of the cell on which each order message ends.
    """

    first: np.ndarray
    cells: np.ndarray
    ticks: np.ndarray
    order_ticks: np.ndarray
    orders: np.ndarray
    ends: np.ndarray


def check_orders(recording: Recording, violations: Violations) -> Ways:
    """Orders stitch, steps are legal, nothing follows an action; returns the ways they make."""
    order_ticks, orders, numbers = settle(
        *_without_repeats(recording, violations), recording.reports
    )
    robots = recording.cells.shape[1]
    counts = np.bincount(orders["robot"], minlength=robots)
    starts = np.concatenate([[0], np.cumsum(counts)])
    n = len(orders)
    given, placed = given_cells(orders), is_placed(orders)
    steps = given.sum(axis=1)
    opening = np.zeros(n, bool)
    opening[starts[:-1][counts > 0]] = True
    columns = np.maximum(steps - 1, 0)
    end = np.where(steps > 0, orders["cells"][np.arange(n), columns], orders["start"])
    last_sequence = orders["sequence"].astype(np.int64) + 2 * steps

    def before(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values[:1], values[:-1]])

    end_before = np.where(opening, recording.opening[orders["robot"]], before(end))
    same = ~opening & (orders["order"] == before(orders["order"]))
    wrong_update = np.where(same, orders["update"] != before(orders["update"]) + 1,
                            orders["update"] != 0)  # fmt: skip
    wrong_order = ~same & ~placed & (numbers != np.where(opening, 0, before(numbers) + 1))
    wrong_sequence = orders["sequence"] != np.where(same, before(last_sequence), 0)
    wrong_start = (orders["start"] != end_before) & ~placed
    acted = same & (before(orders["action"]) != Action.NONE)
    nothing_new = same & (steps == 0)
    gap = np.asarray((given[:, 1:] & ~given[:, :-1]).any(axis=1))

    def say(detail: str) -> Callable[[int], tuple[str, str]]:
        return lambda k: (order_name(order_ticks, orders, k), detail)

    for wrong, detail in (
        (wrong_update, "its orderUpdateId does not follow the one before"),
        (wrong_order, "its order number does not follow the one before"),
        (wrong_sequence, "its sequence does not go on where the one before ended"),
        (wrong_start, "it does not start on the last released cell"),
        (acted, "it stitches on a node that has an action"),
        (nothing_new, "it changes a node that was sent before"),
        (gap, "it has a hole between its cells"),
    ):
        violations.add_where("stitch", np.asarray(wrong), say(detail))
    ways = _ways(recording, order_ticks, orders, given & ~gap[:, None])
    _check_steps(recording.map, ways, violations)
    _check_actions(recording, ways, violations)
    return ways


def _without_repeats(recording: Recording, violations: Violations) -> tuple[np.ndarray, np.ndarray]:
    """Return ticks and orders by robot, each message once; a repeat must be the same again."""
    orders, ticks = recording.orders, recording.order_ticks
    robots = recording.cells.shape[1]
    known = (orders["robot"] >= 0) & (orders["robot"] < robots) & (orders["order"] >= 0)
    violations.add_where(
        "order", ~known, lambda k: (f"tick {ticks[k]}", f"is for robot {orders['robot'][k]}")
    )
    orders, ticks = orders[known], ticks[known]
    _, first, which = np.unique(
        orders[["robot", "epoch", "order", "update"]], return_index=True, return_inverse=True
    )
    differs = np.asarray(orders != orders[first[which]])
    violations.add_where(
        "stitch", differs, lambda k: (order_name(ticks, orders, k), "it was sent otherwise before")
    )
    kept = np.sort(first)
    kept = kept[np.argsort(orders["robot"][kept], kind="stable")]
    return ticks[kept], orders[kept]


def order_name(ticks: np.ndarray, orders: np.ndarray, k: int) -> str:
    """Return where order message k stands, for who reads a violation."""
    row = orders[k]
    return f"tick {ticks[k]}, robot {row['robot']}, order {row['order']} update {row['update']}"


def _ways(
    recording: Recording, order_ticks: np.ndarray, orders: np.ndarray, given: np.ndarray
) -> Ways:
    robots = recording.cells.shape[1]
    steps = given.sum(axis=1)
    per_robot = np.bincount(orders["robot"], weights=steps, minlength=robots).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(per_robot + 1)])
    cells = np.empty(first[-1], np.int64)
    ticks = np.full(first[-1], -1, np.int64)
    is_step = np.ones(len(cells), bool)
    is_step[first[:-1]] = False
    cells[first[:-1]] = recording.opening
    cells[is_step] = orders["cells"][given]
    ticks[is_step] = np.repeat(order_ticks, steps)
    ends = np.cumsum(steps) + orders["robot"]
    return Ways(first, cells, ticks, order_ticks, orders, ends)


def legal_steps(floor: Map, sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return which steps the floor allows; bool.

    A step leads to one of the four neighbour cells, and both are free.  A cell with an arrow is
    left along it, or sideways into a cell without one; it is never entered against its arrow.
    """
    size = len(floor.letters)
    inside = (sources >= 0) & (sources < size) & (targets >= 0) & (targets < size)
    a, b = np.where(inside, sources, 0), np.where(inside, targets, 0)
    row, column = np.divmod(a, floor.width)
    to_row, to_column = np.divmod(b, floor.width)
    down, right = to_row - row, to_column - column
    heading = np.select([right == 1, down == 1, right == -1], [EAST, SOUTH, WEST], NORTH)
    arrow = np.full(256, -1)
    for letter, way in ARROWS.items():
        arrow[ord(letter)] = way
    own, other = arrow[floor.letters[a]], arrow[floor.letters[b]]
    sideways = (own >= 0) & ((own - heading) % 2 == 1)
    leaves = (own < 0) | (own == heading) | (sideways & (other < 0))
    enters = (other < 0) | ((other - heading) % 4 != 2)
    free = ~np.isin(floor.letters, [ord("@"), ord("T")])
    return inside & (np.abs(down) + np.abs(right) == 1) & free[a] & free[b] & leaves & enters


def _check_steps(floor: Map, ways: Ways, violations: Violations) -> None:
    step = np.ones(len(ways.cells), bool)
    step[ways.first[:-1]] = False
    step[ways.ends[is_placed(ways.orders)]] = False  # by hand
    k = np.flatnonzero(step)
    wrong = np.zeros(len(ways.cells), bool)
    wrong[k] = ~legal_steps(floor, ways.cells[k - 1], ways.cells[k])
    violations.add_where(
        "move",
        wrong,
        lambda k: (
            f"tick {ways.ticks[k]}, robot {np.searchsorted(ways.first, k, 'right') - 1}",
            f"no way from cell {ways.cells[k - 1]} to cell {ways.cells[k]}",
        ),
    )


def _check_actions(recording: Recording, ways: Ways, violations: Violations) -> None:
    """A pick stands on its parcel's station, a drop on a chute, charging on a charger."""
    orders, ends = ways.orders, ways.cells[ways.ends]
    parcels = recording.parcels["id"]
    known = (orders["parcel"] >= 0) & (orders["parcel"] < len(parcels))
    acts = (orders["action"] != Action.NONE) & ~is_placed(orders)
    carries = acts & np.isin(orders["action"], (Action.PICK, Action.DROP))
    charges = acts & np.isin(orders["action"], (Action.START_CHARGING, Action.STOP_CHARGING))
    letters = recording.map.letters
    inside = (ends >= 0) & (ends < len(letters))
    at_charger = inside & (letters[np.where(inside, ends, 0)] == ord("C"))
    stations = np.full(len(orders), -1, np.int64)
    if len(parcels):
        station = recording.parcels["station"][np.where(known, orders["parcel"], 0)]
        valid = known & (station >= 0) & (station < len(recording.map.stations))
        stations[valid] = recording.map.stations[station[valid]]
    wrong = (carries & ~known) | (charges & ~at_charger)
    wrong |= (orders["action"] == Action.PICK) & (ends != stations)
    wrong |= (orders["action"] == Action.DROP) & ~np.isin(ends, recording.map.chutes)
    violations.add_where(
        "action",
        wrong,
        lambda k: (
            order_name(ways.order_ticks, orders, k),
            f"{Action(orders['action'][k]).name} of parcel {orders['parcel'][k]} on cell {ends[k]}",
        ),
    )
