"""What follows from the log of parcels: the same, however many pieces it came in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet.events import ParcelState
from fleet.scenario import CityPart, FloorPart, Scenario
from viz.chutes_shut import BagChanges
from viz.frame import Scene, no_tours
from viz.stored.milestones import Milestones
from viz.stored.parcel_log import ParcelLog

TICKS, PARCELS, CHUTES = 12, 9, 2
STATES = (ParcelState.AT_STATION, ParcelState.ON_ROBOT, ParcelState.IN_CHUTE, ParcelState.DELIVERED)
LOGS = st.lists(
    st.tuples(
        st.integers(0, TICKS), st.integers(0, PARCELS - 1), st.sampled_from(STATES),
        st.integers(0, CHUTES - 1),
    ),
    max_size=60,
)  # fmt: skip
CUTS = st.lists(st.integers(0, TICKS), max_size=4)


def pieces(rows: list[tuple], cuts: list[int]) -> list[tuple[int, np.ndarray]]:
    """Return the log as it stood at the end of some ticks, and of all; [4, rows] each."""
    table = np.array(sorted(rows, key=lambda row: row[0]), np.int32).reshape(-1, 4)
    return [(tick, table[table[:, 0] <= tick].T) for tick in sorted({*cuts, TICKS})]


@given(LOGS, CUTS)
def test_parcels_count_once_and_their_times_from_the_station(
    rows: list[tuple], cuts: list[int]
) -> None:
    """The first time that each is sorted, delivered, or at its station."""
    log, found = ParcelLog(0, *np.zeros((4, 0), np.int32)), Milestones()
    for tick, columns in pieces(rows, cuts):
        log.grow(PARCELS, columns)
        found.read_on(log, np.arange(tick + 1))
    arrived: dict[int, int] = {}
    firsts: dict[int, int] = {}
    took = []
    for tick, parcel, state, _ in sorted(rows, key=lambda row: row[0]):
        if state == ParcelState.AT_STATION:
            arrived.setdefault(parcel, tick)
        if state == ParcelState.IN_CHUTE:
            firsts.setdefault(parcel, tick)
    for tick, parcel, state, _ in sorted(rows, key=lambda row: row[0]):
        if state == ParcelState.IN_CHUTE and arrived.get(parcel, TICKS + 1) <= tick:
            took.append((tick, tick - arrived[parcel]))
    counts = [sum(first <= tick for first in firsts.values()) for tick in range(TICKS + 1)]
    assert found.sorted.tolist() == counts
    told = list(zip(*(column.tolist() for column in found.to_chute), strict=True))
    assert [row for row in told if row[1] >= 0] == took


@given(LOGS, CUTS, st.lists(st.tuples(st.integers(0, TICKS), st.integers(0, 1)), max_size=4))
def test_a_bag_is_changed_when_it_is_full(
    rows: list[tuple], cuts: list[int], starts: list[tuple[int, int]]
) -> None:
    """Each time that a tour's parcels fill another one; what came before any tour fills none."""
    starts = sorted({chute * 100 + tick: (tick, chute) for tick, chute in starts}.values())
    scene = Scene("x", scenario=Scenario(
        name="x", city=CityPart(),
        floor=FloorPart(map="x", robots=1, tick_seconds=1.0, chute_parcels=2,
                        chute_empty_seconds=3.0),
    ))  # fmt: skip
    log, bags = ParcelLog(0, *np.zeros((4, 0), np.int32)), BagChanges()
    for tick, columns in pieces(rows, cuts):
        there = [start for start in starts if start[0] <= tick]
        scene.tours = no_tours([np.zeros(0, np.int32)] * len(there))
        for k, (start, chute) in enumerate(there):
            scene.tours.chute[k], scene.tours.chute_tick[k] = chute, start
        log.grow(PARCELS, columns)
        bags.read_on(scene, log)
    held: dict[tuple[int, int], int] = {}
    shut = {tick: set[int]() for tick in range(TICKS + 4)}
    for tick, _, state, chute in sorted(rows, key=lambda row: row[0]):
        mine = [start for start in starts if start[1] == chute and start[0] <= tick]
        if state == ParcelState.IN_CHUTE and mine:
            held[mine[-1]] = held.get(mine[-1], 0) + 1
            if held[mine[-1]] % 2 == 0:
                for later in range(tick, tick + 3):
                    shut[later].add(chute)
    for tick, chutes in shut.items():
        assert set(bags.shut(tick).tolist()) == chutes
