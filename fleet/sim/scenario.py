"""The floor and the day that simulations run: drawn by rule for a number of robots."""

from __future__ import annotations

import math

import numpy as np

from fleet.parcels import Parcels
from fleet.scenario import CityPart, FloorPart, RobotsPart, Scenario, TroublesPart, WavePart

CELLS_PER_ROBOT = 16
PARCELS_PER_ROBOT_MINUTE = 0.4
TICK_SECONDS = 1.0


def floor_map(robots: int) -> str:
    """Return a sorting platform as a MovingAI map: stations on two sides, chutes between."""
    cells = max(400, CELLS_PER_ROBOT * robots)
    width = 3 * math.ceil(math.sqrt(1.5 * cells) / 3)
    height = max(16, math.ceil(cells / width))
    letters = np.full((height, width), ".", dtype="<U1")
    for column in range(1, width - 1, 3):
        for row, inward, outward in ((0, "^", "v"), (height - 1, "v", "^")):
            step = 1 if row == 0 else -1
            for depth in range(3):
                at = row + depth * step
                letters[at, column - 1 : column + 2] = ["@", inward if depth else "E", outward]
    for row in range(6, height - 6, 4):
        for column in range(4, width - 4, 4):
            letters[row, column : column + 2] = ["@", "S"]
    row, column = np.argwhere(letters == "S")[-1]
    letters[row, column] = "R"
    lines = "\n".join("".join(line) for line in letters)
    return f"type octile\nheight {height}\nwidth {width}\nmap\n{lines}\n"


def scenario(seed: int, robots: int, folder: str, carried: int = 1) -> Scenario:
    """Return a day with a little of each trouble; its map is `sim.map` in the folder."""
    return Scenario(
        name=f"simulated-{seed}",
        seed=seed,
        folder=folder,
        floor=FloorPart(
            map="sim.map",
            robots=robots,
            tick_seconds=TICK_SECONDS,
            load_seconds=2.0,
            drop_seconds=1.0,
            turn_seconds=1.0,
            # The routing model plans no zones here: freed robots are matched at once instead.
            dispatch_ticks=10_000,
        ),
        robots=RobotsPart(parcels=carried),
        city=CityPart(
            depot=(0.0, 0.0),
            couriers=max(4, robots // 3),
            capacity=10,
            stop_seconds=4.0,
            depart_seconds=10.0,
        ),
        wave=WavePart(first_seconds=30.0, every_seconds=60.0, plan_seconds=5.0),
        troubles=TroublesPart(
            missing_share=0.01,
            found_seconds=30.0,
            failed_share=0.03,
            blocked_per_hour=60.0,
            blocked_seconds=30.0,
            cancelled_share=0.03,
            untoured_share=0.02,
        ),
    )


def parcels(seed: int, robots: int, minutes: float, carried: int = 1) -> Parcels:
    """Return all parcels that the day's client will submit, doors within 200 metres.

    Where robots carry several, there are as many more of them, at a few stations.
    """
    n = max(10, round(PARCELS_PER_ROBOT_MINUTE * robots * minutes * carried))
    rng = np.random.default_rng([seed, 0xB00C])
    return Parcels(
        names=[f"P{k}" for k in range(n)],
        x=np.round(rng.uniform(-200, 200, n)),
        y=np.round(rng.uniform(-200, 200, n)),
        size=np.ones(n, np.int32),
        station=_stations(rng, n, robots, carried),
        ready_seconds=np.full(n, np.nan),
        due_open=np.full(n, np.nan),
        due_close=np.full(n, np.nan),
        paid=np.ones(n, bool),
    )


def _stations(rng: np.random.Generator, n: int, robots: int, carried: int) -> np.ndarray:
    """Return each parcel's station, -1 where the day draws it; int32."""
    if carried == 1:
        return np.full(n, -1, np.int32)
    there = floor_map(robots).count("E")
    return rng.integers(0, max(1, there // (2 * carried)), n).astype(np.int32)
