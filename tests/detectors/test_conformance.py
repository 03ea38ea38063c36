"""What holds for every detector there is, and for the next one without a line added here."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import ClassVar

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from alerts.wording import forbidden_words
from detectors import model
from detectors.catalogue import available
from detectors.model import ASKS_OF, Abstention, Detector, Frame, Measured, Row
from monitor.lake.shape import TABLES
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.patterns import PATTERNS, pattern_of
from tests.detectors.stories import (
    END,
    JUDGED,
    LAST_DAY,
    PERSON,
    REFERENCE,
    USER,
    a_force_with,
    days_since,
    every,
    looks,
    place_of,
    readings,
)
from tests.detectors.tables import a_frame, a_lake, load

HEADINGS = ("Statistic:", "Assumes:", "False alarms:", "Blind to:", "Source:")
LEAST_TOLD = 0.2  # of all rows
# Returning faster needs four days of looks, which few pairs have.
LEAST_TOLD_OF_FEW = {"returning_faster": 0.05}

every_detector = pytest.mark.parametrize("kind", available(), ids=lambda kind: str(kind.name))
Kind = type[Detector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a detector counted and said on the judged week of the ordinary force."""

    frame: Frame
    measured: Measured
    tested: model.Tested  # of the judged rows alone, both folds
    rows: NDArray[np.int64]  # their places


@pytest.fixture(scope="module")
def ordinary() -> Iterator[Frame]:
    """The frame of the ordinary force, for tests that only look at it."""
    with a_force_with() as lake:
        yield a_frame(lake, REFERENCE, END)


@pytest.fixture(scope="module")
def judgement_of(ordinary: Frame) -> Callable[[Kind], Judgement]:
    """Each detector's judgement on that frame, made once for the tests that only look at it."""
    return cache(lambda kind: judgement(kind(), ordinary))


def judgement(detector: Detector, frame: Frame) -> Judgement:
    """A detector's judgement on a frame."""
    measured = detector.measure(frame)
    assert isinstance(measured, Measured)
    places, parts = [], []
    for fold in (0, 1):
        chosen = (frame.day >= days_since(JUDGED)) & (frame.fold == fold)
        places.append(np.flatnonzero(chosen))
        parts.append(readings(detector, frame, measured, chosen))
    columns = {
        item.name: np.concatenate([getattr(part, item.name) for part in parts])
        for item in fields(model.Tested)
    }
    return Judgement(
        frame=frame, measured=measured, tested=model.Tested(**columns), rows=np.concatenate(places)
    )


@every_detector
def test_a_detector_is_a_frozen_slotted_dataclass_of_its_parameters(kind: Kind) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # known to dataclass only
    assert hasattr(kind, "__slots__")
    assert [item.name for item in fields(kind)] == [
        item.name for item in fields(kind) if item.default is not inspect.Parameter.empty
    ]
    kind()


@every_detector
def test_a_detector_says_what_it_is_called_and_what_it_needs(kind: Kind) -> None:
    module = inspect.getmodule(kind)
    annotations = inspect.get_annotations(kind)

    assert module is not None
    assert kind.name == module.__name__.removeprefix("detectors.")
    assert kind.version >= 1
    assert kind.unit
    assert kind.asks_of in ASKS_OF
    assert kind.needs | kind.sharpened_by <= set(TABLES)
    assert not kind.needs & kind.sharpened_by
    assert all(
        annotations[name].__origin__ is ClassVar
        for name in ("name", "version", "unit", "asks_of", "needs", "sharpened_by")
    )


@every_detector
def test_a_docstring_asks_a_question_and_gives_the_five_answers_in_order(kind: Kind) -> None:
    text = inspect.getdoc(kind) or ""
    said = [line.split(":")[0] + ":" for line in text.splitlines()[2:] if line[:1].isalpha()]

    assert text.splitlines()[0].endswith("?")
    assert tuple(said) == HEADINGS


@every_detector
def test_a_detector_without_its_feeds_declines_aloud_and_says_why(kind: Kind) -> None:
    lake = a_lake(events=looks(*every([1, 5, 12, 13])))

    outcome = declined(kind(), a_frame(lake, REFERENCE, END))

    if isinstance(outcome, Abstention):
        assert (outcome.detector, outcome.version) == (kind.name, kind.version)
        assert len(outcome.reason.split()) >= 5
        assert forbidden_words(outcome.reason) == ()
    else:
        assert not kind.needs


