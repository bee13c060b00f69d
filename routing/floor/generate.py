"""Problems made by map, robots, tasks and seed, in the manner of the League's."""

from __future__ import annotations

import numpy as np

from routing.floor.arena import Entry, Game
from routing.floor.formats import Problem
from routing.floor.grid import Floor, FloorError

ROBOTS, TASKS, ERRANDS = 100, 20_000, (2, 2)  # drawn for a map where none are asked for
MOST_TASKS = 1_000_000


def generate(
    floor: Floor,
    robots: int,
    tasks: int,
    seed: int,
    *,
    errands: tuple[int, int] = (2, 2),
    edition: int = 2024,
    reveal: float = 1.5,
    name: str | None = None,
) -> Problem:
    """Place robots and draw tasks at random.

    On a floor with stations and chutes that reach each other a task leads from a station to a chute
    (with more errands, to more chutes); on others through any cells.  All are of the largest part
    in which all cells reach each other, where the robots are.

    Parameters
    ----------
    errands
        Fewest and most errands of a task (2023: always one).
    """
    from routing.floor.graph import largest_part

    rng = np.random.default_rng(seed)
    cells = largest_part(floor)
    starts = scatter(floor, robots, seed)
    stations, chutes = np.intersect1d(floor.stations, cells), np.intersect1d(floor.chutes, cells)
    first, rest = (stations, chutes) if len(stations) and len(chutes) else (cells, cells)
    low, high = (1, 1) if edition == 2023 else errands
    lengths = rng.integers(low, high + 1, size=tasks)
    lists = []
    for length in lengths.tolist():
        if length == 1:
            lists.append([int(rng.choice(rest))])
        else:
            lists.append([int(rng.choice(first)), *rng.choice(rest, length - 1).tolist()])
    return Problem.of_lists(
        name or f"{robots}-robots-seed-{seed}",
        floor,
        starts,
        lists,
        reveal=reveal if edition == 2024 else 1,
        edition=edition,
    )


def warm_up(entry: Entry) -> None:
    """Compile an entry's kernels by playing a few steps of a tiny problem with it.

    Its tasks begin anywhere: an entry has more to prepare there than where stations are named.
    """
    floor = Floor.parse("type octile\nheight 4\nwidth 4\nmap\n....\n....\n....\n....")
    problem = generate(floor, 3, 50, 0)
    entry.prepare(floor, problem.robots, problem.edition)
    game = Game(problem)
    for _ in range(5):
        game.assign(entry.assign(game.view()))
        view = game.view()
        game.apply(np.asarray(entry.act(view, view.task)))


def scatter(floor: Floor, robots: int, seed: int) -> np.ndarray:
    """Return start cells drawn from the largest part of a floor (int32).

    Raises
    ------
    FloorError
        Where there are more robots than cells.
    """
    from routing.floor.graph import largest_part

    cells = largest_part(floor)
    if not len(cells):
        raise FloorError(f"{floor.name}: no free cell; draw some floor with '.'")
    if not 0 < robots <= len(cells):
        raise FloorError(
            f"{floor.name}: {robots} robots on {len(cells)} connected free cells; take 1 to "
            f"{len(cells)}"
        )
    return np.random.default_rng(seed).choice(cells, robots, replace=False).astype(np.int32)
