"""A case becomes an alert, adds to one, or brings a closed one back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from alerts.connections import Connections
from alerts.evidence import Evidence
from alerts.model import Alert, Family, Priority, Status
from alerts.prompt_pack import PromptPack
from alerts.raising import Circumstances, Grounds, extended, matching, raised, reopened
from alerts.rarity import FURTHEST
from alerts.wording import forbidden_words
from monitor.prompts import pack_at
from monitor.settings import shipped_config
from tests.factories import a_finding, a_moment, an_explanation

FLOOR = 19.2


@pytest.fixture(scope="module")
def pack() -> PromptPack:
    """The law pack that is shipped."""
    return pack_at(shipped_config() / "prompts")


@pytest.fixture
def day(pack: PromptPack) -> Circumstances:
    """One judged day."""
    return Circumstances(
        at=a_moment("2026-03-01T02:10:00Z"),
        day=date(2026, 2, 28),
        floor=FLOOR,
        feeds_missing=("shifts",),
        pack=pack,
        settings_fingerprint="sha256:" + "0" * 64,
        code_version="0.1.0",
        data_version={"events": 41},
        provisional=False,
    )


def the_next_day(day: Circumstances) -> Circumstances:
    """The day after."""
    return replace(
        day, at=a_moment("2026-03-02T02:10:00Z"), day=date(2026, 3, 1), data_version={"events": 42}
    )


def some_evidence(**facts: Any) -> Evidence:
    """Twelve visits on seven days, nine of them to the focus."""
    ordinary: Mapping[str, Any] = {
        "first_event_at": a_moment("2026-02-02T09:00:00Z"),
        "last_event_at": a_moment("2026-02-28T21:00:00Z"),
        "event_ids": ("e1", "e2", "e3"),
        "visits": 12,
        "visit_days": 7,
        "visits_on_focus": 9,
        "busiest_day": date(2026, 2, 28),
        "busiest_day_rows": 2,
        "taken_away": 0,
        "explanations": (an_explanation(),),
    }
    return Evidence(**{**ordinary, **facts})


def grounds(**facts: Any) -> Grounds:
    """A case once in 40 user-years, of a reference of 300."""
    ordinary: Mapping[str, Any] = {
        "user_id": "U1",
        "subject_ids": ("P1", "P2"),
        "focus_type": "person",
        "role": "response",
        "interval": 40.0,
        "log_evidence": 5.0,
        "limit_years": 300.0,
        "evidence": some_evidence(),
        "connections": Connections(
            people_around=1, personal=False, looked_after_change=False, own_record=False
        ),
        "findings": (a_finding(),),
    }
    return Grounds(**{**ordinary, **facts})


def test_an_alert_is_raised_open_with_the_score_of_its_interval(day: Circumstances) -> None:
    alert = raised(grounds(interval=100.0), day)

    assert alert.status is Status.OPEN
    assert alert.score == pytest.approx(2.0)
    assert (alert.raised_at, alert.updated_at) == (day.at, day.at)
    assert (alert.focus_subject_id, alert.subject_ids) == ("P1", ("P1", "P2"))
    assert alert.recurrence_interval.value == 100.0
    assert not alert.recurrence_interval.limit_of_data


def test_the_same_case_has_the_same_id_wherever_it_is_worked_out(day: Circumstances) -> None:
    same = raised(grounds(interval=900.0), replace(day, at=a_moment("2026-03-09T02:10:00Z")))

    assert raised(grounds(), day).alert_id == same.alert_id


@pytest.mark.parametrize("other", [{"user_id": "U2"}, {"subject_ids": ("P2", "P1")}])
def test_another_user_or_focus_has_another_id(day: Circumstances, other: dict[str, Any]) -> None:
    assert raised(grounds(), day).alert_id != raised(grounds(**other), day).alert_id


def test_an_interval_beyond_the_data_is_told_as_its_limit(day: Circumstances) -> None:
    alert = raised(grounds(interval=5000.0), day)

    assert alert.recurrence_interval.value == 300.0
    assert alert.recurrence_interval.limit_of_data
    assert "less than once in 300 user-years (the limit of the data)" in alert.says


def test_at_the_cap_the_evidence_tells_two_alerts_apart(day: Circumstances) -> None:
    cap = 300.0 * FURTHEST
    weaker, stronger = (
        raised(grounds(interval=cap, log_evidence=value), day).score for value in (9.0, 9.5)
    )

    assert weaker < stronger < weaker + 0.001


@pytest.mark.parametrize(
    ("kind", "own", "family"),
    [
        ("person", False, Family.FIXATION),
        ("vehicle", False, Family.FIXATION),
        ("unknown", False, Family.FIXATION),
        ("incident", False, Family.CURIOSITY),
        ("person", True, Family.PERSONAL),
    ],
)
def test_the_family_follows_from_what_was_looked_up(
    day: Circumstances, kind: str, *, own: bool, family: Family
) -> None:
    near = replace(grounds().connections, own_record=own)

    assert raised(grounds(focus_type=kind, connections=near), day).family is family


@pytest.mark.parametrize(
    ("kind", "interval", "priority"),
    [
        ("person", FLOOR, Priority.HIGH),
        ("person", 10 * FLOOR, Priority.URGENT),
        ("incident", FLOOR, Priority.NORMAL),
        ("incident", 10 * FLOOR, Priority.HIGH),
    ],
)
def test_the_priority_rises_with_rarity_and_with_a_person_at_its_centre(
    day: Circumstances, kind: str, interval: float, priority: Priority
) -> None:
    assert raised(grounds(focus_type=kind, interval=interval), day).priority is priority


def test_a_fixation_alert_asks_the_questions_none_may_lack(day: Circumstances) -> None:
    asked = {prompt.id for prompt in raised(grounds(), day).prompts}

    assert {"P01", "P02", "P08", "P10", "P13", "P23"} <= asked


def test_a_curiosity_alert_is_not_raised_to_stalking(day: Circumstances) -> None:
    asked = {prompt.id for prompt in raised(grounds(focus_type="incident"), day).prompts}

    assert not {"P01", "P02"} & asked


def test_the_sentence_counts_tells_rarity_and_claims_no_guilt(day: Circumstances) -> None:
    says = raised(grounds(), day).says

    assert says.startswith(
        "From 2 February 2026 to 28 February 2026 the member of staff made 9 visits to this "
        "person, and 3 visits to 1 linked record, on 7 days. The log holds 3 rows of it, 2 on "
        "28 February 2026. Among response staff chance alone brings a pattern this strong about "
        "once in 40 user-years. This is a measure of rarity, not of guilt."
    )
    assert forbidden_words(says) == ()


def test_later_evidence_adds_and_keeps_the_stronger_reading(day: Circumstances) -> None:
    alert = raised(grounds(interval=400.0, limit_years=900.0), day)
    later = grounds(
        interval=30.0,
        subject_ids=("P1", "P3"),
        evidence=some_evidence(
            event_ids=("e3", "e4"), last_event_at=a_moment("2026-03-01T21:00:00Z")
        ),
    )
    grown = extended(alert, later, the_next_day(day))

    assert grown.score == alert.score
    assert grown.recurrence_interval == alert.recurrence_interval
    assert grown.subject_ids == ("P1", "P2", "P3")
    assert grown.event_ids == ("e1", "e2", "e3", "e4")
    assert grown.last_event_at == a_moment("2026-03-01T21:00:00Z")
    assert (grown.alert_id, grown.raised_at) == (alert.alert_id, alert.raised_at)
    assert grown.updated_at == a_moment("2026-03-02T02:10:00Z")
    assert grown.data_version == {"events": 42}


def test_stronger_evidence_is_read_anew(day: Circumstances) -> None:
    alert = raised(grounds(), day)
    grown = extended(alert, grounds(interval=290.0), the_next_day(day))

    assert grown.score > alert.score
    assert grown.priority is Priority.URGENT
    assert {prompt.id for prompt in alert.prompts} <= {prompt.id for prompt in grown.prompts}


def test_nothing_new_leaves_the_very_same_alert(day: Circumstances) -> None:
    alert = raised(grounds(), day)

    assert extended(alert, grounds(), the_next_day(day)) is alert


@pytest.mark.parametrize(("interval", "back"), [(399.0, False), (401.0, True)])
def test_a_closed_alert_comes_back_only_when_ten_times_rarer(
    day: Circumstances, interval: float, *, back: bool
) -> None:
    closed = replace(raised(grounds(), day), status=Status.CLOSED)
    again = reopened(closed, grounds(interval=interval), the_next_day(day))

    assert (again is not None) is back
    assert again is None or again.status is Status.OPEN


def an_alert_on(day: Circumstances, *people: str, user: str = "U1") -> Alert:
    """An alert on some records, the focus first."""
    return raised(grounds(user_id=user, subject_ids=people), day)


def test_an_alert_matches_where_either_focus_is_among_the_others_records(
    day: Circumstances,
) -> None:
    alert = an_alert_on(day, "P1", "P2")

    assert matching([alert], "U1", ["P2", "P9"]) is alert
    assert matching([alert], "U1", ["P9", "P1"]) is alert
    assert matching([alert], "U1", ["P9", "P2"]) is None
    assert matching([alert], "U2", ["P1"]) is None


def test_of_several_alerts_the_newest_matches(day: Circumstances) -> None:
    older, newer = an_alert_on(day, "P1"), an_alert_on(the_next_day(day), "P1")

    assert matching([newer, older], "U1", ["P1"]) is newer
