"""The judge of robots: where they were, what they were told, and what they said.

From the orders follows each robot's way: the cells released to it, one after another.  From the
reports follows how far on its way it was at each tick.  Everything else is compared with that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fleet.events import Action, ActionState
from fleet.recording import Map, Recording
from fleet.violations import Violations

NEVER = np.int64(2**62)
ENDED = (ActionState.FINISHED, ActionState.FAILED)
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


@dataclass(frozen=True, eq=False)
class Passed:
    """What the reports say, by robot, then tick: `at` is an index into the robot's way."""

    ticks: np.ndarray
    reports: np.ndarray
    at: np.ndarray


def check_robots(recording: Recording, violations: Violations) -> None:
    """Judge frames, orders and reports."""
    check_frames(recording, violations)
    ways = check_orders(recording, violations)
    passed = check_reports(recording, ways, violations)
    check_reflection(ways, passed, violations)
    check_grants(ways, passed, violations)
    _check_way_of_frames(recording, ways, passed, violations)


def collisions(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, cell and one robot of each two that are in one cell; int64 each."""
    by_cell = np.argsort(cells, axis=1, kind="stable")
    ordered = np.take_along_axis(cells, by_cell, axis=1)
    row, k = np.nonzero(ordered[:, 1:] == ordered[:, :-1])
    return row, ordered[row, k], by_cell[row, k]


def check_frames(recording: Recording, violations: Violations) -> None:
    """No two robots in one cell, no swaps, and no cell entered in the tick its holder left it."""
    cells, ticks = recording.cells.astype(np.int64), recording.ticks
    row, cell, robot = collisions(cells)
    for k, c, r in zip(row.tolist(), cell.tolist(), robot.tolist(), strict=True):
        others = np.flatnonzero(cells[k] == c).tolist()
        violations.add("collision", f"tick {ticks[k]}, cell {c}", f"robots {others or r}")
    size = len(recording.map.letters)
    step, robot = np.nonzero(cells[1:] != cells[:-1])
    before, after = cells[step, robot], cells[step + 1, robot]
    there = (step * size + before) * size + after
    back = (step * size + after) * size + before
    swapped = np.isin(there, back)
    violations.add_where(
        "swap",
        swapped,
        lambda k: (
            f"tick {ticks[step[k] + 1]}, robot {robot[k]}",
            f"went from {before[k]} to {after[k]} while another went back",
        ),
    )
    if recording.meta.get("following", "").lower() in ("true", "1"):
        return
    taken = (np.arange(len(cells) - 1)[:, None] * size + cells[:-1]).ravel()
    followed = np.isin(step * size + after, taken) & ~swapped
    violations.add_where(
        "followed",
        followed,
        lambda k: (
            f"tick {ticks[step[k] + 1]}, robot {robot[k]}",
            f"entered cell {after[k]}, in which another was one tick before",
        ),
    )


def check_orders(recording: Recording, violations: Violations) -> Ways:
    """Orders stitch, steps are legal, nothing follows an action; returns the ways they make."""
    order_ticks, orders = _without_repeats(recording, violations)
    robots = recording.cells.shape[1]
    counts = np.bincount(orders["robot"], minlength=robots)
    starts = np.concatenate([[0], np.cumsum(counts)])
    n = len(orders)
    given = orders["cells"] >= 0
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
    wrong_order = ~same & (orders["order"] != np.where(opening, 0, before(orders["order"]) + 1))
    wrong_sequence = orders["sequence"] != np.where(same, before(last_sequence), 0)
    wrong_start = orders["start"] != end_before
    acted = same & (before(orders["action"]) != Action.NONE)
    nothing_new = same & (steps == 0)
    gap = (given[:, 1:] & ~given[:, :-1]).any(axis=1)
    for wrong, detail in (
        (wrong_update, "its orderUpdateId does not follow the one before"),
        (wrong_order, "its order number does not follow the one before"),
        (wrong_sequence, "its sequence does not go on where the one before ended"),
        (wrong_start, "it does not start on the last released cell"),
        (acted, "it stitches on a node that has an action"),
        (nothing_new, "it changes a node that was sent before"),
        (gap, "it has a hole between its cells"),
    ):
        violations.add_where(
            "stitch", wrong, lambda k, d=detail: (_order_name(order_ticks, orders, k), d)
        )
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
    differs = orders != orders[first[which]]
    violations.add_where(
        "stitch", differs, lambda k: (_order_name(ticks, orders, k), "it was sent otherwise before")
    )
    kept = np.sort(first)
    kept = kept[np.argsort(orders["robot"][kept], kind="stable")]
    return ticks[kept], orders[kept]


def _order_name(ticks: np.ndarray, orders: np.ndarray, k: int) -> str:
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
    """A pick stands on its parcel's station, a drop on a chute."""
    orders, ends = ways.orders, ways.cells[ways.ends]
    parcels = recording.parcels["id"]
    known = (orders["parcel"] >= 0) & (orders["parcel"] < len(parcels))
    acts = orders["action"] != Action.NONE
    stations = np.full(len(orders), -1, np.int64)
    if len(parcels):
        station = recording.parcels["station"][np.where(known, orders["parcel"], 0)]
        valid = known & (station >= 0) & (station < len(recording.map.stations))
        stations[valid] = recording.map.stations[station[valid]]
    wrong = acts & ~known
    wrong |= (orders["action"] == Action.PICK) & (ends != stations)
    wrong |= (orders["action"] == Action.DROP) & ~np.isin(ends, recording.map.chutes)
    violations.add_where(
        "action",
        wrong,
        lambda k: (
            _order_name(ways.order_ticks, orders, k),
            f"{Action(orders['action'][k]).name} of parcel {orders['parcel'][k]} on cell {ends[k]}",
        ),
    )


def _key(robot: np.ndarray, order: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return one number for robot, order and sequence or update; int64."""
    return (robot.astype(np.int64) << 48) | (order.astype(np.int64) << 24) | number


def check_reports(recording: Recording, ways: Ways, violations: Violations) -> Passed:
    """Each report names a released node and its cell; nodeStates shrink from the front."""
    by_robot = np.argsort(recording.reports["robot"], kind="stable")
    reports, ticks = recording.reports[by_robot], recording.report_ticks[by_robot]
    orders = ways.orders
    robots = reports["robot"]
    steps = (orders["cells"] >= 0).sum(axis=1)

    # Every node of every order message, by (robot, order, sequence).
    row = np.repeat(np.arange(len(orders)), steps + 1)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    keys = _key(orders["robot"][row], orders["order"][row], orders["sequence"][row] + 2 * nth)
    nodes, index = np.unique(keys, return_index=True)
    node_at = (ways.ends[row] - steps[row] + nth)[index]
    node_tick = ways.order_ticks[row][index]

    def say(detail: str):
        return lambda k: (
            f"tick {ticks[k]}, robot {robots[k]}",
            f"{detail}: order {reports['order'][k]} update {reports['update'][k]}, "
            f"sequence {reports['sequence'][k]}, cell {reports['cell'][k]}, "
            f"{reports['left'][k]} left",
        )

    holds = reports["order"] >= 0
    k, known = _find(nodes, _key(robots, reports["order"], reports["sequence"]))
    known &= holds
    in_time = known & (node_tick[k] < ticks) if len(nodes) else known
    at = np.where(in_time, node_at[k] if len(nodes) else 0, ways.first[robots])
    at = np.maximum.accumulate(at)  # each robot's way lies behind that of the one before
    violations.add_where("base", holds & ~in_time, say("its node was not released"))
    violations.add_where(
        "base", ways.cells[at] != reports["cell"], say("it stands outside its base")
    )
    back = in_time & (node_at[k] < at) if len(nodes) else known
    violations.add_where("node states", back, say("it went back to a node it had passed"))

    messages = _key(orders["robot"], orders["order"], orders["update"])
    by_key = np.argsort(messages, kind="stable")
    m, sent = _find(messages[by_key], _key(robots, reports["order"], reports["update"]))
    sent &= holds
    if len(orders):
        message = by_key[m]
        sent &= ways.order_ticks[message] < ticks
        remaining = ways.ends[message] - at
        violations.add_where(
            "node states", sent & (remaining != reports["left"]), say("its nodeStates do not fit")
        )
    violations.add_where("base", holds & ~sent, say("it reflects an order that was not sent"))
    return Passed(ticks, reports, at)


def _find(ordered: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where wanted values stand in an ordered array, and whether they do."""
    if not len(ordered):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    k = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return k, ordered[k] == wanted


def check_reflection(ways: Ways, passed: Passed, violations: Violations) -> None:
    """No message before the one before is reflected; no new order before the robot is idle."""
    orders, reports = ways.orders, passed.reports
    if not len(orders):
        return
    # The newest report at the time of sending: reports come in before orders go out.
    when = (orders["robot"].astype(np.int64) << 40) + ways.order_ticks
    newest = (
        np.searchsorted((reports["robot"].astype(np.int64) << 40) + passed.ticks, when, "right") - 1
    )
    follows = np.concatenate([[False], orders["robot"][1:] == orders["robot"][:-1]])
    k, b = np.flatnonzero(follows), np.flatnonzero(follows) - 1
    if not len(reports):
        seen = np.zeros(len(k), bool)
        state = np.zeros(len(k), reports.dtype)
    else:
        state = reports[np.maximum(newest[k], 0)]
        seen = (newest[k] >= 0) & (state["robot"] == orders["robot"][k])
    seen &= (state["order"] == orders["order"][b]) & (state["update"] == orders["update"][b])
    new = orders["order"][k] != orders["order"][b]
    acted = orders["action"][b] != Action.NONE
    idle = seen & (state["left"] == 0) & (~acted | np.isin(state["action"], ENDED))
    for wrong, detail in (
        (~seen, "the message before it was not reflected yet"),
        (seen & new & ~idle, "the robot was not idle"),
    ):
        violations.add_where(
            "reflection",
            wrong,
            lambda j, d=detail: (_order_name(ways.order_ticks, orders, k[j]), d),
        )


def check_grants(ways: Ways, passed: Passed, violations: Violations) -> None:
    """A cell is released again only after its holder's report that it has left it."""
    robot = np.searchsorted(ways.first, np.arange(len(ways.cells)), "right") - 1
    left = np.full(len(ways.cells), NEVER)
    if len(passed.at):
        after = np.searchsorted(passed.at, np.arange(len(ways.cells)), "right")
        behind = np.minimum(after, len(passed.at) - 1)
        mine = (after < len(passed.at)) & (passed.at[behind] < ways.first[robot + 1])
        left[mine] = passed.ticks[behind[mine]]
    order = np.lexsort((left, ways.ticks, ways.cells))
    a, b = order[:-1], order[1:]
    wrong = (ways.cells[a] == ways.cells[b]) & (ways.ticks[b] < left[a])
    violations.add_where(
        "grant",
        wrong,
        lambda k: (
            f"tick {ways.ticks[b[k]]}, cell {ways.cells[b[k]]}",
            f"released to robot {robot[b[k]]} while robot {robot[a[k]]} holds it",
        ),
    )


def _check_way_of_frames(
    recording: Recording, ways: Ways, passed: Passed, violations: Violations
) -> None:
    """A frame shows each robot where its reports say it was."""
    at = np.zeros(recording.cells.shape, np.int64)
    at[0] = ways.first[:-1]
    k, there = _find(recording.ticks, passed.ticks)
    at[k[there], passed.reports["robot"][there]] = passed.at[there]
    at = np.maximum.accumulate(at, axis=0)
    tick, robot = np.nonzero(ways.cells[at] != recording.cells)
    violations.add_where(
        "frame",
        np.ones(len(tick), bool),
        lambda j: (
            f"tick {recording.ticks[tick[j]]}, robot {robot[j]}",
            f"shows cell {recording.cells[tick[j], robot[j]]}, the reports say "
            f"{ways.cells[at[tick[j], robot[j]]]}",
        ),
    )
