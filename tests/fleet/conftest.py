"""A whole small day with troubles, and the same as the judges read it."""

from dataclasses import replace

import pytest

from fleet.check.recording import read_recording
from tests.fleet.pure_day import record


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A whole small day with a little of each trouble."""
    return record(
        tmp_path_factory.mktemp("tiny"), seed=5, missing_share=0.2, failed_share=0.2,
        cancelled_share=0.2, untoured_share=0.1, blocked_per_hour=200.0,
    )  # fmt: skip


@pytest.fixture
def sound(run_folder):
    """The run as the judge reads it, free to be changed."""
    recording = read_recording(run_folder)
    writable = {
        name: getattr(recording, name).copy()
        for name in ("cells", "report_ticks", "reports", "order_ticks", "orders", "submits", "log")
    }
    parcels = {name: column.copy() for name, column in recording.parcels.items()}
    return replace(recording, parcels=parcels, **writable)
