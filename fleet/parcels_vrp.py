"""Parcels from a CVRPLIB file with Euclidean distances (`EUC_2D`): one parcel a stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fleet.parcel_tables import ParcelError
from fleet.parcels import ParcelFile, Parcels, check_sizes

SECTIONS = ("NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION")


def read_vrp(path: Path) -> ParcelFile:
    """Read parcels, depot and van capacity; a parcel's name is its node number in the file.

    Raises
    ------
    ParcelError
        In one line: file, line, value and what to do.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ParcelError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        raise ParcelError(f"{path}: not UTF-8 ({error}); name a CVRPLIB file") from None
    keys, sections = _split(path, lines)
    kind = keys.get("EDGE_WEIGHT_TYPE", ("", 1))
    if kind[0] != "EUC_2D":
        raise ParcelError(
            f"{path}:{kind[1]}: EDGE_WEIGHT_TYPE {kind[0]!r} is not EUC_2D; parcels need places"
        )
    capacity = _positive(path, keys, "CAPACITY")
    nodes, xy, _ = _rows(path, sections["NODE_COORD_SECTION"], 2)
    places = dict(zip(nodes, range(len(nodes)), strict=True))
    dimension = _positive(path, keys, "DIMENSION")
    if len(places) != dimension:
        raise ParcelError(
            f"{path}: DIMENSION {dimension}, but {len(places)} nodes; the file is cut or doubled"
        )
    demand_nodes, demands, demand_at = _rows(path, sections["DEMAND_SECTION"], 1)
    if sorted(demand_nodes) != sorted(nodes):
        raise ParcelError(f"{path}: DEMAND_SECTION does not name each node once; mend it")
    depots = [text for text, _ in sections["DEPOT_SECTION"] if text.split()[0] != "-1"]
    if len(depots) != 1 or depots[0].strip() not in places:
        raise ParcelError(f"{path}: DEPOT_SECTION has {depots}; name one node of the file")
    depot = places[depots[0].strip()]
    size = np.zeros(dimension)
    size[[places[node] for node in demand_nodes]] = demands[:, 0]
    line_of = dict(zip(demand_nodes, demand_at, strict=True))

    def complain(row: int, column: str, value: str, remedy: str) -> ParcelError:
        return ParcelError(f"{path}:{line_of[nodes[row]]}: {column} {value}; {remedy}")

    _whole(path, size, complain)
    check_sizes(size, capacity, complain)
    stops = np.flatnonzero(np.arange(dimension) != depot)
    n = len(stops)
    parcels = Parcels(
        names=[nodes[k] for k in stops.tolist()],
        x=xy[stops, 0],
        y=xy[stops, 1],
        size=size[stops].astype(np.int32),
        station=np.full(n, -1, np.int32),
        ready_seconds=np.full(n, np.nan),
        due_open=np.full(n, np.nan),
        due_close=np.full(n, np.nan),
        paid=np.ones(n, bool),
    )
    return ParcelFile(parcels, (float(xy[depot, 0]), float(xy[depot, 1])), capacity)


def _split(
    path: Path, lines: list[str]
) -> tuple[dict[str, tuple[str, int]], dict[str, list[tuple[str, int]]]]:
    """Return header values and the rows of each section, with their line numbers."""
    keys: dict[str, tuple[str, int]] = {}
    sections: dict[str, list[tuple[str, int]]] = {name: [] for name in SECTIONS}
    section: list[tuple[str, int]] | None = None
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        if text == "EOF":
            break
        if text.endswith("_SECTION"):
            section = sections.setdefault(text, [])
        elif section is not None:
            section.append((text, number))
        else:
            key, colon, value = text.partition(":")
            if not colon:
                raise ParcelError(f"{path}:{number}: {text[:40]!r} is no `KEY : value`; mend it")
            keys[key.strip()] = (value.strip(), number)
    return keys, sections


def _rows(
    path: Path, rows: list[tuple[str, int]], values: int
) -> tuple[list[str], np.ndarray, list[int]]:
    """Return node numbers, values float64[rows, values] and line numbers of a section."""
    nodes, numbers = [], np.zeros((len(rows), values))
    for k, (text, number) in enumerate(rows):
        node, *rest = text.split()
        try:
            numbers[k] = [float(value) for value in rest]
        except ValueError:
            raise ParcelError(
                f"{path}:{number}: {text[:40]!r} is not a node and {values} number(s); mend it"
            ) from None
        if not np.isfinite(numbers[k]).all() or len(rest) != values:
            raise ParcelError(
                f"{path}:{number}: {text[:40]!r} is not a node and {values} number(s); mend it"
            )
        nodes.append(node)
    return nodes, numbers, [number for _, number in rows]


def _positive(path: Path, keys: dict[str, tuple[str, int]], key: str) -> int:
    text, number = keys.get(key, ("", 1))
    if not text.isdecimal() or int(text) < 1:
        raise ParcelError(f"{path}:{number}: {key} {text!r} is no number above 0; give one")
    return int(text)


def _whole(
    path: Path, size: np.ndarray, complain: Callable[[int, str, str, str], ParcelError]
) -> None:
    wrong = size != np.floor(size)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise complain(row, "demand", f"{size[row]:g} is not whole", "give whole demands")
