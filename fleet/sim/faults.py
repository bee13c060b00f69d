"""The faults of one simulated run: drawn by seed before it begins, so that a part can be left out.

Rates are those of `RATES`; message faults are drawn by name for each message, so that leaving out
one kind changes no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

# Shares of 1 for each message.
LOST, DOUBLED, DELAYED = 0.01, 0.01, 0.05
DELAY_TICKS = 5  # at most
LATE = 0.02  # share of robot-ticks in which a robot gets nowhere
MESSAGE_KINDS = ("lost", "doubled", "delayed", "late")

# Timed faults, by what their number grows with.
PER_ROBOT_HOUR = {"robot_stop": 1.0, "robot_reboot": 0.1, "robot_broken": 0.05}
PER_HALF_HOUR = {
    "controller_kill": 3,
    "torn_write": 1,
    "second_controller": 1,
    "host_kill": 3,
    "link_cut": 2,
    "courier_kill": 1,
    "disk_full": 1,
    "clock_jump": 1,
    "controller_stall": 1,
}
# What an operator asks for without need, and takes back after a while.
WHIMS_PER_ROBOT_HOUR = {"robot_paused": 0.1, "robot_out": 0.05, "cell_closed": 0.05}
WHIMS_PER_HALF_HOUR = {"floor_paused": 2}
# Ticks that a fault lasts: shortest, longest.
LASTS = {
    "robot_stop": (20, 120),
    "robot_reboot": (2, 12),
    "robot_broken": (30, 90),
    "controller_kill": (1, 15),
    "torn_write": (1, 15),
    "second_controller": (1, 4),
    "host_kill": (3, 40),
    "link_cut": (2, 40),
    "courier_kill": (3, 40),
    "disk_full": (20, 60),
    "clock_jump": (2, 60),
    "controller_stall": (2, 30),
    "robot_paused": (10, 60),
    "robot_out": (20, 120),
    "cell_closed": (20, 120),
    "floor_paused": (3, 20),
}
WHIMS = (*WHIMS_PER_ROBOT_HOUR, *WHIMS_PER_HALF_HOUR)
KINDS = (*MESSAGE_KINDS, "reordered", *PER_ROBOT_HOUR, *PER_HALF_HOUR, *WHIMS)


class CrashPoint(IntEnum):
    """Where in its tick a controller is killed: between which two writes."""

    BEFORE_STEP = 0
    IN_TRANSACTION = 1  # after any number of the database's instructions
    COMMITTED = 2  # durable, nothing answered or sent
    ANSWERED = 3  # clients have their answers, hosts nothing
    HALF_SENT = 4  # some hosts have their orders, the others and the couriers nothing
    SENT = 5


@dataclass(frozen=True)
class Fault:
    """One timed fault."""

    kind: str
    tick: int
    who: int  # robot, host, crash point or tick count, by kind
    ticks: int  # that it lasts
    chance: float  # one more draw in [0, 1), for what a kind needs


def schedule(seed: int, robots: int, hosts: int, ticks: int, tick_seconds: float) -> list[Fault]:
    """Return a run's timed faults in order of time; all are over before tick `ticks`."""
    rng = np.random.default_rng([seed, 0x5EED])
    hours = ticks * tick_seconds / 3600
    per_robot = PER_ROBOT_HOUR | WHIMS_PER_ROBOT_HOUR
    per_half_hour = PER_HALF_HOUR | WHIMS_PER_HALF_HOUR
    faults = []
    for kind in KINDS:
        if kind in per_robot:
            count = int(rng.poisson(per_robot[kind] * robots * hours))
            targets = robots
        elif kind in per_half_hour:
            count = int(np.ceil(per_half_hour[kind] * hours * 2))
            targets = {"host_kill": hosts, "link_cut": hosts}.get(kind, len(CrashPoint))
        else:
            continue
        low, high = LASTS[kind]
        # Robots may be out for a while after the fault itself; nothing begins in the last tenth.
        first, last = min(20, ticks // 10), max(21, int(ticks * 0.9) - high)
        for _ in range(count):
            tick = int(rng.integers(first, last))
            who, lasts = int(rng.integers(targets)), int(rng.integers(low, high + 1))
            faults.append(Fault(kind, tick, who, lasts, float(rng.random())))
    return sorted(faults, key=lambda fault: (fault.tick, fault.kind, fault.who))
