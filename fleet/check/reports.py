"""The judge of reports: how far on its way each robot says it is, and who holds which cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fleet.check.anchors import is_anchor
from fleet.check.clearances import given_cells, is_placed
from fleet.check.lookup import ENDED, NEVER, find
from fleet.check.orders import Ways, order_name
from fleet.check.recording import Recording
from fleet.check.violations import Violations
from fleet.events import Action, ActionState


@dataclass(frozen=True, eq=False)
class Passed:
    """What the reports say, by robot, then tick: `at` is an index into the robot's way."""

    ticks: np.ndarray
    reports: np.ndarray
    at: np.ndarray


def check_reports(recording: Recording, ways: Ways, violations: Violations) -> Passed:
    """Each report names a released node and its cell; nodeStates shrink from the front."""
    by_robot = np.argsort(recording.reports["robot"], kind="stable")
    reports, ticks = recording.reports[by_robot], recording.report_ticks[by_robot]
    orders = ways.orders
    robots = reports["robot"]
    steps = given_cells(orders).sum(axis=1)
    placed = is_placed(orders)

    # Every node of every order message, by (robot, order, sequence).
    row = np.repeat(np.arange(len(orders)), steps + 1)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    keys = _key(orders["robot"][row], orders["order"][row], orders["sequence"][row] + 2 * nth)
    nodes, index = np.unique(keys, return_index=True)
    node_at = (ways.ends[row] - steps[row] + nth)[index]
    node_tick = ways.order_ticks[row][index]

    def say(detail: str) -> Callable[[int], tuple[str, str]]:
        return lambda k: (
            f"tick {ticks[k]}, robot {robots[k]}",
            f"{detail}: order {reports['order'][k]} update {reports['update'][k]}, "
            f"sequence {reports['sequence'][k]}, cell {reports['cell'][k]}, "
            f"{reports['left'][k]} left",
        )

    holds = reports["order"] >= 0
    k, known = find(nodes, _key(robots, reports["order"], reports["sequence"]))
    known &= holds
    by_hand = placed[row][index]  # and said in the same tick
    in_time = known & (node_tick[k] < ticks + by_hand[k]) if len(nodes) else known
    at = np.where(in_time, node_at[k] if len(nodes) else 0, ways.first[robots])
    at = np.maximum.accumulate(at)  # each robot's way lies behind that of the one before
    violations.add_where("base", holds & ~in_time, say("its node was not released"))
    violations.add_where(
        "base", ways.cells[at] != reports["cell"], say("it stands outside its base")
    )
    back = in_time & (node_at[k] < at) if len(nodes) else known
    violations.add_where("node states", back, say("it went back to a node it had passed"))

    # A state from before an anchor may reflect what the anchor then gave up, so what it reflects
    # is looked up among all orders, not among those that came to be driven.
    orders, sent_ticks = recording.orders, recording.order_ticks
    messages = _key(orders["robot"], orders["order"], orders["update"])
    by_key = np.argsort(messages, kind="stable")
    m, sent = find(messages[by_key], _key(robots, reports["order"], reports["update"]))
    sent &= holds
    if len(orders):
        message = by_key[m]
        sent &= sent_ticks[message] < ticks + is_placed(orders)[message]
        last = orders["sequence"][message] + 2 * given_cells(orders).sum(axis=1)[message]
        remaining = (last - reports["sequence"]) // 2
        fits = remaining == reports["left"]
        fits |= (remaining > reports["left"]) & _may_have_dropped(recording, reports, ticks)
        violations.add_where("node states", sent & ~fits, say("its nodeStates do not fit"))
    violations.add_where("base", holds & ~sent, say("it reflects an order that was not sent"))
    return Passed(ticks, reports, at)


def _key(robot: np.ndarray, order: np.ndarray, number: np.ndarray | int) -> np.ndarray:
    """Return one number for robot, order and sequence or update; int64."""
    return (robot.astype(np.int64) << 48) | (order.astype(np.int64) << 24) | number


def _may_have_dropped(recording: Recording, reports: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Return of which reports the order may have lost its rest to a cancelOrder; bool.

    One that was sent since the order was; or, where it came late, one that the report reflects.
    """
    says = reports["instant_kind"] == Action.CANCEL_ORDER
    says &= np.isin(reports["instant_state"], (ActionState.RUNNING, ActionState.FINISHED))
    cancels = recording.instants["action"] == Action.CANCEL_ORDER
    if not cancels.any():
        return says
    robots, sent = recording.instants["robot"][cancels], recording.instant_ticks[cancels]
    orders, order_ticks = recording.orders, recording.order_ticks
    keys, first = np.unique(_key(orders["robot"], orders["order"], 0), return_index=True)
    k, known = find(keys, _key(reports["robot"], reports["order"], 0))
    for j in np.flatnonzero(np.isin(reports["robot"], robots) & known & ~says).tolist():
        since = order_ticks[first[k[j]]]
        mine = (robots == reports["robot"][j]) & (sent >= since) & (sent < ticks[j])
        says[j] = mine.any()
    return says


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

    def say(detail: str) -> Callable[[int], tuple[str, str]]:
        return lambda j: (order_name(ways.order_ticks, orders, int(k[j])), detail)

    # An anchor is for a robot that does not reflect what it was sent, a clearance for one lost.
    regular = ~(is_anchor(orders) | is_placed(orders))[k]
    violations.add_where(
        "reflection", ~seen & regular, say("the message before it was not reflected yet")
    )
    violations.add_where("reflection", seen & new & ~idle & regular, say("the robot was not idle"))


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
    wrong = (ways.cells[a] == ways.cells[b]) & (ways.ticks[b] < left[a]) & (ways.cells[a] >= 0)
    violations.add_where(
        "grant",
        wrong,
        lambda k: (
            f"tick {ways.ticks[b[k]]}, cell {ways.cells[b[k]]}",
            f"released to robot {robot[b[k]]} while robot {robot[a[k]]} holds it",
        ),
    )


def check_way_of_frames(
    recording: Recording, ways: Ways, passed: Passed, violations: Violations
) -> None:
    """A frame shows each robot where its reports say it was."""
    at = np.zeros(recording.cells.shape, np.int64)
    at[0] = ways.first[:-1]
    k, there = find(recording.ticks, passed.ticks)
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
