"""Scenario files: defaults, what is refused in one line, and writing what was read."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.scenario import Scenario, ScenarioError, read, write

README = Path(__file__).parents[2] / "maps" / "README.md"
SMALL = 'name = "x"\n[floor]\nmap = "x.map"\nrobots = 5\n'


def _file(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text)
    return path


def test_a_small_scenario_takes_the_defaults(tmp_path):
    """Name, map and number of robots are enough; paths are relative to the scenario's folder."""
    scenario = read(_file(tmp_path, SMALL))
    assert scenario.floor.robots == 5
    assert scenario.city.capacity == 25
    assert scenario.path("x.map") == tmp_path / "x.map"
    assert [scenario.ticks(seconds) for seconds in (0, 0.25, 0.26, 1.5)] == [1, 1, 2, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace("robots = 5", "robot = 5"), "robot"),
        (SMALL.replace("robots = 5", 'robots = "5"'), "Expected `int`, got `str`"),
        (
            SMALL.replace("robots = 5", "robots = 0"),
            "floor.robots = 0 is out of range; choose 1 to",
        ),
        (SMALL + "tick_seconds = nan\n", "floor.tick_seconds = nan is out of range"),
        (SMALL.replace('"x"', '"../x"'), "names the run folder"),
        ('opening = "yesterday"\n' + SMALL, "opening = 'yesterday' is no time"),
        ('opening = "0001-01-01T00:00:00+10:00"\n' + SMALL, "is out of range; choose 1970 to 9000"),
        ('opening = "9999-12-31T23:59:59Z"\n' + SMALL, "is out of range; choose 1970 to 9000"),
        (SMALL + "[city]\ndepot = [nan, 0.0]\n", "city.depot = [nan, 0.0]"),
        (SMALL + "[city]\nbest_known = 0.0\n", "city.best_known = 0"),
        (SMALL + "[city\n", "not valid TOML"),
        ("", "missing required field `name`"),
    ],
)
def test_bad_scenarios_are_one_line(tmp_path, text, message):
    """The line names the file, the place, the value and what to do."""
    path = _file(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        read(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert message in line
    assert "\n" not in line


PARTS = {
    field.name: field.type
    for field in msgspec.structs.fields(Scenario)
    if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
}


@pytest.mark.parametrize("name", PARTS)
def test_the_readme_lists_every_field(name):
    """Where the error line sends its reader each field has a row, with its default."""
    table = re.search(rf"nder `\[{name}\]`.*?\n\n((?:\|[^\n]*\n)+)", README.read_text(), re.DOTALL)
    listed = {}
    for row in table[1].splitlines()[2:]:
        fields, defaults, _ = row.strip("| ").split(" | ")
        # Two fields in a row have two defaults; a comma alone groups digits.
        pairs = zip(fields.split(", "), defaults.split(", "), strict=True)
        listed |= {field.strip("`"): default.replace(",", "_") for field, default in pairs}
    assert listed == {
        field.name: "(required)" if field.required else toml(field.default, listed[field.name])
        for field in msgspec.structs.fields(PARTS[name])
    }


def toml(value, text):
    """Return the text where it stands for the value in a scenario file, else the value."""
    if value is None:
        return "none"
    return text if msgspec.toml.decode(f"x = {text.strip('`')}")["x"] == value else value


def test_a_missing_scenario_is_one_line(tmp_path):
    """So is a folder in its place, and bytes that are no text."""
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ScenarioError, match="cannot be read"):
            read(path)
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ScenarioError, match="not valid TOML"):
        read(tmp_path / "x.toml")


@given(
    st.fixed_dictionaries(
        {
            "robots": st.integers(1, 20_000),
            "tick_seconds": st.floats(0.01, 60),
            "turn_seconds": st.floats(0, 60),
            "battery": st.booleans(),
            "depot": st.none() | st.tuples(st.floats(-2.5e7, 2.5e7), st.floats(-2.5e7, 2.5e7)),
            "parcels": st.none() | st.text(st.characters(codec="utf-8"), max_size=8),
            "seed": st.integers(0, 2**63 - 1),
        }
    )
)
@settings(max_examples=40, deadline=None)
def test_read_returns_what_write_wrote(tmp_path_factory, values):
    """Every value survives, whatever letters and sizes it has."""
    folder = tmp_path_factory.mktemp("scenario")
    floor = {name: values[name] for name in ("robots", "tick_seconds", "turn_seconds", "battery")}
    city = {name: values[name] for name in ("depot", "parcels") if values[name] is not None}
    plain = {"name": "x", "seed": values["seed"], "floor": {"map": "m", **floor}, "city": city}
    scenario = msgspec.convert(plain, Scenario)
    path = folder / "x.toml"
    write(scenario, path)
    assert read(path) == msgspec.structs.replace(scenario, folder=str(folder))


def test_shipped_scenarios_can_be_read():
    """All of `maps/*.toml` are right, and name files that are there."""
    maps = Path(__file__).parents[2] / "maps"
    for path in maps.glob("*.toml"):
        scenario = read(path)
        assert scenario.path(scenario.floor.map).exists()
