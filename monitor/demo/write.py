"""A force on disk: files in the contract's layout, and the truth in a folder of its own."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from monitor.demo.drawing import Ints
from monitor.demo.force import Force
from monitor.demo.log import event_batches
from monitor.demo.names import Names, event_ids, names_of
from monitor.demo.story import Story
from monitor.demo.tables import table_of
from monitor.demo.vocabulary import NONE
from monitor.demo.world import chance_for
from monitor.lake.shape import TABLES

Format = Literal["csv", "parquet"]


def write_force(force: Force, folder: Path, *, format: Format = "csv") -> Mapping[str, Path]:  # noqa: A002 the word of the field
    """Write the log, the reference tables and the truth; the path of each by name.

    `truth` lies in a folder of its own and is never to be loaded. Taskings that arrive late, where
    the plan has any, are the file `late_taskings`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"events": folder / f"events.{format}"}
    _write(event_batches(force), paths["events"], format)
    for name in TABLES:
        table = table_of(force, name)
        if name == "taskings" and force.plan.late_taskings > 0:
            late = chance_for(force.plan, 40).random(table.num_rows) < force.plan.late_taskings
            paths["late_taskings"] = folder / "late" / f"taskings.{format}"
            _write([table.filter(pa.array(late))], paths["late_taskings"], format)
            table = table.filter(pa.array(~late))
        paths[name] = folder / f"{name}.{format}"
        _write([table], paths[name], format)
    paths["truth"] = folder / "truth" / "truth.jsonl"
    paths["truth"].parent.mkdir(exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in truth_of(force))
    paths["truth"].write_text("".join(lines), encoding="utf-8")
    return paths


def truth_of(force: Force) -> Iterable[dict[str, Any]]:
    """What really happened: one row per story, with the ids of its rows in the log."""
    names = names_of(force)
    for number, story in enumerate(force.stories):
        yield _true(force, names, story, number, np.flatnonzero(force.rows.story == number))


def _true(force: Force, names: Names, story: Story, number: int, places: Ints) -> dict[str, Any]:
    users = [names.users[user].as_py() for user in story.users]
    at = force.world.zone.written(
        force.rows.at[places[[0, -1]]] if len(places) else np.zeros(0, dtype=np.int64)
    )
    return {
        "case_id": f"{'M' if story.kind == 'misuse' else 'L'}{number:04d}",
        "kind": story.kind,
        "typology": story.typology,
        "pattern": story.pattern,
        "strength": story.strength,
        "user_id": users[0],
        "user_ids": users,
        "focus_subject_id": "" if story.focus == NONE else names.subjects[story.focus].as_py(),
        "ring_subject_ids": [names.subjects[one].as_py() for one in story.ring],
        "first_visit_at": at[0].as_py() if len(places) else None,
        "last_visit_at": at[1].as_py() if len(places) else None,
        "event_ids": event_ids(places),
    }


def _write(batches: Iterable[pa.Table], path: Path, format: Format) -> None:  # noqa: A002 as above
    path.parent.mkdir(parents=True, exist_ok=True)
    writer: Any = None
    for batch in batches:
        if writer is None:
            writer = (
                csv.CSVWriter(
                    path, batch.schema, write_options=csv.WriteOptions(quoting_style="needed")
                )
                if format == "csv"
                else parquet.ParquetWriter(path, batch.schema, compression="zstd")
            )
        writer.write_table(batch)
    if writer is not None:
        writer.close()
