"""What the detectors find, and how often chance speaks, on made-up forces nobody tuned on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import duckdb

from monitor.demo import ForcePlan, cases_of_every_kind, inject, make_force, write_force
from monitor.lake.shape import TABLES
from tests.benchmarks.figures import Figure

SEEDS = (401,)  # never used while a limit was chosen
STAFF, WEEKS, CASES = 1000, 20, 40
WARM_UP_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one force came to."""

    user_weeks: float
    found: int  # cases with an alert
    cases: int
    false_alerts: int
    rule_found: int  # cases the rule finds at as many false alerts
    rows_per_second: float
    seconds_per_day: float


def measure(out: Path) -> list[Figure]:
    """Recall and false alerts on each seed, beside a rule of lookups of one person in a day."""
    done = [_force(out / f"force-{seed}", seed) for seed in SEEDS]
    cases, weeks = sum(o.cases for o in done), sum(o.user_weeks for o in done)
    found, rule = sum(o.found for o in done), sum(o.rule_found for o in done)
    chance = 1000 * sum(o.false_alerts for o in done) / weeks
    seeds = ", ".join(str(seed) for seed in SEEDS)
    return [
        Figure(says=f"cases found of {cases}, seed {seeds}, {STAFF:,} staff, {WEEKS} weeks",
               value=str(found), unit="cases"),
        Figure(says="the same by the rule 'n lookups of one person in a day', at as many false "
               "alerts", value=str(rule), unit="cases"),
        Figure(says="alerts on innocent work", value=f"{chance:.2f}",
               unit="per 1,000 user-weeks", limit="1.00"),
        Figure(says="a judged day", value=f"{done[0].seconds_per_day:.2f}", unit="seconds"),
        Figure(says="rows loaded", value=f"{done[0].rows_per_second:,.0f}", unit="per second"),
    ]  # fmt: skip


def _force(folder: Path, seed: int) -> Outcome:
    """One force made, loaded and judged by the command, and held against its truth."""
    plan = ForcePlan(staff=STAFF, weeks=WEEKS, seed=seed)
    files = write_force(inject(make_force(plan), cases_of_every_kind(CASES), seed), folder)
    home = folder / "home"
    _psdmon(home, "init")
    for table in (name for name in TABLES if name in files):
        _psdmon(home, "ingest", table, str(files[table]), "--json")
    began = perf_counter()
    read = json.loads(_psdmon(home, "ingest", "events", str(files["events"]), "--json"))["read"]
    loaded = perf_counter() - began
    began = perf_counter()
    days = json.loads(_psdmon(home, "scan", "--until", "2100-01-01", "--json"))["judged_days"]
    judged = perf_counter() - began
    lines = _psdmon(home, "alerts", "export", "--purpose", "benchmark").splitlines()
    pairs = [(a["user_ids"][0], set(a["subject_ids"])) for a in map(json.loads, lines)]
    cases = _cases(files["truth"])
    hits, false = _held_against(pairs, cases)
    return Outcome(
        user_weeks=STAFF * (WEEKS - WARM_UP_WEEKS), found=hits, cases=len(cases),
        false_alerts=false, rule_found=_by_rule(files["events"], cases, allowed=false),
        rows_per_second=read / loaded, seconds_per_day=judged / max(days, 1),
    )  # fmt: skip


def _cases(truth: Path) -> list[dict[str, object]]:
    lines = truth.read_text(encoding="utf-8").splitlines()
    return [case for case in map(json.loads, lines) if case["kind"] == "misuse"]


def _held_against(
    pairs: Sequence[tuple[str, set[str]]], cases: Iterable[dict[str, object]]
) -> tuple[int, int]:
    """Cases hit by a pair of user and subjects, and pairs that hit none."""
    hit: set[object] = set()
    true: set[int] = set()
    for case in cases:
        places = [n for n, (user, subjects) in enumerate(pairs) if _about(case, user, subjects)]
        true |= set(places)
        if places:
            hit.add(case["case_id"])
    return len(hit), len(pairs) - len(true)


def _by_rule(events: Path, cases: Sequence[dict[str, object]], *, allowed: int) -> int:
    """Cases found by the busiest pair-days, taken until as many false alerts are spent."""
    rows = duckdb.execute(
        """select user_id, subject_id, max(n) as most from (
               select user_id, subject_id, left(occurred_at, 10) as day, count(*) as n
               from read_csv($events, all_varchar = true)
               where subject_id <> '' and subject_id <> '***' group by all)
           group by all order by most desc, user_id, subject_id limit 5000""",
        {"events": str(events)},
    ).fetchall()
    found: set[object] = set()
    false = 0
    for user, subject, _ in rows:
        hit = {case["case_id"] for case in cases if _about(case, user, {subject})}
        found |= hit
        false += not hit
        if false > allowed:
            break
    return len(found)


def _about(case: dict[str, object], user: str, subjects: set[str]) -> bool:
    """Whether a user and subjects are of one case."""
    around = {case["focus_subject_id"], *_list(case["ring_subject_ids"])}
    return user in _list(case["user_ids"]) and bool(subjects & around)


def _list(value: object) -> list[str]:
    return list(value) if isinstance(value, list) else []


def _psdmon(home: Path, *words: str) -> str:
    """What one run of psdmon prints."""
    done = subprocess.run(
        [Path(sys.executable).with_name("psdmon"), "--home", home, *words],
        check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    return done.stdout
