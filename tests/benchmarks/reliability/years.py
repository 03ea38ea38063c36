"""Two simulated years of a daemon as shipped: whether memory, files or events creep."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from scipy import stats

from alerts.lifecycle import Action, Disposition
from alerts.model import Status
from monitor.daemon.steps import STEPS
from monitor.keeping.erasing import erase
from monitor.wiring import Site, open_site
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damaged_input import quietly
from tests.benchmarks.reliability.living import (
    HOME,
    Drop,
    Force,
    MadeUpClock,
    a_living_home,
    gaps_in,
    judged_in,
    morning_after,
)
from tests.benchmarks.reliability.served import Served, warm_process
from tests.benchmarks.reliability.worlds import world

SEED, STAFF, CASES = 851, 50, 12
KEPT = 371  # days, of every kind: longer than the longest look-back
MONTH, WEEK, YEAR = 28, 7, 365
FULL = KEPT + MONTH  # the day by which as much is erased each month as comes
_MIB, _KIB, _TWICE = 1024 * 1024, 1024, 14
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
    """How a home and its daemon stand after a week, and what that week took."""

    day: int  # since the first
    daemon: float  # MiB resident in the daemon itself
    handles: int  # open files and threads of it
    reads: float  # MiB, the most that the step held in the week which reads
    judges: float  # the same, of the step that judges
    files: int
    size: float  # MiB of the home, without its database
    database: float  # MiB, which keeps the chain
    seconds: float  # of a processor, the median day of the week


@dataclass(slots=True, kw_only=True)  # adds up
class Count:
    """What became of the events that were sent."""

    sent: int = 0
    lost: set[str] = field(default_factory=set)
    doubled: int = 0
    closed: int = 0
    fresh: list[tuple[int, float]] = field(default_factory=list)  # day; MiB of a step as shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """A home that is lived in.

    Attributes:
        drop: where its logs arrive.
        served: by whom it is.
        site: the home, as people see it who act in it.
        clock: theirs.
    """

    drop: Drop
    served: Served
    site: Site
    clock: MadeUpClock


def years(weeks: int) -> list[Figure]:
    """So many weeks lived day by day, sampled each week."""
    quietly()
    with tempfile.TemporaryDirectory(prefix="psdmon-years-") as name:
        folder = Path(name)
        force = _force(folder / "made", weeks=weeks)
        drop = a_living_home(folder / "life", force, changes=CHANGES)
        clock = MadeUpClock(morning_after(next(iter(force.by_day)) - timedelta(days=1)))
        site = open_site(folder / "life" / HOME, clock=clock)
        with warm_process(folder / "steps.sock") as place:
            served = Served(folder=folder, root=site.home.root, place=place)
            served.start(clock.now())
            samples: list[Sample] = []
            count = Count()
            served.wait(clock.now())
            _live(Soak(drop=drop, served=served, site=site, clock=clock), samples, count)
            ended = served.stop()
            figures = _figures(served, site, samples, count)
            site.close()
        if ended:
            raise RuntimeError(f"the daemon ended with {ended}")
        return figures


def _force(folder: Path, *, weeks: int) -> Force:
    made = world(folder, staff=STAFF, weeks=weeks, seed=SEED, cases=CASES, activity=0.4)
    quarters = range(13, weeks, 13)
    return Force(made, returns=[made.ends - timedelta(weeks=weeks - at) for at in quarters])


def _live(soak: Soak, samples: list[Sample], count: Count) -> None:
    """Every day of the force, samples and counts added as they come."""
    by_day = soak.drop.force.by_day
    for number, day in enumerate(by_day, start=1):
        soak.drop.arrive(day, twice=number % _TWICE == 0)
        soak.clock.moment = morning_after(day)
        soak.served.wake(soak.clock.now(), fresh=number % MONTH == 1)
        count.sent += len(by_day[day])
        _aged(soak.site.home.lake)
        if number % WEEK == 0:
            count.closed += _closed(soak.site)
        if number % MONTH == 0:
            _check(soak, day, count)
            erase(soak.site, as_of=soak.clock.now(), actor=soak.site.actor)
            _check(soak, day, count)
        if number % WEEK == 0:
            samples.append(_sample(soak, number, count))


def _aged(lake: Path) -> None:
    """Every file of the lake is a day older, so that what clears old ones by their age does."""
    for path in lake.rglob("*"):
        if path.is_file():
            at = path.stat().st_mtime - timedelta(days=1).total_seconds()
            os.utime(path, (at, at))


def _closed(site: Site) -> int:
    """What waits is taken and closed, as somebody does who keeps up."""
    waiting = [one for one in site.store.alerts() if one.status is not Status.CLOSED]
    for one in waiting:
        facts = {"actor": site.actor, "at": site.clock.now()}
        site.store.act(one.alert_id, Action.TAKE, **facts)
        for prompt in one.prompts:
            site.store.answer_prompt(
                one.alert_id, prompt.id, answer="done", reason="a trial", **facts
            )
        site.store.act(
            one.alert_id,
            Action.CLOSE,
            reason="a trial",
            disposition=Disposition.CANNOT_TELL,
            **facts,
        )
    return len(waiting)


def _check(soak: Soak, today: date, count: Count) -> None:
    """Every event that is to be kept is in the lake once."""
    con = soak.site.lake.connect(engine=soak.site.settings.engine)
    try:
        rows = con.execute("SELECT event_id, count(*) FROM events GROUP BY 1").fetchall()
    finally:
        con.close()
    held = {str(row[0]): int(row[1]) for row in rows}
    first = today - timedelta(days=KEPT - 2)  # the day of the cut itself is kept in part
    force = soak.drop.force
    days = [day for day in force.by_day if first <= day <= today]
    count.lost |= {name for day in days for name in force.ids(day) if name not in held}
    count.doubled += sum(times - 1 for times in held.values())


def _sample(soak: Soak, number: int, count: Count) -> Sample:
    root, process = soak.site.home.root, Path(f"/proc/{soak.served.process}")
    sizes = [path.stat().st_size for path in root.rglob("*") if path.is_file()]
    store = [path.stat().st_size for path in root.glob("psdmon.db*")]
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])
    took = _took(soak.served.folder / "took.jsonl")
    count.fresh += [(number, one.peak / _KIB) for one in took if one.fresh]
    return Sample(
        day=number,
        daemon=pages * os.sysconf("SC_PAGE_SIZE") / _MIB,
        handles=sum(len(list((process / name).iterdir())) for name in ("fd", "task")),
        reads=_most(took, place=0),
        judges=_most(took, place=1),
        files=len(sizes),
        size=(sum(sizes) - sum(store)) / _MIB,
        database=sum(store) / _MIB,
        seconds=_a_day(took),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What the process of one step took."""

    at: str
    fresh: bool  # started as shipped
    peak: int  # KiB
    seconds: float  # of a processor


