"""Stories: files as they come, each read rightly or refused with its place."""

import gzip
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from monitor.clock import FixedClock
from monitor.ingest import FileProgress, ingest_events
from monitor.ingest.rows import MAX_ROW_BYTES
from tests.monitor.ingest.loaded import HEADER, NOW, PROFILES, Loads, counts, csv, event

BOM = b"\xef\xbb\xbf"


def refusals(loads: Loads) -> list[tuple[int, str]]:
    """Line and reason of what waits."""
    return [(row.line, row.reason) for row in loads.waiting()]


@pytest.mark.parametrize(
    "content",
    [
        BOM + csv(event(1), event(2)),
        csv(event(1), event(2)).rstrip(b"\n"),
        csv(event(1), event(2)).replace(b"\n", b"\r\n"),
        csv(event(1), event(2)).replace(b"\n", b"\r"),
        csv("", event(1), "   ", event(2), ""),
        csv(event(1), event(2), header=HEADER.upper()),
        b"\n\n" + csv(event(1), event(2)),
    ],
    ids=["bom", "no newline", "CRLF", "CR", "blank lines", "upper case", "blank lines first"],
)
def test_the_same_rows_are_read_however_their_lines_end(loads: Loads, content: bytes) -> None:
    assert counts(loads.events(content)) == (2, 2, 0, 0)
    assert loads.rows("event_id, reason") == [("E1", "enquiry"), ("E2", "enquiry")]


@pytest.mark.parametrize(
    ("name", "pressed"),
    [
        ("log.csv.gz", gzip.compress),
        ("log.csv.zst", zstandard.ZstdCompressor().compress),
        ("log.csv", gzip.compress),
        ("log.csv.gz", bytes),
    ],
    ids=["gzip", "Zstandard", "gzip that does not say so", "plain that says gzip"],
)
def test_compression_is_told_by_the_first_bytes(
    loads: Loads, name: str, pressed: Callable[[bytes], bytes]
) -> None:
    assert counts(loads.events(pressed(csv(event(1))), name)) == (1, 1, 0, 0)


def test_gzip_files_put_one_behind_another_are_one_file(loads: Loads) -> None:
    content = gzip.compress(csv(event(1))) + gzip.compress(f"{event(2)}\n".encode()) + bytes(512)

    assert counts(loads.events(content, "log.csv.gz")) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("suffix", "pressed", "told"),
    [
        (".gz", gzip.compress, "the gzip data breaks off here"),
        (".zst", zstandard.ZstdCompressor().compress, "the Zstandard data breaks off here"),
    ],
)
def test_a_file_that_breaks_off_keeps_its_rows_and_is_refused(
    loads: Loads, suffix: str, pressed: Callable[[bytes], bytes], told: str
) -> None:
    whole = pressed(csv(*(event(n, reason=f"reason {n * 7919}") for n in range(40_000))))

    report = loads.events(whole[:-2000], "log.csv" + suffix)

    assert report.refused
    assert 0 < report.stored == report.read < 40_000
    assert (
        f"line {report.read + 2}: {told}; the rows before it were read" in report.files[0].problem
    )


def test_damage_inside_a_compressed_file_is_told_with_its_place(loads: Loads) -> None:
    whole = bytearray(gzip.compress(csv(*(event(n) for n in range(9)))))
    whole[-6] ^= 0xFF

    report = loads.events(bytes(whole), "log.csv.gz")

    assert report.refused
    assert "the gzip data is damaged here" in report.files[0].problem


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_wide_encoding_is_refused_with_what_to_do(loads: Loads, encoding: str) -> None:
    report = loads.events(csv(event(1)).decode().encode(encoding))

    assert counts(report) == (0, 0, 0, 0)
    assert "is UTF-16 or UTF-32; possible: save it as UTF-8" in report.files[0].problem


def test_bytes_that_are_not_text_cost_only_their_row(loads: Loads) -> None:
    bad = event(2, reason="caf\xe9").encode("latin-1")

    report = loads.events(csv(event(1)) + bad + b"\n" + event(3).encode())

    assert counts(report) == (3, 2, 0, 1)
    assert refusals(loads) == [(3, "holds bytes that are not text in the profile's encoding")]
    [row] = loads.waiting()
    assert row.raw.endswith("caf\\xe9")
    assert row.bytes == bad


