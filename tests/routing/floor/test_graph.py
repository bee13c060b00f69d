"""Floors as graphs: in and out, one-way checks, the flow bound."""

import networkx as nx
import numpy as np
import pytest

from routing.floor.graph import flow_bound, problems
from routing.floor.grid import Floor, FloorError
from routing.floor.lookahead import UNIT, LookaheadPlanner
from routing.floor.planner import Planner
from routing.floor.rows import look_up
from tests.routing.floor.test_grid import floor


def test_graph_goes_out_and_comes_back():
    """A floor's graph carries rows, columns, letters and headings, and makes the same floor."""
    plan = floor("E>.", "@.S")
    graph = plan.to_graph()
    assert graph.nodes[0] == {"row": 0, "column": 0, "letter": "E"}
    assert graph.edges[0, 1] == {"heading": 0}
    again = Floor.from_graph(graph)
    assert again.text() == plan.text()
    assert (again.successors == plan.successors).all()


def test_graph_with_an_impossible_edge_is_refused():
    """An edge leads to the neighbour of its heading."""
    graph = nx.DiGraph(name="g", height=1, width=3)
    graph.add_edge(0, 2, heading=0)
    with pytest.raises(FloorError, match=r"g: edge 0 -> 2 with heading 0"):
        Floor.from_graph(graph)


def test_costs_of_edges_go_in_and_out():
    """What is not said costs a usual move; a floor of usual moves alone has no costs."""
    graph = floor("...").to_graph()
    assert Floor.from_graph(graph).costs is None
    graph.edges[0, 1]["cost"] = 2.5
    plan = Floor.from_graph(graph)
    assert plan.costs[0, 0] == 2.5
    assert plan.costs.sum() == 12 + 1.5
    assert plan.to_graph().edges[0, 1] == {"heading": 0, "cost": 2.5}
    assert plan.to_graph().edges[1, 2] == {"heading": 0, "cost": 1.0}


@pytest.mark.parametrize("cost", [0, -1, float("nan"), 2000, "3"])
def test_costs_that_make_no_sense_are_refused(cost):
    """In one line, with the edge."""
    graph = floor("..").to_graph()
    graph.edges[0, 1]["cost"] = cost
    with pytest.raises(FloorError, match=r"edge 0 -> 1 with cost .*; a cost is 1 "):
        Floor.from_graph(graph)


def test_planners_avoid_dear_moves():
    """Ahead costs ten moves, so three lead round it: both planners, with lanes and without."""
    graph = floor("...", "...").to_graph()
    graph.edges[1, 2]["cost"] = 10
    plan = Floor.from_graph(graph)
    for against in (0.25, 0.0):
        planner = Planner(plan, turn_ticks=0, against=against)
        assert planner.distances.row(2)[1] > planner.distances.row(2)[4]
    ahead = LookaheadPlanner(plan, turning=False, against=0.0)
    goal = ahead.rows.slots(np.array([2]))
    assert look_up(ahead.rows.rows, goal, np.array([4], np.int32)).tolist() == [3 * UNIT]


def test_sound_floor_has_no_problems():
    """Station and chute reach each other."""
    assert problems(floor("E..", "..S")) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["..S"], "no station"),
        (["E.."], "no chute"),
        (["E.@S", "..@."], "chute that cannot be reached"),
        (["E..", ".v@", "@S@"], "chute that cannot be left"),
    ],
)
def test_problems_are_named(rows, says):
    """Missing, walled-off and one-way-only places are named, one line each."""
    found = problems(floor(*rows))
    assert len(found) == 1
    assert says in found[0]


def test_flow_bound_is_that_of_the_narrowest_part():
    """Two stations behind one cell cannot send more than that cell lets through."""
    bound = flow_bound(floor("E@S", "..S", "E@S"), load_ticks=1, drop_ticks=1)
    assert bound.stations == pytest.approx(2 / 3)
    assert bound.chutes == pytest.approx(1)
    assert bound.aisles == pytest.approx(1 / 2)
    assert bound.parcels_per_tick == pytest.approx(1 / 2)
