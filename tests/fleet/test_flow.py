"""Parcels, tours, chutes and couriers: what each event does, and that nothing is ever stuck."""

import numpy as np
import pytest

from fleet import boards, flow
from fleet.events import COURIER, PLAN, CourierNews, ParcelState, RobotPhase, TourState
from fleet.parcel_files import read_parcels
from fleet.parcels import draw
from fleet.world import NO_TOUR, REJECT, opening
from routing.floor.grid import Floor
from tests.fleet.pure_day import OPEN, troubled


@pytest.fixture
def world(tmp_path):
    """Four parcels at their stations, three of them in one planned tour that has a chute."""
    plan = troubled(tmp_path, parcels=4, robots=2)
    world = opening(plan, Floor.parse(OPEN), base_cells=1)
    flow.submit(world, draw(read_parcels(tmp_path / "tiny.csv").parcels, plan, 2))
    world.tick = 100
    flow.arrive(world)
    flow.close_wave(world, 0)
    rows = [(0, -1, -1, 3), (0, 0, 0, 2), (0, 0, 1, 0), (0, 0, 2, 1)]
    flow.plan(world, np.array(rows, PLAN))
    flow.give_chutes(world)
    world.log.clear()
    return world


def _state(world, parcel):
    return ParcelState(int(world.parcels["state"][parcel]))


def _give(world, robot, parcel, *, closed=0):
    """Let a robot have a task without driving."""
    world.parcels["robot"][parcel] = robot
    world.robots["parcel"][robot] = parcel
    world.robots["phase"][robot] = RobotPhase.TO_STATION
    world.robots["closed"][robot] = closed


def _carry(world, parcel, *, fine=True, robot=0):
    _give(world, robot, parcel)
    flow.picked(world, robot)
    flow.dropped(world, robot, parcel_was_there=fine)


def _news(world, *rows):
    flow.courier_news(world, np.array(list(rows), COURIER))


def test_a_plan_gives_tours_positions_and_chutes(world):
    """Stops stand in their order; what no tour takes goes to the reject chute."""
    assert flow.tour_stops(world, 0).tolist() == [2, 0, 1]
    assert world.parcels["position"].tolist() == [1, 2, 0, -1]
    assert world.parcels["tour"].tolist() == [0, 0, 0, REJECT]
    assert world.tours["state"][0] == TourState.SORTING
    assert world.chutes["tour"][world.tours["chute"][0]] == 0
    assert flow.tasks(world).tolist() == [0, 1, 2, 3]
    assert boards.destination(world, 3) == world.n_chutes


def test_a_full_tour_leaves_and_comes_home(world):
    """Sorted, out, delivered: the chute is free as soon as the tour has left."""
    for parcel in (0, 1, 2, 3):
        _carry(world, parcel)
    assert _state(world, 3) == ParcelState.REJECTED
    assert world.tours["state"][0] == TourState.READY
    chute = world.tours["chute"][0]
    assert flow.depart(world) == [0]
    assert world.chutes["tour"][chute] == -1
    assert not flow.all_done(world)
    courier = int(world.tours["courier"][0])
    for position, parcel in enumerate((2, 0, 1)):
        _news(world, (courier, 0, position, parcel, CourierNews.DELIVERED))
    _news(world, (courier, 0, 3, -1, CourierNews.HOME))
    assert flow.all_done(world)
    places = [(parcel, place) for parcel, state, place in world.log if state == ParcelState.OUT]
    assert places == [(2, 0), (0, 0), (1, 0)]


def test_news_that_are_known_change_nothing(world):
    """A report told twice, or out of turn, is passed over."""
    for parcel in (0, 1, 2):
        _carry(world, parcel)
    flow.depart(world)
    _news(world, (0, 0, 1, 0, CourierNews.DELIVERED))
    assert _state(world, 0) == ParcelState.OUT
    _news(world, (0, 0, 0, 2, CourierNews.DELIVERED), (0, 0, 0, 2, CourierNews.DELIVERED))
    assert world.tours["reported"][0] == 1


def test_news_of_others_tours_change_nothing(world):
    """Nor do those of a parcel that is not on board, or of the way home with parcels on board."""
    for parcel in (0, 1, 2):
        _carry(world, parcel)
    flow.depart(world)
    courier = int(world.tours["courier"][0])
    _news(
        world,
        (courier + 1, 0, 0, 2, CourierNews.DELIVERED),
        (courier, 0, 0, 3, CourierNews.DELIVERED),
        (courier, 0, 0, -1, CourierNews.FAILED),
        (courier, 0, 0, -1, CourierNews.HOME),
    )
    assert world.tours["reported"][0] == 0
    assert world.couriers[courier] == 0
    assert {_state(world, parcel) for parcel in (0, 1, 2)} == {ParcelState.OUT}


