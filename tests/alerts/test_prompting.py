"""Which questions an alert carries, told on a pack of a few."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Family, PromptShown
from alerts.prompt_checks import Problem, problems
from alerts.prompt_pack import (
    STAGES,
    Limits,
    Prompt,
    PromptPack,
    PromptSet,
    missing,
    overdue,
    unverified,
)
from alerts.prompting import (
    ALWAYS,
    PromptFacts,
    grown_plan,
    holds,
    prompt_plan,
    prompts_for,
    shown_now,
)

DAY = date(2026, 3, 1)
CARRIED = ALWAYS[Family.FIXATION]


def a_prompt(name: str = "P40", **facts: Any) -> Prompt:
    """A prompt of every family, at review, in force since 2020; any fact may be given."""
    values: dict[str, Any] = {
        "id": name,
        "version": 1,
        "title": f"Title of {name}",
        "says": f"Check what {name} asks about; the log does not show it.",
        "families": frozenset(Family) - {Family.CURIOSITY},
        "typologies": (),
        "needs": (),
        "also_when": (),
        "stage": "review",
        "risk_rank": 3,
        "clock_rank": 3,
        "evidence_rank": 3,
        "reference": "Act of 2020",
        "answers": "A finding.",
        "jurisdiction": "england-wales",
        "in_force_from": date(2020, 1, 1),
        "source": "The Act",
        "review_due": date(2027, 1, 1),
    }
    return Prompt(**(values | facts))


def a_set(*, first: str = "", review: str = "", closure: str = "") -> PromptSet:
    """A set with its ids written in one string."""
    return PromptSet(
        typologies=(),
        first=tuple(first.split()),
        review=tuple(review.split()),
        closure=tuple(closure.split()),
    )


def a_pack(*prompts: Prompt, review: str = "", **facts: Any) -> PromptPack:
    """A pack that carries what it must, further prompts, and fixation's own further ids."""
    held = {prompt.id: prompt for prompt in (*map(a_prompt, CARRIED), *prompts)}
    earlier = tuple(prompt for prompt in prompts if held[prompt.id] is not prompt)
    sets = {family: a_set() for family in Family}
    sets[Family.FIXATION] = a_set(first="P01", review=f"P02 P10 P13 P23 {review}", closure="P08")
    values: dict[str, Any] = {
        "jurisdiction": "england-wales",
        "complete": True,
        "prompts": (*held.values(), *earlier),
        "sets": sets,
        "limits": Limits(sentence="Opened, not why.", lines=(), elements=()),
    }
    return PromptPack(**(values | facts))


def shown_as(name: str, stage: str = "review") -> PromptShown:
    """A question as an alert carries it."""
    return PromptShown(
        id=name, version=1, says="Check.", reference="Act", stage=stage, verified=False
    )


def ids(prompts: tuple[PromptShown, ...]) -> str:
    """The ids of some questions, in one string."""
    return " ".join(prompt.id for prompt in prompts)


def planned(pack: PromptPack, **facts: Any) -> str:
    """The plan of a fixation alert beyond what every one carries."""
    plan = prompt_plan(pack, family=Family.FIXATION, on=DAY, facts=PromptFacts(**facts))
    return ids(tuple(prompt for prompt in plan if prompt.id not in CARRIED))


def test_a_question_is_shown_whole_and_says_that_nobody_has_verified_it() -> None:
    pack = a_pack(a_prompt("P01", stage="first"))

    shown = prompts_for(pack, family=Family.FIXATION, stage="first", on=DAY, facts=PromptFacts())

    assert shown == (
        PromptShown(
            id="P01",
            version=1,
            says="Check what P01 asks about; the log does not show it.",
            reference="Act of 2020 (unverified)",
            stage="first",
            verified=False,
        ),
    )


