"""Many different people or vehicles, each looked up once or twice, and no record explains it."""

from detectors.model import Abstention
from detectors.unexplained_breadth import UnexplainedBreadth
from tests.detectors.stories import LAST_DAY, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

DAYS = every([*range(1, 9), 11, 12, 13])


def met(
    number: int, *, times: int = 1, kind: str = "person", said: str | None = "why"
) -> list[Row]:
    """So many people, each looked up so often and never again."""
    return [
        {**row, "subject_type": kind, "reason": said}
        for turn in range(number)
        for time in range(times)
        for row in looks(
            f"{DAYS[turn % len(DAYS)][:10]} {9 + turn // 11:02d}:{time * 10:02d}:00"
            if times == 1
            else f"{DAYS[turn % len(DAYS)][:10]} {8 + time * 2:02d}:{turn // 11:02d}:00",
            person=f"P-MET{turn:03d}",
        )
    ] + looks(f"{LAST_DAY} 20:00")


def test_a_hundred_people_looked_up_in_passing_are_found() -> None:
    found = asked(UnexplainedBreadth(), events=met(100))

    assert isinstance(found, Said)
    assert found.pvalue < 0.02
    assert found.observed > 100
    assert "people or vehicles once or twice in 28 days, unexplained; comparable" in found.says


def test_the_same_number_with_every_reason_blank_is_rarer() -> None:
    given = asked(UnexplainedBreadth(), events=met(60))
    blank = asked(UnexplainedBreadth(), events=met(60, said=None))

    assert isinstance(given, Said)
    assert isinstance(blank, Said)
    assert blank.pvalue < given.pvalue
    assert "unexplained and with no reason given" in blank.says


def test_vehicles_count_and_incidents_do_not() -> None:
    vehicles = asked(UnexplainedBreadth(), events=met(100, kind="vehicle"))
    incidents = asked(UnexplainedBreadth(), events=met(100, kind="incident"))

    assert isinstance(vehicles, Said)
    assert isinstance(incidents, Said)
    assert vehicles.pvalue < 0.02 < incidents.pvalue


def test_a_dozen_people_more_are_just_under() -> None:
    found = asked(UnexplainedBreadth(), events=met(12))

    assert isinstance(found, Said)
    assert found.pvalue > 0.05


def test_people_looked_up_again_and_again_are_not_met_in_passing() -> None:
    often = asked(UnexplainedBreadth(), events=met(100, times=3))

    assert isinstance(often, Said)
    assert often.pvalue > 0.1


def test_people_of_tasked_cases_do_not_count() -> None:
    cases = [(f"C-MET{turn:03d}", f"P-MET{turn:03d}") for turn in range(100)]
    found = asked(
        UnexplainedBreadth(),
        events=met(100),
        case_subjects=[{"case_ref": case, "subject_id": person} for case, person in cases],
        taskings=[
            {"case_ref": case, "user_id": USER, "starts_at": "2026-04-30 09:00"}
            for case, _ in cases
        ],
    )

    assert isinstance(found, Said)
    assert found.pvalue > 0.1


def test_without_any_work_record_it_cannot_be_said_what_is_unexplained() -> None:
    lake = a_lake(events=met(40), case_subjects="case_ref | subject_id\n C1 | P-MET001")

    found = judged_in(lake, UnexplainedBreadth())

    assert isinstance(found, Abstention)
    assert found.needs == ("taskings", "cases")
    assert found.reason.startswith("neither taskings nor cases are loaded")


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(
        events=[*met(40), *looks("2026-03-01 09:00")],
        cases="case_ref | opened_at\n C1 | 2026-04-01 09:00",
        case_subjects="case_ref | subject_id\n C1 | P-NOBODY",
    )

    assert judged_in(lake, UnexplainedBreadth()) is None
