"""Family, friends, address, phone and car of one person, looked up around her."""

from collections.abc import Sequence

from detectors.circle import Circle
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, looks
from tests.detectors.tables import Row

FAMILY = ("P-MOTHER", "P-SISTER", "P-FRIEND", "A-HOME", "V-CAR")


def links(*others: str) -> list[Row]:
    """Each of the others linked to her."""
    return [{"subject_id": PERSON, "linked_subject_id": other} for other in others]


def a_day_around_her(*others: str, day: str = LAST_DAY) -> Sequence[Row]:
    """She and the others, looked at one after another; she last of all on the last day."""
    around = [
        row
        for turn, other in enumerate(others)
        for row in looks(f"{day} {10 + turn % 8:02d}:00", person=other)
    ]
    return [*around, *looks(f"{LAST_DAY} 09:00")]


def test_looks_at_everybody_around_her_are_found() -> None:
    found = asked(Circle(), events=a_day_around_her(*FAMILY), subject_links=links(*FAMILY))

    assert isinstance(found, Said)
    assert found.pvalue < 0.02
    assert found.observed == 5
    assert found.says.startswith(
        "also looked at 5 of 5 people and records linked to this person within 2 days, unexplained"
    )


def test_more_of_a_large_circle_are_rarer() -> None:
    many = tuple(f"P-REL{number:02d}" for number in range(12))
    found = asked(Circle(), events=a_day_around_her(*FAMILY), subject_links=links(*FAMILY))
    more = asked(Circle(), events=a_day_around_her(*many), subject_links=links(*many))

    assert isinstance(found, Said)
    assert isinstance(more, Said)
    assert more.pvalue <= found.pvalue


def test_a_look_at_one_of_the_household_is_just_under() -> None:
    found = asked(Circle(), events=a_day_around_her("P-SISTER"), subject_links=links(*FAMILY))

    assert isinstance(found, Said)
    assert found.observed == 1
    assert found.pvalue > 0.05


def test_looks_of_a_month_ago_no_longer_count() -> None:
    events = a_day_around_her(*FAMILY, day="2026-04-15")
    found = asked(Circle(), events=events, subject_links=links(*FAMILY))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_family_looked_at_for_a_tasked_case_does_not_count() -> None:
    found = asked(
        Circle(),
        events=a_day_around_her(*FAMILY),
        subject_links=links(*FAMILY),
        cases="case_ref | opened_at\n C-SON | 2026-05-12 09:00",
        case_subjects="case_ref | subject_id\n" + "\n".join(f"C-SON | {who}" for who in FAMILY),
        taskings=f"user_id | case_ref | starts_at\n {USER} | C-SON | 2026-05-12 09:00",
    )

    assert isinstance(found, Said)
    assert found.observed == 0


def test_of_a_person_without_a_recorded_link_nothing_is_said() -> None:
    assert asked(Circle(), events=a_day_around_her(*FAMILY)) is None


def test_residents_of_an_institution_are_not_one_anothers_circle() -> None:
    residents = [f"P-RES{number:02d}" for number in range(61)]
    through: list[Row] = [
        {"subject_id": "A-HOSTEL", "linked_subject_id": who} for who in [PERSON, *residents]
    ]

    assert asked(Circle(), events=a_day_around_her("A-HOSTEL"), subject_links=through) is None
