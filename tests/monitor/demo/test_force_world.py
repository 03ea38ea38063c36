"""What happens in a made-up force: work that explains itself, look-alikes, misuse woven in."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np
import pytest

from alerts.errors import Misused
from monitor.demo import Force, ForcePlan, MisuseCase, inject, make_force, truth_of
from monitor.demo.commissions import EVERY_TYPOLOGY
from monitor.demo.plan import EVERY_LOOKALIKE
from monitor.demo.rows import is_machine
from monitor.demo.vocabulary import NONE, Action
from monitor.demo.zone import DAY

# Explained by a tasking of one's own or of one's team on a case that holds the record.
EXPLAINED = """
    SELECT staff.role, avg((given.user_id IS NOT NULL)::INT) AS share
    FROM read_parquet('{events}') AS events
    JOIN read_parquet('{staff}') AS staff USING (user_id)
    LEFT JOIN (
        SELECT DISTINCT s2.user_id, subject_id
        FROM read_parquet('{taskings}') AS taskings
        JOIN read_parquet('{case_subjects}') AS parties USING (case_ref)
        JOIN read_parquet('{staff}') AS s2
          ON s2.user_id = taskings.user_id OR s2.team = taskings.team
    ) AS given ON given.user_id = events.user_id AND given.subject_id = events.subject_id
    WHERE events.subject_id IS NOT NULL
    GROUP BY staff.role
