"""What each key does, and the table of them that `?` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pygame

from viz.colours import DARK, LIGHT, Palette
from viz.operating import asking
from viz.text import Type
from viz.view import ERRANDS, Layout, Selection

if TYPE_CHECKING:
    from viz.session import Session

JUMP_SECONDS = 60.0

KEYS = (
    ("Space", "play, pause; a live view: freeze, now"),
    ("Left, Right", "one tick back, on"),
    ("Shift Left, Right", "a minute back, on"),
    ("[ ]", "slower, faster; a live run: asks first"),
    ("End", "the newest moment, and on with it"),
    ("N, Shift N", "next, previous event that is listed"),
    ("V", "events of what is selected, of all"),
    ("Tab", "floor, city, both"),
    ("Home, Shift Home", "whole picture, first moment"),
    ("Wheel, + −, drag", "zoom, move"),
    ("Click", "what is this?"),
    ("Right click", "a robot more, or less"),
    ("/", "find: 17, a parcel, t7, c3, s1, cell 5, 0:12:30"),
    ("F", "follow what is selected"),
    ("H", "heat map: visits, waiting, off"),
    ("Shift H", "heat of the whole run, last minutes"),
    ("X, Shift X", "next, previous overlay file, none"),
    ("P, Shift P", "selected robots' paths, as they went on"),
    ("G, Shift G", "lines to goals, between cells"),
    ("E", "errands: next, taken, open, all, none"),
    ("I, Shift I", "numbers of robots, of parcels or tasks"),
    ("S, C", "where robots started, who collided"),
    ("L", "light, dark"),
    ("O", "operate: floor, or what is selected"),
    ("Esc", "let go of the selection"),
    ("? Q", "these keys, quit"),
)


def press_key(session: Session, event: pygame.event.Event) -> None:
    """Do what a key asks for; keys that mean nothing do nothing."""
    key, shift = event.key, bool(getattr(event, "mod", 0) & pygame.KMOD_SHIFT)
    text = getattr(event, "unicode", "")
    view = session.view
    minute = JUMP_SECONDS / session.source.scene.tick_seconds
    if text == "?" or key == pygame.K_F1:
        view.keys = not view.keys
    elif text == "/":
        session.typing = ""
    elif key == pygame.K_q:
        session.quit = True
    elif key == pygame.K_o and session.source.live and session.source.scene.floor is not None:
        session.asking = asking(session.source.scene.floor, view.selection)
    elif key == pygame.K_SPACE:
        session.pause(not view.paused)
    elif key in (pygame.K_LEFT, pygame.K_RIGHT):
        sign = -1 if key == pygame.K_LEFT else 1
        session.pause(True)
        if shift:
            session.go_to(session.time + sign * minute)
        elif sign < 0:  # the same whole ticks both ways
            session.go_to(np.ceil(session.time) - 1)
        else:
            session.go_to(np.floor(session.time) + 1)
    elif key in (pygame.K_LEFTBRACKET, pygame.K_RIGHTBRACKET):
        session.change_speed(1 if key == pygame.K_RIGHTBRACKET else -1)
    elif key == pygame.K_TAB:
        session.next_view()
    elif key == pygame.K_HOME and shift:
        session.go_to(session.source.span()[0])
    elif key == pygame.K_HOME:
        session.fit()
    elif key == pygame.K_END:
        session.go_to(session.source.span()[1])
    elif key == pygame.K_ESCAPE:
        view.selection, view.follow, view.keys = Selection(), False, False
    elif key == pygame.K_f:
        session.follow(not view.follow)
    elif key == pygame.K_n:
        session.next_event(-1 if shift else 1)
    elif key == pygame.K_v:
        session.filter_events(-1)
    elif key == pygame.K_h:
        if shift:
            view.heat_window = "recent" if view.heat_window == "all" else "all"
        else:
            view.heat = {"": "visits", "visits": "waiting", "waiting": ""}[view.heat]
    elif key == pygame.K_x and not view.overlays:
        session.said = "no files to lay over the floor; name them with --overlay FILE"
    elif key == pygame.K_x:
        places = len(view.overlays) + 1  # none is one of them
        view.overlay = (view.overlay + 1 + (-1 if shift else 1)) % places - 1
    elif key == pygame.K_p:
        view.paths, view.driven = view.paths ^ (not shift), view.driven ^ shift
    elif key == pygame.K_g:
        view.goals, view.grid = view.goals ^ (not shift), view.grid ^ shift
    elif key == pygame.K_e and not session.source.scene.league:
        session.said = "only results of the League have errands"
    elif key == pygame.K_e:
        view.errands = ERRANDS[(ERRANDS.index(view.errands) + (-1 if shift else 1)) % len(ERRANDS)]
    elif key == pygame.K_i:
        view.numbers, view.names = view.numbers ^ (not shift), view.names ^ shift
    elif key == pygame.K_c:
        view.collided = not view.collided
    elif key == pygame.K_s:
        view.starts = not view.starts
    elif key == pygame.K_l:
        view.palette = LIGHT if view.palette.name == DARK.name else DARK
    elif key in (pygame.K_PLUS, pygame.K_EQUALS, pygame.K_KP_PLUS):
        session.mouse.zoom_middle(1)
    elif key in (pygame.K_MINUS, pygame.K_KP_MINUS):
        session.mouse.zoom_middle(-1)


def draw_keys(target: pygame.Surface, layout: Layout, palette: Palette, type_: Type) -> None:
    """Draw what each key does over the middle of the picture."""
    line = min(layout.px(23), (layout.size[1] - layout.px(40)) // len(KEYS))
    size = min(layout.px(19), max(8, line - 3))
    width = min(layout.px(455), layout.size[0] - 20)
    height = line * len(KEYS) + layout.px(32)
    box = pygame.Rect(0, 0, width, height)
    box.center = (layout.size[0] - layout.panel[2]) // 2, layout.size[1] // 2
    pygame.draw.rect(target, palette.raised, box, border_radius=8)
    pygame.draw.rect(target, palette.edge, box, 1, border_radius=8)
    y = box.top + layout.px(18)
    for keys, text in KEYS:
        type_.put(target, keys, (box.left + layout.px(20), y), size, palette.text)
        type_.put(
            target, text, (box.left + layout.px(165), y), size, palette.label,
            width=width - layout.px(175),
        )  # fmt: skip
        y += line
