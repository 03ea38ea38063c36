"""Log lines are named facts that an operator can look up, and no person looked up is in them."""

import re

from monitor.telemetry import personal
from tests.contracts.log_events import logged, uncalled
from tests.contracts.tree import PACKAGES, ROOT, listed, place, python_files, syntax, text_of

ROW = re.compile(r"^\| `(?P<event>[a-z_.]+)` \| (?P<level>\w+) \|(?P<fields>[^|]*)\| \w.* \|$")


def documented() -> dict[tuple[str, str], frozenset[str]]:
    """The events of the page: name and level to fields."""
    lines = text_of(ROOT / "monitor" / "README.md").splitlines()
    rows = [match for line in lines if (match := ROW.match(line))]
    return {
        (row["event"], row["level"]): frozenset(re.findall(r"`(\w+)`", row["fields"]))
        for row in rows
    }


def test_an_event_is_a_constant_dotted_name_in_lower_case() -> None:
    odd = [
        f"{call.place} {call.event}"
        for call in logged()
        if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", call.event or "")
    ]

    assert not odd, listed(odd)


def test_there_is_no_debug_line_and_no_open_ended_one() -> None:
    found = [c.place for c in logged() if c.level in {"debug", "critical"} or c.open_ended]

    assert not found, listed(found)


def test_a_level_is_called_where_it_stands_so_that_its_event_can_be_found() -> None:
    found = [
        place(path, node.lineno)
        for path in python_files(*PACKAGES)
        for node in uncalled(syntax(path))
    ]

    assert not found, listed(found)


def test_no_log_line_is_given_a_personal_field() -> None:
    found = [
        f"{call.place} {call.event}: {name}"
        for call in logged()
        for name in call.fields
        if personal(name)
    ]

    assert not found, listed(found)


def test_no_log_line_counts_alerts_for_whoever_reads_the_log() -> None:
    counts = {"alerts", "candidates", "drawn", "extended", "raised"}

    found = [f"{call.place} {call.event}" for call in logged() if counts & set(call.fields)]

    assert not found, listed(found)


def test_every_event_is_on_the_page_with_its_fields() -> None:
    written: dict[tuple[str, str], frozenset[str]] = {}
    for call in logged():
        written[call.row] = written.get(call.row, frozenset()) | call.fields
    known = documented()

    missing = [
        f"| `{event}` | {level} | {', '.join(f'`{name}`' for name in sorted(fields))} | ... |"
        for (event, level), fields in written.items()
        if known.get((event, level)) != fields
    ]
    assert not missing, listed(missing)


def test_every_event_on_the_page_can_happen() -> None:
    gone = {event for event, _ in documented()} - {call.event for call in logged()}

    assert not gone, listed(sorted(gone))


def test_nothing_prints_or_uses_another_log() -> None:
    pattern = re.compile(r"^\s*(print\(|from logging\b|logging\.(?!getLogger\(\"apscheduler))")
    found = [
        place(path, number)
        for path in python_files(*PACKAGES)
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.match(line) and "noqa" not in line and ">>>" not in line
    ]

    assert not found, listed(found)