def test_a_profile_may_name_an_older_encoding(loads: Loads) -> None:
    older = PROFILES["canonical"].model_copy(update={"encoding": "cp1252"})

    loads.events(csv(event(1, reason="caf\xe9 \u2026")).decode().encode("cp1252"), profile=older)

    assert loads.rows("reason") == [("caf\xe9 \u2026",)]


def test_nul_bytes_cost_only_their_row(loads: Loads) -> None:
    report = loads.events(csv(event(1), event(2, reason="a\0b"), event(3)) + bytes(40))

    assert counts(report) == (4, 2, 0, 2)
    assert refusals(loads) == [(3, "holds NUL bytes"), (5, "holds NUL bytes")]


def test_a_header_alone_is_a_file_without_rows(loads: Loads) -> None:
    report = loads.events(csv())

    assert counts(report) == (0, 0, 0, 0)
    assert not report.refused


@pytest.mark.parametrize("content", [b"", b"\n \n", BOM], ids=["nothing", "blank", "mark"])
def test_an_empty_file_is_refused(loads: Loads, content: bytes) -> None:
    assert "is empty: it has no header" in loads.events(content).files[0].problem


def test_too_few_and_too_many_cells_cost_only_their_row(loads: Loads) -> None:
    report = loads.events(csv(event(1), "a,b", event(2) + ",,", event(3)))

    assert counts(report) == (4, 2, 0, 2)
    assert refusals(loads) == [
        (3, "2 cells where the header has 7"),
        (4, "9 cells where the header has 7"),
    ]


def test_a_quote_that_never_closes_costs_only_its_own_row(loads: Loads) -> None:
    report = loads.events(csv(event(1), event(2, reason='"open'), event(3), event(4, reason='"a"')))

    assert counts(report) == (4, 3, 0, 1)
    assert [line for line, _ in refusals(loads)] == [3]
    assert loads.rows("event_id, reason") == [("E1", "enquiry"), ("E3", "enquiry"), ("E4", "a")]


def test_a_quote_that_closes_in_another_row_costs_only_its_own(loads: Loads) -> None:
    content = csv(event(1, user_id='"U1'), event(2, reason='"b"'), event(3))

    assert counts(loads.events(content)) == (3, 2, 0, 1)
    assert [line for line, _ in refusals(loads)] == [2]


def test_text_behind_a_closing_quote_is_refused(loads: Loads) -> None:
    assert counts(loads.events(csv(event(1, reason='"a" b'), event(2)))) == (2, 1, 0, 1)


def test_a_cell_may_hold_line_ends_quotes_and_delimiters(loads: Loads) -> None:
    content = csv(event(1, reason='"one,\r\ntwo ""three"""'), event(2))

    report = loads.events(content)

    assert counts(report) == (2, 2, 0, 0)
    assert loads.rows("event_id, line, reason") == [
        ("E1", 2, 'one,\ntwo "three"'),
        ("E2", 4, "enquiry"),
    ]


def test_a_huge_cell_is_read_and_a_monstrous_one_costs_only_its_row(loads: Loads) -> None:
    huge, monstrous, beyond = (n * "x" for n in (300_000, MAX_ROW_BYTES + 1, 9 << 20))

    report = loads.events(
        csv(*(event(n, reason=r) for n, r in enumerate([huge, monstrous, beyond, "last"])))
    )

    assert counts(report) == (4, 2, 0, 2)
    assert loads.rows("event_id, line, length(reason)") == [("E0", 2, 300_000), ("E3", 5, 4)]
    assert refusals(loads) == [
        (3, f"the row is longer than {MAX_ROW_BYTES} bytes"),
        (4, f"the row is longer than {MAX_ROW_BYTES} bytes"),
    ]


def test_a_column_nobody_knows_is_reported_and_kept(loads: Loads) -> None:
    report = loads.events(csv(event(1) + ",blue", event(2) + ",", header=HEADER + ",Colour"))

    assert report.files[0].unknown_columns == ("Colour",)
    assert loads.rows("event_id, extra") == [("E1", '{"Colour": "blue"}'), ("E2", None)]


