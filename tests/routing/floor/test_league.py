"""The League entry against a stand-in for the simulator's environment."""

import importlib
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from routing.floor.arena import Game
from routing.floor.entry import Peakday
from routing.floor.generate import generate
from routing.floor.league import Bridge, bridge
from routing.floor.lookahead import LookaheadPlanner
from tests.routing.floor.test_formats import PLAN

LEAGUE = Path(__file__).parents[3] / "league"


def show(env: SimpleNamespace, game: Game) -> None:
    """Write a game's state into the environment, as the simulator does before each step."""
    view = game.view()
    env.curr_states = [
        SimpleNamespace(location=int(cell), orientation=int(heading))
        for cell, heading in zip(view.cells, view.headings, strict=True)
    ]
    env.curr_timestep = game.step
    env.new_tasks = [number for number, _ in view.new_tasks]
    for number, cells in view.new_tasks:
        env.task_pool[number] = SimpleNamespace(
            locations=cells.tolist(), idx_next_loc=0, agent_assigned=-1
        )
    for number in set(env.task_pool) & game._done:
        del env.task_pool[number]
    for task in env.task_pool.values():
        task.agent_assigned = -1
    for robot, task in enumerate(view.task.tolist()):
        if task >= 0:
            env.task_pool[task].idx_next_loc = int(view.errand[robot])
            env.task_pool[task].agent_assigned = robot
    env.new_freeagents = np.flatnonzero(view.task < 0).tolist()
    env.curr_task_schedule = view.task.tolist()


def environment(robots: int) -> SimpleNamespace:
    """Return an environment as the simulator makes it before the first step."""
    return SimpleNamespace(
        map=(~PLAN.free).astype(int).tolist(), rows=PLAN.height, cols=PLAN.width,
        num_of_agents=robots, task_pool={},
    )  # fmt: skip


