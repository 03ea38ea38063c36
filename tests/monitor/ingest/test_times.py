"""Stories and laws: a written time becomes one moment, or says why not, and is never guessed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.ingest.moments import in_zone, moments
from monitor.ingest.profile import Times
from monitor.ingest.time_format import reader_of

LONDON = ZoneInfo("Europe/London")
MICRO = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 local time before its zone is applied


def read(text: str, **times: object) -> object:
    """The moment in UTC, or what is wrong with it."""
    found = moments(pa.array([text]), times=Times(**times))  # type: ignore[arg-type]  # pydantic checks
    moment = found.values[0].as_py()
    return found.refused[0] if moment is None else moment.replace(tzinfo=UTC)


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]  # at most seven parts


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T14:22:09Z", utc(2026, 3, 1, 14, 22, 9)),
        ("2026-03-01t14:22:09z", utc(2026, 3, 1, 14, 22, 9)),
        ("2026-03-01 14:22:09+01:00", utc(2026, 3, 1, 13, 22, 9)),
        ("2026-03-01 14:22:09 +0100", utc(2026, 3, 1, 13, 22, 9)),
        ("2026-03-01 14:22:09-05", utc(2026, 3, 1, 19, 22, 9)),
        ("2026-03-01 14:22:09 UTC", utc(2026, 3, 1, 14, 22, 9)),
        ("20260301T142209Z", utc(2026, 3, 1, 14, 22, 9)),
        ("2026-03-01T14:22Z", utc(2026, 3, 1, 14, 22)),
        ("2026-03-01T14:22:09.5Z", utc(2026, 3, 1, 14, 22, 9, 500_000)),
        ("2026-03-01T14:22:09,123456Z", utc(2026, 3, 1, 14, 22, 9, 123_456)),
        ("2026-03-01T14:22:09.123456789Z", utc(2026, 3, 1, 14, 22, 9, 123_456)),
        ("2026-03-01\n14:22:09Z", utc(2026, 3, 1, 14, 22, 9)),
    ],
)
def test_iso_times_are_read_to_the_microsecond(text: str, moment: datetime) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-29T09:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T09:00:60Z", "now", "12"),
        *("2026-W09-1T09:00:00Z", "01/03/2026 09:00:00Z", "2026-03-01T09:00:00+99:00"),
        *("2026-03-01T09:00:00 BST", "\u0662\u0660\u0662\u0666-03-01T09:00:00Z"),
    ],
)
def test_what_is_no_iso_time_is_refused(text: str) -> None:
    assert read(text) == f"{text!r} is not a time this profile reads: iso"


def test_a_time_without_offset_is_refused_unless_the_profile_names_its_zone() -> None:
    assert read("2026-07-01T09:00:00") == (
        "'2026-07-01T09:00:00' has no offset and the profile names no zone"
    )
    assert read("2026-07-01T09:00:00", zone="Europe/London") == utc(2026, 7, 1, 8)
    assert read("2026-07-01T09:00:00+02:00", zone="Europe/London") == utc(2026, 7, 1, 7)


def test_a_date_alone_is_no_event_time() -> None:
    assert read("2026-03-01") == "'2026-03-01' has no time of day"


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("03/01/2026, 02:22:09 PM UTC", "mdy", utc(2026, 3, 1, 14, 22, 9)),
        ("3/1/2026, 12:00:00\u202fAM UTC", "mdy", utc(2026, 3, 1)),
        ("03/01/2026\n12:30:00 PM", "mdy", utc(2026, 3, 1, 12, 30)),
        ("03/01/2026 02:22 p.m.", "dmy", utc(2026, 1, 3, 14, 22)),
        ("03.01.2026 14:22:09.25", "dmy", utc(2026, 1, 3, 14, 22, 9, 250_000)),
        ("2026/01/03 14:22:09 +02:00", "ymd", utc(2026, 1, 3, 12, 22, 9)),
    ],
)
def test_slashed_times_follow_the_order_of_the_profile(
    text: str, order: str, moment: datetime
) -> None:
    assert read(text, formats=("slashed",), order=order, zone="UTC") == moment


@pytest.mark.parametrize(
    "text",
    [
        *("13/01/2026, 02:22:09 PM UTC", "03/01/2026, 13:22:09 PM UTC", "03/01/26 02:22:09"),
        *("03/01/2026, 00:22:09 AM UTC", "03/01/2026", "03/01/2026, 02:22:09 PM PST"),
    ],
)
def test_a_slashed_time_that_does_not_fit_is_refused_and_not_turned_round(text: str) -> None:
    assert "is not a time" in str(read(text, formats=("slashed",), order="mdy", zone="UTC")) or (
        "has no time of day" in str(read(text, formats=("slashed",), order="mdy", zone="UTC"))
    )


@pytest.mark.parametrize(
    ("text", "name", "moment"),
    [
        ("1772374929123", "epoch_ms", utc(2026, 3, 1, 14, 22, 9, 123_000)),
        ("1772374929", "epoch_s", utc(2026, 3, 1, 14, 22, 9)),
        ("01-Mar-2026 14.22.09", "%d-%b-%Y %H.%M.%S", utc(2026, 3, 1, 14, 22, 9)),
        ("1 March 2026 2:22 pm +0100", "%d %B %Y %I:%M %p %z", utc(2026, 3, 1, 13, 22)),
    ],
)
def test_epochs_and_named_patterns_are_read(text: str, name: str, moment: datetime) -> None:
    assert read(text, formats=(name,), zone="UTC") == moment


@pytest.mark.parametrize("name", ["slash", "%Q", "%d %d"])
def test_a_format_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"no time format|no part|twice"):
        reader_of(name)


def test_the_hour_that_comes_twice_is_marked_and_read_as_the_first() -> None:
    texts = pa.array(["2026-10-25T00:59:59", "2026-10-25T01:30:00", None, "2026-10-25T02:00:00"])

    found = moments(texts, times=Times(zone="Europe/London"))

    assert found.values.to_pylist() == [
        datetime(2026, 10, 24, 23, 59, 59),  # noqa: DTZ001 the lake's times are naive UTC
        datetime(2026, 10, 25, 0, 30),  # noqa: DTZ001 as above
        None,
        datetime(2026, 10, 25, 2),  # noqa: DTZ001 as above
    ]
    assert found.marks == {1: "ambiguous"}


def test_the_hour_that_never_was_is_marked_and_moved_forward() -> None:
    texts = pa.array(["2026-03-29T00:59:59", "2026-03-29T01:30:00", "2026-03-29T02:00:00"])

    found = moments(texts, times=Times(zone="Europe/London"))

    assert found.values.to_pylist() == [
        datetime(2026, 3, 29, 0, 59, 59),  # noqa: DTZ001 the lake's times are naive UTC
        datetime(2026, 3, 29, 1, 30),  # noqa: DTZ001 as above
        datetime(2026, 3, 29, 1),  # noqa: DTZ001 as above
    ]
    assert found.marks == {1: "skipped"}


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 local times
    st.sampled_from(["Europe/London", "America/Los_Angeles", "Australia/Lord_Howe", "UTC"]),
)
def test_local_times_are_placed_as_the_zone_itself_places_them(local: datetime, name: str) -> None:
    zone = ZoneInfo(name)

    placed, marks = in_zone(np.array([(local - EPOCH) // MICRO]), zone)

    expected = local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    assert EPOCH + int(placed[0]) * MICRO == expected
    other = local.replace(tzinfo=zone, fold=1).utcoffset()
    assert bool(marks) == (local.replace(tzinfo=zone).utcoffset() != other)


@settings(max_examples=30)
@given(
    st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2040, 1, 1)), max_size=5),  # noqa: DTZ001 as above
    st.booleans(),
)
def test_a_column_read_at_once_and_one_by_one_is_the_same(
    times: list[datetime],
    aware: bool,  # noqa: FBT001 drawn by the property
) -> None:
    texts = [time.isoformat() + ("+01:00" if aware else "") for time in times]
    at_once = moments(pa.array(texts, pa.string()), times=Times(zone="Europe/London"))
    singly = moments(pa.array([*texts, "no time"], pa.string()), times=Times(zone="Europe/London"))

    assert singly.values.to_pylist() == [*at_once.values.to_pylist(), None]
    assert (singly.marks, list(singly.refused)) == (at_once.marks, [len(texts)])
