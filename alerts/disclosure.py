"""The schedule of what an alert rests on and what stands against it, for whoever must disclose.

Relevant material is recorded, kept and revealed whichever way it points (CPIA 1996 and its code,
unverified): so the schedule lists what undermines an alert beside what supports it, and leaves the
judgement to the disclosure officer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alerts.model import Alert


class Bears(StrEnum):
    """Which way an item may point; a person decides."""

    SUPPORTS = "may support"
    UNDERMINES = "may undermine or assist"
    NEITHER = "shows how it was made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another alert that touches this one, and how it ended."""

    alert_id: str
    tie: str  # "same member of staff", "same person looked up"
    status: str
    ended: str  # its disposition and reason; empty while it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A detector that ran and raised nothing here, or could not judge."""

    detector: str
    why: str  # "found nothing beyond the others", or why it abstained


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the alert itself."""

    visits: int
    visits_explained: int  # by some record
    visits_with_roster: int
    visits_on_duty: int
    rows_with_case: int
    rows_with_reason: int
    rows_missing: int  # rows the alert names that the lake no longer holds
    other_staff: int  # who looked at the same focus in the same days
    silences: tuple[Silence, ...] = ()
    others: tuple[Other, ...] = ()
    suppressions: tuple[str, ...] = ()  # each in a sentence
    against: tuple[str, ...] = field(default=())  # recorded facts and answers that point away
    versions: int = 1
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the schedule."""

    what: str
    says: str
    bears: Bears


def schedule(alert: Alert, around: Surroundings) -> tuple[Item, ...]:
    """Every item, what supports first, then what undermines, then how it was made."""
    items = (*_supporting(alert), *_undermining(alert, around), *_made(alert, around))
    order = list(Bears)
    return tuple(sorted(items, key=lambda item: order.index(item.bears)))


def _supporting(alert: Alert) -> Iterator[Item]:
    yield _supports("rows of the log", f"{len(alert.event_ids):,} rows, each with hash")
    for finding in alert.findings:
        name = f"finding {finding.detector} v{finding.version}"
        yield _supports(name, finding.says or finding.unit)
    for tested in alert.explanations_tested:
        if tested.verdict == "does not explain":
            yield _supports(f"explanation looked for: {tested.kind}", tested.says)


def _undermining(alert: Alert, around: Surroundings) -> Iterator[Item]:
    for tested in alert.explanations_tested:
        if tested.verdict != "does not explain":
            what = f"explanation {tested.kind}: {tested.verdict}"
            yield _undermines(what, tested.says)
    yield from _of_visits(around)
    for silence in around.silences:
        yield _undermines(f"detector {silence.detector}", silence.why)
    for feed in alert.feeds_missing:
        says = "not loaded, so what it could have explained was not tested"
        yield _undermines(f"feed missing: {feed}", says)
    for other in around.others:
        ended = other.ended or "no outcome yet"
        says = f"{other.tie}; {other.status}; {ended}"
        yield _undermines(f"alert {other.alert_id}", says)
    yield from (_undermines("suppressed", says) for says in around.suppressions)
    yield from (_undermines("recorded or answered", says) for says in around.against)
    yield from _of_method(alert, around)


def _of_visits(around: Surroundings) -> Iterator[Item]:
    says = f"{around.visits_explained} of {around.visits} visits may be explained by some record"
    yield _undermines("visits with an explanation", says)
    if around.visits_with_roster:
        says = f"{around.visits_on_duty} of {around.visits_with_roster} visits with a roster"
        yield _undermines("visits on duty", says)
    else:
        yield _undermines("no roster", "whether a visit was on duty is not known")
    says = f"{around.rows_with_case} rows name a case, {around.rows_with_reason} give a reason"
    yield _undermines("case references and reasons as typed", says)
    if around.other_staff:
        says = (
            f"{around.other_staff} other members of staff looked at the same record in those days"
        )
        yield _undermines("others who looked", says)
    if around.rows_missing:
        says = f"{around.rows_missing} rows are named by the alert and no longer held"
        yield _undermines("rows not held", says)


def _of_method(alert: Alert, around: Surroundings) -> Iterator[Item]:
    if alert.provisional:
        says = "the history is shorter than the method asks for"
        yield _undermines("provisional", says)
    if alert.recurrence_interval.limit_of_data:
        says = "the data cannot say how much rarer; the figure is a bound"
        yield _undermines("limit of the data", says)
    if around.versions > 1:
        says = f"{around.versions} versions are kept; earlier ones may read otherwise"
        yield _undermines("earlier versions of this alert", says)
    says = "oral tasks, relays and help to colleagues leave no record; see the limits"
    yield _undermines("what a log cannot show", says)


def _made(alert: Alert, around: Surroundings) -> Iterator[Item]:
    data = ", ".join(f"{name} {number}" for name, number in sorted(alert.data_version.items()))
    yield _made_by("code", alert.code_version)
    yield _made_by("settings", alert.settings_fingerprint)
    yield _made_by("data", data or "not kept")
    if around.written_at:
        yield _made_by("schedule written", around.written_at.isoformat())


def _supports(what: str, says: str) -> Item:
    return Item(what=what.replace("_", " "), says=says, bears=Bears.SUPPORTS)


def _undermines(what: str, says: str) -> Item:
    return Item(what=what.replace("_", " "), says=says, bears=Bears.UNDERMINES)


def _made_by(what: str, says: str) -> Item:
    return Item(what=what, says=says, bears=Bears.NEITHER)