def declined(detector: Detector, frame: Frame) -> Abstention | Measured:
    """The frame measured, or why not: as fusing asks."""
    from alerts.fusing import Strand, measured

    found = measured(frame, [Strand(detector=detector, weight=1.0)])
    return found.abstentions[0] if found.abstentions else found.strands[0].measured


@every_detector
def test_counts_are_laid_on_the_rows_of_the_frame(
    kind: Kind, judgement_of: Callable[[Kind], Judgement]
) -> None:
    judged = judgement_of(kind)
    frame, measured = judged.frame, judged.measured

    assert measured.rows == frame.rows > 1000
    assert {column.shape for column in measured.counts.values()} == {(frame.rows,)}
    assert (measured.user_no == frame.user_no).all()
    assert (measured.focus_no == frame.focus_no).all()
    assert all((column[~np.isnan(column)] >= 0).all() for column in measured.counts.values())


@every_detector
def test_a_pvalue_is_a_probability_and_evidence_is_never_negative(
    kind: Kind, judgement_of: Callable[[Kind], Judgement]
) -> None:
    judged = judgement_of(kind)
    told = ~np.isnan(judged.tested.pvalue)
    pvalue, evidence = judged.tested.pvalue[told], judged.tested.evidence_value[told]

    assert told.mean() > LEAST_TOLD_OF_FEW.get(kind.name, LEAST_TOLD)
    assert ((pvalue > 0) & (pvalue <= 1)).all()
    assert (evidence > 0).all()
    assert np.isfinite(evidence).all()


@every_detector
def test_what_is_told_is_told_whole_and_what_is_not_is_nowhere(
    kind: Kind, judgement_of: Callable[[Kind], Judgement]
) -> None:
    judged = judgement_of(kind)
    told = ~np.isnan(judged.tested.pvalue)

    for name in ("evidence_value", "observed", "expected", "span"):
        assert not np.isnan(getattr(judged.tested, name)[told]).any(), name
    assert np.isnan(judged.tested.evidence_value[~told]).all()


@every_detector
def test_small_pvalues_come_with_much_evidence(
    kind: Kind, judgement_of: Callable[[Kind], Judgement]
) -> None:
    judged = judgement_of(kind)
    told = ~np.isnan(judged.tested.pvalue)
    pvalue, evidence = judged.tested.pvalue[told], judged.tested.evidence_value[told]

    assert evidence[pvalue < 0.01].min(initial=np.inf) > 1.5
    assert evidence[pvalue > 0.5].max(initial=0.0) < 2.5


@pytest.fixture(scope="module")
def told_in_two_orders() -> Sequence[dict[str, list[str]]]:
    """What each detector says of a small force, its rows loaded in two orders."""
    lake = an_ordinary_force(OrdinaryForce(users=24, seed=3))
    told = []
    for seed in (0, 9):
        shuffle(lake, seed=seed)
        frame = a_frame(lake, REFERENCE, END)
        told.append({kind.name: said_by_text(kind(), frame) for kind in available()})
    return told


@every_detector
def test_the_order_in_which_rows_were_loaded_changes_nothing(
    kind: Kind, told_in_two_orders: Sequence[dict[str, list[str]]]
) -> None:
    one, other = told_in_two_orders

    assert one[kind.name] == other[kind.name]


