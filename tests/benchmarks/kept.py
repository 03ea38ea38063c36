"""Finished parts of a benchmark on disk, so that one that was interrupted goes on where it was.

A part is known by what it was made from: its name, the code and the settings of the monitor. One
that other code made is not found, and is made again.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.benchmarks.features import Features
from tests.benchmarks.matching import Item, Rows

_ROOT = Path(__file__).resolve().parents[2]
_MAKERS: Final = (
    "crude", "features", "forces", "judging", "kept", "matching", "opponents", "strand_rows",
    "tickets", "trials", "detection/sources", "detection/taught_score", "detection/tails",
)  # fmt: skip
# Whatever decides what the monitor raises, and what its benchmark keeps of it.
DECIDES: Final = (
    *("detectors/**/*.py", "alerts/*.py", "alerts/drills/*.py"),
    *("monitor/*.py", "monitor/judgement/*.py", "monitor/demo/*.py", "config/*.toml"),
    *(f"tests/benchmarks/{name}.py" for name in _MAKERS),
)


def part(out: Path, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A part that JSON holds: from disk, or made now and put there."""
    path = _place(out, name, ".json")
    if path.is_file():
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    made = make()
    write_whole(path, json.dumps(made))
    return made


def write_whole(path: Path, text: str) -> None:
    """Put a text where it belongs, at once or not at all."""
    written = path.with_suffix(".part")
    written.write_text(text, encoding="utf-8")
    written.replace(path)


def features_part(out: Path, name: str, make: Callable[[], Features]) -> Features:
    """The features of a force: from disk, or made now and put there."""
    path = _place(out, name, ".npz")
    if not path.is_file():
        made = make()
        written = path.with_suffix(".part.npz")
        np.savez(
            written, names=np.array(made.names), matrix=made.matrix, user_no=made.user_no,
            focus_no=made.focus_no, day=made.day, role_no=made.role_no, tenth=made.tenth,
            user_ids=made.rows.user_ids.astype(str), subject_ids=made.rows.subject_ids.astype(str),
        )  # fmt: skip
        written.replace(path)
    with np.load(path) as found:
        kept = {key: found[key] for key in found.files}
    rows = Rows(
        user_ids=kept["user_ids"].astype(object),
        subject_ids=kept["subject_ids"].astype(object),
        user_no=kept["user_no"],
        subject_no=kept["focus_no"],
        day=kept["day"],
    )
    return Features(
        names=tuple(kept["names"].tolist()),
        matrix=kept["matrix"],
        user_no=kept["user_no"],
        focus_no=kept["focus_no"],
        day=kept["day"],
        role_no=kept["role_no"],
        tenth=kept["tenth"],
        rows=rows,
    )


def as_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Items as JSON holds them."""
    return [asdict(item) for item in items]


def from_json(kept: Sequence[dict[str, Any]]) -> tuple[Item, ...]:
    """Items as they were."""
    return tuple(Item(**{**one, "subject_ids": tuple(one["subject_ids"])}) for one in kept)


@cache
def code(patterns: tuple[str, ...] = DECIDES) -> str:
    """A digest of the files that some patterns name, 12 hexadecimal digits."""
    told = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in _ROOT.glob(pattern)}):
        told.update(path.relative_to(_ROOT).as_posix().encode() + path.read_bytes())
    return told.hexdigest()[:12]


def _place(out: Path, name: str, suffix: str) -> Path:
    folder = out / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{code()}{suffix}"
