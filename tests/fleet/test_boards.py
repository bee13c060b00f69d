"""Robots that carry several parcels: what each has to do next, and whole days of them."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fleet import boards, flow, operate, recover, robot, traffic
from fleet.check.command import judge
from fleet.check.parcels import finished_actions
from fleet.check.recording import Recording, read_recording
from fleet.events import LOAD, ORDER, Action, ActionState, ParcelState, RobotPhase, loads
from fleet.message_states import decode_states, encode_states
from fleet.robot import Vehicle
from fleet.sim.simulation import Setting, simulate
from fleet.world import World
from tests.fleet.pure_day import TOML, PureDay, shortened, write_files
from tests.fleet.test_run import finished, fleet, solo, until_sorted
from viz.stored.replay import Replay

FOUR = TOML.replace("[city]", "[robots]\nparcels = 4\n[city]")
TROUBLES = """
[troubles]
missing_share = 0.1
blocked_per_hour = 300.0
cancelled_share = 0.2
untoured_share = 0.1
"""
VEHICLE = Vehicle(width=10, load=1, drop=1, turn=1, seed=1, missing_share=0.0, parcels=2)


def day(folder: Path, hosts: int = 1, run: str = "run", toml: str = FOUR) -> PureDay:
    """Return a fresh tiny day."""
    return PureDay(folder, write_files(folder, toml=toml), hosts, run)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a world in which parcels 0, 1 and 2 lie at station 0 and go to the reject chute."""
    run = day(tmp_path)
    run.tick()
    rows = run.day.world.parcels[:3]
    rows["station"], rows["state"], rows["tour"] = 0, ParcelState.AT_STATION, -2
    run.day.store.close()
    return run.day.world


def loaded(world: World, *parcels: int) -> None:
    """Let robot 0 have these on board, in the order of their drops."""
    boards.begin(world, 0, parcels[0])
    row = np.full((1,), -1, LOAD)
    row["robot"] = 0
    row["parcels"][0, : len(parcels)] = parcels
    world.parcels["state"][list(parcels)] = ParcelState.ON_ROBOT
    boards.complete(world, row)


# -- robots


def acts(robots: np.ndarray, number: int, action: Action, parcel: int) -> None:
    """Let robot 0 do an action where it stands."""
    order = np.array([(0, 1, number, 0, 0, 0, [-1] * 3, action, parcel)], ORDER)
    robot.take_orders(robots, 0, order)
    robot.step(robots, 0, VEHICLE)


def test_a_robot_picks_and_drops_one_after_another() -> None:
    """With room for two it refuses a third, and drops whichever it is told to."""
    robots = robot.start(np.array([0], np.int32), np.array([0], np.uint8))
    acts(robots, 0, Action.PICK, 5)
    acts(robots, 1, Action.PICK, 7)
    assert loads(robots)[0, :3].tolist() == [5, 7, -1]
    acts(robots, 2, Action.PICK, 9)
    assert robots["action_state"][0] == ActionState.FAILED
    acts(robots, 3, Action.DROP, 5)
    assert loads(robots)[0, :2].tolist() == [7, -1]


def test_all_loads_survive_json() -> None:
    """Eight parcels on board are eight loads of the state message."""
    robots = robot.start(np.array([0], np.int32), np.array([0], np.uint8))
    robots["load"], robots["more"] = 3, np.arange(5, 12)
    rows = robot.report(robots, 0)
    messages = encode_states(
        rows, np.full((1, 3), -1), np.zeros(1, np.uint8), np.zeros(1, np.int64), "now", "m", 10, 1.0
    )
    assert len(json.loads(messages[0])["loads"]) == 8
    assert loads(decode_states(messages)).tolist() == loads(rows).tolist()


# -- the controller's side


def test_a_load_is_picked_and_then_dropped_in_order(world: World) -> None:
    """The robot stays until all is on board, then goes to the chutes, and then is free."""
    boards.begin(world, 0, 0)
    world.robots["parcel"][0] = 0
    flow.picked(world, 0)
    assert boards.undecided(world).tolist() == [0]
    row = np.full(1, -1, LOAD)
    row["robot"], row["parcels"][0, :2] = 0, (1, 0)
    boards.complete(world, row)
    state = world.robots[0]
    assert (state["phase"], state["parcel"]) == (RobotPhase.TO_STATION, 1)
    flow.picked(world, 0)
    assert (state["phase"], state["parcel"]) == (RobotPhase.TO_CHUTE, 1)
    flow.dropped(world, 0, parcel_was_there=True)
    assert (state["phase"], state["parcel"]) == (RobotPhase.TO_CHUTE, 0)
    flow.dropped(world, 0, parcel_was_there=True)
    assert (state["phase"], state["parcel"], state["jobs"]) == (RobotPhase.IDLE, -1, 2)


