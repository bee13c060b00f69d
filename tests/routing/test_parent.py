"""A killed benchmark leaves nobody behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CHILD = """
import multiprocessing, sys
from routing.parent import end_with_parent

def wait(pipe):
    end_with_parent()
    pipe.send("here")
    pipe.recv()

if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    context.Process(target=wait, args=(there,)).start()
    print(here.recv(), file=sys.stderr, flush=True)
    here.recv()
"""


@pytest.mark.slow
def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    """After kill -9 of the parent stderr comes to its end: the child does not hold it any more."""
    (tmp_path / "parent.py").write_text(CHILD)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")], stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "here\n"
    process.kill()
    process.stderr.read()
    assert process.wait() < 0