def test_a_verified_question_has_its_reference_alone() -> None:
    signed = a_prompt("P01", verified=True, verified_by="Solicitor", verified_on=DAY)

    shown = prompts_for(
        a_pack(signed), family=Family.FIXATION, stage="first", on=DAY, facts=PromptFacts()
    )

    assert shown[0].reference == "Act of 2020"


def test_risk_to_the_person_comes_first_then_the_clock_then_evidence() -> None:
    pack = a_pack(
        a_prompt("P41", risk_rank=2, clock_rank=1, evidence_rank=2),
        a_prompt("P42", risk_rank=2, clock_rank=1, evidence_rank=1),
        a_prompt("P43", risk_rank=1, clock_rank=5, evidence_rank=5),
        a_prompt("P44", risk_rank=2, clock_rank=2, evidence_rank=1),
        a_prompt("P45", risk_rank=1, clock_rank=5, evidence_rank=5),
        review="P41 P42 P43 P44 P45",
    )

    assert planned(pack) == "P43 P45 P42 P41 P44"


def test_no_more_than_five_are_asked_at_once() -> None:
    more = [f"P{number}" for number in range(41, 49)]
    pack = a_pack(*map(a_prompt, more), review=" ".join(more))

    shown = prompts_for(pack, family=Family.FIXATION, stage="review", on=DAY, facts=PromptFacts())

    assert len(shown) == 5


def test_a_question_with_needs_waits_for_one_of_them() -> None:
    pack = a_pack(a_prompt("P41", needs=("ring_size>=3", "T09")), review="P41")

    assert planned(pack, ring_size=2) == ""
    assert planned(pack, ring_size=3) == "P41"
    assert planned(pack, typologies=frozenset({"T09"})) == "P41"


def test_a_fact_calls_for_a_question_that_no_set_names() -> None:
    pack = a_pack(a_prompt("P41", also_when=("onward_disclosure",)), a_prompt("P42"))

    assert planned(pack) == ""
    assert planned(pack, onward_disclosure=True) == "P41"


def test_a_question_is_never_asked_in_a_family_it_does_not_name() -> None:
    pack = a_pack(
        a_prompt("P41", families=frozenset({Family.LEAK}), needs=("repeat_alert",)), review="P41"
    )

    assert planned(pack, repeat_alert=True) == ""


def test_the_version_in_force_on_the_day_is_the_one_shown() -> None:
    old = a_prompt("P41", in_force_until=DAY)
    new = a_prompt("P41", version=2, in_force_from=DAY)
    pack = a_pack(old, new, review="P41")

    def versions(on: date) -> list[int]:
        plan = prompt_plan(pack, family=Family.FIXATION, on=on, facts=PromptFacts())
        return [prompt.version for prompt in plan if prompt.id == "P41"]

    assert versions(date(2026, 2, 28)) == [1]
    assert versions(DAY) == [2]
    assert versions(date(2019, 12, 31)) == []


@pytest.mark.parametrize(
    ("condition", "facts", "held"),
    [
        ("T26", PromptFacts(typologies=frozenset({"T26"})), True),
        ("T26", PromptFacts(typologies=frozenset({"T27"})), False),
        ("ring_size>=3", PromptFacts(ring_size=3), True),
        ("ring_size>=3", PromptFacts(ring_size=2), False),
        ("repeat_alert", PromptFacts(repeat_alert=True), True),
        ("repeat_alert", PromptFacts(), False),
    ],
)
def test_a_condition_is_a_pattern_a_fact_or_a_count(
    condition: str,
    facts: PromptFacts,
    held: bool,  # noqa: FBT001 the last column of the table
) -> None:
    assert holds(condition, facts) is held


def test_the_stage_asks_its_own_questions_before_those_left_open() -> None:
    plan = (
        shown_as("P01", "first"),
        shown_as("P06", "first"),
        shown_as("P10"),
        shown_as("P32", "closure"),
    )

    assert ids(shown_now(plan, "review")) == "P10 P01 P06"
    assert ids(shown_now(plan, "review", answered={"P01"})) == "P10 P06"
    assert ids(shown_now(plan, "closure", answered={"P10"}, most=2)) == "P32 P01"


