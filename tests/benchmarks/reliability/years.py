"""Two simulated years in one process: whether memory, files or events creep."""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from scipy import stats

from alerts.lifecycle import Action, Disposition
from alerts.model import Status
from monitor.keeping.erasing import erase
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damaged_input import quietly
from tests.benchmarks.reliability.living import Force, Life, morning_after
from tests.benchmarks.reliability.worlds import world

SEED, STAFF, CASES = 851, 50, 12
KEPT = 91  # days, of every kind: filled before the second half begins
MONTH, WEEK = 28, 7
_MIB, _TWICE = 1024 * 1024, 14
_KINDS = ("events", "reference", "models", "candidates", "words")
CHANGES = {
    # Delta counts these hours by the machine's clock, which stands still beside the made-up one.
    "kept_hours = 168 ": "kept_hours = 0 ",
    **{f"{kind}_days = 730 ": f"{kind}_days = {KEPT} " for kind in _KINDS},
    "quarantine_days = 180 ": "quarantine_days = 60 ",
    "dismissed_alerts_days = 365 ": "dismissed_alerts_days = 60 ",
    'shorter_reason = ""': 'shorter_reason = "a trial"',
    "second_person = true         # erasing": "second_person = false        # erasing",
    'second_person_reason = ""    # why one person is enough, where second_person is false; it goes'
    " on the chain\n\n[access]": 'second_person_reason = "a trial"\n\n[access]',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How a home and its process stand after a week."""

    day: int  # since the first
    memory: float  # MiB resident
    files: int
    size: float  # MiB of the home
    database: float  # MiB of it, which keeps the chain
    seconds: float  # of a processor, the median day of the week


@dataclass(slots=True, kw_only=True)  # adds up
class Count:
    """What became of the events that were sent."""

    sent: int = 0
    lost: set[str] = field(default_factory=set)
    doubled: int = 0
    closed: int = 0


def years(weeks: int) -> list[Figure]:
    """So many weeks lived day by day, sampled each week."""
    quietly()
    with tempfile.TemporaryDirectory(prefix="psdmon-years-") as name:
        folder = Path(name)
        made = world(
            folder / "made", staff=STAFF, weeks=weeks, seed=SEED, cases=CASES, activity=0.4
        )
        quarters = range(13, weeks, 13)
        returns = [made.ends - timedelta(weeks=weeks - at) for at in quarters]
        force = Force(made, returns=returns)
        life = Life(folder / "life", force, changes=CHANGES)
        samples: list[Sample] = []
        count = Count()
        try:
            _live(life, samples, count)
            return _figures(life, samples, count)
        finally:
            life.close()


def _live(life: Life, samples: list[Sample], count: Count) -> None:
    """Every day of the force, samples and counts added as they come."""
    seconds: list[float] = []
    for number, day in enumerate(life.force.by_day, start=1):
        began = time.process_time()
        life.arrive(day, twice=number % _TWICE == 0)
        life.wake(morning_after(day))
        count.sent += len(life.force.by_day[day])
        if number % WEEK == 0:
            count.closed += _closed(life)
        if number % MONTH == 0:
            _check(life, day, count)
            erase(life.site, as_of=life.clock.now(), actor=life.site.actor)
            _check(life, day, count)
        seconds.append(time.process_time() - began)
        if number % WEEK == 0:
            samples.append(_sample(life, number, seconds[-WEEK:]))


def _closed(life: Life) -> int:
    """What waits is taken and closed, as somebody does who keeps up."""
    waiting = [one for one in life.site.store.alerts() if one.status is not Status.CLOSED]
    for one in waiting:
        facts = {"actor": life.site.actor, "at": life.clock.now()}
        life.site.store.act(one.alert_id, Action.TAKE, **facts)
        for prompt in one.prompts:
            life.site.store.answer_prompt(
                one.alert_id, prompt.id, answer="done", reason="a trial", **facts
            )
        life.site.store.act(
            one.alert_id,
            Action.CLOSE,
            reason="a trial",
            disposition=Disposition.CANNOT_TELL,
            **facts,
        )
    return len(waiting)


def _check(life: Life, today: date, count: Count) -> None:
    """Every event that is to be kept is in the lake once."""
    con = life.site.lake.connect(engine=life.site.settings.engine)
    try:
        rows = con.execute("SELECT event_id, count(*) FROM events GROUP BY 1").fetchall()
    finally:
        con.close()
    held = {str(row[0]): int(row[1]) for row in rows}
    first = today - timedelta(days=KEPT - 2)  # the day of the cut itself is kept in part
    days = [day for day in life.force.by_day if first <= day <= today]
    count.lost |= {name for day in days for name in life.force.ids(day) if name not in held}
    count.doubled += sum(times - 1 for times in held.values())


def _sample(life: Life, number: int, seconds: Sequence[float]) -> Sample:
    root = life.site.home.root
    sizes = [path.stat().st_size for path in root.rglob("*") if path.is_file()]
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    store = [path.stat().st_size for path in root.glob("psdmon.db*")]
    return Sample(
        day=number,
        memory=pages * os.sysconf("SC_PAGE_SIZE") / _MIB,
        files=len(sizes),
        size=sum(sizes) / _MIB,
        database=sum(store) / _MIB,
        seconds=median(seconds),
    )


def _figures(life: Life, samples: Sequence[Sample], count: Count) -> list[Figure]:
    later = samples[len(samples) // 2 :]
    judged, gaps = life.judged(), life.gaps()
    once = sum(times == 1 for times in judged.values())
    verdict = life.site.store.verify()
    about = f"{samples[-1].day:,} simulated days of {STAFF} staff in one process, seed {SEED}"
    steps = len(life.troubles)
    every = [
        Figure(
            says=f"{about}: read from a folder, judged, told, compacted, erased each {MONTH} days",
            value=f"{once:,} days judged once, {len(judged) - once:,} again, {len(gaps):,} gaps,"
            f" {steps:,}",
            unit="steps in trouble",
            limit="none again, no gap, no trouble",
        ),
        Figure(
            says="events lost or doubled meanwhile, rows that a file brought again among them",
            value=f"{len(count.lost) + count.doubled:,} of {count.sent:,}",
            unit="",
            limit="none",
        ),
        Figure(
            says=f"the chain after it, {count.closed:,} alerts closed on the way",
            value="intact" if verdict.intact else "broken",
            unit="",
            limit="intact",
        ),
    ]
    half = f"second half, {len(later):,} weeks"
    for what, name, unit in (
        ("resident memory of the process", "memory", "MiB"),
        ("files of the home", "files", "files"),
        ("size of the home, without its database", "rest", "MiB"),
        ("size of the database, which keeps the chain for good", "database", "MiB"),
        ("processor seconds of a day", "seconds", "s"),
    ):
        values = [
            one.size - one.database if name == "rest" else getattr(one, name) for one in later
        ]
        every.append(
            Figure(
                says=f"{what}, {half}",
                value=_slope([one.day for one in later], values, unit=unit),
                unit="",
            )
        )
    return every


def _slope(days: Sequence[int], values: Sequence[float], *, unit: str) -> str:
    """From where to where, and the slope a year with its 95 % interval."""
    found = stats.linregress([day / 365.25 for day in days], values)
    wide = stats.t.ppf(0.975, len(days) - 2) * found.stderr
    low, high = found.slope - wide, found.slope + wide
    ends = f"{min(values):,.2f} to {max(values):,.2f} {unit}"
    return f"{ends}; {found.slope:+,.2f} {unit} a year ({low:+,.2f} to {high:+,.2f})"
