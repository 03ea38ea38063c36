"""The taught fusion of a home: when it is taught, on which days, and where the record is kept."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.drills import SHAPES, Woven, own_log, woven
from alerts.features import features
from alerts.fusing import Fused, Measurement, Strand, fused, measured, tested_against
from alerts.rarity import DAYS_IN_YEAR
from alerts.teaching import Lesson, Taught, taught
from detectors.framing import framed
from detectors.model import Frame, Window
from detectors.model.frame import PAIR_BASE
from monitor.knowledge import Records, Rules
from monitor.utc_day import day_of, midnight

_ANCHOR: Final = 4  # 1970-01-05, a Monday: terms of whole weeks are counted from here
_DAY_SECONDS: Final = 86_400
_DRILLED_BEFORE: Final = 60  # days before the reference in which a long drill may begin
_LEAST_DRILLS: Final = 1_500  # in all rounds: a small force is drilled more often
_MOST_ROUNDS: Final = 8


class Shelf(Protocol):
    """Where what was taught is kept; one that was taught once is not taught again."""

    def found(self, key: str) -> Taught | None:
        """What was taught under this key, if anything was."""

    def put(self, key: str, model: Taught, *, day: date) -> None:
        """Keep what was taught on a day's history."""


@dataclass(slots=True)  # a shelf is what is put on it
class OpenShelf:
    """A shelf for one replay or one test; it holds as long as it is held."""

    models: dict[str, Taught]

    def found(self, key: str) -> Taught | None:
        """What was put here under this key."""
        return self.models.get(key)

    def put(self, key: str, model: Taught, *, day: date) -> None:  # noqa: ARG002 the day is for those that keep a record
        """Keep it."""
        self.models[key] = model


def term_start(monday: int, *, first_judged: int, term_days: int) -> int:
    """The Monday on which the term of a week began, since 1970-01-01, the first one later.

    Args:
        monday: of the week.
        first_judged: the first day of the history that is judged at all.
        term_days: length of a term, whole weeks.
    """
    begun = monday - (monday - _ANCHOR) % term_days
    return max(begun, min(_monday(first_judged), monday))


def model_of(
    records: Records, rules: Rules, *, start: int, reference: range, shelf: Shelf
) -> Taught | None:
    """What the days before a term teach, from the shelf where it was taught before.

    Args:
        records: what is known.
        rules: how days are judged.
        start: first day of the term, since 1970-01-01.
        reference: days to learn from, since 1970-01-01.
        shelf: where it is kept.
    """
    key = _key(rules, records, start)
    known = shelf.found(key)
    if known is not None:
        return known
    model = _taught(records, rules, reference=reference)
    if model is not None:
        shelf.put(key, model, day=day_of(start))
    return model


