"""Rows put aside on the disk until a file is read to its end; read back without copying."""

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa


class Spool:
    """An Arrow file that grows by tables of one schema; the first decides it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._writer: pa.RecordBatchFileWriter | None = None

    def add(self, rows: pa.Table) -> None:
        """Put these rows behind the others."""
        if self._writer is None:
            self._writer = pa.ipc.new_file(self._file, rows.schema)
        self._writer.write_table(rows)

    def rows(self) -> pa.Table | None:
        """All rows, mapped from the disk; None when there were none. Nothing can be added after."""
        if self._writer is None:
            return None
        self._writer.close()
        self._file.flush()
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()

    def close(self) -> None:
        """End the file if nobody read it."""
        if self._writer is not None:
            self._writer.close()


@contextmanager
def spooled() -> Iterator[Spool]:
    """A spool that is gone afterwards: its file has no name, so a kill leaves nothing of it."""
    with tempfile.TemporaryFile() as file:
        spool = Spool(file)
        try:
            yield spool
        finally:
            spool.close()
