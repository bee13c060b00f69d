"""Plans of the MAPF Tracker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.viz.test_files import FIELD, result, write
from viz.source import SourceError, open_source
from viz.words import alarm_text

HEAD = "map_name,scen_type,type_id,agents,solution_plan\n"
SCEN = "version 1\n0\tfield.map\t4\t2\t0\t0\t2\t1\t4.0\n0\tfield.map\t4\t2\t3\t0\t3\t0\t0.0\n"


def plan(folder: Path, text: str, scen: str = SCEN, name: str = "field-even-1.scen") -> Path:
    """Write a plan with its map and scenario."""
    (folder / "field.map").write_text(FIELD)
    (folder / name).write_text(scen)
    path = folder / "plan.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("moves", ["rrd\nw", "2r1d\nw", "rru\nw"])
def test_a_plan_is_played(tmp_path: Path, moves: str) -> None:
    """Letters or counted letters; up or down, as the floor lies."""
    text = HEAD + f'field,even,1,2,"{moves}"\n'
    source = open_source(str(plan(tmp_path, text)))
    assert [source.frame(t).cells.tolist() for t in (0, 1, 2, 3)] == [
        [0, 3],
        [1, 3],
        [2, 3],
        [6, 3],
    ]
    told = [alarm_text(source.scene, row) for row in source.alarms()]
    assert told.count("robot 0 finishes task 0") == 1
    assert source.frame(1).goals[0] == 6
    source.close()


def test_a_converted_plan_is_played(tmp_path: Path) -> None:
    """As PlanViz's converter writes it: no headings, and starts of more robots than there are."""
    plain = result(
        actionModel="MAPF", actualPaths=["R,R"], start=[[0, 0, "N/A"], [0, 3, "N/A"]], teamSize=1
    )
    source = open_source(str(write(tmp_path, plain)))
    assert [source.frame(t).cells.tolist() for t in range(3)] == [[0], [1], [2]]
    source.close()


@pytest.mark.parametrize(
    ("text", "scen", "said"),
    [
        ("", SCEN, "no plan of the MAPF Tracker"),
        ("a,b\n1,2\n", SCEN, "no plan of the MAPF Tracker"),
        (HEAD + "field,even,1,1,rx\n", SCEN, "a plan has 'x'"),
        (
            HEAD + 'field,even,1,2,"w\n2r9999999999r"\n',
            SCEN,
            "robot 1 has '9999999999r'; viz plays",
        ),
        (HEAD + f"field,even,1,1,{'9' * 5000}r\n", SCEN, "robot 0 has '99999"),
        (HEAD + "field,even,1,1,600000w500000w\n", SCEN, "robot 0 has '500000w'; viz plays"),
        (HEAD + 'field,even,1,3,"w\nw\nw"\n', SCEN, "3 robots, but field-even-1.scen has 2"),
        (HEAD + "field,even,1,1,w\n", "version 1\n0 x\n", "cannot be read as a scenario"),
        (HEAD + "field,even,1,1,d\n", SCEN.replace("0\t0\t2", "1\t0\t2"), "leave the free cells"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str, scen: str, said: str) -> None:
    """In one line."""
    with pytest.raises(SourceError) as error:
        open_source(str(plan(tmp_path, text, scen)))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_plan_without_its_scenario_is_refused(tmp_path: Path) -> None:
    """Which file is wanted is said."""
    path = plan(tmp_path, HEAD + "field,even,1,1,w\n", name="other.scen")
    (tmp_path / "more.scen").write_text(SCEN)
    with pytest.raises(SourceError, match=r"put field-even-1\.scen there"):
        open_source(str(path))
