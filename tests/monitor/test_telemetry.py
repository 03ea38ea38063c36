"""Log lines: named facts on standard error, with no person looked up in any of them."""

import io
import json
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from monitor import telemetry
from monitor.clock import FixedClock

CLOCK = FixedClock(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
WORDS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
PERSONAL = st.one_of(
    st.sampled_from(["reason", "search_terms", "raw", "raw_text", "reason_code", "case_ref"]),
    st.sampled_from(["subject", "focus", "raw"]).flatmap(lambda start: WORDS.map(start.__add__)),
    WORDS.map("{}_subject_id".format),
)
VALUES = st.recursive(
    st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | PERSONAL, inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture
def lines() -> io.StringIO:
    """A stream that is not a terminal, with the log writing to it."""
    stream = io.StringIO()
    telemetry.configure(clock=CLOCK, stream=stream)
    return stream


def test_a_line_to_a_file_is_one_json_object_with_its_moment_first(lines: io.StringIO) -> None:
    structlog.get_logger().info("scan.finished", run=7, pairs=120, seconds=1.23456)

    assert lines.getvalue() == (
        '{"at": "2026-03-29T01:00:00.000+00:00", "run": 7, "pairs": 120, "seconds": 1.235,'
        ' "event": "scan.finished", "level": "info"}\n'
    )


def test_a_line_to_a_terminal_is_read_by_people() -> None:
    stream = io.StringIO()
    telemetry.configure(clock=CLOCK, stream=stream, as_json=False)

    structlog.get_logger().warning("feed.silent", feed="shifts")

    assert "feed.silent" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_a_personal_field_is_named_but_its_value_is_gone(lines: io.StringIO) -> None:
    structlog.get_logger().info("row.refused", user_id="U1", subject_id="P1", reason="as typed")

    line = json.loads(lines.getvalue())
    assert line["fields_refused"] == ["reason", "subject_id"]
    assert line["user_id"] == "U1"
    assert "P1" not in lines.getvalue()
    assert "as typed" not in lines.getvalue()


def test_a_traceback_carries_no_local_variables(lines: io.StringIO) -> None:
    typed = "what somebody " + "typed"
    try:
        int(typed[:0])
    except ValueError:
        structlog.get_logger().exception("row.unreadable")

    assert "ValueError" in lines.getvalue()
    assert typed not in lines.getvalue()


def test_facts_below_the_level_asked_for_are_not_written() -> None:
    stream = io.StringIO()
    telemetry.configure(clock=CLOCK, stream=stream, at_least="warning")

    structlog.get_logger().info("scan.finished", run=1)

    assert stream.getvalue() == ""


def test_lines_go_to_standard_error_and_never_to_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure(clock=CLOCK)

    structlog.get_logger().info("scan.finished", run=1)

    written = capsys.readouterr()
    assert written.out == ""
    assert "scan.finished" in written.err


@given(event=st.dictionaries(WORDS | PERSONAL, VALUES, max_size=6))
def test_no_personal_field_survives_at_any_depth(event: dict[str, object]) -> None:
    kept = telemetry.refuse_personal_fields(None, "info", dict(event))

    names = _names({name: value for name, value in kept.items() if name != "fields_refused"})
    assert not [name for name in names if telemetry.personal(name)]
    refused = {name for name in _names(event) if telemetry.personal(name)}
    assert set(kept.get("fields_refused", [])) <= refused
    assert bool(kept.get("fields_refused")) == bool(refused)


@given(
    event=st.dictionaries(WORDS.filter(lambda name: not telemetry.personal(name)), st.integers())
)
def test_an_event_without_personal_fields_is_unchanged(event: dict[str, object]) -> None:
    assert telemetry.refuse_personal_fields(None, "info", dict(event)) == event


def _names(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for inner in value.values() for name in _names(inner))]
    if isinstance(value, list):
        return [name for inner in value for name in _names(inner)]
    return []
