"""Whether somebody looked up is known to the member of staff in private life."""

import pytest

from detectors.known_to_them import KnownToThem
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

LOOKED = looks(*every([11, 12, 13]))
HOME = f"A-OF-{USER}"
RARE = "Rarename"


def named(*people: str, name: str = RARE) -> list[Row]:
    """People on record by one surname."""
    return [{"subject_id": person, "surname": name} for person in people]


def by_name(name: str) -> list[Row]:
    """The member of staff once more, from this year on by another surname."""
    return [
        {
            "user_id": USER,
            "role": "neighbourhood",
            "area": "East",
            "surname": name,
            "valid_from": "2026-01-05 00:00",
        }
    ]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            {"declared_associations": f"user_id | subject_id\n {USER} | {PERSON}"},
            "an association they declared",
        ),
        (
            {"subject_links": f"subject_id | linked_subject_id\n {PERSON} | {HOME}"},
            "linked to their own record or address",
        ),
        (
            {"staff": f"user_id | role | person_subject_id\n U0099 | response | {PERSON}"},
            "a colleague whom they do not manage",
        ),
        (
            {"staff": f"user_id | role | person_subject_id\n {USER} | response | {PERSON}"},
            "their own record",
        ),
    ],
)
def test_a_tie_on_record_is_found_and_named(tables: dict[str, str], said: str) -> None:
    found = asked(KnownToThem(), events=LOOKED, **tables)

    assert isinstance(found, Said)
    assert found.pvalue < 0.1
    assert found.says.startswith(f"ties on record to this person: 1 ({said}); comparable staff")


def test_a_colleague_whom_they_manage_is_no_tie() -> None:
    table = f"""
        user_id | role     | person_subject_id | supervisor_id
        U0099   | response | {PERSON}          | {USER}
    """
    found = asked(KnownToThem(), events=LOOKED, staff=table)

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_an_association_that_has_ended_is_no_tie() -> None:
    table = f"user_id | subject_id | valid_to\n {USER} | {PERSON} | 2026-04-01 00:00"
    found = asked(KnownToThem(), events=LOOKED, declared_associations=table)

    assert isinstance(found, Said)
    assert found.pvalue == 1.0


def test_five_families_of_a_rare_surname_are_found() -> None:
    others = [f"P-NAMED{number}" for number in range(4)]
    events = [row for person in others for row in looks(f"{LAST_DAY} 08:00", person=person)]
    found = asked(
        KnownToThem(),
        events=[*LOOKED, *events],
        subjects=named(PERSON, *others),
        staff=by_name(RARE),
    )

    assert isinstance(found, Said)
    assert found.pvalue < 1e-3
    assert found.says.startswith("bears their surname, as do 5 families among ")


def test_one_family_is_counted_once() -> None:
    others = [f"P-NAMED{number}" for number in range(4)]
    events = [row for person in others for row in looks(f"{LAST_DAY} 08:00", person=person)]
    found = asked(
        KnownToThem(),
        events=[*LOOKED, *events],
        subjects=named(PERSON, *others),
        subject_links=[{"subject_id": PERSON, "linked_subject_id": person} for person in others],
        staff=by_name(RARE),
    )

    assert isinstance(found, Said)
    assert found.says.startswith("bears their surname, as do 1 families")


def test_a_namesake_of_a_common_name_is_just_under() -> None:
    found = asked(
        KnownToThem(),
        events=LOOKED,
        subjects=named(PERSON, name="Name001"),
        staff=by_name("NAME001"),
    )

    assert isinstance(found, Said)
    assert found.pvalue > 0.2


def test_a_stranger_by_another_name_says_nothing_unusual() -> None:
    found = asked(KnownToThem(), events=LOOKED, subjects=named(PERSON, name="Name149"))

    assert isinstance(found, Said)
    assert found.pvalue == 1.0


def test_with_next_to_nobody_to_compare_with_no_tie_is_told() -> None:
    lake = a_lake(
        events=LOOKED,
        staff=f"user_id | role | person_subject_id\n {USER} | response | {PERSON}",
    )

    assert judged_in(lake, KnownToThem()) is None
