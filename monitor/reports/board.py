"""One month for a board: what was raised, how it ended, whether clocks and questions were kept.

No member of staff is named, ranked or counted by name: this is no league table.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from alerts.candidates import SAYS, Reason
from alerts.chain import Entry, moment
from alerts.clocks import end_of_next_day
from alerts.lifecycle import Action
from alerts.model import Alert, Family, Priority, Status
from alerts.recording import standing_of
from alerts.records import JudgedDay, Note, PromptAnswer, RecordedFact, Suppression
from monitor.reports.declined import declined
from monitor.reports.page import Page, Section, Table, cells
from monitor.views.casework import disposition_name
from monitor.views.wording import count, plain_name, when

# The questions that the review found unasked, and that an inspector would ask about first.
WATCHED: Final = ("P01", "P02", "P06", "P08", "P10", "P13", "P22", "P23", "P32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Everything that a board is told of a month, as the store holds it."""

    begins: datetime  # the force's own midnight, in its zone
    ends: datetime
    alerts: tuple[Alert, ...]  # all that are known, whenever raised
    notes: tuple[Note, ...]  # on any of them
    answers: tuple[PromptAnswer, ...]
    facts: tuple[RecordedFact, ...]
    days: tuple[JudgedDay, ...]
    entries: tuple[Entry, ...]  # of the chain, within the month
    suppressions: tuple[Suppression, ...]  # in force at its end
    feeds_missing: tuple[str, ...]
    law_unverified: int
    law_overdue: int
    passed: Mapping[Reason, int] = field(default_factory=dict)  # came near an alert, by reason

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in the month."""
        return self.begins <= at < self.ends

    @property
    def raised(self) -> tuple[Alert, ...]:
        """The alerts raised in the month."""
        return tuple(alert for alert in self.alerts if self.holds(alert.raised_at))


def span_of(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of a month, "2026-03", and the first after it, in the force's own zone.

    Raises:
        ValueError: it is not a month.
    """
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime.combine(on, time(), tzinfo=zone) for on in (first, following))
    return begins, ends


def board_page(found: Month, *, force: str, zone: ZoneInfo, written: datetime) -> Page:
    """The report."""
    name = f"{found.begins.astimezone(zone):%B %Y}"
    return Page(
        kind="board",
        title=f"{force}: access monitoring in {name}",
        lead=(
            f"{count(len(found.raised), 'alert')} raised, {count(_closed(found), 'alert')} closed;"
            f" waiting now: {_waiting(found)}."
        ),
        about=(
            ("Month", name),
            ("Written", when(written, zone)),
            ("Feeds missing", ", ".join(map(plain_name, found.feeds_missing)) or "none"),
        ),
        sections=(
            _raised(found),
            _worked(found),
            _clocks(found, zone),
            _questions(found),
            _judged(found),
            _watched(found),
            _limits(),
        ),
    )


def _raised(found: Month) -> Section:
    by = Counter((alert.family, alert.priority) for alert in found.raised)
    rows = (
        cells(
            plain_name(family),
            *(by[(family, priority)] for priority in Priority),
            sum(by[(family, priority)] for priority in Priority),
        )
        for family in Family
        if any(by[(family, priority)] for priority in Priority)
    )
    provisional = sum(alert.provisional for alert in found.raised)
    drawn = sum(alert.drawn_at_random for alert in found.raised)
    return Section(
        heading="Raised",
        says=(
            f"{provisional} of {len(found.raised)} rest on a history shorter than asked for.",
            (
                f"{drawn} of {len(found.raised)} were drawn at random for audit, beside the review"
                " budget and not for their strength."
            ),
            f"Came near an alert and are none, by day and pair: {_passed(found)}.",
        ),
        tables=(
            Table(
                caption="Alerts raised in the month, by pattern and priority",
                head=("Pattern", *map(str, Priority), "All"),
                rows=tuple(rows),
                none="no detector fired on the feeds loaded.",
            ),
        ),
    )


def _passed(found: Month) -> str:
    """What became no alert, by reason, counted on each day of the month."""
    told = (f"{SAYS[reason]} {number}" for reason, number in sorted(found.passed.items()))
    return "; ".join(told) or "none"


def _worked(found: Month) -> Section:
    closures = Counter(
        note.disposition
        for note in found.notes
        if note.action is Action.CLOSE and found.holds(note.at)
    )
    standing = Counter(alert.status for alert in found.alerts)
    waits = _hours_to(found, Action.TAKE)
    ends = _hours_to(found, Action.CLOSE)
    return Section(
        heading="Worked",
        says=(
            f"From raised to first taken: {_typical(waits)}.",
            f"From raised to closed: {_typical(ends)}.",
        ),
        tables=(
            Table(
                caption="Closed in the month, by how it ended",
                head=("Ended as", "Alerts"),
                rows=tuple(
                    cells(disposition_name(str(way)), number)
                    for way, number in closures.most_common()
                ),
                none="no alert was closed.",
            ),
            Table(
                caption="Where alerts stand now",
                head=("Standing", "Alerts"),
                rows=tuple(cells(status, standing[status]) for status in Status),
            ),
        ),
    )


