"""The shapes of made-up misuse: generic ones, and those of the typologies of DOMAIN.md 1.2."""

from collections.abc import Callable
from typing import Final

import numpy as np

from alerts.drills.moments import (
    DAY,
    HOUR,
    at_work,
    away,
    evenly,
    in_one_spell,
    met_at_work,
    nearest_work,
)
from alerts.drills.people import TRIES, somebody, with_circle
from alerts.drills.telling import NONE, Ints, Teller, Told, copied, replaced

_ENTRIES_LEAST: Final = 3  # about one person, below which nobody can be said to wait for them


Shape = Callable[[Teller], Told | None]


def anything(tell: Teller) -> Told | None:
    """Any number of looks over any span, with or without the people around."""
    focus = somebody(tell)
    if focus is None:
        return None
    looks, days = tell.count(3, 45), tell.chance.uniform(np.log(0.3), np.log(115))
    at = at_work(tell, looks, days=float(np.exp(days)))
    return copied(
        tell,
        at,
        subject=with_circle(tell, focus, looks=at.size, share=tell.chance.choice([0, 0.4])),
    )


def burst(tell: Teller) -> Told | None:
    """One person, many times in one spell of work."""
    focus = somebody(tell)
    if focus is None:
        return None
    at = in_one_spell(tell, tell.count(5, 50), hours=tell.between(8, 0.7))
    return copied(tell, at, subject=np.full(at.size, focus))


def star_and_ring(tell: Teller) -> Told | None:
    """One person and those around her, in a spell of work or over weeks."""
    focus = somebody(tell, around=3)
    if focus is None:
        return None
    looks = tell.count(6, 50)
    spell = tell.either(0.5)
    at = (
        in_one_spell(tell, looks, hours=8)
        if spell
        else at_work(tell, looks, days=tell.between(60, 10))
    )
    return copied(tell, at, subject=with_circle(tell, focus, looks=at.size, share=0.5))


def drip(tell: Teller) -> Told | None:
    """One person at even distances, for weeks."""
    focus = somebody(tell)
    if focus is None:
        return None
    apart = tell.between(15, 2.5)
    looks = max(int((tell.log.end - tell.log.start) / DAY * tell.chance.uniform(0.4, 1) / apart), 3)
    at = evenly(tell, looks, apart=apart)
    return copied(tell, at, subject=np.full(at.size, focus))


def growing(tell: Teller) -> Told | None:
    """One person, at shorter and shorter distances."""
    focus = somebody(tell)
    if focus is None:
        return None
    looks = tell.count(6, 18)
    span = (tell.log.end - tell.log.start) * tell.chance.uniform(0.4, 0.95)
    wanted = tell.log.end - span * (1.0 - (np.arange(1, looks + 1) / looks) ** 0.5)
    at = nearest_work(tell, wanted.astype(np.int64))
    return copied(tell, at, subject=np.full(at.size, focus))


def after_closure(tell: Teller) -> Told | None:
    """A person of a case that ended, again after it ended."""
    ended = tell.log.left.of(tell.user)
    if not ended.size:
        return None
    one = int(tell.chance.choice(ended))
    start = int(tell.log.left_at[one]) + 2 * DAY
    at = at_work(tell, tell.count(3, 12), days=tell.between(90, 30), start=start)
    subject = int(tell.log.left_subject[one])
    return copied(
        tell,
        at,
        subject=with_circle(tell, subject, looks=at.size, share=tell.chance.choice([0, 0.3])),
    )


def after_change(tell: Teller) -> Told | None:
    """A person whose address or number changed, shortly after each change."""
    changed = np.flatnonzero(np.diff(tell.log.changes.starts) > 0)
    if not changed.size:
        return None
    many = changed[np.diff(tell.log.changes.starts)[changed] > 1]
    focus = int(tell.chance.choice(many if many.size and tell.either(0.8) else changed))
    moments = tell.log.changes.of(focus)[: tell.count(2, 8)]
    later = moments + (tell.chance.exponential(1.5, moments.size) * DAY).astype(np.int64)
    again = np.concatenate([later, later[tell.chance.random(later.size) < 0.4] + 3 * DAY])
    at = nearest_work(tell, np.sort(again))
    return copied(tell, at, subject=np.full(at.size, focus))


