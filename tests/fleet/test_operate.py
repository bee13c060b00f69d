"""Operators' requests: what they do to a day, when they are refused, and that they survive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet import operate, traffic
from fleet.check.command import judge
from fleet.check.recording import REQUEST, read_recording
from fleet.check.requests import in_force
from fleet.events import OPERATE, Barred, Operation, Out, ParcelState, RobotPhase, RobotStatus
from fleet.requests import (
    EMPTY,
    Request,
    asked_speed,
    describe,
    read_request,
    speed_request,
)
from fleet.run_folder import resume
from fleet.world import tick_hash
from tests.fleet.pure_day import PureDay, write_files

P, O = Operation, Out  # noqa: E741


def ask(
    run: PureDay, what: Operation, robot: int = -1, cell: int = -1, name: str = "", parcel: str = ""
) -> str:
    """Let an operator ask for something in the next tick; return why it was refused."""
    run.day.world.tick += 1
    request = Request(name or f"{len(run.day.requests)}", what, robot, cell, parcel)
    run.tick(requests=[request])
    return str(run.day.answer(request).get("error", ""))


def ticks(run: PureDay, count: int) -> None:
    """Live some ticks one after another."""
    for _ in range(count):
        run.day.world.tick += 1
        run.tick()


def begun(folder: Path, phase: RobotPhase | None = None) -> PureDay:
    """Return a day in which some robot does this."""
    run = PureDay(folder, write_files(folder)).live(until=0)
    while phase is not None and not (run.day.world.robots["phase"] == phase).any():
        run.day.world.tick = run.next_tick()
        run.tick()
    return run


def who(run: PureDay, phase: RobotPhase) -> int:
    """Return the first robot that does this."""
    return int(np.flatnonzero(run.day.world.robots["phase"] == phase)[0])


def sound(run: PureDay) -> None:
    """See that every parcel has reached its door and that the judges find nothing."""
    assert set(run.day.world.parcels["state"].tolist()) == {ParcelState.DELIVERED}
    recording = read_recording(run.day.folder)
    assert judge(recording).plain() == []


@pytest.mark.parametrize("phase", [RobotPhase.TO_STATION, RobotPhase.TO_CHUTE])
def test_robots_taken_out_with_cells_ahead_drop_them(tmp_path: Path, phase: RobotPhase) -> None:
    """As on a real clock, with more than the next cell released: the judges agree."""
    run = PureDay(tmp_path, write_files(tmp_path))
    world = run.day.world
    world.base_cells = 4
    run.live(until=0)
    taken = 0
    for _ in range(400):
        ahead = (world.robots["ahead"] > 1) & (world.robots["phase"] == phase)
        if taken < 6 and ahead.any():
            robot = int(np.argmax(ahead))
            ask(run, P.OUT, robot)
            ticks(run, 6)
            assert world.robots["cancel"][robot] == 0
            ask(run, P.IN, robot)
            taken += 1
        ticks(run, 1)
    assert taken == 6
    run.live()
    sound(run)


def test_a_paused_floor_ends_what_is_granted_and_no_more(tmp_path: Path) -> None:
    """Robots are told to stop within their bases; nobody gets a cell until it is resumed."""
    run = begun(tmp_path, RobotPhase.TO_CHUTE)
    world = run.day.world
    ask(run, P.PAUSE)
    held = world.held.copy()
    ticks(run, 5)
    assert world.robots["halted"].all()
    assert np.isin(np.flatnonzero(world.held >= 0), np.flatnonzero(held >= 0)).all()
    still = world.robots["cell"].copy()
    ticks(run, 5)
    assert (world.robots["cell"] == still).all()
    ask(run, P.RESUME)
    sound(run.live())


def test_a_paused_robot_stands_and_the_others_go_on(tmp_path: Path) -> None:
    """Its parcel waits with it; resumed, it brings it to its chute."""
    run = begun(tmp_path, RobotPhase.TO_CHUTE)
    world, robot = run.day.world, who(run, RobotPhase.TO_CHUTE)
    ask(run, P.PAUSE, robot)
    ticks(run, 3)
    cell, parcel = world.robots["cell"][robot], world.robots["parcel"][robot]
    ticks(run, 60)
    assert world.robots["cell"][robot] == cell
    assert world.robots["jobs"].sum() > 0
    assert world.parcels["state"][parcel] == ParcelState.ON_ROBOT
    assert run.day.floor.free[cell]
    ask(run, P.RESUME, robot)
    sound(run.live())


def test_a_robot_that_is_taken_out_goes_aside_with_its_parcel(tmp_path: Path) -> None:
    """It keeps what is on board, stands where it is quiet, and drops it when it is back."""
    run = begun(tmp_path, RobotPhase.TO_CHUTE)
    world, robot = run.day.world, who(run, RobotPhase.TO_CHUTE)
    ask(run, P.OUT, robot)
    ticks(run, 60)
    row = world.robots[robot]
    assert row["out"] == Out.STANDS
    assert world.quiet[row["cell"]]
    assert world.parcels["state"][row["parcel"]] == ParcelState.ON_ROBOT
    assert traffic.status(world)[robot] & RobotStatus.OUT
    ask(run, P.IN, robot)
    sound(run.live())


def test_a_parcel_that_was_not_picked_goes_to_another_robot(tmp_path: Path) -> None:
    """A robot that is taken out on its way to a station loses its task, nobody its parcel."""
    run = begun(tmp_path, RobotPhase.TO_STATION)
    world, robot = run.day.world, who(run, RobotPhase.TO_STATION)
    parcel = int(world.robots["parcel"][robot])
    if world.robots["closed"][robot]:
        pytest.skip("it was about to pick")
    ask(run, P.OUT, robot)
    assert world.robots["parcel"][robot] == -1
    run.live()
    assert world.parcels["state"][parcel] == ParcelState.DELIVERED
    sound(run)


def test_a_closed_cell_is_gone_round_and_a_held_one_closed_when_left(tmp_path: Path) -> None:
    """Who stands there without business leaves; then nobody enters until it is opened."""
    run = begun(tmp_path)
    world = run.day.world
    robot = int(np.flatnonzero(world.robots["phase"] == RobotPhase.IDLE)[0])
    cell = int(world.robots["cell"][robot])
    ask(run, P.CLOSE, cell=cell)
    assert world.barred[cell] == Barred.WHEN_LEFT
    run.live()
    assert world.barred[cell] == Barred.CLOSED
    sound(run)


def test_parcels_of_a_closed_station_wait_until_it_is_opened(tmp_path: Path) -> None:
    """No robot is sent there, and a floor with nothing else to do is quiet."""
    run = begun(tmp_path)
    station = int(run.day.floor.stations[0])
    ask(run, P.CLOSE, cell=station)
    run.live()
    left = run.day.world.parcels["station"][
        run.day.world.parcels["state"] == ParcelState.AT_STATION
    ]
    assert set(left.tolist()) == {0}
    ask(run, P.OPEN, cell=station)
    sound(run.live())


def test_a_robot_off_the_floor_comes_back_elsewhere(tmp_path: Path) -> None:
    """Cleared, it holds nothing and its parcel is looked for; set down, it works again."""
    run = begun(tmp_path, RobotPhase.TO_CHUTE)
    world, robot = run.day.world, who(run, RobotPhase.TO_CHUTE)
    ask(run, P.OUT, robot)
    ticks(run, 60)
    parcel = int(world.robots["parcel"][robot])
    assert ask(run, P.CLEAR, robot) == ""
    assert not (world.held == robot).any()
    assert world.parcels["state"][parcel] == ParcelState.MISSING
    run.robots[0]["load"][robot] = -1
    ticks(run, 2)
    free = np.flatnonzero(world.floor.free & (world.held < 0))
    assert ask(run, P.CLEAR, robot, int(free[0])) == ""
    run.robots[0]["cell"][robot] = free[0]
    ask(run, P.IN, robot)
    sound(run.live())


@pytest.mark.parametrize(
    ("what", "robot", "cell", "why"),
    [
        (P.PAUSE, 99, -1, "robot 99: no such robot; this day has 0 to 3"),
        (P.OUT, -1, -1, "robot -1: no such robot"),
        (P.CLOSE, -1, 9999, "cell 9999: no such cell"),
        (P.CLOSE, -1, 31, "cell 31: a wall"),
        (P.CLEAR, 0, -1, "robot 0: in use, and not lost; take it out first"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, what: Operation, robot: int, cell: int, why: str
) -> None:
    """One line says why, nothing changes, and the journal replays it all the same."""
    run = begun(tmp_path)
    assert ask(run, what, robot, cell).startswith(why)
    assert not run.day.world.paused
    assert not run.day.world.barred.any()
    run.day.store.close()
    assert resume(run.day.folder, lockstep=True).hashes() == run.day.hashes()


def test_a_clearance_needs_a_free_open_cell_and_its_own_parcel(tmp_path: Path) -> None:
    """Another's cell, a closed one, a wall and a strange parcel are refused."""
    run = begun(tmp_path)
    world = run.day.world
    world.robots["out"][0] = Out.LEAVING
    other = int(world.robots["cell"][1])
    world.barred[40] = Barred.CLOSED if world.held[40] < 0 else Barred.NO
    for cell, parcel, why in (
        (other, -1, "held by robot 1"),
        (31, -1, "a wall"),
        (40, -1, "closed"),
        (int(world.robots["cell"][0]), 3, "no task with this parcel"),
        (-1, operate.UNKNOWN, "no task with this parcel"),
    ):
        assert why in operate.refusal(world, P.CLEAR, 0, cell, parcel)


