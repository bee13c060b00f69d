"""The League entry against a stand-in for the simulator's environment."""

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from routing.floor.arena import Game
from routing.floor.generate import generate
from routing.floor.league import bridge
from tests.routing.floor.test_formats import PLAN

LEAGUE = Path(__file__).parents[3] / "league"


def show(env: SimpleNamespace, game: Game) -> None:
    """Write a game's state into the environment, as the simulator does before each step."""
    view = game.view()
    env.curr_states = [
        SimpleNamespace(location=int(cell), orientation=int(heading))
        for cell, heading in zip(view.cells, view.headings, strict=True)
    ]
    env.new_tasks = [number for number, _ in view.new_tasks]
    for number, cells in view.new_tasks:
        env.task_pool[number] = SimpleNamespace(locations=cells.tolist(), idx_next_loc=0)
    for robot, task in enumerate(view.task.tolist()):
        if task >= 0:
            env.task_pool[task].idx_next_loc = int(view.errand[robot])
    env.new_freeagents = np.flatnonzero(view.task < 0).tolist()
    env.curr_task_schedule = view.task.tolist()


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
    env = SimpleNamespace(
        map=(~PLAN.free).astype(int).tolist(), rows=PLAN.height, cols=PLAN.width,
        num_of_agents=4, task_pool={},
    )  # fmt: skip
    planner, scheduler = pyMAPFPlanner(env), pyTaskScheduler(env)
    assert planner.initialize(1000)
    assert scheduler.initialize(1000)
    for _ in range(40):
        show(env, game)
        game.assign(np.array(scheduler.plan(60)))
        game.apply(planner.plan(60))
    assert game.finished > 5
    assert game.invalid == 0


def test_scheduler_and_planner_share_a_bridge_whatever_wrapper_they_get(monkeypatch):
    """Two objects for one environment, both made before one prepares."""
    monkeypatch.setattr("routing.floor.league._bridges", [])
    assert bridge(SimpleNamespace()) is bridge(SimpleNamespace())
