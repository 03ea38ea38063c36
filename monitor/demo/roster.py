"""Shifts: what the roster says, when people really worked, and who was on duty at a moment."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.drawing import Chance, Flags, Ints, Ragged, ordinals, owners, ragged
from monitor.demo.plan import ForcePlan
from monitor.demo.posts import POSTS, Role, Rota
from monitor.demo.staff import Staff
from monitor.demo.vocabulary import NONE, Duty
from monitor.demo.zone import DAY, HOUR, Zone

_OFF, _DAYTIME, _EARLY, _LATE, _NIGHT, _LONG_DAY, _LONG_NIGHT = range(7)
_BEGINS = np.array([0, 8, 7, 14, 22, 7, 19]) * HOUR  # local
_LASTS = np.array([0, 8, 9, 10, 9, 12, 12]) * HOUR
_PATTERNS: dict[Rota, tuple[int, ...]] = {
    Rota.FIVE: (*[_EARLY] * 2, *[_LATE] * 2, *[_NIGHT] * 2, *[_OFF] * 4),
    Rota.BEAT: (*[_DAYTIME] * 5, *[_OFF] * 4, *[_LATE] * 5),
    Rota.WEEKDAY: (*[_DAYTIME] * 5, *[_OFF] * 2),
    Rota.FOUR: (*[_LONG_DAY] * 2, *[_LONG_NIGHT] * 2, *[_OFF] * 4),
}
_SPAN = 1 << 34  # more seconds than any moment holds: makes one sortable key of user and moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Worked duties, sorted by user and start, and the rows of the shift table."""

    user: Ints  # worked, shape (duties,)
    start: Ints  # UTC seconds
    end: Ints
    told_user: Ints  # as rostered, shape (rows,)
    told_start: Ints
    told_end: Ints
    told_kind: Ints

    def next_duty(self, users: Ints, moments: Ints) -> Ints:
        """The first duty of each user that ends after the moment, NONE when there is none."""
        place = np.searchsorted(self.user * _SPAN + self.end, users * _SPAN + moments, side="right")
        held = np.minimum(place, len(self.user) - 1)
        return np.where((place < len(self.user)) & (self.user[held] == users), held, NONE)

    def at_work(self, chance: Chance, users: Ints, moments: Ints) -> Ints:
        """A moment in the duty that each moment falls in or before, NONE when no duty is left."""
        duty = self.next_duty(users, moments)
        begins, ends = self.start[duty], self.end[duty]
        inside = begins + (chance.random(len(users)) * (ends - begins)).astype(np.int64)
        return np.where(duty == NONE, NONE, np.where(moments >= begins, moments, inside))

    def duty_at(self, users: Ints, moments: Ints) -> Ints:
        """The duty each moment falls in, NONE when the user is not at work."""
        duty = self.next_duty(users, moments)
        return np.where((duty != NONE) & (self.start[duty] <= moments), duty, NONE)

    def last_end(self, users: Ints) -> Ints:
        """When each user's last duty ends, NONE for somebody who never works."""
        last = np.searchsorted(self.user, users, side="right") - 1
        return np.where((last >= 0) & (self.user[last] == users), self.end[last], NONE)

    def duties_of(self, user: int) -> Ints:
        """The indices of one user's duties, in order."""
        return np.arange(*np.searchsorted(self.user, [user, user + 1]))