def _key(rules: Rules, records: Records, start: int) -> str:
    """What a model is known by: the term, the rules, the code and the feeds it was taught with."""
    said = [start, rules.settings_fingerprint, rules.code_version, sorted(records.feeds)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _taught(records: Records, rules: Rules, *, reference: range) -> Taught | None:
    lessons = lessons_of(records, rules, reference=reference)
    return None if lessons is None else lessons.teach(seed=rules.settings.teaching.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What a stretch of days has to teach: the force's own rows, and each round of drills."""

    own: Lesson
    rounds: tuple[Lesson, ...]
    shapes: tuple[tuple[str, ...], ...]  # of each round, by number of the drill

    def teach(self, *, seed: int) -> Taught | None:
        """What they teach; nothing where there are too few drills to learn from."""
        counted = Counter(shape for shapes in self.shapes for shape in shapes)
        return taught((self.own, *self.rounds), shapes=counted, seed=seed)


def lessons_of(records: Records, rules: Rules, *, reference: range) -> Lessons | None:
    """The lessons of some days; nothing where they are too few or hold nothing.

    Args:
        records: what is known.
        rules: how days are judged, and which shapes are drilled.
        reference: days to learn from, since 1970-01-01.
    """
    if len(reference) == 0:
        return None
    window = Window(start=midnight(day_of(reference.start)), end=midnight(day_of(reference.stop)))
    if _user_years(records, window) < rules.settings.teaching.least_user_years:
        return None
    bench = _Bench(records=records, rules=rules, window=window)
    own = bench.laid(None)
    if own.frame.rows == 0 or not own.measurement.strands:
        return None
    everything = np.ones(own.frame.rows, dtype=np.bool_)
    base = fused(
        own.measurement.strands, reference=everything, judged=everything, fold=own.frame.fold,
        calibrate=False,
    )  # fmt: skip
    # All rounds are told before the first is laid: that overwrites the frame they are told from.
    told = _rounds(records, rules, own.frame)
    return Lessons(
        own=_ordinary(base, own),
        rounds=tuple(_drilled(bench, own, drills) for drills in told),
        shapes=tuple(tuple(drill.shape for drill in drills.drills) for drills in told),
    )


def _rounds(records: Records, rules: Rules, frame: Frame) -> list[Woven]:
    log = own_log(frame, days_before=_DRILLED_BEFORE)
    how = rules.settings.teaching
    per_round = max(round(how.share * log.users.size), 1)
    rounds = int(np.clip(-(-_LEAST_DRILLS // per_round), how.least_rounds, _MOST_ROUNDS))
    shapes = [name for name in SHAPES if name not in how.without]
    return [
        woven(records.connection, log, shapes=shapes, share=how.share, seed=how.seed + turn)
        for turn in range(rounds)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    frame: Frame
    measurement: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    records: Records
    rules: Rules
    window: Window

    def laid(self, drills: Woven | None) -> _Laid:
        """The window's frame with a round of drills in it, measured."""
        frame = framed(
            self.records.connection,
            self.window,
            limits=self.rules.limits,
            feeds=self.records.feeds,
            woven=None if drills is None else drills.rows,
        )
        return _Laid(frame=frame, measurement=measured(frame, self._strands()))

    def _strands(self) -> Sequence[Strand]:
        return self.rules.strands


def _user_years(records: Records, window: Window) -> float:
    """The members of staff with an access in a window, times its length in years."""
    users = records.connection.execute(
        """select count(distinct user_id) from events
           where occurred_at >= $start and occurred_at < $end and not coalesce(is_machine, false)
             and subject_id is not null""",
        {"start": window.start.replace(tzinfo=None), "end": window.end.replace(tzinfo=None)},
    ).fetchall()[0][0]
    return float(users) * window.days / DAYS_IN_YEAR


def _ordinary(base: Fused, own: _Laid) -> Lesson:
    """The force's own rows."""
    frame = own.frame
    rows = np.arange(frame.rows)
    return Lesson(
        features=features(base.strands, rows, scene=own.measurement.scene),
        tenth=frame.tenth[rows],
        drill=np.full(rows.size, -1, dtype=np.int64),
    )


def _drilled(bench: _Bench, own: _Laid, drills: Woven) -> Lesson:
    """The rows of one round of drills, judged by the laws of the log without them."""
    laid = bench.laid(drills)
    frame = laid.frame
    drill = _drill_of(frame, drills)
    rows = np.flatnonzero(drill >= 0)
    strands = tested_against(
        laid.measurement.strands, own.measurement.strands, rows=drill >= 0,
        fold=frame.fold, reference_fold=own.frame.fold,
    )  # fmt: skip
    return Lesson(
        features=features(strands, rows, scene=laid.measurement.scene),
        tenth=frame.tenth[rows],
        drill=drill[rows],
    )


def _drill_of(frame: Frame, drills: Woven) -> NDArray[np.int64]:
    """The number of the drill of each row, from its first look on; -1 for none."""
    pairs = [drill.user_no * PAIR_BASE + drill.subject_nos for drill in drills.drills]
    if not pairs:
        return np.full(frame.rows, -1, dtype=np.int64)
    key = np.concatenate(pairs)
    number = np.repeat(np.arange(len(pairs)), [part.size for part in pairs])
    order = np.argsort(key, kind="stable")
    place = np.searchsorted(key[order], frame.pair_no).clip(0, key.size - 1)
    found = number[order][place]
    first = np.array([drill.first_at // _DAY_SECONDS for drill in drills.drills])
    belongs = (key[order][place] == frame.pair_no) & (frame.day >= first[found])
    return np.where(belongs, found, -1)


def _monday(day: int) -> int:
    return day - (day + 3) % 7
