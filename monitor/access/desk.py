"""A desk: what somebody is shown of alerts, masked or not, and the entry every look leaves."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from alerts.candidates import Candidate
from alerts.errors import IntegrityBroken, Misused, NotPermitted
from alerts.model import Alert, Status
from monitor.access import record
from monitor.access.gate import Covert, Gate, Near, Rules, gate_for
from monitor.access.masking import Scrubber, masked_alert
from monitor.access.roles import Permission, Person, person, purpose_given
from monitor.access.ties import Why
from monitor.utc_day import midnight
from monitor.views.casework import AnswerShown, Casework, FactShown, NoteShown

if TYPE_CHECKING:
    from monitor.access.record import Record
    from monitor.views.facts import Evidence
    from monitor.wiring import Site

log = structlog.get_logger()

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
    granted: frozenset[str] | None = None  # alerts a second person opened; None: no need of one
    glass: int = 0  # the entry that says the glass was broken; 0 where it is whole

    def alerts(self, statuses: Collection[Status] | None = None) -> tuple[Alert, ...]:
        """The alerts of some statuses that this person may know of, in the order of the queue."""
        found = self.site.store.alerts(statuses=statuses)
        return tuple(alert for alert in found if self.knows(alert))

    def knows(self, alert: Alert) -> bool:
        """Whether this person may know of an alert; broken glass opens all but one's own."""
        closed = self.person.closed(alert)
        return closed is None or (bool(self.glass) and closed is not Why.OWN)

    def candidates(
        self, *, first: date | None = None, last: date | None = None
    ) -> tuple[tuple[date, Candidate], ...]:
        """What came near an alert and is none, by day, as far as this person may know of it."""
        alerts = {alert.alert_id: alert for alert in self.site.store.alerts()}
        unknown = {name for name, alert in alerts.items() if not self.knows(alert)}
        return tuple(
            (found.day, one)
            for found in self.site.store.days.candidates(first=first, last=last)
            for one in found.candidates
            if one.ref not in unknown and self._may_know(one, found.day)
        )

    def shows_candidates(self) -> bool:
        """Whether identities of what is no alert show here: nobody opens one of them alone."""
        return self._shows_everything

    def _may_know(self, one: Candidate, day: date) -> bool:
        subjects = (one.focus_subject_id,) if one.focus_subject_id else ()
        since = midnight(day)
        return self.may_know_of(one.user_id, subjects, since=since)

    def may_know_of(self, user_id: str, subjects: Collection[str], *, since: datetime) -> bool:
        """Whether nothing keeps this person from a member of staff and records, since a time."""
        closed = self.person.closed(
            Near(
                user_ids=(user_id,),
                subject_ids=tuple(subjects),
                focus_subject_id=next(iter(subjects)) if len(subjects) == 1 else "",
                first_event_at=since,
            )
        )
        return closed is None or (bool(self.glass) and closed is not Why.OWN)

    def shows(self, alert: Alert) -> bool:
        """Whether this person is shown the identities of an alert."""
        if not self.unmasked:
            return False
        if self.glass:
            return True
        opened = self.granted is None or alert.alert_id in self.granted
        return opened and self.person.may_unmask(alert)

    def waiting(self) -> tuple[Alert, ...]:
        """The alerts that wait, without those merged into another."""
        merged = self.site.store.merged()
        return tuple(alert for alert in self.alerts(WAITING) if alert.alert_id not in merged)

    def alert(self, written: str) -> Alert:
        """One alert, by its id or by as much of it as no other shares.

        Raises:
            Misused: there is none, several begin so, or it may not be known to this person: an
                alert that is closed to somebody is answered like one that is not there.
        """
        wanted = written.casefold()
        begins = [
            alert
            for alert in self.site.store.alerts()
            if wanted and alert.alert_id.casefold().startswith(wanted)
        ]
        known = [alert for alert in begins if self.knows(alert)]
        exact = [alert for alert in known if alert.alert_id.casefold() == wanted]
        if len(exact or known) == 1:
            return (exact or known)[0]
        if known:
            several = ", ".join(alert.alert_id for alert in known[:_NEAR])
            raise Misused(f"alert {written}: several begin so; possible: {several}")
        for alert in begins:
            self.looked("alert.withheld", about=alert.alert_id, why=self.person.closed(alert))
        raise Misused(f"alert {written}: is not there; possible: psdmon alerts list")

    def shown(self, alert: Alert) -> Alert:
        """The alert as this person may read it."""
        return alert if self.shows(alert) else masked_alert(alert, self.site.masker)

    def require_identities(self, alert: Alert) -> None:
        """Nothing where identities were not asked for, or this alert's are shown.

        Raises:
            NotPermitted: a second person has opened others, or the sealed route is not theirs.
        """
        if not self.unmasked or self.shows(alert):
            return
        raise NotPermitted(
            f"alert {alert.alert_id}: its identities are not open to {self.person.os_user};"
            f' possible: psdmon access request {alert.alert_id} --purpose "...", which somebody'
            " else approves; on the sealed route only the authority sees them"
        )

    def suppression(self, number: int) -> None:
        """Nothing where a suppression in force is about an alert this person may know of.

        Raises:
            Misused: there is none of this number, as far as this person may know.
        """
        known = {alert.alert_id for alert in self.alerts()}
        found = self.site.store.suppressions(at=self.site.clock.now())
        numbers = [one.seq for one in found if one.alert_id in known]
        if number not in numbers:
            possible = ", ".join(map(str, numbers)) or "none is in force"
            raise Misused(f"suppression {number}: is not in force; possible: {possible}")

    def shown_evidence(
        self, evidence: "Evidence | str", alert: Alert | None = None
    ) -> "Evidence | str":
        """The evidence as this person may read it; with tokens where its alert is not named."""
        from monitor.views.facts import masked_evidence

        if isinstance(evidence, str):
            return evidence
        if self._shows_everything or (alert is not None and self.shows(alert)):
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
            facts={"masked": not self._shows_of(about), **self._broken, **facts},
        )

    @property
    def _shows_everything(self) -> bool:
        """Whether no alert that is known at this desk is masked."""
        if not self.unmasked:
            return False
        return bool(self.glass) or (self.granted is None and not self.person.gate.sealed)

    def _shows_of(self, alert_id: str) -> bool:
        """Whether identities show in a look at one alert, or at several."""
        if not self.unmasked or not alert_id or self._shows_everything:
            return self.unmasked
        found = next((a for a in self.site.store.alerts() if a.alert_id == alert_id), None)
        return found is not None and self.shows(found)

    @property
    def _broken(self) -> dict[str, object]:
        return {"glass": self.glass} if self.glass else {}

    def _same_user(self, alert: Alert) -> tuple[Alert, ...]:
        found = self.site.store.alerts_of_users(alert.user_ids)
        return tuple(one for one in found if one.alert_id != alert.alert_id and self.knows(one))

    def _cleaning(self, alert: Alert) -> Callable[[str], str]:
        if self.shows(alert):
            return str  # the text as it is
        return Scrubber.of(alert, self.site.masker).clean


