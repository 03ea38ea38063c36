"""The shapes of made-up misuse: generic ones, and those of the typologies of DOMAIN.md 1.2."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerts.drills.own_log import OwnLog

Ints = NDArray[np.int64]
Chance = np.random.Generator

_DAY: Final = 86_400
_HOUR: Final = 3_600
_MINUTE: Final = 60
_NONE: Final = -1
_TRIES: Final = 20  # at finding somebody who fits a shape
_ENTRIES_LEAST: Final = 3  # about one person, below which nobody can be said to wait for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One drill as its shape tells it: a row for each look."""

    user: int
    at: Ints  # seconds since 1970, shape (looks,)
    subject: Ints  # shape (looks,)
    like: Ints  # place in the log of the own row each look copies, shape (looks,)
    covered: NDArray[np.bool_]  # under one of the user's own case references, shape (looks,)
    blank: NDArray[np.bool_]  # without reason and reference, shape (looks,)
    requester: int = _NONE  # for whom; -1 for nobody
    systems: tuple[str, ...] = ()  # one for each look in turn; empty: those of the copied rows
    taken_away: bool = False  # printed or exported


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What a shape tells with: the log, chance, and how strong the drill is to be."""

    log: OwnLog
    chance: Chance
    strength: float  # 0 to 1
    user: int

    def between(self, low: float, high: float) -> float:
        """A number between two, nearer the higher one the stronger the drill, log-uniform."""
        spread = float(np.clip(self.strength + self.chance.normal(0.0, 0.15), 0.0, 1.0))
        return float(low * (high / low) ** spread)

    def count(self, low: int, high: int) -> int:
        """A whole number between two, by strength."""
        return max(round(self.between(low, high)), 1)

    def either(self, share: float) -> bool:
        """Whether a thing of this chance happens."""
        return bool(self.chance.random() < share)


Shape = Callable[[Teller], Told | None]


def anything(tell: Teller) -> Told | None:
    """Any number of looks over any span, with or without the people around."""
    focus = _somebody(tell)
    if focus is None:
        return None
    looks, days = tell.count(3, 45), tell.chance.uniform(np.log(0.3), np.log(115))
    at = _at_work(tell, looks, days=float(np.exp(days)))
    return _told(
        tell,
        at,
        subject=_with_circle(tell, focus, looks=at.size, share=tell.chance.choice([0, 0.4])),
    )


def burst(tell: Teller) -> Told | None:
    """One person, many times in one spell of work."""
    focus = _somebody(tell)
    if focus is None:
        return None
    at = _in_one_spell(tell, tell.count(5, 50), hours=tell.between(8, 0.7))
    return _told(tell, at, subject=np.full(at.size, focus))


def star_and_ring(tell: Teller) -> Told | None:
    """One person and those around her, in a spell of work or over weeks."""
    focus = _somebody(tell, around=3)
    if focus is None:
        return None
    looks = tell.count(6, 50)
    spell = tell.either(0.5)
    at = (
        _in_one_spell(tell, looks, hours=8)
        if spell
        else _at_work(tell, looks, days=tell.between(60, 10))
    )
    return _told(tell, at, subject=_with_circle(tell, focus, looks=at.size, share=0.5))


def drip(tell: Teller) -> Told | None:
    """One person at even distances, for weeks."""
    focus = _somebody(tell)
    if focus is None:
        return None
    apart = tell.between(15, 2.5)
    looks = max(
        int((tell.log.end - tell.log.start) / _DAY * tell.chance.uniform(0.4, 1) / apart), 3
    )
    at = _evenly(tell, looks, apart=apart)
    return _told(tell, at, subject=np.full(at.size, focus))


def growing(tell: Teller) -> Told | None:
    """One person, at shorter and shorter distances."""
    focus = _somebody(tell)
    if focus is None:
        return None
    looks = tell.count(6, 18)
    span = (tell.log.end - tell.log.start) * tell.chance.uniform(0.4, 0.95)
    wanted = tell.log.end - span * (1.0 - (np.arange(1, looks + 1) / looks) ** 0.5)
    at = _nearest_work(tell, wanted.astype(np.int64))
    return _told(tell, at, subject=np.full(at.size, focus))


def after_closure(tell: Teller) -> Told | None:
    """A person of a case that ended, again after it ended."""
    ended = tell.log.left.of(tell.user)
    if not ended.size:
        return None
    one = int(tell.chance.choice(ended))
    start = int(tell.log.left_at[one]) + 2 * _DAY
    at = _at_work(tell, tell.count(3, 12), days=tell.between(90, 30), start=start)
    subject = int(tell.log.left_subject[one])
    return _told(
        tell,
        at,
        subject=_with_circle(tell, subject, looks=at.size, share=tell.chance.choice([0, 0.3])),
    )


def after_change(tell: Teller) -> Told | None:
    """A person whose address or number changed, shortly after each change."""
    changed = np.flatnonzero(np.diff(tell.log.changes.starts) > 0)
    if not changed.size:
        return None
    many = changed[np.diff(tell.log.changes.starts)[changed] > 1]
    focus = int(tell.chance.choice(many if many.size and tell.either(0.8) else changed))
    moments = tell.log.changes.of(focus)[: tell.count(2, 8)]
    later = moments + (tell.chance.exponential(1.5, moments.size) * _DAY).astype(np.int64)
    again = np.concatenate([later, later[tell.chance.random(later.size) < 0.4] + 3 * _DAY])
    at = _nearest_work(tell, np.sort(again))
    return _told(tell, at, subject=np.full(at.size, focus))


def new_entry(tell: Teller) -> Told | None:
    """A person of whom something new was written, within hours of its being written."""
    often = np.flatnonzero(np.diff(tell.log.entries.starts) >= _ENTRIES_LEAST)
    for focus in tell.chance.permutation(often)[:_TRIES].tolist():
        met = _met_at_work(tell, tell.log.entries.of(focus))[: tell.count(2, 9)]
        if met.size > 1:
            break
    else:
        return None
    at = np.sort(met + (tell.chance.exponential(1.5, met.size) * _HOUR).astype(np.int64))
    at = at[at < tell.log.end]
    return _told(tell, at, subject=np.full(at.size, focus))


def _met_at_work(tell: Teller, moments: Ints) -> Ints:
    """Those of some moments after which the user worked within a few hours; ascending."""
    times, moments = tell.log.times_of(tell.user), np.sort(moments)
    later = times[np.searchsorted(times, moments).clip(0, times.size - 1)] - moments
    met: Ints = moments[(later >= 0) & (later < 6 * _HOUR)]
    return met


def off_duty(tell: Teller) -> Told | None:
    """One person, mostly at hours at which the user does not work."""
    focus = _somebody(tell)
    if focus is None:
        return None
    at = _at_work(tell, tell.count(3, 14), days=tell.between(120, 10))
    away = _away(tell, at)
    return _told(tell, away, subject=np.full(away.size, focus))


def across_systems(tell: Teller) -> Told | None:
    """One person in several systems, one look each."""
    focus = _somebody(tell)
    if focus is None:
        return None
    systems = ("RMS", "PNC", "INTEL", "PND", "CAD", "ANPR", "CUSTODY")
    chosen = tell.chance.permutation(len(systems))[: tell.count(3, 7)]
    at = (
        _in_one_spell(tell, chosen.size, hours=1)
        if tell.either(0.5)
        else _at_work(tell, chosen.size, days=tell.between(12, 2))
    )
    told = _told(tell, at, subject=np.full(at.size, focus))
    return _replaced(told, systems=tuple(systems[n] for n in chosen[: at.size]))


def camouflaged(tell: Teller) -> Told | None:
    """One person, mostly under references of cases that do not name her."""
    focus = _somebody(tell)
    if focus is None:
        return None
    at = _at_work(tell, tell.count(4, 18), days=tell.between(90, 30))
    told = _told(tell, at, subject=np.full(at.size, focus))
    return _replaced(told, covered=tell.chance.random(at.size) < tell.chance.uniform(0.4, 1.0))


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
    at = _at_work(
        tell, tell.count(4, 16), days=tell.between(60, 20), start=int(tell.log.held_from[one])
    )
    told = _told(tell, at, subject=np.full(at.size, focus))
    return _replaced(told, covered=tell.chance.random(at.size) < 0.5)


def marked_people(tell: Teller) -> Told | None:
    """Many people with a marker, a look or two each."""
    if tell.log.marked.size < 30:
        return None
    many = tell.chance.choice(tell.log.marked, tell.count(6, 22), replace=False)
    times = int(tell.chance.integers(1, 4))
    at = _at_work(tell, many.size * times, days=tell.between(90, 20))
    return _told(tell, at, subject=np.resize(tell.chance.permutation(many), at.size))


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
    at = _at_work(tell, tell.count(3, 18), days=tell.between(120, 20))
    return _told(
        tell,
        at,
        subject=_with_circle(tell, focus, looks=at.size, share=tell.chance.choice([0, 0.5])),
    )


def one_off_sale(tell: Teller) -> Told | None:
    """Many unrelated vehicles or people, one look each, without a reason."""
    goods = (
        tell.log.vehicles if tell.log.vehicles.size > 100 and tell.either(0.7) else tell.log.people
    )
    if goods.size < 100:
        return None
    at = _at_work(tell, tell.count(8, 45), days=tell.between(80, 20))
    told = _told(tell, at, subject=tell.chance.choice(goods, at.size, replace=False))
    blank = np.full(at.size, tell.either(0.7))
    return _replaced(told, blank=blank, taken_away=tell.either(0.3))


def by_proxy(tell: Teller) -> Told | None:
    """One person and those around her, run for somebody else who asked."""
    others = tell.log.users[tell.log.users != tell.user]
    if not others.size:
        return None
    asker = int(tell.chance.choice(others))
    ties = tell.log.own_ties.of(asker)
    focus = int(tell.chance.choice(ties)) if ties.size and tell.either(0.6) else _somebody(tell)
    if focus is None:
        return None
    at = _at_work(tell, tell.count(3, 14), days=tell.between(90, 10))
    told = _told(tell, at, subject=_with_circle(tell, focus, looks=at.size, share=0.3))
    return _replaced(told, requester=asker if tell.either(0.6) else _NONE)


def shared_with_another(tell: Teller) -> Told | None:
    """The same few people as another member of staff: this user's part of it."""
    mates = tell.log.team_mates.of(tell.user)
    mate = int(tell.chance.choice(mates)) if mates.size else _NONE
    theirs = np.unique(tell.log.subject[tell.log.rows_of.of(mate)])
    theirs = theirs[np.isin(theirs, tell.log.people)]
    few = tell.count(2, 7)
    if theirs.size < few:
        return None
    ring = tell.chance.choice(theirs, few, replace=False)
    at = _at_work(tell, tell.count(5, 24), days=tell.between(70, 15))
    return _told(tell, at, subject=tell.chance.choice(ring, at.size))


