"""A law pack: dated questions of law and practice, and what no log can show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from alerts.model import Family

STAGES: Final = ("first", "review", "closure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question of law or practice in one wording, with its dates and its source.

    A prompt may have several versions; their days in force never overlap.
    """

    id: str
    version: int
    title: str  # for lists
    says: str
    families: frozenset[Family]  # where it may be asked at all
    typologies: tuple[str, ...]  # patterns it is written for
    needs: tuple[str, ...]  # conditions, one of which must hold wherever it is asked; empty: always
    also_when: tuple[str, ...]  # conditions that call for it outside its families' sets
    stage: str  # where it is asked when no set places it
    risk_rank: int  # nearness to the safety of the person looked up, 1 (first) to 5
    clock_rank: int  # how soon it can be too late, 1 (first) to 5
    evidence_rank: int  # weight for the evidence, 1 (first) to 5
    reference: str
    answers: str  # the finding of the review it answers
    jurisdiction: str
    in_force_from: date
    in_force_until: date | None = None  # the first day on which it is no longer asked
    source: str
    notes: str = ""  # what to check before relying on it
    verified: bool = False
    verified_by: str = ""
    verified_on: date | None = None
    review_due: date

    def in_force(self, on: date) -> bool:
        """Whether it may be asked on a day."""
        return self.in_force_from <= on and (
            self.in_force_until is None or on < self.in_force_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSet:
    """The prompts of one alert family, by stage."""

    typologies: tuple[str, ...]
    first: tuple[str, ...]
    review: tuple[str, ...]
    closure: tuple[str, ...]

    def at(self, stage: str) -> tuple[str, ...]:
        """Ids of the prompts at one stage."""
        return {"first": self.first, "review": self.review, "closure": self.closure}[stage]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the prompts at every stage."""
        return self.first + self.review + self.closure


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing that would have to be shown, and how far a log can help."""

    element: str
    log_may_support: str
    log_cannot_show: str
    seek: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One offence that may come into view, what it asks, and where it cannot."""

    id: str  # "PHA-2A": the name under which a decision about it is recorded
    title: str
    asks: str  # what would have to be shown, in brief
    log_may_support: str
    needs: tuple[str, ...]  # conditions, or prompts carried, one of which must hold; empty: none
    families: frozenset[Family]
    brings_referral: bool | None  # may bring the duty to refer; None: the pack does not hold it
    reference: str
    source: str
    in_force_from: date
    in_force_until: date | None = None
    notes: str = ""
    verified: bool = False
    verified_by: str = ""
    verified_on: date | None = None
    review_due: date

    def in_force(self, first: date, last: date) -> bool:
        """Whether it was law on any day from the first to the last."""
        return self.in_force_from <= last and (
            self.in_force_until is None or first < self.in_force_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """A time limit: which recorded fact begins it, how it is counted, which fact ends it."""

    id: str
    title: str
    starts_from: str
    stopped_by: str
    rule: str  # end_of_next_day, months
    months: int  # of a limit in months, else 0
    near_hours: int  # how long before its end it warns
    families: frozenset[Family]
    until_begun: str  # what is said while nothing is recorded
    reference: str
    source: str
    notes: str = ""
    verified: bool = False
    verified_by: str = ""
    verified_on: date | None = None
    review_due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """A service that a person looked up may be offered."""

    name: str
    phone: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is printed beside every finding."""

    sentence: str
    lines: tuple[str, ...]
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPack:
    """All that one jurisdiction's alerts may ask."""

    jurisdiction: str
    complete: bool  # an incomplete pack may lack prompts that the sets name
    prompts: tuple[Prompt, ...]
    sets: Mapping[Family, PromptSet]
    limits: Limits
    support: tuple[Support, ...] = field(default=())
    offences: tuple[Offence, ...] = field(default=())
    clocks: tuple[ClockRule, ...] = field(default=())

    @property
    def law(self) -> tuple[Offence | ClockRule, ...]:
        """Offences and time limits, each to be verified like a prompt."""
        return (*self.offences, *self.clocks)

    def in_force(self, on: date) -> dict[str, Prompt]:
        """The prompts that may be asked on a day, by id."""
        return {prompt.id: prompt for prompt in self.prompts if prompt.in_force(on)}

    def versions(self, prompt_id: str) -> tuple[Prompt, ...]:
        """Every version of one prompt, oldest first; empty when the pack does not hold it."""
        held = (prompt for prompt in self.prompts if prompt.id == prompt_id)
        return tuple(sorted(held, key=lambda prompt: prompt.version))


def offences_of(
    pack: PromptPack, *, family: Family, first: date, last: date
) -> tuple[Offence, ...]:
    """The offences that may come into view for a family over some days, in the pack's order."""
    return tuple(
        offence
        for offence in pack.offences
        if family in offence.families and offence.in_force(first, last)
    )


def law_unverified(pack: PromptPack) -> tuple[Offence | ClockRule, ...]:
    """The offences and clocks that no lawyer of the force has verified."""
    return tuple(one for one in pack.law if not one.verified)


def law_overdue(pack: PromptPack, on: date) -> tuple[Offence | ClockRule, ...]:
    """The offences and clocks whose review was due before a day."""
    return tuple(one for one in pack.law if one.review_due < on)


def unverified(pack: PromptPack) -> tuple[Prompt, ...]:
    """The prompts that no lawyer of the force has verified, by id and version."""
    return tuple(sorted((p for p in pack.prompts if not p.verified), key=_by_id))


def overdue(pack: PromptPack, on: date) -> tuple[Prompt, ...]:
    """The prompts still in use whose review was due before a day, by id and version."""
    late = (p for p in pack.prompts if p.review_due < on)
    return tuple(
        sorted((p for p in late if not p.in_force_until or on < p.in_force_until), key=_by_id)
    )


def missing(pack: PromptPack) -> tuple[str, ...]:
    """Ids that the sets name and the pack does not hold; only an incomplete pack may have any."""
    held = {prompt.id for prompt in pack.prompts}
    return tuple(sorted({name for group in pack.sets.values() for name in group.ids} - held))


def _by_id(prompt: Prompt) -> tuple[str, int]:
    return prompt.id, prompt.version
