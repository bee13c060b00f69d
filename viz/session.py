"""One viewer at work: what is shown, at what moment, and how time passes.

It knows no window, so that tests drive it with events alone.
"""

from __future__ import annotations

import time as clock

import numpy as np
import pygame

from fleet.events import Operation
from viz.alarms import concerned
from viz.city_view import selected
from viz.draw import Drawn, Picture
from viz.event_mark import EventMark
from viz.events import Listing
from viz.facts import Line
from viz.find import find
from viz.keys import press_key
from viz.look import FOLLOWED_TOUR, bring_all_near, bring_tour_near, whereabouts, why_not
from viz.mouse import Mouse
from viz.operating import Asking
from viz.places import spot
from viz.source import Source
from viz.view import (
    BOTH,
    CITY,
    FLOOR,
    FOUND_SCALE,
    VIEWS,
    Selection,
    View,
    aim,
    lay_out,
    next_speed,
)

FINDS = "17, a parcel, t7, c3, s1, cell 5, courier 2, 0:12:30 or tick 90"
CATCH_UP_SECONDS = 0.5  # over which a run that goes on is caught up with
JUMP_TICKS = 2000  # further behind than this is not caught up with but jumped
LIVE_DELAY_TICKS = 1.0  # a live picture is one tick late, so that moves can be drawn between ticks


