"""The conflict gate, over people, teams, kin and alerts that nobody thought of beforehand."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model import Alert
from monitor.access.gate import Covert, Gate, Rules, gate_for
from monitor.access.roles import Permission, Role, person
from monitor.access.ties import Association, Post, Span, Ties, Why
from tests.factories import a_moment, an_alert

DAY0 = a_moment("2026-01-01T00:00:00Z")
LAST = 6  # days after DAY0: now
USERS = ("U1", "U2", "U3")
DAYS = st.integers(0, LAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A made-up force in whole days, an alert in it, and somebody who wants to read it."""

    ties: Ties
    reader: str
    alert: Alert
    past_days: int
    levels: int


def on(day: int) -> timedelta:
    """A day of the made-up force, as a distance."""
    return timedelta(days=day)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """At least a day; one in four as long as anybody can remember."""
    if draw(st.integers(0, 3)) == 0:
        return Span()
    start, length = draw(st.integers(0, LAST + 2)), draw(st.integers(1, 3))
    return Span(start=DAY0 + on(start), end=DAY0 + on(start + length))


@st.composite
def posts(draw: st.DrawFn, user: str) -> Post:
    """Somebody who shares at most one thing with others: a team, an address or a supervisor."""
    shared = draw(st.sampled_from(("team", "home", "command", "nothing")))
    return Post(
        user_id=user,
        team=draw(st.sampled_from(("Red", "red"))) if shared == "team" else f"{user}'s",
        supervisor_id=draw(st.sampled_from(USERS)) if shared == "command" else "",
        person_subject_id=f"P-{user}",
        address_subject_id="A-1" if shared == "home" else "",
        span=draw(spans()),
    )


