"""How parts of a day have died, and whether it makes sense to start one again."""

from __future__ import annotations

# A part that dies so often so soon after its start will do so again.
MAX_STILLBORN = 3
STILLBORN_SECONDS = 3.0
MAX_BARREN = 5  # deaths of a part by one cause, however long each life, without a tick between them


class Deaths:
    """The deaths of one day's parts so far."""

    def __init__(self) -> None:
        self._stillborn: dict[str, int] = {}  # part: deaths in a row, each soon after its start
        self._barren: dict[str, tuple[int, int, int]] = {}  # part: exit code, last tick, deaths

    def hopeless(self, part: str, code: int, age: float, tick: int) -> bool:
        """Tell whether a part that has died had better not be started again.

        It dies as soon as it is started; or it has died in the same way several times and the day
        has not come a tick further.

        Parameters
        ----------
        age
            Seconds that it has lived.
        tick
            The day's newest.
        """
        young = age < STILLBORN_SECONDS
        self._stillborn[part] = self._stillborn.get(part, 0) + 1 if young else 0
        same = self._barren.get(part, (code, tick, 0))
        deaths = same[2] + 1 if same[:2] == (code, tick) else 1
        self._barren[part] = (code, tick, deaths)
        return self._stillborn[part] > MAX_STILLBORN or deaths > MAX_BARREN

    def forget(self) -> None:
        """Begin anew: these deaths were nobody's fault."""
        self._stillborn.clear()
        self._barren.clear()
