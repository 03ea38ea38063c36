"""Looking up somebody from a place where one has no work."""

from detectors.out_of_area import OutOfArea
from tests.detectors.stories import PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import a_lake

ONE_LOOK = looks(*every([13]))


def living_in(area: str) -> str:
    """Where the person lives."""
    return f"subject_id | area\n {PERSON} | {area}"


def test_somebody_from_where_nobody_works_is_found() -> None:
    found = asked(OutOfArea(), events=ONE_LOOK, subjects=living_in("ELSEWHERE"))

    assert isinstance(found, Said)
    assert found.pvalue < 1e-3
    assert found.says.startswith(
        "of the area this person or their case belongs to, they looked up 0 other people"
    )


def test_somebody_from_a_less_usual_area_is_just_under() -> None:
    found = asked(OutOfArea(), events=ONE_LOOK, subjects=living_in("North"))

    assert isinstance(found, Said)
    assert 0.05 < found.pvalue < 0.5


def test_somebody_from_ones_own_area_is_nothing_unusual() -> None:
    found = asked(OutOfArea(), events=ONE_LOOK, subjects=living_in("East"))

    assert isinstance(found, Said)
    assert found.pvalue == 1.0


def test_somebody_from_elsewhere_in_an_incident_of_ones_own_area_is_nothing_unusual() -> None:
    found = asked(
        OutOfArea(),
        events=ONE_LOOK,
        subjects=living_in("ELSEWHERE"),
        cases="case_ref | area | opened_at\n C-HER | East | 2026-05-12 09:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
    )

    assert isinstance(found, Said)
    assert found.pvalue == 1.0


def test_somebody_who_works_there_is_expected_there() -> None:
    others = [
        row for number in range(30) for row in looks("2026-04-02 09:00", person=f"P-THERE{number}")
    ]
    homes = "\n".join(f"P-THERE{number} | ELSEWHERE" for number in range(30))
    found = asked(
        OutOfArea(),
        events=[*ONE_LOOK, *others],
        subjects=f"{living_in('ELSEWHERE')}\n{homes}",
    )

    assert isinstance(found, Said)
    assert found.observed == 30
    assert found.pvalue > 0.3


def test_of_a_person_without_an_area_nothing_is_said_of_places() -> None:
    assert asked(OutOfArea(), events=ONE_LOOK) is None


def test_with_next_to_nobody_to_compare_with_no_area_is_far() -> None:
    lake = a_lake(
        events=ONE_LOOK, subjects=living_in("East"), staff=f"user_id | role\n {USER} | response"
    )

    assert judged_in(lake, OutOfArea()) is None
