"""Problems of the League of Robot Runners, editions 2023 and 2024."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from routing.floor.grid import Floor, FloorError
from routing.floor.league_files import ROUND_ROBIN, read_head, read_starts, read_tasks


@dataclass(frozen=True, eq=False)
class Problem:
    """Robots on a floor and the tasks that come up, in order.

    Attributes
    ----------
    starts
        By robot, its first cell; all head east (int32).
    errands, first
        Task `t` visits the cells `errands[first[t] : first[t + 1]]` in that order (int32).
    reveal
        Unfinished tasks known at any time, per robot.
    edition
        2024: the planner chooses who does which task.  2023: robot `i` of `n` gets the tasks `i`,
        `i + n`, ... one after the other.
    once
        Robot `i` has task `i` alone, one cell, and stays there: one-shot MAPF.
    """

    name: str
    floor: Floor
    starts: np.ndarray
    errands: np.ndarray
    first: np.ndarray
    reveal: float
    edition: int
    once: bool = False

    @property
    def robots(self) -> int:
        """Number of robots."""
        return len(self.starts)

    @property
    def tasks(self) -> int:
        """Number of tasks in the file; after the last it begins again."""
        return len(self.first) - 1

    def task(self, number: int) -> np.ndarray:
        """Return the cells of a task, counting on beyond the end of the file."""
        number %= self.tasks
        return self.errands[self.first[number] : self.first[number + 1]]

    def digest(self) -> str:
        """Return what tells this problem from others of its name: 12 hexadecimal digits."""
        told = f"{self.floor.text()} {self.reveal} {self.edition} {self.once}".encode()
        parts = [told, self.starts.tobytes(), self.errands.tobytes(), self.first.tobytes()]
        return blake2b(b" ".join(parts), digest_size=6).hexdigest()

    def with_starts(self, starts: np.ndarray) -> Problem:
        """Return the same problem with other robots (2024) on the same floor."""
        return replace(self, starts=starts)

    @classmethod
    def read(cls, path: str | Path, *, robots: int | None = None) -> Problem:
        """Read a problem file and what it names.

        Raises
        ------
        FloorError
            Where a file cannot be read, or a field or line of it cannot be meant.
        """
        path = Path(path)
        head = read_head(path)
        floor = Floor.read(head.map_file)
        starts = read_starts(head.agent_file, floor, head.team_size if robots is None else robots)
        tasks = read_tasks(head.task_file, floor, head.edition)
        return cls.of_lists(
            path.stem, floor, starts, tasks, reveal=head.reveal, edition=head.edition
        )

    @classmethod
    def of_lists(
        cls,
        name: str,
        floor: Floor,
        starts: list[int] | np.ndarray,
        tasks: list[list[int]],
        *,
        reveal: float = 1.5,
        edition: int = 2024,
        once: bool = False,
    ) -> Problem:
        """Make a problem of start cells and tasks, checking that all cells are free."""
        errands = [cell for task in tasks for cell in task]
        for what, cells in (("robot", starts), ("task", errands)):
            wide = np.asarray(cells, dtype=np.int64)
            inside = (wide >= 0) & (wide < floor.cells)
            bad = np.flatnonzero(~inside | ~floor.free[np.clip(wide, 0, floor.cells - 1)])
            if len(bad):
                raise FloorError(
                    f"{name}: {what} cell {wide[bad[0]]} is not free on {floor.name}; "
                    "check that map and file belong together"
                )
        problem = cls(
            name=name,
            floor=floor,
            starts=np.asarray(starts, dtype=np.int32),
            errands=np.array(errands, dtype=np.int32),
            first=np.cumsum([0, *(len(task) for task in tasks)]).astype(np.int32),
            reveal=reveal,
            edition=edition,
            once=once,
        )
        if not problem.robots or not problem.tasks:
            raise FloorError(f"{name}: {problem.robots} robots, {problem.tasks} tasks; give some")
        if len(np.unique(problem.starts)) < problem.robots:
            raise FloorError(f"{name}: two robots start in one cell; give each its own")
        return problem

    def write(self, folder: str | Path) -> Path:
        """Write the problem as League files into a folder; return the problem file's path.

        A map of the same floor that lies there under its name stays as it is.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        head: dict[str, Any] = {
            "mapFile": f"{self.name}.map",
            "agentFile": f"{self.name}.agents",
            "teamSize": self.robots,
            "taskFile": f"{self.name}.tasks",
            "numTasksReveal": self.reveal,
        }
        if self.edition == 2023:
            head["taskAssignmentStrategy"] = ROUND_ROBIN
        else:
            head["version"] = "2024 LoRR"
        # first, so that who is broken off here may write all files anew
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(head, indent=4) + "\n")
        place = folder / f"{self.name}.map"
        if not self.floor.is_at(place):
            place.write_text(self.floor.text())
        agents = "\n".join(map(str, [self.robots, *self.starts.tolist()]))
        (folder / f"{self.name}.agents").write_text(f"{agents}\n")
        tasks = (",".join(map(str, self.task(n).tolist())) for n in range(self.tasks))
        (folder / f"{self.name}.tasks").write_text("\n".join([str(self.tasks), *tasks]) + "\n")
        return path