@pytest.mark.parametrize("on_it", [True, False])
def test_a_clearance_says_what_became_of_a_pick_that_was_never_reported(
    tmp_path: Path, *, on_it: bool
) -> None:
    """Whether the parcel is on the robot or at its station, only who has looked knows."""
    run = begun(tmp_path, RobotPhase.LOADING)
    world, robot = run.day.world, who(run, RobotPhase.LOADING)
    parcel = int(world.robots["parcel"][robot])
    world.robots["out"][robot] = Out.LEAVING
    refused = ask(run, P.CLEAR, robot)
    assert refused.startswith(f"robot {robot}: was told to pick a parcel and never said")
    assert "--empty" in refused
    assert (world.held == robot).any()
    assert "no task with this parcel" in ask(run, P.CLEAR, robot, parcel="nobody's")
    found = run.day.book.names[parcel] if on_it else EMPTY
    assert ask(run, P.CLEAR, robot, parcel=found) == ""
    now = world.parcels["state"][parcel]
    assert now == (ParcelState.MISSING if on_it else ParcelState.AT_STATION)
    assert not (world.held == robot).any()


def test_a_request_is_done_once_whatever_happens(tmp_path: Path) -> None:
    """Asked again, in the same tick, later or after a restart, it has the same answer."""
    run = begun(tmp_path)
    pause = Request("one", P.PAUSE)
    run.day.world.tick += 1
    run.tick(requests=[pause, pause])
    first = run.day.answer(pause)
    assert first["ok"]
    ask(run, P.RESUME)
    ask(run, P.PAUSE, name="one")
    assert not run.day.world.paused
    run.day.store.close()
    run.day = resume(run.day.folder, lockstep=True)
    assert run.day.answer(pause) == first
    ask(run, P.PAUSE, name="one")
    assert not run.day.world.paused
    assert "another request" in str(run.day.answer(Request("one", P.RESUME))["error"])


