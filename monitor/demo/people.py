"""The population: households, kin, friends, homes, vehicles, phones, moves and markers."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.drawing import (
    Chance,
    Flags,
    Floats,
    Ints,
    Ragged,
    ordinals,
    owners,
    ragged,
    scrambled,
)
from monitor.demo.plan import ForcePlan
from monitor.demo.vocabulary import NONE, SURNAMES, Kind, Marker, Relation
from monitor.demo.zone import DAY

_HOUSEHOLD = np.array([0.30, 0.34, 0.16, 0.14, 0.06])  # of one to five people
_MARKED = (0.035, 0.02, 0.012, 0.012, 0.004, 0.01)  # by Marker; about 6 % of people carry one
_BACK = np.array([Relation.CHILD, Relation.PARENT, *list(Relation)[2:]])  # seen from the other side
_LETTER = np.array(["P", "A", "V", "T"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Rows of the link table; UTC seconds, NONE where a link has no end."""

    subject: Ints
    linked: Ints
    relation: Ints
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Every record that can be looked up, shape (subjects,): people first, then what is theirs."""

    persons: int
    kind: Ints
    area: Ints
    female: Flags
    age: Ints
    surname: Ints
    markers: Ints  # one bit per Marker
    heat: Floats  # how often the record is looked at, mean about 1
    household: Ints  # of a person; NONE for the rest
    home: Ints  # address of a person at the start; NONE for the rest
    restricted: Flags
    links: Links
    circle: Ragged  # everything linked to a record, whichever way round
    residents: Ragged  # persons by household
    by_area: Ragged  # persons by area

    @property
    def size(self) -> int:
        """Number of records."""
        return len(self.kind)

    def ids(self) -> list[str]:
        """The id of each record: a letter for its kind, a number that tells nothing more."""
        numbers = scrambled(np.arange(self.size), salt=2)
        pairs = zip(_LETTER[self.kind].tolist(), numbers.tolist(), strict=True)
        return [f"{letter}{number:07d}" for letter, number in pairs]

    def marked(self, marker: Marker) -> Flags:
        """Whether each record carries the marker."""
        return (self.markers >> marker & 1).astype(bool)

    def staff_candidates(self) -> Ints:
        """Adults of working age."""
        return np.flatnonzero((self.kind == Kind.PERSON) & (self.age >= 21) & (self.age <= 60))

    def linked(self, subject: int, *relations: Relation) -> Ints:
        """The records a person is linked to by one of the relations, each once."""
        rows = (self.links.subject == subject) & np.isin(self.links.relation, relations)
        return np.unique(self.links.linked[rows])

    def persons_around(self, subject: int) -> Ints:
        """The people linked to a record, each once."""
        around = np.unique(self.circle.of(subject))
        near: Ints = around[(self.kind[around] == Kind.PERSON) & (around != subject)]
        return near


def people_of(plan: ForcePlan, chance: Chance) -> People:
    """A population large enough for the force."""
    sizes = 1 + chance.choice(5, plan.staff * plan.people_per_staff // 2, p=_HOUSEHOLD)
    household = owners(sizes)
    seat = ordinals(sizes)
    persons, homes = len(household), len(sizes)
    area_of_home = np.sort(chance.integers(0, plan.areas, homes))  # neighbours have near numbers
    head_age = chance.integers(18, 80, homes)
    age = _ages(chance, seat, head_age[household])
    vehicles = np.flatnonzero((chance.random(persons) < 0.45) & (age >= 17))
    phones = np.flatnonzero((chance.random(persons) < 0.7) & (age >= 12))
    area = area_of_home[household]
    things = np.concatenate([area_of_home, area[vehicles], area[phones]])
    kinds = np.repeat(list(Kind), [persons, homes, len(vehicles), len(phones)])
    heat = np.exp(chance.normal(0, 1.35, persons) + chance.normal(0, 0.65, homes)[household])
    by_area = ragged(area, np.arange(persons), lists=plan.areas)
    links = _links(
        plan,
        chance,
        seat=seat,
        household=household,
        area=area,
        by_area=by_area,
        vehicles=vehicles,
        phones=phones,
    )
    extra = len(things)
    return People(
        persons=persons,
        kind=kinds.astype(np.int64),
        area=np.concatenate([area, things]),
        female=np.append(chance.random(persons) < 0.5, np.zeros(extra, dtype=bool)),
        age=np.append(age, np.full(extra, NONE)),
        surname=np.append(_surnames(chance, household, seat), np.full(extra, NONE)),
        markers=np.append(_markers(chance, heat), np.zeros(extra, dtype=np.int64)),
        heat=np.append(heat, np.zeros(extra)),
        household=np.append(household, np.full(extra, NONE)),
        home=np.append(persons + household, np.full(extra, NONE)),
        restricted=chance.random(persons + extra) < 0.004,
        links=links,
        circle=_circle(links, persons + extra),
        residents=ragged(household, np.arange(persons), lists=homes),
        by_area=by_area,
    )


def _ages(chance: Chance, seat: Ints, head: Ints) -> Ints:
    """Ages by seat in the household: head, partner, then children."""
    partner = (head + chance.integers(-6, 7, len(seat))).clip(18, 90)
    child = (head - chance.integers(20, 38, len(seat))).clip(0, 45)
    return np.select([seat == 0, seat == 1], [head, partner], child)


def _surnames(chance: Chance, household: Ints, seat: Ints) -> Ints:
    """A name per household; three partners in ten keep their own."""
    of_home = chance.integers(0, len(SURNAMES), household[-1] + 1)[household]
    own = chance.integers(0, len(SURNAMES), len(household))
    return np.where((seat == 1) & (chance.random(len(seat)) < 0.3), own, of_home)


def _markers(chance: Chance, heat: Floats) -> Ints:
    """Markers, likelier on records that are looked at more."""
    warmth = np.sqrt(heat / heat.mean())
    marks = np.zeros(len(heat), dtype=np.int64)
    for marker, share in zip(Marker, _MARKED, strict=True):
        marks |= (chance.random(len(heat)) < share * warmth).astype(np.int64) << marker
    return marks


def _links(  # noqa: PLR0913 the parts of one made-up record, each named
    plan: ForcePlan,
    chance: Chance,
    *,
    seat: Ints,
    household: Ints,
    area: Ints,
    by_area: Ragged,
    vehicles: Ints,
    phones: Ints,
) -> Links:
    """Kin in and outside the home, friends, colleagues, exes, and what belongs to each person."""
    persons = np.arange(len(seat))
    head = persons - seat
    homes = household[-1] + 1
    second = persons[seat >= 2]
    third = persons[seat >= 3]
    rows = [
        (persons[seat == 1], head[seat == 1], Relation.PARTNER),
        (second, head[second], Relation.PARENT),
        (second, head[second] + 1, Relation.PARENT),
        (third, third - 1, Relation.SIBLING),
    ]
    outside = ((Relation.PARENT, 0.3), (Relation.SIBLING, 0.35), (Relation.FRIEND, 1.0))
    for relation, mean in (*outside, (Relation.COLLEAGUE, 0.45), (Relation.EX, 0.12)):
        who = np.repeat(persons, chance.poisson(mean, len(persons)))
        near = by_area.pick(chance, area[who])
        far = chance.integers(0, len(persons), len(who))
        rows.append((who, np.where(chance.random(len(who)) < 0.75, near, far), relation))
    subject = np.concatenate([r[0] for r in rows])
    linked = np.concatenate([r[1] for r in rows])
    kinds = np.repeat([r[2] for r in rows], [len(r[0]) for r in rows]).astype(np.int64)
    apart = subject != linked
    subject, linked, kinds = subject[apart], linked[apart], kinds[apart]
    owned = np.concatenate([persons, vehicles, phones])
    thing = np.concatenate(
        [len(persons) + household, len(persons) + homes + np.arange(len(vehicles) + len(phones))]
    )
    thing_relation = np.repeat(
        [Relation.ADDRESS, Relation.VEHICLE, Relation.PHONE],
        [len(persons), len(vehicles), len(phones)],
    )
    size = 2 * len(subject) + len(owned)
    return Links(
        subject=np.concatenate([subject, linked, owned]),
        linked=np.concatenate([linked, subject, thing]),
        relation=np.concatenate([kinds, _BACK[kinds], thing_relation]),
        since=plan.begins - chance.integers(30, 5_000, size) * DAY,
        until=np.full(size, NONE),
    )


def _circle(links: Links, size: int) -> Ragged:
    """What is linked to each record; person-to-person links already stand both ways."""
    things = links.relation >= Relation.ADDRESS
    return ragged(
        np.append(links.subject, links.linked[things]),
        np.append(links.linked, links.subject[things]),
        lists=size,
    )
