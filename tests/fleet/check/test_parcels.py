"""The judges of parcels and tours: each rule, broken by hand in a sound run, is found."""

from dataclasses import replace

import numpy as np
import pytest

from fleet.check.command import judge
from fleet.check.parcels import by_parcel, check_ways
from fleet.check.violations import Violations
from fleet.events import ParcelState

# -- each takes a sound run and breaks one rule: parcels


def _row(r, state):
    return int(np.flatnonzero(r.log["state"] == state)[0])


def accepted(r):
    r.submits[0, 1] += 1


def parcel_step(r):
    r.log["state"][_row(r, ParcelState.OUT)] = ParcelState.AT_STATION


def parcel_start(r):
    r.log["state"][0] = ParcelState.AT_STATION


def parcel_time(r):
    r.log["tick"][_row(r, ParcelState.OUT)] = 0


def parcel_unknown(r):
    r.log["parcel"][3] = 999


def doubled(r):
    k = _row(r, ParcelState.DELIVERED)
    return replace(r, log=np.append(r.log, r.log[k]))


def doubled_load(r):
    k = int(np.flatnonzero(r.reports["load"] >= 0)[0])
    other = r.reports["robot"] == (r.reports["robot"][k] + 1) % 3
    r.reports["load"][other & (r.report_ticks > r.report_ticks[k])] = r.reports["load"][k]


def lost(r):
    return replace(r, log=np.delete(r.log, _row(r, ParcelState.DELIVERED)))


def lost_from_the_start(r):
    return replace(r, log=r.log[r.log["parcel"] != 3])


def place(r):
    r.log["place"][_row(r, ParcelState.AT_STATION)] += 1


def pick(r):
    r.log["place"][_row(r, ParcelState.ON_ROBOT)] += 1


def pick_not_logged(r):
    return replace(r, log=np.delete(r.log, _row(r, ParcelState.ON_ROBOT)))


def drop(r):
    r.log["place"][_row(r, ParcelState.IN_CHUTE)] ^= 1


def missing(r):
    r.log["tick"][_row(r, ParcelState.MISSING)] += 1


PARCELS = {
    accepted: "accepted", parcel_step: "parcel", parcel_start: "parcel", parcel_time: "parcel",
    parcel_unknown: "parcel", doubled: "doubled", doubled_load: "doubled", lost: "lost",
    lost_from_the_start: "lost", place: "place", pick: "pick", pick_not_logged: "pick",
    drop: "drop", missing: "missing",
}  # fmt: skip


# -- tours


def _with_tour(r, number, **values):
    tours = list(r.tours)
    tours[number] = replace(tours[number], **values)
    return replace(r, tours=tours)


def capacity(r):
    return replace(r, meta=r.meta | {"capacity": "1"})


def capacity_table(r):
    return _with_tour(r, 0, load=r.tours[0].load - 1)


def stop_twice(r):
    return _with_tour(r, 0, parcels=np.append(r.tours[0].parcels, r.tours[0].parcels[:1]))


def stop_in_two_tours(r):
    return _with_tour(r, 1, parcels=np.concatenate([tour.parcels for tour in r.tours]))


def cost(r):
    return _with_tour(r, 0, distance=r.tours[0].distance - 1)


def chute(r):
    r.log["place"][_row(r, ParcelState.IN_CHUTE)] += 1


def chute_of_two(r):
    one = r.tours[0]
    return _with_tour(r, 1, chute=one.chute, chute_tick=one.chute_tick)


def courier_of_two(r):
    one = r.tours[0]
    return _with_tour(r, 1, courier=one.courier, depart_tick=one.depart_tick)


def tour_order(r):
    return _with_tour(r, 0, home_tick=r.tours[0].depart_tick - 1)


def tour_without_courier(r):
    return _with_tour(r, 0, courier=None)


def tour_left_apart(r):
    return _with_tour(r, 0, depart_tick=r.tours[0].depart_tick + 1)


def tour_other(r):
    k = _row(r, ParcelState.DELIVERED)
    r.log["place"][k] = (r.log["place"][k] + 1) % len(r.tours)


def tour_unknown_parcel(r):
    return _with_tour(r, 0, parcels=np.append(r.tours[0].parcels, 99))


def window(r):
    r.parcels["due_open"][:] = 1e6


TOURS = {
    capacity: "capacity", capacity_table: "capacity", stop_twice: "stop",
    stop_in_two_tours: "stop", cost: "cost", chute: "chute", chute_of_two: "chute",
    courier_of_two: "courier", tour_order: "tour", tour_without_courier: "tour",
    tour_left_apart: "tour", tour_other: "tour", tour_unknown_parcel: "tour", window: "window",
}  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "kind"),
    (PARCELS | TOURS).items(),
    ids=[broken.__name__ for broken in PARCELS | TOURS],
)
def test_a_broken_rule_is_found(sound, broken, kind):
    """Whatever else a change breaks, the judge names the rule it was made to break."""
    assert kind in judge(broken(sound) or sound).counts


def test_a_day_under_way_has_lost_nothing_yet(sound):
    """Parcels that have not come to their end are lost only once the day has ended."""
    last = sound.log["tick"] > 100
    under_way = replace(sound, meta={**sound.meta, "ended": ""}, log=sound.log[~last])
    violations = Violations()
    check_ways(under_way, by_parcel(under_way), violations)
    assert violations.plain() == []