def new_entry(tell: Teller) -> Told | None:
    """A person of whom something new was written, within hours of its being written."""
    often = np.flatnonzero(np.diff(tell.log.entries.starts) >= _ENTRIES_LEAST)
    for focus in tell.chance.permutation(often)[:TRIES].tolist():
        met = met_at_work(tell, tell.log.entries.of(focus))[: tell.count(2, 9)]
        if met.size > 1:
            break
    else:
        return None
    at = np.sort(met + (tell.chance.exponential(1.5, met.size) * HOUR).astype(np.int64))
    at = at[at < tell.log.end]
    return copied(tell, at, subject=np.full(at.size, focus))


def off_duty(tell: Teller) -> Told | None:
    """One person, mostly at hours at which the user does not work."""
    focus = somebody(tell)
    if focus is None:
        return None
    at = at_work(tell, tell.count(3, 14), days=tell.between(120, 10))
    moved = away(tell, at)
    return copied(tell, moved, subject=np.full(moved.size, focus))


def across_systems(tell: Teller) -> Told | None:
    """One person in several systems, one look each."""
    focus = somebody(tell)
    if focus is None:
        return None
    systems = ("RMS", "PNC", "INTEL", "PND", "CAD", "ANPR", "CUSTODY")
    chosen = tell.chance.permutation(len(systems))[: tell.count(3, 7)]
    at = (
        in_one_spell(tell, chosen.size, hours=1)
        if tell.either(0.5)
        else at_work(tell, chosen.size, days=tell.between(12, 2))
    )
    told = copied(tell, at, subject=np.full(at.size, focus))
    return replaced(told, systems=tuple(systems[n] for n in chosen[: at.size]))


def camouflaged(tell: Teller) -> Told | None:
    """One person, mostly under references of cases that do not name her."""
    focus = somebody(tell)
    if focus is None:
        return None
    at = at_work(tell, tell.count(4, 18), days=tell.between(90, 30))
    told = copied(tell, at, subject=np.full(at.size, focus))
    return replaced(told, covered=tell.chance.random(at.size) < tell.chance.uniform(0.4, 1.0))


def beside_a_case(tell: Teller) -> Told | None:
    """Somebody near to a person of the user's own case, beyond what the case asks for."""
    held = tell.log.held.of(tell.user)
    near = [
        one for one in held.tolist() if tell.log.circle.of(int(tell.log.held_subject[one])).size
    ]
    if not near:
        return None
    one = int(tell.chance.choice(near))
    focus = int(tell.chance.choice(tell.log.circle.of(int(tell.log.held_subject[one]))))
    at = at_work(
        tell, tell.count(4, 16), days=tell.between(60, 20), start=int(tell.log.held_from[one])
    )
    told = copied(tell, at, subject=np.full(at.size, focus))
    return replaced(told, covered=tell.chance.random(at.size) < 0.5)


def marked_people(tell: Teller) -> Told | None:
    """Many people with a marker, a look or two each."""
    if tell.log.marked.size < 30:
        return None
    many = tell.chance.choice(tell.log.marked, tell.count(6, 22), replace=False)
    times = int(tell.chance.integers(1, 4))
    at = at_work(tell, many.size * times, days=tell.between(90, 20))
    return copied(tell, at, subject=np.resize(tell.chance.permutation(many), at.size))


def own_circle(tell: Teller) -> Told | None:
    """People of the user's own life: household and declared ties, and those around them."""
    return _of_own_life(tell, tell.log.own_ties.of(tell.user))


def team_mate(tell: Teller) -> Told | None:
    """The own record of somebody in the user's team."""
    return _of_own_life(tell, tell.log.mates_records.of(tell.user))


