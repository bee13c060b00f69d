"""Where couriers are."""

from __future__ import annotations

import numpy as np
import pytest

from fleet.events import ParcelState, TourState
from fleet.scenario import CityPart, FloorPart, Scenario
from tests.viz.made import Made
from viz.couriers import couriers
from viz.frame import Frame, Parcels, no_tours
from viz.stops import late_stops


def city(time: float, states: list[int], ticks: list[int]) -> tuple[np.ndarray, ...]:
    """Return the couriers of one tour over three doors on a line, 10, 20 and 30 from the depot."""
    made = Made()
    scene = made.scene
    scene.scenario = Scenario(
        name="x",
        floor=FloorPart(map="x", robots=1, tick_seconds=0.5),
        city=CityPart(courier_metres_per_second=2.0, depart_seconds=2.0),
    )
    scene.parcels = Parcels(
        list("abc"), np.array([10.0, 20, 30]), np.zeros(3), np.zeros(3, np.int32), np.full(3, 9.0)
    )
    scene.depot, scene.tours = (0.0, 0.0), no_tours([np.array([0, 1, 2], np.int32)])
    frame = made.frame(0)
    fields = {name: getattr(frame, name) for name in frame.__dataclass_fields__}
    fields |= {
        "time": time,
        "parcel_state": np.array(states, np.uint8),
        "parcel_tick": np.array(ticks, np.int32),
        "tour_state": np.array([TourState.OUT], np.uint8),
    }
    return (*couriers(scene, Frame(**fields)), late_stops(scene, Frame(**fields)))


OUT, DONE, BACK = ParcelState.OUT, ParcelState.DELIVERED, ParcelState.RETURNING


@pytest.mark.parametrize(
    ("time", "states", "ticks", "x"),
    [
        (100, [OUT, OUT, OUT], [100] * 3, 0),  # it left the chute, not yet the yard
        (107, [OUT, OUT, OUT], [100] * 3, 3),  # four ticks to depart, then one unit a tick
        (150, [OUT, OUT, OUT], [100] * 3, 10),  # at the first door, has not reported yet
        (155, [DONE, OUT, OUT], [150, 100, 100], 15),
        (205, [DONE, BACK, OUT], [150, 200, 100], 25),
        (240, [DONE, BACK, DONE], [150, 200, 230], 20),  # on its way home
        (300, [DONE, BACK, DONE], [150, 200, 230], 0),
        (155, [DONE, ParcelState.CANCELLED, OUT], [150, 90, 100], 15),  # passes that door by
    ],
)
def test_a_courier_drives_from_door_to_door(
    time: float, states: list[int], ticks: list[int], x: float
) -> None:
    """It is between the door it reported last and the next, at the scenario's speed."""
    tours, xs, ys, _ = city(time, states, ticks)
    assert tours.tolist() == [0]
    assert (xs[0], ys[0]) == (pytest.approx(x), 0)


def test_late_stops() -> None:
    """A parcel delivered in time stays in time; one still out is late when its window closes."""
    *_, late = city(100, [DONE, DONE, OUT], [10, 20, 5])  # windows close at 9 s, tick 18
    assert late.tolist() == [False, True, True]
