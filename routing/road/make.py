"""Instances by rule and seed, of the kinds that public sets lack: rich ones, and huge ones.

The stops of one seed and size are the same in every kind, so that "skills" can be compared with
"windows", which is the same problem without skills and rests.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from routing.road.problem import LARGEST, ProblemError

KINDS = {
    "clustered": "capacity only, as .vrp (any number of stops)",
    "windows": "time windows",
    "mixed": "windows and three sizes of vehicle with prices",
    "depots": "windows and four depots",
    "optional": "prices of leaving stops out",
    "skills": "windows, skills and a rest in each shift",
}
HORIZON = 1000.0
SERVICE = 5.0
FULL = 5  # mean demand of a stop
PER_TOUR = 20
SIZES = ((50, 60.0, 1.0), (100, 90.0, 1.2), (200, 150.0, 1.5))  # capacity, fixed, per distance


def make(kind: str, stops: int, seed: int, path: Path, per_tour: int | None = None) -> None:
    """Write an instance to `path` (`.vrp` for "clustered", else `.toml` and a `.csv` beside it).

    Half of the stops lie in clusters whose spreads differ twentyfold; the others anywhere.
    `per_tour` is how many stops fill a vehicle, where they are clustered (`PER_TOUR`).

    Raises
    ------
    ProblemError
        Where kind, size or name make no sense, or a table of something else lies at its place.
    """
    if kind not in KINDS:
        raise ProblemError(f"kind {kind!r} is unknown; there are {', '.join(KINDS)}")
    if per_tour is not None and kind != "clustered":
        raise ProblemError(
            f"--per-tour {per_tour}: is for clustered alone, not {kind}; leave it out"
        )
    per_tour = PER_TOUR if per_tour is None else per_tour
    if stops < 1 or per_tour < 1:
        raise ProblemError(f"--stops {stops}, --per-tour {per_tour}: give numbers from 1 up")
    most = int(LARGEST) // FULL
    if kind == "clustered" and not 2 <= per_tour <= most:  # or no reader would take it
        raise ProblemError(f"--per-tour is {per_tour}; give 2 to {most}")
    suffix = ".vrp" if kind == "clustered" else ".toml"
    if path.suffix != suffix:
        raise ProblemError(f"--out {path}: {kind} is written as {suffix}; name such a file")
    if not path.name.isprintable():
        raise ProblemError(f"--out: {path.name!r} holds what cannot be printed; name another file")
    table = path.with_suffix(".csv")
    if suffix == ".toml" and table.exists() and not path.exists():
        raise ProblemError(f"--out: {table} would be written over; move it or name another file")
    random = np.random.default_rng([seed, stops])
    side = 100.0 * max(1.0, (stops / 100.0) ** 0.5)
    if kind == "clustered":
        side *= 10.0
    else:
        side = min(side, 300.0)  # so that a tour reaches every place within its shift
    xy = np.rint(_places(random, stops, side)).astype(np.int64)
    demand = random.integers(1, 10, stops)
    if kind == "clustered":
        _write_vrp(path, xy, demand, FULL * per_tour, side)
    else:
        _write_described(path, kind, random, xy, demand, side)


def _places(random: np.random.Generator, stops: int, side: float) -> np.ndarray:
    clusters = max(3, round((stops / 4) ** 0.5))
    centres = random.uniform(0, side, (clusters, 2))
    spread = side / clusters**0.5 * 10.0 ** random.uniform(-1.5, -0.2, clusters)
    member = random.integers(0, clusters, stops)
    near = random.normal(centres[member], spread[member, None])
    anywhere = random.uniform(0, side, (stops, 2))
    places = np.where(random.random((stops, 1)) < 0.5, near, anywhere)
    return np.clip(places, 0, side)


def _write_vrp(path: Path, xy: np.ndarray, demand: np.ndarray, capacity: int, side: float) -> None:
    nodes = np.arange(1, len(xy) + 2)
    places = np.concatenate([[[round(side / 2)] * 2], xy])
    with path.open("w", encoding="utf-8") as out:
        out.write(
            f"NAME : {path.stem}\nTYPE : CVRP\nDIMENSION : {len(nodes)}\n"
            f"EDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : {capacity}\nNODE_COORD_SECTION\n"
        )
        np.savetxt(out, np.column_stack([nodes, places]), fmt="%d")
        out.write("DEMAND_SECTION\n")
        np.savetxt(out, np.column_stack([nodes, [0, *demand.tolist()]]), fmt="%d")
        out.write("DEPOT_SECTION\n1\n-1\nEOF\n")


def _write_described(
    path: Path, kind: str, random: np.random.Generator, xy: np.ndarray, demand: np.ndarray,
    side: float,
) -> None:  # fmt: skip
    stops = len(xy)
    centre = side / 2
    depots = [(centre, centre)]
    far = np.hypot(*(xy - centre).T)
    opens = random.uniform(far, np.maximum(HORIZON - far - SERVICE - 120.0, far + 1.0))
    width = random.uniform(60.0, 240.0, stops)
    windowed = random.random(stops) < 0.5
    words = np.where(random.random(stops) < 0.2, "cold", "")
    lifts = random.random(stops) < 0.1
    prices = random.uniform(0.1, 0.6, stops) * side / 3
    if kind == "depots":
        quarter = side / 4
        depots = [(quarter * a, quarter * b) for a in (1, 3) for b in (1, 3)]
        # the nearest depot is nearer than the centre's corner: windows stay within reach
    columns: dict[str, list[object]] = {
        "id": [f"s{k}" for k in range(1, stops + 1)],
        "x": xy[:, 0].tolist(),
        "y": xy[:, 1].tolist(),
        "demand": demand.tolist(),
        "service": [SERVICE] * stops,
    }
    if kind == "optional":
        columns["price"] = np.round(prices, 1).tolist()
    else:
        columns["ready"] = np.where(windowed, np.floor(opens), 0.0).tolist()
        latest = np.minimum(np.floor(opens + width), HORIZON - far - SERVICE)
        columns["due"] = [
            float(np.floor(late)) if bound else ""
            for late, bound in zip(np.maximum(latest, opens), windowed, strict=True)
        ]
    if kind == "skills":
        columns["skills"] = [
            f"{word} lift".strip() if lift else str(word)
            for word, lift in zip(words, lifts, strict=True)
        ]
    # a string of JSON is one of TOML too, as long as it is printable
    lines = [f"stops = {json.dumps(f'{path.stem}.csv', ensure_ascii=False)}", 'rounding = "exact"']
    lines.append(f'objective = "{"cost" if kind == "mixed" else "distance"}"')
    for number, (x, y) in enumerate(depots):
        lines += ["[[depots]]", f'id = "d{number}"', f"x = {x:.1f}", f"y = {y:.1f}"]
        lines.append(f"due = {HORIZON}")
    lines += [line for entry in _vehicles(kind, len(depots)) for line in ["[[vehicles]]", *entry]]
    # first, so that both are made again where this breaks off before the table is whole
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _vehicles(kind: str, depots: int) -> list[list[str]]:
    shift = f"latest = {HORIZON}"
    if kind == "mixed":
        return [
            [f"capacity = {size}", f"fixed = {fixed}", f"per_distance = {rate}", shift]
            for size, fixed, rate in SIZES
        ]
    if kind == "skills":
        rest = "break = { earliest = 400.0, latest = 600.0, duration = 45.0 }"
        skills = ("[]", '["cold"]', '["cold", "lift"]')
        return [["capacity = 100", shift, rest, f"skills = {words}"] for words in skills]
    return [["capacity = 100", shift, f'start = "d{number}"'] for number in range(depots)]