def desk_of(
    site: "Site", *, purpose: str = "", unmask: bool = False, break_glass: str = ""
) -> Desk:
    """The desk of whoever runs this, with leave to see alerts.

    Raises:
        NotPermitted: no role allows it, identities are asked for without a purpose, or without
            a second person where the force asks for one.
    """
    whoever = person_at(site)
    if break_glass.strip():
        return _broken_glass(site, whoever, break_glass.strip())
    whoever.require(Permission.SEE)
    if not unmask:
        return Desk(site=site, person=whoever, purpose=purpose.strip())
    whoever.require(Permission.UNMASK)
    stated = purpose_given(purpose, to_do="--unmask")
    granted = identities_granted(site, whoever)
    return Desk(site=site, person=whoever, purpose=stated, unmasked=True, granted=granted)


def identities_granted(
    site: "Site", whoever: Person, *, every_alert: bool = False
) -> frozenset[str] | None:
    """The alerts whose identities a second person has opened to somebody; None: all of them.

    Args:
        site: the home.
        whoever: asks to see identities, and holds a role for it.
        every_alert: whether what is asked for shows identities of more than one alert.

    Raises:
        NotPermitted: a second person is wanted, and none has opened what is asked for.
    """
    if whoever.alone or not site.settings.access.second_person:
        return None
    opened = access_record(site).identities_for(whoever.os_user, site.clock.now())
    if "" in opened:
        return None
    if opened and not every_alert:
        return opened
    what = "--all" if every_alert else "ALERT (or --all)"
    raise NotPermitted(
        f"{whoever.os_user}: identities need a second person in this home, and nobody has opened"
        f' them; possible: psdmon access request {what} --purpose "...", which somebody else'
        " approves"
    )


