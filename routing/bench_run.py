"""One measured run of a solver of tours, in a process of its own: its memory is its own."""

from __future__ import annotations

import json
import multiprocessing
import resource
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.resource_tracker import ensure_running
from pathlib import Path
from typing import Any

GRACE_SECONDS = 120.0  # for imports, a first compilation and the judge, beyond twice the limit
STOPS_PER_SECOND = 2_000.0  # that are read and judged at the least


class Curve:
    """Seconds, cost and tours (where known) of each better complete plan on the way."""

    def __init__(self, problem: Any) -> None:
        self.problem = problem
        self.began = time.perf_counter()
        self.points: list[tuple[float, float, int | None]] = []
        self.best = (float("inf"), float("inf"))

    def __call__(self, plan: Any, share: float = 0.0) -> None:
        """Take note of a plan if it is complete and better."""
        unserved = getattr(plan, "unserved", ())
        if len(unserved) and not self._optional(unserved):
            return
        tours = getattr(plan, "tours", None)
        routes = plan.routes if tours is None else len(tours)
        first = self.problem.objective == "vehicles" and routes is not None
        rank = (float(routes) if first else 0.0, plan.cost)
        if rank < self.best:
            self.best = rank
            # a user's solver may count as numpy does, which JSON does not know
            seconds = round(time.perf_counter() - self.began, 3)
            self.points.append((seconds, float(plan.cost), None if routes is None else int(routes)))

    def _optional(self, rows: Any) -> bool:
        return bool((self.problem.price[rows] < float("inf")).all())


def in_child(task: dict[str, Any]) -> dict[str, Any]:
    """The row of one run; compiled code that was not yet on disk is made first, and named."""
    row = _spawn(task)
    compiled = row.get("compile_seconds") or 0.0
    if compiled > 0.5:
        row = _spawn(task) | {"compile_seconds": compiled}
    return row


def _spawn(task: dict[str, Any]) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_alone, args=(task, there))
    with _interrupts_held():
        child.start()
    there.close()
    patience = 2 * task["seconds"] + GRACE_SECONDS + task["stops"] / STOPS_PER_SECOND
    try:
        if here.poll(patience):
            row: dict[str, Any] = here.recv()
        else:
            child.terminate()
            row = {"ok": False, "error": f"not at its end {patience:.0f} s after its start"}
    except EOFError:
        child.join()
        row = {"ok": False, "error": f"the solver's process ended with code {child.exitcode}"}
    except KeyboardInterrupt:
        child.terminate()
        raise
    finally:
        child.join()
    return row


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block is left, in the process started in it too."""
    ensure_running()  # else it would be started within the block, and let interrupts through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _alone(task: dict[str, Any], pipe: Any) -> None:
    """A run in a process that the parent ends at Ctrl-C; what its solver starts hears of it."""
    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    run(task, pipe)


def run(task: dict[str, Any], pipe: Any) -> None:
    """Plan, measure and judge what the task says, and send the row into the pipe."""
    from routing.parent import end_with_parent
    from routing.road.solvers import MissingError

    end_with_parent()
    try:
        row = _measured(task)
    except MissingError as error:
        row = {"ok": False, "missing": True, "error": str(error)}
    except Exception as error:  # a user's or a peer's solver, or its answer, may fail in any way
        row = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    pipe.send(row)


def _measured(task: dict[str, Any]) -> dict[str, Any]:
    from routing.road.check import check
    from routing.road.formats import read_problem, write_solution
    from routing.road.plan import Limit, Plan
    from routing.road.solvers import solver
    from routing.road.workers import workers

    path = Path(task["file"])
    began = time.perf_counter()
    said = {name: task.get(name) for name in ("rounding", "objective", "depot", "capacity")}
    problem = read_problem(path, **said)
    read_seconds = time.perf_counter() - began
    compiled = _Compiled()
    plan_it = solver(task["solver"])
    with workers(task["workers"]) as executor:
        curve = Curve(problem)
        if task["solver"] == "peakday":
            compiled.listen()
        plan = plan_it(problem, Limit(task["seconds"]), task["seed"], executor, curve)
        wall = time.perf_counter() - curve.began
    used = resource.getrusage(resource.RUSAGE_SELF)
    if not isinstance(plan, Plan):
        raise TypeError(f"the solver returned {type(plan).__name__}, not a Plan")
    curve(plan)
    points = [*curve.points]
    if not points or points[-1][1] != plan.cost:
        points.append((round(wall, 3), float(plan.cost), len(plan.tours)))
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.sol"
        write_solution(answer, problem, plan)
        verdict = check(path, answer, **said)
    known = "savings_cost" in task
    return {
        "savings_cost": task["savings_cost"] if known else _savings_cost(problem),
        "cost": verdict.cost,
        "routes": verdict.routes,
        "unserved": len(plan.unserved),
        "curve": points,
        "wall_seconds": round(wall, 3),
        "read_seconds": round(read_seconds, 3),
        "first_plan_seconds": points[0][0],
        "compile_seconds": round(compiled.seconds, 3),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "peak_mb": round(used.ru_maxrss / 1024, 1),
        "ok": verdict.ok,
        "error": "" if verdict.ok else json.dumps(verdict.violations[0]),
    }


class _Compiled:
    """Seconds that numba spends compiling; code read from its cache counts as none."""

    def __init__(self) -> None:
        self.timer: Any = None

    def listen(self) -> None:
        """Begin to listen; importing numba counts as time of the solver that needs it."""
        from numba.core import event

        self.timer = event.TimingListener()
        event.register("numba:compile", self.timer)

    @property
    def seconds(self) -> float:
        """What was spent so far."""
        return self.timer.duration if self.timer is not None and self.timer.done else 0.0


def _savings_cost(problem: Any) -> float | None:
    """What savings over 100 neighbours cost, the yardstick for large instances."""
    from routing.road.neighbours import neighbours
    from routing.road.plan import make_plan
    from routing.road.savings import fits_savings, savings

    if not fits_savings(problem):
        return None
    return make_plan(problem, savings(problem, neighbours(problem, 100))).cost