def watched(tell: Teller) -> Told | None:
    """A watched record, a few times."""
    if not tell.log.watched.size:
        return None
    focus = int(tell.chance.choice(tell.log.watched))
    at = _at_work(tell, tell.count(1, 5), days=tell.between(20, 1))
    return _told(tell, at, subject=np.full(at.size, focus))


def two_in_turn(tell: Teller) -> Told | None:
    """Two unlinked people in turn, over months."""
    first, second = _somebody(tell), _somebody(tell)
    if first is None or second is None:
        return None
    at = _at_work(tell, tell.count(6, 34), days=tell.between(120, 40))
    return _told(tell, at, subject=np.where(np.arange(at.size) % 2 == 0, first, second))


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


def _somebody(tell: Teller, *, around: int = 0) -> int | None:
    """A person of the user's area, of elsewhere or of the user's own past, with enough around."""
    log, chance = tell.log, tell.chance
    for _ in range(_TRIES):
        where = chance.random()
        if where < 0.35:
            pool = log.people_near.of(int(log.area_of[tell.user]))
        elif where < 0.6:
            pool = log.subject[log.rows_of.of(tell.user)]
        elif where < 0.8:
            pool = log.subject
        else:
            pool = log.people
        if not pool.size:
            continue
        one = int(chance.choice(pool))
        if log.circle.of(one).size >= around:
            return one
    return None