def person_at(site: "Site", *, gated: bool = True) -> Person:
    """Whoever runs this, with the roles held in this home.

    Args:
        site: the home.
        gated: whether to work out what is closed to this person; not where no alert is named.
    """
    return people_of(site, {site.actor: site.principals}, gated=gated)[site.actor]


def people_of(
    site: "Site", principals: Mapping[str, Collection[str]], *, gated: bool = True
) -> dict[str, Person]:
    """People of this home by their operating-system user, each with roles and gate.

    Args:
        site: the home.
        principals: every name by which each may hold a role.
        gated: whether to work out what is closed to them.
    """
    holders = site.store.role_holders()
    ever = site.store.roles_ever_given()
    names = {
        user: {name for one in own for name in holders.get(one, frozenset())}
        for user, own in principals.items()
    }
    alone = {user for user in principals if ever == {user} == set(holders)}
    if not gated or alone == set(principals):
        return {user: person(user, names[user], alone=user in alone) for user in principals}
    told = access_record(site)
    covert = _covert(site, told)
    return {
        user: person(user, names[user], alone=True)
        if user in alone
        else _gated(site, user, role_names=names[user], told=told, covert=covert)
        for user in principals
    }


def _gated(
    site: "Site",
    user: str,
    *,
    role_names: Collection[str],
    told: "Record",
    covert: tuple[Covert, ...],
) -> Person:
    match = told.matches.get(user)
    gate = _gate(site, own={user, *(match.user_ids if match else ())}, covert=covert)
    matched = match is not None or site.ties.knows(user)
    return person(user, role_names, gate=gate, matched=matched)


def access_record(site: "Site") -> "Record":
    """How access stands, told from the chain.

    Raises:
        IntegrityBroken: an entry that it hangs on cannot be read.
    """
    try:
        return record.record_of(site.store.chain(kinds=record.KINDS))
    except (KeyError, TypeError, ValueError):
        raise IntegrityBroken(
            "chain: an entry about access is not what was written; possible: psdmon audit verify"
        ) from None


def countable(site: "Site") -> tuple[Alert, ...] | None:
    """The alerts that may be counted before whoever runs this; None where none may be."""
    whoever = person_at(site)
    if not whoever.may(Permission.SEE):
        return None
    return Desk(site=site, person=whoever, purpose="").alerts()


def uncovered(site: "Site") -> tuple[Alert, ...]:
    """The alerts that may be counted before anybody: neither sealed nor for named people alone."""
    gate = _gate(site, own=frozenset(), covert=_covert(site, access_record(site)))
    return tuple(
        alert
        for alert in site.store.alerts()
        if not gate.on_sealed_route(alert) and not gate.covert_to(alert, "")
    )


def _gate(site: "Site", *, own: Collection[str], covert: tuple[Covert, ...]) -> Gate:
    """What is closed to somebody who has these accounts."""
    settings = site.settings.access
    return gate_for(
        own,
        site.ties,
        rules=Rules(
            sealed_roles=settings.sealed_roles,
            sealed_teams=settings.sealed_teams,
            past=timedelta(days=settings.past_days),
            levels_below=settings.most_levels_below,
        ),
        covert=covert,
        now=site.clock.now(),
    )


def _covert(site: "Site", told: "Record") -> tuple[Covert, ...]:
    if not told.covert:
        return ()
    return tuple(
        Covert(
            alert_id=alert.alert_id,
            user_ids=frozenset(alert.user_ids),
            focus_subject_id=alert.focus_subject_id,
            only=told.covert[alert.alert_id],
        )
        for alert in site.store.alerts()
        if alert.alert_id in told.covert
    )


def _broken_glass(site: "Site", whoever: Person, reason: str) -> Desk:
    """A desk from which nothing but one's own account is kept, and the noise that makes."""
    whoever.require(Permission.BREAK_GLASS)
    entry = site.store.record(
        record.GLASS_BROKEN, actor=whoever.os_user, at=site.clock.now(), purpose=reason
    )
    log.warning("access.glass_broken", actor=whoever.os_user, entry=entry.seq)
    site.glass_broken = True
    return Desk(site=site, person=whoever, purpose=reason, unmasked=True, glass=entry.seq)
