"""What people record about an alert beyond the log: which facts there are, and what each takes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from alerts.chain import stamp
from alerts.errors import Misused
from alerts.prompt_pack import PromptPack

WITHDRAWN: Final = "withdrawn"  # any fact may be taken back, with a reason; both stay on record
OFFENCE_ANSWERS: Final = ("may_apply", "does_not_apply", "cannot_tell")
FROM_THE_PERSON: Final = ("person", "person_through_advocate")


class Kind(StrEnum):
    """What a recorded fact is written as."""

    DAY = "a day, 2026-03-01"
    MOMENT = "a time with its offset, 2026-03-01T09:30:00Z"
    YES = "yes or no"
    CHOICE = "one of its words"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKind:
    """One fact that may be recorded."""

    name: str
    kind: Kind
    means: str
    choices: tuple[str, ...] = ()
    may_lie_ahead: bool = False  # a review may be planned; an act may not


def _yes(name: str, means: str) -> FactKind:
    return FactKind(name=name, kind=Kind.YES, means=means)


def _day(name: str, means: str, *, may_lie_ahead: bool = False) -> FactKind:
    return FactKind(name=name, kind=Kind.DAY, means=means, may_lie_ahead=may_lie_ahead)


def _moment(name: str, means: str) -> FactKind:
    return FactKind(name=name, kind=Kind.MOMENT, means=means)


def _choice(name: str, means: str, *, choices: tuple[str, ...]) -> FactKind:
    return FactKind(name=name, kind=Kind.CHOICE, means=means, choices=choices)


# The risk plan, in the order of the work. A tool is answered by the person, never from the log.
RISK_PLAN: Final = (
    _yes("contact_safe", "contact with the person looked up was checked to be safe"),
    _choice(
        "risk_answers_from",
        "who answered the questions of the risk tool",
        choices=(*FROM_THE_PERSON, "person_declined", "not_asked_yet"),
    ),
    _choice(
        "risk_tool",
        "which risk tool was completed",
        choices=("s_dash", "stalking_screening_tool", "dash", "dara", "other"),
    ),
    _day("risk_plan_written", "a risk plan was written, and not a grade alone"),
    _day("risk_plan_review", "the risk plan is to be reviewed by", may_lie_ahead=True),
    _yes("address_checked", "it was checked whether a new address or telephone is known"),
    _yes("support_offered", "specialist support was offered"),
    _yes("order_considered", "a protective order was considered"),
)

FACTS: Final = (
    _moment("criteria_met_at", "when it became clear that the criteria of referral appear met"),
    _yes("criteria_not_met", "it was decided that the criteria are not met"),
    _moment("referred_at", "when the referral was made"),
    _day("last_act", "the last act known towards the person, on facts beyond the log"),
    _day("information_laid", "the information was laid, or a charge was authorised"),
    _choice(
        "apsp",
        "assessment of abuse of position for a sexual purpose",
        choices=("may_be", "no", "cannot_tell"),
    ),
    *RISK_PLAN,
    _yes("constable", "the member of staff is a constable, a special or designated as one"),
    _yes("personal_connection", "member of staff and person looked up are personally connected"),
    _yes("relationship_indicator", "a sign of a relationship, beyond the log"),
    _yes("crime_suspected", "a crime is suspected, on facts beyond the log"),
    _yes("arrest_or_bail", "there was an arrest, or there is bail"),
    _yes("breach_reported", "a breach of conditions or of an order is reported"),
    _yes("graded_standard_risk", "the risk was graded standard"),
    _yes("self_harm_words", "the member of staff spoke of self-harm"),
    _yes("lives_in_another_area", "the member of staff lives in another force area"),
    _yes("moved_force_area", "one of the two moves to another force area"),
    _yes("on_probation", "the member of staff is on probation"),
    _yes("notes_written", "notes or reasons in free text were written"),
    _yes("earlier_outcome", "words, advice or a warning came before these accesses"),
    _yes("person_told", "the person looked up was told of the accesses"),
)


def facts_of(pack: PromptPack) -> Mapping[str, FactKind]:
    """Every fact that may be recorded under a pack, by name: the offences are its own."""
    offences = (
        _choice(offence.id, f"whether {offence.title} was considered", choices=OFFENCE_ANSWERS)
        for offence in pack.offences
    )
    return {fact.name: fact for fact in (*FACTS, *offences)}


def fact_read(
    written: str, known: Mapping[str, FactKind], *, now: datetime, today: date
) -> tuple[str, str]:
    """The name and the value of a fact as typed, `name=value`, the value as it is kept.

    Args:
        written: as typed.
        known: facts by name.
        now: a moment may not lie after it.
        today: the force's own day; a day may not lie after it, unless it is a plan.

    Raises:
        Misused: there is no such fact, or the value is not of its kind; says what is possible.
    """
    name, _, typed = (part.strip() for part in written.partition("="))
    if name not in known:
        raise Misused(f"fact {name or written}: is not known; possible: {', '.join(known)}")
    if typed == WITHDRAWN:
        return name, WITHDRAWN
    return name, _value(known[name], typed, now=now, today=today)


def refuse_unfounded(name: str, value: str, *, standing: Mapping[str, str]) -> None:
    """Nothing where a fact may stand beside those that do.

    Raises:
        Misused: a risk tool that nobody answered for the person.
    """
    answered = standing.get("risk_answers_from") in FROM_THE_PERSON
    if name == "risk_tool" and value != WITHDRAWN and not answered:
        raise Misused(
            "fact risk_tool: a risk tool is answered by the person looked up, never from the log;"
            f" possible: first risk_answers_from={' or '.join(FROM_THE_PERSON)}"
        )


def standing_of(recorded: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The facts that stand, name to value: the latest of each, those withdrawn left out."""
    latest = dict(recorded)
    return {name: value for name, value in latest.items() if value != WITHDRAWN}


def condition_of(name: str, value: str) -> str:
    """The condition of the law pack that a fact makes true; empty where it makes none."""
    if value == "yes":
        return name
    return f"{name}_{value}" if value == "may_be" else ""


def _value(fact: FactKind, typed: str, *, now: datetime, today: date) -> str:
    if fact.kind is Kind.YES:
        return _one_of(fact, typed, choices=("yes", "no"))
    if fact.kind is Kind.CHOICE:
        return _one_of(fact, typed, choices=fact.choices)
    try:
        if fact.kind is Kind.DAY:
            read: date = date.fromisoformat(typed)
            ahead = read > today
            kept = read.isoformat()
        else:
            moment = datetime.fromisoformat(typed)
            kept = stamp(moment)
            ahead = moment > now
    except ValueError:
        raise Misused(f"fact {fact.name}: {typed!r} is not {fact.kind}") from None
    if ahead and not fact.may_lie_ahead:
        raise Misused(f"fact {fact.name}: {typed} lies ahead; possible: a time that is past")
    return kept


def _one_of(fact: FactKind, typed: str, *, choices: Collection[str]) -> str:
    if typed not in choices:
        possible = ", ".join((*choices, WITHDRAWN))
        raise Misused(f"fact {fact.name}: {typed!r} is not possible; possible: {possible}")
    return typed
