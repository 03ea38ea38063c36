"""Days owed, claimed, failed, tried again and judged once, whatever happens in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from alerts.errors import Busy
from monitor.cycle import ScanReport, scan
from monitor.owing import settled
from monitor.wiring import Site
from tests.factories import a_moment, an_alert
from tests.monitor.daemon.conftest import FIRST_JUDGED, Quick, an_access, load

Opened = Callable[[str], Site]

D = [FIRST_JUDGED + timedelta(days=number) for number in range(100)]
FIVE_DAYS = "2026-02-03T03:00:00Z"  # 29 January to 2 February have settled


def scanned(site: Site, judging: Quick, *, patient: bool = True) -> ScanReport:
    """What the daemon's scan of that moment comes to."""
    return scan(site, until=settled(site), actor="daemon", patient=patient, judging=judging)


def told(site: Site, kind: str) -> list[tuple[str, object]]:
    """What the entries of a kind are about, and whether they tell of catching up."""
    entries = site.store.chain(kinds=(kind,))
    return [(entry.about, entry.told.get("catching_up")) for entry in entries]


def test_a_day_that_fails_is_told_of_and_does_not_block_the_others(opened: Opened) -> None:
    site = opened(FIVE_DAYS)
    judging = Quick(fails={D[1]: ValueError("P-SECRET was looked up by U-SECRET")})

    report = scanned(site, judging)

    failing = next(day for day in site.store.days.ledger() if day.day == D[1])
    assert judging.seen == [D[0], *D[2:5]]
    assert list(report.failed) == [D[1]]
    assert report.failed[D[1]].startswith("a fault of the program (ValueError)")
    assert (failing.failures, failing.owner, failing.judged) == (1, "", None)
    assert not any("SECRET" in entry.facts for entry in site.store.chain())
    assert site.store.verify().intact


def test_a_failing_day_is_tried_again_ever_more_seldom_and_by_a_person_at_any_time(
    opened: Opened,
) -> None:
    tries = {}
    for at in ("03:00", "03:01", "03:30", "03:32", "04:31"):
        judging = Quick(fails={D[0]: ValueError()})
        report = scanned(opened(f"2026-02-03T{at}:00Z"), judging)
        tries[at] = ("failed" if report.failed else "", "waits" if report.waiting else "")
    by_hand = scanned(opened("2026-02-03T04:33:00Z"), Quick(), patient=False)

    assert tries == {
        "03:00": ("failed", ""),
        "03:01": ("failed", ""),  # once may be chance
        "03:30": ("", "waits"),
        "03:32": ("failed", ""),  # after half an hour
        "04:31": ("", "waits"),  # for an hour
    }
    assert D[0] in by_hand.judged


def test_what_came_after_a_day_that_failed_is_judged_again_once_it_is_judged(
    opened: Opened,
) -> None:
    site = opened(FIVE_DAYS)
    scanned(site, Quick(fails={D[1]: ValueError()}))

    judging = Quick()
    scanned(site, judging)

    assert judging.seen == D[1:5]
    stale = [e for e in site.store.chain(kinds=("day.stale",)) if e.about == D[4].isoformat()]
    assert [entry.told["reason"] for entry in stale] == ["2026-01-30 was judged after it"]


def test_days_that_all_fail_do_not_hold_a_scan_for_ever(opened: Opened) -> None:
    judging = Quick(fails={day: ValueError() for day in D})

    report = scanned(opened("2026-04-11T03:00:00Z"), judging)

    assert len(report.failed) == 5
    assert report.left > 60


def test_a_claim_whose_process_is_gone_is_handed_back_and_counts_as_a_failure(
    opened: Opened,
) -> None:
    site = opened(FIVE_DAYS)
    at = site.clock.now() - timedelta(minutes=1)
    machine = site.run_owner.rpartition("/")[0]
    site.store.days.claim(D[0], owner=f"{machine}/4194305", at=at, lease=timedelta(minutes=30))

    report = scanned(site, Quick())

    released = next(site.store.chain(kinds=("day.released",)))
    assert report.judged == tuple(D[:5])
    assert released.about == D[0].isoformat()
    assert released.told["reason"] == "the process that judged it ended without a word"
    assert site.store.verify().intact


def test_a_claim_of_another_machine_holds_until_its_lease_has_run_out(opened: Opened) -> None:
    site = opened(FIVE_DAYS)
    lease = timedelta(minutes=30)
    site.store.days.claim(D[0], owner="psd@elsewhere/1", at=site.clock.now(), lease=lease)

    with pytest.raises(Busy, match=r"2026-01-29 is being judged by psd@elsewhere/1"):
        scanned(opened("2026-02-03T03:29:00Z"), Quick())
    report = scanned(opened("2026-02-03T03:30:00Z"), Quick())

    assert report.judged == tuple(D[:5])


