"""Planner for the League of Robot Runners' simulator, 2024 edition; see README.md."""

import MAPF  # noqa: F401 - the simulator's own module: makes its environment known to Python

from routing.floor.league import bridge


class pyMAPFPlanner:  # noqa: N801 (the simulator looks for this name)
    """Asks the shared planner for each step's actions."""

    def __init__(self, env=None):
        self.bridge = bridge(env)

    def initialize(self, preprocess_time_limit):
        """Prepare once, within the preprocessing time."""
        self.bridge.prepare(preprocess_time_limit)
        return True

    def plan(self, time_limit):
        """Return one action a robot."""
        return self.bridge.actions(time_limit)
