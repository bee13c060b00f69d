"""A floor as a networkx graph: in and out, what is wrong with it, and how much it can carry.

Nodes are cells (ints).  Node attributes: `row`, `column`, `letter` (of the map).  Edge attributes:
`heading` (0 E, 1 S, 2 W, 3 N), and `cost` in usual moves where some moves cost more.  Graph
attributes: `name`, `height`, `width`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import networkx as nx
import numpy as np

from routing.floor.grid import CHARGER, CHUTE, REJECT, STATION, Floor, FloorError

DEAREST = 1000  # usual moves that one move may cost


def to_graph(floor: Floor) -> nx.DiGraph:
    """Return a floor's free cells as a directed graph with the attributes named above."""
    graph = nx.DiGraph(name=floor.name, height=floor.height, width=floor.width)
    for cell in np.flatnonzero(floor.free).tolist():
        row, column = divmod(cell, floor.width)
        graph.add_node(cell, row=row, column=column, letter=chr(floor.letters[cell]))
    for heading in range(4):
        sources = np.flatnonzero(floor.successors[:, heading] >= 0)
        targets = floor.successors[sources, heading]
        graph.add_edges_from(zip(sources.tolist(), targets.tolist(), strict=True), heading=heading)
        if floor.costs is not None:
            for source, target in zip(sources.tolist(), targets.tolist(), strict=True):
                graph.edges[source, target]["cost"] = float(floor.costs[source, heading])
    return graph


def from_graph(graph: nx.DiGraph) -> Floor:
    """Make a floor of a graph with the attributes named above.

    Edges are taken as they are, so a graph may close ways that a map's letters cannot.

    Raises
    ------
    FloorError
        Where an attribute is missing, an edge does not lead to the neighbour of its heading, or a
        cost is not 1 to 1000.
    """
    name = graph.graph.get("name", "graph")
    try:
        height, width = int(graph.graph["height"]), int(graph.graph["width"])
    except KeyError as error:
        raise FloorError(
            f"{name}: graph attribute {error} is missing; give height and width"
        ) from None
    letters = np.full(height * width, ord("@"), dtype=np.uint8)
    for cell, attributes in graph.nodes(data=True):
        if not (isinstance(cell, int) and 0 <= cell < height * width):
            raise FloorError(f"{name}: node {cell!r}; nodes are cells 0..{height * width - 1}")
        letters[cell] = ord(attributes.get("letter", "."))
    plain = Floor.of_letters(letters.reshape(height, width), name)
    successors = np.full((height * width, 4), -1, dtype=np.int32)
    costs = np.ones((height * width, 4))
    offsets = (1, width, -1, -width)
    for source, target, attributes in graph.edges(data=True):
        heading = attributes.get("heading")
        if heading not in range(4) or target != source + offsets[heading]:
            raise FloorError(
                f"{name}: edge {source} -> {target} with heading {heading!r}; an edge leads to the "
                "neighbour of its heading (0 E, 1 S, 2 W, 3 N)"
            )
        successors[source, heading] = target
        edge = f"edge {source} -> {target}"
        costs[source, heading] = _cost(attributes.get("cost", 1.0), edge, name)
    return replace(plain, successors=successors, costs=costs if (costs > 1).any() else None)


def _cost(said: object, edge: str, name: str) -> float:
    if isinstance(said, int | float) and 1 <= said <= DEAREST:
        return float(said)
    raise FloorError(f"{name}: {edge} with cost {said!r}; a cost is 1 (a usual move) to {DEAREST}")


def largest_part(floor: Floor) -> np.ndarray:
    """Return the cells of the largest part in which all reach each other, ascending (int32)."""
    parts = [sorted(part) for part in nx.strongly_connected_components(to_graph(floor))]
    return np.array(max(parts, key=len, default=[]), dtype=np.int32)


def problems(floor: Floor, *, stations: bool = True) -> list[str]:
    """Return what makes a floor unfit for sorting, one line each with its remedy.

    Stations, chutes, rejects and chargers must exist where needed and all reach each other, along
    one-way aisles too: they lie in one strongly connected part of the graph.
    """
    found = []
    if stations and not len(floor.stations):
        found.append(f"{floor.name}: no station; draw at least one {STATION!r}")
    if stations and not len(floor.chutes):
        found.append(f"{floor.name}: no chute; draw at least one {CHUTE!r}")
    if not floor.free.any():
        return [*found, f"{floor.name}: no free cell; draw some floor with '.'"]
    graph = to_graph(floor)
    main = set(largest_part(floor).tolist())
    kinds = {STATION: "station", CHUTE: "chute", REJECT: "reject chute", CHARGER: "charger"}
    for letter, kind in kinds.items():
        for cell in np.flatnonzero(floor.letters == ord(letter)).tolist():
            if cell not in main:
                row, column = divmod(cell, floor.width)
                away = "left" if any(s in main for s in graph.predecessors(cell)) else "reached"
                found.append(
                    f"{floor.name}:{row + 5}:{column + 1}: {kind} that cannot be {away}; "
                    "open a wall beside it or turn an arrow"
                )
    return found


@dataclass(frozen=True)
class FlowBound:
    """Parcels per tick that a floor cannot exceed, whatever its robots do."""

    stations: float  # all stations load without a pause
    chutes: float  # all chutes take without a pause
    aisles: float  # greatest flow from stations to chutes through the cells between

    @property
    def parcels_per_tick(self) -> float:
        """The least of the three."""
        return min(self.stations, self.chutes, self.aisles)


def flow_bound(
    floor: Floor, load_ticks: int, drop_ticks: int, *, following: bool = False
) -> FlowBound:
    """Return the station-to-chute flow bound of a floor, by networkx' maximum flow.

    A robot that passes a cell holds it for one tick where following is allowed, else for two (it
    enters, and leaves); a station or chute for the loading or dropping on top.
    """
    hold = 1 if following else 2
    # Whole capacities keep the flow algorithm exact: parcels per `scale` ticks.
    scale = hold * (load_ticks + hold) * (drop_ticks + hold)
    graph = nx.DiGraph()
    for cell in np.flatnonzero(floor.free).tolist():
        graph.add_edge((cell, 0), (cell, 1), capacity=scale // hold)
    for cell in floor.stations.tolist():
        graph.add_edge("stations", (cell, 0), capacity=scale // (load_ticks + hold))
    for cell in floor.chutes.tolist():
        graph.add_edge((cell, 1), "chutes", capacity=scale // (drop_ticks + hold))
    for heading in range(4):
        sources = np.flatnonzero(floor.successors[:, heading] >= 0)
        for cell, target in zip(
            sources.tolist(), floor.successors[sources, heading].tolist(), strict=True
        ):
            graph.add_edge((cell, 1), (target, 0), capacity=scale)
    flow = 0
    if len(floor.stations) and len(floor.chutes):
        flow = nx.maximum_flow_value(
            graph, "stations", "chutes", flow_func=nx.algorithms.flow.boykov_kolmogorov
        )
    return FlowBound(
        stations=len(floor.stations) / (load_ticks + hold),
        chutes=len(floor.chutes) / (drop_ticks + hold),
        aisles=flow / scale,
    )