@st.composite
def associations(draw: st.DrawFn) -> Association:
    """Somebody close to a member of staff, or to a stranger."""
    records = ("P-7", *(f"P-{user}" for user in USERS))
    return Association(
        user_id=draw(st.sampled_from(USERS)),
        subject_id=draw(st.sampled_from(records)),
        span=draw(spans()),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small force in which few stand close to one another, and one alert."""
    ties = Ties(
        posts=tuple(
            draw(posts(user))
            for user in (*USERS, *draw(st.lists(st.sampled_from(USERS), max_size=2)))
        ),
        associations=tuple(draw(st.lists(associations(), max_size=1))),
    )
    focus = draw(st.sampled_from(("P-8", "P-8", "P-8", "P-7", "A-1", "P-U1")))
    alert = an_alert(
        user_ids=(draw(st.sampled_from(USERS)),),
        subject_ids=(focus,),
        focus_subject_id=focus,
        first_event_at=DAY0 + on(draw(DAYS)),
    )
    return World(
        ties=ties,
        reader=draw(st.sampled_from(USERS)),
        alert=alert,
        past_days=draw(st.integers(0, 2)),
        levels=draw(st.integers(1, 2)),
    )


def the_gate(world: World) -> Gate:
    """The gate under test."""
    rules = Rules(past=on(world.past_days), levels_below=world.levels)
    return gate_for([world.reader], world.ties, rules=rules, covert=(), now=DAY0 + on(LAST))


def close_on(world: World, day: int) -> bool:
    """Whether reader and alert touch on one day, asked of each rule by itself, the slow way."""
    at = DAY0 + on(day)
    there = [post for post in world.ties.posts if post.span.start <= at < post.span.end]
    declared = [one for one in world.ties.associations if one.span.start <= at < one.span.end]
    (other,) = world.alert.user_ids
    mine, theirs = (
        [post for post in there if post.user_id == who] for who in (world.reader, other)
    )
    records = {who: _records(world, who) for who in (world.reader, other)}
    close = {one.subject_id for one in declared if one.user_id == world.reader}
    theirs_close = {one.subject_id for one in declared if one.user_id == other}
    return any(
        (
            {p.team.casefold() for p in mine if p.team}
            & {p.team.casefold() for p in theirs if p.team},
            {p.address_subject_id for p in mine if p.address_subject_id}
            & {p.address_subject_id for p in theirs if p.address_subject_id},
            close & records[other],
            theirs_close & records[world.reader],
            close & set(world.alert.subject_ids),
            other in _up(there, world.reader, levels=len(USERS)),
            world.reader in _up(there, other, levels=world.levels),
        )
    )


def touched(world: World) -> bool:
    """Whether the alert is on the reader, looks them up, or touched on any day that counts."""
    if world.reader in world.alert.user_ids:
        return True
    homes = {p.address_subject_id for p in world.ties.posts if p.user_id == world.reader}
    if (homes | _records(world, world.reader)) & set(world.alert.subject_ids):
        return True
    first = (world.alert.first_event_at - DAY0).days - world.past_days
    return any(close_on(world, day) for day in range(first, LAST + 1))


def _records(world: World, who: str) -> set[str]:
    return {
        post.person_subject_id
        for post in world.ties.posts
        if post.user_id == who and post.person_subject_id
    }


def _up(there: list[Post], who: str, *, levels: int) -> set[str]:
    """Everybody above somebody on one day."""
    above: set[str] = set()
    front = {who}
    for _ in range(levels):
        front = {p.supervisor_id for p in there if p.user_id in front and p.supervisor_id}
        above |= front
    return above


@settings(max_examples=800)  # pure, and the heart of the gate
@given(worlds())
def test_an_alert_is_closed_exactly_to_those_who_stand_close_to_it(world: World) -> None:
    assert (the_gate(world).conflict(world.alert) is not None) == touched(world)


@settings(max_examples=60)
@given(worlds(), st.sets(st.sampled_from(list(Role))))
def test_no_role_opens_an_alert_to_somebody_close(world: World, roles: set[Role]) -> None:
    gate = the_gate(world)
    reader = person(world.reader, roles, gate=gate)

    assert reader.in_conflict(world.alert) == touched(world)
    assert (reader.closed(world.alert) is None) == (not touched(world))


@given(roles=st.sets(st.sampled_from(list(Role))), matched=st.booleans())
def test_roles_together_allow_what_each_allows_and_nothing_more(
    *, roles: set[Role], matched: bool
) -> None:
    apart = {each for role in roles for each in Permission if person("a", [role]).may(each)}
    together = {each for each in Permission if person("a", roles, matched=matched).may(each)}

    blind = {Permission.ADMINISTER, Permission.KEEP}  # no alert is seen by either

    assert together == (apart if matched else apart & blind)


@pytest.mark.parametrize(
    ("roles", "closed", "unmasked"),
    [
        ({Role.REVIEWER}, Why.SEALED, False),
        ({Role.ANALYST}, Why.SEALED, False),
        ({Role.AUDITOR}, None, False),
        ({Role.AUDITOR, Role.REVIEWER}, Why.SEALED, False),
        ({Role.AUTHORITY}, None, True),
    ],
)
def test_an_alert_on_a_professional_standards_post_goes_the_sealed_route(
    *, roles: set[Role], closed: Why | None, unmasked: bool
) -> None:
    ties = Ties(posts=(Post(user_id="U00123", role="Professional Standards"),))
    rules = Rules(sealed_roles=("professional standards",))
    gate = gate_for(["R1"], ties, rules=rules, covert=(), now=DAY0)
    reader = person("R1", roles, gate=gate)

    assert (reader.closed(an_alert()), reader.may_unmask(an_alert())) == (closed, unmasked)


def test_a_covert_alert_is_for_those_named_under_whatever_id_it_is_raised_again() -> None:
    covert = Covert(
        alert_id="A-7F3K9Q2M",
        user_ids=frozenset({"U00123"}),
        focus_subject_id="P0001",
        only=frozenset({"asmith"}),
    )
    gate = Gate(covert=(covert,))
    again = an_alert(alert_id="A-other")

    closed = [person(who, [Role.AUTHORITY], gate=gate).closed(again) for who in ("asmith", "b")]

    assert closed == [None, Why.COVERT]


def test_a_second_id_of_the_same_person_is_that_person() -> None:
    ties = Ties(
        posts=(Post(user_id="U00123", person_subject_id="PNC-9"), Post(user_id="R1")),
        associations=(Association(user_id="R1", subject_id="P5"),),
        aliases={"pnc-9": "p5"},
    )
    gate = gate_for(["R1"], ties, rules=Rules(), covert=(), now=DAY0)

    assert gate.conflict(an_alert()) is Why.ASSOCIATE
