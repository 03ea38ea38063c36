"""A case becomes an alert, or adds to one that is already there."""

import base64
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from alerts.candidates import DRAWN
from alerts.cases import MOST_LISTED
from alerts.connections import Connections
from alerts.evidence import Evidence
from alerts.model import Alert, Contribution, Family, Priority, RecurrenceInterval, Status
from alerts.prompt_pack import PromptPack
from alerts.prompting import PromptFacts, grown_plan, prompt_plan
from alerts.rarity import FURTHEST
from detectors.model import Finding

_TIE_BREAK = 1e-4  # of the log evidence, far below any difference between intervals that matters
_REOPENS_BY = 1.0  # rise of the score, tenfold rarer, that brings a closed alert back (METHODS 3.1)
_URGENT_BY = 10.0  # times the floor, for a fixation alert
_PERSON_TYPES = frozenset({"person", "address", "vehicle", "phone", "unknown", ""})
_NOUN_OF = {
    "person": "this person",
    "staff": "this person",
    "address": "this address",
    "vehicle": "this vehicle",
    "phone": "this telephone",
}
_RING_TYPOLOGY, _BURST_TYPOLOGY, _DRIP_TYPOLOGY, _UNTIED_TYPOLOGY = "T01", "T02", "T03", "T05"
_AFTER_CASE_TYPOLOGY, _ABSENT_TYPOLOGY, _CHASING_TYPOLOGY = "T04", "T06", "T09"
_TWO_PLACES_TYPOLOGY, _PROXY_TYPOLOGY = "T18", "T19"
_WATCHED_TYPOLOGY, _PILE_ON_TYPOLOGY, _AGAIN_TYPOLOGY = "T20", "T21", "T26"
_TYPOLOGY_OF = {
    "circle": _RING_TYPOLOGY,
    "burst": _BURST_TYPOLOGY,
    "repeat_subject": _DRIP_TYPOLOGY,
    "unexplained_days": _UNTIED_TYPOLOGY,
    "burst_unexplained": _BURST_TYPOLOGY,
    "returning_faster": _DRIP_TYPOLOGY,
    "unexplained_access": _UNTIED_TYPOLOGY,
    "after_closure": _AFTER_CASE_TYPOLOGY,
    "off_duty": _ABSENT_TYPOLOGY,
    "after_change": _CHASING_TYPOLOGY,
    "two_places": _TWO_PLACES_TYPOLOGY,
    "requester_pair": _PROXY_TYPOLOGY,
    "watched_record": _WATCHED_TYPOLOGY,
    "pile_on": _PILE_ON_TYPOLOGY,
    "after_outcome": _AGAIN_TYPOLOGY,
    "reason_quality": "T22",
    "recycled_reason": "T22",
    "known_to_them": "T11",
    "marker_share": "T08",
    "taken_away": "T23",
    "unexplained_breadth": "T17",
    "new_entry": "T30",
}
# What an alert on a member of staff alone shows, by the detector that speaks loudest.
_FAMILY_OF_USERS = {"marker_share": Family.VULNERABILITY, "two_places": Family.ACCOUNT}
_PRESSING = frozenset({Family.FIXATION, Family.VULNERABILITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What holds for every alert of one judged day."""

    at: datetime  # when the live service would raise it
    day: date  # judged
    floor: float  # user-years, of the review budget
    feeds_missing: tuple[str, ...]
    pack: PromptPack
    settings_fingerprint: str
    code_version: str
    data_version: Mapping[str, int]
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A closing that answered whatever was looked up before it."""

    alert_id: str  # that was closed
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What one case rests on, with real ids."""

    user_id: str
    subject_ids: tuple[str, ...]  # the focus first
    focus_type: str
    role: str
    interval: float  # user-years
    log_evidence: float  # natural logarithm of the mean e-value
    limit_years: float  # user-years of reference: beyond this nothing can be said
    evidence: Evidence
    connections: Connections
    findings: tuple[Finding, ...]
    contributions: tuple[Contribution, ...] = ()
    hinges_on: tuple[str, ...] = ()
    alone: bool = False  # about the member of staff, whomever they looked up
    subjects_beyond: int = 0  # not listed
    drawn: bool = False  # at random for audit, from below the floor
    beside: int = 0  # of the records, how many nothing links to the focus
    earlier: Earlier | None = None  # where only what was looked up since its closing counts

    @property
    def focus_id(self) -> str:
        """The person around whom it lies; empty where there is none."""
        return "" if self.alone else self.subject_ids[0]


def raised(grounds: Grounds, circumstances: Circumstances, *, repeat: bool = False) -> Alert:
    """A new alert; a repeat if there was one on the same member of staff and focus before."""
    family = _family(grounds)
    return Alert(
        alert_id=_alert_id(grounds.user_id, grounds.focus_id, circumstances.day),
        raised_at=circumstances.at,
        updated_at=circumstances.at,
        status=Status.OPEN,
        family=family,
        user_ids=(grounds.user_id,),
        subject_ids=grounds.subject_ids,
        focus_subject_id=grounds.focus_id,
        score=_score(grounds),
        recurrence_interval=_interval(grounds),
        priority=Priority.NORMAL
        if grounds.drawn
        else _priority(family, grounds.interval, floor=circumstances.floor),
        first_event_at=grounds.evidence.first_event_at,
        last_event_at=grounds.evidence.last_event_at,
        event_ids=grounds.evidence.event_ids,
        findings=grounds.findings,
        explanations_tested=grounds.evidence.explanations,
        feeds_missing=circumstances.feeds_missing,
        prompts=prompt_plan(
            circumstances.pack,
            family=family,
            on=circumstances.day,
            facts=_facts(grounds, circumstances, repeat=repeat),
        ),
        settings_fingerprint=circumstances.settings_fingerprint,
        code_version=circumstances.code_version,
        data_version=circumstances.data_version,
        says=sentence(grounds, _interval(grounds)),
        provisional=circumstances.provisional,
        contributions=grounds.contributions,
        hinges_on=grounds.hinges_on,
        subjects_beyond=grounds.subjects_beyond,
        drawn_at_random=grounds.drawn,
        earlier_alert_id=grounds.earlier.alert_id if grounds.earlier else "",
    )


def extended(alert: Alert, grounds: Grounds, circumstances: Circumstances) -> Alert:
    """The alert with later evidence, its stronger reading kept; the same where nothing is new.

    Where a record has come to explain every visit it goes to the end of the queue, and stays there
    until a visit is unexplained again: a person closes it, the monitor does not.
    """
    stronger = grounds.interval > 0 and _score(grounds) > alert.score
    reached = grounds.interval >= circumstances.floor
    grounds = replace(grounds, drawn=alert.drawn_at_random and not (stronger and reached))
    read = _reread(alert, grounds, circumstances) if stronger else alert
    # A past day judged again knows less than the alert does: its reading of the records is older.
    caught_up = grounds.evidence.last_event_at >= alert.last_event_at
    subject_ids = _joined(alert.subject_ids, grounds.subject_ids)
    most = MOST_LISTED if grounds.alone else len(subject_ids)
    grown = replace(
        read,
        subject_ids=subject_ids[:most],
        subjects_beyond=max(
            alert.subjects_beyond, grounds.subjects_beyond, len(subject_ids) - most
        ),
        first_event_at=min(alert.first_event_at, grounds.evidence.first_event_at),
        last_event_at=max(alert.last_event_at, grounds.evidence.last_event_at),
        event_ids=_joined(alert.event_ids, grounds.evidence.event_ids),
        explanations_tested=grounds.evidence.explanations
        if caught_up
        else alert.explanations_tested,
        says=sentence(grounds, read.recurrence_interval) if caught_up else alert.says,
    )
    grown = replace(grown, priority=_standing(alert, grown, floor=circumstances.floor))
    if grown == alert:
        return alert
    return replace(
        grown,
        updated_at=max(alert.updated_at, circumstances.at),
        data_version=circumstances.data_version,
        settings_fingerprint=circumstances.settings_fingerprint,
        code_version=circumstances.code_version,
    )


def reopened(alert: Alert, grounds: Grounds, circumstances: Circumstances) -> Alert | None:
    """The closed alert open again, if the new evidence is far stronger than when it was closed."""
    if _score(grounds) < alert.score + _REOPENS_BY:
        return None
    return replace(extended(alert, grounds, circumstances), status=Status.OPEN)


def _reread(alert: Alert, grounds: Grounds, circumstances: Circumstances) -> Alert:
    later = prompt_plan(
        circumstances.pack,
        family=alert.family,
        on=circumstances.day,
        facts=_facts(grounds, circumstances, repeat=False),
    )
    return replace(
        alert,
        score=_score(grounds),
        recurrence_interval=_interval(grounds),
        priority=_priority(alert.family, grounds.interval, floor=circumstances.floor),
        findings=grounds.findings,
        contributions=grounds.contributions,
        hinges_on=grounds.hinges_on,
        prompts=grown_plan(alert.prompts, later),
        # From the floor on it stands by its strength, whatever brought it here.
        drawn_at_random=alert.drawn_at_random and grounds.interval < circumstances.floor,
    )


def matching(
    alerts: Iterable[Alert], user_id: str, subject_ids: Sequence[str], *, alone: bool = False
) -> Alert | None:
    """The newest alert on this member of staff whose records overlap, if there is one.

    An alert on the member of staff alone is matched by another such, whomever either lists.
    """
    near = [
        alert
        for alert in alerts
        if user_id in alert.user_ids
        and alone is not bool(alert.focus_subject_id)
        and (alone or alert.focus_subject_id in subject_ids or subject_ids[0] in alert.subject_ids)
    ]
    return max(near, key=lambda alert: (alert.raised_at, alert.alert_id), default=None)


def sentence(grounds: Grounds, interval: RecurrenceInterval) -> str:
    """What was seen, how rare it is, and what was looked for to explain it."""
    drawn = DRAWN if grounds.drawn else ""
    parts = (drawn, _seen(grounds), _since(grounds), _rarity(interval), _looked_for(grounds))
    return " ".join(part for part in parts if part)


def _since(grounds: Grounds) -> str:
    """Since when lookups count, and why; empty where all do."""
    earlier = grounds.earlier
    if earlier is None:
        return ""
    two = "member of staff alone" if grounds.alone else "member of staff and person"
    return (
        f"Only lookups since {earlier.closed_at:%-d %B %Y} count: alert {earlier.alert_id} on the "
        f"same {two} had been closed by then."
    )


def _seen(grounds: Grounds) -> str:
    seen = grounds.evidence
    if grounds.alone:
        return _seen_of_many(grounds)
    around = _around(grounds)
    elsewhere = _count(seen.visits - seen.visits_on_focus, "visit")
    circle = f", and {elsewhere} to {around}" if around else ""
    return (
        f"{_span(seen)} the member of staff made {_count(seen.visits_on_focus, 'visit')} to "
        f"{_NOUN_OF.get(grounds.focus_type, 'this record')}{circle}, on "
        f"{_count(seen.visit_days, 'day')}. The log holds {_count(len(seen.event_ids), 'row')} "
        f"of it, {seen.busiest_day_rows:,} on {seen.busiest_day:%-d %B %Y}."
    )


def _around(grounds: Grounds) -> str:
    """The records besides the focus, in words: those linked to it, and those of the same shift."""
    linked = len(grounds.subject_ids) - 1 - grounds.beside
    parts = [_count(linked, "linked record")] if linked else []
    if grounds.beside:
        noun = _NOUN_OF.get(grounds.focus_type, "this record")
        others = _count(grounds.beside, "record")
        parts.append(f"{others} looked up on the same duty day that nothing links to {noun}")
    return " and ".join(parts)


def _seen_of_many(grounds: Grounds) -> str:
    """What was seen of a member of staff alone: no one person is the focus."""
    seen = grounds.evidence
    beyond = grounds.subjects_beyond
    more = f" that are listed, and at least {beyond:,} more" if beyond else ""
    of = "those listed" if beyond else "it"
    return (
        f"{_span(seen)} the member of staff made {_count(seen.visits, 'visit')} to "
        f"{_count(len(grounds.subject_ids), 'record')}{more}, on "
        f"{_count(seen.visit_days, 'day')}; no one of them is the focus. The log holds "
        f"{_count(len(seen.event_ids), 'row')} of {of}."
    )


def _span(seen: Evidence) -> str:
    """From which day to which, or on which one."""
    first, last = f"{seen.first_event_at:%-d %B %Y}", f"{seen.last_event_at:%-d %B %Y}"
    return f"On {first}" if first == last else f"From {first} to {last}"


def _looked_for(grounds: Grounds) -> str:
    """The explanations by verdict, in the words of their kinds."""
    by_verdict: dict[str, list[str]] = {}
    for item in grounds.evidence.explanations:
        by_verdict.setdefault(item.verdict, []).append(item.kind.replace("_", " "))
    said = (
        ("Looked for and not found", by_verdict.get("does not explain")),
        ("Found for some visits", by_verdict.get("partly explains")),
        ("Found for every visit", by_verdict.get("explains")),
        ("Could not be looked for", by_verdict.get("could not be tested")),
    )
    return " ".join(f"{words}: {', '.join(kinds)}." for words, kinds in said if kinds)


def _rarity(interval: RecurrenceInterval) -> str:
    known = interval.role != "unknown"
    role = interval.role.replace("_", " ")
    who = f"Among {role} staff" if known else "Among all staff (no roles are loaded)"
    often = (
        f"less than once in {_years(interval.value)} (the limit of the data)"
        if interval.limit_of_data
        else f"about once in {_years(interval.value)}"
    )
    return (
        f"{who} chance alone brings a pattern this strong {often}. "
        "This is a measure of rarity, not of guilt."
    )


def _years(value: float) -> str:
    return f"{value:,.0f} user-years" if value >= 10 else f"{value:.1f} user-years"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _score(grounds: Grounds) -> float:
    """The logarithm to base 10 of the interval; where that can say no more, the evidence orders."""
    capped = grounds.interval >= grounds.limit_years * FURTHEST
    return math.log10(grounds.interval) + (_TIE_BREAK * grounds.log_evidence if capped else 0.0)


def _interval(grounds: Grounds) -> RecurrenceInterval:
    beyond = grounds.interval > grounds.limit_years
    return RecurrenceInterval(
        value=float(f"{min(grounds.interval, grounds.limit_years):.4g}"),
        role=grounds.role,
        limit_of_data=beyond,
    )


def _family(grounds: Grounds) -> Family:
    """Personal on one's own record, fixation around another's, curiosity on events and files.

    On a member of staff alone, what the loudest detector asks about; else what looks like a leak.
    """
    if grounds.alone:
        loudest = grounds.findings[0].detector if grounds.findings else ""
        return _FAMILY_OF_USERS.get(loudest, Family.LEAK)
    if grounds.connections.own_record:
        return Family.PERSONAL
    return Family.FIXATION if grounds.focus_type in _PERSON_TYPES else Family.CURIOSITY


def _priority(family: Family, interval: float, *, floor: float) -> Priority:
    strong = interval >= floor * _URGENT_BY
    if family in _PRESSING:
        return Priority.URGENT if strong else Priority.HIGH
    return Priority.HIGH if strong else Priority.NORMAL


def _standing(before: Alert, grown: Alert, *, floor: float) -> Priority:
    """The priority of an alert in the light of what has come to explain its visits."""
    if _explained(grown):
        return Priority.NORMAL
    if grown.drawn_at_random:
        return Priority.NORMAL
    if _explained(before):
        return _priority(grown.family, grown.recurrence_interval.value, floor=floor)
    return grown.priority


def _explained(alert: Alert) -> bool:
    return any(item.verdict == "explains" for item in alert.explanations_tested)


def _facts(grounds: Grounds, circumstances: Circumstances, *, repeat: bool) -> PromptFacts:
    spoken = {finding.detector for finding in grounds.findings}
    return PromptFacts(
        ring_size=grounds.connections.people_around,
        repeat_alert=repeat,
        typologies=frozenset(_TYPOLOGY_OF[name] for name in spoken if name in _TYPOLOGY_OF),
        personal_connection=grounds.connections.personal,
        address_viewed_after_change=grounds.connections.looked_after_change,
        address_changes_untested="record_changes" in circumstances.feeds_missing,
        onward_disclosure=grounds.evidence.taken_away > 0,
    )


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def raised_on(alert: Alert, day: date) -> bool:
    """Whether an alert was first raised on a judged day: its id says so."""
    return alert.alert_id == _alert_id(alert.user_ids[0], alert.focus_subject_id, day)


def _alert_id(user_id: str, focus_id: str, day: date) -> str:
    """The same for the same member of staff, focus and first day, wherever it is computed."""
    digest = hashlib.sha256(f"{user_id}\0{focus_id}\0{day.isoformat()}".encode()).digest()
    return "A-" + base64.b32encode(digest[:10]).decode().lower()[:12]
