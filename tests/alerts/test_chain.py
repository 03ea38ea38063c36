"""The chain: what an entry binds, and that whatever is done to it afterwards is found."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.chain import (
    Discrepancy,
    Entry,
    Head,
    Verification,
    canonical,
    following,
    genesis,
    hash_of,
    moment,
    stamp,
    verify,
)
from alerts.errors import Misused
from tests.factories import a_moment

AT = a_moment("2026-03-01T02:10:00Z")
KINDS = ("alert.raised", "alert.action", "alert.shown", "scan.finished", "day.judged")
Tampering = Callable[[list[Entry]], list[Entry]]


def a_chain(length: int) -> list[Entry]:
    """Entry 1 and what happened after it, a minute apart."""
    entries = [genesis("home", actor="init", at=AT)]
    for number in range(1, length):
        entries.append(
            following(
                head_of(entries),
                KINDS[number % len(KINDS)],
                actor=f"user{number % 3}",
                at=AT + timedelta(minutes=number),
                about=f"A-{number % 4}",
                purpose="review" if number % 2 else "",
                facts={"number": number},
            )
        )
    return entries


def head_of(entries: Sequence[Entry]) -> Head:
    """Where a chain ends."""
    return Head(seq=entries[-1].seq, hash=entries[-1].hash)


def resealed(entries: Sequence[Entry]) -> list[Entry]:
    """The entries numbered, linked and hashed anew, as somebody does who knows how."""
    sealed: list[Entry] = []
    for number, entry in enumerate(entries, start=1):
        prev_hash = sealed[-1].hash if sealed else "0" * 64
        fresh = replace(entry, seq=number, prev_hash=prev_hash, hash="")
        sealed.append(replace(fresh, hash=hash_of(fresh)))
    return sealed


def says(verification: Verification) -> list[str]:
    """Each discrepancy as one line."""
    return [f"{found.place}: {found.says}" for found in verification.discrepancies]


def test_a_chain_that_nobody_touched_is_intact() -> None:
    entries = a_chain(7)

    assert verify(entries, head=head_of(entries)) == Verification(
        entries=7, head=head_of(entries), discrepancies=()
    )


def test_the_hash_is_that_of_the_fields_as_netstrings() -> None:
    entry = genesis("home", actor="in├⌐it", at=AT)
    written = (
        b"14:psdmon chain 1,1:1,27:2026-03-01T02:10:00.000000Z,11:chain.began,"
        + f"{len('in├⌐it'.encode())}:in├⌐it,".encode()
        + b'0:,0:,15:{"home":"home"},64:'
        + b"0" * 64
        + b","
    )

    assert entry.hash == hashlib.sha256(written).hexdigest()


def test_a_text_that_moves_from_one_field_to_the_next_changes_the_hash() -> None:
    one = following(head_of(a_chain(1)), "alert.shown", actor="ab", at=AT, about="c")
    other = following(head_of(a_chain(1)), "alert.shown", actor="a", at=AT, about="bc")

    assert one.hash != other.hash


def test_facts_have_one_text_whatever_their_order() -> None:
    facts = {"b": [1, 2.5, None], "a": {"when": AT, "day": date(2026, 3, 1), "who": {"z", "y"}}}

    assert canonical(facts) == (
        '{"a":{"day":"2026-03-01","when":"2026-03-01T02:10:00.000000Z","who":["y","z"]},'
        '"b":[1,2.5,null]}'
    )


def test_facts_that_json_has_no_word_for_are_refused() -> None:
    with pytest.raises(TypeError, match="object has no place in JSON"):
        canonical({"thing": object()})
    with pytest.raises(ValueError, match="Out of range float"):
        canonical({"number": float("nan")})


@pytest.mark.parametrize("text", ["nul\0", "half \ud83d"])
def test_a_text_that_a_database_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(Misused, match=r"^chain: purpose holds a NUL or half a character; possible"):
        following(head_of(a_chain(1)), "alert.shown", actor="a", at=AT, purpose=text)


def test_a_naive_time_has_no_place_on_the_chain() -> None:
    with pytest.raises(ValueError, match="has no offset; possible: an aware time"):
        stamp(datetime(2026, 3, 1))  # noqa: DTZ001 the naive time is the point


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30)))))
def test_a_stamp_is_read_back_as_the_same_moment_of_one_width(at: datetime) -> None:
    assume(datetime(1, 1, 2, tzinfo=UTC) < at)
    assert (moment(stamp(at)), len(stamp(at))) == (at, 27)


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2))
def test_stamps_sort_as_their_moments_do(moments: list[datetime]) -> None:
    assert sorted(map(stamp, moments)) == [stamp(at) for at in sorted(moments)]


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.floats(allow_nan=False)),
)
def test_what_was_told_is_read_back(purpose: str, facts: dict[str, object]) -> None:
    assume(all(abs(fact) != float("inf") for fact in facts.values() if isinstance(fact, float)))

    entry = following(
        head_of(a_chain(1)), "alert.shown", actor="a", at=AT, purpose=purpose, facts=facts
    )

    assert (entry.purpose, entry.told, entry.moment) == (purpose, facts, AT)


def test_an_edit_is_found_at_its_place() -> None:
    entries = a_chain(5)
    entries[2] = replace(entries[2], actor="somebody else")

    assert says(verify(entries, head=head_of(entries))) == [
        "entry 3: its contents are not those that were hashed"
    ]


def test_a_deletion_is_found_with_what_is_gone() -> None:
    entries = a_chain(6)
    del entries[2:4]

    assert says(verify(entries, head=head_of(entries))) == [
        "entry 5: it does not follow entry 2 as that stands",
        "entry 5: entries 3 to 4 are gone",
    ]


def test_a_truncation_is_found_against_the_head() -> None:
    entries = a_chain(6)

    assert says(verify(entries[:4], head=head_of(entries))) == [
        "entry 4: the chain ended at entry 6; entries 5 to 6 are gone"
    ]


def test_what_was_put_after_the_head_is_found() -> None:
    entries = a_chain(6)

    assert says(verify(entries, head=head_of(entries[:5]))) == [
        "entry 6: the chain ended at entry 5; what follows was put there past the store"
    ]


def test_a_chain_rolled_back_to_an_older_copy_is_found_against_a_checkpoint() -> None:
    entries = a_chain(6)
    older = entries[:3]

    assert says(verify(older, head=head_of(older), checkpoints=[head_of(entries[:5])])) == [
        "entry 5: a checkpoint names it, and the chain ends at entry 3"
    ]


def test_a_chain_written_anew_is_found_against_a_checkpoint() -> None:
    entries = a_chain(6)
    lodged = head_of(entries[:4])
    entries[1] = replace(entries[1], facts='{"number":0}')
    anew = resealed(entries)

    assert verify(anew, head=head_of(anew)).intact
    assert says(verify(anew, head=head_of(anew), checkpoints=[lodged])) == [
        "entry 4: it is not the entry that a checkpoint names"
    ]


def test_a_chain_that_grew_since_still_holds_what_checkpoints_name() -> None:
    entries = a_chain(9)
    lodged = [head_of(entries[:3]), head_of(entries[:7])]

    assert verify(entries, head=head_of(entries), checkpoints=lodged).intact


def test_a_chain_without_its_beginning_is_found() -> None:
    entries = resealed(a_chain(4)[1:])

    assert verify(entries, head=head_of(entries)).discrepancies == (
        Discrepancy(place="entry 1", says="chain.began is entry 1 and no other"),
    )


def test_an_empty_chain_is_found_against_any_head() -> None:
    assert says(verify([], head=head_of(a_chain(2)))) == [
        "entry 0: the chain ended at entry 2; entries 1 to 2 are gone"
    ]


@st.composite
def tamperings(draw: st.DrawFn) -> tuple[list[Entry], list[Entry]]:
    """A small chain, and the same after one to three hands were laid on it."""
    entries = a_chain(draw(st.integers(2, 7)))
    touched = list(entries)
    for _ in range(draw(st.integers(1, 3))):
        touched = draw(st.sampled_from([_edit, _drop, _put_in, _swap, _cut, _reseal]))(
            touched, draw
        )
    return entries, touched


def _edit(entries: list[Entry], draw: st.DrawFn) -> list[Entry]:
    if not entries:
        return entries
    place = draw(st.integers(0, len(entries) - 1))
    field = draw(
        st.sampled_from(["at", "kind", "actor", "about", "purpose", "facts", "prev_hash", "hash"])
    )
    value = draw(st.text("0123456789abcdefTZ-:.{}", max_size=6))
    return [
        replace(entry, **{field: value}) if number == place else entry
        for number, entry in enumerate(entries)
    ]


def _drop(entries: list[Entry], draw: st.DrawFn) -> list[Entry]:
    place = draw(st.integers(0, max(0, len(entries) - 1)))
    return entries[:place] + entries[place + 1 :]


def _put_in(entries: list[Entry], draw: st.DrawFn) -> list[Entry]:
    place = draw(st.integers(0, len(entries)))
    before = head_of(entries[:place]) if place else Head(seq=0, hash="0" * 64)
    made_up = following(before, "alert.action", actor="nobody", at=AT)
    return [*entries[:place], made_up, *entries[place:]]


def _swap(entries: list[Entry], draw: st.DrawFn) -> list[Entry]:
    return list(draw(st.permutations(entries)))


def _cut(entries: list[Entry], draw: st.DrawFn) -> list[Entry]:
    return entries[: draw(st.integers(0, len(entries)))]


def _reseal(entries: list[Entry], draw: st.DrawFn) -> list[Entry]:
    """Everything hashed anew, up to some entry."""
    upto = draw(st.integers(0, len(entries)))
    return resealed(entries[:upto]) + entries[upto:]


@given(tamperings())
def test_whatever_is_done_to_a_chain_is_found(case: tuple[list[Entry], list[Entry]]) -> None:
    entries, touched = case
    assume(touched != entries)

    assert not verify(touched, head=head_of(entries)).intact
