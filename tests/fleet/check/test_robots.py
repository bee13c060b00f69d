"""The judge of robots: it passes a sound run, and finds each rule broken by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.check.command import judge
from fleet.check.orders import check_orders, legal_steps
from fleet.check.recording import read_map
from fleet.check.reports import check_reports
from fleet.check.robots import check_robots
from fleet.check.violations import Violations
from fleet.events import ORDER, REPORT, Action, ActionState
from routing.floor.grid import Floor


def test_what_was_reflected_before_an_anchor_gave_it_up_was_sent(sound):
    """A robot that reflects two cells more, and then loses its order at the first, is no liar."""
    first, here, ahead, beyond = int(sound.cells[0, 0]), 1, 2, 3
    orders = np.array(
        [(0, 1, 0, 0, 0, first, [here, -1, -1], 0, -1),
         (0, 1, 0, 1, 2, here, [ahead, beyond, -1], 0, -1),
         (0, 1, 1, 0, 0, here, [-1, -1, -1], 0, -1)], ORDER)  # fmt: skip
    reports = np.zeros(3, REPORT)
    for k, (order, update, sequence, cell, left) in enumerate(
        [(0, 0, 0, first, 1), (0, 1, 2, here, 2), (1, 0, 0, here, 0)]
    ):
        for name, value in zip(
            ("order", "update", "sequence", "cell", "left"),
            (order, update, sequence, cell, left),
            strict=True,
        ):
            reports[name][k] = value
    changed = {"orders": orders, "order_ticks": np.array([0, 1, 3])}
    changed |= {"reports": reports, "report_ticks": np.array([1, 2, 4])}
    violations = Violations()
    recording = replace(sound, **changed)
    check_reports(recording, check_orders(recording, Violations()), violations)
    assert violations.plain() == []
    reports["left"][1] = 1
    check_reports(recording, check_orders(recording, Violations()), violations)
    assert set(violations.counts) == {"node states"}


# -- each takes a sound run and breaks one rule


def collision(r):
    r.cells[5, 1] = r.cells[5, 0]


def swap(r):
    r.cells[6, :2] = r.cells[5, 1::-1]


def followed(r):
    r.cells[6, 1] = r.cells[5, 0]
    r.cells[6, 0] = 47


def frame(r):
    r.cells[-1, 2] = 47 if r.cells[-1, 2] != 47 else 46


def _update(r):
    """Return the row of some order update that grants a cell."""
    return int(np.flatnonzero((r.orders["update"] > 1) & (r.orders["cells"][:, 0] >= 0))[0])


def stitch_update(r):
    r.orders["update"][_update(r)] += 1


def stitch_start(r):
    r.orders["start"][_update(r)] += 1


def stitch_sequence(r):
    r.orders["sequence"][_update(r)] += 2


def stitch_action(r):
    k = _update(r)
    before = (r.orders["robot"] == r.orders["robot"][k]) & (
        r.orders["order"] == r.orders["order"][k]
    )
    r.orders["action"][before & (r.orders["update"] == r.orders["update"][k] - 1)] = Action.PICK


def stitch_order(r):
    robot = r.orders["robot"] == 0
    r.orders["order"][robot & (r.orders["order"] > 2)] += 1


def stitch_repeat(r):
    k = _update(r)
    r.orders[k + 1] = r.orders[k]
    r.orders["cells"][k + 1, 0] += 1


def move(r):
    k = _update(r)
    r.orders["cells"][k, 0] = (r.orders["cells"][k, 0] + 20) % 48


def action_place(r):
    k = int(np.flatnonzero(r.orders["action"] == Action.PICK)[0])
    r.parcels["station"][r.orders["parcel"][k]] ^= 1


def action_drop(r):
    r.orders["action"][_update(r)] = Action.DROP


def charge_without_charger(r):
    r.orders["action"][_update(r)] = Action.START_CHARGING


def base_cell(r):
    r.reports["cell"][60] += 1


def base_sequence(r):
    r.reports["sequence"][60] += 200


def base_time(r):
    """A robot is on a cell one tick before it was released."""
    first = int(np.flatnonzero(r.reports["sequence"] > 0)[0])
    r.order_ticks[r.orders["robot"] == r.reports["robot"][first]] += 2


def base_update(r):
    r.reports["update"][60] += 90


def base_without_order(r):
    k = int(np.flatnonzero(r.reports["order"] >= 0)[-1])
    r.reports["order"][k], r.reports["cell"][k] = -1, 47


def node_states(r):
    r.reports["left"][60] += 1


def node_states_back(r):
    k = int(np.flatnonzero(r.reports["sequence"] >= 6)[0])
    r.reports["sequence"][k + 20 :][r.reports["robot"][k + 20 :] == r.reports["robot"][k]] = 0


def reflection(r):
    k = _update(r)
    r.order_ticks[k] -= 20


def reflection_idle(r):
    ended = np.isin(r.reports["action"], (ActionState.FINISHED, ActionState.FAILED))
    r.reports["action"][ended] = ActionState.RUNNING


def grant(r):
    """One robot never reports to have left the cells that others were then given."""
    still = r.reports["robot"] == 0
    still[np.flatnonzero(still)[0]] = False
    kept = ~still
    return replace(r, reports=r.reports[kept], report_ticks=r.report_ticks[kept])


ROBOTS = {
    collision: "collision", swap: "swap", followed: "followed", frame: "frame",
    stitch_update: "stitch", stitch_start: "stitch", stitch_sequence: "stitch",
    stitch_action: "stitch", stitch_order: "stitch", stitch_repeat: "stitch", move: "move",
    action_place: "action", action_drop: "action",
    charge_without_charger: "action", base_cell: "base", base_sequence: "base",
    base_time: "base", base_update: "base", base_without_order: "base",
    node_states: "node states", node_states_back: "node states", reflection: "reflection",
    reflection_idle: "reflection", grant: "grant",
}  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "kind"),
    ROBOTS.items(),
    ids=[broken.__name__ for broken in ROBOTS],
)
def test_a_broken_rule_is_found(sound, broken, kind):
    """Whatever else a change breaks, the judge names the rule it was made to break."""
    assert kind in judge(broken(sound) or sound).counts


def test_resending_an_order_is_no_fault(sound):
    """The same message again, later, changes nothing."""
    again = replace(
        sound,
        orders=np.concatenate([sound.orders, sound.orders[40:50]]),
        order_ticks=np.concatenate([sound.order_ticks, sound.order_ticks[40:50] + 3]),
    )
    violations = Violations()
    check_robots(again, violations)
    assert violations.plain() == []


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.text(".@ES><^v", min_size=width, max_size=width), min_size=1, max_size=5
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_the_judge_and_the_planner_know_the_same_ways(rows):
    """Two readings of the one-way rule, made apart, agree on every pair of cells."""
    text = f"type octile\nheight {len(rows)}\nwidth {len(rows[0])}\nmap\n" + "\n".join(rows) + "\n"
    floor = Floor.parse(text)
    size = len(floor.letters)
    sources, targets = np.divmod(np.arange(size * size), size)
    ways = np.zeros(size * size, bool)
    for heading in range(4):
        there = floor.successors[:, heading]
        ways[(np.arange(size) * size + there)[there >= 0]] = True
    assert legal_steps(read_map(text), sources, targets).tolist() == ways.tolist()
