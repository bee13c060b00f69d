"""Robots and cells: reports free cells, moves take them, orders say so, liars get no more."""

import numpy as np
import pytest

from fleet import bases, instants, traffic
from fleet.events import (
    INSTANT,
    LINK,
    MOVE,
    ORDER,
    REPORT,
    Action,
    ActionState,
    RobotPhase,
    RobotStatus,
)
from fleet.world import opening
from routing.floor.grid import Floor
from tests.fleet.pure_day import OPEN, PureDay, troubled


@pytest.fixture
def world(tmp_path):
    """Two robots side by side on the second row, heading east; base of up to three cells."""
    world = opening(troubled(tmp_path, robots=2), Floor.parse(OPEN), base_cells=3)
    world.held[:] = -1
    world.robots["cell"] = [9, 13]
    world.robots["heading"] = 0
    world.held[[9, 13]] = [0, 1]
    return world


def _move(world, *rows):
    return traffic.move(world, np.array(list(rows), MOVE))


def _report(world, robot, **values):
    row = np.zeros(1, REPORT)
    state = world.robots[robot]
    defaults = {"robot": robot, "cell": state["cell"], "sequence": state["passed"], "load": -1}
    for name in ("order", "update"):
        defaults[name] = state[name]
    for name, value in (defaults | values).items():
        row[name] = value
    row["left"] = (state["sequence"] - row["sequence"]) // 2
    traffic.take_reports(world, row)


def test_a_move_takes_a_cell_and_makes_an_order(world):
    """The first order starts where the robot stands; further cells are updates."""
    orders = _move(world, (0, 10))
    assert orders[["order", "update", "sequence", "start"]].tolist() == [(0, 0, 0, 9)]
    assert orders["cells"].tolist() == [[10, -1, -1]]
    assert world.held[[9, 10]].tolist() == [0, 0]
    assert not bases.movable(world)[0]  # not reflected yet
    _report(world, 0)
    assert bases.movable(world)[0]
    orders = _move(world, (0, 11))
    assert orders[["order", "update", "sequence", "start"]].tolist() == [(0, 1, 2, 10)]


def test_only_a_report_frees_a_cell(world):
    """Two cells on, both left ones are free, and the base goes on ahead."""
    for tick, cell in enumerate((10, 11, 12)):
        world.tick = 3 * tick
        _move(world, (0, cell))
        world.tick += 2  # so long a way takes three cells
        _report(world, 0)
    assert not bases.movable(world)[0]  # as far ahead as a base may go
    _report(world, 0, cell=11, sequence=4)
    assert world.held[[9, 10, 11, 12]].tolist() == [-1, -1, 0, 0]
    assert world.robots["base"][0].tolist() == [12, -1, -1, -1]
    assert bases.movable(world)[0]


@pytest.mark.parametrize(
    "lie",
    [
        {"sequence": 6, "cell": 12},  # beyond its base
        {"sequence": 2, "cell": 18},  # beside it
        {"sequence": 0, "cell": 10},  # further than it says
        {"sequence": 0, "cell": 9, "update": 7},  # an update that was never sent
    ],
)
def test_a_robot_that_stands_outside_its_base_keeps_its_cells(world, lie):
    """It gets no more cells until its report fits again; nothing is freed meanwhile."""
    _move(world, (0, 10))
    _report(world, 0)
    _move(world, (0, 11))
    _report(world, 0)
    held = world.held.copy()
    _report(world, 0, **lie)
    assert world.robots["fault"][0] == 1
    assert np.array_equal(world.held, held)
    assert not bases.movable(world)[0]
    _report(world, 0, sequence=2, cell=10)
    assert world.robots["fault"][0] == 0
    assert world.held[9] == -1


def test_the_base_ends_with_the_heading_of_its_last_step(world):
    """That is where the planner goes on from."""
    _move(world, (0, 10))
    _report(world, 0)
    _move(world, (0, 18))
    cells, headings = bases.origins(world)
    assert cells.tolist() == [18, 13]
    assert headings.tolist() == [1, 0]


def test_it_is_known_when_a_robot_comes_to_the_end_of_its_base(world):
    """A tick a cell and its quarter turns; at least one where it has to answer first."""
    assert bases.ready(world).tolist() == [0, 0]
    _move(world, (0, 10))
    assert bases.ready(world).tolist() == [1, 0]
    _report(world, 0)
    _move(world, (0, 18))
    assert bases.ready(world).tolist() == [2 + world.timing.turn, 0]
    _report(world, 0, sequence=4, cell=18, update=0)
    assert bases.ready(world).tolist() == [1, 0]
    assert bases.going(world).tolist() == [True, True]


