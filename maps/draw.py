"""Draws the floors of this folder by rule; run it to draw them again, or to draw your own.

python maps/draw.py platform > maps/platform.map
python maps/draw.py platform --chargers 24 > maps/charging.map
python maps/draw.py platform --width 120 --height 80 > my.map
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

PLATFORM_HEIGHT = 60
SHORT_SIDE_ENDS = 14  # rows of a platform's short side that no charger takes


def platform(
    height: int = PLATFORM_HEIGHT,
    width: int = 90,
    every: int = 3,
    pitch: int = 4,
    chargers: int = 0,
) -> np.ndarray:
    """Return a sorting platform: stations along the two long sides, chute holes between.

    Each station stands at the end of a lane of its own, in which two robots can queue; they leave
    by the lane beside it.  Each hole takes up one cell, with its chute cell beside it.  Chargers
    stand along the two short sides, half of them each, walled off so that nobody passes there.
    """
    letters = np.full((height, width), ".", dtype="<U1")
    for column in range(1, width - 1, every):
        for row, inward, outward in ((0, "^", "v"), (height - 1, "v", "^")):
            step = 1 if row == 0 else -1
            letters[row, column] = "E"
            letters[row, column + 1] = outward
            letters[row, column - 1] = "@"
            for depth in (1, 2):
                letters[row + depth * step, column] = inward
                letters[row + depth * step, column + 1] = outward
                letters[row + depth * step, column - 1] = "@"
    for row in range(7, height - 7, pitch):
        for column in range(4, width - 4, pitch):
            letters[row, column] = "@"
            letters[row, column + 1] = "S"
    rejects = np.argwhere(letters == "S")
    for row, column in (rejects[0], rejects[-1]):
        letters[row, column] = "R"
    for column, count in ((0, -(-chargers // 2)), (width - 1, chargers // 2)):
        if count:
            letters[6 : height - 6, column] = "@"
            letters[np.linspace(7, height - 8, count).round().astype(int), column] = "C"
    return letters


def small(height: int = 20, width: int = 30) -> np.ndarray:
    """Return a small fulfilment floor: stations along one side, chutes in pairs of rows."""
    letters = np.full((height, width), ".", dtype="<U1")
    for column in range(3, width - 3, 4):
        letters[0, column - 1 : column + 3] = ["@", "E", "v", "@"]
        letters[1, column - 1 : column + 3] = ["@", "^", "v", "@"]
        letters[2, column - 1 : column + 3] = ["@", "^", "v", "@"]
    for row in range(5, height - 4, 4):
        for column in range(4, width - 4, 4):
            letters[row, column] = "@"
            letters[row, column + 1] = "S"
    letters[tuple(np.argwhere(letters == "S")[-1])] = "R"
    letters[height - 1, width - 4 : width - 1] = "C"
    return letters


def large(height: int = 140, width: int = 500) -> np.ndarray:
    """Return a large sorting floor: stations on all four sides, every second cell of every second
    row a chute hole, its chute cell above it."""
    letters = np.full((height, width), ".", dtype="<U1")
    for row in range(6, height - 6, 2):
        for column in range(7, width - 7, 2):
            letters[row, column] = "@"
            letters[row - 1, column] = "S"
    letters[0, 6 : width - 6 : 2] = "E"
    letters[height - 1, 6 : width - 6 : 2] = "E"
    letters[6 : height - 6 : 2, 0] = "E"
    letters[6 : height - 6 : 2, width - 1] = "E"
    for row, column in np.argwhere(letters == "S")[[0, -1]]:
        letters[row, column] = "R"
    return letters


FLOORS = {"platform": platform, "small": small, "large": large}
# Height and width below which a floor has no station, no chute or no reject chute.
LEAST = {"platform": (15, 17), "small": (10, 13), "large": (13, 19)}


def text(letters: np.ndarray) -> str:
    """Return letters as a MovingAI map."""
    height, width = letters.shape
    body = "\n".join("".join(row) for row in letters)
    return f"type octile\nheight {height}\nwidth {width}\nmap\n{body}\n"


def fault(floor: str, given: dict[str, int]) -> str | None:
    """Return in one line why a floor cannot be drawn with these options, None where it can."""
    for name, least in zip(("height", "width"), LEAST[floor], strict=True):
        if given.get(name, least) < least:
            return f"--{name} {given[name]}: too small for a {floor} floor; choose {least} or more"
    if "chargers" not in given:
        return None
    chargers = given["chargers"]
    if floor != "platform":
        return f"--chargers {chargers}: only for a platform; leave it out"
    height = given.get("height", PLATFORM_HEIGHT)
    most = 2 * (height - SHORT_SIDE_ENDS)
    if not 0 <= chargers <= most:
        return f"--chargers {chargers}: choose 0 to {most}, for which a height of {height} has room"
    return None


def main() -> None:
    """Print one floor."""
    parser = argparse.ArgumentParser(
        prog="draw.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("floor", choices=sorted(FLOORS))
    parser.add_argument("--height", type=int)
    parser.add_argument("--width", type=int)
    parser.add_argument("--chargers", type=int, help="of a platform")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    floor = given.pop("floor")
    told = fault(floor, given)
    if told:
        print(f"draw.py: {told}", file=sys.stderr)
        sys.exit(2)
    sys.stdout.write(text(FLOORS[floor](**given)))


if __name__ == "__main__":
    main()