def shuffle(lake: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Every table with its rows in another order."""
    for name in ("events", *TABLES):
        rows = lake.sql(f"from {name}").to_arrow_table()
        order = np.random.default_rng(seed).permutation(rows.num_rows)
        lake.execute(f"delete from {name}")
        load(lake, name, rows.take(pa.array(order)))


def said_by_text(detector: Detector, frame: Frame) -> list[str]:
    """Every number a detector counts and tells, as text, so that NaN equals NaN."""
    judged = judgement(detector, frame)
    columns = [*judged.measured.counts.values(), judged.tested.pvalue, judged.tested.evidence_value]
    return [str(column.tolist()) for column in columns]


@pytest.fixture(scope="module")
def with_and_without_a_stranger() -> Sequence[dict[str, str]]:
    """What each detector counts of one pair, with and without somebody who never meets it."""
    events = looks(*every(range(1, 14)))
    stranger = looks(*every(range(1, 14)), user="U0500", person="P-ELSEWHERE")
    counted = []
    for given in (events, events + stranger):
        with a_force_with(events=given) as lake:
            frame = a_frame(lake, REFERENCE, END)
            counted.append({kind.name: counts_of_pair(kind(), frame) for kind in available()})
    return counted


def counts_of_pair(detector: Detector, frame: Frame) -> str:
    """What is counted of the one pair, as text."""
    measured = detector.measure(frame)
    assert isinstance(measured, Measured)
    place = place_of(frame, on=LAST_DAY)
    return str({name: column[place] for name, column in measured.counts.items()})


@every_detector
def test_a_user_who_has_nothing_to_do_with_a_pair_changes_no_count_of_it(
    kind: Kind, with_and_without_a_stranger: Sequence[dict[str, str]]
) -> None:
    without, with_one = with_and_without_a_stranger

    assert without[kind.name] == with_one[kind.name]


@pytest.fixture(scope="module")
def framed_twice() -> Sequence[dict[str, dict[tuple[object, ...], str]]]:
    """What each detector counts of the same pair-days in two windows that overlap."""
    lake = an_ordinary_force(OrdinaryForce(users=40, days=190, seed=5))
    counted = []
    for start, end in (("2026-05-04", "2026-06-22"), ("2026-04-13", "2026-06-01")):
        frame = a_frame(lake, start, end)
        counted.append({kind.name: counts_by_pair_day(kind(), frame) for kind in available()})
    return counted


def counts_by_pair_day(detector: Detector, frame: Frame) -> dict[tuple[object, ...], str]:
    """What is counted of each user, person and day, as text."""
    measured = detector.measure(frame)
    assert isinstance(measured, Measured)
    rows = frame.connection.execute("""
        select user_id, subject_id, day::varchar from active
        join user_code using (user_no) join subject_code using (subject_no) order by row_no
    """).fetchall()
    told = zip(*(column.tolist() for column in measured.counts.values()), strict=True)
    return dict(zip(rows, map(str, told), strict=True))


@every_detector
def test_a_scan_and_a_replay_that_frame_other_weeks_count_the_same_of_a_day(
    kind: Kind, framed_twice: Sequence[dict[str, dict[tuple[object, ...], str]]]
) -> None:
    one, other = (counted[kind.name] for counted in framed_twice)
    of_both = set(one) & set(other)

    assert len(of_both) > 300
    assert {row: one[row] for row in of_both} == {row: other[row] for row in of_both}


@pytest.fixture(scope="module")
def of_growing_strength() -> Sequence[dict[str, float]]:
    """What each detector says of the pattern it asks about, from weak to strong."""
    told = []
    for strength in range(1, 7):
        said: dict[str, float] = {}
        for pattern in PATTERNS:
            asked = [kind for kind in available() if pattern_of(kind.name) is pattern]
            with a_force_with(**pattern(strength)) as lake:
                frame = a_frame(lake, REFERENCE, END)
                place = place_of(frame, on=LAST_DAY)
                for kind in asked:
                    found = judgement(kind(), frame)
                    said[kind.name] = float(found.tested.pvalue[found.rows == place][0])
        told.append(said)
    return told


@every_detector
def test_more_of_the_pattern_never_makes_it_less_rare(
    kind: Kind, of_growing_strength: Sequence[dict[str, float]]
) -> None:
    """More days, more looks on each, and more of the people around: all at once."""
    pvalues = np.nan_to_num([told[kind.name] for told in of_growing_strength], nan=1.0).tolist()

    assert pvalues == sorted(pvalues, reverse=True)
    assert pvalues[-1] < pvalues[0]


@every_detector
@pytest.mark.parametrize("observed", [0.0, 1.0, 7.0, 2000.0])
def test_the_words_name_no_person_and_claim_no_more_than_a_log_can_show(
    kind: Kind, judgement_of: Callable[[Kind], Judgement], observed: float
) -> None:
    counts = dict.fromkeys(judgement_of(kind).measured.counts, observed)
    row = Row(observed=observed, expected=1.25, span=28.0, role="response", counts=counts)

    says = kind().words(row)

    assert forbidden_words(says) == ()
    assert "response" in says
    assert f"{observed:.0f}" in says
    assert not {USER, PERSON} & set(says.split())
    assert "nan" not in says
    assert says == says.strip()
    assert not says.endswith(".")


@every_detector
def test_the_same_frame_is_judged_the_same_twice(kind: Kind, ordinary: Frame) -> None:
    assert said_by_text(kind(), ordinary) == said_by_text(kind(), ordinary)
