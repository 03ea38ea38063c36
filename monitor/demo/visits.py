"""Visits: who looked at which record when, and why, before the log turns them into rows."""

from dataclasses import dataclass

from monitor.demo.columns import filled
from monitor.demo.drawing import Ints
from monitor.demo.vocabulary import NONE

BY_HABIT = -2  # let the user's own habit decide
# What a visit is when nothing is said: no case, no requester, everything else by habit.
_UNSAID = {"case": NONE, "requester": NONE, "story": NONE}
_HABITS = dict.fromkeys(("system", "reason", "reference", "action", "opened", "terminal"), BY_HABIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Columns of equal length; NONE or BY_HABIT where nothing is set."""

    at: Ints  # UTC seconds
    user: Ints
    subject: Ints  # NONE: a search that opened nothing
    case: Ints  # the case that is the true reason
    requester: Ints
    system: Ints
    reason: Ints
    reference: Ints  # the case named in the row
    action: Ints
    opened: Ints  # Field
    terminal: Ints
    story: Ints  # index of the story it belongs to, NONE for everyday work

    @property
    def size(self) -> int:
        """Number of visits."""
        return len(self.at)


def visits(at: Ints, *, user: Ints | int, subject: Ints | int, **said: Ints | int) -> Visits:
    """Visits at the given moments; a single number stands for all of them."""
    columns = {**_UNSAID, **_HABITS, **said, "user": user, "subject": subject}
    return Visits(at=at, **{name: filled(value, at) for name, value in columns.items()})
