"""What a problem must keep to: each rule names what breaks it, its value and what to give."""

from __future__ import annotations

from collections import Counter
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from routing.road.problem import LARGEST, OBJECTIVES, ROUNDINGS, ProblemError, Vehicle

if TYPE_CHECKING:
    from routing.road.problem import Problem


def validate(p: Problem) -> None:
    """Refuse what no solver could plan, or would plan wrongly.

    Raises
    ------
    ProblemError
        In one line, for the first fault found.
    """
    rows = p.rows
    where = f"{p.name}: "
    if p.rounding not in ROUNDINGS:
        raise ProblemError(f"{where}rounding {p.rounding!r} is unknown; use one of {ROUNDINGS}")
    if p.objective not in OBJECTIVES:
        raise ProblemError(f"{where}objective {p.objective!r} is unknown; use one of {OBJECTIVES}")
    if not 1 <= p.depots <= rows:
        raise ProblemError(f"{where}depots is {p.depots} with {rows} rows; give one row a depot")
    if not p.vehicles:
        raise ProblemError(f"{where}there is no vehicle; give at least one")
    if not all(isinstance(vehicle, Vehicle) for vehicle in p.vehicles):
        raise ProblemError(f"{where}vehicles is {p.vehicles!r:.40}; give a tuple of Vehicle")
    if not 0 <= p.pace <= LARGEST:
        raise ProblemError(f"{where}pace is {p.pace:g}; give a number from 0 to {LARGEST:g}")
    for name in ("xy", "ready", "due", "service", "price", "skills", "partner"):
        if len(getattr(p, name)) != rows:
            raise ProblemError(
                f"{where}{name} has {len(getattr(p, name))} rows, not the {rows} of demand; "
                "make them equal"
            )
        if name != "xy" and getattr(p, name).ndim > 1:
            raise ProblemError(f"{where}{name} has several columns; give one number a row")
    if p.demand.ndim > 2:
        raise ProblemError(f"{where}demand is {p.demand.shape}; give a row for each place")
    if p.xy.shape != (rows, 2):
        width = 1 if p.xy.ndim == 1 else p.xy.shape[1]
        columns = "1 column" if width == 1 else f"{width} columns"
        raise ProblemError(f"{where}xy has {columns}; give two, x and y")
    if p.ids:
        _validate_ids(p)
    _validate_pairs(p)  # first: a delivery without its pickup has a demand below 0
    for name, good, remedy in _column_rules(p):
        _require(p, name, good, remedy)
    _validate_matrices(p)
    for kind, vehicle in enumerate(p.vehicles):
        _validate_vehicle(p, kind, vehicle)
    top = np.max([vehicle.capacity for vehicle in p.vehicles], axis=0)
    over = (p.demand > top).any(axis=1) & ~np.isfinite(p.price) & (np.arange(rows) >= p.depots)
    if over.any():
        row = int(over.argmax())
        raise ProblemError(
            f"{where}demand of {p.place(row)} is {p.demand[row].tolist()}, above every capacity "
            f"(largest {top.tolist()}); split the stop or give it a price"
        )
    late = p.ready > p.due
    if late.any():
        row = int(late.argmax())
        raise ProblemError(
            f"{where}window of {p.place(row)} starts at {p.ready[row]:g} and ends before, at "
            f"{p.due[row]:g}; swap or correct it"
        )
    _validate_locks(p)


def _validate_ids(p: Problem) -> None:
    """A depot and a stop may share one: nobody names a depot where stops are named."""
    if len(p.ids) != p.rows:
        raise ProblemError(f"{p.name}: ids has {len(p.ids)} rows, not {p.rows}; make them equal")
    for what, ids in (("depots", p.ids[: p.depots]), ("stops", p.ids[p.depots :])):
        if len(set(ids)) < len(ids):
            twice = Counter(ids).most_common(1)[0][0]
            raise ProblemError(f"{p.name}: ids gives {twice!r} to two {what}; name each once")


