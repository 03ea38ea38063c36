"""Two members of staff who look up the same unrelated people, neither with a reason on file."""

from collections.abc import Iterable

from detectors.model import Measured
from detectors.shared_people import SharedPeople
from tests.detectors.force import user_id
from tests.detectors.stories import (
    END,
    LAST_DAY,
    PERSON,
    REFERENCE,
    STRANGER,
    TEAM_MATE,
    USER,
    Said,
    asked,
    judged_in,
    looks,
    place_of,
)
from tests.detectors.tables import Row, a_frame, a_lake

TARGETS = [PERSON, *(f"P-TARGET{number}" for number in range(5))]


def both(people: Iterable[str], *, partner: str = STRANGER) -> list[Row]:
    """The user looks at each person on the last day, the partner on the day before."""
    mine = [row for person in people for row in looks(f"{LAST_DAY} 09:00", person=person)]
    theirs = [
        row for person in people for row in looks("2026-05-12 15:00", user=partner, person=person)
    ]
    return mine + theirs


def test_six_unrelated_people_shared_with_one_stranger_are_found() -> None:
    found = asked(SharedPeople(), events=both(TARGETS))

    assert isinstance(found, Said)
    assert found.observed == 6
    assert found.pvalue < 1e-5
    assert found.evidence_value > 100
    assert found.says.startswith("6 unrelated people, this one among them, were also looked up by")


def test_this_person_alone_shared_is_just_under() -> None:
    found = asked(SharedPeople(), events=both(TARGETS[:1]))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_two_of_one_team_share_their_work() -> None:
    found = asked(SharedPeople(), events=both(TARGETS, partner=TEAM_MATE))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_the_people_of_one_household_are_one() -> None:
    links: list[Row] = [
        {"subject_id": PERSON, "linked_subject_id": person} for person in TARGETS[1:]
    ]
    found = asked(SharedPeople(), events=both(TARGETS), subject_links=links)

    assert isinstance(found, Said)
    assert found.observed == 1


def test_the_parties_of_one_incident_are_one() -> None:
    parties: list[Row] = [{"case_ref": "C-FIGHT", "subject_id": person} for person in TARGETS]
    found = asked(SharedPeople(), events=both(TARGETS), case_subjects=parties)

    assert isinstance(found, Said)
    assert found.observed == 1


def test_what_the_partner_was_sent_to_is_not_shared() -> None:
    found = asked(
        SharedPeople(),
        events=both(TARGETS),
        cases=[{"case_ref": f"C{person}", "opened_at": "2026-05-12 08:00"} for person in TARGETS],
        case_subjects=[{"case_ref": f"C{person}", "subject_id": person} for person in TARGETS],
        taskings=[
            {"user_id": STRANGER, "case_ref": f"C{person}", "starts_at": "2026-05-12 08:00"}
            for person in TARGETS
        ],
    )

    assert isinstance(found, Said)
    assert found.observed == 1


def test_of_partners_as_close_the_one_of_the_same_area_speaks() -> None:
    """Whichever comes first in the log: more is expected of the one who works the same streets."""
    posts = "user_id | team | area\n U-ME | A | N\n U-NEAR | B | N\n U-FAR | C | S"
    near_of = []
    for others in (["U-NEAR", "U-FAR"], ["U-FAR", "U-NEAR"]):
        lake = a_lake(
            events=[
                *looks("2026-03-16 09:00", person="P-LONG-AGO"),
                *(
                    row
                    for user in [*others, "U-ME"]
                    for person in TARGETS[:2]
                    for row in looks(f"{LAST_DAY} 09:00", user=user, person=person)
                ),
            ],
            staff=posts,
            taskings="user_id | case_ref | starts_at\n U-ME | C1 | 2026-05-01 09:00",
            case_subjects="case_ref | subject_id\n C1 | P-OTHER",
        )
        frame = a_frame(lake, REFERENCE, END)
        counts = SharedPeople().measure(frame)
        assert isinstance(counts, Measured)
        place = place_of(frame, on=LAST_DAY, user="U-ME")
        near_of.append([float(counts.counts[name][place]) for name in ("partners", "near")])

    assert near_of == [[2, 1], [2, 1]]


def test_two_who_look_up_everybody_share_some_by_chance() -> None:
    """A hundred more people each: that two of them are the same is no wonder."""
    many = [
        row
        for user in (USER, STRANGER)
        for number in range(100)
        for row in looks("2026-05-11 10:00", user=user, person=f"P-{user}-{number}")
    ]
    busy = asked(SharedPeople(), events=both(TARGETS[:2]) + many)
    quiet = asked(SharedPeople(), events=both(TARGETS[:2]))

    assert isinstance(busy, Said)
    assert isinstance(quiet, Said)
    assert busy.observed == quiet.observed == 2
    assert busy.pvalue > 10 * quiet.pvalue


def test_a_record_with_a_crowd_around_it_pairs_nobody() -> None:
    crowd = [
        row
        for number in range(45)
        for row in looks("2026-05-11 11:00", user=user_id(number), person=PERSON)
    ]
    found = asked(SharedPeople(), events=both(TARGETS) + crowd)

    assert found is None


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(
        events=both(TARGETS),
        staff=[{"user_id": USER, "team": "A"}, {"user_id": STRANGER, "team": "B"}],
        taskings=[{"user_id": USER, "case_ref": "C1", "starts_at": "2026-05-01 09:00"}],
        case_subjects=[{"case_ref": "C1", "subject_id": "P-OTHER"}],
    )

    assert judged_in(lake, SharedPeople()) is None
