"""Drills are made-up misuse in the force's own habits, the same for the same seed."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from alerts.drills import SHAPES, OwnLog, Woven, own_log, woven
from alerts.drills.telling import Teller
from detectors.model import Frame
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.tables import a_frame

START, END = "2026-03-16", "2026-05-11"
DAY = 86_400
GENERIC = ("anything", "burst", "star_and_ring", "drip", "growing", "off_duty", "camouflaged")


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake of an ordinary force."""
    connection = an_ordinary_force(OrdinaryForce())
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def frame(lake: duckdb.DuckDBPyConnection) -> Frame:
    """Eight weeks of it."""
    return a_frame(lake, START, END)


@pytest.fixture(scope="module")
def log(frame: Frame) -> OwnLog:
    """What it offers a drill."""
    return own_log(frame)


@pytest.fixture(scope="module")
def told(frame: Frame, log: OwnLog) -> Woven:
    """One round of generic drills."""
    return woven(frame.connection, log, shapes=GENERIC, share=0.5, seed=3)


def test_the_same_seed_tells_the_same_rows_and_another_seed_others(
    frame: Frame, log: OwnLog, told: Woven
) -> None:
    again = woven(frame.connection, log, shapes=GENERIC, share=0.5, seed=3)
    other = woven(frame.connection, log, shapes=GENERIC, share=0.5, seed=4)

    assert again.rows.equals(told.rows)
    assert not other.rows.equals(told.rows)


def test_nobody_is_drilled_twice_in_one_round(told: Woven) -> None:
    users = [drill.user_no for drill in told.drills]

    assert len(users) > 20
    assert len(set(users)) == len(users)


def test_drills_stay_inside_the_window(told: Woven, log: OwnLog) -> None:
    assert all(log.start <= drill.first_at <= drill.last_at < log.end for drill in told.drills)


def test_every_row_is_of_a_drilled_pair_and_says_what_the_user_ever_says(
    told: Woven, frame: Frame
) -> None:
    pairs = {(d.user_no, no) for d in told.drills for no in d.subject_nos.tolist()}
    rows = told.rows.to_pylist()
    ways = {
        (user, system, terminal)
        for user, system, terminal in frame.connection.execute(
            "select distinct user_no, system, terminal_id from access"
        ).fetchall()
    }

    assert {(row["user_no"], row["subject_no"]) for row in rows} <= pairs
    assert all((row["user_no"], row["system"], row["terminal_id"]) in ways for row in rows)


def test_a_drip_falls_into_the_users_own_working_times(frame: Frame, log: OwnLog) -> None:
    drips = woven(frame.connection, log, shapes=["drip"], share=0.3, seed=5)
    nearest = [
        np.abs(log.times_of(row["user_no"]) - int(row["occurred_at"].timestamp())).min()
        for row in drips.rows.to_pylist()
    ]

    assert len(nearest) > 20
    assert np.quantile(nearest, 0.95) < 2 * 3600


def test_a_busy_day_draws_no_more_of_a_drill_than_a_quiet_one(log: OwnLog) -> None:
    """Else how busy a day was would tell a drill from the rest."""
    busier = []
    for user in log.users.tolist():
        _, rows = np.unique(log.times_of(user) // DAY, return_counts=True)
        for seed in range(4):
            chance = np.random.default_rng(seed)
            teller = Teller(log=log, chance=chance, strength=0.5, user=user)
            spell = SHAPES["burst"][1](teller)
            assert spell is not None
            on_the_day = (log.times_of(user) // DAY == spell.at[0] // DAY).sum()
            busier.append(on_the_day > np.median(rows))

    assert len(busier) > 100
    assert np.mean(busier) < 0.6


def test_a_drill_off_duty_falls_mostly_where_the_user_never_works(log: OwnLog) -> None:
    shape = SHAPES["off_duty"][1]
    apart = []
    for seed, user in enumerate(log.users[:20].tolist()):
        tale = shape(Teller(log=log, chance=np.random.default_rng(seed), strength=0.8, user=user))
        assert tale is not None
        apart += [np.abs(log.times_of(user) - at).min() for at in tale.at.tolist()]

    assert np.median(apart) > 2 * 3600


def test_whoever_waits_for_news_looks_within_hours_of_it(log: OwnLog) -> None:
    shape = SHAPES["new_entry"][1]
    waits = []
    for seed, user in enumerate(log.users[:60].tolist()):
        tale = shape(Teller(log=log, chance=np.random.default_rng(seed), strength=0.8, user=user))
        if tale is not None:
            entered = log.entries.of(int(tale.subject[0]))
            waits += [int((at - entered[entered <= at]).min()) for at in tale.at.tolist()]

    assert len(waits) > 20
    assert np.median(waits) < 3 * 3600


def test_a_stronger_drill_is_longer(log: OwnLog) -> None:
    user = int(log.users[0])

    def looks(strength: float) -> float:
        tales = [
            SHAPES["burst"][1](
                Teller(log=log, chance=np.random.default_rng(seed), strength=strength, user=user)
            )
            for seed in range(20)
        ]
        return float(np.mean([tale.at.size for tale in tales if tale is not None]))

    assert looks(0.9) > 2 * looks(0.1)


def test_woven_rows_are_visits_of_the_frame_that_is_laid_with_them(
    lake: duckdb.DuckDBPyConnection, frame: Frame, told: Woven
) -> None:
    from detectors.framing import framed
    from tests.detectors.tables import LIMITS, feeds_of

    with lake.cursor() as cursor:
        drilled = framed(cursor, frame.window, limits=LIMITS, feeds=feeds_of(lake), woven=told.rows)
        seen = set(cursor.execute("select distinct user_no, subject_no from visit").fetchall())

    assert drilled.rows > frame.rows
    assert {(d.user_no, no) for d in told.drills for no in d.subject_nos.tolist()} <= seen


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_shape_without_what_it_needs_tells_nothing_and_no_shape_breaks(
    name: str, log: OwnLog
) -> None:
    for seed, user in enumerate(log.users[:8].tolist()):
        tale = SHAPES[name][1](
            Teller(log=log, chance=np.random.default_rng(seed), strength=0.5, user=user)
        )

        assert tale is None or (
            tale.at.size == tale.subject.size == tale.like.size > 0
            and (np.diff(tale.at) >= 0).all()
        )
