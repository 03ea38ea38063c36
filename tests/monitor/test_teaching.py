"""When the fusion is taught, by what, and that what was taught is kept and cannot be exchanged."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from alerts.contract import contract_line
from alerts.errors import IntegrityBroken
from alerts.model import Alert
from alerts.teaching import Taught
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.judgement import judged_days
from monitor.knowledge import Records, Rules
from monitor.prompts import pack_at
from monitor.running import running_at, strands
from monitor.settings import Settings, shipped_config
from monitor.shelf import BorrowingShelf, HomeShelf
from monitor.teaching import OpenShelf, term_start
from monitor.wiring import Site, open_site
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.tables import feeds_of

MONDAY = 20_710  # 2026-09-14, since 1970-01-01
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = [date(2026, 4, 13) + timedelta(days=turn) for turn in range(14)]


def rules(**teaching: Any) -> Rules:
    """The shipped rules, with a few detectors, and other settings of teaching."""
    how = Settings().teaching.model_copy(update={"least_user_years": 0.0, **teaching})
    chosen = [
        strand
        for strand in strands(running_at(shipped_config()))
        if strand.detector.name in {"burst", "unexplained_days", "viewer_share"}
    ]
    return Rules(
        settings=Settings().model_copy(update={"teaching": how}),
        strands=tuple(chosen),
        pack=pack_at(shipped_config() / "prompts", "england-wales"),
        settings_fingerprint="sha256:0",
        code_version="0",
    )


@pytest.fixture(scope="module")
def records() -> Records:
    """What an ordinary force's lake says."""
    lake: duckdb.DuckDBPyConnection = an_ordinary_force(OrdinaryForce(users=45, days=110))
    return Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})


@pytest.fixture(scope="module")
def shelf(records: Records) -> OpenShelf:
    """The shelf after two weeks were judged."""
    filled = OpenShelf({})
    end = datetime(2026, 4, 27, tzinfo=UTC)
    list(judged_days(records, rules(), days=DAYS, until=end, known=(), shelf=filled))
    return filled


def test_weeks_of_one_term_are_judged_by_one_model() -> None:
    starts = {term_start(MONDAY + 7 * week, first_judged=0, term_days=28) for week in range(12)}

    assert len(starts) in {3, 4}
    assert all(start % 7 == MONDAY % 7 for start in starts)


def test_the_first_term_begins_with_the_first_week_that_is_judged() -> None:
    first = MONDAY + 3  # a Thursday

    assert term_start(MONDAY, first_judged=first, term_days=28) == MONDAY
    assert term_start(MONDAY + 7, first_judged=first, term_days=28) in {MONDAY, MONDAY + 7}


def test_the_same_history_teaches_the_same_model(records: Records, shelf: OpenShelf) -> None:
    other = OpenShelf({})
    end = datetime(2026, 4, 27, tzinfo=UTC)
    list(judged_days(records, rules(), days=DAYS[:3], until=end, known=(), shelf=other))

    assert set(other.models) <= set(shelf.models)
    assert all(shelf.models[key].sha256 == model.sha256 for key, model in other.models.items())


def test_days_judged_by_a_taught_model_one_by_one_are_byte_for_byte_those_judged_at_once(
    records: Records, shelf: OpenShelf
) -> None:
    end = datetime(2026, 4, 27, tzinfo=UTC)
    days = [DAYS[2], DAYS[8]]  # of two weeks
    low = rules()
    judging = low.settings.judging.model_copy(update={"chance_alerts_per_1000_user_weeks": 300.0})
    low = replace(low, settings=low.settings.model_copy(update={"judging": judging}))
    at_once = list(judged_days(records, low, days=days, until=end, known=(), shelf=shelf))
    desk: dict[str, Alert] = {}
    singly = []
    for day in days:
        [one] = judged_days(
            records, low, days=[day], until=end, known=tuple(desk.values()), shelf=shelf
        )
        desk |= {alert.alert_id: alert for alert in one.alerts}
        singly.append(one)

    assert any(alert.contributions for outcome in at_once for alert in outcome.alerts)
    assert [[contract_line(a) for a in one.alerts] for one in singly] == [
        [contract_line(a) for a in one.alerts] for one in at_once
    ]
    assert [one.passed for one in singly] == [one.passed for one in at_once]


def test_a_shape_that_is_left_out_is_in_no_lesson(records: Records, shelf: OpenShelf) -> None:
    bare = OpenShelf({})
    left_out = rules(without=("burst", "drip"))
    end = datetime(2026, 4, 14, tzinfo=UTC)
    list(judged_days(records, left_out, days=DAYS[:1], until=end, known=(), shelf=bare))
    [model] = bare.models.values()

    assert {"burst", "drip"} <= set(next(iter(shelf.models.values())).drills)
    assert not {"burst", "drip"} & set(model.drills)


@pytest.mark.parametrize("how", [{"least_user_years": 1e6}, {"budget_share": 0.0}])
def test_a_force_too_small_or_unwilling_is_judged_by_the_mean_of_evidence(
    records: Records, how: dict[str, float]
) -> None:
    empty = OpenShelf({})
    end = datetime(2026, 4, 14, tzinfo=UTC)
    [day] = judged_days(records, rules(**how), days=DAYS[:1], until=end, known=(), shelf=empty)

    assert day.pairs > 0
    assert empty.models == {}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A home, fresh."""
    root = tmp_path / "home"
    made = CliRunner().invoke(shell, ["--home", str(root), "init"])
    assert made.exit_code == 0, made.output
    return open_site(root, clock=FixedClock(datetime(2026, 4, 27, 3, tzinfo=UTC)))


def a_model(shelf: OpenShelf) -> Taught:
    """One that was taught."""
    return next(iter(shelf.models.values()))


def test_a_model_is_kept_by_its_hash_and_told_on_the_chain(site: Site, shelf: OpenShelf) -> None:
    model = a_model(shelf)
    HomeShelf(site, "tests").put("a-key", model, day=date(2026, 4, 13))
    found = HomeShelf(site, "tests").found("a-key")
    [entry] = site.store.chain(about="a-key")

    assert found is not None
    assert found.sha256 == model.sha256
    assert (entry.kind, entry.told["sha256"]) == ("model.taught", model.sha256)
    assert HomeShelf(site, "tests").found("another") is None


@pytest.mark.parametrize("harm", ["edit", "remove"])
def test_a_model_that_is_not_what_the_chain_says_is_refused(
    site: Site, shelf: OpenShelf, harm: str
) -> None:
    model = a_model(shelf)
    HomeShelf(site, "tests").put("a-key", model, day=date(2026, 4, 13))
    path = site.home.models / f"{model.sha256}.json"
    if harm == "edit":
        path.write_text(path.read_text().replace('"burst"', '"gone"'))
    else:
        path.unlink()

    with pytest.raises(IntegrityBroken, match="possible: put it back from a backup"):
        HomeShelf(site, "tests").found("a-key")


def test_a_replay_uses_the_live_model_and_keeps_none_of_its_own(
    site: Site, shelf: OpenShelf
) -> None:
    model = a_model(shelf)
    HomeShelf(site, "tests").put("a-key", model, day=date(2026, 4, 13))
    borrowed = BorrowingShelf(site)
    borrowed.put("of-the-replay", model, day=date(2026, 4, 13))

    assert borrowed.found("a-key") is not None
    assert borrowed.found("of-the-replay") is model
    assert HomeShelf(site, "tests").found("of-the-replay") is None
