"""Times, ages and text as they are typed and shown."""

import json
import sys
from datetime import UTC, datetime, timedelta, timezone

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli import output
from monitor.cli.options import age, moment
from tests.factories import a_moment


def test_a_time_with_an_offset_becomes_utc() -> None:
    assert moment("2026-07-01T09:30:00+01:00") == a_moment("2026-07-01T08:30:00Z")


def test_a_date_alone_is_its_first_moment_in_utc() -> None:
    assert moment("2026-07-01") == a_moment("2026-07-01T00:00:00Z")


def test_a_time_without_offset_is_refused_with_what_is_possible() -> None:
    with pytest.raises(click.BadParameter, match=r"possible: 2026-07-01T09:30:00Z \(UTC\)"):
        moment("2026-07-01T09:30:00")


@pytest.mark.parametrize("written", ["", "yesterday", "01/07/2026", "2026-13-01"])
def test_what_is_no_time_is_refused_with_what_is_possible(written: str) -> None:
    with pytest.raises(click.BadParameter, match="possible: 2026-03-01T09:30:00Z, 2026-03-01"):
        moment(written)


@given(
    at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 the zone is drawn beside it
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_whatever_the_offset_the_moment_is_the_same(at: datetime, minutes: int) -> None:
    aware = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    read = moment(aware.isoformat())

    assert read == aware
    assert read.tzinfo is UTC


def test_a_long_message_is_broken_between_words_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = "psdmon: settings: /srv/a-long-name-of-a-home/settings.toml: is not there"
    elsewhere = output.wrapped(message)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")

    assert elsewhere == message
    assert output.wrapped(message).splitlines() == [
        "psdmon: settings:",
        "  /srv/a-long-name-of-a-home/settings.toml:",
        "  is not there",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("90m", timedelta(minutes=90)), ("26h", timedelta(hours=26)), ("7d", timedelta(days=7))],
)
def test_an_age_is_minutes_hours_or_days(written: str, meant: timedelta) -> None:
    assert age(written) == meant


@pytest.mark.parametrize("written", ["26", "h", "-1h", "1.5h", "26 h", "1w"])
def test_what_is_no_age_is_refused_with_what_is_possible(written: str) -> None:
    with pytest.raises(click.BadParameter, match="possible: 90m, 26h, 7d"):
        age(written)


@given(text=st.text())
def test_no_text_from_data_can_steer_a_terminal(text: str) -> None:
    shown = output.plain(text)

    assert all(
        letter.isprintable() or letter in "\n\u3000\xa0 " or letter.isspace() for letter in shown
    )
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_escape_is_written_out() -> None:
    assert output.plain("\x1b[2Jgone\u202eback") == r"\x1b[2Jgone\u202eback"


def test_a_number_with_its_noun() -> None:
    assert [output.counted(n, "day") for n in (0, 1, 2, 1000)] == [
        "0 days",
        "1 day",
        "2 days",
        "1,000 days",
    ]


def test_json_carries_the_number_of_its_format_first(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    output.as_json({"at": a_moment(), "name": "Å"})

    written = capsysbinary.readouterr().out
    assert json.loads(written) == {"format": 1, "at": "2026-03-01T02:10:00Z", "name": "Å"}
    assert written.startswith(b'{\n  "format": 1')


def test_a_number_that_json_cannot_say_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        output.as_json({"score": float("nan")})