def _with_circle(tell: Teller, focus: int, *, looks: int, share: float) -> Ints:
    """The focus and, for about this share of looks, a few of the records around it."""
    subject = np.full(looks, focus)
    around = tell.log.circle.of(focus)
    if around.size and share > 0:
        few = tell.chance.permutation(around)[: tell.count(2, 12)]
        elsewhere = tell.chance.random(looks) < share
        subject[elsewhere] = tell.chance.choice(few, int(elsewhere.sum()))
    return subject


def _at_work(tell: Teller, looks: int, *, days: float, start: int | None = None) -> Ints:
    """So many moments at the user's own working times, within so many days; ascending."""
    log = tell.log
    first = log.start if start is None else max(start, log.start)
    span = int(days * _DAY)
    latest = max(log.end - span, first)
    begin = first if start is not None else int(tell.chance.integers(first, latest + 1))
    times = log.times_of(tell.user)
    low, high = np.searchsorted(times, [begin, min(begin + span, log.end)])
    if high - low < 3:  # on leave: whatever is nearest
        low, high = max(int(low) - 3, 0), min(int(high) + 3, times.size)
    return np.sort(_jittered(tell, _of_any_day(tell, times[low:high], looks)))


def _of_any_day(tell: Teller, times: Ints, looks: int) -> Ints:
    """So many of these moments, each day as likely as another: a busy day draws no more of them."""
    day, first = np.unique(times // _DAY, return_index=True)
    last = np.append(first[1:], times.size)
    chosen = tell.chance.integers(0, day.size, looks)
    return times[tell.chance.integers(first[chosen], last[chosen])]


def _in_one_spell(tell: Teller, looks: int, *, hours: float) -> Ints:
    """So many moments in one spell of work."""
    begin = int(_of_any_day(tell, tell.log.times_of(tell.user), 1)[0])
    begin = min(begin, tell.log.end - int(hours * _HOUR) - _HOUR)
    return np.sort(begin + (tell.chance.random(looks) * hours * _HOUR).astype(np.int64))


def _evenly(tell: Teller, looks: int, *, apart: float) -> Ints:
    """So many moments of work, so many days apart, as nearly as work goes."""
    span = int(apart * looks * _DAY)
    begin = int(tell.chance.integers(tell.log.start, max(tell.log.end - span, tell.log.start) + 1))
    wanted = begin + (np.arange(looks) + tell.chance.normal(0, 0.15, looks)) * apart * _DAY
    return _nearest_work(tell, wanted.astype(np.int64))


def _nearest_work(tell: Teller, wanted: Ints) -> Ints:
    """Each wanted moment moved to the user's own nearest one, inside the span; ascending."""
    times = tell.log.times_of(tell.user)
    inside = wanted[(wanted >= tell.log.start) & (wanted < tell.log.end)]
    place = np.searchsorted(times, inside).clip(0, times.size - 1)
    return np.sort(_jittered(tell, times[place]))


def _jittered(tell: Teller, at: Ints) -> Ints:
    """Moments some minutes away from those of the user's own rows."""
    moved = at + (tell.chance.normal(0.0, 12 * _MINUTE, at.size)).astype(np.int64)
    return np.clip(moved, tell.log.start, tell.log.end - 1)


def _away(tell: Teller, at: Ints) -> Ints:
    """Moments moved, most of them, into hours without a row of the user's own."""
    times = tell.log.times_of(tell.user)
    moved = at + (tell.chance.uniform(8, 15, at.size) * _HOUR).astype(np.int64)
    place = np.searchsorted(times, moved)
    before = moved - times[(place - 1).clip(0)]
    after = times[place.clip(0, times.size - 1)] - moved
    free = (np.abs(before) > 3 * _HOUR) & (np.abs(after) > 2 * _HOUR)
    return np.sort(np.clip(np.where(free, moved, at), tell.log.start, tell.log.end - 1))


def _told(tell: Teller, at: Ints, *, subject: Ints) -> Told | None:
    """The looks as copies of the user's own rows, under a cover as the user's own habit has it."""
    own = tell.log.rows_of.of(tell.user)
    if not at.size or not own.size:
        return None
    style = tell.chance.random()  # no reference, one of the user's own now and then, or mostly
    covered = tell.chance.random(at.size) < (0.0 if style < 0.5 else 0.2 if style < 0.8 else 0.7)
    return Told(
        user=tell.user,
        at=at,
        subject=subject,
        like=tell.chance.choice(own, at.size),
        covered=covered,
        blank=np.full(at.size, tell.either(0.15)),
    )


def _replaced(told: Told | None, **facts: object) -> Told | None:
    from dataclasses import replace

    return None if told is None else replace(told, **facts)  # type: ignore[arg-type]  # facts are fields