def test_a_parcel_cancelled_before_it_is_picked_leaves_the_load(world: World) -> None:
    """The robot goes on with the others; one on board goes to the reject chute."""
    boards.begin(world, 0, 0)
    world.robots["parcel"][0] = 0
    flow.picked(world, 0)
    row = np.full(1, -1, LOAD)
    row["robot"], row["parcels"][0, :3] = 0, (0, 1, 2)
    boards.complete(world, row)
    flow.cancel(world, 1)
    assert boards.load(world, 0) == [0, 2]
    assert world.robots["parcel"][0] == 2
    flow.cancel(world, 0)
    assert world.parcels["state"][[0, 1]].tolist() == [ParcelState.ON_ROBOT, ParcelState.CANCELLED]


def test_a_robot_before_a_shut_chute_drops_something_else(world: World) -> None:
    """It turns to the one that is open; where all are shut it waits."""
    world.tours = np.zeros(1, world.tours.dtype)  # tour 0 has chute 0
    world.parcels["tour"][1] = 0
    loaded(world, 0, 1)
    state = world.robots[0]
    state["cell"], state["ahead"] = state["goal"], 0
    world.chutes["until"][[0, boards.destination(world, 0)]] = world.tick + 9
    boards.turn_away(world)
    assert state["parcel"] == 0
    world.chutes["until"][0] = 0
    boards.turn_away(world)
    assert (state["parcel"], state["goal"]) == (1, world.chute_cells[0])


def test_what_is_gone_after_a_reboot_is_looked_for(world: World) -> None:
    """The robot says that it has one of two: the other is missing, and it goes on with this."""
    loaded(world, 0, 1)
    recover._reconcile(world, 0, [1])
    assert world.parcels["state"][[0, 1]].tolist() == [ParcelState.MISSING, ParcelState.ON_ROBOT]
    assert (world.robots["parcel"][0], world.robots["phase"][0]) == (1, RobotPhase.TO_CHUTE)


def test_a_robot_with_a_parcel_of_somebody_else_is_faulty(world: World) -> None:
    """Somebody has to look."""
    loaded(world, 0, 1)
    recover._reconcile(world, 0, [0, 1, 2])
    assert world.robots["fault"][0]


@pytest.mark.parametrize("parcel", [0, 1])
def test_a_drop_that_is_given_up_is_no_loss(world: World, parcel: int) -> None:
    """Whichever of its parcels it was to drop: it has both on board still."""
    loaded(world, 0, 1)
    state = world.robots[0]
    state["phase"], state["parcel"], state["closed"] = RobotPhase.DROPPING, parcel, 1
    state["load"], world.boards["said"][0, :2] = 0, (0, 1)
    traffic._action_ended(world, 0, ActionState.FAILED)
    assert (world.parcels["state"][:2] == ParcelState.ON_ROBOT).all()
    assert (state["phase"], state["parcel"]) == (RobotPhase.TO_CHUTE, parcel)


def test_a_robot_taken_out_while_it_loads_takes_no_more(world: World) -> None:
    """What it has on board stays there; what it has not picked is free for others."""
    boards.begin(world, 0, 0)
    state = world.robots[0]
    state["parcel"] = 0
    flow.picked(world, 0)
    row = np.full(1, -1, LOAD)
    row["robot"], row["parcels"][0, :3] = 0, (0, 1, 2)
    boards.complete(world, row)
    state["closed"], state["phase"] = 1, RobotPhase.LOADING
    operate._take_out(world, 0)
    assert (boards.load(world, 0), state["cancel"]) == ([0, 1], 1)
    state["closed"] = 0
    recover._reconcile(world, 0, [0])  # its order dropped before it had begun to load
    recover.let_go(world, 0)
    assert (boards.load(world, 0), state["parcel"]) == ([0], 0)
    assert world.parcels["robot"][[0, 1, 2]].tolist() == [0, -1, -1]


def test_a_robot_cleared_by_hand_has_nothing_left(world: World) -> None:
    """All that it had on board is looked for."""
    loaded(world, 0, 1)
    recover.clear(world, 0, int(world.robots["cell"][0]), -1)
    assert (world.parcels["state"][:2] == ParcelState.MISSING).all()
    assert boards.load(world, 0) == []


