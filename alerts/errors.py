"""Trouble an alert can meet: each class with the exit code the shell gives it.

PsdmonError                     1   (never raised itself)
├── Misused                     2   usage or settings: what was asked for cannot be
├── DataRefused                 3   a file or a row set that cannot be taken
├── IntegrityBroken             4   chain, lake or store is not what it was
├── NotPermitted                5   role, conflict or missing purpose
└── Busy                       75   somebody else holds it; try again
"""

from typing import ClassVar


class PsdmonError(Exception):
    """Something a person can do something about; says the thing, its place and what is possible."""

    exit_code: ClassVar[int] = 1


class Misused(PsdmonError):
    """What was asked for cannot be: a command, a setting, an action that does not fit the state."""

    exit_code: ClassVar[int] = 2


class DataRefused(PsdmonError):
    """Data that cannot be taken, with its place."""

    exit_code: ClassVar[int] = 3


class IntegrityBroken(PsdmonError):
    """A record is not what was written."""

    exit_code: ClassVar[int] = 4


class NotPermitted(PsdmonError):
    """This person may not do this now; says what would allow it."""

    exit_code: ClassVar[int] = 5


class Busy(PsdmonError):
    """Another run holds what this one needs; nothing was changed."""

    exit_code: ClassVar[int] = 75
