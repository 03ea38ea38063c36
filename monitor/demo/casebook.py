"""Cases, who is in them and who was given them."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.columns import filled, stacked
from monitor.demo.drawing import Ints, Ragged, ragged, scrambled
from monitor.demo.vocabulary import NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Shape (cases,); UTC seconds, NONE where a case is still open."""

    type: Ints
    area: Ints
    opened: Ints
    closed: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Who is what in which case, shape (rows,)."""

    case: Ints
    subject: Ints
    part: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Taskings:
    """Work given to a user or a team, shape (rows,); the other of the two is NONE."""

    case: Ints
    start: Ints  # UTC seconds
    end: Ints
    job: Ints
    user: Ints
    team: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """All that is written down about work; case numbers are places in `cases`."""

    cases: Cases
    parts: Parts
    taskings: Taskings

    @property
    def size(self) -> int:
        """Number of cases."""
        return len(self.cases.type)

    def subjects(self) -> Ragged:
        """The records in each case."""
        return ragged(self.parts.case, self.parts.subject, lists=self.size)

    def references(self) -> list[str]:
        """The reference of each case; its number tells nothing of when or why it was made."""
        return [f"CR{number:07d}" for number in scrambled(np.arange(self.size), salt=3)]

    def with_more(self, more: "Casebook") -> "Casebook":
        """This book with further pages, whose case numbers already run on from this one's."""
        return Casebook(
            cases=stacked([self.cases, more.cases]),
            parts=stacked([self.parts, more.parts]),
            taskings=stacked([self.taskings, more.taskings]),
        )


def cases(type_: Ints | int, *, area: Ints | int, opened: Ints, closed: Ints | int) -> Cases:
    """Cases opened and closed at these moments; a single number stands for all of them."""
    return Cases(
        type=filled(type_, opened),
        area=filled(area, opened),
        opened=opened,
        closed=filled(closed, opened),
    )


def parts(case: Ints, *, subject: Ints, part: Ints | int) -> Parts:
    """Who is what in these cases."""
    return Parts(case=case, subject=subject, part=filled(part, case))


def taskings(  # noqa: PLR0913 the parts of one made-up record, each named
    case: Ints,
    *,
    start: Ints,
    end: Ints,
    job: Ints | int,
    user: Ints | int = NONE,
    team: Ints | int = NONE,
) -> Taskings:
    """Work given on these cases; a single number stands for all of them."""
    return Taskings(
        case=case,
        start=start,
        end=end,
        job=filled(job, case),
        user=filled(user, case),
        team=filled(team, case),
    )
