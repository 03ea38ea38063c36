"""The rows a week is judged by, and who may say how strong they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from alerts.features import Feature, Features
from alerts.fusing import Measurement, Strand, fused, measured
from alerts.reference import LEAST_DAYS_OF_USERS, names_of_pairs, reference_of, score_of_users
from alerts.teaching import Taught
from detectors.catalogue import available
from detectors.model import Frame
from tests.alerts.judged_worlds import day_number
from tests.detectors.stories import JUDGED, REFERENCE, a_force_with
from tests.detectors.tables import a_frame

FIRST, END = day_number(REFERENCE), day_number(JUDGED)
ASKED = {"unexplained_breadth", "unexplained_days"}


@dataclass(frozen=True, kw_only=True)
class Listening(Taught):
    """A model that keeps whose rows it was asked to score."""

    columns: tuple[Feature, ...] = ()
    models: tuple[str, ...] = ()
    drills: dict[str, int] = field(default_factory=dict)
    heard: list[NDArray[np.int64]] = field(default_factory=list)

    def score(self, seen: Features, tenth: NDArray[np.int64]) -> NDArray[np.float64]:
        """Nothing; it only listens."""
        self.heard.append(tenth)
        return np.zeros(len(seen.matrix))


@pytest.fixture(scope="module")
def frame() -> Iterator[Frame]:
    """Weeks of ordinary work."""
    with a_force_with(events=()) as lake:
        yield a_frame(lake, REFERENCE, JUDGED)


@pytest.fixture(scope="module")
def counted(frame: Frame) -> Measurement:
    """A detector that asks of users and one that asks of pairs, on the frame."""
    kinds = [kind for kind in available() if kind.name in ASKED]
    return measured(frame, [Strand(detector=kind(), weight=1.0) for kind in kinds])


def test_the_reference_too_is_scored_by_models_of_other_peoples_rows(
    frame: Frame, counted: Measurement
) -> None:
    """Scored by models that learnt from it, it would be too weak, and every night too strong."""
    model = Listening()
    reference_of(frame, counted, first=FIRST, end=END, model=model)
    [told] = model.heard

    assert len(set(told.tolist())) > 5
    assert (told == frame.tenth[(frame.day >= FIRST) & (frame.day < END)]).all()


def test_a_detector_that_began_to_speak_late_is_not_ranked_among_users(
    frame: Frame, counted: Measurement
) -> None:
    first_told = min(frame.day[frame.in_reach(28)].tolist())
    long = reference_of(frame, counted, first=FIRST, end=END)
    short = reference_of(frame, counted, first=FIRST, end=int(first_told) + LEAST_DAYS_OF_USERS - 1)

    assert "unexplained_breadth" in long.settled
    assert "unexplained_breadth" not in short.settled
    assert np.isnan(short.scores["users"]).all()
    assert not np.isnan(long.scores["users"]).all()


def test_a_night_says_nothing_of_users_that_its_reference_could_not(
    frame: Frame, counted: Measurement
) -> None:
    everything = np.ones(frame.rows, dtype=np.bool_)
    night = fused(counted.strands, reference=everything, judged=everything, fold=frame.fold)

    assert np.isnan(score_of_users(night, settled=frozenset())).all()
    assert not np.isnan(score_of_users(night, settled=frozenset({"unexplained_breadth"}))).all()


@pytest.mark.parametrize(
    ("heard", "names"), [(0.6, {"unexplained_days"}), (0.4, set())], ids=["most", "few"]
)
def test_the_evidence_on_a_pair_is_of_strands_that_ask_of_pairs_and_were_heard_on_most_days(
    frame: Frame, counted: Measurement, heard: float, names: set[str]
) -> None:
    """One that begins to speak in the week that is judged makes news of what always was so."""
    found = fused(
        counted.strands,
        reference=frame.day >= FIRST,
        judged=np.zeros(frame.rows, dtype=np.bool_),
        fold=frame.fold,
    )
    silent_until = frame.day.min() + (1.0 - heard) * (frame.day.max() - frame.day.min())
    evidence = {name: np.where(frame.day < silent_until, np.nan, 1.0) for name in ASKED}

    told = names_of_pairs(found, evidence=evidence, day=frame.day)

    assert told == names
    assert found.of(told).weights.sum() == len(names)
