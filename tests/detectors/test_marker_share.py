"""Whether unexplained looks lean to people who carry a marker of vulnerability."""

from detectors.marker_share import MarkerShare
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

DAYS = every([*range(1, 9), 11, 12, 13])


def met(number: int) -> list[Row]:
    """One look at each of so many people."""
    moments = [f"{day[:10]} {9 + turn % 8:02d}:00" for turn in range(4) for day in DAYS]
    people = [
        row
        for turn in range(number)
        for row in looks(moments[turn % len(moments)], person=f"P-MET{turn:02d}")
    ]
    return [*people, *looks(f"{LAST_DAY} 18:00")]


def marked(number: int, *, of: int, marker: str = "domestic_abuse") -> list[Row]:
    """So many of the people with a marker on record."""
    return [
        {"subject_id": f"P-MET{turn:02d}", "markers": marker if turn < number else None}
        for turn in range(of)
    ]


def test_forty_people_of_whom_all_carry_a_marker_are_found() -> None:
    found = asked(MarkerShare(), events=met(40), subjects=marked(40, of=40))

    assert isinstance(found, Said)
    assert found.pvalue < 0.01
    assert found.observed >= 40
    assert "carry a marker of vulnerability; comparable staff (neighbourhood)" in found.says


def test_the_more_of_them_carry_one_the_rarer_it_is() -> None:
    told = [
        asked(MarkerShare(), events=met(40), subjects=marked(number, of=40))
        for number in (10, 20, 30, 40)
    ]
    pvalues = [found.pvalue for found in told if isinstance(found, Said)]

    assert len(pvalues) == 4
    assert pvalues == sorted(pvalues, reverse=True)
    assert pvalues[-1] < pvalues[0] / 2


def test_a_third_of_them_with_a_marker_are_just_under() -> None:
    found = asked(MarkerShare(), events=met(24), subjects=marked(8, of=24))

    assert isinstance(found, Said)
    assert found.pvalue > 0.1


def test_a_marker_of_another_kind_does_not_count() -> None:
    of_danger = asked(MarkerShare(), events=met(24), subjects=marked(24, of=24, marker="firearms"))
    of_words = asked(
        MarkerShare(), events=met(24), subjects=marked(24, of=24, marker="DA victim; carer")
    )

    assert isinstance(of_danger, Said)
    assert isinstance(of_words, Said)
    assert of_danger.pvalue > 0.4
    assert of_words.observed >= 24
    assert of_words.pvalue < 0.01


def test_people_met_for_a_tasked_case_do_not_count() -> None:
    cases = [f"C-MET{turn:02d}" for turn in range(40)]
    found = asked(
        MarkerShare(),
        events=met(40),
        subjects=marked(40, of=40),
        case_subjects=[
            {"case_ref": case, "subject_id": f"P-MET{turn:02d}"} for turn, case in enumerate(cases)
        ],
        taskings=[
            {"case_ref": case, "user_id": USER, "starts_at": "2026-04-30 09:00"} for case in cases
        ],
    )

    assert isinstance(found, Said)
    assert found.pvalue > 0.4


def test_it_is_said_alike_of_everybody_the_member_of_staff_looked_up() -> None:
    events, subjects = met(40), marked(40, of=40)
    of_her = asked(MarkerShare(), events=events, subjects=subjects)
    of_nobody_marked = asked(
        MarkerShare(), events=events, subjects=[*subjects, {"subject_id": PERSON, "area": "East"}]
    )

    assert isinstance(of_her, Said)
    assert isinstance(of_nobody_marked, Said)
    assert of_her.observed == of_nobody_marked.observed


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(events=met(40), subjects=marked(40, of=40))

    assert judged_in(lake, MarkerShare()) is None
