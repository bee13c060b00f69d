"""Moves, goals and errands of League results, beside the plainest way to work them out."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor.grid import Floor
from tests.viz.test_files import result, write
from viz.league.file import is_result, read_league
from viz.league.frames import LeagueFrames, read_delays
from viz.league.goals import Goals
from viz.league.moves import BLOCK, HEADINGS, STEPS, replay
from viz.league.schedule import NEVER, read_schedule
from viz.source import SourceError, open_source

SIDE = 9
OPEN = Floor.parse(f"type octile\nheight {SIDE}\nwidth {SIDE}\nmap\n" + f"{'.' * SIDE}\n" * SIDE)


def walk(path: str, start: tuple[int, int, str], period: int) -> list[tuple[int, int, int]]:
    """Return row, column and heading of one robot tick by tick, a letter at a time."""
    (row, column), heading, counter = start[:2], HEADINGS[start[2]], 0
    seen = [(row, column, heading)]
    for letter in path:
        counter += letter in "FRC"
        if letter in "FRC" and counter == period:
            counter = 0
            if letter == "F":
                row, column = row + STEPS[heading][0], column + STEPS[heading][1]
            else:
                heading = (heading + (1 if letter == "R" else 3)) % 4
        seen.append((int(row), int(column), heading))
    return seen


def form(path: str, edition: int) -> str:
    """Write one path as an edition does."""
    if edition < 2026:
        return ",".join(path)
    return "[(0,0,0,E,0):(" + ",".join(f"{k} {len(list(g))}" for k, g in groupby(path)) + ")]"


@given(
    paths=st.lists(st.text("FRCW", max_size=3 * BLOCK), min_size=1, max_size=3),
    heading=st.sampled_from("ESWN"),
    period=st.sampled_from([1, 2, 3, 5, 300]),
)
@settings(max_examples=30, deadline=None)
def test_blocks_are_what_letters_say(paths: list[str], heading: str, period: int) -> None:
    """Every robot is where it is when played a letter at a time; who leaves the map is named."""
    edition = 2024 if period == 1 else 2026
    plain = {
        "start": [[4, 4, heading]] * len(paths),
        "actualPaths": [form(path, edition) for path in paths],
        "agentMaxCounter": period,
    }
    ticks = max(map(len, paths))
    seen = [walk(path.ljust(ticks, "W"), (4, 4, heading), period) for path in paths]
    inside = all(
        0 <= part < SIDE for own in seen for row, column, _ in own for part in (row, column)
    )
    if not inside:
        with pytest.raises(SourceError, match="off the 9 x 9 map"):
            replay(Path("r.json"), plain, OPEN)
        return
    moves = replay(Path("r.json"), plain, OPEN)
    assert moves.ticks == ticks + 1
    blocks = list(moves.blocks())
    cells = np.concatenate([block.cells for block in blocks])
    headings = np.concatenate([block.headings for block in blocks])
    for robot, own in enumerate(seen):
        assert cells[:, robot].tolist() == [row * SIDE + column for row, column, _ in own]
        assert headings[:, robot].tolist() == [heading for _, _, heading in own]
    frames = LeagueFrames(moves, None, read_delays({}, len(paths)))
    assert all((robots["cell"] == cells[tick]).all() for tick, robots in frames.walk(0, ticks))
    for tick in range(0, ticks + 1, 17)[::-1]:
        assert (frames.robots(tick)["cell"] == cells[tick]).all()


TASKS, ROBOTS, TICKS = 4, 3, 2 * BLOCK + 5


@given(
    sizes=st.lists(st.integers(1, 3), min_size=TASKS, max_size=TASKS),
    taken=st.lists(
        st.dictionaries(st.integers(0, TICKS), st.integers(-1, TASKS - 1), max_size=6),
        min_size=ROBOTS,
        max_size=ROBOTS,
    ),
    reached=st.lists(
        st.tuples(
            st.integers(0, TICKS), st.integers(0, ROBOTS - 1), st.integers(0, TASKS), st.just(0)
        ),
        min_size=1,
        max_size=10,
        unique_by=lambda row: row[:2],
    ),
)
@settings(max_examples=50, deadline=None)
def test_goals_and_ends_are_what_events_say(
    sizes: list[int], taken: list[dict[int, int]], reached: list[tuple[int, int, int, int]]
) -> None:
    """A robot goes to the first errand left of its task; errands of a task are done in order."""
    places = [[(k + 3 * j) % SIDE for j in range(2 * size)] for k, size in enumerate(sizes)]
    plain = {
        "tasks": [[k, 0, own] for k, own in enumerate(places)],
        # What a robot sets out with at a tick is noted in the step after it.
        "actualSchedule": [
            ",".join(f"{t + 1}:{k}" for t, k in sorted(own.items())) for own in taken
        ],
        "events": [list(row) for row in reached],
    }
    schedule = read_schedule(plain, OPEN, ROBOTS)
    done = [0] * (TASKS + 1)
    ends = {(k, j): NEVER for k, size in enumerate(sizes) for j in range(size)}
    has, goals = [-1] * ROBOTS, [-1] * ROBOTS
    goals_at = []
    for tick in range(TICKS + 1):
        for at, robot, task, _ in sorted(reached):
            if at == tick:
                ends[task, done[task]] = tick if (task, done[task]) in ends else NEVER
                done[task] += 1
                goals[robot] = goal_of(has[robot], done, places)
        for robot, own in enumerate(taken):
            if tick in own:
                has[robot] = own[tick]
                goals[robot] = goal_of(has[robot], done, places)
        goals_at.append(list(goals))
    table = schedule.errands
    assert table["done"].tolist() == [
        ends[k, j] for k, size in enumerate(sizes) for j in range(size)
    ]
    blocks = TICKS // BLOCK + 1
    told = Goals(schedule, ROBOTS, blocks)
    found = [told.block(number, min(BLOCK, TICKS + 1 - number * BLOCK)) for number in range(blocks)]
    assert np.concatenate(found).tolist() == goals_at


def goal_of(task: int, done: list[int], places: list[list[int]]) -> int:
    """Return the cell of a task's first errand left."""
    left = places[task][2 * done[task] :] if task >= 0 else []
    return left[0] * SIDE + left[1] if left else -1


def test_robot_0_may_have_no_events_in_2023(tmp_path: Path) -> None:
    """Editions are told apart by the first robot that has any."""
    plain = result(tasks=[[3, 0, 2]], events=[[], [[3, 0, "assigned"], [3, 2, "finished"]]])
    source = open_source(str(write(tmp_path, plain)))
    assert [source.frame(t).goals.tolist() for t in (1, 2)] == [[-1, 2], [-1, -1]]
    source.close()


def test_json_that_only_python_writes_is_read(tmp_path: Path) -> None:
    """NaN is no JSON, but stands in results that went through a script."""
    path = write(tmp_path, result(plannerTimes=[float("nan")]))
    assert "NaN" in path.read_text()
    assert is_result(read_league(path))