def _took(path: Path) -> list[Took]:
    """What the processes of steps took since this was last asked."""
    lines = path.read_text(encoding="ascii").splitlines()
    path.unlink()
    found = [json.loads(line) for line in lines]
    return [Took(at=at, fresh=fresh, peak=peak, seconds=took) for at, fresh, peak, took in found]


def _most(took: Sequence[Took], *, place: int) -> float:
    """MiB, the most that the step at a place of a wake held; those started as shipped left out."""
    by_wake: dict[str, list[Took]] = {}
    for one in took:
        by_wake.setdefault(one.at, []).append(one)
    whole = [found[-len(STEPS) :] for found in by_wake.values()]  # settings may be checked before
    return max(found[place].peak for found in whole if not found[place].fresh) / _KIB


def _a_day(took: Sequence[Took]) -> float:
    """Seconds of a processor, the median day."""
    by_day: dict[str, float] = {}
    for one in took:
        if not one.fresh:
            by_day[one.at] = by_day.get(one.at, 0.0) + one.seconds
    return median(by_day.values())


def _figures(served: Served, site: Site, samples: Sequence[Sample], count: Count) -> list[Figure]:
    judged, gaps = judged_in(site), gaps_in(site)
    once = sum(times == 1 for times in judged.values())
    days, troubles = samples[-1].day, len(served.troubles)
    about = f"{days:,} simulated days of {STAFF} staff, one daemon, seed {SEED}"
    fresh = [peak for _, peak in count.fresh]
    return [
        Figure(
            says=f"{about}: read from a folder, judged, told, compacted, erased each {MONTH} days",
            value=f"{once:,} days judged once, {len(judged) - once:,} again, {len(gaps):,} gaps,"
            f" {troubles:,}",
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
            value="intact" if site.store.verify().intact else "broken",
            unit="",
            limit="intact",
        ),
        *_slopes(samples),
        Figure(
            says=f"peak of a step started as shipped, every {MONTH} days: first half, second half",
            value=" and ".join(
                f"at most {max(half):,.0f}"
                for half in (fresh[: len(fresh) // 2], fresh[len(fresh) // 2 :])
                if half
            ),
            unit="MiB",
        ),
    ]


def _slopes(samples: Sequence[Sample]) -> list[Figure]:
    """Where each size stood once the home was full, and how it rose or fell from then on."""
    later = [one for one in samples if one.day >= FULL] or samples[len(samples) // 2 :]
    span = f"days {later[0].day} to {later[-1].day}"
    figures = []
    for what, name, unit, flat in _SIZES:
        months = _by_month(later, lambda one, name=name: float(getattr(one, name)))
        figures.append(
            Figure(
                says=f"{what}, {span}",
                value=_slope(months, unit=unit),
                unit="",
                limit=_FLAT if flat else "",
            )
        )
    return figures


_FLAT = "flat: less than 2 % a year, or an interval that holds 0"
_SIZES = (
    ("memory of the daemon", "daemon", "MiB", True),
    ("open files and threads of the daemon", "handles", "", True),
    ("most memory of the step that reads, in a week", "reads", "MiB", True),
    ("most memory of the step that judges, in a week", "judges", "MiB", True),
    ("processor seconds of a day, every step", "seconds", "s", True),
    ("files of the home", "files", "", True),
    ("size of the home without its database", "size", "MiB", True),
    ("size of the database, whose chain is kept for good", "database", "MiB", False),
)


def _by_month(samples: Sequence[Sample], size: Callable[[Sample], float]) -> Mapping[float, float]:
    """The median of each month, by its middle in years; what erasure swings is evened out."""
    months: dict[int, list[Sample]] = {}
    for one in samples:
        months.setdefault((one.day - 1) // MONTH, []).append(one)
    return {
        median(one.day for one in found) / YEAR: median(map(size, found))
        for found in months.values()
    }


def _slope(months: Mapping[float, float], *, unit: str) -> str:
    """From where to where, and the slope a year with its 95 % interval."""
    values = list(months.values())
    ends = f"{min(values):,.2f} to {max(values):,.2f} {unit}".strip()
    if len(values) < 3 or len(set(values)) == 1:
        return ends
    found = stats.linregress(list(months), values)
    wide = stats.t.ppf(0.975, len(values) - 2) * found.stderr
    share, low, high = (
        100 * one / values[0] for one in (found.slope, found.slope - wide, found.slope + wide)
    )
    return f"{ends}; {share:+,.1f} % a year ({low:+,.1f} to {high:+,.1f})"
