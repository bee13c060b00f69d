"""Key figures of a moment: rates and times, each with its curve over the last minutes."""

from __future__ import annotations

import numpy as np
import pygame

from viz.colours import WAITING, categories
from viz.frame import Curves, Frame, Scene
from viz.goals import errand_mark
from viz.league.errands import STAGE, STAGES
from viz.pen import Pen
from viz.view import View
from viz.words import clock_text

RATE_SECONDS = 60.0  # window of rates
CURVE_SECONDS, CURVE_POINTS = 600.0, 40


class Figures:
    """Writes the figures; keeps the curves that cost most to work out."""

    def __init__(self) -> None:
        self._took: dict[str, tuple[object, np.ndarray]] = {}

    def write(
        self, pen: Pen, scene: Scene, frame: Frame, view: View, curves: Curves | None
    ) -> None:
        """Write a row for each figure that is known."""
        if curves is None or len(curves.ticks) < 2:
            return
        time, seconds = frame.time, scene.tick_seconds
        window = min(CURVE_SECONDS / seconds, time - float(curves.ticks[0]) + 1)

        def curve(name: str) -> np.ndarray:
            return curves.recent(name, time, window, CURVE_POINTS)

        if scene.league:
            _write_tasks(pen, frame, view, curves)
            rate = curves.rate("sorted", time, RATE_SECONDS / seconds)
            pen.row("tasks per step", f"{rate:.2f}", curve=curve("sorted"))
        else:
            # Once the floor is done, what couriers do is the news.
            done = not curve("sorted").any() and curve("delivered").any()
            name = "delivered" if done else "sorted"
            _write_rate(pen, curves, name, curve(name), time, seconds)
        self._write_took(pen, curves, "to_door", time, window, seconds)
        waiting = float((categories(frame.status) == WAITING).mean())
        pen.row("waiting", f"{100 * waiting:.0f} %", curve=curve("waiting"))
        self._write_took(pen, curves, "to_chute", time, window, seconds)
        planner = curves.median("planner_ms", time, RATE_SECONDS / seconds)
        if not np.isnan(planner):
            pen.row("planner", f"{planner:.1f} ms", curve=curve("planner_ms"))

    def _write_took(
        self, pen: Pen, curves: Curves, name: str, time: float, window: float, seconds: float
    ) -> None:
        """Write within which time parcels came to their chute or door, where any did."""
        took = curves.took(name, time, CURVE_SECONDS / seconds)
        if not np.isnan(took):
            line = self._took_curve(curves, name, time, window, seconds)
            pen.row(f"{name.replace('_', ' ')}, 95 %", clock_text(took * seconds), curve=line)

    def _took_curve(
        self, curves: Curves, name: str, time: float, window: float, seconds: float
    ) -> np.ndarray:
        key = int(time), len(getattr(curves, name)[0])
        if name not in self._took or self._took[name][0] != key:
            times = np.linspace(time - window, time, CURVE_POINTS + 1)[1:]
            values = [curves.took(name, t, RATE_SECONDS / seconds) for t in times.tolist()]
            self._took[name] = key, np.array(values)
        return self._took[name][1]


def _write_rate(
    pen: Pen, curves: Curves, name: str, curve: np.ndarray, time: float, seconds: float
) -> None:
    """Write how many parcels were sorted or delivered in the last minute.

    Who looks at a run that has gone on for long knows none until a minute has passed.
    """
    first, window = float(curves.ticks[0]), RATE_SECONDS / seconds
    known = first <= 0 or time - first >= window
    value = f"{curves.rate(name, time, window) * 60 / seconds:,.0f}" if known else "–"
    pen.row(f"{name} per minute", value, curve=curve)


def _write_tasks(pen: Pen, frame: Frame, view: View, curves: Curves) -> None:
    """Write how many tasks of a League result are finished, and how far errands are."""
    done = int(np.searchsorted(curves.ticks, frame.time, side="right")) - 1
    pen.row("tasks finished", f"{int(curves.sorted[max(done, 0)]):,}")
    if not len(frame.errands):
        return
    counts = np.bincount(frame.errands[:, STAGE], minlength=len(STAGES)).tolist()
    if not view.errands:
        pen.row("errands " + ", ".join(STAGES), ", ".join(f"{count:,}" for count in counts))
        return
    pen.row("errands shown", view.errands)
    for stage, count in enumerate(counts):
        square = errand_mark(pen.palette, stage, pen.line(20))
        mark = pygame.Surface((pen.line(10), pen.line(10)), pygame.SRCALPHA)
        mark.blit(square, square.get_rect(center=mark.get_rect().center))
        pen.row(STAGES[stage], f"{count:,}", mark=mark)
