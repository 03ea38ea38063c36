"""Which questions an alert carries, and which of them are asked next.

facts of the alert ──> prompt_plan ──> the whole plan, kept with the alert
                                         │  answers given so far
                                         └──> shown_now ──> at most five
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from alerts.model import Family, PromptShown
from alerts.prompt_pack import STAGES, Prompt, PromptPack

AT_ONCE: Final = 5  # what a person can weigh at one sitting: the domain's rule for every family

# What no alert of a family may lack or hold, whatever a force edits: the review found stalking
# unnamed, s.4A unasked, risk unassessed, referral late, orders unsought and support unoffered; and
# curiosity must never be raised to stalking by the tool itself.
ALWAYS: Final = {Family.FIXATION: ("P01", "P02", "P08", "P10", "P13", "P23")}
NEVER: Final = {Family.CURIOSITY: ("P01", "P02")}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFacts:
    """What is known of an alert that decides which questions fit it.

    The first group comes from the log and the reference tables, the second from people at work on
    the alert. All default to "not known".
    """

    ring_size: int = 0  # people linked to the focus who were looked up too
    repeat_alert: bool = False  # an earlier alert on the same member of staff and focus
    typologies: frozenset[str] = frozenset()  # "T01" to "T30"
    personal_connection: bool = False  # recorded between member of staff and person looked up
    address_viewed_after_change: bool = False
    address_changes_untested: bool = False  # no feed of record changes
    off_duty_only: bool = False
    onward_disclosure: bool = False  # a print or an export among the evidence
    shared_terminal: bool = False
    earlier_outcome: bool = False  # words, advice or a warning before these accesses

    arrest_or_bail: bool = False
    breach_reported: bool = False
    graded_standard_risk: bool = False
    self_harm_words: bool = False
    lives_in_another_area: bool = False
    moved_force_area: bool = False
    on_probation: bool = False
    notes_written: bool = False
    relationship_indicator: bool = False
    crime_suspected: bool = False
    apsp_may_be: bool = False  # abuse of position for a sexual purpose, as assessed
    constable: bool = False


def prompt_plan(
    pack: PromptPack, *, family: Family, on: date, facts: PromptFacts
) -> tuple[PromptShown, ...]:
    """Every question an alert carries, by stage, then in the order of asking."""
    return tuple(
        _shown(prompt, stage)
        for stage in STAGES
        for prompt in _called_for(pack, family=family, stage=stage, on=on, facts=facts)
    )


def prompts_for(  # noqa: PLR0913 what decides a choice is named, not bundled
    pack: PromptPack,
    *,
    family: Family,
    stage: str,
    on: date,
    facts: PromptFacts,
    most: int = AT_ONCE,
) -> tuple[PromptShown, ...]:
    """The questions of one stage that are asked first, at most `most`."""
    plan = prompt_plan(pack, family=family, on=on, facts=facts)
    return tuple(prompt for prompt in plan if prompt.stage == stage)[:most]


def shown_now(
    plan: Collection[PromptShown],
    stage: str,
    *,
    answered: Collection[str] = (),
    put_off: Collection[str] = (),
    most: int = AT_ONCE,
) -> tuple[PromptShown, ...]:
    """The questions to ask next at a stage, at most `most`.

    The stage's own come first, then those of earlier stages still open; what was put off waits
    until nothing else is left.

    Args:
        plan: Every question the alert carries.
        stage: Where the work stands: first, review or closure.
        answered: Ids of questions that were done or found not needed.
        put_off: Ids of questions answered "later".
        most: How many at once.
    """
    reached = STAGES[: STAGES.index(stage) + 1]
    still_open = [p for p in plan if p.stage in reached and p.id not in answered]
    still_open.sort(key=lambda p: (p.id in put_off, -STAGES.index(p.stage)))
    return tuple(still_open[:most])


def grown_plan(
    plan: Collection[PromptShown], later: Collection[PromptShown]
) -> tuple[PromptShown, ...]:
    """The plan of an alert that grew: what it carried stays as it stood, what is new joins it."""
    carried = {prompt.id for prompt in plan}
    joined = [*plan, *(prompt for prompt in later if prompt.id not in carried)]
    return tuple(sorted(joined, key=lambda prompt: STAGES.index(prompt.stage)))


def called_by(
    pack: PromptPack, condition: str, *, family: Family, on: date
) -> tuple[PromptShown, ...]:
    """The questions that one condition calls for in a family, as they stand on a day, by stage."""
    called = (
        _shown(prompt, prompt.stage)
        for prompt in sorted(pack.in_force(on).values(), key=_order)
        if family in prompt.families and condition in prompt.needs + prompt.also_when
    )
    return tuple(sorted(called, key=lambda prompt: STAGES.index(prompt.stage)))


def holds(condition: str, facts: PromptFacts) -> bool:
    """Whether a condition holds: a pattern ("T09"), a fact, or a count ("ring_size>=3")."""
    if condition.startswith("T"):
        return condition in facts.typologies
    name, _, least = condition.partition(">=")
    return int(getattr(facts, name)) >= int(least or 1)


def _called_for(
    pack: PromptPack, *, family: Family, stage: str, on: date, facts: PromptFacts
) -> Iterator[Prompt]:
    """The prompts of one stage, nearest to the safety of the person looked up first."""
    chosen = pack.sets[family]
    for prompt in sorted(pack.in_force(on).values(), key=_order):
        fits = family in prompt.families and _any_holds(prompt.needs, facts, when_empty=True)
        in_set = prompt.id in chosen.at(stage)
        added = prompt.stage == stage and prompt.id not in chosen.ids and _calls(prompt, facts)
        if fits and (in_set or added):
            yield prompt


def _calls(prompt: Prompt, facts: PromptFacts) -> bool:
    """Whether the facts call for a prompt that the family's set does not name."""
    return _any_holds(prompt.needs + prompt.also_when, facts, when_empty=False)


def _any_holds(conditions: tuple[str, ...], facts: PromptFacts, *, when_empty: bool) -> bool:
    return any(holds(condition, facts) for condition in conditions) if conditions else when_empty


def _order(prompt: Prompt) -> tuple[int, int, int, str]:
    """Risk to the person, then clock, then evidence; the id settles what is left."""
    return prompt.risk_rank, prompt.clock_rank, prompt.evidence_rank, prompt.id


def _shown(prompt: Prompt, stage: str) -> PromptShown:
    """A prompt as it stands; a reference that nobody has verified says so wherever it is read."""
    reference = prompt.reference if prompt.verified else f"{prompt.reference} (unverified)"
    return PromptShown(
        id=prompt.id,
        version=prompt.version,
        says=prompt.says,
        reference=reference,
        stage=stage,
        verified=prompt.verified,
    )
