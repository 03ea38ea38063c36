"""The bytes of a file, plain or compressed, in blocks of whole lines, up to where they break."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import zstandard

from alerts.errors import DataRefused
from monitor.ingest.rows import KEPT_RAW_BYTES, MAX_ROW_BYTES

_PIECE = 1 << 20  # bytes read from the disk at once
_COMPRESSED_PIECE = 1 << 16  # the same of a compressed file, which grows in memory
_BLOCK = 4 << 20  # bytes of whole lines that are read together
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZIP, PARQUET = b"PK\x03\x04", b"PAR1"
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines of a file.

    Attributes:
        first_line: number of the first of them, 1 for the first line of the file.
        data: the lines, each with its line end, which the last of a file may lack.
        has_bom: whether the file begins with a UTF-8 byte order mark.
        too_long: whether this is the beginning of one line too long to read.
    """

    first_line: int
    data: bytes
    has_bom: bool = False
    too_long: bool = False


class _Decompressor(Protocol):
    """What zlib and zstandard have in common."""

    @property
    def eof(self) -> bool:
        """Whether the compressed stream has ended."""

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the stream."""

    def decompress(self, data: bytes, /) -> bytes:
        """The bytes these compressed bytes hold."""


class _Broken(Exception):  # noqa: N818 not an error of ours: where a stream stops being one
    """A compressed stream stops before its end; says how."""


def blocks(path: Path, *, seen: Callable[[int], None]) -> Iterator[Block]:
    """The file in blocks of whole lines.

    Args:
        path: a plain, gzip or Zstandard file, told apart by its first bytes.
        seen: told how many bytes of the file have been read.

    Raises:
        DataRefused: when the file cannot be text in lines; or, after the last whole line, when a
            compressed file breaks off there.
    """
    line, rest, skipping, has_bom, begun = 1, b"", False, False, False
    broken = ""
    pieces = _pieces(path, seen)
    while True:
        try:
            piece = next(pieces, b"")
        except _Broken as trouble:
            piece, broken = b"", str(trouble)
        ended = not piece
        rest += piece
        if not begun and (len(rest) >= len(_BOM) + 1 or ended):
            begun = True
            _refuse_wide(path, rest[:4096])
            has_bom = rest.startswith(_BOM)
            rest = rest.removeprefix(_BOM)
        if skipping:
            at = _after_first_line(rest)
            if at == 0 and not ended:
                rest = rest[-1:] if rest.endswith(b"\r") else b""
                continue
            rest, skipping, line = rest[at:] if at else b"", False, line + 1
        if len(rest) >= _BLOCK or ended:
            cut = len(rest) if ended and not broken else _after_last_line(rest)
            if cut:
                data, rest = rest[:cut], rest[cut:]
                yield Block(first_line=line, data=data, has_bom=has_bom)
                line += len(data.splitlines())
            elif len(rest) > MAX_ROW_BYTES and not ended:
                start = rest[: MAX_ROW_BYTES + 1]
                yield Block(first_line=line, data=start, has_bom=has_bom, too_long=True)
                rest, skipping = rest[-1:] if rest.endswith(b"\r") else b"", True
        if broken:
            raise DataRefused(f"{path}: line {line}: {broken}; the rows before it were read")
        if ended:
            return


def magic(path: Path) -> bytes:
    """The first four bytes of a file."""
    with path.open("rb") as file:
        return file.read(4)


def _after_first_line(data: bytes) -> int:
    """Where the second line begins; 0 when the first has not certainly ended."""
    ends = [at for at in (data.find(b"\n"), data.find(b"\r", 0, len(data) - 1)) if at >= 0]
    if not ends:
        return 0
    first = min(ends)
    return first + (2 if data[first : first + 2] == b"\r\n" else 1)


def _after_last_line(data: bytes) -> int:
    """Where the last, unfinished line begins; 0 when no line has ended."""
    found = data.rfind(b"\n")
    # A carriage return at the very end may be half of a line end.
    return (found if found >= 0 else data.rfind(b"\r", 0, len(data) - 1)) + 1


def _refuse_wide(path: Path, start: bytes) -> None:
    nuls = (start[0::2].count(0), start[1::2].count(0))
    half = len(start) // 2
    looks_wide = half > 1 and (max(nuls) > half * 0.7 and min(nuls) < half * 0.3)
    if start.startswith(_WIDE_BOMS) or looks_wide:
        raise DataRefused(f"{path}: is UTF-16 or UTF-32; possible: save it as UTF-8")


def _pieces(path: Path, seen: Callable[[int], None]) -> Iterator[bytes]:
    start = magic(path)
    if start == _ZIP:
        raise DataRefused(f"{path}: is a ZIP file or a workbook; possible: save it as CSV")
    if start == PARQUET:
        raise DataRefused(f"{path}: is Parquet, and the profile reads text; possible: layout")
    if start.startswith(_GZIP):
        yield from _decompressed(_raw(path, seen, _COMPRESSED_PIECE), "gzip", _gunzip)
    elif start == _ZSTD:
        yield from _decompressed(_raw(path, seen, _COMPRESSED_PIECE), "Zstandard", _unzstd)
    else:
        yield from _raw(path, seen, _PIECE)


def _gunzip() -> _Decompressor:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _unzstd() -> _Decompressor:
    return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()


def _raw(path: Path, seen: Callable[[int], None], size: int) -> Iterator[bytes]:
    done = 0
    with path.open("rb") as file:
        while piece := file.read(size):
            done += len(piece)
            yield piece
            seen(done)


def _decompressed(
    pieces: Iterator[bytes], name: str, fresh: Callable[[], _Decompressor]
) -> Iterator[bytes]:
    """The bytes inside, of all streams that follow one another."""
    stream, begun = fresh(), False
    for piece in pieces:
        waiting = piece
        while waiting:
            if stream.eof:
                waiting = waiting.lstrip(b"\0")  # padding to a block of tape or disk
                stream, begun = fresh(), False
                continue
            try:
                inside = stream.decompress(waiting)
            except (zlib.error, zstandard.ZstdError):
                raise _Broken(f"the {name} data is damaged here") from None
            begun = True
            waiting = stream.unused_data if stream.eof else b""
            if inside:
                yield inside
    if begun and not stream.eof:
        raise _Broken(f"the {name} data breaks off here")