def _clocks(found: Month, zone: ZoneInfo) -> Section:
    met, in_time, late = 0, 0, 0
    for standing in _standing(found).values():
        at = standing.get("criteria_met_at", "")
        if not at or not found.holds(moment(at)):
            continue
        met += 1
        referred = standing.get("referred_at", "")
        if referred and moment(referred) < end_of_next_day(moment(at), zone):
            in_time += 1
        elif referred or found.ends >= end_of_next_day(moment(at), zone):
            late += 1
    return Section(
        heading="Referral clock",
        warns=(f"{count(late, 'referral')} late or outstanding.",) if late else (),
        says=("Counted from recorded decisions; the limit itself is unverified.",),
        tables=(
            Table(
                caption="Decisions in the month that criteria of referral appear met",
                head=("Decisions", "Referred in time", "Late or outstanding"),
                rows=(cells(met, in_time, late),),
            ),
        ),
    )


def _questions(found: Month) -> Section:
    latest = {(a.alert_id, a.prompt_id): a.answer for a in found.answers}
    rows = []
    for prompt in WATCHED:
        carrying = [
            alert
            for alert in found.raised
            if any(carried.id == prompt for carried in alert.prompts)
        ]
        ways = Counter(latest.get((alert.alert_id, prompt), "unanswered") for alert in carrying)
        if carrying:
            told = (ways[way] for way in ("done", "not needed", "later", "unanswered"))
            rows.append(cells(prompt, len(carrying), *told))
    return Section(
        heading="Questions of law and practice",
        says=(
            (
                "P01 asks whether stalking was considered by name, P02 which offence and why, P10"
                " the risk from the person, P13 an order, P23 the referral."
            ),
        ),
        tables=(
            Table(
                caption="Of the alerts raised in the month",
                head=("Question", "Carried by", "Done", "Not needed", "Later", "Unanswered"),
                rows=tuple(rows),
                none="no alert of the month carries one of these questions.",
            ),
        ),
    )


def _judged(found: Month) -> Section:
    days = [judged for judged in found.days if _within(found, judged.day)]
    return Section(
        heading="Judged",
        says=(
            (
                f"{count(len(days), 'day')} judged, {sum(d.events for d in days):,} rows, "
                f"{sum(d.pairs for d in days):,} pairs of member of staff and record."
            ),
        ),
        tables=(declined(days),),
    )


def _watched(found: Month) -> Section:
    """Who watches the watchers: looks, identities, silences and the law pack."""
    looks = [e for e in found.entries if "masked" in e.told]
    unmasked = [e for e in looks if not e.told["masked"]]
    rows = (
        cells("Looks at alerts and reports", len(looks)),
        cells("of them with identities, each with its purpose", len(unmasked)),
        cells("People who looked", len({e.actor for e in looks})),
        cells("Looks withheld from somebody in conflict", _kinds(found, "alert.withheld")),
        cells("Pairs suppressed at the end of the month", len(found.suppressions)),
        cells("Prompts, offences and limits unverified", found.law_unverified),
        cells("of the law pack, overdue for review", found.law_overdue),
    )
    return Section(
        heading="Watching the watchers",
        tables=(Table(caption="From the chain", head=("What", "Number"), rows=rows),),
    )


def _limits() -> Section:
    return Section(
        heading="What this does not say",
        points=(
            "A quiet month clears nobody: it means that no detector fired on the feeds loaded.",
            "Nothing here ranks or names a member of staff, and no team is compared with another.",
            "Outcomes are what people decided on what they could find out.",
        ),
    )


def _standing(found: Month) -> dict[str, dict[str, str]]:
    by_alert: dict[str, list[tuple[str, str]]] = {}
    for fact in found.facts:
        by_alert.setdefault(fact.alert_id, []).append((fact.name, fact.value))
    return {alert_id: standing_of(facts) for alert_id, facts in by_alert.items()}


def _hours_to(found: Month, action: Action) -> list[float]:
    """Hours from raising to the first such action, where that lies in the month."""
    raised = {alert.alert_id: alert.raised_at for alert in found.alerts}
    first: dict[str, datetime] = {}
    for note in found.notes:
        if note.action is action:
            first.setdefault(note.alert_id, note.at)
    return [
        (at - raised[alert_id]).total_seconds() / 3600
        for alert_id, at in first.items()
        if found.holds(at) and alert_id in raised
    ]


def _typical(hours: Sequence[float]) -> str:
    if not hours:
        return "none in the month"
    return f"median {median(hours):,.0f} hours, longest {max(hours):,.0f}, of {len(hours)}"


def _closed(found: Month) -> int:
    return sum(note.action is Action.CLOSE and found.holds(note.at) for note in found.notes)


def _waiting(found: Month) -> int:
    return sum(
        alert.status in {Status.OPEN, Status.TAKEN, Status.AWAITING} for alert in found.alerts
    )


def _within(found: Month, on: date) -> bool:
    return found.begins.date() <= on < found.ends.date()


def _kinds(found: Month, kind: str) -> int:
    return sum(entry.kind == kind for entry in found.entries)


def entries_within(
    entries: Iterator[Entry], *, begins: datetime, ends: datetime
) -> tuple[Entry, ...]:
    """The entries of a span."""
    return tuple(entry for entry in entries if begins <= entry.moment < ends)
