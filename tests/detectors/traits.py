"""What rows and people of the ordinary force are like: reasons, names, places, markers, printouts.

All of it is drawn after the force itself and from chance of its own, so that who looks at whom and
when is the same with it and without. Nobody does anything that is not work: some leave reasons
blank, some have a phrase of their own, some type the reference of another of their cases.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]

AREAS = ("East", "North", "South")
NAMES = tuple(f"Name{number:03d}" for number in range(150))
PHRASES = tuple(f"standard phrase {number}" for number in range(12))
MARKERS = ("domestic_abuse", "mental_health", "missing", "firearms")
_PATCH = 12  # members of staff of one area, two teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """The engagements of a force, and which of them each row of its log belongs to."""

    user: Ints  # shape (engagements,)
    person: Ints  # shape (engagements,)
    recorded: NDArray[np.bool_]  # shape (engagements,)
    of_row: Ints  # engagement of each row, shape (rows,)
    person_of_row: Ints  # shape (rows,)
    day_of_row: Ints  # shape (rows,)


def said(met: Met, *, seed: int) -> dict[str, pa.Array]:
    """What each row says of itself: reason, case reference, action and rows exported."""
    chance = np.random.default_rng(seed + 1000)
    return {**_reasons(met, chance), **_references(met, chance), **_actions(met, chance)}


def _reasons(met: Met, chance: np.random.Generator) -> dict[str, pa.Array]:
    """Blank more often with some users than with others, and then for most of an engagement."""
    habit = chance.beta(1.5, 4.0, met.user.max(initial=0) + 1)[met.user]
    blank_share = chance.beta(3.0 * habit, 3.0 * (1.0 - habit))
    number = met.of_row * 1000 + met.day_of_row  # one chance for each day of an engagement
    days, place = np.unique(number, return_inverse=True)
    blank = (chance.random(days.size) < blank_share[days // 1000])[place]
    usual = chance.zipf(1.6, met.user.size) % len(PHRASES)
    kind = chance.random(met.user.size)
    text = np.where(kind < 0.6, [PHRASES[number] for number in usual], "")
    text = np.where(
        (kind >= 0.6) & (kind < 0.8), _numbered("call about matter", met.user.size), text
    )
    own = np.array([f"as discussed with team {user}" for user in met.user])
    text = np.where(kind >= 0.8, own, text)
    return {"reason": pa.array(text[met.of_row], mask=blank)}


def _references(met: Met, chance: np.random.Generator) -> dict[str, pa.Array]:
    """The reference of a recorded engagement, or now and then that of another by the same user."""
    rows = np.arange(met.user.size)
    of_case = np.array([f"C{number:06d}" for number in rows])
    order = np.lexsort((rows, met.user))
    before = np.empty_like(rows)
    before[order] = np.concatenate([order[:1], order[:-1]])
    mistyped = (chance.random(rows.size) < 0.08) & met.recorded[before]
    mistyped &= met.user[before] == met.user
    reference = np.where(mistyped, of_case[before], of_case)
    given = (met.recorded | mistyped)[met.of_row] & (met.person_of_row == met.person[met.of_row])
    return {"case_ref": pa.array(reference[met.of_row], mask=~given)}


def _actions(met: Met, chance: np.random.Generator) -> dict[str, pa.Array]:
    """A view, or on one engagement in six some printouts and exports too."""
    busy = chance.random(met.user.size) < 1 / 6
    taken = busy[met.of_row] & (chance.random(met.of_row.size) < 0.5)
    exported = taken & (chance.random(taken.size) < 0.3)
    action = np.where(exported, "export", np.where(taken, "print", "view"))
    rows = 1 + chance.negative_binomial(0.5, 0.05, taken.size)
    return {"action": pa.array(action), "export_rows": pa.array(rows, mask=~exported)}


def subjects(met: Met, *, people: int, household: int, seed: int) -> pa.Table:
    """Everybody who may be looked up: a household has one area and, mostly, one name."""
    chance = np.random.default_rng(seed + 2000)
    homes = -(-people // household)
    names = chance.zipf(1.3, homes) % len(NAMES)
    own = np.where(chance.random(people) < 0.15, chance.zipf(1.3, people) % len(NAMES), -1)
    home_of = np.arange(people) // household
    surname = np.where(own >= 0, own, names[home_of])
    marked = chance.beta(0.3, 1.7, homes)[home_of] > chance.random(people)
    which = chance.integers(0, len(MARKERS), people)
    area = _area_of_homes(met, homes=homes, household=household, chance=chance)[home_of]
    return pa.table(
        {
            "subject_id": [f"P{number:06d}" for number in range(people)],
            "subject_type": ["person"] * people,
            "area": [AREAS[number] for number in area],
            "surname": [NAMES[number] for number in surname],
            "markers": pa.array([MARKERS[number] for number in which], mask=~marked),
        }
    )


def _area_of_homes(met: Met, *, homes: int, household: int, chance: np.random.Generator) -> Ints:
    """Where most of those work who meet its people; for one home in ten anywhere."""
    seen = np.zeros((homes, len(AREAS)))
    np.add.at(seen, (met.person // household, area_number(met.user)), 1.0)
    seen += chance.random(seen.shape) / 2.0
    anywhere = chance.integers(0, len(AREAS), homes)
    area: Ints = np.where(chance.random(homes) < 0.1, anywhere, seen.argmax(axis=1))
    return area


def staff(users: int, *, seed: int) -> dict[str, list[str]]:
    """The area, name and own record of each member of staff; nobody in the force meets those."""
    chance = np.random.default_rng(seed + 3000)
    names = chance.zipf(1.3, users) % len(NAMES)
    return {
        "area": [AREAS[number] for number in area_number(np.arange(users))],
        "surname": [NAMES[number] for number in names],
        "person_subject_id": [f"P-OF-U{number:04d}" for number in range(users)],
        "address_subject_id": [f"A-OF-U{number:04d}" for number in range(users)],
    }


def declared(met: Met, *, seed: int) -> pa.Table:
    """A few associations on file, of whom some were met in the course of work."""
    chance = np.random.default_rng(seed + 4000)
    chosen = np.flatnonzero(chance.random(met.user.size) < 0.004)
    return pa.table(
        {
            "user_id": [f"U{number:04d}" for number in met.user[chosen]],
            "subject_id": [f"P{number:06d}" for number in met.person[chosen]],
            "kind": ["acquaintance"] * chosen.size,
        }
    )


def area_number(user: Ints) -> Ints:
    """Which area each member of staff works in, a place in `AREAS`."""
    area: Ints = user // _PATCH % len(AREAS)
    return area


def _numbered(text: str, size: int) -> NDArray[np.str_]:
    return np.array([f"{text} {number}" for number in range(size)])
