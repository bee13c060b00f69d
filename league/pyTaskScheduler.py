"""Task scheduler for the League of Robot Runners' simulator, 2024 edition; see README.md."""

import MAPF  # noqa: F401 - the simulator's own module: makes its environment known to Python

from routing.floor.league import bridge


class pyTaskScheduler:  # noqa: N801 (the simulator looks for this name)
    """Asks the shared schedule which robot does which task."""

    def __init__(self, env=None):
        self.bridge = bridge(env)

    def initialize(self, preprocess_time_limit):
        """Prepare once, within the preprocessing time."""
        self.bridge.prepare(preprocess_time_limit)
        return True

    def plan(self, time_limit):
        """Return one task number a robot, -1 for none."""
        return self.bridge.schedule(time_limit)
