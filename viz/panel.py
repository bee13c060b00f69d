"""The panel beside the picture: what day and time it is, key figures, legend, selection, news."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus, TourState
from viz.alarms import GRAVE
from viz.city_view import stop_mark
from viz.colours import (
    CATEGORIES,
    CITY_CHUTE,
    CITY_DONE,
    CITY_FAILED,
    CITY_FLOOR,
    CITY_GROUP_OF,
    CITY_OUT,
    CITY_WAITS,
    DROPPING,
    EMPTY,
    LOADED,
    LOADING,
    WAITING,
    Palette,
    categories,
    mix,
)
from viz.facts import Facts, Spots
from viz.frame import Curves, Frame, Scene
from viz.league_errands import STAGES
from viz.small_curve import draw_small_curve
from viz.sprites import swatch
from viz.text import Type
from viz.view import BOTH, CITY, FLOOR, Layout, View
from viz.words import alarm_text, clock_text, status_line

RATE_SECONDS = 60.0  # window of figures per hour
EVENT_HEADING, EVENTS_SURE = 40, 4  # design pixels; events for which room is kept
PARCEL_LINES, HEADING_LINES = 6, 4  # of the panel
CURVE_SECONDS, CURVE_POINTS = 600.0, 40  # of the curves beside the figures
LEGEND_STATUS = (
    RobotStatus.IDLE,
    RobotStatus.EMPTY,
    RobotStatus.LOADING,
    RobotStatus.LOADED,
    RobotStatus.DROPPING,
    RobotStatus.EMPTY | RobotStatus.WAITING,
    RobotStatus.FAULT,
    RobotStatus.EMPTY | RobotStatus.SILENT,
    RobotStatus.EMPTY | RobotStatus.PAUSED,
    RobotStatus.EMPTY | RobotStatus.OUT,
    RobotStatus.CHARGING,
)


class Panel:
    """Draws the panel; its pen moves from top to bottom."""

    def __init__(self, palette: Palette, type_: Type) -> None:
        self.palette, self.type = palette, type_
        self._swatches: dict[tuple[str, int, int], pygame.Surface] = {}

    def draw(
        self,
        target: pygame.Surface,
        layout: Layout,
        scene: Scene,
        frame: Frame,
        view: View,
        facts: Facts,
        *,
        bottom: int,
    ) -> Spots:
        """Draw everything down to `bottom`; return what can be clicked."""
        palette = self.palette
        area = pygame.Rect(layout.panel)
        target.fill(palette.ground, area)
        pygame.draw.line(target, palette.edge, area.topleft, area.bottomleft)
        spots = Spots()
        margin = layout.px(16)
        self._target, self._layout = target, layout
        self._left, self._right = area.left + margin, area.right - margin
        self._y, self._bottom = area.top + layout.px(14), bottom
        self._head(scene, frame, view, facts)
        told = 0 if facts.alarms is None else len(facts.alarms)
        if told:  # however much else there is to say, what went wrong last is seen
            self._bottom -= self._line(EVENT_HEADING) + min(told, EVENTS_SURE) * self._line(18)
        if not frame.counts and not len(frame.cells) and facts.timed:
            self._y += self._line(8)
            self._size_of_scene(scene)
        if facts.story:  # what was asked for comes first
            self._story(facts)
        if scene.has_city and frame.counts:
            kinds = len(np.unique(categories(frame.status)))
            brief = view.shown == FLOOR and not self._room(kinds + PARCEL_LINES + HEADING_LINES)
            self._parcels(scene, frame, brief=brief)
        if scene.floor is not None and len(frame.cells):
            self._floor(scene, frame, view, facts, spots)
        if scene.has_city and view.shown in (CITY, BOTH):
            self._city(scene, frame)
        if told:
            self._bottom = bottom
            self._events(scene, view, facts, spots)
        return spots

    # -- the pen

    def _size(self, design: float) -> int:
        return max(13, round(design * self._layout.unit))

    def _line(self, design: float = 20) -> int:
        return self._layout.px(design)

    def _room(self, lines: int) -> bool:
        return self._y + lines * self._line() <= self._bottom

    def _row(self, label: str, value: str, *, curve: np.ndarray | None = None) -> None:
        if not self._room(1):
            return
        size = self._size(19)
        palette = self.palette
        shown = self.type.put(
            self._target, value, (self._right, self._y), size, palette.text, align="right"
        )
        width = max(10, shown.left - self._left - 6)
        place = (self._left, self._y)
        named = self.type.put(self._target, label, place, size, palette.label, width=width)
        if curve is not None:
            right = self._right - self._layout.px(62)
            right = min(right, shown.left - 8)
            width = min(self._layout.px(64), right - named.right - 8)
            box = pygame.Rect(right - width, self._y + self._line(1), width, self._line(13))
            draw_small_curve(self._target, box, curve, palette.accent)
        self._y += self._line()

    def _heading(self, text: str) -> None:
        if not self._room(3):
            self._y = self._bottom
            return
        self._y += self._line(8)
        pygame.draw.line(
            self._target, self.palette.edge, (self._left, self._y), (self._right, self._y)
        )
        self._y += self._line(9)
        self.type.put(
            self._target,
            text,
            (self._left, self._y),
            self._size(20),
            self.palette.text,
            width=self._right - self._left,
        )
        self._y += self._line(22)

    # -- parts

    def _head(self, scene: Scene, frame: Frame, view: View, facts: Facts) -> None:
        palette, target = self.palette, self._target
        self.type.put(
            target,
            scene.name,
            (self._left, self._y),
            self._size(27),
            palette.text,
            width=self._right - self._left,
        )
        self._y += self._line(25)
        self.type.put(
            target,
            status_line(view, facts.state, timed=facts.timed, ended=facts.ended),
            (self._left, self._y),
            self._size(18),
            palette.fault if facts.state == "lost" else palette.label,
            width=self._right - self._left,
        )
        self._y += self._line(24)
        if not facts.timed:
            self._size_of_scene(scene)
            return
        clock = clock_text(frame.time * scene.tick_seconds)
        if scene.league:
            clock = f"step {frame.tick:,}"
        self.type.put(target, clock, (self._left, self._y), self._size(40), palette.text)
        if not scene.league:
            self.type.put(
                target,
                f"tick {frame.tick:,}",
                (self._right, self._y + self._line(13)),
                self._size(18),
                palette.label,
                align="right",
            )
        self._y += self._line(32)

    def _size_of_scene(self, scene: Scene) -> None:
        floor = scene.floor
        if floor is not None:
            self._row("cells", f"{floor.width} × {floor.height}")
            self._row("free", f"{int(floor.free.sum()):,}")
            self._row("stations", f"{len(floor.stations):,}")
            self._row("chutes", f"{len(floor.chutes):,}")
            self._row("chargers", f"{len(floor.chargers):,}")
        if scene.has_city and scene.parcels is not None:
            self._row("stops", f"{len(scene.parcels):,}")
            self._row("tours", f"{len(scene.tours):,}")
            total = float(np.nansum(scene.tours.distance)) if len(scene.tours) else 0.0
            if total:
                self._row("distance", f"{total:,.0f}")

    def _parcels(self, scene: Scene, frame: Frame, *, brief: bool) -> None:
        """Draw the bar of where parcels are, and its lines; the first alone where room is short."""
        counts = frame.counts
        total = max(counts["accepted"], 1)
        self._heading("Parcels")
        palette = self.palette
        parts = (
            ("delivered", mix(palette.empty, palette.ground, 0.45), CITY_DONE),
            ("out", palette.empty, CITY_OUT),
            ("in_chute", mix(palette.loaded, palette.ground, 0.4), CITY_CHUTE),
            ("on_robot", palette.loaded, CITY_FLOOR),
            ("at_station", mix(palette.label, palette.ground, 0.35), CITY_WAITS),
        )
        if not self._room(1):
            return
        bar = pygame.Rect(self._left, self._y, self._right - self._left, self._line(10))
        self._target.fill(palette.raised, bar)
        x = float(bar.left)
        for name, colour, _ in parts:
            wide = counts.get(name, 0) / total * bar.width
            if counts.get(name, 0):
                self._target.fill(
                    colour, (round(x), bar.top, max(1, round(x + wide) - round(x)), bar.height)
                )
            x += wide
        self._y += self._line(17)
        names = {
            "delivered": "delivered",
            "out": "with couriers",
            "in_chute": "in chutes",
            "on_robot": "on robots",
            "at_station": "at stations",
        }
        size = self._line(9)
        for name, _, group in parts[:1] if brief else parts:
            if not self._room(1):
                return
            mark = stop_mark(palette, group, size)
            self._target.blit(mark, (self._left, self._y + self._line(1)))
            left = self._left
            self._left += size + self._line(8)
            value = f"{counts.get(name, 0):,}"
            if name == "delivered":
                value += f" / {total:,}"
            self._row(names[name], value)
            self._left = left
        if counts.get("aside"):
            self._row("set aside", f"{counts['aside']:,}")

    def _floor(self, scene: Scene, frame: Frame, view: View, facts: Facts, spots: Spots) -> None:
        total, kinds = len(frame.cells), categories(frame.status)
        counted = kinds
        heading = f"Robots  {total:,}"
        if view.robots is not None:
            first, last = view.robots[0], min(view.robots[1], total - 1)
            counted = kinds[first : last + 1]
            heading = f"Robots {first} to {last} of {total:,}" if first <= last else "No robots"
        self._heading(heading)
        count = np.bincount(counted, minlength=len(CATEGORIES))
        size = self._line(15)
        for kind, name in enumerate(CATEGORIES):
            rare = kind > WAITING or (scene.league and kind in (LOADING, LOADED, DROPPING))
            if not count[kind] and rare and kind not in view.hidden:
                continue
            if scene.league and kind == EMPTY:
                name = "on an errand"
            if not self._room(1):
                return
            picture = self._swatch(LEGEND_STATUS[kind], size)
            if kind in view.hidden:
                picture = picture.copy()
                picture.set_alpha(70)
            top = self._y
            self._target.blit(picture, (self._left, self._y - self._line(1)))
            left = self._left
            self._left += size + self._line(8)
            self._row(name + (" (hidden)" if kind in view.hidden else ""), f"{count[kind]:,}")
            self._left = left
            spots.legend.append((pygame.Rect(left, top, self._right - left, self._y - top), kind))
        self._y += self._line(4)
        if view.heat:
            self._heat_key(view)
        self._figures(scene, frame, facts, waiting=float((kinds == WAITING).mean()))

    def _figures(self, scene: Scene, frame: Frame, facts: Facts, *, waiting: float) -> None:
        """Write rates and times, each with its curve over the last minutes."""
        curves = facts.curves
        if curves is None or len(curves.ticks) < 2:
            return
        window = RATE_SECONDS / scene.tick_seconds
        rate = curves.rate("sorted", frame.time, window)
        if scene.league:
            done = int(np.searchsorted(curves.ticks, frame.time, side="right")) - 1
            self._row("tasks finished", f"{int(curves.sorted[max(done, 0)]):,}")
            if len(frame.errands):
                stages = np.bincount(frame.errands[:, 1], minlength=len(STAGES))
                value = ", ".join(f"{count:,}" for count in stages.tolist())
                self._row("errands " + ", ".join(STAGES), value)
            self._row(
                "tasks per step", f"{rate:.2f}", curve=self._curve(curves, "sorted", scene, frame)
            )
        else:
            per_hour = rate * 3600 / scene.tick_seconds
            curve = self._curve(curves, "sorted", scene, frame)
            self._row("sorted per hour", f"{per_hour:,.0f}", curve=curve)
        curve = self._curve(curves, "waiting", scene, frame)
        self._row("waiting", f"{100 * waiting:.0f} %", curve=curve)
        took = curves.took(frame.time, CURVE_SECONDS / scene.tick_seconds)
        if not np.isnan(took):
            self._row("station to chute, 95 %", clock_text(took * scene.tick_seconds))
        planner = curves.median("planner_ms", frame.time, window)
        if not np.isnan(planner):
            curve = self._curve(curves, "planner_ms", scene, frame)
            self._row("planner", f"{planner:.1f} ms", curve=curve)

    def _curve(self, curves: Curves, name: str, scene: Scene, frame: Frame) -> np.ndarray:
        window = min(CURVE_SECONDS / scene.tick_seconds, frame.time - float(curves.ticks[0]) + 1)
        return curves.recent(name, frame.time, window, CURVE_POINTS)

    def _heat_key(self, view: View) -> None:
        """Draw the heat map's colours from few to many."""
        if not self._room(2):
            return
        self._y += self._line(4)
        span = "whole run so far" if view.heat_window == "all" else "last 5 minutes"
        self._row(f"heat: {view.heat}", span)
        bar = pygame.Rect(self._left, self._y, self._right - self._left, self._line(8))
        ramp = pygame.Surface((len(self.palette.heat), 1))
        for k, colour in enumerate(self.palette.heat):
            ramp.set_at((k, 0), colour)
        self._target.blit(pygame.transform.smoothscale(ramp, bar.size), bar)
        self._y += self._line(14)

    def _city(self, scene: Scene, frame: Frame) -> None:
        if not self._room(4) or not frame.counts:
            return
        self._heading("City")
        failed = int((CITY_GROUP_OF[frame.parcel_state] == CITY_FAILED).sum())
        if failed and self._room(1):
            size = self._line(9)
            mark = stop_mark(self.palette, CITY_FAILED, size)
            self._target.blit(mark, (self._left, self._y + self._line(1)))
            left = self._left
            self._left += size + self._line(8)
            self._row("failed or set aside", f"{failed:,}")
            self._left = left
        for state, name in ((TourState.OUT, "tours out"), (TourState.DONE, "tours back")):
            value = int((frame.tour_state == state).sum())
            if value or state == TourState.OUT:
                self._row(name, f"{value:,} / {len(scene.tours):,}")

    def _story(self, facts: Facts) -> None:
        self._heading(facts.story_title)
        for label, value in facts.story:
            if not self._room(1):
                return
            if label:
                self._row(label, value)
                continue
            for line in self.type.wrap(value, self._size(18), self._right - self._left):
                self.type.put(
                    self._target, line, (self._left, self._y), self._size(18), self.palette.text
                )
                self._y += self._line(18)

    def _events(self, scene: Scene, view: View, facts: Facts, spots: Spots) -> None:
        alarms = facts.alarms
        assert alarms is not None
        self._heading(f"Events  {len(alarms):,}")
        palette = self.palette
        rows = np.arange(len(alarms))[::-1][view.scroll :]
        for row in rows.tolist():
            if not self._room(1):
                return
            alarm = alarms[row]
            top = self._y
            grave = int(alarm["kind"]) in GRAVE
            time = clock_text(float(alarm["tick"]) * scene.tick_seconds)
            self.type.put(self._target, time, (self._left, self._y), self._size(17), palette.label)
            self.type.put(
                self._target,
                ("! " if grave else "") + alarm_text(scene, alarm),
                (self._left + self._line(62), self._y),
                self._size(17),
                palette.fault if grave else palette.text,
                width=self._right - self._left - self._line(62),
            )
            self._y += self._line(18)
            spots.events.append(
                (pygame.Rect(self._left, top, self._right - self._left, self._y - top), row)
            )

    def _swatch(self, status: int, size: int) -> pygame.Surface:
        key = (self.palette.name, int(status), size)
        if key not in self._swatches:
            self._swatches[key] = swatch(size, self.palette, int(status))
        return self._swatches[key]
