"""Every row and column one way: robots that meet in a narrow place keep to their sides."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np

from routing.floor.graph import to_graph
from routing.floor.grid import EAST, NORTH, SOUTH, WEST, Floor


def one_way(floor: Floor) -> Floor:
    """Return a floor whose rows lead east and west in turn, its columns south and north.

    Cells that reach each other on the floor given do so on the new one: where one way alone would
    cut a cell off, as in an aisle of one cell, all its ways stay open.
    """
    row, column = np.divmod(np.arange(floor.cells), floor.width)
    against = np.zeros((floor.cells, 4), bool)
    against[:, WEST], against[:, EAST] = row % 2 == 0, row % 2 == 1
    against[:, NORTH], against[:, SOUTH] = column % 2 == 0, column % 2 == 1
    ways = floor.successors
    kept = np.where(against, -1, ways)
    part = _parts(floor)
    piece = _parts(replace(floor, successors=kept))
    # By part, the largest of the pieces that it falls into: what is written last stays.
    free = np.flatnonzero(floor.free)
    by_size = free[np.argsort(np.bincount(piece[free])[piece[free]], kind="stable")]
    largest = np.full(part.max(initial=0) + 1, -1, np.int32)
    largest[part[by_size]] = piece[by_size]
    cut_off = floor.free & (piece != largest[part])
    # A way that leads through such cells alone to the rest of their part, or back, is open again.
    again = cut_off[:, None] | (cut_off[ways] & (ways >= 0))
    return replace(floor, successors=np.where(again, ways, kept).astype(np.int32))


def _parts(floor: Floor) -> np.ndarray:
    """Return by cell the number of the part in which all reach each other (int32; -1 a wall)."""
    part = np.full(floor.cells, -1, np.int32)
    for number, cells in enumerate(nx.strongly_connected_components(to_graph(floor))):
        part[list(cells)] = number
    return part
