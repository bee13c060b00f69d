"""Files laid over a floor: what each form means, which one a file has, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.floor.grid import Floor
from tests.viz.desk import Desk
from tests.viz.test_files import FIELD, result, write
from viz.__main__ import main
from viz.overlay import Overlay, read_overlay
from viz.overlay_view import levels
from viz.source import SourceError, open_source
from viz.view import Selection

FLOOR = Floor.parse(FIELD, "field")  # two rows of four cells


def read(folder: Path, text: str, name: str = "x.csv") -> Overlay:
    path = folder / name
    path.write_text(text)
    return read_overlay(path, FLOOR)


def shown(overlay: Overlay, robot: int = -1) -> list[float | None]:
    values = overlay.values[overlay.row(robot)]
    return [None if np.isnan(value) else value for value in values.tolist()]


def test_a_heuristic_has_a_line_a_robot(tmp_path: Path) -> None:
    """The selected robot's is shown, else the first; what is beyond all ways is nothing."""
    far = 2**31 - 1
    overlay = read(tmp_path, f"0,0,1,2,3,1,{far},3,4\n5,3,2,1,0,4,1.7976931348623157e308,2,1\n")
    assert overlay.kind == "heuristic"
    assert shown(overlay) == shown(overlay, 0) == [0, 1, 2, 3, 1, None, 3, 4]
    assert shown(overlay, 5) == [3, 2, 1, 0, 4, None, 2, 1]


def test_a_value_for_each_cell(tmp_path: Path) -> None:
    """As the floor lies."""
    overlay = read(tmp_path, "1,2,3,4\n5,6,7,8.5\n")
    assert (overlay.kind, shown(overlay)) == ("values", [1, 2, 3, 4, 5, 6, 7, 8.5])


def test_a_search_tree_counts_its_cells(tmp_path: Path) -> None:
    """Each line is a cell that was expanded; other columns do not matter."""
    overlay = read(tmp_path, "id,loc,g\n0,2,0\n1,3,1\n2,2,2\n")
    assert overlay.kind == "search tree"
    assert shown(overlay) == [None, None, 2, 1, None, None, None, None]


@given(st.sampled_from([(0, 1), (1, 0), (2, 6), (6, 2), (7, 6)]))
def test_highways_are_edges(edge: tuple[int, int]) -> None:
    """A number is (from + 1) * cells + to."""
    number = (edge[0] + 1) * FLOOR.cells + edge[1]
    path = Path("unused.txt")
    from viz.overlay import _highways

    assert _highways(path, FLOOR, np.array([number])).edges.tolist() == [list(edge)]


def test_another_result_gives_its_visits(tmp_path: Path) -> None:
    """Starts, and cells entered."""
    path = write(tmp_path, result())
    overlay = read_overlay(path, FLOOR)
    assert overlay.kind == "visits"
    assert shown(overlay) == [1, 1, 1, None, None, None, 2, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "a column loc"),
        ("1,2,3\n4,5,6\n", "2 lines of 3 to 3 numbers fit nothing on field"),
        ("loc\n8\n", "cell 8 is not on field, which has cells 0 to 7"),
        ("id,loc\n1\n", "column loc has no cell"),
        ("1\n11\n", "an edge leads from cell 0 to 3, which are no neighbours on field"),
        ("1\n3\n", "cell -1 is not on field"),
        ("1" * 200_000, "fit nothing on field"),
        ("x" * 200_000, "is no number"),
        ("1\n1e30\n", "1e+30 is no edge of field"),
        ("1\ninf\n", "inf is no edge of field"),
        ("1\n16.5\n", "16.5 is no edge of field"),
        ("loc\n99999999999999999999999\n", "cell 99999999999999999999999 is not on field"),
        (f"loc\n{'9' * 5000}\n", "column loc has no cell"),
        ("1e30,0,1,2,3,4,5,6,7\n", "1e+30 is no robot"),
        ("0.5,0,1,2,3,4,5,6,7\n", "0.5 is no robot"),
    ],
)
def test_what_fits_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """In one line: what, where, the value and the remedy."""
    with pytest.raises(SourceError) as error:
        read(tmp_path, text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("name", ["none.csv", "x.json", "y.json", "z.json", "bytes.txt"])
def test_the_command_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Exit code 2: no such file, no League result, no text."""
    (tmp_path / "field.map").write_text(FIELD)
    (tmp_path / "x.json").write_text(json.dumps({"a": 1}))
    (tmp_path / "y.json").write_text(json.dumps(result(start=[[0, 9, "E"], [1, 3, "N"]])))
    (tmp_path / "z.json").write_text(json.dumps({"start": [[0, 10**12, "E"]], "actualPaths": []}))
    (tmp_path / "bytes.txt").write_bytes(bytes(range(256)))
    out = ["--out", str(tmp_path / "x.png")]
    assert main([str(tmp_path / "field.map"), "--overlay", str(tmp_path / name), *out]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_x_goes_through_the_files(tmp_path: Path) -> None:
    """None, each in turn, and back; each is another picture, and of another robot, too."""
    pygame.font.init()
    desk = Desk(open_source(str(write(tmp_path, result()))))
    view = desk.session.view
    desk.key(pygame.K_x, "x")
    assert "--overlay" in desk.session.said
    view.overlays = (
        read(tmp_path, "0,0,1,2,3,1,9,3,4\n1,4,3,2,1,5,1,2,1\n", "h.csv"),
        read(tmp_path, "2\n9\n25\n", "w.txt"),
    )
    seen = []
    for at in (0, 1, -1):
        desk.key(pygame.K_x, "x")
        assert view.overlay == at
        seen.append(pygame.surfarray.array3d(desk.surface).tobytes())
    desk.key(pygame.K_x, "X", pygame.KMOD_SHIFT)
    desk.key(pygame.K_x, "X", pygame.KMOD_SHIFT)
    assert view.overlay == 0
    view.selection = Selection("robot", 1)
    desk.draw()
    seen.append(pygame.surfarray.array3d(desk.surface).tobytes())
    assert len(set(seen)) == 4
    desk.session.source.close()


def test_levels_are_from_least_to_most() -> None:
    """Equal numbers are at the foot, and nothing stays nothing."""
    assert levels(np.array([2.0, 4.0, 3.0])).tolist() == [0, 1, 0.5]
    assert levels(np.array([7.0, 7.0])).tolist() == [0, 0]
    assert np.isnan(levels(np.array([np.nan]))).all()
