"""A day's core, tick by tick: parcels reach their doors, repeat, replay and go on after a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet import flow, robot
from fleet.admission import forged_reports
from fleet.controller import step
from fleet.event_bytes import pack, unpack
from fleet.events import COURIER, PLAN, CourierNews, ParcelState, Sheet, TourState
from fleet.message_states import decode_states, encode_states
from fleet.run_folder import resume
from fleet.store import Store
from fleet.world import state_hash
from tests.fleet.pure_day import TOML, PureDay, write_files

TROUBLES = """
[troubles]
missing_share = {missing}
found_seconds = 5.0
failed_share = {failed}
blocked_per_hour = 2000.0
blocked_seconds = 5.0
cancelled_share = {cancelled}
untoured_share = {untoured}
"""


def states(run: PureDay) -> list[ParcelState]:
    """Return where each parcel has ended."""
    return [ParcelState(s) for s in run.day.world.parcels["state"].tolist()]


def test_every_parcel_of_a_calm_day_is_delivered_once(tmp_path: Path) -> None:
    """Fourteen parcels, four robots, three couriers: all delivered, all tours done."""
    run = PureDay(tmp_path, write_files(tmp_path)).live()
    assert run.over
    assert set(states(run)) == {ParcelState.DELIVERED}
    assert run.day.world.tours["wanted"].sum() == 14
    assert (run.day.world.robots["jobs"].sum()) == 14


@pytest.mark.slow
def test_hosts_do_not_change_the_day(tmp_path: Path) -> None:
    """One host or three, the events and the state are the same."""
    scenario = write_files(tmp_path)
    one = PureDay(tmp_path, scenario, hosts=1, run="one").live()
    three = PureDay(tmp_path, scenario, hosts=3, run="three").live()
    assert one.day.hashes() == three.day.hashes()


@pytest.mark.slow
def test_a_replay_of_the_journal_leads_to_the_same_state(tmp_path: Path) -> None:
    """The stored events alone, without planner or robots, rebuild the state bit for bit."""
    run = PureDay(tmp_path, write_files(tmp_path)).live()
    run.day.store.db.execute("DELETE FROM snapshot")
    run.day.store.db.execute("DELETE FROM meta WHERE key = 'ended'")
    run.day.store.close()
    again = resume(tmp_path / "run", lockstep=True)
    assert again.hashes() == run.day.hashes()


@pytest.mark.slow
@pytest.mark.parametrize("stop", [0, 45, 90, 200])
def test_a_stopped_day_goes_on_to_the_same_end(tmp_path: Path, stop: int) -> None:
    """Stopped at any tick and resumed from its folder, the day ends as if it had not been."""
    scenario = write_files(tmp_path)
    calm = PureDay(tmp_path, scenario, run="calm").live()
    broken = PureDay(tmp_path, scenario, run="broken").live(until=stop)
    broken.day.store.close()
    broken.day = resume(tmp_path / "broken", lockstep=True)
    while (tick := broken.next_tick()) < 2**62:
        broken.day.world.tick = tick
        broken.tick()
    assert broken.day.hashes() == calm.day.hashes()


@pytest.mark.slow
@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(seed=st.integers(0, 1000), missing=st.sampled_from([0.0, 0.3]),
       failed=st.sampled_from([0.0, 0.4]), cancelled=st.sampled_from([0.0, 0.4]),
       untoured=st.sampled_from([0.0, 0.3]))  # fmt: skip
def test_troubles_lose_no_parcel(
    tmp_path_factory: pytest.TempPathFactory, seed: int, missing: float, failed: float,
    cancelled: float, untoured: float,
) -> None:  # fmt: skip
    """With every trouble at once each parcel still comes to exactly one end."""
    folder = tmp_path_factory.mktemp("day")
    toml = TOML.replace("seed = 3", f"seed = {seed}") + TROUBLES.format(
        missing=missing, failed=failed, cancelled=cancelled, untoured=untoured
    )
    run = PureDay(folder, write_files(folder, toml=toml)).live()
    assert run.over
    world = run.day.world
    ended = {ParcelState.DELIVERED, ParcelState.REJECTED, ParcelState.CANCELLED,
             ParcelState.RETURNED}  # fmt: skip
    assert set(states(run)) <= ended
    assert (world.held >= 0).sum() == len(world.robots)
    assert (world.robots["load"] == -1).all()
    if not failed and not cancelled and not untoured:
        assert set(states(run)) == {ParcelState.DELIVERED}


def test_a_parcel_cancelled_on_its_robot_goes_to_the_reject_chute(tmp_path: Path) -> None:
    """Cancelled while carried, a parcel ends in the reject chute and its tour leaves without it."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    world = run.day.world
    while not (world.parcels["state"] == ParcelState.ON_ROBOT).any():
        world.tick = run.next_tick()
        run.tick()
    parcel = int(np.flatnonzero(world.parcels["state"] == ParcelState.ON_ROBOT)[0])
    world.tick += 1
    run.tick(cancels=[run.day.book.names[parcel]])
    run.live()
    assert run.over
    assert states(run)[parcel] == ParcelState.REJECTED
    assert sum(s == ParcelState.DELIVERED for s in states(run)) == 13


