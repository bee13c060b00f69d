"""`fleet check SCENARIO`: what a day will be, and each thing that is wrong with it in one line."""

import json
import re
from argparse import Namespace

import pytest

from fleet.check.command import run
from fleet.check.scenario import examine
from fleet.run_folder import create
from fleet.scenario import ScenarioError, read
from tests.fleet.pure_day import OPEN

TOML = """name = "tiny"
[floor]
map = "tiny.map"
robots = 3
[city]
parcels = "tiny.csv"
depot = [0.0, 0.0]
capacity = 6
"""
BATTERY = TOML.replace("robots = 3", "robots = 3\nbattery = true")
CHARGER = OPEN.replace("........", "C.......", 1)
CSV = "id,x,y,size\na,1,2,3\nb,3,4,6\n"


@pytest.fixture
def files(tmp_path):
    """Write a scenario's files, and return its path."""

    def write(toml=TOML, csv=CSV, text=OPEN):
        (tmp_path / "tiny.map").write_text(text)
        (tmp_path / "tiny.csv").write_text(csv)
        (tmp_path / "tiny.toml").write_text(toml)
        return tmp_path / "tiny.toml"

    return write


def test_a_sound_scenario_is_told(files, capsys):
    """Robots, stations, chutes, parcels and a bound on the parcels per hour."""
    assert run(Namespace(what=str(files()), json=True)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert answer["warnings"] == []
    assert answer["day"]["parcels"] == 2
    assert (answer["day"]["stations"], answer["day"]["chutes"]) == (2, 4)
    # Two stations, each loading six ticks and two for the robots' change, 14,400 ticks an hour.
    assert answer["day"]["parcels_per_hour_at_most"] == 2 * 14_400 // 8
    assert run(Namespace(what=str(files()), json=False)) == 0
    assert "can run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"toml": TOML.replace("= 3", "= 48")}, "floor.robots = 48, but"),
        ({"csv": CSV.replace("4,6", "4,7")}, "tiny.csv:3: size 7 is above the van's capacity of 6"),
        ({"text": OPEN.replace("E", ".")}, "no station"),
        ({"toml": BATTERY}, " has no charger"),
        ({"toml": BATTERY + "[battery]\nstanding_watts = 200\n", "text": CHARGER},
         "battery.stop_at = 0.2 keeps 108,000 J, but a robot may need"),
        ({"toml": BATTERY + "[battery]\ncharge_watts = 5\n", "text": CHARGER},
         "battery.charge_watts = 5 is no more than a standing robot uses"),
        ({"text": OPEN.replace("S", ".").replace("R", ".")}, "no chute"),
        ({"csv": "id,lat,lon\na,50,4\n", "toml": TOML + "metres_per_unit = 10\n"},
         "city.metres_per_unit = 10"),
        ({"csv": "id,x,y\n"}, "holds no parcel"),
        ({"csv": CSV.replace("size", "station")}, "station 3 is not on the floor"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_one_line_each(files, capsys, change, message):
    """Exit code 2, and the line names file or field, value and remedy."""
    path = files(**change)
    code = run(Namespace(what=str(path), json=False))
    lines = capsys.readouterr().err.splitlines()
    assert code == 2
    assert any(message in line for line in lines)


@pytest.mark.parametrize("watts", [3, 7, 15, 20, 31])
def test_the_level_that_would_do_does(files, watts):
    """What the line about a battery says to choose is not refused in turn."""
    battery = f"[battery]\nstanding_watts = {watts}\nstop_at = "
    line = examine(files(toml=f"{BATTERY}{battery}0\n", text=CHARGER)).errors[0]
    level = re.search(r"choose (\S+) or more", line)[1]
    assert examine(files(toml=f"{BATTERY}{battery}{level}\n", text=CHARGER)).errors == []


def test_a_level_that_no_battery_has_is_not_asked_for(files):
    """A battery that is too small for this floor needs more than a higher level."""
    small = f"{BATTERY}[battery]\ncapacity_watt_hours = 0.01\n"
    line = examine(files(toml=small, text=CHARGER)).errors[0]
    assert "or more" not in line
    assert "give more battery.capacity_watt_hours" in line


def test_a_chute_behind_walls_is_found(files):
    """Drawn into a corner with walls around it, it has its place in the map named."""
    walled = OPEN.replace("..S..S.R", "..S..S@R")
    rows = walled.splitlines()
    rows[-1], rows[-3] = ".......@", ".......@"
    errors = examine(files(text="\n".join(rows) + "\n")).errors
    assert any("reject chute that cannot be" in line for line in errors)


def test_what_will_be_slow_is_a_warning(files):
    """More tours than chutes or couriers can run, and is told."""
    csv = "id,x,y,size,colour\n" + "".join(f"p{k},1,1,6,red\n" for k in range(5))
    found = examine(files(toml=TOML + "couriers = 4\n", csv=csv))
    assert found.errors == []
    for word in ("chutes", "couriers", "colour"):
        assert any(word in line for line in found.warnings)
    assert (
        "city.parcels is not set"
        in examine(files(toml=TOML.replace('parcels = "tiny.csv"\n', ""))).warnings[0]
    )


def test_a_day_that_cannot_run_is_not_opened(files, tmp_path):
    """`fleet run` refuses it by the same rule, before it makes a run folder."""
    scenario = read(files(toml=TOML.replace("= 3", "= 48")))
    with pytest.raises(ScenarioError, match=r"floor\.robots = 48"):
        create(tmp_path / "run", scenario, lockstep=True)
    assert not (tmp_path / "run").exists()
