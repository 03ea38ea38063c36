"""What was never covered is named with its reason, and a backfill covers it and nothing else."""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.cycle import Span, scan
from monitor.gaps import Kind, days_owed, gaps
from monitor.owing import settled
from monitor.wiring import Site
from tests.factories import a_moment
from tests.monitor.daemon.conftest import FIRST, FIRST_JUDGED, Quick, an_access, load

Opened = Callable[[str], Site]

D = [FIRST_JUDGED + timedelta(days=number) for number in range(100)]
FIVE_DAYS = "2026-02-03T03:00:00Z"  # 29 January to 2 February have settled


def scanned(site: Site, judging: Quick) -> None:
    """Judge what is owed."""
    scan(site, until=settled(site), actor="daemon", judging=judging)


def found(site: Site) -> list[tuple[date, date, Kind, str]]:
    """The gaps up to what has settled, the history that is only drawn on left out."""
    return [
        (gap.first, gap.end, gap.kind, gap.reason)
        for gap in gaps(site, until=settled(site))
        if gap.kind is not Kind.WARM_UP
    ]


def typed(root: Path, *words: str, at: str = FIVE_DAYS) -> Result:
    """What psdmon answers in that home at that moment."""
    return CliRunner().invoke(shell, ["--home", str(root), *words], obj=FixedClock(a_moment(at)))


def test_days_that_were_never_judged_are_one_span(opened: Opened) -> None:
    assert found(opened(FIVE_DAYS)) == [(D[0], D[5], Kind.NEVER, "not judged yet")]


def test_a_failing_day_is_named_with_how_often_and_why(opened: Opened) -> None:
    site = opened(FIVE_DAYS)
    for _ in range(2):
        scanned(site, Quick(fails={D[2]: OSError(5, "Input/output error")}))

    assert found(site) == [
        (
            D[2],
            D[3],
            Kind.FAILING,
            "failed 2 times, next try 2026-02-03T03:30Z: OSError: Input/output error",
        )
    ]


def test_days_covered_before_late_rows_came_are_gaps_again(opened: Opened, root: Path) -> None:
    site = opened(FIVE_DAYS)
    scanned(site, Quick())
    load(root, [an_access(D[3], number=1)], at=a_moment("2026-02-03T05:00:00Z"))

    ((first, end, kind, reason),) = found(opened(FIVE_DAYS))
    assert (first, end, kind) == (D[3], D[5], Kind.LATE)
    assert reason == "accesses of this day or an earlier one came in after it was judged"


def test_days_without_any_access_between_days_with_some_are_a_hole(opened: Opened) -> None:
    site = opened("2026-10-28T03:00:00Z")
    scanned(site, Quick())

    ((first, end, kind, _),) = found(site)
    assert (first, end, kind) == (date(2026, 4, 11), date(2026, 10, 23), Kind.NO_ACCESS)
    assert days_owed(gaps(site, until=settled(site))) == ()


def test_history_to_draw_on_is_named_and_no_reason_to_call_anybody(
    root: Path, opened: Opened
) -> None:
    scanned(opened(FIVE_DAYS), Quick())

    result = typed(root, "gaps", "--json", "--exit-code")

    (history,) = json.loads(result.stdout)["gaps"]
    assert (history["from"], history["to"], history["owed"]) == (
        FIRST.isoformat(),
        FIRST_JUDGED.isoformat(),
        False,
    )
    assert result.exit_code == 0


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--exit-code",), 1)])
def test_a_gap_ends_with_1_where_that_was_asked_for(
    root: Path, words: tuple[str, ...], code: int
) -> None:
    result = typed(root, "gaps", *words)

    assert result.exit_code == code
    assert "5 days owed. Next: psdmon scan, or psdmon backfill" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_a_backfill_judges_the_days_of_its_span_that_are_owed(opened: Opened) -> None:
    site = opened(FIVE_DAYS)
    span = Span(first=D[1], end=D[3])
    judging = Quick()

    for again in (False, False, True):
        scan(site, until=settled(site), actor="officer", span=span, again=again, judging=judging)

    assert judging.seen == [D[1], D[2], D[1], D[2]]
    stale = [entry.told["reason"] for entry in site.store.chain(kinds=("day.stale",))]
    assert stale == ["asked to be judged again"] * 2


def test_a_dry_backfill_says_what_it_would_judge_and_stores_nothing(root: Path) -> None:
    span = ("--from", "2026-01-30", "--to", "2026-02-01")

    dry = json.loads(typed(root, "backfill", *span, "--dry-run", "--json").stdout)
    done = json.loads(typed(root, "backfill", *span, "--json").stdout)
    twice = json.loads(typed(root, "backfill", *span, "--json").stdout)
    again = json.loads(typed(root, "backfill", *span, "--again", "--dry-run", "--json").stdout)

    judged = [told["judged_days"] for told in (dry, done, twice, again)]
    assert judged == [2, 2, 0, 2]


@pytest.mark.parametrize("command", ["gaps", "status"])
def test_with_broken_settings_what_the_daemon_serves_by_is_shown_and_the_problem(
    root: Path, command: str
) -> None:
    shutil.copytree(root / "config", root / "running" / "config")
    (root / "config" / "settings.toml").write_text("[schedule]\nevery_minutes = 0\n")

    result = typed(root, command)

    assert "5 days owed" in result.stdout
    assert "schedule.every_minutes: Input should be greater than or equal to 1" in result.stderr
    assert "by the settings that were good when the daemon last read them" in result.stderr


def test_a_backfill_of_no_span_is_refused(root: Path) -> None:
    result = typed(root, "backfill", "--from", "2026-02-01T10:00Z", "--to", "2026-02-01")

    assert result.exit_code == 2
    assert (
        "no day begins from --from 2026-02-01T10:00Z on and before --to 2026-02-01T00:00Z;"
        " possible: --from 2026-02-02 --to 2026-02-03"
    ) in result.stderr
