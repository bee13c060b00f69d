"""Settings that all tests share."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine, not about the code.
settings.register_profile(
    "peakday", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("peakday")

# The files that take longest come first, else one of them is what all others wait for at the end.
# In a first run tests compile what they need. The first file does so for roads and the second
# for floors; of two files that need the same, side by side, each would compile it. So those that
# need no roads follow, until the first file has compiled these.
FIRST = (
    "routing/test_main.py",
    "fleet/sim/test_simulate.py",
    "routing/floor/test_bench.py",
    "fleet/test_charging.py",
    "fleet/test_operate.py",
    "fleet/test_controller.py",
    "fleet/test_battery.py",
    "fleet/bench/test_kill.py",
    "fleet/test_run.py",
    "fleet/test_boards.py",
    "fleet/bench/test_bench.py",
    "fleet/test_operate_command.py",
    "fleet/test_sweep.py",
    "routing/road/test_interrupt.py",
    "viz/live/test_process.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files of tests; within a file nothing changes."""
    here = Path(__file__).parent
    place = {here / name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(FIRST)))
