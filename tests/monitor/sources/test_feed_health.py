"""Stories of what is wrong with a feed: found, kept on the chain, and ended."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alerts.chain import stamp
from monitor.daemon.feeding import Feed
from monitor.sources import FeedReport, Kind, record_of, settle
from monitor.sources.lateness import shift_in
from monitor.sources.volume import fall_on
from monitor.wake import Wake
from tests.factories import a_moment
from tests.monitor.sources.fed import NOW, Fed, as_csv, counts, row, rows
from tests.monitor.sources.test_drop_folder import RMS
from tests.monitor.sources.test_followed_file import LOG, as_jsonl

HOUR = timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")


def found(report: FeedReport) -> dict[str, tuple[str, ...]]:
    """What is said of each kind that stands."""
    return {str(finding.kind): finding.says for finding in report.findings}


def read_before(fed: Fed, at: datetime, **facts: Any) -> None:
    """An earlier reading, as its entry tells it."""
    ordinary: Mapping[str, Any] = {
        "stored": 10,
        "ahead_rows": 0,
        "refused_ahead": 0,
        "cursor": {"whole": True, "whole_at": 0, "files": {}, "numbers": None, "awaited": {}},
    }
    store = (fed.opened or [fed.site()])[0].store
    store.record("feed.read", actor="tests", at=at, about="rms", facts={**ordinary, **facts})


def test_a_feed_that_cannot_be_read_is_found_and_ends_when_it_can(fed: Fed) -> None:
    fed.declare(RMS.replace("{folder}", "{folder}/late"))

    first, second = fed.read(), fed.read(at=NOW + HOUR)
    (fed.folder / "late").mkdir()
    third = fed.read(at=NOW + 2 * HOUR)

    assert list(found(first)) == list(found(second)) == ["cannot_be_read"]
    assert third.findings == ()
    assert len(fed.told("feed.finding_opened")) == 1
    [ended] = record_of(fed.site().store).ended
    assert (ended.since, ended.until, ended.ended_as) == (NOW, NOW + 2 * HOUR, "no longer so")


def test_a_hole_is_found_by_the_span_it_reaches_into(fed: Fed) -> None:
    fed.declare(RMS.replace("{folder}", "{folder}/gone"))
    fed.read()

    record = record_of(fed.site().store)

    assert record.holes(NOW - 9 * HOUR, NOW) == ()
    assert [hole.feed for hole in record.holes(NOW, NOW + HOUR)] == ["rms"]


def test_a_feed_is_silent_when_nothing_comes_within_what_is_declared(fed: Fed) -> None:
    fed.declare(RMS + "expected_minutes = 90\n")
    fed.put("a.csv", as_csv(rows(1, 2)))

    fresh = fed.read()
    quiet = fed.read(at=NOW + timedelta(minutes=91))
    fed.put("b.csv", as_csv(rows(3, 4)))
    back = fed.read(at=NOW + timedelta(minutes=120))

    assert (found(fresh), found(back)) == ({}, {})
    assert found(quiet) == {
        "silent": ("nothing new has come since 2026-03-10T06:00Z; usual is within 1.5 hours",)
    }


def test_what_is_usual_is_learnt_and_a_weekend_or_one_outage_is_no_silence(fed: Fed) -> None:
    fed.declare(RMS)
    at = NOW - timedelta(days=40)
    while at < NOW:
        if at.weekday() < 5 and at.date() != date(2026, 2, 18):
            read_before(fed, at)
        at += timedelta(hours=12)

    silent = {hours: found(fed.read(at=NOW + timedelta(hours=hours))) for hours in (100, 140)}

    assert silent[100] == {}
    assert list(silent[140]) == ["silent"]


def test_a_day_with_far_fewer_rows_than_its_weekdays_is_found_and_can_be_filled(
    fed: Fed,
) -> None:
    fed.declare(RMS, RMS.replace('"rms"', '"twin"').replace("*.csv", "*.log"))
    read_before(fed, a_moment("2026-01-05T06:00:00Z"))
    fed.put("a.csv", as_csv(nine_weeks_and_a_fallen_day()))

    fallen = fed.read()
    late = [row(9000 + n, occurred_at=f"2026-03-05T10:{n:02d}:00Z") for n in range(38)]
    fed.put("late.csv", as_csv(late))
    filled = fed.read(at=NOW + HOUR)

    [said] = found(fallen)["volume_fell"]
    assert said.startswith("2026-03-05 has 2 events; the 8 same weekdays before had 4")
    assert said.endswith("; counted together with twin, whose rows bear the same source")
    assert fallen.findings[0].since == a_moment("2026-03-05T00:00:00Z")
    assert "volume_fell" not in found(filled)


def test_nothing_is_said_of_days_before_a_feed_was_first_read(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv(nine_weeks_and_a_fallen_day()))

    first = fed.read()

    assert first.counts["stored"] > 1000
    assert "volume_fell" not in found(first)


def nine_weeks_and_a_fallen_day() -> list[dict[str, str]]:
    """Rows of a source until 9 March, with two on Thursday the 5th."""
    chance = np.random.default_rng(7)
    first, made, number = date(2026, 1, 5), [], 0
    for day in range(64):
        on = first + timedelta(days=day)
        count = int(chance.poisson(40 if on.weekday() < 5 else 15))
        for n in range(2 if on == date(2026, 3, 5) else count):
            number += 1
            at = f"{on}T{n % 24:02d}:{n % 60:02d}:00Z"
            made.append(row(number, occurred_at=at))
    return made


def test_days_that_vary_beyond_chance_are_seldom_called_a_fall() -> None:
    chance = np.random.default_rng(20260310)
    day = date(2026, 3, 5)
    days = [day - timedelta(days=n) for n in range(64)]
    told = 0
    for _ in range(300):
        mean = chance.gamma(25, 8, size=64)  # a fifth either way, beyond Poisson
        fall = fall_on(
            day, dict(zip(days, chance.poisson(mean).tolist(), strict=True)), first=days[-1]
        )
        told += fall is not None and fall.pvalue < 0.01

    assert told <= 9  # 3 are expected of 300; more than 9 has a chance of one in a thousand


@pytest.mark.parametrize("lost", [0.0, 0.3])
def test_a_fall_to_a_third_is_found_however_the_days_vary(lost: float) -> None:
    chance = np.random.default_rng(3)
    day = date(2026, 3, 5)
    days = [day - timedelta(days=n) for n in range(64)]
    counts_ = dict(zip(days, chance.poisson(chance.gamma(25, 8, size=64)).tolist(), strict=True))
    counts_[day] = int(200 * lost)

    fall = fall_on(day, counts_, first=days[-1])

    assert fall is not None
    assert fall.pvalue < 0.0001


def test_nothing_is_said_of_a_weekday_that_was_seen_three_times() -> None:
    day = date(2026, 3, 5)
    days = {day - timedelta(days=n): 50 for n in range(1, 28)}

    assert fall_on(day, days, first=min(days)) is None


# Both clock changes of 2026, at 01:00 UTC: a source that follows them, and one that does not.


def history(fed: Fed, change: datetime, *, lateness: timedelta) -> None:
    """Twenty readings before a clock change, each with its newest event a little before it."""
    for n in range(20, 0, -1):
        at = change - n * HOUR
        newest = at - lateness - timedelta(seconds=n)
        read_before(
            fed, at, newest_at=stamp(newest), arrived_at=stamp(at),
            cursor={"generation": 1, "inode": 0, "offset": 0, "line": 1, "head_bytes": 0,
                    "head": "", "tail_bytes": 0, "tail": "", "modified_ns": 0, "header": [],
                    "has_bom": False, "open_since": "", "finished": []},
        )  # fmt: skip


def read_over(fed: Fed, change: datetime, *, written: Any) -> FeedReport:
    """Four readings after a clock change, of events that the source writes as it does."""
    content = b""
    for n in range(1, 5):
        at = change + n * HOUR
        content += as_jsonl([row(n, occurred_at=written(at - timedelta(minutes=2)))])
        path = fed.put("audit.jsonl", content, at=at)
        assert path.exists()
        report = fed.read(at=at)
    return report


CHANGES = [a_moment("2026-03-29T01:00:00Z"), a_moment("2026-10-25T01:00:00Z")]


@pytest.mark.parametrize("change", CHANGES)
def test_a_source_that_follows_a_clock_change_is_not_said_to_be_skewed(
    fed: Fed, change: datetime
) -> None:
    fed.declare(LOG.replace("pnc", "rms"))
    history(fed, change, lateness=timedelta(minutes=2))

    report = read_over(fed, change, written=lambda at: at.astimezone(LONDON).isoformat())

    assert "clock_skew" not in found(report)


def test_a_source_that_writes_summer_time_as_utc_is_found_at_once(fed: Fed) -> None:
    change = CHANGES[0]
    fed.declare(LOG.replace("pnc", "rms"))
    history(fed, change, lateness=timedelta(minutes=2))

    report = read_over(
        fed, change, written=lambda at: at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%SZ")
    )

    ahead, shifted = found(report)["clock_skew"]
    assert ahead == (
        "1 of 1 events bear times up to 58 minutes after they came; a clock change that one side"
        " did not follow looks like this"
    )
    assert shifted.startswith("times have shifted: events come 1 hour earlier after they happened")
    opened = [told for told in fed.told("feed.finding_opened") if told["kind"] == "clock_skew"]
    assert opened[0]["since"] == stamp(change + HOUR)


def test_a_source_that_stays_in_summer_time_is_found_by_its_lateness(fed: Fed) -> None:
    change = CHANGES[1]
    fed.declare(LOG.replace("pnc", "rms"))
    history(fed, change, lateness=timedelta(minutes=2))

    report = read_over(
        fed, change, written=lambda at: at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S+01:00")
    )

    [shifted] = found(report)["clock_skew"]
    assert shifted.startswith("times have shifted: events come 1 hour later after they happened")
    assert "a clock change that one side did not follow looks like this" in shifted


def test_times_after_tomorrow_are_found_though_their_rows_are_refused(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv([row(1, occurred_at="2027-03-01T09:00:00Z")]))

    report = fed.read()

    assert counts(report) == (1, 0, 0, 1)
    assert found(report) == {"clock_skew": ("1 are refused for a time more than a day ahead",)}


@pytest.mark.parametrize("apart", [0.0, 1800.0, 5400.0])
def test_lateness_that_moves_by_no_whole_hour_is_no_shift(apart: float) -> None:
    before = [60.0 + n for n in range(30)]

    assert shift_in([*before, *(apart + n for n in range(4))]) is None


def test_lateness_that_always_varied_by_hours_is_no_shift() -> None:
    before = [3600.0 * (n % 5) for n in range(30)]

    assert shift_in([*before, *(7200.0 for _ in range(4))]) is None


def test_columns_that_come_go_or_hold_something_else_are_found(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv([row(n, user_id=str(n)) | {"grade": "3"} for n in range(1, 251)]))
    first = fed.read()
    changed = [row(n, user_id=f"U{n}") | {"rank": "PC"} for n in range(251, 311)]
    fed.put("b.csv", as_csv(changed))
    second = fed.read()
    settle(fed.site().store, "rms", kind=Kind.SCHEMA_CHANGED, reason="agreed", actor="t", at=NOW)
    fed.put("c.csv", as_csv([one | {"event_id": f"F{one['event_id']}"} for one in changed]))
    third = fed.read()

    assert (found(first), found(third)) == ({}, {})
    assert found(second) == {
        "schema_changed": (
            "column rank is new",
            "column grade is gone",
            "column user_id held whole number, now text",
        )
    }
    [ended] = record_of(fed.site().store).ended
    assert ended.ended_as == "agreed"


def test_a_number_that_no_row_has_is_found_and_ends_when_the_row_comes(fed: Fed) -> None:
    fed.declare(RMS + 'sequence_column = "number"\n')
    numbered = [row(n) | {"number": str(n)} for n in (1, 2, 4, 5, 9)]
    fed.put("a.csv", as_csv(numbered))

    early, late = fed.read(), fed.read(at=NOW + 3 * HOUR)
    fed.put("b.csv", as_csv([row(n) | {"number": str(n)} for n in (3, 6, 7)]))
    partly = fed.read(at=NOW + 4 * HOUR)
    fed.put("c.csv", as_csv([row(8) | {"number": "8"}]))
    filled = fed.read(at=NOW + 5 * HOUR)

    assert (found(early), found(filled)) == ({}, {})
    assert found(late) == {"missing_numbers": ("number 3 is in no row", "number 6-8 is in no row")}
    assert found(partly) == {"missing_numbers": ("number 8 is in no row",)}


def test_no_cell_of_a_file_without_a_header_is_kept_on_the_chain(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv([row(1, user_id="U00666", subject_id="P00777")], header=False))

    report = fed.read()

    everything = " ".join(entry.facts for entry in fed.site().store.chain())
    assert report.refused
    assert "U00666" not in everything
    assert "P00777" not in everything
    assert "columns are missing" in found(report)["file_refused"][0]


def test_the_daemon_reads_the_feeds_at_each_wake(fed: Fed) -> None:
    fed.declare(RMS, RMS.replace("rms", "gone").replace("{folder}", "{folder}/gone"))
    fed.put("a.csv", as_csv(rows(1, 3)))

    told = Feed().run(fed.site(), Wake(began_at=NOW))

    assert told == {
        "feeds": 2,
        "stored": 3,
        "quarantined": 0,
        "in_trouble": 1,
        "findings": 1,
    }
