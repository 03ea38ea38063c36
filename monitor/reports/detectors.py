"""Drift and precision of each detector: does it speak as often as it did, and how did it end?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isinf
from typing import Final

from alerts.lifecycle import Disposition
from alerts.model import Alert
from alerts.records import JudgedDay
from detectors.stats.rates import Interval, rate_ratio, share_interval
from monitor.reports.declined import declined
from monitor.reports.page import Page, Section, Table, cells
from monitor.views.wording import count, day, plain_name

UPHELD: Final = frozenset(
    {
        Disposition.PRACTICE_ISSUE,
        Disposition.DATA_PROTECTION_MATTER,
        Disposition.CONDUCT_MATTER,
        Disposition.SUSPECTED_CRIME,
    }
)
_PAIRS: Final = 100_000  # judged pairs to which rates are put


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How the alerts in which a detector spoke have ended."""

    upheld: int  # closed as a practice issue or more
    explained: int  # closed as explained by work
    cannot_tell: int
    open: int  # not closed yet

    @property
    def share(self) -> Interval | None:
        """Upheld among those that could be told; nothing before the first."""
        told = self.upheld + self.explained
        return share_interval(self.upheld, told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How often a detector spoke of late against the days before."""

    recent: int  # alerts raised in the recent days
    recent_pairs: int
    before: int
    before_pairs: int

    @property
    def ratio(self) -> Interval | None:
        """Recent rate against the earlier one; nothing where there is too little to compare."""
        if not self.recent_pairs or not self.before_pairs:
            return None
        return rate_ratio(
            self.recent,
            exposure=float(self.recent_pairs),
            other_events=self.before,
            other_exposure=float(self.before_pairs),
        )

    @property
    def has_drifted(self) -> bool:
        """Whether the rate has changed by more than chance would bring."""
        ratio = self.ratio
        return ratio is not None and not ratio.low <= 1.0 <= ratio.high


def precision_of(
    detector: str, alerts: Sequence[Alert], *, ended: Mapping[str, Disposition]
) -> Precision:
    """How the alerts in which a detector speaks have ended.

    Args:
        detector: by name.
        alerts: all that are known.
        ended: the last disposition of each closed alert, by id.
    """
    spoken = [alert for alert in alerts if _speaks(detector, alert)]
    ways = Counter(ended.get(alert.alert_id) for alert in spoken)
    return Precision(
        upheld=sum(ways[way] for way in UPHELD),
        explained=ways[Disposition.EXPLAINED_BY_WORK],
        cannot_tell=ways[Disposition.CANNOT_TELL],
        open=ways[None],
    )


def drift_of(
    detector: str, alerts: Sequence[Alert], *, days: Sequence[JudgedDay], recent_days: int
) -> Drift:
    """How often a detector spoke in the last judged days against all judged days before."""
    since = max(judged.day for judged in days) - timedelta(days=recent_days - 1)
    spoken = [alert.raised_at.date() for alert in alerts if _speaks(detector, alert)]
    # What is found on a day is raised on the next.
    recent = sum(raised > since for raised in spoken)
    return Drift(
        recent=recent,
        recent_pairs=sum(judged.pairs for judged in days if judged.day >= since),
        before=len(spoken) - recent,
        before_pairs=sum(judged.pairs for judged in days if judged.day < since),
    )


def detectors_page(  # noqa: PLR0913 what the report rests on, all named
    running: Sequence[tuple[str, int]],
    alerts: Sequence[Alert],
    *,
    ended: Mapping[str, Disposition],
    days: Sequence[JudgedDay],
    recent_days: int,
    written: str,
) -> Page:
    """The report.

    Args:
        running: name and version of each detector that runs.
        alerts: all that are known.
        ended: the last disposition of each closed alert, by id.
        days: judged, one at least.
        recent_days: how many of the last are held against the others.
        written: when, in words.
    """
    drifts = {n: drift_of(n, alerts, days=days, recent_days=recent_days) for n, _ in running}
    drifted = [name for name, drift in drifts.items() if drift.has_drifted]
    return Page(
        kind="detectors",
        title="Detectors: drift and precision",
        lead=f"{count(len(running), 'detector')} run; {len(drifted)} speak otherwise than before.",
        about=(
            ("Judged", f"{day(min(_dates(days)))} to {day(max(_dates(days)))}"),
            ("Recent", f"the last {recent_days} days"),
            ("Written", written),
        ),
        sections=(
            _precision(running, alerts, ended=ended),
            _drift(running, drifts),
            _abstentions(days),
            _limits(),
        ),
    )


def _precision(
    running: Sequence[tuple[str, int]], alerts: Sequence[Alert], *, ended: Mapping[str, Disposition]
) -> Section:
    rows = []
    for name, version in running:
        found = precision_of(name, alerts, ended=ended)
        share = found.share
        told = (
            f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})" if share else "none closed"
        )
        rows.append(
            cells(
                f"{plain_name(name)} v{version}",
                found.upheld,
                found.explained,
                found.cannot_tell,
                found.open,
                told,
            )
        )
    return Section(
        heading="Precision, as people decided",
        says=("Of the alerts in which a detector speaks; an alert may count for several.",),
        tables=(
            Table(
                caption="Outcomes by detector",
                head=(
                    *("Detector", "Upheld", "Explained by work", "Cannot tell", "Not closed"),
                    "Upheld of those told, 95 % interval",
                ),
                rows=tuple(rows),
            ),
        ),
    )


def _drift(running: Sequence[tuple[str, int]], drifts: Mapping[str, Drift]) -> Section:
    rows = []
    for name, version in running:
        found = drifts[name]
        ratio = found.ratio
        rows.append(
            cells(
                f"{plain_name(name)} v{version}",
                _rate(found.recent, found.recent_pairs),
                _rate(found.before, found.before_pairs),
                _times(ratio) if ratio else "-",
                "CHANGED" if found.has_drifted else "as before, or too little to tell",
            )
        )
    warns = [f"{plain_name(n)}: speaks otherwise than before." for n, d in drifts.items()
             if d.has_drifted]  # fmt: skip
    return Section(
        heading="Drift",
        warns=tuple(warns),
        says=(
            "A change may lie in the data, the roster, a system or the work, and asks for a look.",
        ),
        tables=(
            Table(
                caption=f"Alerts per {_PAIRS:,} judged pairs",
                head=("Detector", "Recent", "Before", "Ratio, 95 % interval", "In words"),
                rows=tuple(rows),
            ),
        ),
    )


def _abstentions(days: Sequence[JudgedDay]) -> Section:
    return Section(heading="Judgements declined", tables=(declined(days),))


def _limits() -> Section:
    return Section(
        heading="What this can say, and what it cannot",
        points=(
            "Precision says how people decided, on what they could find out.",
            "What no detector raised is not in it: misses are not counted here.",
            "Alerts not closed yet are left out of the share, and may end otherwise.",
        ),
    )


def _times(ratio: Interval) -> str:
    if isinf(ratio.high):
        return f"at least {ratio.low:.2f}"
    return f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def _percent(share: Interval) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"


def _rate(alerts: int, pairs: int) -> str:
    return f"{alerts / pairs * _PAIRS:.2f} ({alerts} of {pairs:,})" if pairs else "no day"


def _dates(days: Sequence[JudgedDay]) -> list[date]:
    return [judged.day for judged in days]


def _speaks(detector: str, alert: Alert) -> bool:
    return any(finding.detector == detector for finding in alert.findings)
