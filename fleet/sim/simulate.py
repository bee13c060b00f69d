"""`fleet simulate`: many seeds of one simulated day, each with its own faults, side by side."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace

import msgspec

from fleet.check.violations import Violation
from fleet.events import MAX_PARCELS
from fleet.sim import faults as sim_faults
from fleet.sim.defects import DEFECTS, defect
from fleet.sim.faults import Fault
from fleet.sim.simulation import Result, Setting, simulate
from routing.arguments import seeds
from routing.parent import end_with_parent
from routing.status_line import StatusLine

SHRINK_RUNS = 40  # at most, to find out which faults matter
SHOWN = 3  # violations printed of one seed


def run_one(setting: Setting, name: str | None) -> Result:
    """Run one seed, perhaps with a defect; what breaks the program is a violation too."""
    with defect(name):
        try:
            return simulate(setting)
        except Exception as error:
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = "" if trace is None else f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
            wrong = Violation("crash", where, f"{type(error).__name__}: {error}")
            return Result(0.0, 0, dict.fromkeys(sim_faults.KINDS, 0), [wrong])


def results(
    seeds: range, setting: Setting, name: str | None, workers: int
) -> Iterator[tuple[int, Result]]:
    """Yield each seed's result, in order of seed."""
    settings = [replace(setting, seed=seed) for seed in seeds]
    if workers <= 1 or len(seeds) <= 1:
        for one in settings:
            yield one.seed, run_one(one, name)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(seeds)), mp_context=context, initializer=end_with_parent
    ) as pool:
        found = pool.map(run_one, settings, [name] * len(settings))
        try:
            yield from zip(seeds, found, strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def shrink(setting: Setting, fails: Callable[[Setting], bool], faults: int) -> Setting:
    """Return a setting that fails with as few faults as a bounded search finds.

    First whole kinds of message faults are left out, then halves, quarters ... of the timed ones
    (Zeller and Hildebrandt's ddmin, greedy).

    Parameters
    ----------
    setting
        One that fails.
    fails
        Tells whether another does.
    faults
        How many timed faults the seed has.
    """
    left = [SHRINK_RUNS]

    def still(other: Setting) -> bool:
        left[0] -= 1
        return left[0] >= 0 and fails(other)

    for kind in sim_faults.MESSAGE_KINDS:
        fewer = replace(setting, without=setting.without | {kind})
        if still(fewer):
            setting = fewer
    only = list(range(faults)) if setting.only is None else list(setting.only)
    if only and still(replace(setting, only=())):
        return replace(setting, only=())
    size = max(1, len(only) // 2)
    while len(only) > 1 and left[0] > 0:
        shorter = False
        for first in range(0, len(only), size):
            rest = only[:first] + only[first + size :]
            if rest and still(replace(setting, only=tuple(rest))):
                only, shorter = rest, True
                break
        if not shorter:
            if size == 1:
                break
            size = max(1, size // 2)
    return replace(setting, only=tuple(only))


def command(setting: Setting, name: str | None) -> str:
    """Return the one command that runs a setting again."""
    words = [f"fleet simulate --seeds {setting.seed}:{setting.seed + 1}"]
    words.append(f"--robots {setting.robots} --minutes {setting.minutes:g}")
    if setting.parcels > 1:
        words.append(f"--parcels {setting.parcels}")
    if name is not None:
        words.append(f"--defect {name}")
    if setting.only is not None:
        words.append("--faults " + (",".join(map(str, setting.only)) or "none"))
    if setting.without:
        words.append("--without " + ",".join(sorted(setting.without)))
    return " ".join(words)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet simulate`."""
    parser.add_argument("--seeds", type=seeds, default="0:10", metavar="A:B",
                        help="A:B, from A to before B, or one seed")  # fmt: skip
    parser.add_argument("--robots", type=int, default=200, help="on the floor")
    parser.add_argument("--parcels", type=int, default=1, metavar="N",
                        help="that a robot carries at once")  # fmt: skip
    parser.add_argument("--minutes", type=float, default=30.0, help="floor-minutes with faults")
    parser.add_argument("--defect", metavar="NAME",
                        help="break one rule on purpose: " + ", ".join(DEFECTS))  # fmt: skip
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1,
                        help="seeds run side by side (default: one a core)")  # fmt: skip
    parser.add_argument("--faults", metavar="K,K,...|none",
                        help="only these of a seed's timed faults")  # fmt: skip
    parser.add_argument("--without", default="", metavar="KIND,...",
                        help="leave out " + ", ".join(sim_faults.MESSAGE_KINDS))  # fmt: skip
    parser.add_argument("--no-shrink", action="store_true",
                        help="do not look for the faults that matter")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet simulate`; exit code 1 where a rule was broken."""
    setting = _setting(args)
    with defect(args.defect):
        pass  # a wrong name is said at once
    began = time.monotonic()
    hours, parcels, done = 0.0, 0, 0
    faults = dict.fromkeys(sim_faults.KINDS, 0)
    failed: list[tuple[int, Result]] = []
    line = StatusLine()
    for seed, result in results(args.seeds, setting, args.defect, args.workers):
        most = max(setting.only or (-1,))
        if most >= len(result.timed) and not result.violations:  # a crash leaves none in the list
            raise ValueError(f"--faults {most}: seed {seed} has {len(result.timed)} timed faults, "
                             "the first one being 0; choose among them")  # fmt: skip
        done += 1
        hours += result.robot_hours
        parcels += result.parcels
        for kind, count in result.faults.items():
            faults[kind] += count
        if result.violations:
            failed.append((seed, result))
            line.end()
            _tell(seed, result)
        words = f"{done} of {len(args.seeds)} seeds, {hours:.0f} robot-hours"
        line.show(done / len(args.seeds), words)
        if failed and args.defect:
            break  # it is caught
    line.end()
    wall = time.monotonic() - began
    replays = []
    for seed, result in failed[:3]:
        one = replace(setting, seed=seed)
        if not args.no_shrink:
            # What is certain first: to make the faults fewer may take minutes.
            print(f"again: {command(one, args.defect)}; looking for the faults that matter",
                  file=sys.stderr, flush=True)  # fmt: skip
            one = shrink(one, lambda s: bool(run_one(s, args.defect).violations), len(result.timed))
        replays.append(command(one, args.defect))
        print(f"again: {replays[-1]}", file=sys.stderr)
        _list_faults(one, result.timed)
    violations = [
        {"seed": seed, **asdict(one)} for seed, result in failed for one in result.violations
    ]
    summary = {
        "ok": not failed,
        "seeds": done,
        "robots": setting.robots,
        "minutes": setting.minutes,
        "robot_parcels": setting.parcels,
        "robot_hours": round(hours, 2),
        "parcels": parcels,
        "faults": faults,
        "violations": violations,
        "failed_seeds": [seed for seed, _ in failed],
        "replay": replays,
        "defect": args.defect,
        "tours": "sweep",
        "matcher": "nearest pairs",
        "wall_seconds": round(wall, 2),
    }
    if args.json:
        print(msgspec.json.encode(summary).decode())
    else:
        print(f"{done} seeds, {hours:.1f} robot-hours, {parcels} parcels in {wall:.1f} s: "
              f"{len(failed)} seeds broke a rule")  # fmt: skip
        print("faults: " + ", ".join(f"{count} {kind}" for kind, count in faults.items()))
    return 1 if failed else 0


def _tell(seed: int, result: Result) -> None:
    for one in result.violations[:SHOWN]:
        print(f"seed {seed}: {one.what}: {one.where}: {one.detail}", file=sys.stderr)


def _list_faults(setting: Setting, timed: list[Fault]) -> None:
    for k in setting.only or ():
        if k < len(timed):
            fault = timed[k]
            print(f"  fault {k}: tick {fault.tick}, {fault.kind} {fault.who}, "
                  f"{fault.ticks} ticks", file=sys.stderr)  # fmt: skip


def _setting(args: argparse.Namespace) -> Setting:
    if not 1 <= args.robots <= 2000:
        raise ValueError(f"--robots {args.robots}: out of range; choose 1 to 2000")
    if not 1 <= args.parcels <= MAX_PARCELS:
        raise ValueError(f"--parcels {args.parcels}: out of range; choose 1 to {MAX_PARCELS}")
    if not 1 <= args.minutes <= 24 * 60:
        raise ValueError(f"--minutes {args.minutes}: out of range; choose 1 to 1440")
    if args.workers < 1:
        raise ValueError(f"--workers {args.workers}: out of range; choose 1 or more")
    without = frozenset(args.without.split(",")) - {""}
    if unknown := without - set(sim_faults.MESSAGE_KINDS):
        raise ValueError(
            f"--without {min(unknown)}: no kind of message fault; "
            f"choose from {', '.join(sim_faults.MESSAGE_KINDS)}"
        )
    only: tuple[int, ...] | None = None
    if args.faults == "none":
        only = ()
    elif args.faults is not None:
        if not all(k.isdecimal() for k in args.faults.split(",")):
            raise ValueError(f"--faults {args.faults}: write numbers such as 3,7, or none")
        only = tuple(int(k) for k in args.faults.split(","))
    return Setting(0, args.robots, args.minutes, only, without, args.parcels)
