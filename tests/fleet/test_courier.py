"""Simulated couriers: a schedule one can compute by hand, and a restart that changes nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet import courier
from fleet.courier import Couriers, Departure, Trip
from fleet.events import CourierNews

TRIP = Trip(
    depot=(0.0, 0.0), metres_per_unit=10.0, metres_per_second=5.0, stop_seconds=60.0,
    depart_seconds=30.0, tick_seconds=0.5, seed=1, failed_share=0.0,
)  # fmt: skip


def leaves(tick: int, x: list[float], tour: int = 0, opens: float = np.nan) -> Departure:
    """Return a tour along the x axis."""
    n = len(x)
    return Departure(
        tour=tour, courier=tour, tick=tick, parcels=np.arange(n, dtype=np.int32),
        attempts=np.zeros(n, np.int32), x=np.array(x), y=np.zeros(n), open=np.full(n, opens),
    )  # fmt: skip


def test_a_schedule_adds_departure_way_and_door() -> None:
    """From tick 100 (50 s): 30 s to start, 10 units of way are 20 s, a door 60 s, and home."""
    ticks, rows = courier.schedule(leaves(100, [10.0, 20.0]), TRIP)
    assert (ticks * 0.5).tolist() == [160.0, 240.0, 280.0]
    assert rows["news"].tolist() == [CourierNews.DELIVERED] * 2 + [CourierNews.HOME]
    assert rows["parcel"].tolist() == [0, 1, -1]


def test_a_courier_waits_for_a_door_to_open() -> None:
    """A door that opens at 500 s is served then, not before."""
    ticks, _ = courier.schedule(leaves(0, [10.0], opens=500.0), TRIP)
    assert ticks[0] * 0.5 == 560.0


def test_departures_survive_the_wire() -> None:
    """What is packed is unpacked equal."""
    departure, reported = courier.unpack(courier.pack(leaves(3, [1.0, 2.0]), 1))
    assert reported == 1
    assert departure.x.tolist() == [1.0, 2.0]
    assert departure.parcels.dtype == np.int32


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 5)), min_size=1, max_size=5),
       st.integers(0, 2000))  # fmt: skip
def test_a_restart_changes_no_report(tours: list, restart: int) -> None:
    """Couriers rebuilt from the tours that are out report what the first ones would have."""
    departures = [
        leaves(tick, [float(k * 7 % 50) for k in range(n)], tour)
        for tour, (tick, n) in enumerate(tours)
    ]
    calm, broken = Couriers(TRIP), Couriers(TRIP)
    for departure in departures:
        calm.depart(departure)
        broken.depart(departure)
    before = broken.news(restart)
    again = Couriers(TRIP)
    for departure in departures:
        again.depart(departure, int((before["tour"] == departure.tour).sum()))
    together = np.concatenate([before, again.news(10**6)])
    assert np.array_equal(together, calm.news(10**6))
    assert again.next_tick() == -1