def test_what_was_put_off_waits_until_nothing_else_is_left() -> None:
    plan = (shown_as("P01", "first"), shown_as("P10"), shown_as("P13"))

    assert ids(shown_now(plan, "review", put_off={"P10"})) == "P13 P01 P10"


def test_an_alert_that_grows_keeps_its_questions_as_they_stood() -> None:
    plan = (shown_as("P01", "first"), shown_as("P10"))
    later = (shown_as("P03", "first"), replace(shown_as("P10"), version=2))

    assert grown_plan(plan, later) == (
        shown_as("P01", "first"),
        shown_as("P03", "first"),
        shown_as("P10"),
    )


@given(
    stages=st.lists(st.sampled_from(STAGES), min_size=1, max_size=40),
    stage=st.sampled_from(STAGES),
)
def test_answering_what_is_shown_comes_to_every_question_once(
    stages: list[str], stage: str
) -> None:
    plan = tuple(shown_as(f"P{number:02}", at) for number, at in enumerate(stages))
    asked: list[str] = []
    while shown := shown_now(plan, stage, answered=asked):
        assert len(shown) <= 5
        asked += [prompt.id for prompt in shown]

    reached = STAGES[: STAGES.index(stage) + 1]
    assert sorted(asked) == [prompt.id for prompt in plan if prompt.stage in reached]


def test_a_sound_pack_has_no_problems() -> None:
    assert problems(a_pack()) == ()


@pytest.mark.parametrize(
    ("prompt", "problem"),
    [
        (a_prompt("P4"), ("P4.id", "'P4' is not an id; possible: P and two digits")),
        (
            a_prompt(stage="later"),
            ("P40.stage", "'later' is unknown; possible: first, review, closure"),
        ),
        (
            a_prompt(families=frozenset()),
            ("P40.families", "names none, so it could never be asked"),
        ),
        (a_prompt(risk_rank=0), ("P40.risk_rank", "is 0; possible: 1 to 5")),
        (a_prompt(source=" "), ("P40.source", "is empty")),
        (
            a_prompt(says="Think about it."),
            ("P40.says", "does not begin with Consider or Check"),
        ),
        (
            a_prompt(says="Check " + "x" * 415),
            ("P40.says", "has 421 characters; possible: up to 420"),
        ),
        (
            a_prompt(title="x" * 49),
            ("P40.title", "has 49 characters; possible: up to 48"),
        ),
        (
            a_prompt(says="Check the stalker."),
            ("P40.says", "holds 'stalker', which claims more than a log can show"),
        ),
        (
            a_prompt(typologies=("T31",)),
            ("P40.typologies", "'T31' is unknown; possible: T01 to T30"),
        ),
        (a_prompt(version=0), ("P40.version", "is 0; possible: 1 and up")),
        (
            a_prompt(in_force_until=date(2020, 1, 1)),
            ("P40.in_force_until", "2020-01-01 is not after 2020-01-01"),
        ),
        (
            a_prompt(review_due=date(2019, 1, 1)),
            ("P40.review_due", "2019-01-01 is not after 2020-01-01"),
        ),
        (
            a_prompt(verified=True),
            ("P40.verified", "goes with verified_by and verified_on: all three or none"),
        ),
        (
            a_prompt("P01", families=frozenset(Family)),
            ("P01.families", "names curiosity: no curiosity alert may carry it"),
        ),
        (
            a_prompt("P10", needs=("T01",)),
            ("fixation.P10", "has needs, and must be carried whatever the facts"),
        ),
        (
            a_prompt("P10", in_force_until=DAY),
            ("fixation.P10", "ends on 2026-03-01, with none after"),
        ),
        (
            a_prompt("P10", families=frozenset({Family.LEAK})),
            ("fixation.review", "P10 does not name fixation in its families"),
        ),
    ],
)
def test_what_is_wrong_with_a_prompt_is_said_with_its_place(
    prompt: Prompt, problem: tuple[str, str]
) -> None:
    place, says = problem

    assert problems(a_pack(prompt)) == (Problem(place=place, says=says),)


