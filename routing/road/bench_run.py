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
from typing import Any, NamedTuple

import numpy as np

from routing.road.bench_table import BUDGETS, LATE

GRACE_SECONDS = 120.0  # for imports, a first compilation and the judge, beyond twice the limit
STOPS_PER_SECOND = 2_000.0  # that are read and judged at the least

ARRAYS = ("stops", "lengths", "vehicles", "unserved")


class Told(NamedTuple):
    """A plan told on the way, copied: its solver may go on in the same arrays."""

    stops: np.ndarray
    lengths: np.ndarray
    vehicles: np.ndarray
    unserved: np.ndarray
    cost: float


class Curve:
    """Seconds, cost and tours (where known) of each better complete plan on the way.

    Of the plans themselves only those are kept that a table of a run of `seconds` may read: the
    first, and the best at each budget.
    """

    def __init__(self, problem: Any, seconds: float) -> None:
        self.problem = problem
        self.ends = [budget + LATE for budget in BUDGETS if budget < seconds]
        self.began = time.perf_counter()
        self.points: list[tuple[float, float, int | None]] = []
        self.best = (float("inf"), float("inf"))
        self.kept: dict[int, Told] = {}  # by the index of its point

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
            last = len(self.points) - 1
            if last > 0 and not self._stands(self.points[last][0], seconds):
                self.kept.pop(last, None)
            if tours is not None:
                self.kept[last + 1] = _told(plan)
            self.points.append((seconds, float(plan.cost), None if routes is None else int(routes)))

    def to_judge(self, answer: Any) -> list[tuple[float, Told]]:
        """The plans that a table reads, but for the answer itself, and when they were told."""
        kept = dict(self.kept)
        last = len(self.points) - 1
        if last > 0 and not self._stands(self.points[last][0], float("inf")):
            kept.pop(last, None)
        same = _told(answer)
        return [
            (self.points[index][0], told)
            for index, told in kept.items()
            if told.cost != same.cost
            or not all(np.array_equal(getattr(told, name), getattr(same, name)) for name in ARRAYS)
        ]

    def _stands(self, begin: float, end: float) -> bool:
        """Whether a plan that is the best from `begin` until before `end` is that of a budget."""
        return any(begin <= moment < end for moment in self.ends)

    def _optional(self, rows: Any) -> bool:
        return bool((self.problem.price[rows] < float("inf")).all())


def _told(plan: Any) -> Told:
    tours = plan.tours
    return Told(
        np.concatenate(tours) if len(tours) else np.zeros(0, np.int32),
        np.array([len(tour) for tour in tours], np.int64),
        np.array(plan.vehicles),
        np.array(plan.unserved),
        float(plan.cost),
    )


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
    from routing.road.check import case_as_asked, judge, read_answer
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
        curve = Curve(problem, task["seconds"])
        if task["solver"] == "peakday":
            compiled.listen()
        plan = plan_it(problem, Limit(task["seconds"]), task["seed"], executor, curve)
        wall = time.perf_counter() - curve.began
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = peak_mb()
    if not isinstance(plan, Plan):
        raise TypeError(f"the solver returned {type(plan).__name__}, not a Plan")
    curve(plan)
    points = [*curve.points]
    if not points or points[-1][1] != plan.cost:
        points.append((round(wall, 3), float(plan.cost), len(plan.tours)))
    case = case_as_asked(path, **said)

    def judged(plan: Plan) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "answer.sol"
            write_solution(answer, problem, plan)
            return judge(case, read_answer(answer, case.depots))

    verdict = judged(plan)
    error = "" if verdict.ok else json.dumps(verdict.violations[0])
    for seconds, told in curve.to_judge(plan) if verdict.ok else ():
        tours = np.split(told.stops, np.cumsum(told.lengths)[:-1]) if len(told.lengths) else []
        early = judged(Plan(tours, told.vehicles, told.unserved, told.cost, told.cost))
        if not early.ok:
            error = f"the plan told after {seconds:g} s: {json.dumps(early.violations[0])}"
            break
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
        "peak_mb": round(peak, 1),
        "ok": not error,
        "error": error,
    }


def peak_mb() -> float:
    """The most memory that this process had, without what its parent had when it began.

    `ru_maxrss` begins at the parent's own, through `exec`, too; Linux tells better.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
