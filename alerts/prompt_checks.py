"""What is wrong with a law pack, all of it at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from itertools import combinations, pairwise
from typing import Final

from alerts.model import Family
from alerts.prompt_pack import STAGES, ClockRule, Offence, Prompt, PromptPack
from alerts.prompting import ALWAYS, NEVER, PromptFacts
from alerts.recording import FACTS, Kind
from alerts.wording import forbidden_words

LONGEST_TEXT: Final = 420  # characters: five prompts with their references fit one terminal screen
LONGEST_TITLE: Final = 48  # characters: one line of a list at 80 columns

_ID = re.compile(r"P[0-9]{2}")
_TYPOLOGY = re.compile(r"T(0[1-9]|[12][0-9]|30)")
_RANKS = ("risk_rank", "clock_rank", "evidence_rank")
_RULES = {"end_of_next_day": Kind.MOMENT, "months": Kind.DAY}
_RECORDED = {fact.name: fact for fact in FACTS}
_FACTS = {fact.name for fact in fields(PromptFacts)} - {"typologies"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong, with its place: `P07.says`, `fixation.review`, `limits.sentence`."""

    place: str
    says: str


def problems(pack: PromptPack, *, refused: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
    """Everything wrong with a pack, by prompt, then by family; empty when it may be used.

    Args:
        pack: What could be read.
        refused: Ids of prompts that were there but could not be read; they are not called unknown.
    """
    found = [problem for prompt in pack.prompts for problem in _of_prompt(prompt)]
    found += _of_versions(pack)
    found += _of_sets(pack, refused)
    found += _of_promises(pack, refused)
    found += [problem for offence in pack.offences for problem in _of_offence(offence, pack)]
    found += [problem for rule in pack.clocks for problem in _of_clock(rule)]
    return tuple(found)


def _of_prompt(prompt: Prompt) -> Iterator[Problem]:
    """What is wrong with one prompt by itself."""
    for key, says in (
        *_of_names(prompt),
        *_of_words(prompt),
        *_of_conditions(prompt),
        *_of_dates(prompt),
    ):
        yield Problem(place=f"{prompt.id}.{key}", says=says)


def _of_names(prompt: Prompt) -> Iterator[tuple[str, str]]:
    if not _ID.fullmatch(prompt.id):
        yield "id", f"{prompt.id!r} is not an id; possible: P and two digits"
    if prompt.stage not in STAGES:
        yield "stage", f"{prompt.stage!r} is unknown; possible: {', '.join(STAGES)}"
    if not prompt.families:
        yield "families", "names none, so it could never be asked"
    for rank in _RANKS:
        if not 1 <= getattr(prompt, rank) <= 5:
            yield rank, f"is {getattr(prompt, rank)}; possible: 1 to 5"
    for key in ("title", "reference", "answers", "source"):
        if not getattr(prompt, key).strip():
            yield key, "is empty"


def _of_words(prompt: Prompt) -> Iterator[tuple[str, str]]:
    if not prompt.says.startswith(("Consider ", "Check ")):
        yield "says", "does not begin with Consider or Check"
    if len(prompt.says) > LONGEST_TEXT:
        yield "says", f"has {len(prompt.says)} characters; possible: up to {LONGEST_TEXT}"
    if len(prompt.title) > LONGEST_TITLE:
        yield "title", f"has {len(prompt.title)} characters; possible: up to {LONGEST_TITLE}"
    for key in ("title", "says", "notes", "answers"):
        for word in forbidden_words(getattr(prompt, key)):
            yield key, f"holds {word!r}, which claims more than a log can show"


def _of_conditions(prompt: Prompt) -> Iterator[tuple[str, str]]:
    for typology in prompt.typologies:
        if not _TYPOLOGY.fullmatch(typology):
            yield "typologies", f"{typology!r} is unknown; possible: T01 to T30"
    for key in ("needs", "also_when"):
        for condition in getattr(prompt, key):
            if not _known(condition):
                yield key, f"{condition!r} is unknown; possible: T01 to T30, {_possible_facts()}"


def _known(condition: str) -> bool:
    """Whether a condition names a pattern or a fact; only a count may ask for a least."""
    name, compared, least = condition.partition(">=")
    if compared:
        return name == "ring_size" and least.isdecimal()
    return bool(_TYPOLOGY.fullmatch(condition)) or condition in _FACTS


def _possible_facts() -> str:
    return ", ".join("ring_size>=3" if name == "ring_size" else name for name in sorted(_FACTS))


def _of_dates(prompt: Prompt) -> Iterator[tuple[str, str]]:
    if prompt.version < 1:
        yield "version", f"is {prompt.version}; possible: 1 and up"
    if prompt.in_force_until and prompt.in_force_until <= prompt.in_force_from:
        yield "in_force_until", f"{prompt.in_force_until} is not after {prompt.in_force_from}"
    if prompt.review_due <= prompt.in_force_from:
        yield "review_due", f"{prompt.review_due} is not after {prompt.in_force_from}"
    if prompt.verified != bool(prompt.verified_by.strip() and prompt.verified_on):
        yield "verified", "goes with verified_by and verified_on: all three or none"


def _of_versions(pack: PromptPack) -> Iterator[Problem]:
    """An id is used once; a further version of it has its own number and its own days."""
    for one, other in combinations(pack.prompts, 2):
        if one.id != other.id:
            continue
        if one.version == other.version:
            yield Problem(place=f"{one.id}.version", says=f"{one.version} is there twice")
        elif _overlap(one, other):
            pair = f"versions {one.version} and {other.version}"
            yield Problem(place=f"{one.id}.in_force_from", says=f"{pair} are in force together")


def _overlap(one: Prompt, other: Prompt) -> bool:
    starts = max(one.in_force_from, other.in_force_from)
    ends = min(one.in_force_until or date.max, other.in_force_until or date.max)
    return starts < ends


def _of_sets(pack: PromptPack, refused: frozenset[str]) -> Iterator[Problem]:
    """Every family has its sets, and they name prompts that exist and may be asked there."""
    for family in Family:
        if family not in pack.sets:
            yield Problem(place=family.value, says="has no sets; possible: first, review, closure")
    placed: dict[str, Family] = {}
    for family, group in pack.sets.items():
        yield from _of_one_set(pack, family, refused)
        for typology in group.typologies:
            place = f"{family}.typologies"
            if not _TYPOLOGY.fullmatch(typology):
                yield Problem(place=place, says=f"{typology!r} is unknown; possible: T01 to T30")
            elif placed.setdefault(typology, family) != family:
                yield Problem(place=place, says=f"{typology} belongs to {placed[typology]} already")


def _of_one_set(pack: PromptPack, family: Family, refused: frozenset[str]) -> Iterator[Problem]:
    group = pack.sets[family]
    for stage in STAGES:
        for name in group.at(stage):
            place = f"{family}.{stage}"
            if group.ids.count(name) > 1:
                yield Problem(place=place, says=f"{name} is there twice in this family")
            versions = pack.versions(name)
            if not versions and pack.complete and name not in refused:
                yield Problem(place=place, says=f"{name} is unknown")
            if any(family not in prompt.families for prompt in versions):
                yield Problem(place=place, says=f"{name} does not name {family} in its families")


def _of_promises(pack: PromptPack, refused: frozenset[str]) -> Iterator[Problem]:
    """What every alert of a family carries, and what none of them may."""
    for family, names in ALWAYS.items():
        for name in names:
            place = f"{family}.{name}"
            if family in pack.sets and name not in pack.sets[family].ids:
                yield Problem(place=place, says=f"every {family} alert carries it: put it in a set")
            elif name not in refused:
                yield from _of_carried(pack.versions(name), place)
    for prompt in pack.prompts:
        for family in sorted(prompt.families):
            if prompt.id in NEVER.get(family, ()):
                says = f"names {family}: no {family} alert may carry it"
                yield Problem(place=f"{prompt.id}.families", says=says)


def _of_carried(versions: tuple[Prompt, ...], place: str) -> Iterator[Problem]:
    """A prompt that must be carried has no condition, no gap between versions and no end."""
    if not versions:
        yield Problem(place=place, says="is not in the pack, and must be carried")
        return
    if any(prompt.needs for prompt in versions):
        yield Problem(place=place, says="has needs, and must be carried whatever the facts")
    ordered = sorted(versions, key=lambda prompt: prompt.in_force_from)
    if any(earlier.in_force_until != later.in_force_from for earlier, later in pairwise(ordered)):
        yield Problem(place=place, says="has days between versions on which it would be lacking")
    if ordered[-1].in_force_until:
        yield Problem(place=place, says=f"ends on {ordered[-1].in_force_until}, with none after")


def _of_offence(offence: Offence, pack: PromptPack) -> Iterator[Problem]:
    """What is wrong with one offence; its needs name recorded facts or prompts of the pack."""
    place = f"offence {offence.id}"
    if sum(offence.id == other.id for other in pack.offences) > 1 or offence.id in _RECORDED:
        yield Problem(place=f"{place}.id", says="is there twice, or is the name of a fact")
    for need in offence.needs:
        if need not in _FACTS and not pack.versions(need):
            possible = f"{_possible_facts()}, or a prompt of the pack"
            yield Problem(place=f"{place}.needs", says=f"{need!r} is unknown; possible: {possible}")
    for key in ("title", "asks", "log_may_support", "reference", "source"):
        yield from _of_law_text(getattr(offence, key), place=f"{place}.{key}")
    yield from _of_signature(offence, place)


def _of_clock(rule: ClockRule) -> Iterator[Problem]:
    """What is wrong with one time limit; it counts from a fact of the kind that its rule counts."""
    place = f"clock {rule.id}"
    if rule.rule not in _RULES:
        possible = ", ".join(_RULES)
        yield Problem(place=f"{place}.rule", says=f"{rule.rule!r} is unknown; possible: {possible}")
    elif getattr(_RECORDED.get(rule.starts_from), "kind", None) is not _RULES[rule.rule]:
        says = f"{rule.starts_from!r} is no fact that is {_RULES[rule.rule]}"
        yield Problem(place=f"{place}.starts_from", says=says)
    if rule.stopped_by not in _RECORDED:
        possible = ", ".join(_RECORDED)
        says = f"{rule.stopped_by!r} is unknown; possible: {possible}"
        yield Problem(place=f"{place}.stopped_by", says=says)
    if (rule.rule == "months") != (rule.months > 0) or rule.near_hours < 1:
        yield Problem(place=f"{place}.months", says="goes with the rule months; near_hours from 1")
    for key in ("title", "until_begun", "reference", "source"):
        yield from _of_law_text(getattr(rule, key), place=f"{place}.{key}")
    yield from _of_signature(rule, place)


def _of_law_text(text: str, *, place: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(place=place, says="is empty")
    for word in forbidden_words(text):
        yield Problem(place=place, says=f"holds {word!r}, which claims more than a log can show")


def _of_signature(law: Offence | ClockRule, place: str) -> Iterator[Problem]:
    if law.verified != bool(law.verified_by.strip() and law.verified_on):
        says = "goes with verified_by and verified_on: all three or none"
        yield Problem(place=f"{place}.verified", says=says)