def test_a_missing_required_column_refuses_the_file_with_the_names_found(loads: Loads) -> None:
    report = loads.events(b"when,user_id,action\n2026-03-01T09:00:00Z,U1,view\n")

    assert counts(report) == (0, 0, 0, 0)
    assert report.files[0].problem.endswith(
        "log.csv: columns are missing: occurred_at, system; found: when, user_id, action"
    )


def test_another_delimiter_is_guessed_aloud_and_not_silently(loads: Loads) -> None:
    report = loads.events(csv(event(1)).replace(b",", b";"))

    assert "the whole header is one name: is the delimiter another?" in report.files[0].problem


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_profile_names_another_delimiter(loads: Loads, delimiter: str) -> None:
    other = PROFILES["canonical"].model_copy(update={"delimiter": delimiter})
    quoted = event(1, reason='"a;b\t|c"').encode().replace(b",", delimiter.encode())
    header = HEADER.replace(",", delimiter).encode()

    loads.events(header + b"\n" + quoted, profile=other)

    assert loads.rows("reason") == [("a;b\t|c",)]


def test_a_wanted_column_that_stands_twice_refuses_the_file(loads: Loads) -> None:
    report = loads.events(csv(event(1) + ",U2", header=HEADER + ",User_ID"))

    assert "columns stand twice: user_id" in report.files[0].problem


def test_an_unwanted_column_that_stands_twice_keeps_both(loads: Loads) -> None:
    loads.events(csv(event(1) + ",x,y", header=HEADER + ",note,note"))

    assert loads.rows("extra") == [('{"note": "x", "note (2)": "y"}',)]


def test_subjects_are_resolved_blank_or_masked(loads: Loads) -> None:
    loads.events(csv(event(1), event(2, subject_id=" "), event(3, subject_id="***")))

    assert loads.rows("event_id, subject_id, subject_state") == [
        ("E1", "P1", "resolved"),
        ("E2", None, "blank"),
        ("E3", None, "masked"),
    ]


def test_rows_that_say_too_little_tell_everything_that_is_wrong(loads: Loads) -> None:
    loads.events(csv(event(1, user_id="***", occurred_at="yesterday", action="")))

    told = (
        "user_id is masked at the source; action is blank; occurred_at: 'yesterday' is not a time"
    )
    assert refusals(loads) == [(2, f"{told} this profile reads: iso")]


def test_an_action_of_another_system_is_kept_as_other_with_its_text(loads: Loads) -> None:
    report = loads.events(
        csv(event(1, action="Queued/Awaiting Assignment"), event(2, action="VIEW"))
    )

    assert loads.rows("action, action_raw") == [
        ("other", "Queued/Awaiting Assignment"),
        ("view", None),
    ]
    assert report.files[0].unknown_codes == {"action": ("Queued/Awaiting Assignment",)}


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("1969-12-31T23:59:59Z", "occurred_at is before 1970"),
        ("1900-01-01T00:00:00Z", "occurred_at is before 1970"),
        ("2026-03-11T06:00:01Z", "occurred_at is after 2026-03-11T06:00:00Z, a day past loading"),
    ],
)
def test_a_time_no_log_can_have_is_quarantined(loads: Loads, when: str, told: str) -> None:
    assert counts(loads.events(csv(event(1, occurred_at=when)))) == (1, 0, 0, 1)
    assert refusals(loads) == [(2, told)]


def test_numbers_and_truths_are_read_or_refused(loads: Loads) -> None:
    header = HEADER + ",result_count,restricted"
    rows = ("3,yes", "12.0,FALSE", ",", "three,no", "1,perhaps", "9223372036854775808,1")

    loads.events(csv(*(f"{event(n)},{row}" for n, row in enumerate(rows)), header=header))

    assert loads.rows("event_id, result_count, restricted") == [
        ("E0", 3, True),
        ("E1", 12, False),
        ("E2", None, None),
    ]
    assert refusals(loads) == [
        (5, "result_count: 'three' is no whole number"),
        (6, "restricted: 'perhaps' is neither yes nor no"),
        (7, "result_count: '9223372036854775808' is no whole number"),
    ]


