"""Moves, new numbers and new markers, and what they do to the links."""

from dataclasses import dataclass, replace

import numpy as np

from monitor.demo.columns import stacked
from monitor.demo.drawing import Chance, Ints
from monitor.demo.people import Links, People
from monitor.demo.plan import ForcePlan
from monitor.demo.vocabulary import NONE, Kind, Relation

FIELDS = ("address", "phone", "marker")
_YEAR_DAYS = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows of the table of record changes."""

    subject: Ints
    field: Ints  # index into FIELDS
    at: Ints  # UTC seconds


def changes_of(plan: ForcePlan, people: People, chance: Chance, *, harmed: Ints) -> Changes:
    """Changes over the span: a home lasts eight years, six times less for people harmed at home.

    Args:
        plan: of the force.
        people: whose records change.
        chance: drawn from.
        harmed: people with a domestic-abuse incident in the span, repeats allowed.
    """
    years = plan.days / _YEAR_DAYS
    persons = np.arange(people.persons)
    restless = np.where(
        chance.random(people.persons) < 0.012, 14.0, 1.0
    )  # sofa surfers, absconders
    rate = years / 8 * restless
    rate[harmed] *= 6
    moves = np.repeat(persons, chance.poisson(rate))
    numbers = np.repeat(persons, chance.poisson(years / 3 * np.sqrt(restless)))
    marks = harmed[chance.random(len(harmed)) < 0.3]
    subject = np.concatenate([moves, numbers, marks])
    return Changes(
        subject=subject,
        field=np.repeat([0, 1, 2], [len(moves), len(numbers), len(marks)]),
        at=chance.integers(plan.begins, plan.ends, len(subject)),
    )


def moved(people: People, changes: Changes, chance: Chance) -> People:
    """The population with each move written into its links: one home ends, another begins."""
    rows = np.flatnonzero(changes.field == 0)
    rows = rows[np.argsort(changes.at[rows], kind="stable")]
    _, last = np.unique(changes.subject[rows][::-1], return_index=True)
    rows = rows[::-1][last]  # the last move of each person, so that links never overlap
    who, when = changes.subject[rows], changes.at[rows]
    left = np.full(people.size, NONE, dtype=np.int64)
    left[who] = when
    links = people.links
    until = np.where(links.relation == Relation.ADDRESS, left[links.subject], links.until)
    homes = np.flatnonzero(people.kind == Kind.ADDRESS)
    taken = Links(
        subject=who,
        linked=chance.choice(homes, len(who)),
        relation=np.full(len(who), Relation.ADDRESS),
        since=when,
        until=np.full(len(who), NONE),
    )
    return replace(people, links=stacked([replace(links, until=until), taken]))
