"""Where frames come from: a running controller, a recorded run, or a file.

`open_source` looks at what it is given; all answer the same questions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from fleet.requests import Request
from viz.frame import Curves, Frame, Scene


class SourceError(ValueError):
    """A source that cannot be shown, in one line: what, where, value, remedy."""


class Source(Protocol):
    """What the window and the pictures ask."""

    scene: Scene
    live: bool
    under_way: bool  # further ticks may come

    def refresh(self, now: float) -> None:
        """Take in what has come since; `now`: seconds of any steady clock."""

    def span(self) -> tuple[int, int]:
        """Return the first and last tick that can be asked for."""

    def frame(self, time: float) -> Frame:
        """Return the moment at a time in ticks; never waits for a network."""

    def curves(self) -> Curves:
        """Return key figures over time."""

    def alarms(self) -> np.ndarray:
        """Return what went wrong so far, oldest first; dtype `alarms.ALARM`."""

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return visits or waiting of each cell between two ticks; None: not known (yet)."""

    def trail(self, robot: int, time: float, ticks: int) -> np.ndarray:
        """Return the cells where a robot was over the last ticks, oldest first."""

    def bases(self, time: float) -> np.ndarray:
        """Return the cells that each robot may enter without asking, next first, -1 behind.

        int32[robots, k]; without rows where that is not known.
        """

    def story(self, parcel: int) -> list[tuple[int, int, int]]:
        """Return a parcel's way so far: (tick, state, place), oldest first."""

    def state(self) -> str:
        """Return in a word or two how the source is: replay, live, lost."""

    def notice(self) -> str:
        """Return one line that the user should see now, empty where there is none."""

    def operate(self, request: Request) -> None:
        """Ask a live run for what an operator wants."""

    def close(self) -> None:
        """Let go of files, sockets and threads."""


def open_source(name: str, map_file: str | None = None, keys: Path | None = None) -> Source:
    """Return the source that a user named.

    Parameters
    ----------
    name
        `tcp://host:port` of a controller's clients' door, a run folder, a `.map`, a `.sol` with
        its problem beside it, a road problem (`.vrp`, `.txt`), or a League of Robot Runners result
        or problem (JSON), or a plan of the MAPF Tracker (.csv, its .scen beside it).
    map_file
        The map of a League result, which names none itself.
    keys
        Folder with the keys of a controller that asks for them.

    Raises
    ------
    SourceError
        In one line: what, where, the value and the remedy.
    """
    suffix = "" if name.startswith("tcp://") else Path(name).suffix.lower()
    if map_file is not None and suffix not in (".json", ".csv"):
        raise SourceError(f"--map {map_file}: {name} is no League result or plan; leave it out")
    if keys is not None and not name.startswith("tcp://"):
        raise SourceError(f"--keys {keys}: {name} is no controller (tcp://HOST:PORT); leave it out")
    if name.startswith("tcp://"):
        from viz.live.source import Live

        return Live(name, keys=keys)
    path = Path(name)
    if path.is_dir() or path.name == "store.sqlite":
        from viz.stored.replay import Replay

        if not name or (path.is_dir() and not (path / "store.sqlite").exists()):
            raise SourceError(
                f"{name or repr(name)}: a folder without a run (store.sqlite); name one that "
                "`fleet run` made, or a file in it"
            )
        return Replay(path if path.is_dir() else path.parent)
    if not path.exists():
        raise SourceError(
            f"{name}: no such source; name a run folder, tcp://HOST:PORT, a .map, a .sol, or a "
            "League result (.json)"
        )
    if suffix == ".map":
        from viz.plain import PlainMap

        return PlainMap(path)
    if suffix in (".sol", ".vrp", ".txt"):
        from viz.plain import PlainTours

        return PlainTours(path)
    if suffix == ".json":
        from viz.league.source import open_league

        return open_league(path, map_file)
    if suffix == ".csv":
        from viz.league.source import open_tracker

        return open_tracker(path, map_file)
    raise SourceError(
        f"{name}: the ending {suffix or '(none)'!r} is not one that viz reads; it reads run "
        "folders, .map, .sol, .vrp, League .json files and the MAPF Tracker's .csv"
    )