def test_a_request_that_comes_too_late_is_refused(tmp_path: Path) -> None:
    """One that lay on a dead link for long is not done; what was done in time keeps its answer."""
    run = begun(tmp_path)
    now = run.day.world.tick + 1
    pause, resume_ = Request("one", P.PAUSE, until=now), Request("two", P.RESUME, until=now)
    run.day.world.tick += 1
    run.tick(requests=[pause])
    run.day.world.tick += 1
    run.tick(requests=[pause, resume_])
    assert run.day.answer(pause)["ok"]
    assert "too late" in str(run.day.answer(resume_)["error"])
    assert run.day.world.paused
    assert read_request(resume_.plain(), "").until == now
    with pytest.raises(ValueError, match="until"):
        read_request(resume_.plain() | {"until": "noon"}, "")


def test_a_speed_is_kept_and_is_no_part_of_the_state(tmp_path: Path) -> None:
    """The clock's speed is asked for, journalled and judged; the day goes as it would have gone."""
    hashes = []
    for k, asked in enumerate(([], [speed_request("s", 2.5), speed_request("t", 1e5)])):
        (tmp_path / str(k)).mkdir()
        run = begun(tmp_path / str(k))
        ticks(run, 30)
        run.day.world.tick += 1
        run.tick(requests=asked)
        if asked:
            assert run.day.answer(asked[0])["ok"]
            assert "choose 0" in str(run.day.answer(asked[1])["error"])
        ticks(run, 5)
        run.day.store.close()
        run.day = resume(run.day.folder, lockstep=True)
        ticks(run, 5)
        hashes.append(tick_hash(run.day.world))
        run.live()
        sound(run)
    assert hashes[0] == hashes[1]
    assert read_recording(run.day.folder).asked["what"].tolist() == [P.SPEED, P.SPEED]


