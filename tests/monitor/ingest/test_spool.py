"""Rows put aside while a file is read: all of them come back, and none stays behind."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.ingest.spool import spooled

ROWS = pa.table({"user_id": ["U1", "U2"], "line": [1, 2]})


def test_rows_put_aside_come_back_in_order_and_have_no_name_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with spooled() as spool:
        spool.add(ROWS)
        spool.add(ROWS)
        seen = list(tmp_path.iterdir())
        rows = spool.rows()

    assert rows == pa.concat_tables([ROWS, ROWS])
    assert seen == []


def test_a_spool_into_which_nothing_was_put_has_no_rows() -> None:
    with spooled() as spool:
        assert spool.rows() is None
