"""Stories of a file that grows: every line once, whatever rotation does to it."""

import gzip
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.ingest import rows as rows_module
from monitor.ingest import stream
from monitor.sources import followed
from tests.monitor.sources.fed import NOW, Fed, as_csv, counts, ids, row, rows

LOG = """
name = "pnc"
kind = "file"
table = "events"
profile = "canonical"
path = "{folder}/audit.jsonl"
"""
CSV = LOG.replace("audit.jsonl", "audit.csv")
AN_HOUR_AGO = NOW - timedelta(hours=1)


def as_jsonl(found: Iterable[Mapping[str, str]]) -> bytes:
    """The rows as lines of JSON."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in found)


class Log:
    """A file that is written to, and rotated; its clock goes on a minute with each deed."""

    def __init__(self, fed: Fed, name: str = "audit.jsonl") -> None:
        self.fed, self.path, self.at = fed, fed.folder / name, AN_HOUR_AGO

    def write(self, content: bytes) -> None:
        """Append to the file, or begin it."""
        with self.path.open("ab") as file:
            file.write(content)
        self.passes(self.path)

    def passes(self, path: Path) -> None:
        """Let a minute pass, and the file bear the time."""
        self.at += timedelta(minutes=1)
        self.fed.touch(path, at=self.at)

    def sibling(self, name: str) -> Path:
        """A file that rotation makes."""
        return self.path.with_name(f"{self.path.name}.{name}")

    def rename(self, name: str = "1") -> None:
        """Rotate as logrotate does with `create`."""
        self.path.rename(self.sibling(name))

    def copy_and_truncate(self, name: str = "1") -> None:
        """Rotate as logrotate does with `copytruncate`."""
        shutil.copyfile(self.path, self.sibling(name))
        self.passes(self.sibling(name))
        os.truncate(self.path, 0)

    def compress(self, name: str = "1") -> None:
        """Compress a rotated file as gzip does, which keeps its time."""
        plain, packed = self.sibling(name), self.sibling(f"{name}.gz")
        packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
        os.utime(packed, ns=(plain.stat().st_atime_ns, plain.stat().st_mtime_ns))
        plain.unlink()


def test_only_whole_lines_are_taken_and_each_has_its_place(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    content = as_jsonl([row(1), row(2), row(3, occurred_at="bad"), row(4)])
    log.write(content[:-20])

    first = fed.read()
    log.write(content[-20:])
    second, third = fed.read(), fed.read()

    assert [counts(one) for one in (first, second, third)] == [
        (3, 2, 0, 1),
        (1, 1, 0, 0),
        (0, 0, 0, 0),
    ]
    assert fed.stored("line") == [1, 2, 4]
    [waiting] = fed.waiting()
    assert (Path(waiting.file).name, waiting.line) == ("audit.jsonl#1", 3)
    assert len(fed.told()) == 2


def test_the_rest_of_a_renamed_file_is_read_before_the_new_one(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 2)))
    fed.read()
    log.write(as_jsonl(rows(3, 3)) + as_jsonl(rows(4, 4)).rstrip(b"\n"))
    log.rename()
    log.path.touch()

    held = fed.read()  # the writer has not begun the new file, and may still end the last line
    log.write(as_jsonl(rows(5, 6)))
    moved = fed.read()

    assert (counts(held), counts(moved)) == ((1, 1, 0, 0), (3, 3, 0, 0))
    assert [told["generation"] for told in fed.told()] == [1, 1, 1, 2]
    assert fed.stored() == ids(1, 6)
    assert fed.stored("file || ':' || line") == [
        *("audit.jsonl#1:1", "audit.jsonl#1:2", "audit.jsonl#1:3", "audit.jsonl#1:4"),
        *("audit.jsonl#2:1", "audit.jsonl#2:2"),
    ]


def test_a_file_that_is_copied_and_truncated_loses_nothing(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 2)))
    fed.read()
    log.write(as_jsonl(rows(3, 4)))
    log.copy_and_truncate()
    log.write(as_jsonl(rows(5, 20)))  # grown past where reading ended before anybody looked

    report = fed.read()

    assert (counts(report), report.noticed) == ((18, 18, 0, 0), ())
    assert fed.stored() == ids(1, 20)
    assert counts(fed.read()) == (0, 0, 0, 0)


def test_what_was_rotated_several_times_and_compressed_is_read_in_its_order(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 2)))
    fed.read()
    log.write(as_jsonl(rows(3, 4)))
    log.rename("3")
    log.compress("3")
    log.write(as_jsonl(rows(5, 6)))
    log.rename("2")
    log.compress("2")
    log.write(as_jsonl(rows(7, 8)))
    log.rename("1")
    log.write(as_jsonl(rows(9, 9)))

    report = fed.read()

    assert counts(report) == (7, 7, 0, 0)
    names = [told["file"] for told in fed.told()]
    assert names[1:] == ["audit.jsonl.3.gz", "audit.jsonl.2.gz", "audit.jsonl.1", "audit.jsonl"]
    log.compress("1")
    assert counts(fed.read()) == (0, 0, 0, 0)


def test_while_a_file_is_being_compressed_the_plain_one_is_read(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 2)))
    fed.read()
    log.write(as_jsonl(rows(3, 4)))
    log.rename()
    half = gzip.compress(log.sibling("1").read_bytes())[:-12]
    log.sibling("1.gz").write_bytes(half)
    log.write(as_jsonl(rows(5, 5)))

    assert counts(fed.read()) == (3, 3, 0, 0)


def test_a_compressed_file_that_is_still_written_waits_and_so_does_what_follows(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 2)))
    fed.read()
    log.write(as_jsonl(rows(3, 4)))
    log.rename()
    log.compress()
    fed.touch(log.sibling("1.gz"), at=NOW)
    log.write(as_jsonl(rows(5, 5)))

    assert counts(fed.read()) == (0, 0, 0, 0)
    assert counts(fed.read(at=NOW + timedelta(minutes=2))) == (3, 3, 0, 0)


@pytest.mark.parametrize("longer", [1, 9])
def test_a_file_that_was_truncated_is_told_and_read_from_its_start(fed: Fed, longer: int) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 3)))
    fed.read()
    size = log.path.stat().st_size
    os.truncate(log.path, 0)
    log.write(as_jsonl(rows(4, 3 + longer)))

    report = fed.read()

    assert counts(report) == (longer, longer, 0, 0)
    [told] = report.noticed
    assert (told.kind, told.detail) == ("cut_short", f"generation 1, byte {size}")
    assert told.says == (
        f"audit.jsonl was read to byte {size}, line 3; now it has {log.path.stat().st_size} bytes,"
        " was truncated or written over, and no copy was found; it is read from its start"
    )
    assert fed.read().noticed == ()


def test_a_file_that_is_gone_before_its_rest_was_read_is_told(fed: Fed) -> None:
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 3)))
    fed.read()
    log.rename()
    log.write(as_jsonl(rows(4, 5)))
    log.sibling("1").unlink()

    report = fed.read()

    assert counts(report) == (2, 2, 0, 0)
    assert [told.kind for told in report.noticed] == ["cut_short"]
    assert "now it is gone; what followed there was not read" in report.noticed[0].says


def test_a_csv_that_is_rotated_keeps_its_header_if_the_next_begins_without(fed: Fed) -> None:
    fed.declare(CSV)
    log = Log(fed, "audit.csv")
    log.write(as_csv(rows(1, 2)))
    fed.read()
    log.write(as_csv(rows(3, 3), header=False))
    log.rename("1")
    log.write(as_csv(rows(4, 5), header=False))
    log.rename("2")
    log.write(as_csv(rows(6, 6)))

    assert counts(fed.read()) == (4, 4, 0, 0)
    assert fed.stored() == ids(1, 6)


def test_a_csv_of_which_only_the_header_was_read_is_not_mistaken_for_the_next(fed: Fed) -> None:
    fed.declare(CSV)
    log = Log(fed, "audit.csv")
    log.write(as_csv([])[:-1] + b"\n")
    fed.read()
    log.write(as_csv(rows(1, 2), header=False))
    log.copy_and_truncate()
    log.write(as_csv(rows(3, 4)))

    assert counts(fed.read()) == (4, 4, 0, 0)


def test_a_quote_that_is_open_at_the_end_waits_for_its_end_and_no_longer(fed: Fed) -> None:
    fed.declare(CSV)
    log = Log(fed, "audit.csv")
    whole = as_csv([row(1), row(2, subject_id="P\n2"), row(3)])
    log.write(whole[: whole.index(b"\n2") + 1])
    first = fed.read()
    log.write(whole[whole.index(b"\n2") + 1 :])
    second = fed.read()
    log.write(b'E4,"2026-03-01T09:00:00Z\n' + as_csv(rows(5, 6), header=False))
    third = fed.read()
    fourth = fed.read(at=NOW + timedelta(minutes=2))

    told = [counts(report) for report in (first, second, third, fourth)]
    assert told == [(1, 1, 0, 0), (2, 2, 0, 0), (0, 0, 0, 0), (3, 2, 0, 1)]
    [waiting] = fed.waiting()
    assert (Path(waiting.file).name, waiting.line) == ("audit.csv#1", 6)


def test_a_line_too_long_to_read_costs_only_itself(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (stream, rows_module):
        monkeypatch.setattr(module, "MAX_ROW_BYTES", 2_000)
    monkeypatch.setattr(stream, "_BLOCK", 1_000)
    monkeypatch.setattr(stream, "_PIECE", 700)
    monkeypatch.setattr("monitor.ingest.json_lines.MAX_ROW_BYTES", 2_000)
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 1)) + b'{"long": "' + b"x" * 9_000)

    begun = fed.read()
    log.write(b'"}\n' + as_jsonl(rows(2, 3)))
    ended = fed.read()

    assert (counts(begun), counts(ended)) == ((1, 1, 0, 0), (3, 2, 0, 1))
    assert [row.line for row in fed.waiting()] == [2]
    assert fed.stored("line") == [1, 3, 4]


def test_a_header_that_cannot_be_used_stops_the_feed_there_and_is_told(fed: Fed) -> None:
    fed.declare(CSV)
    log = Log(fed, "audit.csv")
    log.write(b"nothing,known\n1,2\n")

    first, second = fed.read(), fed.read()

    assert first.refused
    assert [n.kind for n in second.noticed] == ["file_refused"]
    assert (fed.told(), fed.stored()) == ([], [])


def test_a_reading_goes_on_where_it_was_when_it_stops_between_two_stretches(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "_MOST_BYTES", 1_000)
    monkeypatch.setattr(stream, "_PIECE", 500)
    fed.declare(LOG)
    log = Log(fed)
    log.write(as_jsonl(rows(1, 20)))

    assert counts(fed.read()) == (20, 20, 0, 0)
    assert len(fed.told()) > 2
    assert fed.stored("line") == list(range(1, 21))


@pytest.mark.parametrize("seed", [20260310])
def test_any_order_of_writing_rotating_and_reading_keeps_every_line_once(
    fed: Fed, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    fed.declare(LOG)
    log, number, waiting = Log(fed), 1, b""
    log.write(as_jsonl(rows(1, 1)))
    fed.read(at=log.at + timedelta(minutes=5))
    deeds = chance.choice(["write", "write", "rename", "copy_and_truncate", "read"], size=40)
    for turn, deed in enumerate(deeds):
        begun = log.path.exists() and log.path.stat().st_size > 0
        if deed == "write":
            more, cut = (int(n) for n in chance.integers((1, 0), (4, 30)))
            content = waiting + as_jsonl(rows(number + 1, number + more))
            number += more
            waiting = content[len(content) - cut :]
            log.write(content[: len(content) - cut])
        elif deed == "read":
            fed.read(at=log.at + timedelta(minutes=5))
        elif begun:
            log.write(waiting)
            waiting = b""
            (log.rename if deed == "rename" else log.copy_and_truncate)(str(turn))
            if chance.random() < 0.5:
                log.compress(str(turn))
    log.write(waiting + as_jsonl(rows(number + 1, number + 1)))

    report = fed.read(at=log.at + timedelta(minutes=5))

    assert fed.stored() == ids(1, number + 1)
    assert fed.waiting() == []
    assert report.noticed == ()
    assert sum(told["read"] for told in fed.told()) == number + 1
