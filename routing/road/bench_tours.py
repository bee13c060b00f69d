"""Compare solvers of tours side by side: judged runs, rows kept in a file, one table."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from hashlib import blake2b
from pathlib import Path

from routing.kept_rows import kept_rows
from routing.machine import machine
from routing.picture import plot_fault
from routing.road.bench_known import best_known, known_rounding
from routing.road.bench_row import row_fault
from routing.road.bench_run import in_child
from routing.road.bench_table import KEY, Row, gap_percent, plot, table, write_csv
from routing.road.problem import Problem, ProblemError
from routing.road.solvers import solver
from routing.status_line import StatusLine
from routing.version import version_of

SAME = (*KEY, "stops", "depot", "capacity")  # the last two where the instance is a table


def bench_tours(files: list[Path], arguments: argparse.Namespace, found: set[Path]) -> int:
    """Run what is missing in `--out`, then show all of it; 1 where an answer failed its judge.

    Of the files those that were `found` in a folder are passed over where they are no instances.
    """
    solvers = arguments.solvers.split(",")
    for name in solvers:
        solver(name)  # an unknown one is refused now, not after the runs before it
    if arguments.plot is not None and (fault := plot_fault(arguments.plot)):
        raise ProblemError(fault)
    kept = kept_rows(arguments.out, *KEY, "ok", fault=row_fault)
    # a wrong file beside an instance is told before the first run
    told = _all_told(files, arguments, found)
    files = _one_a_name(list(told))
    facts = {file: row for file, (row, _) in told.items()}
    known = {file: row for file, (_, row) in told.items()}
    shown: list[Row] = []
    # solvers take turns, so that what else the machine does hits them alike
    todo = [(file, seed, name) for file in files for seed in arguments.seeds for name in solvers]
    said = {"seconds": arguments.seconds, "workers": arguments.workers}
    keys = [facts[f] | {"solver": n, "seed": s} | said for f, s, n in todo]
    before = [row for key in keys if (row := _newest(kept, key)) is not None]
    progress = _Progress(len(todo))
    if again := sum(not (row["ok"] or row.get("missing")) for row in before):
        progress.line.say(f"routing: {again} kept runs had failed and are tried again")
    for (file, seed, name), key in zip(todo, keys, strict=True):
        progress.show(f"{key['instance']} {name} seed {seed}")
        row = _newest(kept, key)
        old = row is not None and row["ok"]
        if row is None or not row["ok"]:
            row = key | _measure(file, key, arguments, kept)
            kept.append(row)
        if row["ok"]:  # a kept row too: what is best known may have come or changed since
            row |= known[file]
            row["gap_percent"] = gap_percent(row, row["cost"])
        if not old and arguments.out is not None:
            with arguments.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
        shown.append(row)
    progress.line.end()
    if arguments.csv is not None:
        write_csv(arguments.csv, shown)
    if arguments.plot is not None:
        plot(shown, arguments.plot)
    if arguments.json:
        print(json.dumps({"machine": machine(), "rows": shown}))
    else:
        print(f"{machine()}; {arguments.seconds:g} s, {arguments.workers} workers")
        print(table(shown))
    return 0 if all(row["ok"] or row.get("missing") for row in shown) else 1


def _newest(kept: list[Row], key: Row) -> Row | None:
    """The last row of a run: one that failed and was tried again has several.

    A row that does not name its workers had one a core.
    """
    cores = os.cpu_count() or 1
    rows = (row for row in reversed(kept) if row.get("workers", cores) == key["workers"])
    return next((row for row in rows if _same(row, key, SAME)), None)


def _same(row: Row, key: Row, names: tuple[str, ...]) -> bool:
    """Whether a row agrees in these and is of this content; one that says none is of any."""
    content = row.get("content", key["content"])
    return content == key["content"] and all(row.get(k) == key.get(k) for k in names)


def _all_told(
    files: list[Path], arguments: argparse.Namespace, found: set[Path]
) -> dict[Path, tuple[Row, Row]]:
    told: dict[Path, tuple[Row, Row]] = {}
    for file in files:
        try:
            problem = _problem(file, arguments, arguments.rounding)
        except ProblemError as error:
            if file not in found:
                raise
            print(f"routing: passed over: {error}", file=sys.stderr)
            continue
        told[file] = _told(file, problem, arguments)
    if not told:
        raise ProblemError(f"{files[0].parent}: holds no instance; name files that are")
    return told


def _one_a_name(files: list[Path]) -> list[Path]:
    """The files, each once; two of one name are refused, as their rows could not be told apart."""
    of_name: dict[str, Path] = {}
    for file in files:
        other = of_name.setdefault(file.stem, file)
        if not file.samefile(other):
            raise ProblemError(f"{other} and {file} have one name, which rows go by; rename one")
    return list(of_name.values())


def _told(file: Path, problem: Problem, arguments: argparse.Namespace) -> tuple[Row, Row]:
    """What is run on a file, and the best known solution of it."""
    facts = {
        "instance": file.stem,
        "stops": problem.stops,
        "objective": problem.objective,
        "rounding": problem.rounding,
        "content": _content(file),
        **_of_table(file, arguments),
    }
    return facts, _known(file, problem, arguments)


def _content(file: Path) -> str:
    """What tells a file from others of its name, with the table that it names: 12 digits."""
    from routing.road.formats.described import read_description

    parts = [file]
    if file.suffix == ".toml":
        parts.append(file.parent / read_description(file).stops)
    digest = blake2b(digest_size=6)
    for part in parts:
        data = part.read_bytes()
        digest.update(b"%d " % len(data))
        digest.update(data)
    return digest.hexdigest()


def _of_table(file: Path, arguments: argparse.Namespace) -> Row:
    """What the command says of a table; all other files say it themselves."""
    if file.suffix not in (".csv", ".parquet"):
        return {}
    depot = None if arguments.depot is None else list(arguments.depot)
    return {"depot": depot, "capacity": arguments.capacity}


def _problem(file: Path, arguments: argparse.Namespace, rounding: str | None) -> Problem:
    from routing.road.formats import read_problem

    return read_problem(
        file, rounding=rounding, objective=arguments.objective, **_of_table(file, arguments)
    )


def _known(file: Path, problem: Problem, arguments: argparse.Namespace) -> Row:
    """The best known solution; nothing where it is of another rounding than the run."""
    best, routes = best_known(file, problem.objective)
    if best is not None:
        own = problem if arguments.rounding is None else _problem(file, arguments, None)
        if known_rounding(file, own) != problem.rounding:
            best = routes = None
    return {"best_known": best, "best_known_routes": routes}


def _measure(file: Path, key: Row, arguments: argparse.Namespace, kept: list[Row]) -> Row:
    task = key | {
        "file": str(file),
        "rounding": arguments.rounding,
        "objective": arguments.objective,
    }
    same = ("instance", "stops", "objective", "rounding", "depot", "capacity")
    before = [row for row in kept if "savings_cost" in row and _same(row, key, same)]
    if before:
        task["savings_cost"] = before[0]["savings_cost"]
    load = os.getloadavg()[0]
    said = {"load_before": round(load, 2), "version": version_of(key["solver"])}
    return in_child(task) | said


class _Progress:
    """How many runs are done, and when the rest may be."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.begun = 0
        self.began = time.perf_counter()
        self.line = StatusLine()

    def show(self, what: str) -> None:
        """A run begins."""
        done, self.begun = self.begun, self.begun + 1
        spent = time.perf_counter() - self.began
        left = f", {spent / done * (self.runs - done):.0f} s left" if done else ""
        self.line.show(done / self.runs, f"{done}/{self.runs}{left}: {what}", plain=True)