class Session:
    """One viewer at work: source, view, and the moment shown."""

    def __init__(self, source: Source, view: View, unit: float = 1.0) -> None:
        self.source, self.view = source, view
        self.picture = Picture(source, unit)
        self.at_head = source.under_way  # what goes on is followed at its newest tick
        self.time = float(source.span()[1 if self.at_head else 0])
        self.quit = False
        self.typing: str | None = None  # what was typed after "/"
        self.asking: Asking | None = None  # what an operator is asked
        self.said = ""  # an answer that stays until the next key or click
        self.drawn: Drawn | None = None
        self.mouse = Mouse(self)
        self._listing, self._mark = Listing(), EventMark()
        self._got: list[tuple[float, float]] = []
        if source.under_way:
            view.paused = False

    # -- time

    def advance(self, seconds: float) -> None:
        """Let real time pass."""
        floor = self.source.scene.floor
        self.source.refresh(clock.monotonic())
        if self.source.scene.floor is not floor:
            self._begin_anew()
        if self.source.live:  # its speed is the run's, whoever has asked for that
            self.view.speed = getattr(self.source, "speed", lambda: 1.0)() or self.view.speed
        first, last = self.source.span()
        self.at_head &= self.source.under_way
        step = self.view.speed * seconds / self.source.scene.tick_seconds
        if not self.view.paused and self.mouse.grabbed != "timeline":
            if self.at_head:
                # Catch up smoothly with ticks that come in bursts, never beyond the newest.
                behind = last - LIVE_DELAY_TICKS - self.time
                ahead = step * (1 + 0.1 * behind)
                if not self.source.live:  # it runs at a speed of its own
                    ahead = behind * min(1.0, seconds / CATCH_UP_SECONDS)
                if abs(behind) > (40 if self.source.live else JUMP_TICKS):
                    ahead = behind
                self.time = min(max(self.time + max(ahead, 0.0), first), float(last))
            else:
                self.time += step
                if self.time >= last:
                    self.time = float(last)
                    self.at_head = self.source.under_way
        self.time = min(max(self.time, first), last)
        self.view.following = self.at_head and not self.source.live
        self._measure()
        self._note()

    def _begin_anew(self) -> None:
        """Look at another run at all of it: cells, robots and parcels are others."""
        self.picture = Picture(self.source, self.picture.unit)
        view = self.view
        view.selection, view.follow, view.scroll = Selection(), False, 0
        view.floor_camera = view.city_camera = None
        self.asking, self.drawn, self.at_head = None, None, True
        self._listing, self._mark = Listing(), EventMark()
        self._got.clear()

    def _measure(self) -> None:
        """Keep the speed that was reached over the last second."""
        now = clock.monotonic()
        self._got.append((now, self.time))
        while len(self._got) > 2 and now - self._got[0][0] > 1.0:
            self._got.pop(0)
        real = now - self._got[0][0]
        gone = self.time - self._got[0][1]
        if real > 0.5 and not self.view.paused:
            self.view.got = gone * self.source.scene.tick_seconds / real
        else:
            self.view.got = float("nan")

    def _note(self) -> None:
        view = self.view
        if self.typing is not None:
            view.note = f"find {FINDS}: {self.typing}_"
        elif self.asking is not None:
            view.note = self.asking.text()
        else:
            view.note = self.source.notice() or self.said
            if not view.note and self.drawn is not None and self.drawn.frame.floor_paused:
                view.note = "an operator has paused the floor"

    def go_to(self, time: float) -> None:
        """Show another moment."""
        first, last = self.source.span()
        self.time = min(max(time, first), last)
        self.at_head = self.source.under_way and self.time >= last
        self._got.clear()

    def draw(self, target: pygame.Surface) -> None:
        """Draw the moment."""
        self.drawn = self.picture.draw(target, self.time, self.view)

    # -- events

    def handle(self, event: pygame.event.Event) -> None:
        """Take in one event of a window; whatever comes, nothing is raised."""
        kind = event.type
        if kind in (pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN):
            self.said = ""
        if kind == pygame.QUIT:
            self.quit = True
        elif kind == pygame.KEYDOWN:
            self._key(event)
        else:
            self.mouse.handle(event)

    def _key(self, event: pygame.event.Event) -> None:
        if self.typing is not None:
            self._type(event)
        elif self.asking is not None:
            self._answer(event)
        else:
            press_key(self, event)

    def _answer(self, event: pygame.event.Event) -> None:
        """Choose, confirm or drop what an operator is asked."""
        assert self.asking is not None
        stands, request = self.asking.take(getattr(event, "unicode", "").lower())
        if request is not None:
            self.source.operate(request)
        if not stands:
            self.asking = None

    def _type(self, event: pygame.event.Event) -> None:
        """Edit what is looked for; Return finds it."""
        assert self.typing is not None
        if event.key == pygame.K_ESCAPE:
            self.typing = None
        elif event.key == pygame.K_BACKSPACE:
            self.typing = self.typing[:-1]
        elif event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            text, self.typing = self.typing, None
            if text.strip() and not self.find(text):
                self.said = f"nothing here is called {text.strip()}"
        elif getattr(event, "unicode", "") and event.unicode.isprintable():
            self.typing = (self.typing + event.unicode)[:60]

    def find(self, text: str) -> bool:
        """Select what a text names and bring it into view, or go to a time: 0:12:30, tick 90.

        Tell whether there is such a thing.
        """
        time = time_of(text, self.source.scene.tick_seconds)
        if time is not None:
            self.pause(True)
            self.go_to(time)
            return True
        found = find(self.source.scene, self.source.frame(self.time), text)
        if found.kind:
            self.select(found)
        return bool(found.kind)

    def select(self, selection: Selection) -> None:
        """Select something and bring it to the middle of its picture."""
        self.view.selection = selection
        view, scene = self.view, self.source.scene
        on_floor = selection.kind in ("robot", "cell", "station", "chute", "task")
        if on_floor and view.shown == "city":
            view.shown = "floor"
        elif selection.kind in ("tour", "parcel") and view.shown == "floor" and scene.has_city:
            view.shown = "both"
        self._aim()
        frame = self.source.frame(self.time)
        place = spot(scene, frame, view)
        if len(selection.robots) > 1 and view.floor_camera is not None:
            bring_all_near(view.floor_camera, scene, frame, selection.robots)
        elif on_floor and place is not None and view.floor_camera is not None:
            view.floor_camera.centre(place[0] + 0.5, place[1] + 0.5, FOUND_SCALE)
        if selection.kind in ("tour", "parcel") and view.city_camera is not None:
            bring_tour_near(view.city_camera, scene, *selected(scene, frame, view))

    def _aim(self) -> None:
        """Make cameras of what was not shown so far."""
        if self.drawn is not None:
            scene, view, before = self.source.scene, self.view, self.drawn.layout
            timed = bool(before.timeline[3])
            aim(
                view, scene, lay_out(before.size, scene, view.shown, self.picture.unit, timed=timed)
            )

    def follow(self, on: bool) -> None:
        """Go with what is selected, on the picture where it is, or say why that cannot be."""
        view, scene = self.view, self.source.scene
        view.follow = False
        if not on:
            return
        place = whereabouts(scene, self.source.frame(self.time), view)
        if place is None:
            self.said = why_not(view.selection)
            return
        if view.shown not in (place[0], BOTH):
            view.shown = FLOOR if place[0] == FLOOR else BOTH if scene.floor is not None else CITY
        self._aim()
        view.follow = True
        if place[0] == FLOOR and view.floor_camera is not None:
            view.floor_camera.scale = max(view.floor_camera.scale, FOUND_SCALE)
        elif place[0] == CITY and view.city_camera is not None:
            camera = view.city_camera
            camera.scale = max(camera.scale, FOLLOWED_TOUR * camera.fit_scale())

    def lead_on(self, line: Line) -> None:
        """Show what a line of a story is about: its moment, and what it names."""
        if line.at is not None:
            self.pause(True)
            self.go_to(line.at)
        if line.to is not None:
            self.select(line.to)

    def pause(self, paused: bool) -> None:
        """Stop or go on; a live picture stands while its run goes on, and then goes on with it."""
        self.view.paused = paused
        first, last = self.source.span()
        if not paused and self.source.live:
            self.go_to(last)
        elif not paused and not self.source.under_way and self.time >= last > first:
            self.time = float(first)
        self._got.clear()

    def change_speed(self, steps: int) -> None:
        """Go up or down the ladder of speeds; for a live run's an operator is asked."""
        speed = next_speed(self.view.speed, steps)
        if self.source.live:
            self.asking = Asking(chosen=Operation.SPEED, speed=speed)
        else:
            self.view.speed = speed
        self._got.clear()

    def next_view(self) -> None:
        """Show floor, city and both in turn."""
        scene = self.source.scene
        if scene.floor is None or not scene.has_city:
            return
        at = VIEWS.index(self.view.shown)
        self.view.shown = VIEWS[(at + 1) % len(VIEWS)]

    def fit(self) -> None:
        """Show the whole floor and the whole city."""
        self.view.follow = False
        for camera in (self.view.floor_camera, self.view.city_camera):
            if camera is not None:
                camera.fit()

    def next_event(self, sign: int) -> None:
        """Jump to the next or previous event that is listed, and show where it was."""
        alarms = self.source.alarms()
        listed = self._listing.look(self.source.scene, alarms, self.view)[0]
        found = self._mark.beside(alarms, listed, self.time, sign)
        if found is not None:
            self.jump(alarms[found[0]], found[1])

    def filter_events(self, group: int) -> None:
        """List a group of events or not; -1: only what concerns the selection, or all."""
        if group < 0:
            self.view.events_own = not self.view.events_own
        else:
            self.view.events_hidden ^= {group}
        self.view.scroll = 0

    def jump(self, alarm: np.void, rank: int = 0) -> None:
        """Show an event: its moment, and its robot, parcel, chute or cell in the middle.

        `rank`: which it is of several that are alike.
        """
        self.pause(True)
        self.go_to(float(alarm["tick"]))
        self._mark.put(alarm, self.time, rank)
        self.select(concerned(alarm))
        robot, frame = int(alarm["robot"]), self.source.frame(self.time)
        camera, floor = self.view.floor_camera, self.source.scene.floor
        if (
            self.view.selection.kind == "task"
            and 0 <= robot < len(frame.cells)
            and camera
            and floor
        ):
            row, column = divmod(int(frame.cells[robot]), floor.width)  # not where it goes next
            camera.centre(column + 0.5, row + 0.5)


def time_of(text: str, tick_seconds: float) -> float | None:
    """Return the tick that 0:12:30, 12:30, tick 90 or step 90 names; None: it is no time."""
    words = text.lower().split()
    if len(words) == 2 and words[0] in ("tick", "step") and _is_number(words[1]):
        return float(words[1])
    parts = text.strip().split(":")
    if len(parts) not in (2, 3) or not all(_is_number(part) for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds / tick_seconds


def _is_number(text: str) -> bool:
    return text.strip().isdecimal()
