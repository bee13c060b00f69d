"""The scenario that maps/README.md begins with."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from fleet.__main__ import main

MAPS = Path(__file__).parents[2] / "maps"


def test_the_files_to_begin_with_can_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they are printed, and without a warning."""
    part = (MAPS / "README.md").read_text().split("## Your own data")[1].split("\n## ")[0]
    parcels, scenario = map(textwrap.dedent, re.findall(r"(?:(?: {4}.*)?\n)*(?: {4}.*\n)", part))
    (tmp_path / "own.csv").write_text(parcels.lstrip())
    (tmp_path / "own.toml").write_text(scenario)
    shutil.copy(MAPS / "small.map", tmp_path)
    assert main(["check", str(tmp_path / "own.toml")]) == 0
    said = capsys.readouterr()
    assert "parcels                      2\n" in said.out
    assert said.err == ""