# -- whole days


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole day of four robots with four parcels, with a little of each trouble."""
    folder = tmp_path_factory.mktemp("four")
    run = day(folder, toml=FOUR + TROUBLES).live()
    assert run.over
    run.close(0.0)
    run.day.store.close()
    return folder / "run"


@pytest.fixture
def sound(run_folder: Path) -> Recording:
    """The run as the judge reads it, its reports free to be changed."""
    recording = read_recording(run_folder)
    return replace(recording, reports=recording.reports.copy(), log=recording.log.copy())


def test_a_day_with_loads_breaks_no_rule(sound: Recording) -> None:
    """Robots did carry several, and the judges find nothing."""
    assert (sound.reports["more"] > 0).any()
    assert judge(sound).plain() == []


def test_the_judge_sees_too_many_on_a_robot(sound: Recording) -> None:
    """A fifth parcel where there is room for four."""
    sound.reports["load"][-1], sound.reports["more"][-1, :4] = 0, (2, 3, 4, 5)
    assert "room" in judge(sound).counts


def test_the_judge_sees_a_parcel_that_stays_on_board_after_its_drop(sound: Recording) -> None:
    """It says that it has dropped a parcel, and still has it."""
    drops = sound.orders[sound.orders["action"] == Action.DROP]
    first = drops[0]
    mine = (sound.reports["robot"] == first["robot"]) & (sound.reports["order"] == first["order"])
    ended = np.flatnonzero(mine & (sound.reports["action"] >= ActionState.FINISHED))[0]
    sound.reports["more"][ended, -1] = first["parcel"] + 1
    assert "load" in judge(sound).counts


def test_the_judge_knows_a_drop_that_was_given_up(sound: Recording) -> None:
    """The robot has failed to drop a parcel and has it still, among others: that is no end."""
    reports, orders = sound.reports, sound.orders[sound.orders["action"] == Action.DROP]
    dropped = {(row["robot"], row["order"]): row["parcel"] for row in orders}
    k = next(
        k for k in np.flatnonzero(reports["action"] == ActionState.FINISHED)
        if (reports["robot"][k], reports["order"][k]) in dropped and reports["load"][k] >= 0
    )  # fmt: skip
    reports["action"][k] = ActionState.FAILED
    reports["more"][k, 0] = dropped[reports["robot"][k], reports["order"][k]] + 1
    assert "load" not in judge(sound).counts
    ends = finished_actions(sound)
    assert not ((ends[:, 0] == sound.report_ticks[k]) & (ends[:, 1] == reports["robot"][k])).any()


def test_the_judge_sees_another_carrier(sound: Recording) -> None:
    """The log says that another robot has the parcel than the one that drops it."""
    k = np.flatnonzero(sound.log["state"] == ParcelState.ON_ROBOT)[0]
    sound.log["place"][k] ^= 1
    assert "load" in judge(sound).counts


@pytest.mark.parametrize("rule", ["model", "queue"])
def test_hosts_do_not_change_a_day_with_loads(tmp_path: Path, rule: str) -> None:
    """One host or three, the events and the state are the same."""
    toml = FOUR.replace("parcels = 4\n", f'parcels = 4\nloads = "{rule}"\n')
    one = day(tmp_path, 1, "one", toml).live()
    three = day(tmp_path, 3, "three", toml).live()
    assert one.over
    assert one.day.hashes() == three.day.hashes()


@pytest.mark.slow
def test_a_viewer_sees_what_is_on_board(tmp_path: Path) -> None:
    """A replay shows of each robot the parcels that the controller knew on board at that tick."""
    run = day(tmp_path, toml=FOUR + TROUBLES)
    world, seen = run.day.world, {}

    def keep(_: object) -> bool:
        seen[world.tick] = [sorted(boards.on_board(world, k)) for k in range(len(world.robots))]
        return True

    run.live(until=300, seen=keep)
    run.day.store.close()
    source = Replay(tmp_path / "run")
    shown = {
        tick: [sorted(row[row >= 0].tolist()) for row in source.frame(tick).boards] for tick in seen
    }
    source.close()
    assert shown == seen
    assert max(len(row) for rows in seen.values() for row in rows) == 4


@pytest.mark.slow
def test_a_day_whose_parts_are_killed_goes_on_with_loads_and_batteries(tmp_path: Path) -> None:
    """kill -9 of controller, hosts and couriers half way: the hashes of an undisturbed day."""
    battery = "capacity_watt_hours = 15.0\ncharge_watts = 2400.0\n"
    battery += "opening_low = 0.2\nopening_high = 0.35\nleave_at = 0.5"
    path = shortened(tmp_path, 40, robots="parcels = 4", floor="battery = true", battery=battery)
    run = tmp_path / "wire"
    process = fleet("run", str(path), "--speed", "max", "--hosts", "2", "--no-view", "--json",
                    "--out", str(run))  # fmt: skip
    until_sorted(process, run)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) >= 3
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    code, out, error = finished(process)
    assert code == 0, error
    assert "starting it again" in error
    figures = json.loads(out)
    assert figures["floor"]["share"]["charging"] > 0
    assert solo(path, tmp_path / "solo") == (figures["events_hash"], figures["state_hash"])
    assert judge(read_recording(run)).plain() == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_faults_lose_nothing_of_a_load(seed: int) -> None:
    """Lost and late messages, kills, reboots and operators, with four parcels on a robot."""
    result = simulate(Setting(seed, robots=8, minutes=4, parcels=4))
    assert result.violations == []
    assert result.parcels > 0