def _of_own_life(tell: Teller, ties: Ints) -> Told | None:
    if not ties.size:
        return None
    focus = int(tell.chance.choice(ties))
    at = at_work(tell, tell.count(3, 18), days=tell.between(120, 20))
    return copied(
        tell,
        at,
        subject=with_circle(tell, focus, looks=at.size, share=tell.chance.choice([0, 0.5])),
    )


def one_off_sale(tell: Teller) -> Told | None:
    """Many unrelated vehicles or people, one look each, without a reason."""
    goods = (
        tell.log.vehicles if tell.log.vehicles.size > 100 and tell.either(0.7) else tell.log.people
    )
    if goods.size < 100:
        return None
    at = at_work(tell, tell.count(8, 45), days=tell.between(80, 20))
    told = copied(tell, at, subject=tell.chance.choice(goods, at.size, replace=False))
    blank = np.full(at.size, tell.either(0.7))
    return replaced(told, blank=blank, taken_away=tell.either(0.3))


def by_proxy(tell: Teller) -> Told | None:
    """One person and those around her, run for somebody else who asked."""
    others = tell.log.users[tell.log.users != tell.user]
    if not others.size:
        return None
    asker = int(tell.chance.choice(others))
    ties = tell.log.own_ties.of(asker)
    focus = int(tell.chance.choice(ties)) if ties.size and tell.either(0.6) else somebody(tell)
    if focus is None:
        return None
    at = at_work(tell, tell.count(3, 14), days=tell.between(90, 10))
    told = copied(tell, at, subject=with_circle(tell, focus, looks=at.size, share=0.3))
    return replaced(told, requester=asker if tell.either(0.6) else NONE)


def shared_with_another(tell: Teller) -> Told | None:
    """The same few people as another member of staff: this user's part of it."""
    mates = tell.log.team_mates.of(tell.user)
    mate = int(tell.chance.choice(mates)) if mates.size else NONE
    theirs = np.unique(tell.log.subject[tell.log.rows_of.of(mate)])
    theirs = theirs[np.isin(theirs, tell.log.people)]
    few = tell.count(2, 7)
    if theirs.size < few:
        return None
    ring = tell.chance.choice(theirs, few, replace=False)
    at = at_work(tell, tell.count(5, 24), days=tell.between(70, 15))
    return copied(tell, at, subject=tell.chance.choice(ring, at.size))


def watched(tell: Teller) -> Told | None:
    """A watched record, a few times."""
    if not tell.log.watched.size:
        return None
    focus = int(tell.chance.choice(tell.log.watched))
    at = at_work(tell, tell.count(1, 5), days=tell.between(20, 1))
    return copied(tell, at, subject=np.full(at.size, focus))


def two_in_turn(tell: Teller) -> Told | None:
    """Two unlinked people in turn, over months."""
    first, second = somebody(tell), somebody(tell)
    if first is None or second is None:
        return None
    at = at_work(tell, tell.count(6, 34), days=tell.between(120, 40))
    return copied(tell, at, subject=np.where(np.arange(at.size) % 2 == 0, first, second))


# By name, with the typology of DOMAIN.md 1.2 that a shape stands for; generic ones stand for none.
SHAPES: Final[dict[str, tuple[str, Shape]]] = {
    "anything": ("", anything),
    "burst": ("T02", burst),
    "star_and_ring": ("T01", star_and_ring),
    "drip": ("T03", drip),
    "growing": ("T03", growing),
    "after_closure": ("T04", after_closure),
    "after_change": ("T09", after_change),
    "new_entry": ("T30", new_entry),
    "off_duty": ("T06", off_duty),
    "across_systems": ("T25", across_systems),
    "camouflaged": ("T22", camouflaged),
    "beside_a_case": ("T05", beside_a_case),
    "marked_people": ("T08", marked_people),
    "own_circle": ("T11", own_circle),
    "team_mate": ("T14", team_mate),
    "one_off_sale": ("T17", one_off_sale),
    "by_proxy": ("T19", by_proxy),
    "shared_with_another": ("T16", shared_with_another),
    "watched": ("T20", watched),
    "two_in_turn": ("T11", two_in_turn),
}
