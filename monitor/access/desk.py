"""A desk: what somebody is shown of alerts, masked or not, and the entry every look leaves."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts.errors import Misused
from alerts.model import Alert, Status
from monitor.access.masking import Scrubber, masked_alert
from monitor.access.roles import Permission, Person, person, purpose_given
from monitor.views.casework import AnswerShown, Casework, FactShown, NoteShown

if TYPE_CHECKING:
    from monitor.views.facts import Evidence
    from monitor.wiring import Site

# What waits for somebody to do something; referred alerts wait for somebody else.
WAITING: Final = frozenset({Status.OPEN, Status.TAKEN, Status.AWAITING})
_NEAR: Final = 4  # ids offered where one was cut short


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One person at one home, with or without leave to see identities."""

    site: "Site"
    person: Person
    purpose: str  # empty: tokens only
    unmasked: bool = False

    def alerts(self, statuses: Collection[Status] | None = None) -> tuple[Alert, ...]:
        """The alerts of some statuses that this person may know of, in the order of the queue."""
        found = self.site.store.alerts(statuses=statuses)
        return tuple(alert for alert in found if not self.person.in_conflict(alert))

    def waiting(self) -> tuple[Alert, ...]:
        """The alerts that wait, without those merged into another."""
        merged = self.site.store.merged()
        return tuple(alert for alert in self.alerts(WAITING) if alert.alert_id not in merged)

    def alert(self, written: str) -> Alert:
        """One alert, by its id or by as much of it as no other shares.

        Raises:
            Misused: there is none, several begin so, or it may not be known to this person: an
                alert about one's own account is answered like one that is not there.
        """
        wanted = written.casefold()
        begins = [
            alert
            for alert in self.site.store.alerts()
            if wanted and alert.alert_id.casefold().startswith(wanted)
        ]
        known = [alert for alert in begins if not self.person.in_conflict(alert)]
        exact = [alert for alert in known if alert.alert_id.casefold() == wanted]
        if len(exact or known) == 1:
            return (exact or known)[0]
        if known:
            several = ", ".join(alert.alert_id for alert in known[:_NEAR])
            raise Misused(f"alert {written}: several begin so; possible: {several}")
        for alert in begins:
            self.looked("alert.withheld", about=alert.alert_id)
        raise Misused(f"alert {written}: is not there; possible: psdmon alerts list")

    def shown(self, alert: Alert) -> Alert:
        """The alert as this person may read it."""
        return alert if self.unmasked else masked_alert(alert, self.site.masker)

    def shown_evidence(self, evidence: "Evidence | str") -> "Evidence | str":
        """The evidence as this person may read it."""
        from monitor.views.facts import masked_evidence

        if self.unmasked or isinstance(evidence, str):
            return evidence
        return masked_evidence(evidence, self.site.masker)

    def casework(self, alert: Alert) -> Casework:
        """What people have done with an alert, as this person may read it."""
        store = self.site.store
        clean = self._cleaning(alert)
        others = (self.shown(one) for one in self._same_user(alert))
        return Casework(
            held_by=store.holders().get(alert.alert_id, ""),
            notes=tuple(
                NoteShown(
                    at=n.at,
                    actor=n.actor,
                    action=str(n.action),
                    says=clean(n.reason),
                    disposition=str(n.disposition or ""),
                    explanation=clean(n.explanation),
                    to=n.to,
                )
                for n in store.notes(alert.alert_id)
            ),
            answers=tuple(
                AnswerShown(
                    prompt_id=a.prompt_id,
                    answer=a.answer,
                    reason=clean(a.reason),
                    actor=a.actor,
                    at=a.at,
                )
                for a in store.prompt_answers(alert.alert_id)
            ),
            others=tuple(others),
            recorded=tuple(
                FactShown(
                    name=f.name, value=f.value, reason=clean(f.reason), actor=f.actor, at=f.at
                )
                for f in store.recorded_facts(alert.alert_id)
            ),
        )

    def looked(self, kind: str, *, about: str = "", **facts: object) -> None:
        """Leave an entry on the chain: who looked at what, masked or not, and why."""
        self.site.store.record(
            kind,
            actor=self.person.os_user,
            at=self.site.clock.now(),
            about=about,
            purpose=self.purpose,
            facts={"masked": not self.unmasked, **facts},
        )

    def _same_user(self, alert: Alert) -> tuple[Alert, ...]:
        found = self.site.store.alerts_of_users(alert.user_ids)
        return tuple(
            one
            for one in found
            if one.alert_id != alert.alert_id and not self.person.in_conflict(one)
        )

    def _cleaning(self, alert: Alert) -> Callable[[str], str]:
        if self.unmasked:
            return str  # the text as it is
        return Scrubber.of(alert, self.site.masker).clean


def desk_of(site: "Site", *, purpose: str = "", unmask: bool = False) -> Desk:
    """The desk of whoever runs this, with leave to see alerts.

    Raises:
        NotPermitted: no role allows it, or identities are asked for without a purpose.
    """
    whoever = person_at(site)
    whoever.require(Permission.SEE)
    if unmask:
        whoever.require(Permission.UNMASK)
        purpose = purpose_given(purpose, to_do="--unmask")
    return Desk(site=site, person=whoever, purpose=purpose.strip(), unmasked=unmask)


def person_at(site: "Site") -> Person:
    """Whoever runs this, with the roles held in this home."""
    return person(site.actor, site.store.role_holders().get(site.actor, frozenset()))
