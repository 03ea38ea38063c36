"""A story: something made up that happens to named people, and the truth about it, kept apart."""

from dataclasses import dataclass, field

import numpy as np

from monitor.demo.casebook import Casebook, Cases, Parts, Taskings, cases, parts, taskings
from monitor.demo.changes import Changes
from monitor.demo.columns import stacked
from monitor.demo.drawing import Ints
from monitor.demo.people import Links
from monitor.demo.visits import Visits
from monitor.demo.vocabulary import NONE
from monitor.demo.work import NO_CASES, NO_PARTS, NO_TASKINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What really happened, for the truth file."""

    kind: str  # misuse, lookalike
    typology: str
    pattern: str  # T-id of DOMAIN.md 1.2; empty for a look-alike
    strength: str
    users: tuple[int, ...]
    focus: int  # NONE: about many people alike
    ring: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A tie a member of staff has declared."""

    user: int
    subject: int
    kind: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A record somebody watches over."""

    subject: int
    kind: str  # high_profile, staff, protected
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an earlier matter about a member of staff ended."""

    user: int
    decision: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A record's id in another system; `other` is the record merged into it, NONE for none."""

    subject: int
    other: int


@dataclass(slots=True, kw_only=True)  # grows while stories are told
class Draft:
    """What a story writes while it is told; the one thing here that grows."""

    next_case: int
    visits: list[Visits] = field(default_factory=list)
    cases: list[Cases] = field(default_factory=list)
    parts: list[Parts] = field(default_factory=list)
    taskings: list[Taskings] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    links: list[Links] = field(default_factory=list)
    declared: list[Declared] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)

    def open_case(  # noqa: PLR0913 the parts of one made-up record, each named
        self, type_: int, people: Ints, *, part: Ints | int, area: int, opened: int, closed: int
    ) -> int:
        """Open a case on these people; the number it was given."""
        number = self.next_case
        self.next_case += 1
        self.cases.append(cases(type_, area=area, opened=np.array([opened]), closed=closed))
        self.parts.append(parts(np.full(len(people), number), subject=people, part=part))
        return number

    def give(  # noqa: PLR0913 the parts of one made-up record, each named
        self, case: int, *, start: int, end: int, job: int, user: int = NONE, team: int = NONE
    ) -> None:
        """Give a case to a user or a team."""
        span = {"start": np.array([start]), "end": np.array([end])}
        self.taskings.append(taskings(np.array([case]), **span, job=job, user=user, team=team))

    def change(self, subject: int, name: int, at: Ints) -> None:
        """Change one field of a record at these moments."""
        where = np.full(len(at), subject)
        self.changes.append(Changes(subject=where, field=np.full(len(at), name), at=at))

    def link(self, subject: int, linked: Ints, relation: int, since: int) -> None:
        """Link a person to others, both ways, by a relation that reads the same both ways."""
        one = np.full(len(linked), subject)
        self.links.append(
            Links(
                subject=np.append(one, linked),
                linked=np.append(linked, one),
                relation=np.full(2 * len(linked), relation),
                since=np.full(2 * len(linked), since),
                until=np.full(2 * len(linked), NONE),
            )
        )

    def book(self) -> Casebook:
        """The pages written."""
        return Casebook(
            cases=stacked([NO_CASES, *self.cases]),
            parts=stacked([NO_PARTS, *self.parts]),
            taskings=stacked([NO_TASKINGS, *self.taskings]),
        )
