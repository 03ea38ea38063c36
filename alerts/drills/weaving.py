"""Drills told one after another, and their rows as the frame's `access` holds rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alerts.drills.own_log import OwnLog
from alerts.drills.shapes import SHAPES
from alerts.drills.telling import Teller, Told

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One made-up misuse: what it is, and whose rows it is made of."""

    shape: str
    typology: str  # of DOMAIN.md 1.2; empty for a generic one
    strength: float  # 0 to 1
    user_no: int
    subject_nos: Ints  # distinct, shape (people,)
    first_at: int  # seconds since 1970
    last_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Woven:
    """Drills and their rows."""

    drills: tuple[Drill, ...]
    rows: pa.Table  # with the columns of `access`


def woven(  # noqa: PLR0913 what a round hangs on, each named
    connection: duckdb.DuckDBPyConnection,
    log: OwnLog,
    *,
    shapes: Sequence[str],
    share: float,
    seed: int,
    strength: float | None = None,
) -> Woven:
    """One round of drills, at most one for each member of staff.

    Args:
        connection: of the frame the log was read from; its `access` is copied from.
        log: what the force's own log offers.
        shapes: names of shapes, used in turn.
        share: of the members of staff that are drilled, 0 to 1.
        strength: of every drill, 0 to 1; of each drill's own chance where it is not given.
        seed: of the round; the same log, shapes, share and seed make the same rows.
    """
    chance = np.random.default_rng(seed)
    users = chance.permutation(log.users)[: round(share * log.users.size)]
    drills, told = [], []
    for turn, user in enumerate(users.tolist()):
        name = shapes[turn % len(shapes)]
        typology, shape = SHAPES[name]
        drawn = float(chance.random())
        strong = drawn if strength is None else strength
        tale = shape(Teller(log=log, chance=chance, strength=strong, user=user))
        if tale is None:
            continue
        told.append(tale)
        drills.append(
            Drill(
                shape=name,
                typology=typology,
                strength=strong,
                user_no=user,
                subject_nos=np.unique(tale.subject),
                first_at=int(tale.at[0]),
                last_at=int(tale.at[-1]),
            )
        )
    return Woven(drills=tuple(drills), rows=_rows(connection, log, told=told, chance=chance))


def _rows(
    connection: duckdb.DuckDBPyConnection,
    log: OwnLog,
    *,
    told: Sequence[Told],
    chance: np.random.Generator,
) -> pa.Table:
    """The looks as rows of `access`: copies of own rows with another record, time and cover."""
    looks = pa.table(
        {
            "place": pa.array(np.concatenate([log.place[t.like] for t in told] or [_NO_ROWS])),
            "cover": pa.array(
                np.concatenate(
                    [log.place[chance.choice(log.rows_of.of(t.user), t.at.size)] for t in told]
                    or [_NO_ROWS]
                )
            ),
            "subject_no": pa.array(np.concatenate([t.subject for t in told] or [_NO_ROWS])),
            "at": pa.array(np.concatenate([t.at for t in told] or [_NO_ROWS])),
            "covered": pa.array(np.concatenate([t.covered for t in told] or [_NO_FLAGS])),
            "blank": pa.array(np.concatenate([t.blank for t in told] or [_NO_FLAGS])),
            "requester": pa.array(
                np.concatenate([np.full(t.at.size, t.requester) for t in told] or [_NO_ROWS])
            ),
            "other_system": pa.array(
                [
                    t.systems[n % len(t.systems)] if t.systems else None
                    for t in told
                    for n in range(t.at.size)
                ],
                pa.string(),
            ),
            "away": pa.array(
                np.concatenate([np.full(t.at.size, t.taken_away) for t in told] or [_NO_FLAGS])
            ),
        }
    )
    connection.register("drill_look", looks)
    rows: pa.Table = connection.sql("""
        select a.* replace (
                   d.subject_no as subject_no,
                   case when d.requester >= 0 then d.requester end as requester_no,
                   case when d.covered and not d.blank then c.case_ref end as case_ref,
                   make_timestamp(d.at * 1000000) as occurred_at,
                   make_timestamp(d.at * 1000000)::date as day,
                   case when not d.blank then a.reason end as reason,
                   case when not d.blank then a.reason_code end as reason_code,
                   coalesce(d.other_system, a.system) as system,
                   case when d.away then 'export' else a.action end as action)
        from drill_look d join access a on a.rowid = d.place join access c on c.rowid = d.cover
        order by a.user_no, d.at, d.subject_no
    """).to_arrow_table()
    connection.unregister("drill_look")
    return rows


_NO_ROWS = np.zeros(0, dtype=np.int64)
_NO_FLAGS = np.zeros(0, dtype=np.bool_)
