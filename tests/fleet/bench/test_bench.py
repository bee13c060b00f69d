"""The benchmarks, small: real processes, real sockets, and the keys that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.__main__ import main
from tests.fleet.pure_day import TOML, write_files


@pytest.mark.slow
@pytest.mark.parametrize("per_robot", [[], ["--per-robot"]])
def test_every_robot_is_commanded_and_reports(
    per_robot: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight robots, ten ticks, over one connection a host or one a robot."""
    main(["bench", "wire", "--robots", "8", "--ticks", "10", "--json", *per_robot])
    figures = json.loads(capsys.readouterr().out)
    assert figures["connections"] == (8 if per_robot else 2)
    assert {"ok", "tick_ms", "baseline_ms", "latency_ms"} <= set(figures)


@pytest.mark.slow
def test_reports_are_answered_on_a_real_clock(capsys: pytest.CaptureFixture[str]) -> None:
    """Eight robots, forty ticks: each way from report to order is timed, an echo beside it."""
    main(["bench", "live", "--robots", "8", "--ticks", "40", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["ticks"] > 0
    assert {"ok", "latency_ms", "baseline_ms", "latency_ratio"} <= set(figures)


@pytest.mark.slow
def test_late_robots_and_lost_messages_cost_time_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tiny day twice: all is sorted, the judges find nothing, and both are told."""
    write_files(tmp_path, toml=TOML.replace("every_seconds = 20.0", "every_seconds = 0"))
    main(["bench", "late", "--scenario", str(tmp_path / "tiny.toml"), "--lost", "0.1", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["undisturbed"]["violations"] == figures["disturbed"]["violations"] == 0
    assert (figures["undisturbed"]["lost"], figures["undisturbed"]["late"]) == (0, 0)
    assert figures["disturbed"]["lost"] > 0
    assert figures["share"] > 0


@pytest.mark.slow
def test_hostile_frames_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A few frames of every kind at a running day: none accepted, all kinds counted."""
    main(["bench", "hostile", "--frames", "600", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert (figures["accepted"], figures["down"]) == (0, 0)
    assert {"forged", "replayed", "oversized", "malformed", "stranger", "outdated",
            "unauthorised", "unknown key", "wrong role"} <= set(figures["refused"])  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        ["wire", "--robots", "0"],
        ["live", "--ticks", "0"],
        ["late", "--lost", "0.7"],
        ["kill", "--kills", "0"],
        ["hostile", "--frames", "0"],
    ],
)
def test_a_benchmark_of_nothing_is_refused(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2."""
    assert main(["bench", *wrong]) == 2
    assert "choose" in capsys.readouterr().err