def test_objects_one_a_line_are_rows(loads: Loads) -> None:
    first = dict(zip(HEADER.split(","), event(1).split(","), strict=True))
    lines = [
        json.dumps(first | {"result_count": 3, "restricted": True, "more": {"a": [1, 2]}}),
        "",
        json.dumps(first | {"event_id": 2}),
        '{"event_id": 3, "event_id": 4}',
        "[1]",
        '{"a": NaN}',
        '{"user_id": "\\ud800"}',
        '{"user_id": "\\u0000"}',
        "{",
    ]

    report = loads.events("\n".join(lines).encode(), "log.jsonl")

    assert counts(report) == (8, 2, 0, 6)
    assert report.files[0].unknown_columns == ("more.a",)
    assert loads.rows("event_id, line, result_count, restricted, extra") == [
        ("2", 3, None, None, None),
        ("E1", 1, 3, True, '{"more.a": "[1, 2]"}'),
    ]
    assert refusals(loads) == [
        (4, "is not JSON: a name stands twice in one object"),
        (5, "is not a JSON object"),
        (6, "is not JSON: NaN is not a number"),
        (7, "holds half of a surrogate pair"),
        (8, "holds NUL bytes"),
        (9, "is not JSON: column 2: Expecting property name enclosed in double quotes"),
    ]


def test_a_json_array_is_refused_with_what_to_do(loads: Loads) -> None:
    report = loads.events(b'\n[{"event_id": 1}]', "log.json")

    assert "is one JSON array; possible: one object a line" in report.files[0].problem


def test_objects_without_a_required_name_refuse_the_file(loads: Loads) -> None:
    report = loads.events(b'{"event_id": 1, "who": "U1"}', "log.jsonl")

    assert "columns are missing: occurred_at, user_id, system, action" in report.files[0].problem
    assert report.files[0].problem.endswith("found: event_id, who")


def test_parquet_is_read_with_its_own_types(loads: Loads) -> None:
    table = pa.table(
        {
            "Event_ID": pa.array([1.0, None, 3.0]),
            "occurred_at": pa.array([1772355600_123456789, 1772355601_000000000, 0]).cast(
                pa.timestamp("ns", "Europe/London")
            ),
            "user_id": pa.array(["U1", "U1", "U2"]).dictionary_encode(),
            "system": ["RMS", "RMS", "RMS"],
            "action": ["view", "view", None],
            "result_count": [1, 2, 3],
            "is_machine": [True, False, None],
        }
    )
    loads.folder.mkdir()
    pq.write_table(table, loads.folder / "made.parquet")

    report = loads.events((loads.folder / "made.parquet").read_bytes(), "log.parquet")

    assert counts(report) == (3, 2, 0, 1)
    assert loads.rows("result_count, is_machine, line") == [(1, True, 1), (2, False, 2)]
    assert refusals(loads) == [(3, "action is blank")]
    assert counts(loads.retried(profile="canonical")) == (1, 0, 0, 1)


def test_damaged_parquet_is_refused(loads: Loads) -> None:
    report = loads.events(b"PAR1 and then nothing of the kind PAR1", "log.parquet")

    assert "row 1: the Parquet data is damaged" in report.files[0].problem


def test_a_workbook_is_refused_with_what_to_do(loads: Loads) -> None:
    report = loads.events(b"PK\x03\x04\x14\x00", "log.csv")

    assert "is a ZIP file or a workbook; possible: save it as CSV" in report.files[0].problem


def test_progress_is_told_by_bytes_and_rows(loads: Loads) -> None:
    path = loads.file(csv(event(1), event(2)))
    told: list[FileProgress] = []
    ingest_events(
        loads.home,
        [path],
        profile=PROFILES["canonical"],
        clock=FixedClock(NOW),
        settings=loads.settings,
        progress=told.append,
    )

    size = path.stat().st_size
    assert told[-1] == FileProgress(file=path, bytes_done=size, bytes_total=size, rows=2)
