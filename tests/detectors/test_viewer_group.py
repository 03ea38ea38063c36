"""Whether people of this role and area ever look at people like this one."""

from detectors.viewer_group import ViewerGroup
from tests.detectors.stories import LAST_DAY, PERSON, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

LOOKED = looks(*every([11, 12, 13]))  # by a neighbourhood officer of the area East
OF_SOUTH = [f"U{number:04d}" for number in range(24, 36)]
OF_EAST = [f"U{number:04d}" for number in range(12) if number != 7]


def of_area(area: str) -> list[Row]:
    """The person on record in an area."""
    return [{"subject_id": PERSON, "subject_type": "person", "area": area}]


def seen_by(users: list[str]) -> list[Row]:
    """A look at the person by each of others."""
    return [row for user in users for row in looks(f"{LAST_DAY} 07:00", user=user)]


def test_somebody_elsewhere_whom_only_her_own_area_looks_at_is_found() -> None:
    found = asked(ViewerGroup(), events=[*LOOKED, *seen_by(OF_SOUTH)], subjects=of_area("South"))

    assert isinstance(found, Said)
    assert found.pvalue < 0.1
    assert found.says.startswith(
        "of 12 others who looked this person up in 90 days, 0 are of the same role and area"
    )


def test_somebody_elsewhere_whom_nobody_looked_at_is_just_under() -> None:
    found = asked(ViewerGroup(), events=LOOKED, subjects=of_area("South"))

    assert isinstance(found, Said)
    assert 0.1 < found.pvalue < 0.5


def test_somebody_of_ones_own_patch_is_nothing_unusual() -> None:
    found = asked(ViewerGroup(), events=LOOKED, subjects=of_area("East"))

    assert isinstance(found, Said)
    assert found.pvalue > 0.5


def test_somebody_elsewhere_whom_ones_own_group_looks_at_is_nothing_unusual() -> None:
    found = asked(ViewerGroup(), events=[*LOOKED, *seen_by(OF_EAST)], subjects=of_area("South"))

    assert isinstance(found, Said)
    assert found.pvalue > 0.2


def test_ones_own_looks_say_nothing_of_ones_group() -> None:
    once = asked(ViewerGroup(), events=looks(f"{LAST_DAY} 09:00"), subjects=of_area("South"))
    often = asked(ViewerGroup(), events=LOOKED, subjects=of_area("South"))

    assert once == often


def test_of_staff_without_a_post_nothing_is_said() -> None:
    staff = "user_id | role | area\n U0999 | response | East"

    assert judged_in(a_lake(events=LOOKED, staff=staff), ViewerGroup()) is None


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    staff = "user_id | role | area\n U0007 | response | East"

    assert judged_in(a_lake(events=LOOKED, staff=staff), ViewerGroup()) is None
