"""One account that was active as if it were two people."""

from collections.abc import Sequence

from detectors.model import Abstention
from detectors.two_places import TwoPlaces
from tests.detectors.stories import LAST_DAY, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_frame, a_lake

ONE = {"terminal_id": "D1", "location": "NORTH"}
OTHER = {"terminal_id": "D9", "location": "SOUTH"}
DAYS = range(2, 14)


def at(moments: Sequence[str], **place: str | None) -> list[Row]:
    """Rows of the user at each moment, made from a place."""
    return [{**row, **place} for row in looks(*moments)]


def torn_days(*rows: Row, shifts: Sequence[Row] = ()) -> list[object]:
    """The days on which the user of these rows alone was in two places."""
    lake = a_lake(events=rows, shifts=shifts)
    frame = a_frame(lake, "2026-05-11", "2026-05-18")
    found = frame.connection.execute("select day::varchar from torn_day order by day").fetchall()
    return [day for (day,) in found]


def test_twelve_days_at_two_locations_within_a_minute_are_found() -> None:
    rows = at(every(DAYS), **ONE) + at(every(DAYS, at="09:01"), **OTHER)

    found = asked(TwoPlaces(), events=rows)

    assert isinstance(found, Said)
    assert found.observed >= 12
    assert found.pvalue < 0.01
    assert found.says.startswith("the account was in use at two places at once")


def test_one_such_day_is_just_under() -> None:
    rows = at([f"{LAST_DAY} 09:00"], **ONE) + at([f"{LAST_DAY} 09:01"], **OTHER)

    found = asked(TwoPlaces(), events=rows)

    assert isinstance(found, Said)
    assert 1 <= found.observed <= 4
    assert found.pvalue > 0.01


def test_a_change_of_desk_is_no_day_at_two_places() -> None:
    assert (
        torn_days(
            *at([f"{LAST_DAY} 09:00", f"{LAST_DAY} 09:20"], terminal_id="D1", location="NORTH"),
            *at([f"{LAST_DAY} 09:23", f"{LAST_DAY} 10:00"], terminal_id="D2", location="NORTH"),
        )
        == []
    )


def test_to_and_fro_between_two_terminals_is_one() -> None:
    assert torn_days(
        *at([f"{LAST_DAY} 09:00", f"{LAST_DAY} 09:04"], terminal_id="D1"),
        *at([f"{LAST_DAY} 09:02"], terminal_id="D2"),
    ) == [LAST_DAY]


def test_a_drive_from_one_station_to_the_other_is_none() -> None:
    assert torn_days(*at([f"{LAST_DAY} 09:00"], **ONE), *at([f"{LAST_DAY} 09:40"], **OTHER)) == []


def test_two_sessions_at_once_are_one_unless_they_share_a_desk() -> None:
    def sessions(*, desk: str) -> list[Row]:
        return [
            *at([f"{LAST_DAY} 09:00", f"{LAST_DAY} 11:00"], session_id="A", terminal_id="D1"),
            *at([f"{LAST_DAY} 10:00", f"{LAST_DAY} 10:30"], session_id="B", terminal_id=desk),
        ]

    assert torn_days(*sessions(desk="D2")) == [LAST_DAY]
    assert torn_days(*sessions(desk="D1")) == []


def test_activity_on_leave_is_one_but_not_during_overtime() -> None:
    leave: list[Row] = [
        {"user_id": USER, "starts_at": "2026-05-01 00:00", "ends_at": "2026-05-20 00:00"}
        | {"kind": "leave"},
        {"user_id": USER, "starts_at": "2026-04-20 08:00", "ends_at": "2026-04-20 16:00"},
    ]
    overtime: list[Row] = [
        {"user_id": USER, "starts_at": f"{LAST_DAY} 08:00", "ends_at": f"{LAST_DAY} 12:00"}
        | {"kind": "overtime"}
    ]
    duty: list[Row] = [
        {"user_id": USER, "starts_at": "2026-05-25 08:00", "ends_at": "2026-05-25 16:00"}
    ]

    assert torn_days(*at([f"{LAST_DAY} 09:00"]), shifts=[*leave, *duty]) == [LAST_DAY]
    assert torn_days(*at([f"{LAST_DAY} 09:00"]), shifts=[*leave, *duty, *overtime]) == []


def test_where_no_row_says_from_where_it_declines() -> None:
    found = judged_in(a_lake(events=looks(f"{LAST_DAY} 09:00")), TwoPlaces())

    assert isinstance(found, Abstention)
    assert "terminal, location or session" in found.reason


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    rows = at(every(DAYS), **ONE) + at(every(DAYS, at="09:01"), **OTHER)

    assert judged_in(a_lake(events=rows), TwoPlaces()) is None
