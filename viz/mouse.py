"""The mouse: clicks, drags and the wheel, on the picture, the panel and the timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pygame

from viz.find import hit
from viz.timeline import button_rect, time_at
from viz.view import Selection

if TYPE_CHECKING:
    from viz.session import Session

CLICK_PIXELS = 5  # a mouse that moved less has clicked
LEFT, MIDDLE, RIGHT = 1, 2, 3  # buttons


class Mouse:
    """What the mouse has hold of: the timeline, the minimap, the floor or the city."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.grabbed = ""  # timeline, minimap, floor, city
        self._pressed = (0, 0)
        self._moved = False

    def handle(self, event: pygame.event.Event) -> None:
        """Take in one event of the mouse."""
        if event.type == pygame.MOUSEBUTTONDOWN and event.button in (LEFT, MIDDLE, RIGHT):
            self._press(event.pos)
        elif event.type == pygame.MOUSEBUTTONUP and event.button in (LEFT, MIDDLE, RIGHT):
            self._release(event.pos, also=event.button == RIGHT)
        elif event.type == pygame.MOUSEMOTION:
            self.session.view.pointer = event.pos
            if self.grabbed:
                self._drag(event.pos, event.rel)
        elif event.type == pygame.MOUSEWHEEL:
            place = pygame.mouse.get_pos() if pygame.display.get_init() else self._pressed
            self.wheel(getattr(event, "precise_y", event.y) or event.y, place)

    def _press(self, place: tuple[int, int]) -> None:
        session = self.session
        drawn, view = session.drawn, session.view
        self._pressed, self._moved = place, False
        if drawn is None:
            return
        if drawn.track.width and button_rect(drawn.layout).inflate(14, 14).collidepoint(place):
            session.pause(not view.paused)
        elif drawn.track.width and drawn.track.inflate(0, 16).collidepoint(place):
            self.grabbed = "timeline"
            session.go_to(time_at(drawn.track, session.source.span(), place[0]))
        elif drawn.minimap is not None and drawn.minimap.collidepoint(place):
            self.grabbed = "minimap"
            self._look_at_minimap(place)
        elif pygame.Rect(drawn.layout.panel).collidepoint(place):
            self._press_panel(place)
        elif view.floor_camera is not None and pygame.Rect(drawn.layout.floor).collidepoint(place):
            self.grabbed = "floor"
        elif view.city_camera is not None and pygame.Rect(drawn.layout.city).collidepoint(place):
            self.grabbed = "city"

    def _press_panel(self, place: tuple[int, int]) -> None:
        session = self.session
        drawn = session.drawn
        assert drawn is not None
        for rect, kind in drawn.spots.legend:
            if rect.collidepoint(place):
                session.view.hidden ^= {kind}
        for rect, line in drawn.spots.story:
            if rect.collidepoint(place):
                session.lead_on(line)
                return
        for rect, group in drawn.spots.groups:
            if rect.collidepoint(place):
                session.filter_events(group)
        alarms = session.source.alarms()
        for rect, row in drawn.spots.events:
            if rect.collidepoint(place) and row < len(alarms):
                session.jump(alarms[row])

    def _release(self, place: tuple[int, int], *, also: bool) -> None:
        """Let go; a click selects what is there, or adds a robot to those selected (`also`)."""
        session, view = self.session, self.session.view
        if self.grabbed in ("floor", "city") and not self._moved and session.drawn is not None:
            found = hit(session.source.scene, session.drawn.frame, view, *place)
            if not also:
                view.selection = found
            elif found.kind == "robot":
                view.selection = with_robot(view.selection, found.number)
            view.follow = view.follow and view.selection.kind == "robot"
        self.grabbed = ""

    def _drag(self, place: tuple[int, int], rel: tuple[int, int]) -> None:
        session = self.session
        if max(abs(place[0] - self._pressed[0]), abs(place[1] - self._pressed[1])) > CLICK_PIXELS:
            if not self._moved and self.grabbed in ("floor", "city"):
                rel = place[0] - self._pressed[0], place[1] - self._pressed[1]
            self._moved = True
        view, drawn = session.view, session.drawn
        if drawn is None:
            return
        if self.grabbed == "timeline":
            session.go_to(time_at(drawn.track, session.source.span(), place[0]))
        elif self.grabbed == "minimap":
            self._look_at_minimap(place)
        elif self._moved and self.grabbed == "floor" and view.floor_camera is not None:
            view.follow = False
            view.floor_camera.pan(*rel)
        elif self._moved and self.grabbed == "city" and view.city_camera is not None:
            view.city_camera.pan(*rel)

    def _look_at_minimap(self, place: tuple[int, int]) -> None:
        session = self.session
        drawn, floor, camera = session.drawn, session.source.scene.floor, session.view.floor_camera
        if drawn is None or drawn.minimap is None or floor is None or camera is None:
            return
        session.view.follow = False
        scale = floor.width / max(drawn.minimap.width, 1)
        camera.centre(
            (place[0] - drawn.minimap.left) * scale, (place[1] - drawn.minimap.top) * scale
        )

    def wheel(self, notches: float, place: tuple[int, int]) -> None:
        """Zoom the picture under the pointer, or scroll the list of events."""
        session = self.session
        view, drawn = session.view, session.drawn
        if drawn is None:
            return
        if pygame.Rect(drawn.layout.panel).collidepoint(place):
            most = max(drawn.spots.listed - 1, 0)
            view.scroll = int(min(max(view.scroll - round(notches), 0), most))
        elif drawn.layout.floor[2] and pygame.Rect(drawn.layout.floor).collidepoint(place):
            if view.floor_camera is not None:
                view.floor_camera.zoom(round(notches) or np.sign(notches), *place)
        elif view.city_camera is not None and pygame.Rect(drawn.layout.city).collidepoint(place):
            view.city_camera.zoom(round(notches) or np.sign(notches), *place)

    def zoom_middle(self, steps: int) -> None:
        """Zoom about the middle of the picture, of the floor's where both are shown."""
        drawn = self.session.drawn
        if drawn is None:
            return
        for box in (drawn.layout.floor, drawn.layout.city):
            if box[2]:
                self.wheel(steps, (box[0] + box[2] // 2, box[1] + box[3] // 2))
                return


def with_robot(selection: Selection, robot: int) -> Selection:
    """Return a selection with a robot more, or without it where it was selected."""
    if selection.kind != "robot":
        return Selection("robot", robot)
    robots = [k for k in selection.robots if k != robot]
    if len(robots) == len(selection.robots):  # the newest is the one that the panel tells of
        return Selection("robot", robot, selection.robots)
    if not robots:
        return Selection()
    return replace(selection, number=robots[0], others=tuple(robots[1:]))
