"""What late robots and lost messages cost: one day twice, undisturbed and disturbed.

Both days have the same tours, planners and robots, on a simulated clock, with as many cells
released ahead as on a real one.  In the second some robots stand still for a while, again and
again, and some messages never come: orders, instant actions and states alike.  Orders are sent
again as `fleet controller` does it; robots repeat their state every second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fleet import courier_host, robot, timers
from fleet.check.command import judge
from fleet.check.recording import read_recording
from fleet.controller import departure
from fleet.courier import Couriers
from fleet.day import Day
from fleet.decide import Brain
from fleet.events import REPORT, SHEET, Events, ParcelState
from fleet.parcels import empty_parcels
from fleet.run_folder import create
from fleet.scenario import MAX_SEED, Scenario, read
from fleet.serve import RESEND_SECONDS
from fleet.sweep import with_robots
from fleet.waves import plan_wave
from routing.arguments import whole

GOAL_SHARE = 0.9
MEASURED_SHARE = 0.95  # of the drops; the last few are the luck of single robots
LATE_SECONDS = (1.0, 5.0)
REPEAT_SECONDS = 1.0
MAX_SECONDS = 4 * 3600.0
SORTED = (ParcelState.IN_CHUTE, ParcelState.OUT, ParcelState.DELIVERED, ParcelState.REJECTED)


@dataclass(frozen=True)
class Trouble:
    """How much goes wrong: the share of robots that are late, and of messages that are lost."""

    late: float = 0.0
    lost: float = 0.0


class LateDay:
    """A day whose robots may be late, and whose messages may be lost."""

    def __init__(self, day: Day, trouble: Trouble, seed: int) -> None:
        self.day, self.trouble = day, trouble
        world, scenario = day.world, day.scenario
        self.brain = Brain(world)
        self.vehicle = robot.vehicle_of(scenario, world.floor.width)
        self.robots = robot.start(world.robots["cell"], world.robots["heading"])
        self.until = np.zeros(len(self.robots), np.int64)  # tick until which each is late
        self.said = robot.report(self.robots, 0)
        self.couriers = Couriers(courier_host.trip(scenario, day.depot))
        self.chance = np.random.default_rng([seed, 0x1A7E])
        self.inbox: Events = {}
        self.counts = {"late": 0, "lost": 0}

    def tick(self, tours: np.ndarray | None) -> np.ndarray | None:
        """Live the next tick; return its tours where they came in, planned now if not given."""
        day, world = self.day, self.day.world
        world.tick += 1
        events, self.inbox = self.inbox, {}
        if world.planned < world.waves and world.tick >= timers.plan_tick(world):
            tours = plan_wave(world, day.book, day.depot) if tours is None else tours
            events["plan"] = tours
        parcels, day.pending = day.pending or empty_parcels(), None
        again = world.tick % world.scenario.ticks(RESEND_SECONDS) == 0
        effects = day.tick(events, self.brain, parcels, [], resend=again)
        for tour in effects.departures:
            self.couriers.depart(departure(world, day.book, tour))
        robot.take_orders(self.robots, 0, self._through(effects.orders))
        robot.step(self.robots, 0, self.vehicle, self._still(world.tick))
        self._report(world.tick)
        return tours

    def _through(self, rows: np.ndarray) -> np.ndarray:
        """Return those messages that are not lost."""
        come = self.chance.random(len(rows)) >= self.trouble.lost
        self.counts["lost"] += int((~come).sum())
        return rows[come]

    def _still(self, now: int) -> np.ndarray:
        """Return which robots are late now; bool[robots]."""
        least, most = (self.day.scenario.ticks(seconds) for seconds in LATE_SECONDS)
        share = self.trouble.late
        on_time = self.until <= now
        # So many begin that the share of late ones stays as it is said.
        begins = on_time & (
            self.chance.random(len(on_time)) < share / max(1e-9, 1 - share) / ((least + most) / 2)
        )
        self.until[begins] = now + self.chance.integers(least, most + 1, int(begins.sum()))
        self.counts["late"] += int(begins.sum())
        return self.until > now

    def _report(self, now: int) -> None:
        rows = robot.report(self.robots, 0)
        period = self.day.scenario.ticks(REPEAT_SECONDS)
        speaks = (rows != self.said) | ((np.arange(len(rows)) + now) % period == 0)
        self.said = rows
        come = self._through(rows[speaks])
        if len(come):
            self.inbox["report"] = come.astype(REPORT)
        sheets = robot.factsheets(self.robots, 0, self.vehicle)
        if len(sheets):
            self.inbox["factsheet"] = sheets.astype(SHEET)
        news = self.couriers.news(now)
        if len(news):
            self.inbox["courier"] = news


def live(
    folder: Path, scenario: Scenario, trouble: Trouble, seed: int, tours: np.ndarray | None
) -> tuple[dict[str, Any], np.ndarray | None]:
    """Return the figures of one day that lasts until all is sorted, and its wave's tours."""
    day = create(folder, scenario, lockstep=False)
    day.store.db.execute("PRAGMA synchronous=OFF")
    late = LateDay(day, trouble, seed)
    world = day.world
    for _ in range(scenario.ticks(MAX_SECONDS)):
        tours = late.tick(tours)
        if world.planned and np.isin(world.parcels["state"], SORTED).all():
            break
    else:
        raise ValueError(f"{scenario.name}: not sorted after {MAX_SECONDS:,.0f} s")
    day.store.close()
    recording = read_recording(folder)
    drops = np.sort(
        recording.log["tick"][
            np.isin(recording.log["state"], (ParcelState.IN_CHUTE, ParcelState.REJECTED))
        ]
    )
    measured = drops[: max(1, int(MEASURED_SHARE * len(drops)))]
    hours = float(measured[-1] - world.first_task_tick) * scenario.floor.tick_seconds / 3600
    whole = float(drops[-1] - world.first_task_tick) * scenario.floor.tick_seconds / 3600
    return {
        "parcels_per_hour": round(len(measured) / hours, 1),
        "to_the_last": round(len(drops) / whole, 1),
        "violations": len(judge(recording).plain()),
        **late.counts,
    }, tours


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run both days and return their figures."""
    if not (0 <= args.late < 0.5 and 0 <= args.lost < 0.5):
        raise ValueError(f"--late {args.late} --lost {args.lost}: choose shares from 0 to 0.5")
    scenario = read(args.scenario)
    if args.robots is not None:
        scenario = with_robots(scenario, args.robots)
    if scenario.floor.battery or scenario.wave.every_seconds:
        raise ValueError(f"{args.scenario}: choose one without batteries and with a single wave")
    with tempfile.TemporaryDirectory() as name:
        calm, tours = live(Path(name) / "calm", scenario, Trouble(), args.seed, None)
        print(f"undisturbed: {calm['parcels_per_hour']:,.0f} parcels an hour", file=sys.stderr)
        trouble = Trouble(args.late, args.lost)
        late, _ = live(Path(name) / "late", scenario, trouble, args.seed, tours)
    print(f"disturbed: {late['parcels_per_hour']:,.0f} parcels an hour", file=sys.stderr)
    share = late["parcels_per_hour"] / calm["parcels_per_hour"]
    return {
        "ok": share >= GOAL_SHARE and not calm["violations"] and not late["violations"],
        "robots": scenario.floor.robots,
        "late_share": args.late,
        "lost_share": args.lost,
        "undisturbed": calm,
        "disturbed": late,
        "share": round(share, 4),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench late`."""
    parser.add_argument("--scenario", default="maps/leuven.toml", help="one wave, no batteries")
    parser.add_argument("--robots", type=int, help="instead of the scenario's")
    parser.add_argument("--late", type=float, default=0.05, help="share of robots that are late")
    parser.add_argument("--lost", type=float, default=0.01, help="share of messages that are lost")
    parser.add_argument(
        "--seed", type=whole(0, MAX_SEED), default=1, help="of what is late or lost"
    )