def _require(p: Problem, name: str, good: np.ndarray, remedy: str) -> None:
    """Refuse the first row of a column that is not good."""
    bad = ~good.reshape(p.rows, -1).all(axis=1)
    if bad.any():
        row = int(bad.argmax())
        value = getattr(p, name)[row].tolist()
        said = f"{value:g}" if isinstance(value, float) else str(value)
        raise ProblemError(f"{p.name}: {name} of {p.place(row)} is {said}; give {remedy}")


def _column_rules(p: Problem) -> tuple[tuple[str, np.ndarray, str], ...]:
    """Column, which of its values are good (NaN never is), and what to give instead."""
    most = f"{LARGEST:g}"
    single = (p.partner < 0)[:, None]
    return (
        ("xy", np.abs(p.xy) <= LARGEST, f"coordinates from -{most} to {most}"),
        ("demand", (np.abs(p.demand) <= LARGEST) & (p.demand == np.floor(p.demand)),
         f"whole numbers up to {most}"),
        ("skills", (p.skills >= 0) & (p.skills < 2**63) & (p.skills == np.floor(p.skills)),
         "a bit mask, a whole number from 0"),
        ("demand", (p.demand >= 0) | ~single, "0 or more, or its pickup"),
        ("demand", (p.demand == 0) | (np.arange(p.rows) >= p.depots)[:, None],
         "0, and what lies there a stop of its own"),
        ("ready", np.abs(p.ready) <= LARGEST, f"a time from -{most} to {most}"),
        ("due", p.due >= -LARGEST, "a time, or none"),
        ("service", (p.service >= 0) & (p.service <= LARGEST), f"0 to {most}"),
        ("price", (p.price >= 0) & ((p.price <= LARGEST) | np.isinf(p.price)),
         f"0 to {most}, or none where it must be served"),
    )  # fmt: skip


def _validate_matrices(p: Problem) -> None:
    rows = p.rows
    for name, table in (("distances", p.distances), ("durations", p.durations)):
        if table is None:
            continue
        if table.shape != (rows, rows):
            raise ProblemError(
                f"{p.name}: {name} is {table.shape}, not square with {rows} rows; "
                "give one row a place"
            )
        if not (table.min() >= 0 and table.max() <= LARGEST):  # NaN fails both
            row, column = np.argwhere(~((table >= 0) & (table <= LARGEST)))[0]
            raise ProblemError(
                f"{p.name}: {name} from {p.place(row)} to {p.place(column)} is "
                f"{table[row, column]:g}; give a number from 0 to {LARGEST:g}, a large one where "
                "no way leads"
            )
    if p.rounding == "matrix" and p.distances is None:
        raise ProblemError(f'{p.name}: rounding "matrix" without distances; give the matrix')


def _validate_pairs(p: Problem) -> None:
    whole = (np.abs(p.partner) <= LARGEST) & (p.partner == np.floor(p.partner))
    _require(p, "partner", whole, "a row, or -1 for none")
    (row,) = np.flatnonzero(p.partner >= 0)[None]
    other = p.partner[row]
    inside = (other >= p.depots) & (other < p.rows) & (other != row)
    back = np.where(inside, p.partner[np.where(inside, other, 0)], -1)
    if (back != row).any():
        at = int((back != row).argmax())
        named = p.place(other[at]) if other[at] < p.rows else f"row {other[at]}"
        fault = "which does not name it back" if inside[at] else "which cannot be its pair"
        raise ProblemError(
            f"{p.name}: {p.place(row[at])} names {named} as its partner, {fault}; correct the pair"
        )
    one, two = p.demand[row], p.demand[other]
    wrong = (one + two != 0).any(axis=1) | ((one > 0).any(axis=1) & (one < 0).any(axis=1))
    if wrong.any():
        at = int(wrong.argmax())
        raise ProblemError(
            f"{p.name}: demand of {p.place(row[at])} is {one[at].tolist()} and of its partner "
            f"{p.place(other[at])} {two[at].tolist()}; give the pickup what the delivery takes off"
        )