@pytest.fixture
def folder(monkeypatch):
    """The entry's folder on the path, none of it loaded yet."""
    monkeypatch.setattr(sys, "path", [str(LEAGUE), *sys.path])
    for name in ("pyMAPFPlanner", "pyTaskScheduler", "MAPF"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.parametrize("name", ["pyMAPFPlanner", "pyTaskScheduler"])
def test_the_simulators_own_module_is_loaded_first(folder, name):
    """Without it the simulator cannot hand its environment to Python, and aborts."""
    with pytest.raises(ModuleNotFoundError, match="MAPF"):
        importlib.import_module(name)


@pytest.mark.slow
def test_scheduler_and_planner_play_through_the_environment(monkeypatch, folder):
    """Both classes, asked as the simulator asks them, finish tasks without one invalid action."""
    monkeypatch.setitem(sys.modules, "MAPF", ModuleType("MAPF"))
    from pyMAPFPlanner import pyMAPFPlanner
    from pyTaskScheduler import pyTaskScheduler

    problem = generate(PLAN, 4, 100, 3, errands=(2, 3))
    game = Game(problem)
    env = environment(4)
    planner, scheduler = pyMAPFPlanner(env), pyTaskScheduler(env)
    assert planner.initialize(1000)
    assert scheduler.initialize(1000)
    for _ in range(40):
        show(env, game)
        game.assign(np.array(scheduler.plan(60)))
        game.apply(np.array(planner.plan(60)))
    assert game.finished > 5
    assert game.invalid == 0


@pytest.fixture
def quick(monkeypatch):
    """Nothing is compiled ahead, and no simulator has been there before."""
    monkeypatch.setattr("routing.floor.league._latest", [])
    monkeypatch.setattr("routing.floor.league.warm_up", lambda entry: None)


@pytest.fixture
def league(quick):
    """A game of two robots, its environment as it is before the first step, and a bridge."""
    game = Game(generate(PLAN, 2, 100, 3, errands=(2, 3)))
    env = environment(2)
    made = Bridge(env)
    made.prepare(1000)
    show(env, game)
    return game, env, made


def test_scheduler_and_planner_share_a_bridge_whatever_wrapper_they_get(quick):
    """Two objects for one environment, both made before one prepares."""
    assert bridge(SimpleNamespace()) is bridge(SimpleNamespace())


def test_a_simulator_started_again_in_the_process_gets_a_bridge_of_its_own(quick):
    """Even where its environment lies where the last one lay, and so is the same object."""
    env = environment(2)
    first = bridge(env)
    first.prepare(1000)
    assert bridge(env) is not first


def play(game: Game, env: SimpleNamespace, made: Bridge, steps: int) -> None:
    """Play steps, strictly: an invalid schedule raises."""
    for _ in range(steps):
        game.assign(np.array(made.schedule(30)))
        game.apply(np.array(made.actions(30)))
        show(env, game)


@pytest.mark.slow
def test_tasks_of_a_refused_schedule_are_given_again(league):
    """They are not told as new again; all of the pool, with which both began, get done."""
    game, env, made = league
    proposed = set(made.schedule(30))
    made.actions(30)
    env.new_tasks = []
    assert len(proposed - {-1}) == 2
    game._fresh = []  # seen already
    play(game, env, made, 60)
    assert game.finished > 5
    assert game.invalid == 0
    assert {0, 1, 2} <= game._done


def test_the_simulators_schedule_holds_not_ours(league):
    """Where it gave a robot another task than was proposed, and that is begun, it stays."""
    _, env, made = league
    one, other = made.schedule(30)
    made.actions(30)
    env.new_tasks, env.curr_task_schedule = [], [other, one]
    for robot, number in enumerate(env.curr_task_schedule):
        env.task_pool[number].idx_next_loc, env.task_pool[number].agent_assigned = 1, robot
    assert made.schedule(30) == [other, one]
    made.actions(30)
    goals = [env.task_pool[number].locations[1] for number in (other, one)]
    assert made.entry._goals.tolist() == goals


@pytest.mark.slow
def test_another_schedulers_tasks_are_planned_for(league):
    """In the League's planning track only the planner is ours; tasks may change hands."""
    game, env, made = league
    for step in range(60):
        open_tasks = [n for n in sorted(env.task_pool) if n not in game.task]
        wanted = [int(t) if t >= 0 else open_tasks.pop(0) for t in game.task]
        if step % 3 == 0 and not game.errand.any():
            wanted.reverse()
        game.assign(np.array(wanted))
        show(env, game)
        game.apply(np.array(made.actions(30)))
        show(env, game)
    assert game.finished > 5
    assert game.invalid == 0


def test_our_schedule_beside_another_planner_keeps_its_books(league):
    """In the League's scheduling track only the scheduler is ours: finished tasks are forgotten."""
    game, env, made = league
    other = Peakday(tries=20)
    other.prepare(PLAN, 2)
    for _ in range(60):
        view = game.view()
        other.assign(view)
        game.assign(np.array(made.schedule(30)))
        show(env, game)
        game.apply(other.act(game.view(), game.task.copy()))
        show(env, game)
    assert game.finished > 5
    assert len(made.entry._cells) <= len(env.task_pool) + 2
    assert made.entry.schedule._queue.sum() <= 2


@pytest.mark.slow
def test_tasks_told_again_are_passed_over(league):
    """Whether open, under way or finished."""
    game, env, made = league
    told = list(env.new_tasks)
    for _ in range(40):
        game.assign(np.array(made.schedule(30)))
        game.apply(np.array(made.actions(30)))
        show(env, game)
        told += env.new_tasks
        env.new_tasks = list(told)
    assert game.finished > 3
    assert game.invalid == 0


def test_before_the_first_schedule_nobody_has_a_task(league):
    """The simulator's list is empty then."""
    _, env, made = league
    env.curr_task_schedule = []
    assert made.actions(30) == made.actions(30)
    assert made.task.tolist() == [-1, -1]


def test_a_step_begins_when_the_simulator_began_to_count(league):
    """What it took until it asked us is not there any more."""
    _, env, made = league
    env.plan_start_time = timedelta(seconds=1000)
    env.plan_current_time = lambda: timedelta(seconds=1000.3)
    made.schedule(1000)
    assert made.began <= perf_counter() - 0.3


def test_who_is_asked_when_time_is_over_answers_at_once(league):
    """Another scheduler may take longer than the step; a clock that never began does not count."""
    _, env, made = league
    env.plan_start_time = timedelta(seconds=1000)
    env.plan_current_time = lambda: timedelta(seconds=1001.2)
    made.actions(1000)
    assert made.entry.planner.tries == 0
    env.plan_current_time = lambda: timedelta(seconds=90_000)
    now = perf_counter()
    made._look(1000, [])
    assert made.began >= now


@pytest.mark.parametrize("limit", [20, 100])
def test_most_of_a_step_is_for_us(league, limit):
    """At any limit, and something is left for the simulator."""
    _, _, made = league
    made.schedule(limit)
    made.actions(limit)
    made.schedule(limit)
    assert 0.6 * limit <= 1000 * made.entry.step_seconds < limit - 3


def test_after_a_late_step_more_is_kept_back_for_a_while(league):
    """The simulator's clock shows how many steps went by."""
    _, env, made = league
    seconds = []
    for step in [0, 1, 2, 5, *range(6, 200)]:
        env.curr_timestep, env.new_tasks = step, []
        made._look(1000, [])
        seconds.append(made.entry.step_seconds)
    assert seconds[1] == seconds[2] > seconds[3] + 0.09
    assert seconds[3] < seconds[60] < seconds[-1]
    assert seconds[-1] == pytest.approx(seconds[0], abs=0.01)


def test_states_are_read_where_they_are_now(league):
    """Whether the simulator changes them where they lie, or makes a new list."""
    _, env, made = league
    made._look(1000, [])
    env.curr_states[1].location = 4
    made._look(1000, [])
    assert made.cells[1] == 4
    env.curr_states = [SimpleNamespace(location=0, orientation=turn) for turn in (1, 3)]
    made._look(1000, [])
    assert made.cells.tolist() == [0, 0]
    assert made.headings.tolist() == [1, 3]


def test_setting_up_counts_for_the_time_to_prepare(monkeypatch):
    """On a large floor it takes half a second; distance rows are made in what is left."""
    clock = [0.0]

    class Slow(LookaheadPlanner):
        def __init__(self, *args, **keywords):
            super().__init__(*args, **keywords)
            clock[0] += 10

    monkeypatch.setattr("routing.floor.entry.perf_counter", lambda: clock[0])
    monkeypatch.setattr("routing.floor.entry.LookaheadPlanner", Slow)
    entry = Peakday()
    entry.prepare(PLAN, 2, seconds=5, every_cell=True)
    assert not entry.planner.rows.has(np.arange(len(entry.planner.cell_of))).any()
