"""Days with charging on which operators pause robots, take them out and close chargers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.battery import AT_CHARGER
from fleet.check.command import judge
from fleet.check.recording import read_recording
from fleet.events import Operation, ParcelState, RobotPhase
from fleet.requests import Request
from fleet.run_folder import resume
from tests.fleet.pure_day import CHARGERS, WITH_BATTERY, PureDay, write_files

P = Operation
UNDO = {P.PAUSE: P.RESUME, P.OUT: P.IN, P.CLOSE: P.OPEN}
FOUR = "\n[robots]\nparcels = 4\n"


def begun(folder: Path, toml: str = WITH_BATTERY, ahead: int = 1) -> PureDay:
    """Return a tiny day, just opened, whose robots soon have to charge."""
    run = PureDay(folder, write_files(folder, toml=toml, floor=CHARGERS))
    run.day.world.base_cells = ahead
    return run.live(until=0)


def ask(run: PureDay, *requests: tuple[Operation, int, int]) -> None:
    """Live the next tick, in which operators ask for this."""
    run.day.world.tick += 1
    known = len(run.day.requests)
    run.tick(requests=[Request(f"{known + k}", *one) for k, one in enumerate(requests)])


def until(run: PureDay, phase: RobotPhase) -> int:
    """Live until a robot does this; return which."""
    robots = run.day.world.robots
    while not (robots["phase"] == phase).any():
        run.day.world.tick = run.next_tick()
        run.tick()
    return int(np.flatnonzero(robots["phase"] == phase)[0])


def sound(run: PureDay) -> None:
    """See that every parcel has reached its door and that the judges find nothing."""
    assert set(run.day.world.parcels["state"].tolist()) == {ParcelState.DELIVERED}
    assert judge(read_recording(run.day.folder)).plain() == []


def test_nobody_is_sent_to_a_closed_charger(tmp_path: Path) -> None:
    """With one of two closed from the start, all go to the other."""
    run = begun(tmp_path)
    world = run.day.world
    closed, other = world.floor.chargers.tolist()
    ask(run, (P.CLOSE, -1, closed))
    goals: set[int] = set()

    def watch(_: object) -> bool:
        at = np.isin(world.robots["phase"], AT_CHARGER)
        goals.update(world.robots["goal"][at].tolist())
        return True

    run.live(5000, seen=watch)
    assert goals == {other}
    sound(run)


def test_a_robot_whose_charger_closes_goes_to_another(tmp_path: Path) -> None:
    """It does not wait for a charger that may be closed for long, with a battery that empties."""
    run = begun(tmp_path)
    world = run.day.world
    robot = until(run, RobotPhase.TO_CHARGER)
    cell = int(world.robots["goal"][robot])
    ask(run, (P.CLOSE, -1, cell))
    run.live(5000, seen=lambda _: world.robots["phase"][robot] != RobotPhase.CHARGING)
    assert world.robots["goal"][robot] not in (-1, cell)
    sound(run.live(5000))


def test_a_robot_that_is_out_leaves_its_charger_when_it_has_enough(tmp_path: Path) -> None:
    """It goes on charging meanwhile, and others get the charger afterwards."""
    run = begun(tmp_path)
    world = run.day.world
    robot = until(run, RobotPhase.CHARGING)
    ask(run, (P.OUT, robot, -1))
    run.live(5000, seen=lambda _: world.robots["phase"][robot] != RobotPhase.IDLE)
    assert world.batteries["charge"][robot] >= 100 * world.scenario.battery.leave_at - 1
    assert world.batteries["charging"][robot] == 0
    ask(run, (P.IN, robot, -1))
    sound(run.live(5000))


REQUESTS = st.tuples(
    st.integers(1, 250),
    st.one_of(
        st.tuples(st.just(P.PAUSE), st.integers(-1, 3), st.just(-1)),
        st.tuples(st.just(P.OUT), st.integers(0, 3), st.just(-1)),
        st.tuples(st.just(P.CLOSE), st.just(-1), st.sampled_from([70, 79, 60, 69, 55])),
    ),
    st.integers(1, 150),
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    wishes=st.lists(REQUESTS, max_size=8),
    ahead=st.sampled_from([1, 4]),
    more=st.sampled_from(["", FOUR]),
)
def test_whatever_operators_ask_for_charging_stays_sound(
    tmp_path_factory: pytest.TempPathFactory, wishes: list, ahead: int, more: str
) -> None:
    """Any requests at any ticks, taken back later: all is delivered, judged well, and replays."""
    run = begun(tmp_path_factory.mktemp("day"), WITH_BATTERY + more, ahead)
    plan: dict[int, list[tuple[Operation, int, int]]] = {}
    for tick, (what, robot, cell), lasts in wishes:
        plan.setdefault(tick, []).append((what, robot, cell))
        plan.setdefault(tick + lasts, []).append((UNDO[what], robot, cell))
    for tick in range(1, max(plan, default=0) + 1):
        ask(run, *plan.get(tick, []))
    sound(run.live(5000))
    run.day.store.db.execute("DELETE FROM snapshot")
    run.day.store.close()
    assert resume(run.day.folder, lockstep=True).hashes() == run.day.hashes()
