"""Signs are counts and moments, kept whole, and told to Prometheus in base units."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.health.exposition import exposition
from monitor.health.signs import FILE_NAME, Signs, keep, kept
from monitor.health.writing import written
from monitor.telemetry import personal
from tests.factories import a_moment

NOW = a_moment("2026-11-24T09:00:00Z")


def signs(**facts: Any) -> Signs:
    """A home in good order, twenty minutes ago."""
    ordinary: dict[str, Any] = {
        "at": NOW - timedelta(minutes=20),
        "last_success_at": NOW - timedelta(hours=3),
        "newest_event_at": NOW - timedelta(hours=9),
        "lag_seconds": 0.0,
        "queue": {"open": 3, "closed": 9},
        "raised_in_week": 3,
        "budget_in_week": 2.0,
        "run_seconds": 41.5,
        "steps": {"judge": True, "read feeds": False},
        "free_bytes": 5_000_000_000,
    }
    return Signs(**(ordinary | facts))


def gauges(text: str) -> dict[str, float]:
    """Every sample of an exposition, by name and labels, as Prometheus's own parser reads it."""
    return {
        sample.name + "".join(f"{{{name}={value}}}" for name, value in sample.labels.items()): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_signs_come_back_from_the_home_as_they_were_kept(tmp_path: Path) -> None:
    keep(signs(), tmp_path)

    assert kept(tmp_path) == signs()


def test_a_home_without_signs_or_with_strange_ones_has_none(tmp_path: Path) -> None:
    assert kept(tmp_path) is None
    (tmp_path / FILE_NAME).write_text('{"format": 9}', encoding="utf-8")
    assert kept(tmp_path) is None


def test_the_age_of_the_last_success_is_counted_to_the_moment_of_asking() -> None:
    read = gauges(exposition(signs(), now=NOW))

    assert read["psdmon_last_success_age_seconds"] == 3 * 3600
    assert read["psdmon_signs_age_seconds"] == 20 * 60


def test_a_clock_set_back_makes_no_negative_age() -> None:
    read = gauges(exposition(signs(), now=NOW - timedelta(days=1)))

    assert read["psdmon_last_success_age_seconds"] == 0


def test_every_count_is_a_gauge_of_its_own() -> None:
    read = gauges(exposition(signs(late_rows=7, days_owed=2), now=NOW, memory_bytes=90_000_000))

    assert read["psdmon_late_rows"] == 7
    assert read["psdmon_gaps_days"] == 2
    assert read["psdmon_queue_alerts{status=open}"] == 3
    assert read["psdmon_budget_used_ratio"] == pytest.approx(1.5)
    assert read["psdmon_run_seconds"] == pytest.approx(41.5)
    assert read["psdmon_step_ended_well{step=read feeds}"] == 0
    assert read["psdmon_resident_memory_bytes"] == 90_000_000


def test_lateness_is_a_histogram_whose_steps_hold_those_before_them() -> None:
    late = {"3600": 5, "86400": 8, "+Inf": 9}
    text = exposition(signs(lateness=late, lateness_seconds=90_000.5), now=NOW)
    read = gauges(text)

    assert "# TYPE psdmon_lateness_seconds histogram" in text
    assert {name: read[name] for name in read if "lateness" in name} == {
        "psdmon_lateness_seconds_bucket{le=3600}": 5,
        "psdmon_lateness_seconds_bucket{le=86400}": 8,
        "psdmon_lateness_seconds_bucket{le=+Inf}": 9,
        "psdmon_lateness_seconds_count": 9,
        "psdmon_lateness_seconds_sum": 90_000.5,
    }


def test_a_home_that_never_scanned_has_no_age_rather_than_a_good_one() -> None:
    read = gauges(exposition(signs(last_success_at=None), now=NOW))

    assert "psdmon_last_success_age_seconds" not in read


def test_no_sign_has_room_for_a_person() -> None:
    assert not [one.name for one in fields(Signs) if personal(one.name)]


def test_a_file_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "psdmon.prom", "before\n")

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fchmod", no_room)
    with pytest.raises(OSError, match="No space"):
        written(path, "after\n")

    assert path.read_text(encoding="utf-8") == "before\n"
    assert list(tmp_path.iterdir()) == [path]
