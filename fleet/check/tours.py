"""The judge of tours: capacity, each stop once, windows, chutes, couriers, cost from scratch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fleet.check.lookup import NEVER
from fleet.check.parcels import by_parcel
from fleet.check.recording import Recording, Tour
from fleet.check.violations import Violations
from fleet.events import ParcelState

TAKEN_OUT = (ParcelState.CANCELLED, ParcelState.REJECTED)


def check_tours(recording: Recording, violations: Violations) -> None:
    """Judge the tour table against the parcel table and the parcel log.

    A delivery before its window opens is a violation.  One after it has closed is not: it is a
    parcel that came too late, which the report counts.
    """
    accepted = len(recording.parcels["id"])
    for tour in recording.tours:
        if ((tour.parcels < 0) | (tour.parcels >= accepted)).any():
            violations.add("tour", f"tour {tour.id}", "names a parcel that was never accepted")
            return
    for tour in recording.tours:
        _check_one(recording, tour, violations)
    _check_once(recording, violations)
    _check_ways(recording, violations)
    ends = {tour.id: _end_on_floor(recording, tour) for tour in recording.tours}
    _check_apart(
        "chute",
        [(t.chute, t.chute_tick, ends[t.id], t.id) for t in recording.tours if t.chute is not None],
        violations,
    )
    _check_apart(
        "courier",
        [
            (t.courier, t.depart_tick, NEVER if t.home_tick is None else t.home_tick, t.id)
            for t in recording.tours
            if t.courier is not None
        ],
        violations,
    )


def _check_one(recording: Recording, tour: Tour, violations: Violations) -> None:
    where, parcels = f"tour {tour.id}", tour.parcels
    load = int(recording.parcels["size"][parcels].sum())
    capacity = int(recording.meta["capacity"])
    if load > capacity:
        violations.add("capacity", where, f"carries {load}, a van takes {capacity}")
    if load != tour.load:
        violations.add("capacity", where, f"its load is {load}, the table says {tour.load}")
    if len(np.unique(parcels)) < len(parcels):
        violations.add("stop", where, "visits a stop twice")
    length = tour_length(recording, parcels)
    if length != tour.distance:
        violations.add("cost", where, f"is {length:g} long, the table says {tour.distance:g}")
    stages = [tour.plan_tick, tour.chute_tick, tour.ready_tick, tour.depart_tick, tour.home_tick]
    reached = [tick for tick in stages if tick is not None]
    if reached != sorted(reached):
        violations.add("tour", where, f"its ticks {stages} are not in order")
    if tour.depart_tick is not None and (tour.chute is None or tour.courier is None):
        violations.add("tour", where, "left without a chute or a courier")


def tour_length(recording: Recording, parcels: np.ndarray) -> float:
    """Return the way depot, stops, depot; each leg rounded to the nearest whole unit."""
    depot_x, depot_y = float(recording.meta["depot_x"]), float(recording.meta["depot_y"])
    x = [depot_x, *recording.parcels["x"][parcels].tolist(), depot_x]
    y = [depot_y, *recording.parcels["y"][parcels].tolist(), depot_y]
    legs = zip(x, x[1:], y, y[1:], strict=False)
    return float(sum(int(((b - a) ** 2 + (d - c) ** 2) ** 0.5 + 0.5) for a, b, c, d in legs))


def _check_once(recording: Recording, violations: Violations) -> None:
    """A parcel is in one tour, and in a further one for each time that it came back."""
    accepted = len(recording.parcels["id"])
    tours = np.concatenate([np.zeros(0, np.int32), *(tour.parcels for tour in recording.tours)])
    counts = np.bincount(tours, minlength=accepted)
    back = recording.log["parcel"][recording.log["state"] == ParcelState.RETURNING]
    allowed = 1 + np.bincount(back, minlength=accepted)
    violations.add_where(
        "stop",
        counts > allowed,
        lambda k: (f"parcel {k}", f"is in {counts[k]} tours and came back {allowed[k] - 1} times"),
    )


def _check_ways(recording: Recording, violations: Violations) -> None:
    """A parcel lies in its tour's chute, leaves with its tour, and is delivered by it."""
    log = by_parcel(recording)
    tours: dict[int, Tour] = {tour.id: tour for tour in recording.tours}
    members = {tour.id: set(tour.parcels.tolist()) for tour in recording.tours}
    rows = log[np.isin(log["state"], (ParcelState.IN_CHUTE, ParcelState.OUT,
                                      ParcelState.DELIVERED, ParcelState.RETURNING))]  # fmt: skip
    serving: dict[int, list[Tour]] = {}
    for tour in recording.tours:
        for parcel in tour.parcels.tolist():
            serving.setdefault(parcel, []).append(tour)
    out: dict[int, int] = {}
    opens = recording.parcels["due_open"]
    for tick, parcel, state, place in rows.tolist():
        where = f"tick {tick}, parcel {parcel}"
        if state == ParcelState.IN_CHUTE:
            if not any(_serves(tour, place, tick) for tour in serving.get(parcel, ())):
                violations.add("chute", where, f"lies in chute {place}, which is not its tour's")
            continue
        its = tours.get(place)
        if its is None or parcel not in members[place]:
            violations.add("tour", where, f"is with tour {place}, which does not have it")
        elif state == ParcelState.OUT:
            out[parcel] = place
            if tick != its.depart_tick:
                violations.add("tour", where, f"left at another time than its tour {place}")
        elif out.get(parcel) != place:
            violations.add("tour", where, f"left with tour {out.get(parcel)}, not {place}")
        elif state == ParcelState.DELIVERED and tick * recording.tick_seconds < opens[parcel]:
            violations.add("window", where, f"delivered before {opens[parcel]:g} s")


def _serves(tour: Tour, chute: int, tick: int) -> bool:
    return (
        tour.chute == chute
        and tour.chute_tick is not None
        and tour.chute_tick <= tick
        and (tour.depart_tick is None or tick <= tour.depart_tick)
    )


def _end_on_floor(recording: Recording, tour: Tour) -> int:
    """Return the tick at which a tour gave its chute back: it left, or all of it was taken out."""
    if tour.depart_tick is not None:
        return tour.depart_tick
    last: dict[int, tuple[int, int]] = {}
    mine = recording.log[np.isin(recording.log["parcel"], tour.parcels)]
    for tick, parcel, state, _ in mine.tolist():
        last[parcel] = (tick, state)
    if all(state in TAKEN_OUT for _, state in last.values()):
        # A parcel on a robot may still be on its way to the reject chute by then.
        return int(tour.chute_tick or 0)
    return NEVER


def _check_apart(
    what: str, spans: list[tuple[int, int | None, int, int]], violations: Violations
) -> None:
    """Spans (who, from, until, tour) of the same who do not overlap."""
    ordered = sorted((who, start or 0, end, tour) for who, start, end, tour in spans)
    for (who, _, end, tour), (next_who, start, _, next_tour) in pairwise(ordered):
        if who == next_who and start < end:
            violations.add(what, f"{what} {who}", f"has tours {tour} and {next_tour} at once")
