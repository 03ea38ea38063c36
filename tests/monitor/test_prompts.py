"""The law packs that ship, and what a force is told when it edits one wrongly."""

import re
import shutil
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.errors import Misused
from alerts.model import Family
from alerts.prompt_pack import STAGES, PromptPack, missing, overdue, unverified
from alerts.prompting import ALWAYS, PromptFacts, prompt_plan, prompts_for, shown_now
from alerts.wording import forbidden_words
from monitor.prompts import jurisdictions, pack_at
from monitor.settings import shipped_config

SHIPPED = shipped_config() / "prompts"
PACK = pack_at(SHIPPED)
PACKS = [pack_at(SHIPPED, name) for name in jurisdictions(SHIPPED)]
DAY = date(2026, 3, 1)

ALL_FACTS = st.builds(
    PromptFacts,
    ring_size=st.integers(0, 9),
    typologies=st.frozensets(st.integers(1, 30).map("T{:02}".format)),
    **{f.name: st.booleans() for f in fields(PromptFacts) if f.type is bool},
)
ALL_DAYS = st.dates(date(1997, 6, 16), date(2040, 1, 1))


def copied(folder: Path) -> Path:
    """A force's own copy of the shipped packs, to edit."""
    return Path(shutil.copytree(SHIPPED, folder / "prompts"))