def roster_of(plan: ForcePlan, staff: Staff, zone: Zone, chance: Chance) -> Roster:
    """The rota of every member of staff, with leave, sickness, courses, overtime and swaps."""
    shift = _pattern(plan, staff)
    told = shift.copy()
    absence = _absences(plan, chance, shift)
    told[absence != NONE] = _OFF
    worked = np.where(chance.random(shift.shape) < staff.part_time[:, None], told, _OFF)
    told = worked.copy()
    swapped = (worked != _OFF) & (chance.random(shift.shape) < 0.006)
    worked = np.where(swapped, _OFF, worked)
    landed = np.roll(swapped, 2, axis=1) & (worked == _OFF) & (absence == NONE) & (staff.on != NONE)
    worked = np.where(landed, _DAYTIME, worked)  # a swap the roster never heard of
    user, day = np.nonzero(worked)
    start, end = _span(plan, zone, day, worked[user, day])
    longer = chance.random(len(user)) < 0.07
    extra = (
        np.where(longer, chance.exponential(1.4 * HOUR, len(user)), 0)
        .clip(0, 5 * HOUR)
        .astype(np.int64)
    )
    posted = longer & (chance.random(len(user)) < 0.55)
    early = (chance.exponential(300, len(user))).astype(np.int64)  # seconds before the shift
    rows = _told_rows(plan, zone, told, absence)
    return Roster(
        user=user,
        start=start - early,
        end=end + extra,
        told_user=np.concatenate([rows.user, user[posted]]),
        told_start=np.concatenate([rows.start, end[posted]]),
        told_end=np.concatenate([rows.end, (end + extra)[posted]]),
        told_kind=np.concatenate([rows.kind, np.full(posted.sum(), Duty.OVERTIME)]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """Who is at work in each hour, by role and area and by role alone."""

    begins: int
    hours: int
    areas: int
    by_area: Ragged
    by_role: Ragged

    def somebody(self, chance: Chance, role: Ints, area: Ints, moments: Ints) -> Ints:
        """Somebody of the role at work then, in the area when possible; NONE when nobody is."""
        hour = ((moments - self.begins) // HOUR).clip(0, self.hours - 1)
        near = self.by_area.pick(chance, (role * self.areas + area) * self.hours + hour)
        return np.where(near != NONE, near, self.by_role.pick(chance, role * self.hours + hour))


def on_duty(plan: ForcePlan, staff: Staff, roster: Roster) -> OnDuty:
    """The hourly picture of who is at work."""
    hours = plan.days * 24
    first = (roster.start - plan.begins) // HOUR
    lengths = (roster.end - 1 - plan.begins) // HOUR - first + 1
    duty = owners(lengths)
    hour = first[duty] + ordinals(lengths)
    kept = (hour >= 0) & (hour < hours)
    user, hour = roster.user[duty[kept]], hour[kept]
    role, area = staff.role(user, hour // 24), staff.area(user, hour // 24)
    return OnDuty(
        begins=plan.begins,
        hours=hours,
        areas=plan.areas,
        by_area=ragged(
            (role * plan.areas + area) * hours + hour, user, lists=len(Role) * plan.areas * hours
        ),
        by_role=ragged(role * hours + hour, user, lists=len(Role) * hours),
    )


def _pattern(plan: ForcePlan, staff: Staff) -> Ints:
    """The shift each rota gives each user each day, shape (users, days)."""
    rota = np.array([POSTS[role].rota for role in Role])[staff.spells.role][staff.on]
    offset = np.array([0, 7, 0, 2])[rota] * (rota == Rota.BEAT) * (staff.group[:, None] % 2)
    offset = offset + np.where(np.isin(rota, [Rota.FIVE, Rota.FOUR]), 2 * staff.group[:, None], 0)
    shift = np.zeros((staff.size, plan.days), dtype=np.int64)
    for kind, pattern in _PATTERNS.items():
        place = (np.arange(plan.days) + plan.start.weekday() + offset) % len(pattern)
        shift = np.where(rota == kind, np.array(pattern)[place], shift)
    return np.where(staff.on == NONE, _OFF, shift)


def _absences(plan: ForcePlan, chance: Chance, shift: Ints) -> Ints:
    """Leave in blocks, sickness, courses and court, shape (users, days); NONE: at work or off."""
    absence = np.full(shift.shape, NONE, dtype=np.int64)
    kinds = (
        (Duty.LEAVE, 70, 9),
        (Duty.SICK, 160, 3),
        (Duty.TRAINING, 120, 2),
        (Duty.COURT, 200, 1),
    )
    for kind, apart, mean_days in kinds:
        begins: Flags = chance.random(shift.shape) < 1 / apart
        who, day = np.nonzero(begins)
        length = 1 + chance.poisson(mean_days - 1, len(who))
        rows, columns = np.repeat(who, length), np.repeat(day, length) + ordinals(length)
        inside = columns < plan.days
        absence[rows[inside], columns[inside]] = kind
    return absence


def _span(plan: ForcePlan, zone: Zone, day: Ints, shift: Ints) -> tuple[Ints, Ints]:
    """UTC start and end of shifts set in local time; a clock change makes one longer or shorter."""
    local = plan.begins + day * DAY + _BEGINS[shift]
    return zone.utc(local), zone.utc(local + _LASTS[shift])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    user: Ints
    start: Ints
    end: Ints
    kind: Ints


def _told_rows(plan: ForcePlan, zone: Zone, told: Ints, absence: Ints) -> _Told:
    """The rows of the roster: rostered duties, and absences as whole local days."""
    user, day = np.nonzero(told)
    start, end = _span(plan, zone, day, told[user, day])
    away, when = np.nonzero(absence != NONE)
    midnight = plan.begins + when * DAY
    return _Told(
        user=np.concatenate([user, away]),
        start=np.concatenate([start, zone.utc(midnight)]),
        end=np.concatenate([end, zone.utc(midnight + DAY)]),
        kind=np.concatenate([np.full(len(user), Duty.DUTY), absence[away, when]]),
    )
