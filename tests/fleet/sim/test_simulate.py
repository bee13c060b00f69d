"""Simulated runs: seeds hold every rule, repeat, and catch planted defects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fleet.__main__ import main
from fleet.check.violations import Violation
from fleet.controller import Decides, Effects, step
from fleet.day import Day
from fleet.events import Events, ParcelState
from fleet.parcels import Parcels
from fleet.sim import faults as sim_faults
from fleet.sim import simulation
from fleet.sim.defects import DEFECTS
from fleet.sim.faults import CrashPoint, Fault
from fleet.sim.simulate import command, run_one, shrink
from fleet.sim.simulation import Result, Setting, simulate
from fleet.world import World, opening, restore, snapshot, tick_hash

SMALL = Setting(3, robots=6, minutes=3)
SEEDS = Path(__file__).parents[2] / "data" / "simulated_seeds.txt"

# Defects that one small run finds at once; all of them: `fleet simulate --defect NAME`.
QUICK = (
    "grant-freed-by-timeout",
    "left-cell-not-held",
    "bases-forgotten",
    "places-swapped",
    "late-state-believed",
    "submitted-twice",
    "store-not-fenced",
    "moves-not-journalled",
)


def with_faults(monkeypatch: pytest.MonkeyPatch, *faults: Fault) -> None:
    """Let a run have these timed faults and no others."""
    monkeypatch.setattr(simulation, "schedule", lambda *_: list(faults))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_a_run_with_all_faults_breaks_no_rule(seed: int) -> None:
    """Every parcel comes to its end once, no two robots meet, and faults did happen."""
    result = simulate(Setting(seed, robots=8, minutes=4))
    assert result.violations == []
    assert result.parcels > 0
    for kind in (*sim_faults.MESSAGE_KINDS, *sim_faults.PER_HALF_HOUR):
        assert result.faults[kind] > 0


@pytest.mark.slow
def test_a_seed_repeats() -> None:
    """The same seed is the same run, fault by fault and tick by tick."""
    first, second = simulate(SMALL), simulate(SMALL)
    assert (first.ticks, first.faults) == (second.ticks, second.faults)


@pytest.mark.slow
@pytest.mark.parametrize("parcels", [1, 3])
def test_each_tick_replays_to_the_same_state(monkeypatch: pytest.MonkeyPatch, parcels: int) -> None:
    """What a tick kept leads another world, without planners, to the same hash, killed or not."""
    live = Day.tick
    twins: dict[Day, World] = {}

    def tick(
        day: Day, events: Events, brain: Decides, new: Parcels, *rest: Any, **how: Any
    ) -> Effects:
        twin = twins.pop(day, None)
        if twin is None:
            twin = opening(day.scenario, day.floor, base_cells=day.world.base_cells)
            restore(twin, snapshot(day.world))
        effects = live(day, events, brain, new, *rest, **how)
        twin.tick, twin.epoch = day.world.tick, day.world.epoch
        step(twin, effects.events, None, new if len(new) else None)
        assert tick_hash(twin) == tick_hash(day.world)
        twins[day] = twin
        return effects

    monkeypatch.setattr(Day, "tick", tick)
    result = simulate(Setting(2, robots=6, minutes=2, parcels=parcels))
    assert result.violations == []


# Where a controller is killed, and what must be true of the tick after it.
CRASHES = [
    # point, the tick is durable, clients were answered
    (CrashPoint.BEFORE_STEP, False),
    (CrashPoint.IN_TRANSACTION, False),
    (CrashPoint.COMMITTED, True),
    (CrashPoint.ANSWERED, True),
    (CrashPoint.HALF_SENT, True),
    (CrashPoint.SENT, True),
]


@pytest.mark.slow
@pytest.mark.parametrize(("point", "durable"), CRASHES)
def test_a_controller_killed_between_two_writes_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, point: CrashPoint, durable: bool
) -> None:
    """At each crash point the next one finds the tick wholly or not at all, and loses nothing."""
    at = 50  # a client's batch comes in this very tick
    with_faults(monkeypatch, Fault("controller_kill", at, int(point), 4, 0.2))
    run = simulation.Simulation(SMALL, tmp_path)
    for now in range(at + 5):
        if now == at:
            before = run.controller.world.tick  # type: ignore[union-attr]
        run.tick(now)
    after = run.controller.day.store.last_tick()  # type: ignore[union-attr]
    # One tick since it is back, and the one in which it was killed, if that was durable.
    assert after == before + 1 + durable
    for now in range(at + 5, at + 60):
        run.tick(now)
    assert run.truth.violations.found == []
    run.controller.day.store.close()  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("chance", [0.0, 0.3, 0.7, 1.0])
def test_a_torn_write_is_no_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chance: float
) -> None:
    """However much of a commit reached the disk, the store opens at one whole tick."""
    with_faults(monkeypatch, Fault("torn_write", 50, 0, 4, chance))
    run = simulation.Simulation(SMALL, tmp_path)
    for now in range(120):
        run.tick(now)
    assert run.truth.violations.found == []
    run.controller.day.store.close()  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_parcel_picked_by_a_robot_that_broke_before_it_said_so_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The operator who takes it off says what was found on it; nobody is sent for it meanwhile."""
    with_faults(monkeypatch)
    run = simulation.Simulation(SMALL, tmp_path)
    now = 0
    while not len(picked := np.flatnonzero(run.hosts.robots["load"] >= 0)):
        run.tick(now)
        now += 1
    robot, world = int(picked[0]), run.controller.world  # type: ignore[union-attr]
    parcel = int(run.hosts.robots["load"][robot])
    assert world.parcels["state"][parcel] == ParcelState.AT_STATION
    run._begin(Fault("robot_broken", now, robot, 2, 0.0), now)
    states = set()
    for later in range(now, now + 60):
        run.tick(later)
        states.add(int(world.parcels["state"][parcel]))
    assert run.truth.violations.found == []
    assert ParcelState.MISSING in states
    run.controller.day.store.close()  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_a_planted_defect_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each of these breaks a rule within a few seeds."""
    # A sound run of this size is over some 200 ticks after its faults.
    monkeypatch.setattr(simulation, "AFTER_TICKS", 1000)
    assert any(run_one(Setting(seed, 8, 4), name).violations for seed in range(6))


def test_a_defect_is_gone_after_its_run() -> None:
    """What a defect replaced is back, so that the next run is whole."""
    assert len(DEFECTS) >= 12
    assert run_one(Setting(0, 4, 1), "left-cell-not-held").violations
    assert not run_one(Setting(0, 4, 1), None).violations


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [text for text in SEEDS.read_text().splitlines() if not text.startswith("#")]
)
def test_seeds_that_once_failed_stay_whole(line: str) -> None:
    """Regressions, by seed."""
    seed, robots, minutes = map(int, line.split())
    assert simulate(Setting(seed, robots, minutes)).violations == []


def test_shrinking_keeps_only_the_faults_that_matter() -> None:
    """Of twenty faults two make a run fail, with lost messages; only these are left."""

    def fails(setting: Setting) -> bool:
        only = range(20) if setting.only is None else setting.only
        return {3, 11} <= set(only) and "lost" not in setting.without

    small = shrink(Setting(5), fails, 20)
    assert small.only == (3, 11)
    assert small.without == {"doubled", "delayed", "late"}
    assert command(small, None) == (
        "fleet simulate --seeds 5:6 --robots 200 --minutes 30 --faults 3,11 "
        "--without delayed,doubled,late"
    )


def test_the_drawn_faults_follow_their_rates() -> None:
    """Half an hour has three kills of each process; a hundred robot-hours about a hundred stops."""
    faults = [f for seed in range(20) for f in sim_faults.schedule(seed, 200, 3, 1800, 1.0)]
    kinds = [f.kind for f in faults]
    assert kinds.count("controller_kill") == 3 * 20
    assert kinds.count("host_kill") == 3 * 20
    assert 80 * 20 < kinds.count("robot_stop") < 120 * 20
    assert all(f.tick + f.ticks < 1800 for f in faults)
    assert np.unique([f.who for f in faults if f.kind == "controller_kill"]).size == len(CrashPoint)


@pytest.mark.slow
def test_the_command_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    """`fleet simulate --json`: counts and no violations, exit code 0; with a defect 1."""
    small = ["--robots", "4", "--minutes", "1", "--workers", "1", "--json"]
    assert main(["simulate", "--seeds", "0:2", *small]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["ok"]
    assert summary["seeds"] == 2
    assert summary["violations"] == []
    assert set(summary["faults"]) == set(sim_faults.KINDS)
    caught = ["simulate", "--seeds", "0:2", *small, "--defect", "left-cell-not-held"]
    assert main([*caught, "--no-shrink"]) == 1
    said = capsys.readouterr()
    assert not json.loads(said.out)["ok"]
    assert "again: fleet simulate --seeds 0:1" in said.err


def test_the_command_that_replays_is_said_before_the_shrinking(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To make the faults fewer may take minutes; what is certain is said first."""
    said: list[str] = []

    def wait(setting: Setting, *_: object) -> Setting:
        said.append(capsys.readouterr().err)
        return setting

    found = Result(0.1, 10, {}, [Violation("collision", "tick 1", "robots 0 and 1")])
    monkeypatch.setattr("fleet.sim.simulate.results", lambda *_: iter([(7, found)]))
    monkeypatch.setattr("fleet.sim.simulate.shrink", wait)
    assert main(["simulate", "--seeds", "7:8", "--json"]) == 1
    assert "again: fleet simulate --seeds 7:8" in said[0]


def test_a_crash_is_told_though_it_leaves_no_faults_to_choose_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crashed seed has no list of timed faults."""
    found = Result(0.0, 0, {}, [Violation("crash", "tick:1", "ZeroDivisionError")])
    monkeypatch.setattr("fleet.sim.simulate.results", lambda *_: iter([(7, found)]))
    assert main(["simulate", "--seeds", "7", "--faults", "3", "--no-shrink"]) == 1
    assert "seed 7: crash: tick:1: ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--robots", "0"], "--robots 0: out of range"),
        (["--defect", "x"], "--defect x: no such defect"),
        (["--without", "x"], "--without x: no kind"),
        (["--faults", "x"], "--faults x: write numbers"),
        (["--seeds", "0:1", "--robots", "2", "--minutes", "1", "--faults", "0,999"], "seed 0 has "),
    ],
)
def test_wrong_options_are_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    """What, the value and the remedy on stderr, exit code 2."""
    assert main(["simulate", *words]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
