"""Which tour a parcel is of, at each moment of a recorded day."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet import flow
from fleet.events import ParcelState, TourState
from tests.fleet.pure_day import PureDay, troubled
from viz.city_view import selected
from viz.expected import expected_tick
from viz.places import place_of
from viz.stored.replay import Replay
from viz.story import tell
from viz.view import Selection, View


def planned_twice(replay: Replay) -> list[int]:
    """Return the parcels that more than one tour was planned for."""
    parcels, tours = np.unique(replay.scene.tours.flat()[0], return_counts=True)
    return parcels[tours > 1].tolist()


def last_plan(replay: Replay, parcel: int) -> int:
    """Return when the last tour was planned for a parcel."""
    tours = replay.scene.tours
    return max(int(tours.plan_tick[k]) for k, stops in enumerate(tours.stops) if parcel in stops)


def test_a_parcel_is_of_the_newest_tour_planned_by_then(replay: Replay) -> None:
    """On its card, in the city and on the floor: the chute where it lies, the tour that is out."""
    scene, first = replay.scene, {}
    again = planned_twice(replay)
    assert again
    for tour, stops in reversed(list(enumerate(scene.tours.stops))):
        first |= dict.fromkeys(stops.tolist(), tour)
    for parcel in again:
        for tick, state, place in replay.story(parcel):
            frame = replay.frame(tick)
            _, lines = tell(replay, scene, frame, Selection("parcel", parcel), None)
            tours = [int(line.value) for line in lines if line.label == "tour" and line.to]
            if state == ParcelState.OUT:
                view = View(selection=Selection("parcel", parcel))
                assert tours == [place]
                assert selected(scene, frame, view) == (place, parcel)
            if state == ParcelState.IN_CHUTE:
                assert place_of(scene, frame, parcel) == Selection("chute", place)
            if tick < scene.tours.plan_tick[first[parcel]]:
                assert tours == []
            if state == ParcelState.AT_STATION and tick < last_plan(replay, parcel):
                assert tours == []  # also one that has come back


def test_what_is_expected_is_reckoned_by_the_tour_that_is_out(replay: Replay) -> None:
    """A parcel that will fail and go out again is expected the first time, too."""
    for parcel in planned_twice(replay):
        for tick, state, _ in replay.story(parcel):
            if state == ParcelState.OUT:
                expected = expected_tick(replay.scene, replay.frame(tick), parcel)
                assert expected > tick


def sorting(run: PureDay) -> int:
    """Live until a tour has a parcel in its chute; return the tour."""
    rows = run.day.world
    while not (found := np.flatnonzero((rows.tours["state"] == TourState.SORTING)
                                       & (rows.tours["sorted"] > 0))).size:  # fmt: skip
        run.live_one()
    return int(found[0])


def stopped(run: PureDay) -> Replay:
    """End a day where it is, and return what was recorded."""
    run.day.store.close()
    return Replay(run.day.folder)


def test_a_tour_that_was_cancelled_leaves_its_chute(tmp_path: Path) -> None:
    """As in the run: no chute stays with a tour that has nothing left to bring."""
    run = PureDay(tmp_path, troubled(tmp_path, parcels=6))
    world, tour = run.day.world, sorting(run)
    stops = flow.tour_stops(world, tour)
    world.tick += 1
    run.tick(cancels=[run.day.book.names[k] for k in stops.tolist()])
    while not (world.parcels["state"][stops] == ParcelState.REJECTED).all():
        run.live_one()
    replay = stopped(run)
    assert world.tours["state"][tour] == TourState.DONE
    assert replay.frame(world.tick).chute_tours.tolist() == world.chutes["tour"].tolist()
    replay.close()


def test_what_a_chute_rejected_leaves_with_its_tour(tmp_path: Path) -> None:
    """A chute has the parcels of the tour that it has now, as in the run."""
    run = PureDay(tmp_path, troubled(tmp_path))
    world, tour = run.day.world, sorting(run)
    chute = int(world.tours["chute"][tour])
    stops = flow.tour_stops(world, tour)
    lies = stops[world.parcels["state"][stops] == ParcelState.IN_CHUTE]
    world.tick += 1
    run.tick(cancels=[run.day.book.names[int(lies[0])]])
    with_it = world.chutes["count"][chute]
    assert with_it > 0
    seen = world.tick
    while world.tours["state"][tour] != TourState.OUT:
        run.live_one()
    replay = stopped(run)
    assert replay.frame(seen).chute_counts[chute] == with_it
    assert replay.frame(world.tick).chute_counts[chute] == world.chutes["count"][chute]
    replay.close()
