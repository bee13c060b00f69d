"""How a window is cut."""

from __future__ import annotations

from typing import Any

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viz.made import Made
from viz.draw import Picture
from viz.options import parser
from viz.text import Type
from viz.view import View, lay_out


def test_tall_windows_are_stacked() -> None:
    """Each picture is then wider than half the window."""
    layout = lay_out((500, 1000), Made().scene, "both")
    assert layout.city[1] > 0
    assert layout.floor[2] == layout.city[2] == 500 - layout.panel[2]


@pytest.mark.parametrize("size", [(640, 400), (900, 600), (1280, 800), (1920, 1080)])
def test_wide_windows_are_not(size: tuple[int, int]) -> None:
    """Floor and city lie side by side."""
    layout = lay_out(size, Made().scene, "both")
    assert layout.city[1] == 0
    assert layout.city[0] == layout.floor[2] > 0


@given(st.integers(320, 4000), st.integers(240, 4000))
def test_both_fill_the_window_without_overlap(width: int, height: int) -> None:
    """Floor and city share what panel and timeline leave."""
    layout = lay_out((width, height), Made().scene, "both")
    floor, city, panel, bar = layout.floor, layout.city, layout.panel, layout.timeline
    assert floor[2] * floor[3] + city[2] * city[3] == (width - panel[2]) * (height - bar[3])
    assert min(*floor[2:], *city[2:]) > 0.25 * min(width - panel[2], height - bar[3])


def test_labels_of_a_short_timeline_do_not_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle one is left out first."""
    written: list[tuple[str, pygame.Rect]] = []
    put = Type.put

    def watch(self: Type, target: pygame.Surface, text: str, *rest: Any, **more: Any) -> Any:
        rect = put(self, target, text, *rest, **more)
        written.append((text, rect))
        return rect

    monkeypatch.setattr(Type, "put", watch)
    for size in ((320, 200), (400, 260), (640, 400), (1280, 800)):
        written.clear()
        layout = Picture(Made()).draw(pygame.Surface(size), 12.5, View(shown="both")).layout
        below = [each for each in written if pygame.Rect(layout.timeline).colliderect(each[1])]
        assert len(below) == (2 if size[0] < 400 else 3)
        for k, (_, rect) in enumerate(below):
            assert rect.inflate(8, 0).collidelist([other for _, other in below[:k]]) < 0
        head = [text for text, rect in written if pygame.Rect(layout.panel).colliderect(rect)][:4]
        assert "0:00:06" in head  # whole


def test_a_window_too_small_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the range there is."""
    with pytest.raises(SystemExit):
        parser().parse_args(["x", "--size", "300x180"])
    assert "choose 320x200 to 8192x8192" in capsys.readouterr().err
