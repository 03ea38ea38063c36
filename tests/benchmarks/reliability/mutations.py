"""What cables and careless exporters do to files: seeded changes of bytes, lines and files."""

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import zstandard

from tests.benchmarks.reliability.samples import Sample

_ODD_BYTES = (
    *(b"\0", b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"),
    *(b"\xef\xbb\xbf", b"\x1f", b"\x1e", b"\x0b", b"\x0c", b"\x85", b"\xe2\x80\xa8", b"\x1a"),
    *(b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xff\xfe", b"\x1f\x8b", b"PAR1"),
)
_ODD_TEXTS = (
    *("9" * 30, "9" * 5_000, "1e999", "-0", "NaN", "\u0663\u0664", "=cmd|' /C calc'!A0", "***"),
    *("2026-02-31T09:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "24:00:00"),
    *("2026-06-30T23:59:60Z", "2026-03-01T09:00:00+99:99", "2026-03-29T01:30:00", "1970-01-01"),
    *("null", "None", "\\N", "\\", '"', "'", "{}", "[]", "x" * 70_000, "\t", " ", "\u00a0"),
    *("99999-01-01T00:00:00Z", "-1", "0x10", "1,234", "0001-01-01T00:00:00+18:00"),
)
_ODD_VALUES = (
    *("null", "true", "[]", "{}", "1e999", "NaN", "-Infinity", '"\\ud800"', '"\\u0000"', "0.1"),
    *("9" * 30, "9" * 5_000, '{"a.b": {"c": []}}', "[" * 10_000 + "]" * 10_000, '"\\x"', "'x'"),
    *('{"a": 1, "a": 2}', '[{"requestor": true}]'),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutated:
    """A file after its changes.

    Attributes:
        sample: the file as it was.
        text: its bytes before any compression.
        content: the bytes that lie on the disk.
        name: of the file.
        untouched: where each record that nothing touched begins in `text`, and the record.
        lines_touched: records that were changed, added or taken away.
        header_touched: whether the names may have changed, so that nothing is promised of rows.
        damaged: whether compressed bytes were changed, not only cut off.
    """

    sample: Sample
    text: bytes
    content: bytes
    name: str
    untouched: tuple[tuple[int, bytes], ...]
    lines_touched: int
    header_touched: bool = False
    damaged: bool = False


def with_lines_changed(sample: Sample, chance: random.Random, *, share: float) -> Mutated:
    """The file with about a share of its records changed, each by itself."""
    chosen = {number for number in range(len(sample.records)) if chance.random() < share}
    return _joined(sample, chance, chosen=chosen)


def mutated(sample: Sample, chance: random.Random) -> Mutated:
    """The file with one to three records changed, or the file itself, or both."""
    count = min(chance.randint(0, 3), len(sample.records))
    found = _joined(sample, chance, chosen=set(chance.sample(range(len(sample.records)), count)))
    if count and chance.random() < 0.5:
        return found
    return chance.choice(FILE_CHANGES)(found, chance)


def _joined(sample: Sample, chance: random.Random, *, chosen: set[int]) -> Mutated:
    parts, untouched, at = [sample.header], [], len(sample.header)
    broken = False  # the record before lost its line end, and runs into this one
    for number, record in enumerate(sample.records):
        if number in chosen:
            changed = _changed(record, chance, objects=not sample.header)
            parts.append(changed)
            broken = not changed.endswith((b"\n", b"\r"))
        else:
            if not broken:
                untouched.append((at, record))
            parts.append(record)
            broken = False
        at += len(parts[-1])
    text = b"".join(parts)
    return Mutated(
        sample=sample,
        text=text,
        content=text,
        name=sample.name,
        untouched=tuple(untouched),
        lines_touched=len(chosen),
    )


def _changed(record: bytes, chance: random.Random, *, objects: bool) -> bytes:
    """The record after one to three changes; mostly its line end stays."""
    body = record.rstrip(b"\r\n")
    end = record[len(body) :]
    changes = OBJECT_CHANGES if objects and chance.random() < 0.5 else LINE_CHANGES
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        body = chance.choice(changes)(body, chance)
    if chance.random() < 0.05:
        return body
    return body + end


def _at(body: bytes, chance: random.Random) -> int:
    return chance.randint(0, len(body))


def _put(body: bytes, what: bytes, chance: random.Random) -> bytes:
    at = _at(body, chance)
    return body[:at] + what + body[at:]


def _flip(body: bytes, chance: random.Random) -> bytes:
    if not body:
        return body
    at = chance.randrange(len(body))
    return body[:at] + bytes([body[at] ^ (1 << chance.randrange(8))]) + body[at + 1 :]


def _take_out(body: bytes, chance: random.Random) -> bytes:
    at = _at(body, chance)
    return body[:at] + body[at + chance.randint(1, 12) :]


def _twice(body: bytes, chance: random.Random) -> bytes:
    at = _at(body, chance)
    piece = body[at : at + chance.randint(1, 20)]
    return body[:at] + piece + body[at:]


def _without(body: bytes, mark: bytes, chance: random.Random) -> bytes:
    places = [at for at in range(len(body)) if body[at : at + 1] == mark]
    if not places:
        return body
    at = chance.choice(places)
    return body[:at] + body[at + 1 :]


def _cell_replaced(body: bytes, chance: random.Random) -> bytes:
    cells = body.split(b",")
    cells[chance.randrange(len(cells))] = chance.choice(_ODD_TEXTS).encode()
    return b",".join(cells)


def _value_replaced(body: bytes, chance: random.Random) -> bytes:
    places = [at for at in range(len(body)) if body[at : at + 2] == b": "]
    if not places:
        return body
    at = chance.choice(places) + 2
    rest = body[at:]
    ends = [rest.find(mark) for mark in (b", ", b"}") if rest.find(mark) >= 0]
    value = chance.choice(_ODD_VALUES).encode()
    return body[:at] + value + rest[min(ends, default=len(rest)) :]


def _name_added(body: bytes, chance: random.Random) -> bytes:
    name = chance.choice(("user_id", "a.b", "", "extra", "x" * 300, "user", "labels.subject_id"))
    value = chance.choice(_ODD_VALUES)
    return body[:1] + f'"{name}": {value}, '.encode() + body[1:]


LINE_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _take_out,
    _twice,
    _cell_replaced,
    _cell_replaced,
    lambda body, chance: _put(body, bytes([chance.randrange(256)]), chance),
    lambda body, chance: _put(body, chance.choice(_ODD_BYTES), chance),
    lambda body, chance: _put(body, chance.choice(_ODD_TEXTS).encode(), chance),
    lambda body, chance: _put(body, b'"', chance),
    lambda body, chance: _put(body, b'"', chance),
    lambda body, chance: _put(body, b',"', chance),
    lambda body, chance: _put(body, b'",', chance),
    lambda body, chance: _without(body, b'"', chance),
    lambda body, chance: _put(body, b",", chance),
    lambda body, chance: _without(body, b",", chance),
    lambda body, chance: body.replace(b",", chance.choice((b";", b"\t", b"|"))),
    lambda body, chance: _put(body, chance.choice((b"\n", b"\r\n", b"\r", b"\n\n")), chance),
    lambda body, chance: body[: _at(body, chance)],
    lambda _, chance: chance.randbytes(chance.randint(0, 200)),
    lambda body, _: body + b"\n" + body,
    lambda body, _: b'"' + body,
    lambda body, chance: (
        body.decode("utf-8", "replace").encode("utf-16-le")
        if chance.random() < 0.3
        else body.decode("utf-8", "replace").encode("cp1252", "replace")
    ),
)
OBJECT_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _value_replaced,
    _value_replaced,
    _name_added,
    lambda body, chance: _without(body, b"}", chance),
    lambda body, chance: _without(body, b'"', chance),
    lambda body, _: b"[" + body + b"]",
    lambda body, _: b"[" + body,
    lambda body, _: body + b",",
    lambda body, _: body + body,
    lambda body, chance: body.replace(b'"', b"'") if chance.random() < 0.5 else b"null",
)


def _cut(found: Mutated, chance: random.Random) -> Mutated:
    at = chance.randint(0, len(found.text))
    text = found.text[:at]
    kept = tuple(one for one in found.untouched if one[0] + len(one[1]) <= at)
    return replace(
        found,
        text=text,
        content=text,
        untouched=kept,
        lines_touched=found.lines_touched + 1,
        header_touched=found.header_touched or at < len(found.sample.header),
    )


def _head(found: Mutated, chance: random.Random) -> Mutated:
    """The first line changed; of a file of objects the first record is the first line."""
    header = found.sample.header
    if not header:
        return _tail(found, chance)
    body = _changed(header, chance, objects=False)
    text = body + found.text[len(header) :]
    return replace(found, text=text, content=text, untouched=(), header_touched=True)


def _tail(found: Mutated, chance: random.Random) -> Mutated:
    """Bytes behind the last line, as a crash or a careless copy leaves them."""
    more = chance.choice(
        (bytes(512), b"\x1a", b"\n\n\n", b"-- 40 rows --\n", chance.randbytes(300), b"\xff" * 20)
    )
    text = found.text + more
    return replace(found, text=text, content=text, lines_touched=found.lines_touched + 1)


def _twice_over(found: Mutated, _: random.Random) -> Mutated:
    """The file behind itself, header and all."""
    text = found.text + found.text
    if not found.text.endswith((b"\n", b"\r")):
        return replace(found, text=text, content=text)
    again = tuple((at + len(found.text), record) for at, record in found.untouched)
    return replace(found, text=text, content=text, untouched=(*found.untouched, *again))


def _pressed(found: Mutated, chance: random.Random) -> tuple[bytes, str]:
    if chance.random() < 0.5:
        return gzip.compress(found.text, mtime=0), ".gz"
    writer = zstandard.ZstdCompressor(write_checksum=chance.random() < 0.7)
    return writer.compress(found.text), ".zst"


def _compressed(found: Mutated, chance: random.Random) -> Mutated:
    content, suffix = _pressed(found, chance)
    return replace(found, content=content, name=found.name + suffix)


def _compressed_and_cut(found: Mutated, chance: random.Random) -> Mutated:
    content, suffix = _pressed(found, chance)
    content = content[: chance.randint(0, len(content) - 1)]
    return replace(
        found, content=content, name=found.name + suffix, lines_touched=found.lines_touched + 1
    )


def _compressed_and_damaged(found: Mutated, chance: random.Random) -> Mutated:
    content, suffix = _pressed(found, chance)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(content))
        content = content[:at] + bytes([content[at] ^ chance.randint(1, 255)]) + content[at + 1 :]
    return replace(
        found,
        content=content,
        name=found.name + suffix,
        damaged=True,
        lines_touched=found.lines_touched + 1,
    )


def _wide(found: Mutated, chance: random.Random) -> Mutated:
    name = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32"))
    text = found.text.decode("utf-8", "replace").encode(name)
    return replace(found, text=text, content=text, untouched=(), header_touched=True)


FILE_CHANGES: tuple[Callable[[Mutated, random.Random], Mutated], ...] = (
    _cut,
    _cut,
    _head,
    _tail,
    _twice_over,
    _compressed,
    _compressed_and_cut,
    _compressed_and_damaged,
    _wide,
)