def test_who_acts_or_is_silent_does_not_go_on(world):
    """Nobody knows when these will be told more."""
    _move(world, (0, 10))
    world.robots["closed"][0] = 1
    instants.set_link(world, np.array([(1, 2, 0)], LINK))
    assert bases.going(world).tolist() == [False, False]


def test_an_action_stands_on_the_last_node_and_closes_the_order(world):
    """A robot that picks gets no cell until it has reported; then a new order begins."""
    world.parcels = np.zeros(1, world.parcels.dtype)
    world.robots["phase"][0], world.robots["goal"][0] = RobotPhase.TO_STATION, 10
    world.robots["parcel"][0] = 0
    orders = _move(world, (0, 10))
    assert orders[["action", "parcel"]].tolist() == [(Action.PICK, 0)]
    _report(world, 0, sequence=2, cell=10, action=ActionState.RUNNING)
    assert world.robots["phase"][0] == RobotPhase.LOADING
    assert not bases.movable(world)[0]
    world.parcels["tour"] = -2
    _report(world, 0, sequence=2, cell=10, action=ActionState.FINISHED, load=0)
    assert world.robots["phase"][0] == RobotPhase.TO_CHUTE
    assert bases.movable(world)[0]
    orders = _move(world, (0, 11))
    assert orders[["order", "update", "sequence", "start"]].tolist() == [(1, 0, 0, 10)]


def test_a_robot_acts_where_it_stands_by_a_new_order(world):
    """A node that was sent without an action never gets one."""
    _move(world, (0, 10))
    _report(world, 0, sequence=2, cell=10)
    world.robots["phase"][0], world.robots["goal"][0] = RobotPhase.TO_STATION, 10
    orders = _move(world, (0, 10))
    assert orders[["order", "update", "start", "action"]].tolist() == [(1, 0, 10, Action.PICK)]
    assert orders["cells"].tolist() == [[-1, -1, -1]]


def test_a_lost_host_s_robots_keep_their_cells(world):
    """They get no more, and are shown as silent."""
    instants.set_link(world, np.array([(0, 1, 0)], LINK))
    assert bases.movable(world).tolist() == [False, True]
    assert world.held[9] == 0
    codes = traffic.status(world)
    assert codes[0] & RobotStatus.SILENT
    assert not codes[1] & RobotStatus.SILENT


def test_a_robot_is_late_once_it_could_have_turned_and_moved(world):
    """Turning round and a move are no delay; a tick more is, until its report comes."""
    _move(world, (0, 10))
    usual = 2 * world.timing.turn + 1
    world.tick += usual
    assert bases.late(world).tolist() == [False, False]
    world.tick += 1
    assert bases.late(world).tolist() == [True, False]
    _report(world, 0, sequence=2, cell=10)
    assert bases.late(world).tolist() == [False, False]


def test_robots_time_is_split_without_rest(world):
    """Each tick of each robot counts once: loaded, empty, waiting or idle."""
    world.robots["phase"] = [RobotPhase.TO_CHUTE, RobotPhase.IDLE]
    traffic.count_time(world, traffic.status(world), parcels_wait=True)
    kinds = [f"{kind}_ticks" for kind in ("loaded", "empty", "waiting", "idle")]
    assert [world.robots[kind].tolist() for kind in kinds] == [[0, 0], [0, 0], [1, 0], [0, 1]]
    assert world.robots["busy_waiting_ticks"].tolist() == [1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("base", [1, 3])
def test_what_is_sent_again_is_what_was_sent(tmp_path, base):
    """Until a robot reflects an order, sending it again gives the same message, byte for byte."""
    day = PureDay(tmp_path, troubled(tmp_path))
    day.day.world.base_cells = base
    seen = 0
    for _ in range(150):
        day.live_one()
        sent = np.frombuffer(day.day.store.orders(day.day.world.tick) or b"", ORDER)
        sent = sent[sent["action"] < INSTANT]
        again = traffic.unreflected(day.day.world)
        again = again[np.isin(again["robot"], sent["robot"])]
        assert again.tobytes() == sent[np.argsort(sent["robot"])].tobytes()
        seen += len(again)
    assert seen > 50