"""


def _of(force: Force, typology: str) -> int:
    return next(n for n, story in enumerate(force.stories) if story.typology == typology)


def _rows_of(force: Force, typology: str) -> np.ndarray:
    return np.flatnonzero(force.rows.story == _of(force, typology))


def test_call_handlers_explain_themselves_and_the_beat_does_not(
    written: Mapping[str, Path],
) -> None:
    with duckdb.connect() as connection:
        shares = dict(connection.execute(EXPLAINED.format(**written)).fetchall())

    assert shares["control_room"] > 0.9
    assert shares["neighbourhood"] < 0.4
    assert 0.5 < shares["detective"] < 0.95


def test_most_work_is_on_duty_and_some_is_not(small_force: Force) -> None:
    rows = small_force.rows
    on_duty = small_force.world.roster.duty_at(rows.user.astype(np.int64), rows.at) != NONE
    people = ~is_machine(small_force.world)[rows.user]

    assert 0.9 < on_duty[people].mean() < 0.995


def test_innocent_repetition_has_a_heavy_tail_in_every_common_role(small_force: Force) -> None:
    rows, staff = small_force.rows, small_force.world.staff
    everyday = (rows.story == NONE) & (rows.subject != NONE)
    pairs = np.stack([rows.user[everyday], rows.subject[everyday], rows.at[everyday] // DAY])
    users, counts = np.unique(np.unique(pairs, axis=1)[:2], axis=1, return_counts=True)
    role = staff.role(users[0].astype(np.int64), np.zeros(users.shape[1], dtype=np.int64))

    most = {int(r): int(counts[role == r].max()) for r in (0, 1, 2, 6, 9)}

    assert min(most.values()) >= 8


def test_every_typology_and_every_look_alike_can_be_told(small_force: Force) -> None:
    told = {story.typology for story in small_force.stories}

    assert told == {*EVERY_TYPOLOGY, *EVERY_LOOKALIKE}


def test_misuse_differs_from_work_in_no_trivial_column(small_force: Force) -> None:
    rows = small_force.rows
    strange = {}
    for name in ("system", "reason", "opened", "terminal"):
        column = getattr(rows, name)
        work = np.unique(column[rows.story == NONE])
        misuse = column[rows.story != NONE]
        strange[name] = float(np.mean(~np.isin(misuse, work)))

    # A borrowed terminal is the shared account's own mark, and a rare device may see one story.
    assert strange == {
        "system": 0,
        "reason": 0,
        "opened": 0,
        "terminal": pytest.approx(0, abs=0.01),
    }


def test_misuse_keeps_the_reason_habits_of_its_user(small_force: Force) -> None:
    rows = small_force.rows
    drip = _rows_of(small_force, "drip")
    user = rows.user[drip[0]]
    own = rows.reason[(rows.user == user) & (rows.story == NONE)]

    assert set(rows.reason[drip]) <= {NONE, *own}


def test_misuse_leaves_the_rest_of_the_log_as_it_was() -> None:
    plan = ForcePlan(staff=60, weeks=6, seed=3)
    before = make_force(plan)
    after = inject(before, [MisuseCase(typology="drip", strength="high")], 1)
    kept = after.rows.story < len(before.stories)

    assert np.array_equal(np.sort(after.rows.at[kept]), before.rows.at)
    assert np.array_equal(
        np.sort(after.rows.subject[kept], kind="stable"), np.sort(before.rows.subject)
    )


def test_the_demonstration_has_over_sixty_searches_on_the_peak_day(demonstration: Force) -> None:
    rows = _rows_of(demonstration, "star_and_ring")
    searches = rows[demonstration.rows.action[rows] == Action.SEARCH]
    local = demonstration.world.zone.local(demonstration.rows.at[searches]) // DAY

    assert np.unique(local, return_counts=True)[1].max() > 60


def test_the_demonstration_is_about_somebody_in_no_case_and_a_ring_of_eight(
    demonstration: Force,
) -> None:
    story = demonstration.stories[_of(demonstration, "star_and_ring")]
    in_cases = np.isin([story.focus, *story.ring], demonstration.book.parts.subject)

    assert len(story.ring) == 8
    assert not in_cases[0]
    assert demonstration.world.people.female[story.focus]


def test_a_look_alike_has_a_case_that_holds_its_focus(demonstration: Force) -> None:
    missing = demonstration.stories[_of(demonstration, "missing_person_ring")]
    parts, given = demonstration.book.parts, demonstration.book.taskings
    cases = parts.case[parts.subject == missing.focus]
    own = given.case[given.user == missing.users[0]]

    assert np.isin(cases, own).any()


@pytest.mark.parametrize("name", ["missing_person_ring", "family_liaison", "research_list"])
def test_a_look_alike_is_at_work_only_while_its_case_is_given(
    demonstration: Force, name: str
) -> None:
    story = demonstration.stories[_of(demonstration, name)]
    given, parts = demonstration.book.taskings, demonstration.book.parts
    about = np.isin(given.case, parts.case[parts.subject == story.focus])
    own = about & (given.user == story.users[0])
    at = demonstration.rows.at[_rows_of(demonstration, name)]

    inside = (at[:, None] >= given.start[own]) & (at[:, None] <= given.end[own])

    assert inside.any(axis=1).all()


def test_a_bureau_operator_names_who_asked(demonstration: Force) -> None:
    rows = _rows_of(demonstration, "bureau_relay")
    operator, officer = demonstration.stories[_of(demonstration, "bureau_relay")].users

    assert set(demonstration.rows.user[rows]) == {operator}
    assert set(demonstration.rows.requester[rows]) == {officer}


def test_the_proxy_at_night_falls_at_the_published_minutes(small_force: Force) -> None:
    rows = _rows_of(small_force, "proxy_at_night")
    local = small_force.world.zone.local(small_force.rows.at[rows[[0, -1]]]) % DAY

    # Terminals are up to three minutes wrong, and a screen refreshes itself a little later.
    assert local.tolist() == pytest.approx([2 * 3600 + 120, 5 * 3600 + 960], abs=600)


def test_a_relapse_has_its_warning_on_file_between_two_spans(small_force: Force) -> None:
    story = small_force.stories[_of(small_force, "relapse")]
    warned = [o.at for o in small_force.outcomes if o.user == story.users[0]]
    at = small_force.rows.at[_rows_of(small_force, "relapse")]

    assert any(at[0] < when < at[-1] for when in warned)


def test_nothing_happens_before_the_earliest_day_of_a_case() -> None:
    plan = ForcePlan(staff=60, weeks=8, seed=3)
    force = inject(make_force(plan), [MisuseCase(typology="drip", earliest_day=30)], 1)
    first = next(row for row in truth_of(force) if row["kind"] == "misuse")["first_visit_at"]

    assert first >= "2025-11-05"


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (MisuseCase(typology="gossip"), "typology 'gossip': none of this name; possible: burst"),
        (MisuseCase(typology="drip", strength="huge"), "strength 'huge': none of this name"),
        (MisuseCase(typology="drip", earliest_day=40), "earliest day 40: leaves under two weeks"),
    ],
)
def test_a_case_that_cannot_be_told_says_what_can(case: MisuseCase, says: str) -> None:
    force = make_force(ForcePlan(staff=60, weeks=6, seed=3, lookalikes=()))

    with pytest.raises(Misused, match=says):
        inject(force, [case], 1)


def test_the_demonstration_is_made_in_seconds() -> None:
    began = perf_counter()
    make_force(ForcePlan(staff=60, weeks=10, seed=3))

    assert perf_counter() - began < 5  # 0.4 s on an idle machine