@pytest.mark.parametrize(
    "condition", ["T99", "angry", "repeat_alert>=2", "ring_size>=", "typologies"]
)
def test_an_unknown_condition_is_told_what_is_possible(condition: str) -> None:
    found = problems(a_pack(a_prompt(needs=(condition,))))

    assert [problem.place for problem in found] == ["P40.needs"]
    assert found[0].says.startswith(f"{condition!r} is unknown; possible: T01 to T30, address_")


def test_one_version_there_twice_and_two_in_force_together_are_found() -> None:
    twice = a_pack(a_prompt("P41"), a_prompt("P41", title="Again"))
    together = a_pack(a_prompt("P41"), a_prompt("P41", version=2, in_force_from=DAY))

    assert problems(twice) == (Problem(place="P41.version", says="1 is there twice"),)
    assert problems(together) == (
        Problem(place="P41.in_force_from", says="versions 2 and 1 are in force together"),
    )


def test_days_between_two_versions_of_a_promise_are_found() -> None:
    gap = a_pack(
        a_prompt("P10", in_force_until=date(2024, 1, 1)),
        a_prompt("P10", version=2, in_force_from=date(2024, 1, 2)),
    )

    says = "has days between versions on which it would be lacking"
    assert problems(gap) == (Problem(place="fixation.P10", says=says),)


def test_a_family_without_its_promise_is_refused() -> None:
    pack = a_pack()
    bare = {**pack.sets, Family.FIXATION: a_set(first="P01", review="P02 P10 P13 P23")}

    assert problems(replace(pack, sets=bare)) == (
        Problem(place="fixation.P08", says="every fixation alert carries it: put it in a set"),
    )


def test_an_unknown_or_doubled_prompt_in_a_set_is_found() -> None:
    assert problems(a_pack(review="P77 P10")) == (
        Problem(place="fixation.review", says="P10 is there twice in this family"),
        Problem(place="fixation.review", says="P77 is unknown"),
        Problem(place="fixation.review", says="P10 is there twice in this family"),
    )
    assert problems(a_pack(review="P77"), refused=frozenset({"P77"})) == ()


def test_an_incomplete_pack_says_what_it_lacks_instead() -> None:
    pack = a_pack(review="P77", complete=False)

    assert problems(pack) == ()
    assert missing(pack) == ("P77",)


def test_a_family_without_sets_and_a_pattern_of_two_families_are_found() -> None:
    pack = a_pack()
    sets = dict(pack.sets)
    del sets[Family.JUSTIFICATION]
    sets[Family.LEAK] = replace(sets[Family.LEAK], typologies=("T16",))
    sets[Family.ACCOUNT] = replace(sets[Family.ACCOUNT], typologies=("T16", "T99"))

    assert problems(replace(pack, sets=sets)) == (
        Problem(place="justification", says="has no sets; possible: first, review, closure"),
        Problem(place="account.typologies", says="T16 belongs to leak already"),
        Problem(place="account.typologies", says="'T99' is unknown; possible: T01 to T30"),
    )


def test_a_list_of_what_nobody_verified_leaves_out_what_is_signed() -> None:
    signed = a_prompt("P41", verified=True, verified_by="Solicitor", verified_on=DAY)

    assert signed not in unverified(a_pack(signed))
    assert len(unverified(a_pack(signed))) == len(CARRIED)


def test_a_review_is_overdue_the_day_after_it_was_due_unless_the_prompt_has_ended() -> None:
    late = a_prompt("P41", review_due=date(2026, 2, 28))
    today = a_prompt("P42", review_due=DAY)
    ended = a_prompt("P43", review_due=date(2026, 2, 28), in_force_until=DAY)

    assert overdue(a_pack(late, today, ended), DAY) == (late,)
