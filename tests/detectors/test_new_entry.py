"""Opening what is new about a person within hours of its being written."""

from detectors.model import Abstention
from detectors.new_entry import NewEntry
from tests.detectors.stories import PERSON, TEAM_MATE, USER, Said, asked, judged_in, looks
from tests.detectors.tables import Row, a_lake

DAYS = ("04-02", "04-14", "04-27", "05-13")
EACH_TIME = [f"2026-{day} 10:40" for day in DAYS]
AT_OTHER_TIMES = [f"2026-{day} 10:40" for day in ("04-04", "04-18", "05-05", "05-13")]


def incidents(*days: str, at: str = "08:15") -> dict[str, list[Row]]:
    """Incidents that name the person, opened on each day."""
    return {
        "cases": [{"case_ref": f"C-{day}", "opened_at": f"2026-{day} {at}"} for day in days],
        "case_subjects": [{"case_ref": f"C-{day}", "subject_id": PERSON} for day in days],
    }


def test_a_look_within_hours_of_each_of_four_incidents_is_found() -> None:
    found = asked(NewEntry(), events=looks(*EACH_TIME), **incidents(*DAYS))

    assert isinstance(found, Said)
    assert found.observed == 4
    assert found.pvalue < 0.001
    assert found.says.startswith(
        "4 of 4 unexplained returns to this person in 90 days began within 6 hours after something"
    )


def test_changes_of_the_record_are_new_entries_too() -> None:
    changes: list[Row] = [
        {"subject_id": PERSON, "field": "occupation", "changed_at": f"2026-{day} 09:30"}
        for day in DAYS
    ]
    found = asked(NewEntry(), events=looks(*EACH_TIME), record_changes=changes)

    assert isinstance(found, Said)
    assert found.observed == 4
    assert found.pvalue < 0.001


def test_one_look_after_one_entry_is_just_under() -> None:
    found = asked(NewEntry(), events=looks(EACH_TIME[-1]), **incidents(DAYS[-1]))

    assert isinstance(found, Said)
    assert found.observed == 1
    assert 0.005 < found.pvalue < 0.3


def test_looks_at_other_times_are_nothing_unusual() -> None:
    found = asked(NewEntry(), events=looks(*AT_OTHER_TIMES), **incidents(*DAYS[:3]))

    assert isinstance(found, Said)
    assert found.observed == 0
    assert found.pvalue > 0.3


def test_a_look_before_the_entry_or_a_day_after_it_is_none_soon_after_it() -> None:
    early, late = incidents(*DAYS, at="10:45"), incidents("04-01", "04-13", "04-26", "05-12")
    for told in (early, late):
        found = asked(NewEntry(), events=looks(*EACH_TIME), **told)

        assert isinstance(found, Said)
        assert found.observed == 0


def test_looks_one_after_another_are_one_return() -> None:
    often = [f"2026-05-13 {hour}:00" for hour in ("09", "10", "11", "12", "13", "14")]
    found = asked(NewEntry(), events=looks(*often), **incidents(DAYS[-1]))

    assert isinstance(found, Said)
    assert found.says.startswith("1 of 1 unexplained returns")


def test_incidents_to_which_they_or_their_team_are_tasked_do_not_count() -> None:
    for tasked in ({"user_id": USER}, {"team": "T1"}):
        told = incidents(*DAYS)
        told["taskings"] = [
            {
                **tasked,
                "case_ref": f"C-{day}",
                "starts_at": f"2026-{day} 08:20",
                "ends_at": f"2026-{day} 16:00",
            }
            for day in DAYS[:3]
        ]
        found = asked(NewEntry(), events=looks(*EACH_TIME), **told)

        assert isinstance(found, Said)
        assert found.says.startswith("1 of 1 unexplained returns")


def test_whoever_opens_everything_new_does_so_with_this_person_too() -> None:
    """Subscribed to the area, or the one who writes the briefing."""
    others = [f"P-BRIEFED{number}" for number in range(40)]
    days = [f"2026-04-{day:02d}" for day in range(1, 29)] + ["2026-05-04", "2026-05-05"]
    told = incidents(*DAYS)
    told["cases"] += [
        {"case_ref": f"C-{who}", "opened_at": f"{days[turn % 30]} 08:00"}
        for turn, who in enumerate(others)
    ]
    told["case_subjects"] += [{"case_ref": f"C-{who}", "subject_id": who} for who in others]
    briefing = [
        row
        for turn, who in enumerate(others)
        for row in looks(f"{days[turn % 30]} 09:{turn:02d}", person=who)
    ]
    busy = asked(NewEntry(), events=[*looks(*EACH_TIME), *briefing], **told)
    plain = asked(NewEntry(), events=looks(*EACH_TIME), **incidents(*DAYS))

    assert isinstance(busy, Said)
    assert isinstance(plain, Said)
    assert busy.observed == plain.observed == 4
    assert busy.pvalue > 10 * plain.pvalue


def test_of_a_person_about_whom_nothing_new_is_written_nothing_is_said() -> None:
    assert asked(NewEntry(), events=looks(*EACH_TIME)) is None


def test_without_changes_or_incidents_it_declines_aloud() -> None:
    lake = a_lake(events=looks(*EACH_TIME), staff=[{"user_id": TEAM_MATE, "team": "T1"}])
    found = judged_in(lake, NewEntry())

    assert isinstance(found, Abstention)
    assert found.needs == ("record_changes", "cases", "case_subjects")
