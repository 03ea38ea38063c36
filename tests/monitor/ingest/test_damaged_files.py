"""Stories: damage costs the rows it touched, whatever it looks like, and nothing around them."""

import gzip
import json

import pytest

from monitor.ingest import json_lines
from tests.monitor.ingest.loaded import HEADER, Loads, counts, csv, event


def objects(*numbers: int, **changed: object) -> list[str]:
    """One object a line."""
    names = HEADER.split(",")
    return [
        json.dumps(dict(zip(names, event(n).split(","), strict=True)) | changed) for n in numbers
    ]


def lines(*rows: str) -> bytes:
    """A file of these lines."""
    return "".join(f"{row}\n" for row in rows).encode()


def reasons(loads: Loads) -> list[tuple[int, str]]:
    """Line and reason of what waits."""
    return [(row.line, row.reason) for row in loads.waiting()]


def test_a_first_object_that_begins_like_an_array_costs_only_itself(loads: Loads) -> None:
    first, *rest = objects(1, 2, 3)

    report = loads.events(lines(f"[{first}", *rest), "log.jsonl")

    assert counts(report) == (3, 2, 0, 1)
    assert loads.rows("event_id, line") == [("E2", 2), ("E3", 3)]


@pytest.mark.parametrize(
    "content",
    [
        lines("[", *(f"{one}," for one in objects(1, 2)), *objects(3), "]"),
        lines(f"[{','.join(objects(1, 2))}]"),
        lines("[", *objects(1), "]"),
        lines(f"[{objects(1)[0]}", *(f",{one}" for one in objects(2, 3)), "]"),
    ],
    ids=["a line each", "one line", "of one", "commas first"],
)
def test_an_array_is_refused_with_what_to_do(loads: Loads, content: bytes) -> None:
    report = loads.events(content, "log.jsonl")

    assert counts(report) == (0, 0, 0, 0)
    assert report.files[0].problem.endswith("is one JSON array; possible: one object a line")


def test_a_name_in_other_letters_is_the_same_column_and_refuses_no_file(loads: Loads) -> None:
    other = objects(2)[0].replace('"system"', '"System"')

    report = loads.events(lines(*objects(1), other, *objects(3)), "log.jsonl")

    assert counts(report) == (3, 3, 0, 0)
    assert loads.rows("DISTINCT system, extra") == [("RMS", None)]


def test_an_object_that_names_a_column_in_two_spellings_costs_only_itself(loads: Loads) -> None:
    report = loads.events(lines(*objects(1), *objects(2, User_ID="U9")), "log.jsonl")

    assert counts(report) == (2, 1, 0, 1)
    assert reasons(loads) == [(2, "a name stands twice in one object: 'User_ID'")]


def test_objects_that_share_no_names_are_read_in_parts(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "_MOST_CELLS", 40)
    rows = [objects(n, **{f"key {n}": "v"})[0] for n in range(9)]

    report = loads.events(lines(*rows), "log.jsonl")

    assert counts(report) == (9, 9, 0, 0)
    assert loads.rows("extra")[8] == ('{"key 8": "v"}',)


def test_a_number_longer_than_any_count_is_refused_with_its_place(loads: Loads) -> None:
    header = f"{HEADER},result_count"
    rows = f"{event(1)},{'9' * 5000}", f"{event(2)},3"

    report = loads.events(csv(*rows, header=header))

    assert counts(report) == (2, 1, 0, 1)
    assert reasons(loads) == [(2, f"result_count: '{'9' * 40}' is no whole number")]


def test_two_stray_quotes_cost_their_own_lines_and_not_those_between(loads: Loads) -> None:
    rows = [event(n) for n in range(6)]
    rows[1] = rows[1].replace("E1,", 'E1,"')
    rows[4] = rows[4].replace(":04:00Z", ':04:00Z"').replace("E4,", "")

    report = loads.events(csv(*rows))

    assert counts(report) == (6, 4, 0, 2)
    assert loads.rows("event_id") == [("E0",), ("E2",), ("E3",), ("E5",)]
    assert [row.line for row in loads.waiting()] == [3, 6]


def test_a_cell_of_many_lines_in_a_row_of_no_use_stays_one_row(loads: Loads) -> None:
    report = loads.events(csv(event(1, occurred_at="never", reason='"two\nlines"'), event(2)))

    assert counts(report) == (2, 1, 0, 1)
    assert loads.waiting()[0].raw == event(1, occurred_at="never", reason='"two\nlines"')


def test_rows_behind_an_open_quote_are_read_where_the_file_breaks_off(loads: Loads) -> None:
    rows = [event(n, reason=f"reason {n * 7919}") for n in range(300)]
    rows[100] = rows[100].replace("E100,", '"E100,')
    pressed = gzip.compress(csv(*rows), mtime=0)

    report = loads.events(pressed[:-400], "log.csv.gz")

    assert report.refused
    assert report.read > 150
    assert counts(report) == (report.read, report.read - 1, 0, 1)


def test_no_row_is_taken_from_compressed_data_that_was_altered(loads: Loads) -> None:
    sound = gzip.compress(csv(event(1)), mtime=0)
    altered = bytearray(gzip.compress(lines(*(event(n) for n in range(2, 900))), mtime=0))
    altered[len(altered) // 2] ^= 1

    report = loads.events(sound + bytes(altered), "log.csv.gz")

    assert counts(report) == (1, 1, 0, 0)
    assert "line 3: the gzip data is damaged here; the rows before it" in report.files[0].problem


def test_a_long_line_in_a_wide_encoding_below_the_header_costs_only_itself(loads: Loads) -> None:
    wide = event(2, reason="x" * 9000).encode("utf-16-le")

    report = loads.events(csv(event(1)) + wide + b"\n" + f"{event(3)}\n".encode())

    assert counts(report) == (3, 2, 0, 1)
    assert reasons(loads) == [(3, "holds NUL bytes")]
