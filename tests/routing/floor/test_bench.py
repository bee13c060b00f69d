"""The floor benchmark from the command line's arguments to its rows."""

import argparse
import json

import pytest

from routing.floor import bench
from routing.floor.generate import generate
from tests.routing.floor.test_formats import PLAN


def arguments(*words: str) -> argparse.Namespace:
    """Parse the benchmark's own options."""
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.slow
def test_rows_have_their_keys_and_finished_ones_are_not_played_again(tmp_path, capsys):
    """Two planners, one problem: judged rows, appended to a file and taken up from it."""
    path = str(generate(PLAN, 4, 100, 3, name="p").write(tmp_path))
    out = tmp_path / "rows.jsonl"
    words = [path, "--planner", "peakday", "--planner", "pibt", "--steps", "30", "--tries", "20"]
    for _ in range(2):
        assert bench.run(arguments(*words, "--json", "--out", str(out))) == 0
        answer = json.loads(capsys.readouterr().out)
    assert len(out.read_text().splitlines()) == 2
    row = answer["rows"][0]
    keys = "problem planner robots steps tick_ms following finished curve per_step_last_200 "
    keys += "planner_ms timeouts compile_seconds ok"
    assert set(keys.split()) <= set(row)
    assert row["ok"]
    assert row["finished"] > answer["rows"][1]["finished"] / 2


def test_unknown_planner_is_one_line(tmp_path, capsys):
    """A planner that cannot be found is refused with the remedy."""
    path = str(generate(PLAN, 2, 5, 3, name="p").write(tmp_path))
    assert bench.run(arguments(path, "--planner", "no.such:Thing")) == 2
    assert "give one of peakday, pibt or module:Class" in capsys.readouterr().err


def test_errands_of_a_drawn_problem_are_a_range():
    """`2:5` is read; what is no range is refused with exit code 2."""
    assert arguments("x.map", "--errands", "2:5").errands == (2, 5)
    with pytest.raises(SystemExit) as refused:
        arguments("x.map", "--errands", "5:2")
    assert refused.value.code == 2
