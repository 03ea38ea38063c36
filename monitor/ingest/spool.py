"""Rows put aside on the disk until a file is read to its end; read back without copying."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa


class Spool:
    """An Arrow file that grows by tables of one schema; the first decides it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pa.RecordBatchFileWriter | None = None

    def add(self, rows: pa.Table) -> None:
        """Put these rows behind the others."""
        if self._writer is None:
            self._writer = pa.ipc.new_file(str(self._path), rows.schema)
        self._writer.write_table(rows)

    def rows(self) -> pa.Table | None:
        """All rows, mapped from the disk; None when there were none. Nothing can be added after."""
        if self._writer is None:
            return None
        self._writer.close()
        with pa.memory_map(str(self._path)) as mapped:
            return pa.ipc.open_file(mapped).read_all()

    def close(self) -> None:
        """End the file if nobody read it."""
        if self._writer is not None:
            self._writer.close()


@contextmanager
def spooled() -> Iterator[Spool]:
    """A spool that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="psdmon-spool-") as folder:
        spool = Spool(Path(folder) / "rows.arrow")
        try:
            yield spool
        finally:
            spool.close()
