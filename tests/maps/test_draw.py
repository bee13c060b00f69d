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


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (["small", "--chargers", "4"], "--chargers 4: "),
        (["platform", "--height", "10"], "--height 10: "),
        (["platform", "--height", "0"], "--height 0: "),
        (["large", "--width", "-5"], "--width -5: "),
        (["platform", "--chargers", "-4"], "--chargers -4: "),
        (["platform", "--chargers", "200"], "--chargers 200: "),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(rule, told):
    """With exit code 2, and with no map that has something else than was asked for."""
    drawn = subprocess.run(
        [sys.executable, MAPS / "draw.py", *rule], capture_output=True, text=True
    )
    assert (drawn.returncode, drawn.stdout) == (2, "")
    assert drawn.stderr.startswith(f"draw.py: {told}")
    assert drawn.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["small", "platform", "large"])
def test_smallest_floor_is_sound(name, tmp_path):
    """The least height and width that are taken make a floor on which robots can sort."""
    height, width = {"small": (10, 13), "platform": (15, 17), "large": (13, 19)}[name]
    path = tmp_path / "least.map"
    rule = [name, "--height", str(height), "--width", str(width)]
    drawn = subprocess.run(
        [sys.executable, MAPS / "draw.py", *rule], check=True, capture_output=True, text=True
    ).stdout
    path.write_text(drawn)
    assert problems(Floor.read(path)) == []