def test_the_last_speed_that_was_not_refused_counts() -> None:
    """Of a tick's requests; where none asks for a speed the clock runs on as it does."""
    asked = [speed_request("a", 4), speed_request("b", 0.5), Request("c", P.PAUSE)]
    rows = np.array([(r.what, r.robot, r.cell, -1) for r in asked], OPERATE)
    assert asked_speed(rows, ["", "", ""]) == 0.5
    assert asked_speed(rows, ["", "no", ""]) == 4
    assert asked_speed(rows[2:], [""]) is None


def test_requests_are_named_and_read() -> None:
    """What is packed is what is unpacked; what is none is refused; each has its words."""
    request = Request("x", P.CLEAR, 3, 7, "P1", "operator")
    assert read_request(request.plain(), "operator") == request
    for broken in ({"id": ""}, {"id": 3}, {"what": "fly"}, {"robot": "3"}, {"cell": -2},
                   {"robot": True}, {"parcel": 3}):  # fmt: skip
        with pytest.raises(ValueError, match=r"id|none of|no n"):
            read_request(request.plain() | broken, "")
    words = [describe(what, 3, 7) for what in Operation]
    assert len(set(words)) == len(Operation)
    assert describe(P.PAUSE, -1, -1) == "pause floor"


def test_the_judge_knows_what_was_in_force_when() -> None:
    """A pause holds from its tick to that of its end, or for ever."""
    rows = [(3, P.PAUSE, -1, -1), (4, P.CLOSE, -1, 9), (5, P.PAUSE, -1, -1), (8, P.RESUME, -1, -1)]
    requests = np.array([(*row, False) for row in rows], REQUEST)
    assert in_force(requests) == [(P.PAUSE, -1, -1, 3, 8), (P.CLOSE, -1, 9, 4, 2**62)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "robot", "found"), [(P.PAUSE, -1, "paused"), (P.PAUSE, 1, "paused"), (P.OUT, 1, "out")]
)
def test_the_judge_finds_disobedience(
    tmp_path: Path, what: Operation, robot: int, found: str
) -> None:
    """A recording that says that a request was in force all day is a violation."""
    run = PureDay(tmp_path, write_files(tmp_path)).live()
    sound(run)
    run.day.store.insert("request", [(None, "a", 1, "", int(what), robot, -1, "", "")])
    cell = int(run.day.floor.stations[0])
    run.day.store.insert("request", [(None, "b", 1, "", int(P.CLOSE), -1, cell, "", "")])
    assert {found, "closed", "request"} <= set(judge(read_recording(run.day.folder)).counts)


REQUESTS = st.tuples(
    st.integers(1, 150), st.sampled_from([P.PAUSE, P.OUT, P.CLOSE]), st.integers(-1, 3),
    st.integers(0, 79), st.integers(1, 60),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(wishes=st.lists(REQUESTS, max_size=8), ahead=st.sampled_from([1, 4]))
def test_whatever_operators_ask_for_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, wishes: list, ahead: int
) -> None:
    """Any requests at any ticks, taken back later: all is delivered, judged well, and replays."""
    folder = tmp_path_factory.mktemp("day")
    run = PureDay(folder, write_files(folder))
    run.day.world.base_cells = ahead
    run.live(until=0)
    undo = {P.PAUSE: P.RESUME, P.OUT: P.IN, P.CLOSE: P.OPEN}
    plan: dict[int, list[Request]] = {}
    for k, (tick, what, robot, cell, lasts) in enumerate(wishes):
        robot = -1 if what == P.CLOSE else robot
        cell = cell if what == P.CLOSE else -1
        plan.setdefault(tick, []).append(Request(f"{k}", what, robot, cell))
        back = Request(f"-{k}", undo[what], robot, cell)
        plan.setdefault(tick + lasts, []).append(back)
    for tick in range(1, max(plan, default=0) + 1):
        run.day.world.tick = tick
        run.tick(requests=plan.get(tick, []))
    sound(run.live())
    run.day.store.db.execute("DELETE FROM snapshot")
    run.day.store.close()
    assert resume(run.day.folder, lockstep=True).hashes() == run.day.hashes()