def test_a_scan_that_was_overtaken_stores_nothing_by_what_it_knew_and_begins_again(
    opened: Opened,
) -> None:
    site = opened(FIVE_DAYS)
    facts = {"owner": "psd@elsewhere/1", "at": site.clock.now()}
    found = an_alert()

    def another_run(day: date) -> None:
        if day == D[2] and not site.store.alerts():
            assert site.store.days.claim(D[3], lease=timedelta(minutes=30), **facts)  # type: ignore[arg-type]  # named facts
            judged = replace(site.store.days.judged()[D[1]], day=D[3])
            site.store.days.finish(judged, alerts=[found], **facts)  # type: ignore[arg-type]  # as above

    judging = Quick(meanwhile=another_run)
    scanned(site, judging)

    released = next(site.store.chain(kinds=("day.released",)))
    assert "another run has judged since this one read the alerts" in released.told["reason"]
    assert judging.seen == [*D[:3], *D[2:5]]
    assert site.store.alerts() == [found]
    assert site.store.verify().intact


def test_a_scan_asked_to_stop_ends_after_the_day_in_hand(opened: Opened) -> None:
    site = opened(FIVE_DAYS)
    judging = Quick()

    report = scan(
        site,
        until=settled(site),
        actor="daemon",
        judging=judging,
        stop=lambda: len(judging.seen) == 2,
    )

    assert (report.judged, report.left) == (tuple(D[:2]), 3)
    assert site.store.last_entry().kind == "scan.finished"  # type: ignore[union-attr]  # it is there


def test_an_outage_of_forty_days_is_caught_up_oldest_first_and_says_so(opened: Opened) -> None:
    scanned(opened("2026-01-31T03:00:00Z"), Quick())
    site = opened("2026-03-12T03:00:00Z")
    judging = Quick(raises={D[2]: an_alert(), D[41]: an_alert(alert_id="A-2", user_ids=("U2",))})

    scanned(site, judging)

    assert judging.seen == D[2:42]
    assert told(site, "alert.raised") == [("A-7F3K9Q2M", 39), ("A-2", None)]
    assert told(site, "day.judged")[-2:] == [("2026-03-10", 1), ("2026-03-11", None)]
    assert site.store.verify().intact


@pytest.mark.parametrize(
    "first",
    ["2026-03-28T02:11:00Z", "2026-10-24T02:11:00Z", "2028-02-28T02:11:00Z"],
    ids=["the clocks go forward", "the clocks go back", "a leap day"],
)
def test_each_day_is_judged_once_whatever_the_calendar_does(opened: Opened, first: str) -> None:
    start = a_moment(first)
    scanned(opened(first), Quick())
    judged: list[date] = []
    for hours in (24, 48):
        judging = Quick()
        scanned(opened((start + timedelta(hours=hours)).isoformat()), judging)
        judged += judging.seen

    assert judged == [start.date(), start.date() + timedelta(days=1)]


def test_a_clock_set_back_by_a_day_judges_nothing_twice_and_loses_nothing(opened: Opened) -> None:
    before, back, after = Quick(), Quick(), Quick()
    scanned(opened("2026-02-10T03:00:00Z"), before)
    scanned(opened("2026-02-09T03:10:00Z"), back)
    scanned(opened("2026-02-11T03:00:00Z"), after)

    assert (before.seen, back.seen, after.seen) == (D[:12], [], [D[12]])


def test_a_clock_set_forward_by_a_day_has_the_day_judged_again_when_its_rows_are_there(
    opened: Opened, root: Path
) -> None:
    forward, again = Quick(), Quick()
    scanned(opened("2026-02-11T12:00:00Z"), forward)  # in truth it is the tenth
    load(root, [an_access(D[12], number=1)], at=a_moment("2026-02-10T18:00:00Z"))
    scanned(opened("2026-02-11T03:00:00Z"), again)

    assert forward.seen == D[:13]
    assert again.seen == [D[12]]


def test_a_wait_told_by_a_clock_that_was_set_back_is_not_waited_for(opened: Opened) -> None:
    for _ in range(3):
        scanned(opened("2026-02-10T03:00:00Z"), Quick(fails={D[0]: ValueError()}), patient=False)

    judging = Quick()
    scanned(opened("2026-02-08T03:00:00Z"), judging)

    assert D[0] in judging.seen


def test_late_rows_have_their_day_and_all_after_it_judged_again(opened: Opened, root: Path) -> None:
    scanned(opened(FIVE_DAYS), Quick())
    load(root, [an_access(D[3], number=1)], at=a_moment("2026-02-03T05:00:00Z"))

    judging = Quick()
    scanned(opened("2026-02-03T06:00:00Z"), judging)

    assert judging.seen == D[3:5]
