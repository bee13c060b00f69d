"""How much work a tick is for the controller when every robot reports and is commanded in it.

The controller is the real one: sockets, codecs, step, commit and feed.  Only the planner is a
stand-in: robots drive straight on in lanes, so that each gets one more cell in every tick.  Hosts
are processes of their own.  Beside it, in the same run, stands what cannot be avoided: a bare loop
that receives the same bytes, decodes and encodes them with the same codec, and sends; and an echo
of the same batches with one SQLite commit and no codec.  With a connection for each robot it stands
beside the same robots in batches of their hosts, too.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from fleet.bench import lanes
from fleet.bench.bare import WARM_UP, codec_and_echo, percentiles
from fleet.bench.lanes import Trains, check_size, controller_until, lane_day, ran

GOAL_MS_PER_ROBOT = 0.03  # p99 of a tick: 300 ms for 10,000 robots, 30 ms for 1,000
GOAL_RATIO = 1.5  # or so many times the bare loop
GOAL_PER_ROBOT = 3.0  # with a connection for each robot so many times the same in batches
KEPT_TICKS = 20  # whose bytes the bare loop goes through again


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    check_size(args)
    batched: dict[str, float] = {}
    if args.per_robot:
        with tempfile.TemporaryDirectory() as name:
            batched = percentiles(_controller(Path(name), args, per_robot=False)[0])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work, cpu, batches = _controller(folder, args, per_robot=args.per_robot)
        (bare, bare_cpu), (echoed, _) = codec_and_echo(folder, batches)
    p99 = float(np.percentile(work, 99))
    baseline = float(np.percentile(bare, 99))
    ok = p99 < GOAL_MS_PER_ROBOT * args.robots or p99 <= GOAL_RATIO * baseline
    per_robot = {}
    if batched:
        ratios = {q: percentiles(work)[q] / batched[q] for q in ("p50", "p99")}
        ok = ratios["p99"] <= GOAL_PER_ROBOT
        per_robot = {"batched_ms": batched, "per_robot_ratio": ratios}
    return {
        "ok": ok,
        "robots": args.robots,
        "ticks": args.ticks,
        "hosts": args.hosts,
        "connections": args.robots if args.per_robot else args.hosts,
        "tick_ms": percentiles(work),
        "baseline_ms": percentiles(bare),
        "echo_commit_ms": percentiles(echoed),
        "ratio": {q: percentiles(work)[q] / percentiles(bare)[q] for q in ("p50", "p99")},
        # The wait for the next tick apart, this is a report's way to the next order.
        "latency_ms": percentiles(work),
        "latency_ratio": {q: percentiles(work)[q] / percentiles(echoed)[q] for q in ("p50", "p99")},
        # The same without what other processes took from this one.
        "cpu_ms": {"tick": percentiles(cpu), "baseline": percentiles(bare_cpu)},
        "cpu_ratio": {q: percentiles(cpu)[q] / percentiles(bare_cpu)[q] for q in ("p50", "p99")},
        **per_robot,
    }


def _controller(
    folder: Path, args: argparse.Namespace, *, per_robot: bool
) -> tuple[np.ndarray, np.ndarray, list[tuple[list[bytes], list[bytes]]]]:
    """Return each tick's milliseconds, wall and CPU, and the last ticks' messages, in and out."""
    last_tick = args.ticks + WARM_UP
    day = lane_day(folder, args.robots, last_tick)
    controller, until = controller_until(last_tick, day, 0, Trains())
    kept: dict[int, tuple[list[bytes], list[bytes]]] = {}

    def keep(tick: int, topic: str, direction: str, frames: list[bytes]) -> None:
        if tick > last_tick - KEPT_TICKS and topic in ("state", "order"):
            kept.setdefault(tick, ([], []))[direction == "out"].extend(frames)

    controller.peers.record = keep
    with ran(controller, folder, args, per_robot=per_robot):
        rows = day.store.db.execute(
            "SELECT tick_ms - planner_ms FROM wall WHERE tick > ? ORDER BY tick", (WARM_UP,)
        ).fetchall()
    whole = [pair for tick, pair in sorted(kept.items()) if len(pair[0]) == len(pair[1])]
    cpu = np.diff(np.array(until.cpu) * 1000)[WARM_UP:]
    return np.array(rows)[:, 0], cpu, whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench wire`."""
    lanes.add_arguments(parser)
    parser.add_argument(
        "--per-robot", action="store_true",
        help="a connection for each robot, beside the same in batches",
    )  # fmt: skip
