"""What becomes of a command's other processes, and of its output, when one end of it is gone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.part import start

ROOT = Path(__file__).parent.parent.parent


def started(*words: str) -> subprocess.Popen:
    """Start a command whose parts write to the same stderr as it does."""
    return subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=os.environ | {"SDL_VIDEODRIVER": "dummy"},
    )  # fmt: skip


@pytest.mark.slow
def test_no_part_outlives_a_killed_run(tmp_path: Path) -> None:
    """After kill -9 of `fleet run` stderr comes to its end: nobody is left to write."""
    process = started("fleet", "run", "maps/small.toml", "--speed", "1", "--no-view",
                      "--out", str(tmp_path / "run"))  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if re.search("sorted [0-9]", line):
            break
    process.kill()
    process.stderr.read()
    assert process.wait() < 0


def test_a_part_ends_with_its_input(tmp_path: Path) -> None:
    """A host that waits for a controller waits no more when its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fleet.part", "host", "maps/small.toml", "--connect",
         "tcp://127.0.0.1:9"], cwd=ROOT, stdin=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


@pytest.mark.parametrize("words", [("fleet", "check", "maps/small.toml"), ("fleet", "--help")])
def test_output_that_nobody_reads_is_no_error(words: tuple[str, ...]) -> None:
    """As in `fleet check RUN | head`: it ends without a word."""
    process = started(*words)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() in (0, 141)


def test_a_killed_part_leaves_its_semaphores_to_others_without_a_word() -> None:
    """Python's resource tracker frees them; on a user's terminal its warning means nothing."""
    leave = "import os; from multiprocessing import Lock; one = Lock(); os._exit(0)"
    process = start("timeit", "-n1", "-r1", leave, stderr=subprocess.PIPE)
    assert process.communicate()[1] == b""
