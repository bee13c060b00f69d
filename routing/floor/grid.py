"""A floor: cells, what they are for, and which way a robot may leave each of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import networkx as nx

EAST, SOUTH, WEST, NORTH = range(4)
BLOCKED = "@T"
OTHER_WALLS = "OW"  # out of bounds and water, taken for `@`
ARROWS = {">": EAST, "v": SOUTH, "<": WEST, "^": NORTH}
STATION, CHUTE, REJECT, CHARGER = "E", "S", "R", "C"
LETTERS = ".G" + BLOCKED + OTHER_WALLS + STATION + CHUTE + REJECT + CHARGER + "".join(ARROWS)


class FloorError(ValueError):
    """A floor that cannot be used, in one line: file, place, value, remedy."""


def read_text(path: Path, refusal: str, *, encoding: str = "utf-8") -> str:
    """Read a file of a floor.

    Raises
    ------
    FloorError
        Where it cannot be read, or, with the words of `refusal`, where it is no text.
    """
    try:
        return path.read_text(encoding=encoding)
    except OSError as error:
        raise FloorError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise FloorError(f"{path}: {refusal}") from None


@dataclass(frozen=True, eq=False)
class Floor:
    """A warehouse floor as arrays; a cell is one int, `row * width + column`.

    One-way aisles.  A cell with an arrow is left along its arrow, or sideways into a cell that has
    none (floor, station, chute, reject, charger).  It is entered along its arrow or sideways,
    never from the cell it points at.  Cells without an arrow are left in any direction that this
    allows.

    Attributes
    ----------
    letters
        One letter a cell (uint8), row-major.
    free
        Cells a robot may stand on.
    successors
        Shape (cells, 4), by heading 0 E, 1 S, 2 W, 3 N: the cell reached, or -1.
    stations, chutes, rejects, chargers
        Cells, ascending.  A floor without reject chutes rejects into its last chute.
    costs
        Shape (cells, 4), by heading: what the move that leaves a cell so costs, in usual moves;
        None: 1 each.  Planners add their lanes.
    """

    name: str
    height: int
    width: int
    letters: np.ndarray
    free: np.ndarray
    successors: np.ndarray
    stations: np.ndarray
    chutes: np.ndarray
    rejects: np.ndarray
    chargers: np.ndarray
    costs: np.ndarray | None = None

    @property
    def cells(self) -> int:
        """Number of cells, blocked ones included."""
        return self.height * self.width

    @classmethod
    def read(cls, path: str | Path) -> Floor:
        """Read a MovingAI `.map` file."""
        path = Path(path)
        text = read_text(path, f"not plain ASCII; a map has only {LETTERS}", encoding="ascii")
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "floor") -> Floor:
        """Make a floor of the text of a MovingAI map.

        Raises
        ------
        FloorError
            Where the head is wrong, a row is ragged, or a letter is unknown.
        """
        lines = text.splitlines()
        height, width = _head(lines, name)
        rows = lines[4 : 4 + height]
        if len(rows) < height or any(line.strip() for line in lines[4 + height :]):
            found = len("\n".join(lines[4:]).rstrip().splitlines())  # with blank ones between
            raise FloorError(f"{name}: {found} rows, but `height {height}`; make them agree")
        for number, row in enumerate(rows):
            if len(row) != width:
                raise FloorError(
                    f"{name}:{number + 5}: row of {len(row)} letters, but `width {width}`; "
                    "make all rows equally long"
                )
            for column, letter in enumerate(row):
                if letter not in LETTERS:
                    raise FloorError(
                        f"{name}:{number + 5}:{column + 1}: unknown letter {letter!r}; "
                        f"use one of {LETTERS}"
                    )
        letters = np.frombuffer("".join(rows).encode(), dtype=np.uint8).copy()
        letters[np.isin(letters, [ord(letter) for letter in OTHER_WALLS])] = ord("@")
        return cls.of_letters(letters.reshape(height, width), name)

    @classmethod
    def of_letters(cls, letters: np.ndarray, name: str = "floor") -> Floor:
        """Make a floor of letters, uint8 of shape (height, width)."""
        height, width = letters.shape
        free = ~np.isin(letters, [ord(letter) for letter in BLOCKED])
        flat = letters.ravel()

        def where(letter: str) -> np.ndarray:
            return np.flatnonzero(flat == ord(letter)).astype(np.int32)

        chutes, rejects = where(CHUTE), where(REJECT)
        return cls(
            name=name,
            height=height,
            width=width,
            letters=flat,
            free=free.ravel(),
            successors=_successors(letters, free),
            stations=where(STATION),
            chutes=chutes,
            rejects=rejects if len(rejects) else chutes[-1:],
            chargers=where(CHARGER),
        )

    def require_free(self, what: str, cells: np.ndarray, robots: np.ndarray | None = None) -> None:
        """Refuse robots' cells or goals in walls or off the floor.

        Parameters
        ----------
        robots
            Whose they are, where not of all from 0 on.

        Raises
        ------
        ValueError
            Naming the first such robot and its cell.
        """
        inside = (cells >= 0) & (cells < self.cells)
        free = inside & self.free[np.where(inside, cells, 0)]
        if not free.all():
            first = int(free.argmin())
            robot = first if robots is None else robots[first]
            raise ValueError(
                f"robot {robot}: {what} {cells[first]} is not free on {self.name}; give a free cell"
            )

    def text(self) -> str:
        """Return the floor as a MovingAI map."""
        rows = self.letters.reshape(self.height, self.width)
        body = "\n".join(row.tobytes().decode() for row in rows)
        return f"type octile\nheight {self.height}\nwidth {self.width}\nmap\n{body}\n"

    def is_at(self, path: Path) -> bool:
        """Return whether a file is there, and is a map of this floor."""
        return path.exists() and Floor.read(path).text() == self.text()

    def to_graph(self) -> nx.DiGraph:
        """Return the floor as a directed graph; see `routing.floor.graph.to_graph`."""
        from routing.floor.graph import to_graph

        return to_graph(self)

    @classmethod
    def from_graph(cls, graph: nx.DiGraph) -> Floor:
        """Make a floor of a directed graph; see `routing.floor.graph.from_graph`."""
        from routing.floor.graph import from_graph

        return from_graph(graph)


def require_headings(headings: np.ndarray, robots: np.ndarray) -> None:
    """Refuse headings of these robots that are none.

    Raises
    ------
    ValueError
        Naming the first such robot and its heading.
    """
    wrong = np.flatnonzero((headings < 0) | (headings > 3))
    if len(wrong):
        robot, heading = robots[wrong[0]], headings[wrong[0]]
        raise ValueError(f"robot {robot}: heading {heading}; give 0 E, 1 S, 2 W or 3 N")


def _head(lines: list[str], name: str) -> tuple[int, int]:
    """Return height and width as the first four lines of a map give them."""
    if not lines or lines[0].split() not in (["type", "octile"], ["type", "tile"]):
        raise FloorError(f"{name}:1: not a MovingAI map; the first line is `type octile`")
    sizes = {}
    for number in (1, 2):
        words = lines[number].split() if len(lines) > number else []
        if (
            len(words) != 2
            or words[0] not in ("height", "width")
            or not words[1].isdecimal()
            or len(words[1]) > 9
        ):
            shown = lines[number] if len(lines) > number else ""
            raise FloorError(
                f"{name}:{number + 1}: {shown[:40]!r}; lines 2 and 3 are `height H` and `width W`"
            )
        sizes[words[0]] = int(words[1])
    if len(sizes) != 2 or min(sizes.values()) < 1:
        raise FloorError(f"{name}:2: height and width must both be given and be positive")
    if len(lines) < 4 or lines[3].strip() != "map":
        raise FloorError(f"{name}:4: line 4 is `map`")
    return sizes["height"], sizes["width"]


def _successors(letters: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the cell reached from each cell by heading, -1 where there is no way."""
    height, width = letters.shape
    index = np.arange(height * width, dtype=np.int32).reshape(height, width)
    arrow = np.full((height, width), -1, dtype=np.int8)
    for letter, heading in ARROWS.items():
        arrow[letters == ord(letter)] = heading
    result = np.full((height, width, 4), -1, dtype=np.int32)
    here = {
        EAST: np.s_[:, :-1],
        SOUTH: np.s_[:-1, :],
        WEST: np.s_[:, 1:],
        NORTH: np.s_[1:, :],
    }
    there = {EAST: here[WEST], SOUTH: here[NORTH], WEST: here[EAST], NORTH: here[SOUTH]}
    for heading in range(4):
        source, target = here[heading], there[heading]
        own, other = arrow[source], arrow[target]
        sideways = (own >= 0) & ((own - heading) % 2 == 1)
        leave = (own < 0) | (own == heading) | (sideways & (other < 0))
        enter = (other < 0) | ((other - heading) % 4 != 2)
        way = free[source] & free[target] & leave & enter
        result[source][..., heading] = np.where(way, index[target], -1)
    return result.reshape(height * width, 4)
