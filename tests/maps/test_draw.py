"""The maps that ship are those that `draw.py` draws, and they are sound."""

import subprocess
import sys
from pathlib import Path

import pytest

from routing.floor.graph import problems
from routing.floor.grid import Floor

MAPS = Path(__file__).parents[2] / "maps"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("small", ["small"]),
        ("platform", ["platform"]),
        ("charging", ["platform", "--chargers", "24"]),
        pytest.param("large", ["large"], marks=pytest.mark.slow),
    ],
)
def test_map_is_drawn_by_rule_and_sound(name, rule):
    """Drawing again gives the same bytes, and every place can be reached and left."""
    drawn = subprocess.run(
        [sys.executable, MAPS / "draw.py", *rule], check=True, capture_output=True, text=True
    ).stdout
    assert drawn == (MAPS / f"{name}.map").read_text()
    assert problems(Floor.read(MAPS / f"{name}.map")) == []


def test_platform_has_room_for_the_parcels_of_a_city():
    """At least 210 chutes, two rejects and about 60 stations."""
    floor = Floor.read(MAPS / "platform.map")
    assert len(floor.chutes) >= 210
    assert len(floor.rejects) >= 2
    assert len(floor.stations) == 60
