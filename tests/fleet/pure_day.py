"""Tiny days in one process, without the tour solver, driven tick by tick: to watch, or to judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet.day import Day
from fleet.run_folder import create
from fleet.scenario import CityPart, FloorPart, Scenario, TroublesPart, WavePart, read
from fleet.solo import SoloDay
from fleet.waves import plan_rows, wave_parcels

MAPS = Path(__file__).parents[2] / "maps"
MAP = """type octile
height 8
width 10
map
E..E..E..E
..........
..........
.@S.@S.@S.
..........
..........
.@S.@S.@R.
..........
"""
TOML = """
name = "tiny"
seed = 3
[floor]
map = "tiny.map"
robots = 4
dispatch_ticks = 3
[city]
parcels = "tiny.csv"
depot = [0.0, 0.0]
couriers = 3
capacity = 3
stop_seconds = 10.0
[wave]
arrive_seconds = 20.0
first_seconds = 10.0
every_seconds = 20.0
plan_seconds = 2.0
plan_iterations = 500
"""
CSV = "id,x,y,size\n" + "".join(f"P{k},{100 * (k % 4)},{50 * k},1\n" for k in range(14))
# The same with chargers, and robots that soon have to charge.
CHARGERS = MAP[::-1].replace("\n..........\n", "\nC........C\n", 1)[::-1]
WITH_BATTERY = (
    TOML.replace("robots = 4", "robots = 4\nbattery = true")
    + """
[battery]
capacity_watt_hours = 10.0
charge_watts = 1200.0
opening_low = 0.2
opening_high = 0.35
leave_at = 0.5
"""
)


# A floor without walls, small enough to count cells on.
OPEN = """type octile
height 6
width 8
map
E......E
........
..S..S..
........
..S..S.R
........
"""


def write_files(folder: Path, *, toml: str = TOML, csv: str = CSV, floor: str = MAP) -> Scenario:
    """Write a scenario's files and return the scenario."""
    (folder / "tiny.map").write_text(floor)
    (folder / "tiny.csv").write_text(csv)
    (folder / "tiny.toml").write_text(toml)
    return read(folder / "tiny.toml")


def troubled(
    folder: Path, *, robots: int = 3, parcels: int = 14, seed: int = 1, **troubles: float
) -> Scenario:
    """Write a map without walls and a parcel file; return their scenario, with these troubles."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.map").write_text(OPEN)
    rows = [f"p{k},{k % 5 * 30},{k // 5 * 40},{1 + k % 2}" for k in range(parcels)]
    (folder / "tiny.csv").write_text("id,x,y,size\n" + "\n".join(rows) + "\n")
    return Scenario(
        name="tiny",
        seed=seed,
        floor=FloorPart(map="tiny.map", robots=robots, load_seconds=0.5, drop_seconds=0.5),
        city=CityPart(
            parcels="tiny.csv",
            depot=(0, 0),
            couriers=3,
            capacity=6,
            stop_seconds=5,
            best_known=1500,
        ),
        wave=WavePart(arrive_seconds=5, first_seconds=2, every_seconds=10, plan_seconds=1),
        troubles=TroublesPart(found_seconds=5, blocked_seconds=5, **troubles),
        folder=str(folder),
    )


def plan_by_number(day: Day) -> np.ndarray:
    """Return a wave's tours, filled in order of parcel: good enough where tours are not tested."""
    from routing.road.plan import make_plan
    from routing.road.problem import Problem

    parcels, without = wave_parcels(day.world)
    if not len(parcels):
        return plan_rows(day.world.waves - 1, parcels, without, None)
    sizes, capacity = day.book.size[parcels], day.scenario.city.capacity
    tours: list[list[int]] = [[]]
    load = 0
    for k, size in enumerate(sizes.tolist()):
        if load + size > capacity:
            tours.append([])
            load = 0
        tours[-1].append(k + 1)
        load += size
    xy = np.zeros((len(parcels) + 1, 2))
    problem = Problem.from_coordinates(xy, np.concatenate([[0], sizes]), capacity)
    plan = make_plan(problem, [np.array(t) for t in tours])
    return plan_rows(day.world.waves - 1, parcels, without, plan)


def shortened(folder: Path, parcels: int, **more: str) -> Path:
    """Write the small day of `maps` with its first parcels alone; return the scenario's path.

    Its waves are planned in fewer iterations.

    Parameters
    ----------
    more
        Lines to add to its sections, by section.
    """
    toml = (MAPS / "small.toml").read_text()
    toml = toml.replace('"small.map"', f'"{MAPS}/small.map"').replace("20_000", "2_000")
    for section, lines in more.items():
        if f"[{section}]\n" not in toml:
            toml += f"\n[{section}]\n"
        toml = toml.replace(f"[{section}]\n", f"[{section}]\n{lines}\n")
    rows = (MAPS / "small.csv").read_text().splitlines(keepends=True)
    (folder / "small.csv").write_text("".join(rows[: 1 + parcels]))
    path = folder / "small.toml"
    path.write_text(toml)
    return path


class PureDay(SoloDay):
    """A fresh day of a scenario, with tours filled in order of parcel."""

    def __init__(self, folder: Path, scenario: Scenario, hosts: int = 1, run: str = "run") -> None:
        day = create(folder / run, scenario, lockstep=True)
        # No test pulls the plug, so none has to wait for the disk.
        day.store.db.execute("PRAGMA synchronous=OFF")
        super().__init__(day, plan_by_number, hosts)

    def live_one(self) -> None:
        """Live one tick, or jump over the time in which the floor is quiet."""
        self.day.world.tick = self.next_tick()
        self.tick()


def record(folder: Path, **how: float) -> Path:
    """Run a small day with troubles and return its run folder."""
    run = PureDay(folder, troubled(folder, **how)).live(20_000)
    assert run.over
    run.close(0.0)
    return folder / "run"
