"""The package for a referral: the report, the alert, its rows, the chain, and a manifest."""

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any, Final

from alerts.contract import FORMAT
from monitor.reports.file import CaseFile
from monitor.reports.page import Page, html
from monitor.views.documents import exported
from monitor.views.wording import SENTENCE

MANIFEST: Final = "manifest.json"
_ROWS: Final = (
    *("event_id", "occurred_at", "user_id", "requester_id", "system", "action", "subject_id"),
    *("subject_type", "case_ref", "reason_code", "reason", "search_terms", "terminal_id"),
    *("on_duty", "file", "line", "raw_sha256"),
)
# A cell that begins so is a formula to a spreadsheet; an apostrophe before it makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def package(
    file: CaseFile, page: Page, *, pdf: bytes | None, facts: Mapping[str, Any]
) -> dict[str, bytes]:
    """Every file of the package by name, the manifest last.

    Args:
        file: of the alert.
        page: the report on it.
        pdf: the same page as PDF; nothing where it cannot be made.
        facts: about the package itself, for the manifest.
    """
    files = {
        "report.html": html(page).encode(),
        "alert.json": _json(exported(file.alert)),
        "rows.csv": _rows(file).encode(),
        "chain.jsonl": "".join(_entry(asdict(entry)) for entry in file.entries).encode(),
        "disclosure.csv": _schedule(file).encode(),
    }
    if pdf is not None:
        files["report.pdf"] = pdf
    return {**files, MANIFEST: _manifest(files, file, facts=facts)}


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each file by name, 64 hexadecimal digits."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def laid_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into a new folder that its owner alone may read."""
    folder.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)


def _manifest(files: Mapping[str, bytes], file: CaseFile, *, facts: Mapping[str, Any]) -> bytes:
    sums = hashes(files)
    return _json(
        {
            "format": FORMAT,
            "alert_id": file.alert.alert_id,
            "written_at": file.written_at.isoformat().replace("+00:00", "Z"),
            **facts,
            "chain_head": {"seq": file.head.seq, "hash": file.head.hash},
            "rows_not_held": file.evidence if isinstance(file.evidence, str) else "",
            "files": [
                {"name": name, "bytes": len(files[name]), "sha256": sums[name]}
                for name in sorted(files)
            ],
            "notice": SENTENCE,
        }
    )


def _rows(file: CaseFile) -> str:
    rows = () if isinstance(file.evidence, str) else file.evidence.rows
    told = (asdict(row) for row in rows)
    return _csv(_ROWS, [[row[name] for name in _ROWS] for row in told])


def _schedule(file: CaseFile) -> str:
    rows = [
        [number, item.what, item.says, str(item.bears)]
        for number, item in enumerate(file.items, start=1)
    ]
    return _csv(("number", "item", "says", "bears"), rows)


def _csv(head: tuple[str, ...], rows: list[list[object]]) -> str:
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n")  # RFC 4180
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _entry(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()