def _validate_locks(p: Problem) -> None:
    seen: set[int] = set()
    for kind, stops in p.locks:
        if not 0 <= kind < len(p.vehicles):
            raise ProblemError(
                f"{p.name}: a lock names vehicle {kind}; there are {len(p.vehicles)}, from 0"
            )
        for row in stops.tolist():
            if not (isinstance(row, int) and p.depots <= row < p.rows):
                raise ProblemError(f"{p.name}: a lock names row {row}; name a stop")
            if row in seen:
                raise ProblemError(f"{p.name}: the locks name {p.place(row)} twice; name it once")
            seen.add(row)


def _validate_vehicle(p: Problem, kind: int, vehicle: Vehicle) -> None:
    v = vehicle
    where = f"{p.name}: vehicle {kind}: "
    dimensions = p.demand.shape[1]
    if len(v.capacity) != dimensions:
        raise ProblemError(
            f"{where}capacity has {len(v.capacity)} dimensions, demand has {dimensions}; "
            "make them equal"
        )
    for name in ("start", "end"):
        row = getattr(v, name)
        if row is not None and not (isinstance(row, int) and 0 <= row < p.depots):
            raise ProblemError(f"{where}{name} is row {row}; depots are rows 0 to {p.depots - 1}")
    some = f"a number from 0 to {LARGEST:g}"
    count = 0 if v.count is None else v.count
    rules: list[tuple[str, float, bool, str]] = [
        *(("capacity", size, 0 <= size <= LARGEST and size == int(size), f"whole numbers from 0 to "
           f"{LARGEST:g}") for size in v.capacity),
        ("count", count, isinstance(count, int) and 0 <= count <= LARGEST,
         f"a whole number (int) from 0 to {LARGEST:g}, or none"),
        ("skills", v.skills, isinstance(v.skills, int) and 0 <= v.skills < 2**63,
         "a bit mask (int) from 0"),
        ("fixed", v.fixed, 0 <= v.fixed <= LARGEST, some),
        ("per_distance", v.per_distance, 0 <= v.per_distance <= LARGEST, some),
        ("earliest", v.earliest, abs(v.earliest) <= LARGEST, f"a time up to {LARGEST:g}"),
        ("latest", v.latest, v.latest >= v.earliest, f"{v.earliest:g} (earliest) or later"),
        ("max_duration", v.max_duration, v.max_duration >= 0, "0 or more, or none"),
        ("max_distance", v.max_distance, v.max_distance >= 0, "0 or more, or none"),
    ]  # fmt: skip
    if (rest := v.rest) is not None:
        rules += [
            ("break: earliest", rest.earliest, abs(rest.earliest) <= LARGEST,
             f"a time up to {LARGEST:g}"),
            ("break: latest", rest.latest, rest.earliest <= rest.latest <= LARGEST,
             f"{rest.earliest:g} (earliest) to {LARGEST:g}"),
            ("break: duration", rest.duration, 0 <= rest.duration <= LARGEST, some),
        ]  # fmt: skip
    for name, value, good, remedy in rules:
        if not good:
            raise ProblemError(f"{where}{name} is {_said(value)}; give {remedy}")
    for row in {v.start, v.end} - {None}:
        opens, shuts = float(p.ready[row]), float(p.due[row])
        if max(v.earliest, opens) > min(v.latest, shuts):
            raise ProblemError(
                f"{where}its shift from {v.earliest:g} to {v.latest:g} lies outside the window of "
                f"depot {row}, {opens:g} to {shuts:g}; make them overlap"
            )


def _said(value: float) -> str:
    """A number in short; a whole one may have more digits than any other number can."""
    if not isinstance(value, Real):
        return repr(value)
    try:
        return f"{value:g}"
    except OverflowError:
        return "-inf" if value < 0 else "inf"
