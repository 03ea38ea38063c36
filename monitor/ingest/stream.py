"""The bytes of a file, plain or compressed, in blocks of whole lines, up to where they break."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import zstandard

from alerts.errors import DataRefused
from monitor.ingest.rows import MAX_ROW_BYTES

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


class _Broken(Exception):
    """A compressed stream stops before its end; says how."""


class _Damaged(_Broken):
    """A compressed stream is not what was compressed: nothing of it can be trusted."""


def blocks(path: Path, *, seen: Callable[[int], None]) -> Iterator[Block]:
    """The file in blocks of whole lines.

    Args:
        path: a plain, gzip or Zstandard file, told apart by its first bytes.
        seen: told how many bytes of the file have been read.

    Raises:
        DataRefused: when the file cannot be text in lines; or, after the last whole line, when a
            compressed file breaks off there.
    """
    cutter = _Cutter(path=path)
    try:
        for piece in _pieces(path, seen):
            yield from cutter.cut(piece)
    except _Broken as trouble:
        yield from cutter.whole_lines()
        told = f"{path}: line {cutter.line}: {trouble}; the rows before it were read"
        raise DataRefused(told) from trouble
    yield from cutter.all_that_is_left()


@dataclass(slots=True, kw_only=True)  # carries the rest of a line to the next bytes
class _Cutter:
    """Cuts bytes where lines end; a line that is too long is given in part, then passed over."""

    path: Path
    line: int = 1
    rest: bytes = b""
    begun: bool = False
    has_bom: bool = False
    skipping: bool = False

    def cut(self, piece: bytes) -> Iterator[Block]:
        """The blocks that are full with this piece."""
        self.rest += piece
        if self.skipping and not self._past_the_long_line():
            return
        if len(self.rest) < _BLOCK:
            return
        yield from self.whole_lines()
        if len(self.rest) > MAX_ROW_BYTES and not _after_last_line(self.rest):
            self.skipping = True
            start = self.rest[: MAX_ROW_BYTES + 1]
            yield Block(first_line=self.line, data=start, has_bom=self.has_bom, too_long=True)

    def whole_lines(self) -> Iterator[Block]:
        """The lines that have ended."""
        self._begin()
        if not self.skipping:
            yield from self._block(_after_last_line(self.rest))

    def all_that_is_left(self) -> Iterator[Block]:
        """The last lines, the last of which may have no end."""
        self._begin()
        if not self.skipping or self._past_the_long_line():
            yield from self._block(len(self.rest))

    def _block(self, size: int) -> Iterator[Block]:
        data, self.rest = self.rest[:size], self.rest[size:]
        if data:
            yield Block(first_line=self.line, data=data, has_bom=self.has_bom)
            self.line += len(data.splitlines())

    def _begin(self) -> None:
        if self.begun:
            return
        self.begun = True
        _refuse_wide(self.path, self.rest[:4096])
        self.has_bom = self.rest.startswith(_BOM)
        self.rest = self.rest.removeprefix(_BOM)

    def _past_the_long_line(self) -> bool:
        """Whether the long line has ended; what came of it is forgotten."""
        at = _after_first_line(self.rest)
        # A carriage return at the very end may be half of a line end.
        self.rest = self.rest[at:] if at else self.rest[-1:]
        if at:
            self.line, self.skipping = self.line + 1, False
        return at > 0


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
    # A carriage return at the very end may be half of a line end.
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1


def _refuse_wide(path: Path, start: bytes) -> None:
    """Refuse two or four bytes a character; two lines tell, for one alone may be damaged."""
    lines = [line for line in start.split(b"\n") if line.strip(b"\0\r\t ")][:2]
    marked = start.startswith(_WIDE_BOMS)
    if lines and all(_looks_wide(line) or (marked and line is lines[0]) for line in lines):
        raise DataRefused(f"{path}: is UTF-16 or UTF-32; possible: save it as UTF-8")


def _looks_wide(line: bytes) -> bool:
    nuls = (line[0::2].count(0), line[1::2].count(0))
    half = len(line) // 2
    # Of four bytes a character, three are NUL: one half of the places whole, the other by half.
    return half > 1 and max(nuls) > half * 0.7 and min(nuls) < half * 0.6


def _pieces(path: Path, seen: Callable[[int], None]) -> Iterator[bytes]:
    start = magic(path)
    if start == _ZIP:
        raise DataRefused(f"{path}: is a ZIP file or a workbook; possible: save it as CSV")
    if start == PARQUET:
        raise DataRefused(f"{path}: is Parquet, and the profile reads text; possible: layout")
    if start.startswith(_GZIP):
        yield from _trusted(path, seen, name="gzip", fresh=_gunzip)
    elif start == _ZSTD:
        yield from _trusted(path, seen, name="Zstandard", fresh=_unzstd)
    else:
        yield from _raw(path, seen, size=_PIECE)


def _gunzip() -> _Decompressor:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _unzstd() -> _Decompressor:
    return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()


def _raw(path: Path, seen: Callable[[int], None], *, size: int) -> Iterator[bytes]:
    done = 0
    with path.open("rb") as file:
        while piece := file.read(size):
            done += len(piece)
            yield piece
            seen(done)


def _trusted(
    path: Path, seen: Callable[[int], None], *, name: str, fresh: Callable[[], _Decompressor]
) -> Iterator[bytes]:
    """The bytes inside, up to the first stream that is damaged.

    A stream tells only at its end whether it is what was compressed; until then damage can read as
    rows that nobody wrote. So it is read once to know, and once more to load.
    """

    def inside(told: Callable[[int], None], whole: _Whole) -> Iterator[bytes]:
        pieces = _raw(path, told, size=_COMPRESSED_PIECE)
        return _decompressed(pieces, name, fresh=fresh, whole=whole)

    whole = _Whole()
    try:
        for _ in inside(lambda _: None, whole):
            pass
    except _Damaged as trouble:
        yield from _first_bytes(inside(seen, _Whole()), whole.size)
        raise trouble from None
    except _Broken:
        pass  # cut off, not changed: what came is what was compressed, and the end says so again
    yield from inside(seen, _Whole())


def _first_bytes(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        piece = next(pieces)[:left]
        left -= len(piece)
        yield piece


@dataclass(slots=True)  # counts on the way
class _Whole:
    """Bytes inside the streams that ended as they should."""

    size: int = 0


def _decompressed(
    pieces: Iterator[bytes], name: str, *, fresh: Callable[[], _Decompressor], whole: _Whole
) -> Iterator[bytes]:
    """The bytes inside, of all streams that follow one another."""
    stream, begun, given = fresh(), False, 0
    for piece in pieces:
        waiting = piece
        while waiting:
            if _over(stream):
                waiting = waiting.lstrip(b"\0")  # padding to a block of tape or disk
                stream, begun = fresh(), False
                continue
            try:
                inside = stream.decompress(waiting)
            except (zlib.error, zstandard.ZstdError):
                raise _Damaged(f"the {name} data is damaged here") from None
            begun = True
            given += len(inside)
            if _over(stream):
                whole.size = given
            waiting = stream.unused_data if _over(stream) else b""
            if inside:
                yield inside
    if begun and not _over(stream):
        raise _Broken(f"the {name} data breaks off here")


def _over(stream: _Decompressor) -> bool:
    return stream.eof


@dataclass(slots=True, kw_only=True)  # moves on with each block that is given
class Following:
    """The lines of a file from some byte on, and where the next reading may start.

    Attributes:
        path: plain, gzip or Zstandard.
        offset: of the first byte that was not given yet; inside, where the file is compressed.
        line: number of the line that begins there.
        ends: whether nothing more will be written, so that a last line needs no end.
        most: bytes after which no further piece is read.
        has_bom: whether the file begins with a UTF-8 byte order mark.
        more: whether it was left at `most`.
        held: the beginning of a line too long to read, whose end was not seen yet.
    """

    path: Path
    offset: int
    line: int
    ends: bool
    most: int
    has_bom: bool = False
    more: bool = False
    held: Block | None = None

    def blocks(self) -> Iterator[Block]:
        """Blocks of whole lines; a line too long to read is given in part, once it has ended.

        Raises:
            DataRefused: the file cannot be text in lines; or, after the last whole line, a
                compressed file breaks off there.
        """
        cutter = _Cutter(path=self.path, line=self.line, begun=self.offset > 0)
        cutter.has_bom = self.has_bom
        start = read = self.offset
        try:
            for piece in _pieces_from(self.path, start):
                read += len(piece)
                yield from self._of_piece(piece, cutter, read=read)
                self.more = read - start >= self.most and not cutter.skipping
                if self.more:
                    break
        except _Broken as trouble:
            yield from self._passed(cutter.whole_lines(), cutter, read=read)
            told = f"{self.path}: line {cutter.line}: {trouble}; the rows before it were read"
            raise DataRefused(told) from trouble
        yield from self._last(cutter, read=read)

    def _of_piece(self, piece: bytes, cutter: "_Cutter", *, read: int) -> Iterator[Block]:
        """The blocks that a piece fills; the beginning of a line too long is held back."""
        for block in cutter.cut(piece):
            if self.held:
                yield self.held
            self.held = block if block.too_long else None
            if not block.too_long:
                yield from self._passed((block,), cutter, read=read)
        if self.held and not cutter.skipping:
            self.offset, self.line = read - len(cutter.rest), cutter.line
            yield self.held
            self.held = None

    def _last(self, cutter: "_Cutter", *, read: int) -> Iterator[Block]:
        ended = self.ends and not self.more
        if self.held is None:
            left = cutter.all_that_is_left() if ended else cutter.whole_lines()
            yield from self._passed(left, cutter, read=read)
        elif ended:
            self.offset, self.line = read, cutter.line + 1
            yield self.held

    def _passed(self, blocks_: Iterable[Block], cutter: "_Cutter", *, read: int) -> Iterator[Block]:
        for block in blocks_:
            self.offset = read - len(cutter.rest)
            self.line = block.first_line + len(block.data.splitlines())
            self.has_bom = block.has_bom
            yield block


def inside(path: Path, *, start: int, size: int) -> bytes:
    """So many bytes of a file from some byte on; of what is inside, where it is compressed."""
    found = b""
    try:
        for piece in _pieces_from(path, start, trusted=False):
            found += piece[: size - len(found)]
            if len(found) >= size:
                break
    except (_Broken, DataRefused):
        pass  # what is there before the break is what there is
    return found


def is_compressed(path: Path) -> bool:
    """Whether a file is gzip or Zstandard, by its first bytes."""
    start = magic(path)
    return start.startswith(_GZIP) or start == _ZSTD


def _pieces_from(path: Path, offset: int, *, trusted: bool = True) -> Iterator[bytes]:
    """The bytes from one on; a plain file is read from there, a compressed one through it.

    Untrusted, a compressed file is not read once before to know that it is what was compressed.
    """
    if is_compressed(path):
        yield from _after(_pieces(path, lambda _: None) if trusted else _unpacked(path), offset)
    elif offset:
        with path.open("rb") as file:
            file.seek(offset)
            while piece := file.read(_PIECE):
                yield piece
    else:
        yield from _pieces(path, lambda _: None)


def _unpacked(path: Path) -> Iterator[bytes]:
    pieces = _raw(path, lambda _: None, size=_COMPRESSED_PIECE)
    gzip = magic(path).startswith(_GZIP)
    name, fresh = ("gzip", _gunzip) if gzip else ("Zstandard", _unzstd)
    yield from _decompressed(pieces, name, fresh=fresh, whole=_Whole())


def _after(pieces: Iterator[bytes], offset: int) -> Iterator[bytes]:
    passed = 0
    for piece in pieces:
        kept = piece[max(offset - passed, 0) :]
        passed += len(piece)
        if kept:
            yield kept
