"""What there is to tell of a tour: how far it is, what it brings, and when it is at which door."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.expected import expected_ticks
from viz.facts import Line
from viz.frame import NOT_PLANNED, Frame, Scene
from viz.gone import gone_tours
from viz.view import Selection
from viz.words import clock_text

STOPS_TOLD = 30  # of a tour
OF_STOPS, OF_STAGES, OF_THE_REST = 1, 100, 200  # ranks; a tour's own lines come first
TOUR_NAMES = {
    TourState.PLANNED: "waits for a chute",
    TourState.SORTING: "is being sorted",
    TourState.READY: "waits for its courier",
    TourState.OUT: "out",
    TourState.DONE: "done",
}
_NOT_COMING: dict[int, str] = {
    ParcelState.CANCELLED: "cancelled",
    ParcelState.REJECTED: "in a reject chute",
    ParcelState.RETURNING: "not delivered",
    ParcelState.RETURNED: "not delivered",
    ParcelState.MISSING: "missing",
}


def tour_card(scene: Scene, frame: Frame, tour: int) -> list[Line]:
    """Return the lines about a tour."""
    tours = scene.tours
    stops = tours.stops[tour]
    states = frame.parcel_state[stops] if len(frame.parcel_state) else np.zeros(0, np.uint8)
    lines: list[Line] = []
    if frame.counts:  # a file's tours are in no state
        lines.append(Line("state", _state(scene, frame, tour)))
    if tours.courier[tour] >= 0 and 0 <= tours.depart_tick[tour] <= frame.time:
        lines.append(Line("courier", str(int(tours.courier[tour]))))
    lines.append(Line("stops", str(len(stops))))
    if frame.tour_state[tour] in (TourState.SORTING, TourState.READY) and frame.counts:
        lines.append(Line("in its chute", str(int((states == ParcelState.IN_CHUTE).sum()))))
    elif frame.tour_state[tour] in (TourState.OUT, TourState.DONE) and frame.counts:
        lines.append(Line("delivered", str(int((states == ParcelState.DELIVERED).sum()))))
    if tours.load[tour] > 0:
        lines.append(Line("load", f"{int(tours.load[tour]):,}"))
    if not np.isnan(tours.distance[tour]) and tours.distance[tour] > 0:
        lines.append(Line("distance", f"{float(tours.distance[tour]):,.0f}"))
    for name, column in (
        ("planned", tours.plan_tick),
        ("got its chute", tours.chute_tick),
        ("ready", tours.ready_tick),
        ("left", tours.depart_tick),
        ("back", tours.home_tick),
    ):
        if 0 <= column[tour] <= frame.time:
            at = float(column[tour])
            rank = 0 if name in ("left", "back") else OF_STAGES
            lines.append(Line(name, clock_text(at * scene.tick_seconds), at=at, rank=rank))
    return lines + stop_lines(scene, frame, tour)


def _state(scene: Scene, frame: Frame, tour: int) -> str:
    if frame.tour_state[tour] == NOT_PLANNED:
        return "not planned yet"
    if gone_tours(scene.tours, frame.tour_state, frame.parcel_state, frame.time)[tour]:
        return "has nothing left to bring"
    return TOUR_NAMES[TourState(int(frame.tour_state[tour]))]


def stop_lines(scene: Scene, frame: Frame, tour: int, most: int = STOPS_TOLD) -> list[Line]:
    """Return a line for each stop: when its parcel came or is expected, and was promised.

    Where there are too many, late ones come before those ahead, and these before those done last.
    """
    parcels, stops = scene.parcels, scene.tours.stops[tour]
    if parcels is None or not len(frame.parcel_state):
        return []
    due = parcels.due_close[stops]
    newest = scene.tours.tour_of(len(frame.parcel_state), frame.time)[stops]
    done = (frame.parcel_state[stops] == ParcelState.DELIVERED) & (newest == tour)
    ticks = np.where(done, frame.parcel_tick[stops], expected_ticks(scene, frame, tour))
    seconds = ticks * scene.tick_seconds
    late = np.nan_to_num(seconds, nan=-np.inf) > np.nan_to_num(due, nan=np.inf)
    order = np.arange(len(stops))
    dear = np.lexsort((np.where(done, -order, order), done, ~late))
    rank = OF_STOPS + np.argsort(dear)
    told = np.sort(dear[:most])
    lines = []
    for k in told.tolist():
        parcel = int(stops[k])
        if newest[k] in (tour, -1):
            words = [_when(frame, parcel, float(seconds[k]), done=bool(done[k]))]
        else:
            words = [f"now of tour {newest[k] + scene.first_tour}"]
        if not np.isnan(due[k]):
            words.append(f"by {clock_text(float(due[k]))}")
        if late[k]:
            words.append("!")
        name = f"{k + 1}. {parcels.names[parcel]}"
        value = " ".join(word for word in words if word)
        to = Selection("parcel", parcel)
        lines.append(Line(name, value, to, late=bool(late[k]), rank=int(rank[k])))
    if len(stops) > most:
        left = len(stops) - most
        lines.append(Line("", f"and {left:,} more", told=left, rank=OF_THE_REST))
    return lines


def _when(frame: Frame, parcel: int, seconds: float, *, done: bool) -> str:
    """Return when a stop is or was, ~ where that is only expected, or what became of it."""
    became = _NOT_COMING.get(int(frame.parcel_state[parcel]))
    if became is not None:
        return became
    if np.isnan(seconds):
        return ""
    return clock_text(seconds) if done else "~" + clock_text(seconds)
