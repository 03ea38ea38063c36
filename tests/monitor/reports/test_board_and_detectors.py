"""What a board and the owners of detectors are told: months, clocks, precision and drift."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.lifecycle import Action, Disposition
from alerts.model import Alert
from alerts.records import JudgedDay, Note, RecordedFact
from monitor.reports.board import Month, board_page, span_of
from monitor.reports.detectors import Drift, drift_of, precision_of
from tests.factories import a_finding, a_moment, an_alert
from tests.homes import a_judged_day

LONDON = ZoneInfo("Europe/London")


def a_fact(name: str, value: str) -> RecordedFact:
    """A fact on record about the ordinary alert."""
    return RecordedFact(
        seq=9, alert_id="A-7F3K9Q2M", name=name, value=value, reason="r", actor="alex",
        at=a_moment("2026-03-04T15:30:00Z"),
    )  # fmt: skip


def march(**facts: Any) -> Month:
    """The month in which the ordinary alert was raised."""
    begins, ends = span_of("2026-03", LONDON)
    ordinary: dict[str, Any] = {
        "begins": begins,
        "ends": ends,
        "alerts": (an_alert(),),
        "notes": (),
        "answers": (),
        "facts": (),
        "days": (a_judged_day(),),
        "entries": (),
        "suppressions": (),
        "feeds_missing": ("shifts",),
        "law_unverified": 51,
        "law_overdue": 0,
    }
    return Month(**{**ordinary, **facts})


def part(found: Month, heading: str) -> tuple[tuple[str, ...], ...]:
    """The rows of the first table under a heading of the board's report."""
    page = board_page(found, force="a force", zone=LONDON, written=a_moment())
    [section] = [one for one in page.sections if one.heading == heading]
    return section.tables[0].rows


def test_a_month_begins_and_ends_at_the_forces_own_midnight() -> None:
    begins, ends = span_of("2026-03", LONDON)

    assert (begins, ends) == (a_moment("2026-03-01T00:00:00Z"), a_moment("2026-03-31T23:00:00Z"))
    assert (begins.date(), ends.date()) == (date(2026, 3, 1), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("referred", "row"),
    [
        ("2026-03-05T23:59:00.000000Z", ("1", "1", "0")),
        ("2026-03-06T00:00:00.000000Z", ("1", "0", "1")),
        ("", ("1", "0", "1")),
    ],
)
def test_a_referral_in_time_is_told_from_one_that_is_late(
    referred: str, row: tuple[str, ...]
) -> None:
    facts = [a_fact("criteria_met_at", "2026-03-04T15:20:00.000000Z")]
    if referred:
        facts.append(a_fact("referred_at", referred))

    assert part(march(facts=tuple(facts)), "Referral clock") == (row,)


def test_a_quiet_month_is_not_called_clear() -> None:
    page = board_page(march(alerts=()), force="a force", zone=LONDON, written=a_moment())

    raised = page.sections[0].tables[0]
    assert (raised.rows, raised.none) == ((), "no detector fired on the feeds loaded.")


def test_closures_are_told_by_how_they_ended() -> None:
    closed = Note(
        seq=7, alert_id="A-7F3K9Q2M", at=a_moment("2026-03-09T09:00:00Z"), actor="alex",
        action=Action.CLOSE, reason="r", disposition=Disposition.DATA_PROTECTION_MATTER,
        explanation="", to="",
    )  # fmt: skip

    assert part(march(notes=(closed,)), "Worked") == (("data-protection matter", "1"),)


def several() -> list[Alert]:
    """Four alerts of one detector, and one of another."""
    ours = [an_alert(alert_id=f"A-{n}", findings=(a_finding(),)) for n in range(4)]
    return [*ours, an_alert(alert_id="A-other", findings=(a_finding(detector="circle"),))]


def test_precision_counts_what_people_upheld_among_what_they_could_tell() -> None:
    ended = {
        "A-0": Disposition.CONDUCT_MATTER,
        "A-1": Disposition.EXPLAINED_BY_WORK,
        "A-2": Disposition.CANNOT_TELL,
        "A-other": Disposition.SUSPECTED_CRIME,
    }

    found = precision_of("repeat_subject", several(), ended=ended)

    assert (found.upheld, found.explained, found.cannot_tell, found.open) == (1, 1, 1, 1)
    assert found.share is not None
    assert found.share.value == pytest.approx(0.5)


def days(number: int, *, pairs: int) -> list[JudgedDay]:
    """Judged days up to the fourth of March."""
    return [
        a_judged_day(day=date(2026, 3, 4) - timedelta(days=n), pairs=pairs) for n in range(number)
    ]


def test_a_detector_that_speaks_ten_times_as_often_has_drifted() -> None:
    recent = [an_alert(alert_id=f"A-{n}", raised_at=a_moment("2026-03-02T02:00:00Z"))
              for n in range(20)]  # fmt: skip
    before = [an_alert(alert_id=f"B-{n}", raised_at=a_moment("2026-01-20T02:00:00Z"))
              for n in range(2)]  # fmt: skip

    found = drift_of("circle", [*recent, *before], days=days(56, pairs=1000), recent_days=28)

    assert found == Drift(recent=20, recent_pairs=28_000, before=2, before_pairs=28_000)
    assert found.has_drifted


def test_too_little_is_not_called_drift() -> None:
    found = drift_of("circle", several(), days=days(20, pairs=1000), recent_days=28)

    assert (found.ratio, found.has_drifted) == (None, False)
