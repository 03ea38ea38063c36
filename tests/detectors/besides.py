"""What else the log and records of an ordinary force say: who asked, where from, who is watched.

Each draws from a generator of its own, so that none changes what another draws.
"""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_SPARE_DESKS = 10  # of each station; nobody has one of their own
_TEAM = 6  # members of staff at one station


def said_besides(events: pa.Table, *, seed: int) -> pa.Table:
    """The rows of the log with who asked for each, and from which terminal it was made."""
    user, names = _coded(events, "user_id")
    person, _ = _coded(events, "subject_id")
    asked = _asked_by(user, person, names, chance=np.random.default_rng((seed, 11)))
    at = events["occurred_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    places = _places(user, at, chance=np.random.default_rng((seed, 12)))
    columns = {"requester_id": asked, **places}
    for name, values in columns.items():
        events = events.append_column(name, pa.array(values, pa.string()))
    return events


def watched_records(people: int, *, seed: int) -> pa.Table:
    """One person in fifty is watched."""
    chosen = np.flatnonzero(np.random.default_rng((seed, 13)).random(people) < 0.02)
    return pa.table(
        {
            "subject_id": [f"P{number:06d}" for number in chosen],
            "kind": ["high_profile"] * chosen.size,
        }
    )


def outcomes(users: int, *, days: int, first: datetime, seed: int) -> pa.Table:
    """Advice given to most members of staff, at some time of late; it changes nothing they do."""
    chance = np.random.default_rng((seed, 14))
    chosen = np.flatnonzero(np.arange(users) % 5 != 2)  # the user of the stories has none
    when = chance.integers(days // 2, days, chosen.size)
    return pa.table(
        {
            "user_id": [f"U{number:04d}" for number in chosen],
            "decision": ["advice"] * chosen.size,
            "decided_at": [(first + timedelta(days=int(day))).replace(tzinfo=None) for day in when],
        }
    )


def _coded(events: pa.Table, name: str) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    names, code = np.unique(np.array(events[name].to_pylist()), return_inverse=True)
    return code.astype(np.int64), names


def _asked_by(
    user: NDArray[np.int64],
    person: NDArray[np.int64],
    names: NDArray[np.str_],
    *,
    chance: np.random.Generator,
) -> list[str | None]:
    """Two engagements in five are for a colleague, most of them for one of a few."""
    pairs, place = np.unique(user * 1_000_000 + person, return_inverse=True)
    for_other = chance.random(pairs.size) < 0.4
    nearby = chance.geometric(0.35, pairs.size)
    who = (pairs // 1_000_000 + nearby) % names.size
    for_other &= who != pairs // 1_000_000
    return [str(names[who[pair]]) if for_other[pair] else None for pair in place]


def _places(
    user: NDArray[np.int64], at: NDArray[np.int64], *, chance: np.random.Generator
) -> dict[str, list[str]]:
    """A desk for the morning and one for the afternoon; on odd days two at once."""
    users = int(user.max()) + 1
    often = chance.beta(1.0, 6.0, users)  # of a user's days, those when two are logged on as one
    key, place = np.unique(user * 100_000 + at // 86_400, return_inverse=True)
    odd = (chance.random(key.size) < often[key // 100_000])[place]
    half = np.where(odd, chance.integers(0, 2, user.size), (at % 86_400 >= 43_200).astype(int))
    station = user // _TEAM + np.where(odd, half, 0)
    desk = (key[place] * 7 + half) % _SPARE_DESKS
    return {
        "terminal_id": [f"D{s}-{d}" for s, d in zip(station, desk, strict=True)],
        "location": [f"S{s}" for s in station],
        "session_id": [f"{k}-{h}" for k, h in zip(key[place], half, strict=True)],
    }
