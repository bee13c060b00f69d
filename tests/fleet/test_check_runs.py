"""The judges: a sound run passes, and each broken rule is found in a run broken by hand."""

import json
import shutil
import sqlite3
import zlib
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.check_command import judge, run
from fleet.check_orders import check_orders, legal_steps
from fleet.check_parcels import by_parcel, check_ways
from fleet.check_reports import check_reports
from fleet.check_robots import check_robots
from fleet.events import ORDER, REPORT, Action, ActionState, ParcelState
from fleet.recording import RecordingError, read_map, read_recording
from fleet.violations import Violations
from routing.floor.grid import Floor
from tests.fleet.tiny_day import record


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A whole small day with a little of each trouble."""
    return record(
        tmp_path_factory.mktemp("tiny"), seed=5, missing_share=0.2, failed_share=0.2,
        cancelled_share=0.2, untoured_share=0.1, blocked_per_hour=200.0,
    )  # fmt: skip


@pytest.fixture
def sound(run_folder):
    """The run as the judge reads it, free to be changed."""
    recording = read_recording(run_folder)
    writable = {
        name: getattr(recording, name).copy()
        for name in ("cells", "report_ticks", "reports", "order_ticks", "orders", "submits", "log")
    }
    parcels = {name: column.copy() for name, column in recording.parcels.items()}
    return replace(recording, parcels=parcels, **writable)


def _kinds(recording):
    return set(judge(recording).counts)


def test_a_sound_run_passes(sound):
    """A day with all troubles in it breaks no rule, and has all the states that it should."""
    assert judge(sound).plain() == []
    seen = set(sound.log["state"].tolist())
    assert {ParcelState.MISSING, ParcelState.REJECTED, ParcelState.RETURNING} <= seen


def test_what_was_reflected_before_an_anchor_gave_it_up_was_sent(sound):
    """A robot that reflects two cells more, and then loses its order at the first, is no liar."""
    first, here, ahead, beyond = int(sound.cells[0, 0]), 1, 2, 3
    orders = np.array(
        [(0, 1, 0, 0, 0, first, [here, -1, -1], 0, -1),
         (0, 1, 0, 1, 2, here, [ahead, beyond, -1], 0, -1),
         (0, 1, 1, 0, 0, here, [-1, -1, -1], 0, -1)], ORDER)  # fmt: skip
    reports = np.zeros(3, REPORT)
    for k, (order, update, sequence, cell, left) in enumerate(
        [(0, 0, 0, first, 1), (0, 1, 2, here, 2), (1, 0, 0, here, 0)]
    ):
        for name, value in zip(
            ("order", "update", "sequence", "cell", "left"),
            (order, update, sequence, cell, left),
            strict=True,
        ):
            reports[name][k] = value
    changed = {"orders": orders, "order_ticks": np.array([0, 1, 3])}
    changed |= {"reports": reports, "report_ticks": np.array([1, 2, 4])}
    violations = Violations()
    recording = replace(sound, **changed)
    check_reports(recording, check_orders(recording, Violations()), violations)
    assert violations.plain() == []
    reports["left"][1] = 1
    check_reports(recording, check_orders(recording, Violations()), violations)
    assert set(violations.counts) == {"node states"}


# -- robots: each takes a sound run and breaks one rule


def collision(r):
    r.cells[5, 1] = r.cells[5, 0]


def swap(r):
    r.cells[6, :2] = r.cells[5, 1::-1]


def followed(r):
    r.cells[6, 1] = r.cells[5, 0]
    r.cells[6, 0] = 47


def frame(r):
    r.cells[-1, 2] = 47 if r.cells[-1, 2] != 47 else 46


def _update(r):
    """Return the row of some order update that grants a cell."""
    return int(np.flatnonzero((r.orders["update"] > 1) & (r.orders["cells"][:, 0] >= 0))[0])


def stitch_update(r):
    r.orders["update"][_update(r)] += 1


def stitch_start(r):
    r.orders["start"][_update(r)] += 1


def stitch_sequence(r):
    r.orders["sequence"][_update(r)] += 2


def stitch_action(r):
    k = _update(r)
    before = (r.orders["robot"] == r.orders["robot"][k]) & (
        r.orders["order"] == r.orders["order"][k]
    )
    r.orders["action"][before & (r.orders["update"] == r.orders["update"][k] - 1)] = Action.PICK


def stitch_order(r):
    robot = r.orders["robot"] == 0
    r.orders["order"][robot & (r.orders["order"] > 2)] += 1


def stitch_repeat(r):
    k = _update(r)
    r.orders[k + 1] = r.orders[k]
    r.orders["cells"][k + 1, 0] += 1


def move(r):
    k = _update(r)
    r.orders["cells"][k, 0] = (r.orders["cells"][k, 0] + 20) % 48


def action_place(r):
    k = int(np.flatnonzero(r.orders["action"] == Action.PICK)[0])
    r.parcels["station"][r.orders["parcel"][k]] ^= 1


def action_drop(r):
    r.orders["action"][_update(r)] = Action.DROP


def charge_without_charger(r):
    r.orders["action"][_update(r)] = Action.START_CHARGING


def base_cell(r):
    r.reports["cell"][60] += 1


def base_sequence(r):
    r.reports["sequence"][60] += 200


def base_time(r):
    """A robot is on a cell one tick before it was released."""
    first = int(np.flatnonzero(r.reports["sequence"] > 0)[0])
    r.order_ticks[r.orders["robot"] == r.reports["robot"][first]] += 2


def base_update(r):
    r.reports["update"][60] += 90


def base_without_order(r):
    k = int(np.flatnonzero(r.reports["order"] >= 0)[-1])
    r.reports["order"][k], r.reports["cell"][k] = -1, 47


def node_states(r):
    r.reports["left"][60] += 1


def node_states_back(r):
    k = int(np.flatnonzero(r.reports["sequence"] >= 6)[0])
    r.reports["sequence"][k + 20 :][r.reports["robot"][k + 20 :] == r.reports["robot"][k]] = 0


def reflection(r):
    k = _update(r)
    r.order_ticks[k] -= 20


def reflection_idle(r):
    ended = np.isin(r.reports["action"], (ActionState.FINISHED, ActionState.FAILED))
    r.reports["action"][ended] = ActionState.RUNNING


def grant(r):
    """One robot never reports to have left the cells that others were then given."""
    still = r.reports["robot"] == 0
    still[np.flatnonzero(still)[0]] = False
    kept = ~still
    return replace(r, reports=r.reports[kept], report_ticks=r.report_ticks[kept])


ROBOTS = {
    collision: "collision", swap: "swap", followed: "followed", frame: "frame",
    stitch_update: "stitch", stitch_start: "stitch", stitch_sequence: "stitch",
    stitch_action: "stitch", stitch_order: "stitch", stitch_repeat: "stitch", move: "move",
    action_place: "action", action_drop: "action",
    charge_without_charger: "action", base_cell: "base", base_sequence: "base",
    base_time: "base", base_update: "base", base_without_order: "base",
    node_states: "node states", node_states_back: "node states", reflection: "reflection",
    reflection_idle: "reflection", grant: "grant",
}  # fmt: skip


# -- parcels


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
    (ROBOTS | PARCELS | TOURS).items(),
    ids=[broken.__name__ for broken in ROBOTS | PARCELS | TOURS],
)
def test_a_broken_rule_is_found(sound, broken, kind):
    """Whatever else a change breaks, the judge names the rule it was made to break."""
    assert kind in _kinds(broken(sound) or sound)


def test_a_day_under_way_has_lost_nothing_yet(sound):
    """Parcels that have not come to their end are lost only once the day has ended."""
    last = sound.log["tick"] > 100
    under_way = replace(sound, meta={**sound.meta, "ended": ""}, log=sound.log[~last])
    violations = Violations()
    check_ways(under_way, by_parcel(under_way), violations)
    assert violations.plain() == []


def test_resending_an_order_is_no_fault(sound):
    """The same message again, later, changes nothing."""
    again = replace(
        sound,
        orders=np.concatenate([sound.orders, sound.orders[40:50]]),
        order_ticks=np.concatenate([sound.order_ticks, sound.order_ticks[40:50] + 3]),
    )
    violations = Violations()
    check_robots(again, violations)
    assert violations.plain() == []


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.text(".@ES><^v", min_size=width, max_size=width), min_size=1, max_size=5
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_the_judge_and_the_planner_know_the_same_ways(rows):
    """Two readings of the one-way rule, made apart, agree on every pair of cells."""
    text = f"type octile\nheight {len(rows)}\nwidth {len(rows[0])}\nmap\n" + "\n".join(rows) + "\n"
    floor = Floor.parse(text)
    size = len(floor.letters)
    sources, targets = np.divmod(np.arange(size * size), size)
    ways = np.zeros(size * size, bool)
    for heading in range(4):
        there = floor.successors[:, heading]
        ways[(np.arange(size) * size + there)[there >= 0]] = True
    assert legal_steps(read_map(text), sources, targets).tolist() == ways.tolist()


# -- the command, on files


def test_the_command_passes_a_sound_run(run_folder, capsys):
    """Exit code 0, and one JSON object that says so."""
    assert run(Namespace(what=str(run_folder), json=True)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert answer["violations"] == []
    assert run(Namespace(what=str(run_folder), json=False)) == 0
    assert "all is well" in capsys.readouterr().out


def test_the_command_fails_a_broken_file(run_folder, tmp_path, capsys):
    """A frame changed on disk makes exit code 1 and says what, where and how."""
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    tick, blob = db.execute("SELECT tick, robots FROM frame WHERE keyframe = 1").fetchone()
    raw = bytearray(zlib.decompress(blob))
    raw[0] ^= 7
    db.execute("UPDATE frame SET robots = ? WHERE tick = ?", (zlib.compress(bytes(raw)), tick))
    db.commit()
    db.close()
    assert run(Namespace(what=str(copy), json=True)) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert set(answer["violations"][0]) == {"what", "where", "detail"}


def test_a_run_of_another_version_is_one_line(run_folder, tmp_path):
    """A store with another schema is named as such, not as damaged."""
    copy = tmp_path / "old"
    shutil.copytree(run_folder, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    db.execute("PRAGMA user_version=1")
    db.close()
    with pytest.raises(RecordingError, match="schema version 1, this judge reads"):
        run(Namespace(what=str(copy), json=False))


def test_what_is_no_run_is_one_line(tmp_path):
    """A missing run and a damaged store are told in one line."""
    with pytest.raises(ValueError, match="no such run"):
        run(Namespace(what=str(tmp_path / "none"), json=False))
    (tmp_path / "store.sqlite").write_bytes(b"not a database, but long enough to be read as one")
    with pytest.raises(RecordingError, match="not a whole run"):
        read_recording(tmp_path)


def test_many_violations_of_a_kind_are_counted():
    """The first twenty are shown in full; the rest becomes one line."""
    violations = Violations()
    violations.add_where("x", np.ones(25, bool), lambda k: (f"row {k}", "bad"))
    plain = violations.plain()
    assert len(plain) == 21
    assert plain[-1] == {"what": "x", "where": "...", "detail": "5 more"}


@pytest.mark.slow
@given(
    seed=st.integers(0, 10_000),
    robots=st.integers(1, 4),
    shares=st.tuples(*[st.sampled_from([0.0, 0.3])] * 4),
    blocked=st.sampled_from([0.0, 3000.0]),
)
@settings(max_examples=4, deadline=None, derandomize=True)
def test_no_trouble_breaks_a_rule(tmp_path_factory, seed, robots, shares, blocked):
    """Whatever goes wrong on a day, each parcel comes to one end and the judges find nothing."""
    names = ("missing_share", "failed_share", "cancelled_share", "untoured_share")
    folder = record(
        tmp_path_factory.mktemp("trouble"), seed=seed, robots=robots, blocked_per_hour=blocked,
        **dict(zip(names, shares, strict=True)),
    )  # fmt: skip
    assert judge(read_recording(folder)).plain() == []
