"""A whole picture: floor, city, panel, timeline on any surface.  Never opens a window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pygame

from viz.city_view import CityView
from viz.collided import draw_collided
from viz.colours import FAULT, categories
from viz.facts import Facts, Spots
from viz.floor_view import FloorView, selected_colour
from viz.frame import Frame
from viz.goals import draw_goals
from viz.heat import heat_top
from viz.keys import draw_keys
from viz.lines import Lines
from viz.look import follow
from viz.names import NAMES_FROM, draw_names, names_at
from viz.panel import Panel
from viz.places import positions, shown_robots, spot
from viz.source import Source
from viz.story import tell
from viz.text import Type
from viz.tiles import small_map
from viz.timeline import Timeline
from viz.view import Layout, View, aim, lay_out
from viz.way import Ways, waiting_chain
from viz.words import where_text

TRAIL_TICKS = 24
DRIVEN_TICKS, DRIVEN_KEPT = 60, 32
RECENT_SECONDS = 300.0  # of the heat map of the last minutes


@dataclass
class Drawn:
    """What a picture was made of, for clicks."""

    layout: Layout
    frame: Frame
    spots: Spots
    track: pygame.Rect
    minimap: pygame.Rect | None = None
    ways: Ways | None = field(default=None, repr=False)


class Picture:
    """Draws a source; keeps tiles, sprites and text between frames."""

    def __init__(self, source: Source, unit: float = 1.0) -> None:
        self.source, self.unit = source, unit
        self.type = Type()
        self.ways = Ways(source.scene.floor) if source.scene.floor is not None else None
        self._palette = ""
        self._small: tuple[object, pygame.Surface] | None = None
        self._heat: tuple[object, np.ndarray | None] = (None, None)
        self._heat_top = 0.0
        self._starts = np.zeros(0, np.int32)
        self._driven: dict[tuple[int, int, int], np.ndarray] = {}

    def _use(self, view: View) -> None:
        if self._palette == view.palette.name:
            return
        palette, floor = view.palette, self.source.scene.floor
        self.floor_view = FloorView(floor, palette, self.type) if floor is not None else None
        self.city_view = CityView(palette, self.type, self.unit)
        self.panel = Panel(palette, self.type)
        self.timeline = Timeline(palette, self.type)
        self._small = None
        self._palette = palette.name

    def draw(self, target: pygame.Surface, time: float, view: View) -> Drawn:
        """Draw the moment at a time in ticks."""
        source, scene = self.source, self.source.scene
        self._use(view)
        span = source.span()
        timed = source.under_way or span[1] > span[0]
        layout = lay_out(target.get_size(), scene, view.shown, self.unit, timed=timed)
        aim(view, scene, layout)
        frame = source.frame(time)
        if view.selection.kind == "robot":
            frame = replace(frame, bases=source.bases(time))
        if view.follow:
            follow(scene, frame, view)
        alarms = source.alarms()
        past = alarms[: int(np.searchsorted(alarms["tick"], frame.time, side="right"))]
        if layout.floor[2] and view.floor_camera is not None and self.floor_view is not None:
            self.floor_view.draw(
                target,
                view.floor_camera,
                scene,
                frame,
                view,
                heat=self._heat_now(view, frame, span),
                lines=self._lines(frame, view) if view.paths else (),
                starts=self.starts(frame, span) if view.starts else None,
            )
            if view.goals:
                draw_goals(target, view.floor_camera, scene, frame, view)
            if view.collided and len(frame.cells):
                width, shown = self.floor_view.floor.width, shown_robots(frame, view)
                draw_collided(target, view.floor_camera, view.palette, width, frame, past, shown)
            if view.names and view.floor_camera.scale >= NAMES_FROM:
                names = names_at(scene, frame, view)
                width = self.floor_view.floor.width
                draw_names(target, view.floor_camera, view.palette, self.type, width, names)
        if layout.city[2] and view.city_camera is not None:
            self.city_view.draw(target, view.city_camera, scene, frame, view)
        title, lines = tell(source, scene, frame, view.selection, self.ways)
        facts = Facts(
            state=source.state(),
            curves=source.curves(),
            alarms=alarms,
            happened=len(past),
            story=lines,
            story_title=title,
            ended=not source.under_way and time >= span[1] > span[0],
            timed=timed,
            heat_top=self._heat_top if view.heat else 0.0,
        )
        minimap = self._minimap_rect(layout, view, frame)
        bottom = layout.size[1] - layout.px(12)
        spots = self.panel.draw(target, layout, scene, frame, view, facts, bottom=bottom)
        if minimap is not None:
            self._draw_minimap(target, minimap, view, frame)
        track = pygame.Rect(0, 0, 0, 0)
        if timed:
            track = self.timeline.draw(
                target, layout, scene, frame, view, span=span, curves=facts.curves, alarms=alarms
            )
        if view.pointer is not None and not view.note:
            self._where(target, layout, view)
        if view.note:
            self._note(target, layout, view)
        if view.keys:
            draw_keys(target, layout, view.palette, self.type)
        return Drawn(layout, frame, spots, track, minimap, self.ways)

    # -- parts

    def _heat_now(self, view: View, frame: Frame, span: tuple[int, int]) -> np.ndarray | None:
        if not view.heat:
            return None
        seconds = self.source.scene.tick_seconds
        last = frame.tick
        first = span[0]
        if view.heat_window == "recent":
            first = max(first, last - int(RECENT_SECONDS / seconds))
        key = (view.heat, first // 16, last // 16)
        if self._heat[0] != key or self._heat[1] is None:
            heat = self.source.heat(view.heat, first, last)
            self._heat, self._heat_top = (key, heat), 0.0 if heat is None else heat_top(heat)
        return self._heat[1]

    def starts(self, frame: Frame, span: tuple[int, int]) -> np.ndarray:
        """Return each robot's first cell, of a live run the first that is still known."""
        if len(self._starts) != len(frame.cells):  # else the first look holds, whatever is dropped
            self._starts = np.full(len(frame.cells), -1, np.int32)
            first = self.source.frame(float(span[0])).cells[: len(frame.cells)]
            self._starts[: len(first)] = first
        return self._starts

    def _lines(self, frame: Frame, view: View) -> list[Lines]:
        robots = [robot for robot in view.selection.robots if 0 <= robot < len(frame.cells)]
        lines = [self._lines_of(robot, order, frame, view) for order, robot in enumerate(robots)]
        return lines[::-1]  # the one that the panel tells of lies on top

    def _lines_of(self, robot: int, order: int, frame: Frame, view: View) -> Lines:
        source, ways = self.source, self.ways
        assert ways is not None
        goal, cell = int(frame.goals[robot]), int(frame.cells[robot])
        ahead = ways.path(cell, goal) if goal >= 0 else np.zeros(0, np.int32)
        blocked = []
        for link in waiting_chain(ways, frame, robot):
            if link.holder >= 0:
                blocked.append((int(frame.cells[link.robot]), int(frame.cells[link.holder])))
        return Lines(
            trail=source.trail(robot, frame.time, TRAIL_TICKS),
            ahead=ahead,
            granted=frame.base(robot),
            blocked=blocked,
            driven=self._driven_by(robot, frame.tick) if view.driven else np.zeros(0, np.int32),
            colour=selected_colour(view.palette, order),
        )

    def _driven_by(self, robot: int, tick: int) -> np.ndarray:
        """Return where a robot was at the moments after this one, as far as they are recorded."""
        last = min(tick + DRIVEN_TICKS, self.source.span()[1])
        key = robot, tick, last
        if key not in self._driven:
            if len(self._driven) >= DRIVEN_KEPT:
                self._driven.pop(next(iter(self._driven)))
            self._driven[key] = self.source.trail(robot, last, max(last - tick, 0))
        return self._driven[key]

    def _minimap_rect(self, layout: Layout, view: View, frame: Frame) -> pygame.Rect | None:
        """Return where the minimap lies: left, or right where it would hide what is selected."""
        floor, camera = self.source.scene.floor, view.floor_camera
        if floor is None or camera is None or not layout.floor[2]:
            return None
        left, top, right, bottom = camera.seen()
        if left <= 0 and top <= 0 and right >= floor.width and bottom >= floor.height:
            return None
        x, y, width, height = layout.floor
        margin = layout.px(12)
        scale = min(width * 0.3 / floor.width, height * 0.26 / floor.height)
        size = max(8, round(floor.width * scale)), max(8, round(floor.height * scale))
        rect = pygame.Rect((x + margin, y + height - margin - size[1]), size)
        place = spot(self.source.scene, frame, view)
        if place is not None:
            at = camera.to_screen(np.array(place[0] + 0.5), np.array(place[1] + 0.5))
            if rect.inflate(2 * camera.scale, 2 * camera.scale).collidepoint(*map(float, at)):
                rect.right = x + width - margin
        return rect if pygame.Rect(layout.floor).contains(rect) else None

    def _draw_minimap(
        self, target: pygame.Surface, rect: pygame.Rect, view: View, frame: Frame
    ) -> None:
        floor, camera, palette = self.source.scene.floor, view.floor_camera, view.palette
        assert floor is not None
        assert camera is not None
        if self._small is None or self._small[0] != rect.size:
            self._small = (rect.size, small_map(floor, palette, rect.width, rect.height))
        target.fill(palette.ground, rect.inflate(8, 8))
        target.blit(self._small[1], rect)
        scale = rect.width / floor.width
        if len(frame.cells) > 0:
            xs, ys, kinds = *positions(frame, floor.width), categories(frame.status)
            if view.robots is not None:
                xs, ys, kinds = (part[shown_robots(frame, view)] for part in (xs, ys, kinds))
            px = np.clip((xs * scale + rect.left).astype(int), rect.left, rect.right - 2)
            py = np.clip((ys * scale + rect.top).astype(int), rect.top, rect.bottom - 2)
            pixels = pygame.surfarray.pixels3d(target)
            pixels[px, py] = palette.empty
            del pixels
            faulty = kinds == FAULT
            for x, y in zip(px[faulty].tolist(), py[faulty].tolist(), strict=True):
                target.fill(palette.fault, (x - 1, y - 1, 3, 3))
        left, top, right, bottom = camera.seen()
        window = pygame.Rect(
            round(rect.left + left * scale),
            round(rect.top + top * scale),
            round((right - left) * scale),
            round((bottom - top) * scale),
        ).clip(rect)
        pygame.draw.rect(target, palette.select, window, 2)
        pygame.draw.rect(target, palette.edge, rect.inflate(8, 8), 1)

    def _note(self, target: pygame.Surface, layout: Layout, view: View) -> None:
        palette = view.palette
        text = self.type.render(view.note, layout.px(20), palette.text)
        box = text.get_rect(midtop=((layout.size[0] - layout.panel[2]) // 2, layout.px(14)))
        frame = box.inflate(layout.px(24), layout.px(14))
        pygame.draw.rect(target, palette.raised, frame, border_radius=6)
        pygame.draw.rect(target, palette.edge, frame, 1, border_radius=6)
        target.blit(text, box)

    def _where(self, target: pygame.Surface, layout: Layout, view: View) -> None:
        """Say in the floor's corner which cell is under the pointer."""
        scene, camera = self.source.scene, view.floor_camera
        if scene.floor is None or camera is None or view.pointer is None or not layout.floor[2]:
            return
        x, y = camera.to_plane(*view.pointer)
        inside = 0 <= x < scene.floor.width and 0 <= y < scene.floor.height
        if not (inside and camera.holds(*view.pointer)):
            return
        cell = int(y) * scene.floor.width + int(x)
        text = where_text(scene, cell)
        overlay = view.laid_over
        if overlay is not None and len(overlay.values):
            value = float(overlay.values[overlay.row(view.selection.robot), cell])
            text = f"{'nothing' if np.isnan(value) else f'{value:,.6g}'} · {text}"
        area = pygame.Rect(layout.floor)
        place = area.right - layout.px(10), area.top + layout.px(8)
        size = layout.px(17)
        self.type.put(target, text, place, size, view.palette.label, align="right")