def test_a_failed_delivery_comes_back_for_another_wave(world):
    """Until its attempts are used up; then it stays at the depot."""
    for parcel in (0, 1, 2):
        _carry(world, parcel)
    flow.depart(world)
    world.parcels["attempts"][1] = world.scenario.troubles.attempts - 1
    _news(world, (0, 0, 0, 2, CourierNews.DELIVERED), (0, 0, 1, 0, CourierNews.FAILED),
          (0, 0, 2, 1, CourierNews.FAILED), (0, 0, 3, -1, CourierNews.HOME))  # fmt: skip
    assert _state(world, 0) == ParcelState.AT_STATION
    assert _state(world, 1) == ParcelState.RETURNED
    assert world.parcels["tour"][0] == NO_TOUR
    assert flow.at_hand(world).tolist() == [0]


def test_a_missing_parcel_is_found_and_carried_again(world):
    """It keeps its place in its tour meanwhile."""
    _carry(world, 0, fine=False)
    assert _state(world, 0) == ParcelState.MISSING
    assert 0 not in flow.tasks(world)
    flow.found(world, np.array([0]))
    assert 0 in flow.tasks(world)
    _carry(world, 0)
    assert world.tours["sorted"][0] == 1


@pytest.mark.parametrize("parcel", [0, 3])
def test_a_parcel_cancelled_at_its_station_is_taken_out(world, parcel):
    """It is nobody's task any more, and its tour does not wait for it."""
    _give(world, 0, parcel)
    wanted = int(world.tours["wanted"][0])
    flow.cancel(world, parcel)
    assert _state(world, parcel) == ParcelState.CANCELLED
    assert world.robots["phase"][0] == RobotPhase.IDLE
    assert world.tours["wanted"][0] == wanted - (parcel == 0)
    flow.cancel(world, parcel)  # again: nothing
    assert world.tours["wanted"][0] == wanted - (parcel == 0)


def test_a_parcel_cancelled_on_its_way_goes_to_the_reject_chute(world):
    """The robot turns towards it."""
    _give(world, 0, 0)
    flow.picked(world, 0)
    flow.cancel(world, 0)
    assert world.robots["goal"][0] == world.floor.rejects[0]
    flow.dropped(world, 0, parcel_was_there=True)
    assert _state(world, 0) == ParcelState.REJECTED


def test_a_parcel_cancelled_while_it_drops_is_taken_out_of_the_chute(world):
    """The order to drop it stands; the tour leaves without it."""
    _carry(world, 1)
    _carry(world, 2)
    _give(world, 0, 0)
    flow.picked(world, 0)
    world.robots["closed"][0] = 1
    flow.cancel(world, 0)
    assert world.tours["state"][0] == TourState.READY
    flow.dropped(world, 0, parcel_was_there=True)
    assert _state(world, 0) == ParcelState.REJECTED
    assert world.tours["sorted"][0] == 2


def test_a_parcel_cancelled_and_then_missing_does_not_stay_for_ever(world):
    """Cancelled while its robot drops, found to be missing, found again: it is taken out."""
    _give(world, 0, 0)
    flow.picked(world, 0)
    world.robots["closed"][0] = 1
    flow.cancel(world, 0)
    flow.cancel(world, 1)
    flow.cancel(world, 2)
    assert world.tours["state"][0] == TourState.DONE
    flow.dropped(world, 0, parcel_was_there=False)
    flow.found(world, np.array([0]))
    assert _state(world, 0) == ParcelState.CANCELLED
    _carry(world, 3)
    assert flow.all_done(world)


def test_a_tour_of_which_nothing_is_left_does_not_leave(world):
    """All its parcels were cancelled in the chute while it waited for a courier."""
    for parcel in (0, 1, 2):
        _carry(world, parcel)
    assert world.tours["state"][0] == TourState.READY
    chute = world.tours["chute"][0]
    for parcel in (0, 1, 2):
        flow.cancel(world, parcel)
    assert world.tours["state"][0] == TourState.DONE
    assert world.chutes["tour"][chute] == -1
    assert flow.depart(world) == []


def test_a_full_bag_shuts_its_chute_while_it_is_changed(world):
    """After so many parcels, for so long."""
    chute = int(world.tours["chute"][0])
    world.chutes["count"][chute] = world.scenario.floor.chute_parcels - 1
    _carry(world, 0)
    assert world.chutes["count"][chute] == 0
    assert world.chutes["until"][chute] == world.tick + world.timing.chute_empty


def test_what_is_out_or_done_cannot_be_cancelled(world):
    """A courier has it; only what comes back can be kept."""
    for parcel in (0, 1, 2):
        _carry(world, parcel)
    flow.depart(world)
    flow.cancel(world, 0)
    assert _state(world, 0) == ParcelState.OUT
    _news(world, (0, 0, 0, 2, CourierNews.FAILED))
    flow.cancel(world, 2)
    _news(world, (0, 0, 1, 0, CourierNews.DELIVERED), (0, 0, 2, 1, CourierNews.DELIVERED),
          (0, 0, 3, -1, CourierNews.HOME))  # fmt: skip
    assert _state(world, 2) == ParcelState.RETURNED
