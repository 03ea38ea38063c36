"""Tokens stand for people: stable, keyed, readable aloud, and nothing of the id shows through."""

import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.contract import as_contract
from alerts.errors import IntegrityBroken, Misused
from alerts.model import Alert
from monitor.access.masking import Masker, Scrubber, masked_alert, masker_at, write_key
from tests.factories import MASK_KEY, a_finding, a_prompt, an_alert, an_explanation

MASKER = Masker(key=MASK_KEY)

# An id as forces write them: letters with figures, or a long number.
IDS = st.from_regex(
    r"[A-Z]{1,3}[0-9]{4,8}|[0-9]{6,9}|[a-z]{3,8}\.[a-z]{4,9}[0-9]{2}", fullmatch=True
)


@st.composite
def alerts_with_ids(draw: st.DrawFn) -> Alert:
    """An alert whose sentences let every id slip that they could."""
    users = tuple(draw(st.lists(IDS, min_size=1, max_size=3, unique=True)))
    subjects = tuple(draw(st.lists(IDS, min_size=1, max_size=6, unique=True)))
    events = tuple(draw(st.lists(IDS, max_size=6, unique=True)))
    slip = f"({users[0]}) looked at {subjects[-1]}; {subjects[0].lower()}, again."
    return an_alert(
        user_ids=users,
        subject_ids=subjects,
        focus_subject_id=draw(st.sampled_from(("", *subjects))),
        event_ids=events,
        findings=(a_finding(user_id=users[-1], focus_id=subjects[0], says=slip),),
        explanations_tested=(an_explanation(says=slip),),
        prompts=(a_prompt(says=slip),),
        says=slip,
    )


def test_a_token_is_the_same_each_time_and_says_of_what_it_stands_for() -> None:
    tokens = (MASKER.staff("U00123"), MASKER.record("P0001"), MASKER.terminal("T1"))

    assert tokens == ("M-96ZKXC", "P-1AA784", MASKER.terminal("T1"))
    assert MASKER.case("C-1") != MASKER.case("C-2")


def test_another_home_gives_other_tokens() -> None:
    other = Masker(key=bytes(32))

    assert other.staff("U00123") != MASKER.staff("U00123")


def test_a_member_of_staff_and_a_record_of_the_same_id_have_different_tokens() -> None:
    letters = {MASKER.staff("X1234")[2:], MASKER.record("X1234")[2:]}

    assert len(letters) == 2


def test_nobody_has_no_token() -> None:
    assert MASKER.record("") == ""


@given(IDS)
def test_a_token_has_no_letter_that_is_mistaken_for_another(plain: str) -> None:
    assert re.fullmatch(r"M-[0-9A-HJKMNP-TV-Z]{6}", MASKER.staff(plain))


@given(IDS)
def test_the_token_in_a_file_begins_with_the_token_on_the_screen(plain: str) -> None:
    assert MASKER.for_files().record(plain).startswith(MASKER.record(plain))


def test_ten_thousand_people_share_few_tokens_on_screens_and_none_in_files() -> None:
    people = [f"U{number:05d}" for number in range(10_000)]

    on_screens = {MASKER.staff(one) for one in people}
    in_files = {MASKER.for_files().staff(one) for one in people}

    assert len(on_screens) >= 9_998
    assert len(in_files) == 10_000


@settings(max_examples=40)  # a whole alert each
@given(alerts_with_ids())
def test_a_masked_alert_holds_no_id_in_any_key_or_sentence(alert: Alert) -> None:
    plain = {*alert.user_ids, *alert.subject_ids, *alert.event_ids}
    written = json.dumps(as_contract(masked_alert(alert, MASKER))).casefold()

    assert [
        one for one in plain if re.search(rf"(?<!\w){re.escape(one.casefold())}(?!\w)", written)
    ] == []


@settings(max_examples=40)  # a whole alert each
@given(alerts_with_ids())
def test_masking_changes_identities_and_sentences_and_nothing_else(alert: Alert) -> None:
    masked = masked_alert(alert, MASKER)

    assert (
        replace(
            masked,
            user_ids=alert.user_ids,
            subject_ids=alert.subject_ids,
            focus_subject_id=alert.focus_subject_id,
            event_ids=alert.event_ids,
            findings=alert.findings,
            explanations_tested=alert.explanations_tested,
            prompts=alert.prompts,
            says=alert.says,
        )
        == alert
    )


def test_a_count_is_not_mistaken_for_a_short_id() -> None:
    scrubber = Scrubber.knowing(users=["28"], records=["P1"], masker=MASKER)

    assert scrubber.clean("28 days; P1") == f"28 days; {MASKER.record('P1')}"


def test_a_longer_id_is_not_cut_by_a_shorter_one() -> None:
    scrubber = Scrubber.knowing(users=[], records=["P0001", "P0001-B"], masker=MASKER)

    assert scrubber.clean("P0001-B") == MASKER.record("P0001-B")


def test_an_id_in_letters_that_fold_strangely_is_still_found() -> None:
    scrubber = Scrubber.knowing(users=["İSTAFF", "straße1"], records=[], masker=MASKER)

    cleaned = scrubber.clean("istaff İSTAFF STRASSE1 straße1")

    assert "İSTAFF" not in cleaned
    assert "straße1" not in cleaned


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = write_key(tmp_path / "keys")
    first = path.read_text()
    write_key(tmp_path / "keys")

    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert masker_at(tmp_path / "keys").key == bytes.fromhex(first.strip())


def test_a_home_without_a_key_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="possible: psdmon init"):
        masker_at(tmp_path)


@pytest.mark.parametrize("written", [b"", b"not a key", b"\xff\xfe", b"00" * 31])
def test_a_key_that_is_not_what_was_written_is_an_integrity_matter(
    tmp_path: Path, written: bytes
) -> None:
    path = write_key(tmp_path)
    path.write_bytes(written)

    with pytest.raises(IntegrityBroken, match="64 hexadecimal figures"):
        masker_at(tmp_path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    write_key(tmp_path).chmod(0o644)

    with pytest.raises(IntegrityBroken, match="chmod 600"):
        masker_at(tmp_path)


def test_the_key_does_not_show_when_a_masker_is_printed() -> None:
    assert MASK_KEY.hex() not in repr(MASKER)
    assert repr(MASK_KEY) not in repr(MASKER)
