"""One viewer at work: turns keys and mouse into changes of the view, and lets time pass.

It knows no window, so that tests drive it with events alone.
"""

from __future__ import annotations

import time as clock

import numpy as np
import pygame

from viz.colours import DARK, LIGHT
from viz.draw import Drawn, Picture
from viz.operating import Asking, asking
from viz.places import spot
from viz.source import Source
from viz.story import find, hit
from viz.timeline import button_rect, time_at
from viz.view import VIEWS, Selection, View

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
CLICK_PIXELS = 5  # a mouse that moved less has clicked
FOUND_SCALE = 18.0  # pixels per cell at which something found is shown
JUMP_SECONDS = 60.0
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
        self.drawn: Drawn | None = None
        self._grabbed = ""  # timeline, minimap, floor, city
        self._pressed = (0, 0)
        self._moved = False
        self._got: list[tuple[float, float]] = []
        if source.under_way:
            view.paused = False
        if source.live:
            view.speed = getattr(source, "speed", lambda: 1.0)() or view.speed

    # -- time

    def advance(self, seconds: float) -> None:
        """Let real time pass."""
        self.source.refresh(clock.monotonic())
        first, last = self.source.span()
        self.at_head &= self.source.under_way
        step = self.view.speed * seconds / self.source.scene.tick_seconds
        if not self.view.paused and self._grabbed != "timeline":
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
        self._measure()
        self._note()

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
            view.note = f"find robot, parcel, t7, c3, s1 or 0:12:30: {self.typing}_"
        elif self.asking is not None:
            view.note = self.asking.text()
        else:
            view.note = self.source.notice()
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
        if kind == pygame.QUIT:
            self.quit = True
        elif kind == pygame.KEYDOWN:
            self._key(event)
        elif kind == pygame.MOUSEBUTTONDOWN and event.button in (1, 2, 3):
            self._press(event.pos)
        elif kind == pygame.MOUSEBUTTONUP and event.button in (1, 2, 3):
            self._release(event.pos)
        elif kind == pygame.MOUSEMOTION:
            self.view.pointer = event.pos
            if self._grabbed:
                self._drag(event.pos, event.rel)
        elif kind == pygame.MOUSEWHEEL:
            self._wheel(getattr(event, "precise_y", event.y) or event.y)

    def _key(self, event: pygame.event.Event) -> None:
        if self.typing is not None:
            self._type(event)
            return
        if self.asking is not None:
            self._answer(event)
            return
        key, shift = event.key, bool(getattr(event, "mod", 0) & pygame.KMOD_SHIFT)
        text = getattr(event, "unicode", "")
        view = self.view
        minute = JUMP_SECONDS / self.source.scene.tick_seconds
        if text == "?" or key == pygame.K_F1:
            view.keys = not view.keys
        elif text == "/":
            self.typing = ""
        elif key == pygame.K_q:
            self.quit = True
        elif key == pygame.K_o and self.source.live and self.source.scene.floor is not None:
            self.asking = asking(self.source.scene.floor, view.selection)
        elif key == pygame.K_SPACE:
            self._pause(not view.paused)
        elif key in (pygame.K_LEFT, pygame.K_RIGHT):
            sign = -1 if key == pygame.K_LEFT else 1
            self._pause(True, ask=False)
            if shift:
                self.go_to(self.time + sign * minute)
            elif sign < 0:  # the same whole ticks both ways
                self.go_to(np.ceil(self.time) - 1)
            else:
                self.go_to(np.floor(self.time) + 1)
        elif key in (pygame.K_LEFTBRACKET, pygame.K_RIGHTBRACKET):
            self._speed(1 if key == pygame.K_RIGHTBRACKET else -1)
        elif key == pygame.K_TAB:
            self._next_view()
        elif key == pygame.K_HOME:
            self._fit()
        elif key == pygame.K_END:
            self.go_to(self.source.span()[1])
        elif key == pygame.K_ESCAPE:
            view.selection, view.follow, view.keys = Selection(), False, False
        elif key == pygame.K_f:
            view.follow = not view.follow and bool(view.selection.kind)
            if view.follow and view.floor_camera is not None:
                view.floor_camera.scale = max(view.floor_camera.scale, FOUND_SCALE)
        elif key == pygame.K_n:
            self._event(-1 if shift else 1)
        elif key == pygame.K_h:
            if shift:
                view.heat_window = "recent" if view.heat_window == "all" else "all"
            else:
                view.heat = {"": "visits", "visits": "waiting", "waiting": ""}[view.heat]
        elif key == pygame.K_p:
            view.paths, view.driven = view.paths ^ (not shift), view.driven ^ shift
        elif key == pygame.K_g:
            view.goals, view.grid = view.goals ^ (not shift), view.grid ^ shift
        elif key == pygame.K_i:
            view.numbers, view.names = view.numbers ^ (not shift), view.names ^ shift
        elif key == pygame.K_c:
            view.collided = not view.collided
        elif key == pygame.K_s:
            view.starts = not view.starts
        elif key == pygame.K_l:
            view.palette = LIGHT if view.palette.name == DARK.name else DARK
        elif key in (pygame.K_PLUS, pygame.K_EQUALS, pygame.K_KP_PLUS):
            self._zoom_middle(1)
        elif key in (pygame.K_MINUS, pygame.K_KP_MINUS):
            self._zoom_middle(-1)

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
            self.find(text)
        elif getattr(event, "unicode", "") and event.unicode.isprintable():
            self.typing = (self.typing + event.unicode)[:60]

    def find(self, text: str) -> bool:
        """Select what a text names and bring it into view, or go to a time such as 0:12:30.

        Tell whether there is such a thing.
        """
        parts = text.strip().split(":")
        if len(parts) in (2, 3) and all(part.strip().isdigit() for part in parts):
            seconds = 0
            for part in parts:
                seconds = seconds * 60 + int(part)
            self._pause(True, ask=False)
            self.go_to(seconds / self.source.scene.tick_seconds)
            return True
        frame = self.source.frame(self.time)
        found = find(self.source.scene, frame, text)
        if not found.kind:
            return False
        self.view.selection = found
        self._show(found)
        return True

    def _show(self, selection: Selection) -> None:
        """Bring what is selected to the middle of its picture."""
        view, scene = self.view, self.source.scene
        on_floor = selection.kind in ("robot", "cell", "station", "chute")
        if on_floor and view.shown == "city":
            view.shown = "floor"
        elif selection.kind in ("tour", "parcel") and view.shown == "floor" and scene.has_city:
            view.shown = "both"
        place = spot(scene, self.source.frame(self.time), view)
        if on_floor and place is not None and view.floor_camera is not None:
            view.floor_camera.centre(place[0] + 0.5, place[1] + 0.5, FOUND_SCALE)

    def _pause(self, paused: bool, *, ask: bool = True) -> None:
        self.view.paused = paused
        first, last = self.source.span()
        if not paused and not self.source.under_way and self.time >= last > first:
            self.time = float(first)
        if self.source.live and ask:
            self.source.set_speed(0.0 if paused else self.view.speed)
        self._got.clear()

    def _speed(self, steps: int) -> None:
        nearest = int(np.argmin([abs(np.log(s / self.view.speed)) for s in SPEEDS]))
        self.view.speed = SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)]
        if self.source.live and not self.view.paused:
            self.source.set_speed(self.view.speed)
        self._got.clear()

    def _next_view(self) -> None:
        scene = self.source.scene
        if scene.floor is None or not scene.has_city:
            return
        at = VIEWS.index(self.view.shown)
        self.view.shown = VIEWS[(at + 1) % len(VIEWS)]

    def _fit(self) -> None:
        self.view.follow = False
        for camera in (self.view.floor_camera, self.view.city_camera):
            if camera is not None:
                camera.fit()

    def _event(self, sign: int) -> None:
        """Jump to the next or previous event and show where it was."""
        alarms = self.source.alarms()
        if not len(alarms):
            return
        ticks = alarms["tick"]
        if sign > 0:
            row = int(np.searchsorted(ticks, np.floor(self.time), side="right"))
        else:
            row = int(np.searchsorted(ticks, np.floor(self.time), side="left")) - 1
        if 0 <= row < len(alarms):
            self.jump(alarms[row])

    def jump(self, alarm: np.void) -> None:
        """Show an event: its moment, its robot or parcel, in the middle."""
        self._pause(True, ask=False)
        self.go_to(float(alarm["tick"]))
        robot, parcel = int(alarm["robot"]), int(alarm["parcel"])
        if robot >= 0:
            self.view.selection = Selection("robot", robot)
        elif parcel >= 0:
            self.view.selection = Selection("parcel", parcel)
        self._show(self.view.selection)

    # -- mouse

    def _press(self, place: tuple[int, int]) -> None:
        drawn, view = self.drawn, self.view
        self._pressed, self._moved = place, False
        if drawn is None:
            return
        if drawn.track.width and button_rect(drawn.layout).inflate(14, 14).collidepoint(place):
            self._pause(not view.paused)
        elif drawn.track.width and drawn.track.inflate(0, 16).collidepoint(place):
            self._grabbed = "timeline"
            self.go_to(time_at(drawn.track, self.source.span(), place[0]))
        elif drawn.minimap is not None and drawn.minimap.collidepoint(place):
            self._grabbed = "minimap"
            self._look_at_minimap(place)
        elif pygame.Rect(drawn.layout.panel).collidepoint(place):
            self._press_panel(place)
        elif view.floor_camera is not None and pygame.Rect(drawn.layout.floor).collidepoint(place):
            self._grabbed = "floor"
        elif view.city_camera is not None and pygame.Rect(drawn.layout.city).collidepoint(place):
            self._grabbed = "city"

    def _press_panel(self, place: tuple[int, int]) -> None:
        drawn = self.drawn
        assert drawn is not None
        for rect, kind in drawn.spots.legend:
            if rect.collidepoint(place):
                self.view.hidden ^= {kind}
        alarms = self.source.alarms()
        for rect, row in drawn.spots.events:
            if rect.collidepoint(place) and row < len(alarms):
                self.jump(alarms[row])

    def _release(self, place: tuple[int, int]) -> None:
        if self._grabbed in ("floor", "city") and not self._moved and self.drawn is not None:
            self.view.selection = hit(
                self.source.scene, self.drawn.frame, self.view, place[0], place[1]
            )
            self.view.follow = self.view.follow and self.view.selection.kind == "robot"
        self._grabbed = ""

    def _drag(self, place: tuple[int, int], rel: tuple[int, int]) -> None:
        if max(abs(place[0] - self._pressed[0]), abs(place[1] - self._pressed[1])) > CLICK_PIXELS:
            if not self._moved and self._grabbed in ("floor", "city"):
                rel = place[0] - self._pressed[0], place[1] - self._pressed[1]
            self._moved = True
        view, drawn = self.view, self.drawn
        if drawn is None:
            return
        if self._grabbed == "timeline":
            self.go_to(time_at(drawn.track, self.source.span(), place[0]))
        elif self._grabbed == "minimap":
            self._look_at_minimap(place)
        elif self._moved and self._grabbed == "floor" and view.floor_camera is not None:
            view.follow = False
            view.floor_camera.pan(*rel)
        elif self._moved and self._grabbed == "city" and view.city_camera is not None:
            view.city_camera.pan(*rel)

    def _look_at_minimap(self, place: tuple[int, int]) -> None:
        drawn, floor, camera = self.drawn, self.source.scene.floor, self.view.floor_camera
        if drawn is None or drawn.minimap is None or floor is None or camera is None:
            return
        self.view.follow = False
        scale = floor.width / max(drawn.minimap.width, 1)
        camera.centre(
            (place[0] - drawn.minimap.left) * scale, (place[1] - drawn.minimap.top) * scale
        )

    def _wheel(self, notches: float) -> None:
        place = pygame.mouse.get_pos() if pygame.display.get_init() else self._pressed
        self.wheel(notches, place)

    def wheel(self, notches: float, place: tuple[int, int]) -> None:
        """Zoom the picture under the pointer, or scroll the list of events."""
        view, drawn = self.view, self.drawn
        if drawn is None:
            return
        if pygame.Rect(drawn.layout.panel).collidepoint(place):
            most = max(len(self.source.alarms()) - 1, 0)
            view.scroll = int(min(max(view.scroll - round(notches), 0), most))
        elif drawn.layout.floor[2] and pygame.Rect(drawn.layout.floor).collidepoint(place):
            if view.floor_camera is not None:
                view.floor_camera.zoom(round(notches) or np.sign(notches), *place)
        elif view.city_camera is not None and pygame.Rect(drawn.layout.city).collidepoint(place):
            view.city_camera.zoom(round(notches) or np.sign(notches), *place)

    def _zoom_middle(self, steps: int) -> None:
        if self.drawn is None:
            return
        for box in (self.drawn.layout.floor, self.drawn.layout.city):
            if box[2]:
                self.wheel(steps, (box[0] + box[2] // 2, box[1] + box[3] // 2))
                return
