"""Options as all commands read and list them."""

from __future__ import annotations

import importlib
from argparse import Action

import pytest

from fleet.__main__ import COMMANDS
from routing.arguments import Parser, seeds


def test_seeds_are_a_range_or_one() -> None:
    """The last of a range does not count."""
    assert seeds("2:4") == range(2, 4)
    assert seeds("2") == range(2, 3)


def test_help_says_what_holds_without_an_option() -> None:
    """Of each that has a default, in one style, and not twice."""
    parser = Parser(prog="x")
    parser.add_argument("--count", type=int, default=3, help="how many")
    parser.add_argument("--share", type=float, default=0.5, help="of all")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    parser.add_argument("--cores", type=int, default=8, help="in use (default: all)")
    parser.add_argument("--out", help="a file")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    lines = parser.format_help().partition("options:\n")[2].splitlines()[1:]
    assert [line.split("  ")[-1].strip() for line in lines] == [
        "how many (default: 3)",
        "of all (default: 0.5)",
        "of what is drawn (default: 0)",
        "in use (default: all)",
        "a file",
        "one JSON object on stdout",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_fleet_says_what_it_is(command: str) -> None:
    """`--help` has a text for each, and the same one for `--json`."""
    module, add, _, _ = COMMANDS[command]
    parser = Parser(prog="x")
    getattr(importlib.import_module(module), add)(parser)
    for action in _all(parser):
        assert action.help or not action.option_strings, action.option_strings
        if "--json" in action.option_strings and command != "run":
            assert action.help == "one JSON object on stdout"


def _all(parser: Parser) -> list[Action]:
    actions = list(parser._actions)
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for sub in action.choices.values():
                actions += _all(sub)
    return actions
