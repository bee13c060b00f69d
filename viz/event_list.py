"""The list of events in the panel, the newest first, and what one clicks to see fewer of them."""

from __future__ import annotations

import numpy as np
import pygame

from viz.alarms import GRAVE
from viz.colours import Palette
from viz.events import GROUPS, OPERATORS, Listing, event_text
from viz.facts import Spots
from viz.frame import Scene
from viz.pen import HEADING, Pen
from viz.view import View
from viz.words import time_text

LINE = 18  # design pixels
SURE, SURE_CALM = 4, 2  # events for which room is kept; where nothing went wrong
OWN = -1  # the choice that is no group: only what concerns the selection

Choice = tuple[int, str, bool]  # a group of `events.GROUPS` or OWN, its words, whether it is on


class EventList:
    """Writes the list; keeps which events are listed between frames."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._listing = Listing()
        self._rows, self._choices = np.zeros(0, np.int64), list[Choice]()
        self._shown = 0  # how many events the rows tell of

    def keep_room(
        self, pen: Pen, scene: Scene, alarms: np.ndarray, until: int, view: View, *, brief: bool
    ) -> None:
        """Raise the pen's bottom so far that some events have room; `write` comes next.

        So many of all alarms have happened by now (`until`); `brief`: keep room for few.
        """
        self._rows, counts = self._listing.look(scene, alarms, view, until)
        self._choices = choices(counts, view)
        self._shown = sum(n for group, n in enumerate(counts) if group not in view.events_hidden)
        grave = len(self._rows) and sum(counts[: OPERATORS + 1])
        most = SURE if grave and not brief else SURE_CALM
        lines = min(len(self._rows), most) + len(self._lines(pen))
        pen.bottom -= sum(pen.line(part) for part in HEADING) + lines * pen.line(LINE)

    def write(self, pen: Pen, scene: Scene, alarms: np.ndarray, view: View, spots: Spots) -> None:
        """Write heading, choices and events; `spots` gets where they can be clicked."""
        palette, rows = self.palette, self._rows
        spots.listed = len(rows)
        all_, shown = f"{len(alarms):,}", f"{self._shown:,}"
        if not pen.heading(f"Events  {all_}" if all_ == shown else f"Events  {shown} of {all_}"):
            return
        for line in self._lines(pen):
            self._write_choices(pen, line, spots)
        size = pen.size(17)
        times = [time_text(scene, float(tick)) for tick in alarms["tick"][[0, -1]]]
        indent = max(pen.type.width(time, size) for time in times) + pen.line(10)
        first = min(view.scroll, max(len(rows) - 1, 0))
        for row in rows[::-1][first:].tolist():
            if pen.y + pen.line(LINE) > pen.bottom:
                return
            alarm, top = alarms[row], pen.y
            grave = int(alarm["kind"]) in GRAVE
            time = time_text(scene, float(alarm["tick"]))
            pen.type.put(pen.target, time, (pen.left, top), size, palette.label)
            pen.type.put(
                pen.target,
                ("! " if grave else "") + event_text(scene, alarms, row, view),
                (pen.left + indent, top),
                size,
                palette.fault if grave else palette.text,
                width=pen.width - indent,
            )
            pen.skip(LINE)
            spots.events.append((pygame.Rect(pen.left, top, pen.width, pen.y - top), row))

    def _lines(self, pen: Pen) -> list[list[Choice]]:
        """Return the choices cut into lines that fit."""
        lines: list[list[Choice]] = []
        left = 0
        for choice in self._choices:
            wide = self._width(pen, choice)
            if not lines or left + wide > pen.width:
                lines.append([])
                left = 0
            lines[-1].append(choice)
            left += wide + pen.line(12)
        return lines

    def _width(self, pen: Pen, choice: Choice) -> int:
        return pen.line(15) + pen.type.width(choice[1], pen.size(17))

    def _write_choices(self, pen: Pen, line: list[Choice], spots: Spots) -> None:
        """Write a box and a word for each choice: full where its events are listed."""
        left = pen.left
        for choice in line:
            group, words, on = choice
            side, high = pen.line(9), pen.line(LINE)
            box = pygame.Rect(left, pen.y + pen.line(2), side, side)
            pygame.draw.rect(pen.target, self.palette.accent, box, 0 if on else 1)
            colour = self.palette.text if on else self.palette.label
            place = (left + pen.line(15), pen.y)
            pen.type.put(pen.target, words, place, pen.size(17), colour)
            wide = self._width(pen, choice)
            spots.groups.append((pygame.Rect(left, pen.y, wide, high), group))
            left += wide + pen.line(12)
        pen.skip(LINE)


def choices(counts: list[int], view: View) -> list[Choice]:
    """Return what can be chosen: groups where there are several, and the selection's own."""
    there = [group for group, count in enumerate(counts) if count]
    result = [
        (group, f"{GROUPS[group]} {counts[group]:,}", group not in view.events_hidden)
        for group in there
        if len(there) > 1 or group in view.events_hidden
    ]
    if view.selection.kind:
        what = "these robots" if view.selection.others else f"this {view.selection.kind}"
        result.append((OWN, f"only of {what}", view.events_own))
    return result
