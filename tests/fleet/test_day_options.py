"""Which run folder a command line opens."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from fleet import day_options
from fleet.run_folder import create
from tests.fleet.pure_day import write_files


def test_a_folder_that_another_day_took_meanwhile_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two days started at once without --out each gets a folder of its own."""
    scenario = write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    options = {"scenario": "tiny.toml", "out": None, "resume": None, "seed": None, "robots": None}
    args = Namespace(**options, workers=2, record_wire=None)

    free = day_options.free_folder

    def free_for_now(name: str) -> Path:
        folder = free(name)
        if not Path("runs").exists():  # the other day is faster
            create(folder, scenario, lockstep=True).store.close()
        return folder

    monkeypatch.setattr(day_options, "free_folder", free_for_now)
    day = day_options.open_day(args, lockstep=True)
    day.store.close()
    assert day.folder == Path("runs/tiny-2")
