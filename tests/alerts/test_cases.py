"""Pairs of one member of staff around one person become one case; strangers stay apart."""

from collections.abc import Sequence

from alerts.cases import cases_of_day, joined_on_duty_day, tied_to_focus
from tests.alerts.judged_worlds import a_frame_of, day_number, number_of, person, places, user
from tests.detectors.tables import Row

Told = tuple[str, list[str], float]


def looks(*pairs: tuple[str, str], on: str = "2026-03-20 10:00") -> list[Row]:
    """One look each."""
    return [{"occurred_at": on, "user_id": who, "subject_id": whom} for who, whom in pairs]


def links(*pairs: tuple[str, str]) -> list[Row]:
    """Links between records."""
    return [{"subject_id": one, "linked_subject_id": other} for one, other in pairs]


def cases(
    *strongest: tuple[str, str, float],
    linked: Sequence[Row] = (),
    more: Sequence[Row] = (),
    **tables: str | Sequence[Row],
) -> list[Told]:
    """User, records with the focus first, and interval of each case, strongest first."""
    pairs = [(who, whom) for who, whom, _ in strongest]
    frame = a_frame_of([*looks(*pairs), *more], subject_links=linked, **tables)
    found = cases_of_day(
        frame,
        places(frame, *pairs),
        [interval for _, _, interval in strongest],
        day=day_number(),
    )
    return [
        (user(frame, case.user_no), [person(frame, no) for no in case.subject_nos], case.interval)
        for case in found
    ]


def joined(
    *strongest: tuple[str, str, float], more: Sequence[Row] = (), **tables: str | Sequence[Row]
) -> list[list[str]]:
    """The records of each case once those of one duty day are together, the focus first."""
    pairs = [(who, whom) for who, whom, _ in strongest]
    frame = a_frame_of([*(more or looks(*pairs))], **tables)
    intervals = [interval for _, _, interval in strongest]
    found = cases_of_day(frame, places(frame, *pairs), intervals, day=day_number())
    return [
        [person(frame, number) for number in case.subject_nos]
        for case in joined_on_duty_day(frame, found, day=day_number())
    ]


def test_unlinked_people_of_one_duty_day_are_one_case_around_the_strongest() -> None:
    assert joined(("U1", "P1", 30.0), ("U1", "P3", 20.0), ("U1", "P2", 90.0)) == [
        ["P2", "P1", "P3"]
    ]


def test_two_members_of_staff_on_one_duty_day_stay_two_cases() -> None:
    assert joined(("U1", "P1", 30.0), ("U2", "P2", 90.0)) == [["P2"], ["P1"]]


def test_the_end_of_a_night_shift_and_the_next_evening_are_two_duty_days() -> None:
    night = "2026-03-19 22:00 | 2026-03-20 06:00", "2026-03-20 22:00 | 2026-03-21 06:00"
    shifts = "\n".join(["user_id | starts_at | ends_at", *(f"U1 | {span}" for span in night)])
    rows = [
        *looks(("U1", "P1"), on="2026-03-20 02:00"),
        *looks(("U1", "P2"), on="2026-03-20 05:00"),
        *looks(("U1", "P3"), on="2026-03-20 23:00"),
    ]
    strongest = (("U1", "P1", 30.0), ("U1", "P2", 20.0), ("U1", "P3", 90.0))

    assert joined(*strongest, more=rows, shifts=shifts) == [["P3"], ["P1", "P2"]]


def test_what_links_tie_to_the_focus_is_told_from_what_one_shift_has_in_common() -> None:
    tied = links(("P1", "A1"), ("A1", "P2"), ("P2", "P3"), ("P4", "P5"))
    frame = a_frame_of(looks(*(("U1", f"P{turn}") for turn in range(1, 6))), subject_links=tied)
    found = tied_to_focus(frame, [number_of(frame, f"P{turn}") for turn in range(1, 6)])

    assert [person(frame, number) for number in found] == ["P1", "P2", "P3"]


def test_no_row_beyond_the_floor_is_no_case() -> None:
    frame = a_frame_of(looks(("U1", "P1")))

    assert cases_of_day(frame, places(frame), [], day=day_number()) == ()


def test_people_who_are_linked_are_one_case_around_the_strongest() -> None:
    found = cases(("U1", "P2", 90.0), ("U1", "P1", 30.0), linked=links(("P1", "P2")))

    assert found == [("U1", ["P2", "P1"], 90.0)]


