"""Settings of planner and schedule as a file: written by `routing tune`, read by all who play."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from routing.floor.grid import FloorError

# Name -> (least, greatest, usual value; on floors with stations `against` and `length_share` have
# others: `tune.usual`).
PLANNER = {
    "against": (0.01, 12.0, 2.0),
    "turn_cost": (1, 7, 4),
    "jam_units": (0.5, 200.0, 40.0),
    "oncoming_units": (1.0, 2000.0, 400.0),
    "skip": (0.05, 0.6, 0.3),
}
SCHEDULE = {
    "length_share": (0.01, 1.0, 0.2),
    "queue_units": (0.5, 40.0, 4.0),
    "backlog_units": (0.5, 40.0, 12.0),
}
RANGES = PLANNER | SCHEDULE
WHOLE = {"turn_cost"}


def keywords(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings by name as `routing.floor.entry.Peakday` takes them.

    What is under `settings` there is what `LookaheadPlanner` takes.
    """
    planner = {name: value for name, value in settings.items() if name in PLANNER}
    schedule = {name: value for name, value in settings.items() if name in SCHEDULE}
    return schedule | {"settings": planner}


def read_settings(path: Path | str) -> dict[str, Any]:
    """Return the settings in a file, by name; those that it leaves out keep their usual value.

    Raises
    ------
    FloorError
        Where the file cannot be read, or a name or a value in it is not known.
    """
    try:
        settings = json.loads(Path(path).read_text())
    except OSError as error:
        raise FloorError(f"{path}: {error.strerror}; make it with routing tune") from None
    except (ValueError, RecursionError) as error:
        raise FloorError(f"{path}: no JSON ({error}); make it with routing tune") from None
    if not isinstance(settings, dict):
        raise FloorError(f"{path}: {type(settings).__name__}; give an object of name and value")
    for name, value in settings.items():
        if name not in RANGES:
            raise FloorError(f"{path}: setting {name!r}; known are {', '.join(RANGES)}")
        low, high, _ = RANGES[name]
        number = isinstance(value, int) or (isinstance(value, float) and name not in WHOLE)
        if not number or isinstance(value, bool) or not low <= value <= high:
            kind = "a whole number" if name in WHOLE else "a number"
            raise FloorError(f"{path}: {name} {value!r}; give {kind} from {low} to {high}")
    return settings