def test_a_step_without_events_changes_nothing_but_time(tmp_path: Path) -> None:
    """With nothing in the journal a replayed step only counts the robots' idle time."""
    run = PureDay(tmp_path, write_files(tmp_path))
    world = run.day.world
    world.robots["sheet"] = Sheet.KNOWN  # nobody has to be asked what it is
    before = state_hash(world)
    effects = step(world, {}, None)
    assert world.robots["idle_ticks"].tolist() == [1] * 4
    world.robots["idle_ticks"] = 0
    assert state_hash(world) == before
    assert not len(effects.orders)
    assert effects.events == {}


def test_repeating_an_order_on_an_idle_floor_is_no_work(tmp_path: Path) -> None:
    """A replay repeats no order, so a tick in which nothing else is sent counts as none."""
    run = PureDay(tmp_path, write_files(tmp_path))
    world = run.day.world
    world.robots["sheet"] = Sheet.KNOWN  # nobody has to be asked what it is
    world.robots["anchor"][0], world.robots["anchor_cell"][0] = 0, world.robots["cell"][0]
    effects = step(world, {}, None, resend=True)
    assert effects.orders["robot"].tolist() == [0]
    repeated = state_hash(world)
    assert world.floor_ticks == 0
    world.robots["idle_ticks"] = 0
    assert not len(step(world, {}, None).orders)
    assert state_hash(world) == repeated


def test_the_plan_of_a_wave_that_nobody_is_left_of_is_kept(tmp_path: Path) -> None:
    """Where all its parcels were cancelled, the journal says all the same that it was planned."""
    run = PureDay(tmp_path, write_files(tmp_path))
    world = run.day.world
    world.waves = 1
    effects = step(world, {"plan": np.empty(0, PLAN)}, None)
    assert world.planned == 1
    assert len(world.tours) == 0
    world.planned = 0
    step(world, unpack(pack(effects.events)), None)
    assert world.planned == 1


def test_submitting_again_takes_in_nothing_twice(tmp_path: Path) -> None:
    """A known id is counted as known; an unsound parcel is refused."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    known, answer = run.day.new_parcels(run.day.book)
    assert len(known) == 0
    assert answer == {"accepted": 0, "known": 14, "refused": 0}
    heavy = run.day.book.take(np.array([0]))
    heavy.names[0] = "new"
    heavy.size[0] = 99
    why = "its size is above the van's capacity of "
    assert run.day.new_parcels(heavy)[1] == {
        "accepted": 0, "known": 0, "refused": 1,
        "reasons": [["new", why + str(run.day.scenario.city.capacity)]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("x", 1e308), ("x", np.nan), ("y", -25_000_001.0), ("size", -1), ("station", 99),
        ("ready_seconds", np.inf), ("ready_seconds", 1e300), ("ready_seconds", -1.0),
        ("due_open", -np.inf), ("due_close", 1e300),
    ],
)  # fmt: skip
def test_a_parcel_that_no_plan_could_take_stays_outside(
    tmp_path: Path, column: str, value: float
) -> None:
    """It is refused with its id and the reason; the sound one beside it comes in."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    two = run.day.book.take(np.array([0, 1]))
    two.names[:] = ["bad", "good"]
    getattr(two, column)[0] = value
    taken, answer = run.day.new_parcels(two)
    assert taken.names == ["good"]
    [[name, why]] = answer["reasons"]  # type: ignore[misc]
    assert (name, answer["refused"]) == ("bad", 1)
    assert why.startswith(f"its {column.removesuffix('_seconds')} is")


