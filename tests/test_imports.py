"""Who may know whom: the packages' order, the pure core, and judges apart from players."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("routing", "fleet", "viz")

# Sockets, databases, clocks, threads, processes and windows: what pure code may not touch.
OUTSIDE = {
    "asyncio", "concurrent", "multiprocessing", "pygame", "select", "socket", "sqlite3",
    "subprocess", "threading", "time", "zmq",
}  # fmt: skip
# Modules of routing that hold a clock, an executor or a process, or run from the command line;
# benchmarks too.
FRONT_DOORS = {
    "routing.__main__", "routing.floor.effort", "routing.floor.entry", "routing.floor.league",
    "routing.floor.lookahead", "routing.floor.rows", "routing.floor.schedule",
    "routing.floor.simulate", "routing.floor.traffic", "routing.floor.tune", "routing.parent",
    "routing.road.interrupt",
    "routing.road.peer_pyvrp", "routing.road.solve", "routing.road.solvers",
    "routing.road.workers", "routing.told_to_end",
}  # fmt: skip
PURE_FLEET = ("world", "flow", "traffic", "grants", "robot", "courier", "faults", "timers",
              "controller", "events", "event_bytes", "rows", "operate", "instants", "recover",
              "horizon", "factsheet", "waits", "boards", "robot_moves",
              "robot_instants")  # fmt: skip
# What viz may know of the others: messages, addresses and keys, store, scenario; floors, problems
# and their readers.
SHOWN = {
    "fleet.events", "fleet.feed", "fleet.keys", "fleet.messages", "fleet.requests",
    "fleet.scenario", "fleet.store", "fleet.store_errors", "fleet.wire",
    "routing.arguments", "routing.floor.grid", "routing.road.formats.read",
    "routing.road.formats.solution", "routing.road.problem", "routing.status_line",
    "routing.told_to_end",
}  # fmt: skip
JUDGES = ("check", "check.recording", "check.violations", "check.lookup", "check.anchors",
          "check.robots", "check.orders", "check.reports", "check.instants", "check.parcels",
          "check.loads", "check.requests", "check.tours", "check.batteries",
          "check.clearances")  # fmt: skip


def _modules():
    """Return every module of the product: its name and its syntax tree."""
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text())
    return found


MODULES = _modules()


def _typing_only(tree):
    """Return the imports that only a type checker follows."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }


def imported(name):
    """Return the modules that a module of ours names in imports, those inside functions too."""
    tree = MODULES[name]
    skipped = _typing_only(tree)
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {module for module in inner if module in MODULES}
            found |= modules if len(modules) == len(inner) else modules | {node.module}
    return found


def reached(name):
    """Return all modules that a module needs, directly or through others of ours."""
    seen, open_ends = set(), [name]
    while open_ends:
        module = open_ends.pop()
        if module not in seen:
            seen.add(module)
            if module in MODULES:
                open_ends += imported(module)
    return seen - {name}


def _of(names, package):
    return {name for name in names if name.split(".")[0] == package}


@pytest.mark.parametrize("name", sorted(_of(MODULES, "routing")))
def test_routing_knows_nobody(name):
    """It decides, and imports neither who acts nor who shows."""
    assert not _of(imported(name), "fleet") | _of(imported(name), "viz")


@pytest.mark.parametrize("name", sorted(_of(MODULES, "fleet")))
def test_fleet_does_not_know_viz(name):
    """Nobody imports viz."""
    assert not _of(imported(name), "viz")


@pytest.mark.parametrize("name", sorted(_of(MODULES, "viz")))
def test_viz_knows_what_is_shown(name):
    """Messages, keys, store and scenario of fleet; floors, problems and what all commands share
    of routing; no more."""
    known = imported(name)
    assert _of(known, "fleet") | _of(known, "routing") <= SHOWN


@pytest.mark.parametrize(
    "name",
    sorted(name for name in _of(MODULES, "routing") - FRONT_DOORS if "bench" not in name)
    + [f"fleet.{name}" for name in PURE_FLEET],
)
def test_pure_code_touches_nothing_outside(name):
    """No socket, database, clock, thread or window, not even through another module."""
    if name in ("routing", "routing.road", "routing.floor"):
        return  # they export the front doors
    needs = {module.split(".")[0] for module in _beyond_front_doors(name)}
    assert not needs & OUTSIDE


def _beyond_front_doors(name):
    """Return what a module reaches; a package's `__init__` is no way through."""
    packages = {"routing", "routing.road", "routing.floor", "routing.road.formats"}
    seen, open_ends = set(), [name]
    while open_ends:
        module = open_ends.pop()
        if module not in seen and module not in packages:
            seen.add(module)
            if module in MODULES:
                open_ends += imported(module)
    return seen


@pytest.mark.parametrize("name", [f"fleet.{name}" for name in JUDGES])
def test_the_judge_of_runs_shares_no_code_with_the_players(name):
    """Beside the documented words and dtypes, it reads and reckons everything itself."""
    allowed = {f"fleet.{judge}" for judge in JUDGES} | {"fleet", "fleet.events"}
    known = reached(name)
    assert _of(known, "fleet") <= allowed
    assert not _of(known, "routing")


def test_the_judge_of_tours_shares_no_code_with_the_solver():
    """It has its own distances, rounding and readers, which nobody else uses."""
    own = ("answer", "case", "case_cvrplib", "case_described", "case_file", "case_table")
    assert _of(reached("routing.road.check"), "routing") == {f"routing.road.{n}" for n in own}
