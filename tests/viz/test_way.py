"""Ways and why robots wait."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from fleet.events import RobotStatus
from routing.floor.grid import Floor
from tests.viz.made import Made
from viz.frame import Frame
from viz.story import tell, why_it_waits
from viz.view import Selection
from viz.way import FAR, Ways, waiting_chain


def test_distances_are_those_of_the_graph() -> None:
    """Rows to every goal equal networkx's, one-way aisles and walls included."""
    floor = Made().scene.floor
    assert floor is not None
    ways = Ways(floor)
    graph = nx.DiGraph()
    for cell in range(floor.cells):
        graph.add_edges_from((cell, int(after)) for after in floor.successors[cell] if after >= 0)
    for goal in np.flatnonzero(floor.free)[::9].tolist():
        lengths = nx.single_target_shortest_path_length(graph, goal)
        row = ways.row(goal)
        for cell in range(floor.cells):
            assert row[cell] == dict(lengths).get(cell, 0 if cell == goal else FAR)


def test_a_path_is_as_long_as_the_distance() -> None:
    """Following next cells reaches the goal in as many moves as the row says."""
    floor = Made().scene.floor
    assert floor is not None
    ways = Ways(floor)
    start, goal = 14, int(floor.chutes[7])
    path = ways.path(start, goal)
    assert len(path) - 1 == ways.row(goal)[start]
    assert path[-1] == goal


def corridor(cells: list[int], goals: list[int], waiting: list[bool]) -> tuple[Ways, Frame, Made]:
    """Robots in a corridor of eight cells."""
    floor = Floor.parse("type octile\nheight 1\nwidth 8\nmap\n" + "." * 8 + "\n")
    made = Made(city=False)
    frame = made.frame(0)
    now = np.array(cells, np.int32)
    status = np.where(waiting, RobotStatus.EMPTY | RobotStatus.WAITING, RobotStatus.LOADING)
    fields = {name: getattr(frame, name) for name in frame.__dataclass_fields__}
    fields |= {"cells": now, "next_cells": now, "goals": np.array(goals, np.int32)}
    made.scene.floor = floor
    return Ways(floor), Frame(**{**fields, "status": status.astype(np.uint8)}), made


@pytest.mark.parametrize(
    ("cells", "goals", "waiting", "told"),
    [
        ([0, 1, 2], [7, 7, -1], [True, True, False],
         "Waits for robot 1, which waits for robot 2 (loading)."),
        ([3, 4], [7, 0], [True, True],
         "Waits for robot 1, which waits for robot 0: a ring."),
        ([3], [7], [True], "Waits, though the cell it wants is free: it makes way for others."),
    ],
)  # fmt: skip
def test_why_a_robot_waits(
    cells: list[int], goals: list[int], waiting: list[bool], told: str
) -> None:
    """The chain names each holder in turn and how it ends."""
    ways, frame, made = corridor(cells, goals, waiting)
    assert [line.value for line in why_it_waits(made.scene, frame, 0, ways)] == [told]


def test_a_robot_waits_for_who_has_its_cell_released() -> None:
    """A cell that nobody stands on is held all the same by whose base it is in."""
    ways, frame, made = corridor([3, 5], [7, 0], [True, False])
    frame = replace(frame, bases=np.array([[-1, -1], [4, -1]], np.int32))
    assert [line.value for line in why_it_waits(made.scene, frame, 0, ways)] == [
        "Waits for robot 1 (loading)."
    ]
    _, lines = tell(made, made.scene, frame, Selection("robot", 1), ways)
    assert ("holds", "its cell and 1 ahead") in [line[:2] for line in lines]


def test_a_moving_robot_waits_for_nobody() -> None:
    """There is no chain for a robot that is not waiting."""
    ways, frame, _ = corridor([0, 1], [7, 7], [False, True])
    assert waiting_chain(ways, frame, 0) == []