def test_parcels_that_come_one_by_one_are_spread_over_the_stations(tmp_path: Path) -> None:
    """As they would be in one submission: many clients in one tick do not all meet at one."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    some = run.day.book.take(np.arange(8))
    some.names[:] = [f"new {name}" for name in some.names]
    some.station[:] = -1
    apart, _ = run.day.submitted([some.take(np.array([k])) for k in range(8)])
    for name in some.names:
        del run.day.names[name]
    together, _ = run.day.submitted([some])
    assert apart.station.tolist() == together.station.tolist()
    assert len(set(together.station.tolist())) > 1


def test_the_answer_to_a_cancellation_sums_up(tmp_path: Path) -> None:
    """Each id is cancelled now, was so before, or is refused with a reason."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    day = run.day
    day.world.tick += 1
    run.tick(cancels=["P0"])
    gone = day.cancelled(["P0", "P1"])
    assert gone == {"P0"}
    day.world.tick += 1
    run.tick(cancels=["P0", "P1", "NOPE"])
    assert day.cancel_answer(["P0", "P1", "NOPE"], gone) == {
        "accepted": 1, "known": 1, "refused": 1,
        "reasons": [["NOPE", "no parcel of this day has this id"]],
    }  # fmt: skip
    run.live()
    delivered = [name for name, state in zip(day.book.names, states(run), strict=True)
                 if state == ParcelState.DELIVERED]  # fmt: skip
    assert day.cancel_answer(delivered[:1], gone)["reasons"] == [[delivered[0], "it is delivered"]]


@pytest.mark.parametrize("home", [False, True])
def test_a_cancellation_in_the_tick_of_a_failed_delivery_is_answered(
    tmp_path: Path, home: bool
) -> None:
    """It came too late for the parcel that was out, and too early for the one that comes back."""
    run = PureDay(tmp_path, write_files(tmp_path))
    world = run.day.world
    run.live_one()
    while not (world.tours["state"] == TourState.OUT).any():
        run.live_one()
    tour = int(np.flatnonzero(world.tours["state"] == TourState.OUT)[0])
    courier, stops = int(world.tours["courier"][tour]), flow.tour_stops(world, tour).tolist()
    news = [(courier, tour, k, parcel, CourierNews.FAILED) for k, parcel in enumerate(stops)]
    if home:
        news.append((courier, tour, len(stops), -1, CourierNews.HOME))
    run.inbox["courier"] = np.array(news, COURIER)
    name = run.day.book.names[stops[0]]
    world.tick += 1
    run.tick(cancels=[name])
    assert run.day.cancel_answer([name], set())["reasons"] == [
        [name, "it was with its courier, who has just failed to deliver it; ask again"]
    ]


def test_what_is_committed_is_in_the_store(tmp_path: Path) -> None:
    """After each tick the store's last state of every parcel is the one in memory."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=150)
    reader = Store(tmp_path / "run" / "store.sqlite")
    rows = reader.db.execute(
        "SELECT parcel, state FROM parcel_log WHERE seq IN "
        "(SELECT max(seq) FROM parcel_log GROUP BY parcel) ORDER BY parcel"
    ).fetchall()
    reader.close()
    assert [state for _, state in rows] == run.day.world.parcels["state"].tolist()


def test_robots_that_say_they_have_no_order_yet_are_not_at_fault(tmp_path: Path) -> None:
    """What a host says of all its robots when it connects, through JSON, makes nobody faulty."""
    run = PureDay(tmp_path, write_files(tmp_path))
    robots = run.robots[0]
    said = decode_states(
        encode_states(
            robot.report(robots, 0), robots["queue"], robots["action"],
            np.zeros(4, np.int64), "2017-11-11T00:00:00.000Z", "tiny", 10, 0.6,
        )
    )  # fmt: skip
    first, last = np.zeros(4, int), np.full(4, 4)
    assert not forged_reports(run.day.world, said, first, last).any()
    run.inbox["report"] = said
    run.tick()
    assert not run.day.world.robots["fault"].any()
