"""What an alert on a case would rest on."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.cases import Case, tied_to_focus
from alerts.connections import connections
from alerts.evidence import Evidence, evidence
from alerts.raising import Earlier, Grounds
from detectors.model import Frame
from monitor.judgement.findings import contributions_of, findings_of
from monitor.judgement.identities import Identities, identities_of
from monitor.judgement.sitting import Sitting


def grounds_of(sitting: Sitting, case: Case, *, earlier: Earlier | None = None) -> Grounds | None:
    """What an alert on a case would rest on; nothing where no row lies behind it."""
    frame, verdict = sitting.frame, sitting.verdict
    behind = _behind(sitting, case)
    if behind is None:
        return None
    role_no = int(frame.role_no[case.place]) if case.place >= 0 else 0
    named = identities_of(frame, case)
    beside = _beside(frame, case, named)
    of_pair = case.place >= 0 and not case.alone
    channel = verdict.users if case.alone else None
    log_evidence = channel.score if channel else verdict.fused.log_evidence
    rarity = channel.rarity if channel else verdict.rarity
    return Grounds(
        user_id=named.user_id,
        subject_ids=named.subject_ids,
        focus_type=named.focus_type,
        role=frame.roles[role_no],
        interval=case.interval,
        log_evidence=float(log_evidence[case.place]) if case.place >= 0 else 0.0,
        limit_years=rarity.of_role(role_no).user_years,
        evidence=behind,
        connections=connections(
            frame,
            user_id=named.user_id,
            subject_ids=("", *named.subject_ids) if case.alone else named.subject_ids,
            start=behind.first_event_at,
            end=sitting.until,
            beside=beside,
        ),
        findings=findings_of(sitting, case, named) if case.place >= 0 else (),
        contributions=contributions_of(sitting, case.place) if of_pair else (),
        hinges_on=verdict.hinges_on(frame, case.place, floor=sitting.circumstances.floor)
        if of_pair
        else (),
        alone=case.alone,
        subjects_beyond=len(case.subject_nos) - len(case.listed),
        beside=len(beside),
        earlier=earlier,
    )


def _behind(sitting: Sitting, case: Case) -> Evidence | None:
    """What lies behind a case: of many people all are counted, and the rows of those listed kept.

    The rows of somebody whom the alert does not list would show to a reader who is close to them.
    """

    def of(subject_nos: Sequence[int]) -> Evidence | None:
        return evidence(
            sitting.frame,
            user_no=case.user_no,
            subject_nos=subject_nos,
            until=sitting.until,
            quiet=sitting.episode,
            limits=sitting.bench.rules.limits,
            since=case.since,
        )

    listed = of(case.listed)
    if listed is None or case.listed == case.subject_nos:
        return listed
    every = of(case.subject_nos)
    return replace(every, event_ids=listed.event_ids) if every else listed


def _beside(frame: Frame, case: Case, named: Identities) -> tuple[str, ...]:
    """The records of a case that nothing links to its focus; of a user alone none is asked for."""
    if case.alone:
        return ()
    tied = set(tied_to_focus(frame, case.listed))
    told = zip(case.listed, named.subject_ids, strict=True)
    return tuple(name for number, name in told if number not in tied)
