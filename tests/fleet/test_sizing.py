"""The knee on curves one can read, and what a table, a CSV and a picture say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import sizing


def rows(*points: tuple[int, float | None]) -> list[sizing.Row]:
    """Return rows of a study with these robots and parcels an hour."""
    blank = dict.fromkeys(sizing.COLUMNS, 0)
    return [
        {**blank, "robots": n, "parcels_per_hour": rate, "ended": True, "state_hash": "a"}
        for n, rate in points
    ]


def test_the_knee_is_where_a_robot_brings_half_of_the_first_ones() -> None:
    """100 each, 100 each, 60 each, 40 each: the third step still pays, the fourth does not."""
    study = rows((10, 1000), (20, 2000), (30, 2600), (40, 3000))
    assert sizing.knee(study) == 30


def test_a_noisy_day_makes_no_knee() -> None:
    """A dip at 20 between days on one line does not end the study there."""
    assert sizing.knee(rows((10, 1000), (20, 1700), (30, 3000), (40, 3100))) == 30


def test_a_floor_that_more_robots_jam() -> None:
    """Where the third day loses parcels the knee is before it."""
    assert sizing.knee(rows((10, 1000), (20, 1900), (30, 1800))) == 20


@pytest.mark.parametrize(
    ("study", "says"),
    [
        (rows((500, 3000)), "none (one number shows no bend; name several)"),
        (rows((10, 1000), (20, 900)), "none (robots beyond 10 do not pay; name fewer, too)"),
        (rows((10, 1000), (20, 1400)), "none (robots beyond 10 do not pay; name fewer, too)"),
        (rows((10, 0), (20, None)), "none (nothing was sorted)"),
        (rows((10, 1000), (20, 1900), (30, 1950)), "20 robots"),
        (rows((10, 1000), (1200, 90_000)), "1,200 robots or more (the most lived; name more, too)"),
    ],
)
def test_the_fewest_robots_are_no_knee(study: list[sizing.Row], says: str) -> None:
    """Where they bend the curve lies below them, which no day of the study shows."""
    assert sizing.knee_words(study) == says
    assert (sizing.knee(study) is None) == says.startswith("none")
    assert ("knee" in sizing.table(sizing.means(study))) == (sizing.knee(study) is not None)


def test_a_number_lived_with_several_seeds_is_one_line() -> None:
    """The mean of both days, the least and the most; one that lost a parcel is not sound."""
    study = rows((10, 1000), (10, 1400), (20, 1900))
    first, second = sizing.means(study)
    assert (first["robots"], first["seeds"], first["parcels_per_hour"]) == (10, 2, 1200)
    assert (first["parcels_per_hour_least"], first["parcels_per_hour_most"]) == (1000, 1400)
    assert (second["seeds"], second["parcels_per_hour"]) == (1, 1900)
    lines = sizing.table([first, second]).splitlines()
    assert lines[0].split()[:4] == ["robots", "parcels/h", "least", "most"]
    assert lines[1].split()[:4] == ["10", "1,200", "1,000", "1,400"]
    study[1]["lost"] = 1
    assert [sizing.sound(row) for row in sizing.means(study)] == [False, True]


def test_no_rows_no_knee() -> None:
    """Where nothing was lived or nothing sorted, nothing can be said."""
    assert sizing.knee([]) is None
    assert sizing.knee(rows((10, 0), (20, None))) is None


@given(points=st.dictionaries(st.integers(1, 2000), st.integers(0, 10**5), max_size=12))
def test_the_knee_is_a_day_of_the_study(points: dict[int, int]) -> None:
    """Whatever the figures, the knee was lived, and days beyond it never pay more than to it; where
    there is none that holds beyond the fewest."""
    found = sizing.knee(rows(*points.items()))
    if found is None:
        found = min(points, default=0)
    first = max((rate / n for n, rate in points.items()), default=0.0)
    for n, rate in points.items():
        if n > found:
            gained = (rate - points[found]) / (n - found)
            assert gained < sizing.PAYS * first + 1e-6 * max(1.0, first)


@given(bend=st.integers(2, 9), slope=st.floats(0, 0.49))
def test_the_knee_of_two_lines_is_their_bend(bend: int, slope: float) -> None:
    """Full rate up to the bend, less than half of it from there."""
    study = rows(*((n, float(min(n, bend) + slope * max(0, n - bend))) for n in range(1, 11)))
    assert sizing.knee(study) == bend


def test_table_and_csv(tmp_path: Path) -> None:
    """The knee is marked, a day that was not sound named; the CSV reads back."""
    study = rows((10, 1000.0), (20, 1900.0), (30, 2000.0))
    study[2]["lost"] = 1
    text = sizing.table(sizing.means(study)).splitlines()
    assert text[2].endswith("knee")
    assert text[3].endswith("NOT SOUND")
    sizing.write_csv(study, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open() as file:
        assert [row["parcels_per_hour"] for row in csv.DictReader(file)] == [
            "1000.0", "1900.0", "2000.0",
        ]  # fmt: skip


@pytest.mark.slow
def test_the_picture(tmp_path: Path) -> None:
    """It is drawn without a screen, also of days of which not every figure is known."""
    pytest.importorskip("matplotlib")
    study = rows((10, 1000.0), (20, 1900.0))
    study[0]["lead_p95_seconds"] = study[1]["waiting"] = None
    sizing.plot(sizing.means(study), tmp_path / "study.png", "tiny")
    assert (tmp_path / "study.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("rates", [(128.0, 130.0), (0.0, 0.0), (None, None)])
def test_a_picture_has_room_above_its_highest_point(
    rates: tuple[float | None, float | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where days differ little, so that no point is cut off at the edge."""
    figures = pytest.importorskip("matplotlib.figure")
    drawn = []
    monkeypatch.setattr(figures.Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    sizing.plot(sizing.means(rows(*enumerate(rates, 3))), tmp_path / "study.png", "a study")
    bottom, top = drawn[0].axes[0].get_ylim()
    assert bottom == 0
    assert top > 1.03 * (rates[1] or 0)
