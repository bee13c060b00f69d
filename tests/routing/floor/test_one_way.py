"""Rows and columns that lead one way, as far as all cells still reach each other."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from routing.floor import Floor
from routing.floor.graph import to_graph
from routing.floor.one_way import one_way
from tests.routing.floor.test_grid import floor


def test_two_ways_side_by_side_lead_opposite_ways():
    """A passage of two cells between two halls: west along the upper row, east along the lower."""
    plan = one_way(floor("..@@..", "......", "......", "..@@.."))
    ways = plan.successors.reshape(4, 6, 4) >= 0
    assert ways[1, 2, 2]
    assert not ways[1, 2, 0]
    assert ways[2, 2, 0]
    assert not ways[2, 2, 2]


def test_an_aisle_of_one_cell_stays_open_both_ways():
    """Else nobody would come back from its end."""
    plan = floor("....", "....", "@.@@", "@.@@")
    ways = one_way(plan).successors.reshape(4, 4, 4) >= 0
    assert ways[2, 1, 1]
    assert ways[2, 1, 3]
    assert ways[3, 1, 3]
    assert ways[1, 1, 1]  # down into it


@given(st.lists(st.text("...@", min_size=9, max_size=9), min_size=2, max_size=9))
def test_cells_that_reach_each_other_still_do(rows):
    """Whatever the walls; and no way is new."""
    plan = Floor.parse(f"type octile\nheight {len(rows)}\nwidth 9\nmap\n" + "\n".join(rows))
    made = one_way(plan)
    assert ((made.successors == plan.successors) | (made.successors == -1)).all()

    def parts(of: Floor) -> set[frozenset[int]]:
        return {frozenset(part) for part in nx.strongly_connected_components(to_graph(of))}

    assert parts(made) == parts(plan)
    assert np.array_equal(made.free, plan.free)