def test_people_who_share_a_link_are_one_case() -> None:
    shared = links(("P1", "A1"), ("P2", "A1"))

    assert cases(("U1", "P1", 90.0), ("U1", "P2", 30.0), linked=shared) == [
        ("U1", ["P1", "P2"], 90.0)
    ]


def test_people_who_share_nothing_are_two_cases() -> None:
    assert cases(("U1", "P1", 30.0), ("U1", "P2", 90.0)) == [
        ("U1", ["P2"], 90.0),
        ("U1", ["P1"], 30.0),
    ]


def test_people_who_share_an_institution_are_two_cases() -> None:
    hospital = links(*((f"P{number}", "A1") for number in range(1, 62)))

    assert cases(("U1", "P1", 90.0), ("U1", "P2", 30.0), linked=hospital) == [
        ("U1", ["P1"], 90.0),
        ("U1", ["P2"], 30.0),
    ]


def test_looks_at_the_institution_itself_join_nobody_either() -> None:
    hospital = links(*((f"P{number}", "A1") for number in range(1, 62)))
    rows = (("U1", "P1", 90.0), ("U1", "A1", 60.0), ("U1", "P2", 30.0))

    assert [records for _, records, _ in cases(*rows, linked=hospital)] == [["P1"], ["A1"], ["P2"]]


def test_a_row_that_touches_two_groups_makes_them_one() -> None:
    chain = links(("P1", "A1"), ("P2", "A1"), ("P2", "A2"), ("P3", "A2"))
    rows = (("U1", "P1", 90.0), ("U1", "P3", 60.0), ("U1", "P2", 30.0))

    assert cases(*rows, linked=chain) == [("U1", ["P1", "P2", "P3"], 90.0)]


def test_two_members_of_staff_are_two_cases_even_around_one_person() -> None:
    assert cases(("U1", "P1", 30.0), ("U2", "P1", 90.0)) == [
        ("U2", ["P1"], 90.0),
        ("U1", ["P1"], 30.0),
    ]


def test_the_focus_is_a_person_even_where_a_car_stands_out_more() -> None:
    kinds = "subject_id | subject_type\n V1 | vehicle\n P1 | person"
    rows = (("U1", "V1", 90.0), ("U1", "P1", 30.0))

    assert cases(*rows, linked=links(("P1", "V1")), subjects=kinds) == [("U1", ["P1", "V1"], 90.0)]


def test_a_car_alone_is_its_own_focus() -> None:
    kinds = "subject_id | subject_type\n V1 | vehicle"

    assert cases(("U1", "V1", 90.0), subjects=kinds) == [("U1", ["V1"], 90.0)]


def test_linked_records_looked_at_of_late_belong_to_the_case() -> None:
    circle = links(("P1", "P2"), ("P1", "P3"), ("P1", "P4"))
    late = looks(("U1", "P2"), on="2026-02-25 10:00")
    long_ago = looks(("U1", "P3"), on="2026-02-19 10:00")
    others = looks(("U2", "P4"), on="2026-03-10 10:00")

    assert cases(("U1", "P1", 90.0), linked=circle, more=[*late, *long_ago, *others]) == [
        ("U1", ["P1", "P2"], 90.0)
    ]


def test_a_linked_record_looked_at_for_work_does_not() -> None:
    found = cases(
        ("U1", "P1", 90.0),
        linked=links(("P1", "P2")),
        more=looks(("U1", "P2"), on="2026-03-10 10:00"),
        cases="case_ref | opened_at\n C1 | 2026-03-10 09:00",
        case_subjects="case_ref | subject_id\n C1 | P2",
        taskings="user_id | case_ref | starts_at | ends_at\n"
        "U1 | C1 | 2026-03-10 09:00 | 2026-03-11 09:00",
    )

    assert found == [("U1", ["P1"], 90.0)]


def test_of_rows_that_tie_at_the_limit_the_first_given_leads() -> None:
    ring = links(("P1", "P2"), ("P1", "P3"))
    rows = (("U1", "P3", 1000.0), ("U1", "P1", 1000.0), ("U1", "P2", 1000.0))

    assert cases(*rows, linked=ring) == [("U1", ["P3", "P1", "P2"], 1000.0)]
