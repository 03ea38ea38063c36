"""What a benchmark says: figures with units, and the page they are shown on."""

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number, with what a reader needs to measure it again."""

    says: str  # what was measured, in words, with its size and seed
    value: str  # as printed, with its spread where there is one
    unit: str
    limit: str = ""  # what was promised, where something was


def as_json(name: str, figures: Sequence[Figure]) -> str:
    """The figures of one benchmark as a document, with the machine they were measured on."""
    document = {
        "format": 1,
        "benchmark": name,
        "machine": machine(),
        "figures": [asdict(figure) for figure in figures],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, without the machine."""
    rows = [f"| {f.says} | {f.value} {f.unit} | {f.limit or '-'} |" for f in figures]
    return "\n".join(["| measured | figure | promised |", "|---|---|---|", *rows]) + "\n"


def machine() -> str:
    """The machine in the words a reader compares by."""
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"


def placed(page: str, name: str, table: str) -> str:
    """The page with the table of one benchmark between its marks; unchanged without marks."""
    marks = re.compile(rf"(<!-- bench:{name} -->\n).*?(<!-- end -->\n)", re.DOTALL)
    below = f"{table}\nMeasured on {machine()}, DuckDB {version('duckdb')}.\n"
    return marks.sub(lambda found: f"{found[1]}{below}{found[2]}", page)


def write_page(page: Path, name: str, table: str) -> bool:
    """Put a table into a page; whether the page has a place for it."""
    text = page.read_text(encoding="utf-8")
    page.write_text(placed(text, name, table), encoding="utf-8")
    return f"<!-- bench:{name} -->" in text