def edit(path: Path, before: str, after: str) -> None:
    """Put one text in the place of another's first appearance."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def refusal(folder: Path, jurisdiction: str = "england-wales") -> list[str]:
    """The lines of the refusal of an edited pack, without the heading."""
    with pytest.raises(Misused) as refused:
        pack_at(folder, jurisdiction)
    heading, *lines = str(refused.value).splitlines()
    assert heading == f"prompts: {folder}:"
    return [line.strip() for line in lines]


def plan_ids(pack: PromptPack, family: Family, on: date, facts: PromptFacts) -> set[str]:
    """The ids of everything an alert would carry."""
    return {prompt.id for prompt in prompt_plan(pack, family=family, on=on, facts=facts)}


@given(facts=ALL_FACTS, on=ALL_DAYS)
def test_a_fixation_alert_carries_stalking_offence_risk_referral_orders_and_support(
    facts: PromptFacts, on: date
) -> None:
    carried = plan_ids(PACK, Family.FIXATION, on, facts)

    assert carried >= {"P01", "P02", "P08", "P10", "P13", "P23"}


@given(facts=ALL_FACTS, on=st.dates(date(2022, 4, 27), date(2040, 1, 1)))
def test_so_does_one_under_the_incomplete_packs(facts: PromptFacts, on: date) -> None:
    for pack in PACKS:
        assert plan_ids(pack, Family.FIXATION, on, facts) >= set(ALWAYS[Family.FIXATION])


@given(facts=ALL_FACTS, on=ALL_DAYS)
def test_a_curiosity_alert_is_held_back_from_stalking(facts: PromptFacts, on: date) -> None:
    for pack in PACKS:
        plan = prompt_plan(pack, family=Family.CURIOSITY, on=on, facts=facts)
        carried = {prompt.id for prompt in plan}

        assert not carried & {"P01", "P02", "P03", "P05", "P10", "P13"}
        assert "P31" in carried or on < min(p.in_force_from for p in pack.versions("P31"))
        assert not any("s.2A" in prompt.says or "s.4A" in prompt.says for prompt in plan)


@given(facts=ALL_FACTS, family=st.sampled_from(Family))
def test_coercive_control_is_asked_only_of_the_personally_connected(
    facts: PromptFacts, family: Family
) -> None:
    asked = "P28" in plan_ids(PACK, family, DAY, facts)

    assert not asked or facts.personal_connection


@given(facts=ALL_FACTS)
def test_the_first_look_shows_the_whole_of_its_set_with_the_stalking_question_in_it(
    facts: PromptFacts,
) -> None:
    for family in Family:
        plan = prompt_plan(PACK, family=family, on=DAY, facts=facts)
        first = prompts_for(PACK, family=family, stage="first", on=DAY, facts=facts)

        assert first == shown_now(plan, "first")
        assert first == tuple(prompt for prompt in plan if prompt.stage == "first")
        assert len(first) <= 5
        assert ("P01" in {p.id for p in first}) == (family in {Family.FIXATION, Family.CASE_ABUSE})


@given(facts=ALL_FACTS, family=st.sampled_from(Family), stage=st.sampled_from(STAGES))
def test_the_same_facts_bring_the_same_questions_and_none_twice(
    facts: PromptFacts, family: Family, stage: str
) -> None:
    plan = prompt_plan(PACK, family=family, on=DAY, facts=facts)
    again = prompt_plan(PACK, family=family, on=DAY, facts=facts)

    assert plan == again
    assert len({prompt.id for prompt in plan}) == len(plan)
    assert len(prompts_for(PACK, family=family, stage=stage, on=DAY, facts=facts)) <= 5


def test_the_catalogue_is_whole() -> None:
    assert sorted({prompt.id for prompt in PACK.prompts}) == [f"P{n:02}" for n in range(1, 37)]
    assert missing(PACK) == ()


@pytest.mark.parametrize(
    ("family", "first", "review", "closure"),
    [
        ("fixation", "01 03 06 12 20", "02 05 07 10 13 19 22 23 24", "08 09 17 25 32 33"),
        ("case_abuse", "01 06 20 26", "02 07 22 23 29", "08 09 32 33"),
        ("vulnerability", "06 20 29", "01 07 22 23", "08 32"),
        ("personal", "06 20 28", "01 07 31", "32 33"),
        ("leak", "06 20 27", "23", "32 33"),
        ("account", "06 20 21", "31", "32"),
        ("curiosity", "06 31", "23", "32"),
        ("justification", "06", "31", ""),
    ],
)
def test_each_family_asks_what_the_domain_lays_down(
    family: str, first: str, review: str, closure: str
) -> None:
    chosen = PACK.sets[Family(family)]
    expected = [tuple(f"P{n}" for n in ids.split()) for ids in (first, review, closure)]

    assert [chosen.first, chosen.review, chosen.closure] == expected


def test_every_prompt_can_be_reached_by_some_alert() -> None:
    everything = PromptFacts(
        ring_size=9,
        typologies=frozenset(f"T{n:02}" for n in range(1, 31)),
        **{f.name: True for f in fields(PromptFacts) if f.type is bool},
    )

    for pack in PACKS:
        reached = {name for family in Family for name in plan_ids(pack, family, DAY, everything)}
        assert reached == {prompt.id for prompt in pack.prompts}


def test_the_alert_of_a_circle_at_a_new_address_is_asked_these_first() -> None:
    facts = PromptFacts(ring_size=8, address_viewed_after_change=True)

    plan = prompt_plan(PACK, family=Family.FIXATION, on=DAY, facts=facts)

    assert [p.id for p in shown_now(plan, "first")] == ["P12", "P01", "P03", "P20", "P06"]
    assert [p.id for p in shown_now(plan, "review")] == ["P07", "P10", "P13", "P02", "P23"]
    assert [p.id for p in shown_now(plan, "closure")] == ["P32", "P08", "P17", "P33", "P09"]


def test_nothing_ships_as_verified_or_overdue() -> None:
    for pack in PACKS:
        assert len(unverified(pack)) == len(pack.prompts)
        assert overdue(pack, DAY) == ()
        assert not any(service.verified for service in pack.support)


def test_no_text_of_a_pack_calls_a_person_what_the_log_cannot_show() -> None:
    banned = ("suspect ", "suspects", "perpetrator", " she ", " her ", " his ", " he ")
    for pack in PACKS:
        texts = [text for p in pack.prompts for text in (p.title, p.says, p.answers, p.notes)]
        texts += [pack.limits.sentence, *pack.limits.lines]

        assert not [text for text in texts if forbidden_words(text)]
        assert not [text for text in texts for word in banned if word in f" {text.lower()} "]


def test_every_question_sets_the_log_apart_from_what_is_asked() -> None:
    silent = [p.id for pack in PACKS for p in pack.prompts if not re.search(r"\blogs?\b", p.says)]

    assert silent == []


def test_the_offence_for_constables_says_that_it_is_for_constables_only() -> None:
    holders = [prompt for prompt in PACK.prompts if "s.26" in prompt.says]

    assert {prompt.id for prompt in holders} == {"P23", "P26"}
    assert all("constables only" in prompt.says for prompt in holders)


def test_law_that_may_have_changed_is_put_as_a_check() -> None:
    provisional = [p for p in PACK.prompts if "Bill" in p.notes or "replaced" in p.notes]

    assert {p.id for p in provisional} == {"P13", "P23", "P26", "P27"}
    assert all("Check whether" in p.notes for p in provisional)


def test_orders_are_asked_of_under_the_law_of_the_day() -> None:
    def orders(on: date) -> list[tuple[int, str]]:
        plan = prompt_plan(PACK, family=Family.FIXATION, on=on, facts=PromptFacts())
        return [(p.version, p.reference) for p in plan if p.id == "P13"]

    assert orders(date(2020, 1, 19)) == [(1, "SPA 2019 s.1(5); orders of the day (unverified)")]
    assert orders(date(2020, 1, 20)) == [(2, "SPA 2019 ss.1(1)(c), 5 (unverified)")]


def test_the_sentence_of_limits_is_word_for_word() -> None:
    assert PACK.limits.sentence == (
        "Analyst aid from access logs. Shows that records were opened, not why. Not evidence of an "
        "offence or breach, nor a risk assessment of any person. Decisions are for the appropriate "
        "authority."
    )
    assert len(PACK.limits.lines) == 8
    assert [row.element for row in PACK.limits.elements] == [
        "Course of conduct",
        "Acts associated with stalking",
        "Alarm, distress, fear, effect on daily life",
        "Knew or ought to have known",
        "Identity",
        "Lawful purpose",
    ]


def test_the_packs_of_scotland_and_northern_ireland_say_that_they_are_incomplete() -> None:
    assert {pack.jurisdiction: pack.complete for pack in PACKS} == {
        "england-wales": True,
        "northern-ireland": False,
        "scotland": False,
    }
    for pack in PACKS[1:]:
        assert not any("PHA" in p.reference or "s.2A" in p.says for p in pack.prompts)
        assert pack.clocks == missing(pack) == ()
        held = {prompt.id for prompt in pack.prompts}
        lacking = {prompt.id for prompt in PACK.prompts} - held
        assert lacking == {"P14", "P15", "P16", "P30"}  # they rest on law that is not held here


def test_a_jurisdiction_without_a_pack_is_told_which_there_are() -> None:
    with pytest.raises(Misused, match="possible: england-wales, northern-ireland, scotland"):
        pack_at(SHIPPED, "jersey")


def test_every_problem_of_a_folder_comes_at_once_with_file_and_key(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    law = folder / "england-wales.toml"
    edit(law, 'title = "Join earlier alerts and reports"', "title = 7")
    edit(law, "\nCheck the conditions of bail.", "\nCheck the offender on bail.")
    edit(law, 'needs = ["breach_reported"]', 'needs = ["breach_rumoured"]\ncolour = "red"')
    edit(folder / "families.toml", '"P19", "P22"', '"P19", "P99", "P22"')
    edit(folder / "limits.toml", "was at the keyboard.", "is guilty.")

    line = "Shows that an account opened a record; not that a person read it, nor who is guilty."
    assert refusal(folder) == [
        f"limits.toml: holds 'guilty': {line}",
        "england-wales.toml: prompt 6 (P04): title: Input should be a valid string",
        "england-wales.toml: prompt 19 (P16): colour: Extra inputs are not permitted",
        "england-wales.toml: P15.says: holds 'offender', which claims more than a log can show",
        "families.toml: fixation.review: P99 is unknown",
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("families.toml", None, "families.toml: cannot be read: No such file or directory"),
        ("families.toml", "", "families.toml: is empty"),
        ("limits.toml", "sentence =", "limits.toml: is not TOML: "),
        ("england-wales.toml", "[pack]", "england-wales.toml: prompt: Field required"),
        ("england-wales.toml", "pack = 3\nprompt = [4]", "england-wales.toml: pack: table: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str | None, told: str
) -> None:
    folder = copied(tmp_path)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")

    assert refusal(folder)[0].startswith(told)


def test_an_unknown_family_is_told_which_there_are(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder / "families.toml", "[leak]", "[gossip]")

    assert refusal(folder) == [
        f"families.toml: gossip: is unknown; possible: {', '.join(Family)}",
    ]


def test_a_file_under_another_jurisdictions_name_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    shutil.copy(folder / "scotland.toml", folder / "wales.toml")

    assert refusal(folder, "wales") == [
        "wales.toml: pack: jurisdiction: is 'scotland'; possible: 'wales', as the file is named"
    ]


def test_a_force_cannot_put_the_stalking_question_to_curiosity(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder / "families.toml", 'first = ["P06", "P31"]', 'first = ["P01", "P06", "P31"]')

    assert refusal(folder) == [
        "families.toml: curiosity.first: P01 does not name curiosity in its families"
    ]


def test_a_lawyers_signature_is_a_name_and_a_day(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    unsigned = 'verified = false\nverified_by = ""\nverified_on = ""'
    signed = 'verified = true\nverified_by = "Force solicitor"\nverified_on = 2026-02-01'
    edit(folder / "england-wales.toml", unsigned, signed)

    assert len(unverified(pack_at(folder))) == len(PACK.prompts) - 1
