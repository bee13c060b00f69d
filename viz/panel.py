"""The panel beside the picture: what day and time it is, key figures, legend, selection, news."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import TourState
from routing.floor.grid import REJECT
from viz.colours import (
    CITY_CHUTE,
    CITY_DONE,
    CITY_FAILED,
    CITY_FLOOR,
    CITY_OUT,
    CITY_WAITS,
    Palette,
    mix,
)
from viz.event_list import EventList
from viz.facts import Facts, Spots, fitting
from viz.figures import Figures
from viz.frame import NOT_PLANNED, Frame, Scene
from viz.gone import gone_tours
from viz.legend import Legend
from viz.pen import Pen
from viz.stops import stop_mark
from viz.text import Type
from viz.view import BOTH, CITY, FLOOR, Layout, View
from viz.words import status_line, time_text

PARCEL_LINES, BRIEF_LINES, HEADINGS = 6, 2, 4  # of the panel: parcels, and two headings
HEAT_LINES = 3  # what a heat map's colours mean
SHORT = 26  # lines of a panel below which its head is in two of them, and events have fewer
STORY_LINES, STORY_KEEPS = 9, 14  # lines of a story after which so many are left to others
# Where parcels are, in the order of the bar.
PARCEL_PLACES = (
    ("delivered", "delivered", CITY_DONE),
    ("out", "with couriers", CITY_OUT),
    ("in_chute", "in chutes", CITY_CHUTE),
    ("on_robot", "on robots", CITY_FLOOR),
    ("at_station", "at stations", CITY_WAITS),
    ("aside", "failed or set aside", CITY_FAILED),
)


class Panel:
    """Draws the panel, from top to bottom."""

    def __init__(self, palette: Palette, type_: Type) -> None:
        self.palette, self.type = palette, type_
        self._legend, self._figures = Legend(palette), Figures()
        self._events = EventList(palette)
        self._marks: dict[tuple[int, int], pygame.Surface] = {}

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
        area = pygame.Rect(layout.panel)
        target.fill(self.palette.ground, area)
        pygame.draw.line(target, self.palette.edge, area.topleft, area.bottomleft)
        pen, spots = Pen(target, layout, self.palette, self.type, bottom), Spots()
        short = pen.lines < SHORT
        self._head(pen, scene, frame, view, facts, short=short)
        told = facts.alarms if facts.happened else None
        if told is not None:  # however much else there is to say, what went wrong last is seen
            brief = short and bool(facts.story)
            self._events.keep_room(pen, scene, told, facts.happened, view, brief=brief)
        if not frame.counts and not len(frame.cells) and facts.timed:
            pen.skip(8)
            _write_sizes(pen, scene)
        if facts.story:  # what was asked for comes first
            self._story(pen, facts, spots)
        if scene.has_city and frame.counts:
            # Robots in trouble go before parcels; on a floor alone, all states before their places.
            others = HEADINGS + (HEAT_LINES if view.heat else 0)
            least = self._legend.least(frame, every=view.shown == FLOOR) + others
            more = sum(bool(frame.counts.get(name)) for name in ("aside", "to come"))
            brief = not pen.room(least + PARCEL_LINES + more)
            least = self._legend.least(frame, every=False) + others
            if not brief or pen.room(least + BRIEF_LINES):
                self._parcels(pen, frame, brief=brief)
        if scene.floor is not None:
            self._legend.write_overlay(pen, view)
        headed = not facts.story
        if scene.floor is not None and len(frame.cells):
            kept = HEAT_LINES * pen.line() if view.heat else 0
            pen.bottom -= kept
            headed = self._legend.write(pen, scene, frame, view, spots)
            pen.bottom += kept
            if view.heat:
                self._legend.write_heat(pen, view, facts.heat_top, league=scene.league is not None)
            if headed:
                # A line of the city's tours goes before the last of the figures.
                kept = pen.line() if scene.has_city and view.shown in (CITY, BOTH) else 0
                pen.bottom -= kept
                self._figures.write(pen, scene, frame, view, facts.curves)
                pen.bottom += kept
        if scene.has_city and view.shown in (CITY, BOTH) and frame.counts:
            self._city(pen, scene, frame, headed=headed)
        if told is not None:
            pen.bottom = bottom
            self._events.write(pen, scene, told[: facts.happened], view, spots)
        return spots

    def _head(
        self, pen: Pen, scene: Scene, frame: Frame, view: View, facts: Facts, *, short: bool
    ) -> None:
        """Write name, state and time; of a short panel in two lines, the time beside the name."""
        palette = self.palette
        status = status_line(view, facts.state, timed=facts.timed, ended=facts.ended)
        colour = palette.fault if facts.state == "lost" else palette.label
        time, tick = time_text(scene, frame.time), f"tick {frame.tick:,}"
        if short and facts.timed:
            pen.pair(scene.name, time, 27, palette.text, down=22)
            pen.pair(status, "" if scene.league else tick, 18, colour, down=16)
            return
        pen.text(scene.name, 27, down=25)
        pen.text(status, 18, colour, down=24)
        if not facts.timed:
            _write_sizes(pen, scene)
            return
        if not scene.league:
            place = pen.right, pen.y + pen.line(13)
            self.type.put(pen.target, tick, place, pen.size(18), palette.label, align="right")
        pen.text(time, 40, down=32)

    def _parcels(self, pen: Pen, frame: Frame, *, brief: bool) -> None:
        """Draw the bar of where parcels are, and its lines; the first alone where room is short."""
        counts, palette = frame.counts, self.palette
        total = max(counts["accepted"], 1)
        if not pen.heading("Parcels") or not pen.room(1):
            return
        colours = {
            CITY_DONE: mix(palette.empty, palette.ground, 0.45),
            CITY_OUT: palette.empty,
            CITY_CHUTE: mix(palette.loaded, palette.ground, 0.4),
            CITY_FLOOR: palette.loaded,
            CITY_WAITS: mix(palette.label, palette.ground, 0.35),
            CITY_FAILED: palette.fault,
        }
        bar = pygame.Rect(pen.left, pen.y, pen.width, pen.line(10))
        pen.target.fill(palette.raised, bar)
        x = float(bar.left)
        for name, _, group in PARCEL_PLACES:
            wide = counts.get(name, 0) / total * bar.width
            if counts.get(name, 0):
                part = round(x), bar.top, max(1, round(x + wide) - round(x)), bar.height
                pen.target.fill(colours[group], bar.clip(part))
            x += wide
        pen.skip(17)
        for name, words, group in PARCEL_PLACES[:1] if brief else PARCEL_PLACES:
            if name == "aside" and not counts.get(name):
                continue
            value = f"{counts.get(name, 0):,}"
            if name == "delivered":
                value += f" / {total:,}"
            pen.row(words, value, mark=self._mark(group, pen.line(9)))
        if counts.get("to come") and not brief:
            pen.row("to come", f"{counts['to come']:,}")

    def _mark(self, group: int, size: int) -> pygame.Surface:
        if (group, size) not in self._marks:
            self._marks[group, size] = stop_mark(self.palette, group, size)
        return self._marks[group, size]

    def _city(self, pen: Pen, scene: Scene, frame: Frame, *, headed: bool) -> None:
        if pen.room(4):  # else its lines speak for themselves
            pen.heading("City")
        elif not headed:  # but a story they would seem to be a part of
            return
        out, back = (int((frame.tour_state == s).sum()) for s in (TourState.OUT, TourState.DONE))
        states = frame.tour_state
        gone = gone_tours(scene.tours, states, frame.parcel_state, frame.time)
        planned = (states != NOT_PLANNED) & ~gone
        total = int(planned.sum())
        if out or not back:
            pen.row("tours out", f"{out:,} / {total:,}")
        if back:
            pen.row("tours back", f"{back:,} / {total:,}")

    def _story(self, pen: Pen, facts: Facts, spots: Spots) -> None:
        """Write what there is to tell of what is selected; what leads on is in another colour."""
        if not pen.heading(facts.story_title):
            return
        # A long story leaves room for the rest of the panel.
        most = max(min(pen.lines, STORY_LINES + 1), pen.lines - STORY_KEEPS)
        lines, left = fitting(facts.story, most)
        for line in lines:
            leads = line.to is not None or line.at is not None
            colour = self.palette.accent if leads else self.palette.text
            colour = self.palette.fault if line.late else colour
            if line.label:
                where = pen.row(line.label, line.value, colour=colour)
            else:
                where = pen.sentence(line.value, colour)
            if leads and where is not None:
                spots.story.append((where, line))
        if left and pen.room(1):
            pen.sentence(f"and {left:,} more")


def _write_sizes(pen: Pen, scene: Scene) -> None:
    """Write how large floor and city are."""
    floor, palette = scene.floor, pen.palette
    if floor is not None:
        names = ("emitters", "service points") if scene.league else ("stations", "chutes")
        pen.row("cells", f"{floor.width} × {floor.height}")
        for name, count, colour in (
            ("free", int(floor.free.sum()), palette.floor),
            ("blocked", int((~floor.free).sum()), palette.block),
            (names[0], len(floor.stations), palette.station),
            (names[1], len(floor.chutes), palette.chute),
            ("reject chutes", int((floor.letters == ord(REJECT)).sum()), palette.reject),
            ("chargers", len(floor.chargers), palette.charger),
        ):
            if not count and colour not in (palette.floor, palette.block):  # it knows of none
                continue
            mark = pygame.Surface((pen.line(13), pen.line(13)))
            mark.fill(colour)
            pygame.draw.rect(mark, palette.edge, mark.get_rect(), 1)
            pen.row(name, f"{count:,}", mark=mark)
    if scene.has_city and scene.parcels is not None:
        pen.row("stops", f"{len(scene.parcels):,}")
        if len(scene.tours):
            pen.row("tours", f"{len(scene.tours):,}")
        total = float(np.nansum(scene.tours.distance)) if len(scene.tours) else 0.0
        if total:
            pen.row("distance, not rounded", f"{total:,.0f}")
