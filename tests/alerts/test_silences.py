"""What a suppression holds back, and what it does not."""

from datetime import timedelta
from typing import Any

from alerts.records import Suppression
from alerts.silences import expiring, lapsed, suppressed
from tests.factories import a_finding, a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
DAY = timedelta(days=1)
ALERT = an_alert()  # repeat_subject and circle speak about U00123 and P0001


def a_suppression(seq: int = 1, **facts: Any) -> Suppression:
    ordinary: dict[str, Any] = {
        "seq": seq,
        "alert_id": ALERT.alert_id,
        "user_id": "U00123",
        "focus_subject_id": "P0001",
        "detector": "circle",
        "reason": "family liaison",
        "actor": "one",
        "at": AT - DAY,
        "expires_at": AT + 30 * DAY,
    }
    return Suppression(**{**ordinary, **facts})


def test_an_alert_is_held_back_when_every_detector_that_speaks_is_suppressed() -> None:
    both = (a_suppression(1), a_suppression(2, detector="repeat_subject"))

    assert suppressed(ALERT, both, at=AT).whole
    assert suppressed(ALERT, both, at=AT).by == both


def test_a_detector_that_is_not_suppressed_is_heard() -> None:
    silence = suppressed(ALERT, [a_suppression()], at=AT)

    assert not silence.whole
    assert [finding.detector for finding in silence.left] == ["repeat_subject"]


def test_another_pair_is_heard() -> None:
    others = (a_suppression(1, user_id="U9"), a_suppression(2, focus_subject_id="P9"))

    assert suppressed(ALERT, others, at=AT).by == ()


def test_a_user_level_finding_is_suppressed_by_its_empty_focus() -> None:
    alert = an_alert(focus_subject_id="", findings=(a_finding(focus_id="", detector="burst"),))
    one = a_suppression(focus_subject_id="", detector="burst")

    assert suppressed(alert, [one], at=AT).whole


def test_a_suppression_begins_when_it_was_made_and_ends_by_itself() -> None:
    one = a_suppression(detector="repeat_subject")
    moments = (one.at - DAY, one.at, one.expires_at - timedelta(seconds=1), one.expires_at)

    assert [bool(suppressed(ALERT, [one], at=at).by) for at in moments] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_suppression_that_ran_out_says_why_an_alert_is_heard_again() -> None:
    old = a_suppression(1, expires_at=AT)

    assert lapsed(ALERT, [old, a_suppression(2)], at=AT) == (old,)


def test_what_runs_out_soon_comes_the_next_first() -> None:
    soon = [a_suppression(n, expires_at=AT + n * DAY) for n in (9, 3, 20)]
    ended = a_suppression(4, expires_at=AT)

    found = expiring([*soon, ended], at=AT, within=14 * DAY)
    assert [one.seq for one in found] == [3, 9]
