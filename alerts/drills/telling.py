"""What a shape of made-up misuse is told with, and what it tells."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerts.drills.own_log import OwnLog

Ints = NDArray[np.int64]
Chance = np.random.Generator

NONE: Final = -1  # nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One drill as its shape tells it: a row for each look."""

    user: int
    at: Ints  # seconds since 1970, shape (looks,)
    subject: Ints  # shape (looks,)
    like: Ints  # place in the log of the own row each look copies, shape (looks,)
    covered: NDArray[np.bool_]  # under one of the user's own case references, shape (looks,)
    blank: NDArray[np.bool_]  # without reason and reference, shape (looks,)
    requester: int = NONE  # for whom; -1 for nobody
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


def copied(tell: Teller, at: Ints, *, subject: Ints) -> Told | None:
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


def replaced(told: Told | None, **facts: object) -> Told | None:
    """The same drill with some facts of its own; nothing of none."""
    return None if told is None else replace(told, **facts)  # type: ignore[arg-type]  # facts are fields
