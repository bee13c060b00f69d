"""Text: every letter that is shown exists in the font, and fits where it is put."""

from __future__ import annotations

import ast
from pathlib import Path

import pygame

import viz
from viz.text import Type


def test_every_letter_of_the_viewer_is_in_its_font() -> None:
    """No text in the sources would come out as an empty box."""
    pygame.font.init()
    font = Type().font(18)
    for path in Path(viz.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text())
        texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
        letters = {c for text in texts if isinstance(text, str) for c in text if c > "~"}
        missing = [c for c, known in zip(letters, font.metrics("".join(letters)), strict=True)
                   if known is None]  # fmt: skip
        assert not missing, (path.name, missing)


def test_text_is_cut_and_wrapped_to_its_width() -> None:
    """Cut text ends in an ellipsis; wrapped text keeps every word while there are lines."""
    pygame.font.init()
    type_ = Type()
    text = "robot 7 waits for robot 8, which waits for robot 9"
    for width in (40, 90, 200, 900):
        assert type_.width(type_.cut(text, 18, width), 18) <= width
        lines = type_.wrap(text, 18, width, lines=30)
        if width > 60:
            assert all(type_.width(line, 18) <= width for line in lines)
            assert " ".join(lines) == text


def test_digits_have_equal_width() -> None:
    """Counts do not jump about while they run."""
    pygame.font.init()
    assert len({Type().width(digit * 10, 18) for digit in "0123456789"}) == 1
