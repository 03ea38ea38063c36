"""Lines that a stray quote made one unusable row: read again, each by itself.

Two stray quotes can make one row of many lines that has the right number of cells. Where that row
is of use it stands, for a cell may hold anything, rows of a log included. Where it is not, and one
of its further lines is a row of use by itself, the quote was stray: it costs its own line alone.
"""

from dataclasses import replace

import pyarrow as pa

from monitor.ingest.delimited import NEVER_CLOSED, Dialect, records
from monitor.ingest.matching import Matched
from monitor.ingest.rows import Refusal, Rows
from monitor.ingest.shaping import Shaped, Shaping, shaped


def shaped_by_line(rows: Rows, *, by: Matched, shaping: Shaping) -> Shaped:
    """The rows as the lake wants them; what a stray quote held together is taken apart."""
    found = shaped(rows, by=by, shaping=shaping)
    if not rows.encoding:
        return found
    parts, refused = [found.rows], []
    waiting = list(found.refused)
    codes = dict(found.codes)
    while waiting:
        refusal = waiting.pop(0)
        apart = _apart(refusal, rows, by=by, shaping=shaping)
        if apart is None:
            refused.append(refusal)
            continue
        first = refusal.raw.splitlines()[0]
        refused.append(Refusal(line=refusal.line, reason=NEVER_CLOSED, raw=first))
        parts.append(apart.rows)
        waiting = [*apart.refused, *waiting]
        codes |= {name: codes.get(name, frozenset()) | more for name, more in apart.codes.items()}
    if len(parts) == 1:
        return found
    in_order = pa.concat_tables(parts).sort_by("line")  # a later row of a key supersedes
    return replace(found, rows=in_order, refused=tuple(refused), codes=codes)


def _apart(refusal: Refusal, rows: Rows, *, by: Matched, shaping: Shaping) -> Shaped | None:
    """What the further lines of a refused row are by themselves; None where none is of use."""
    lines = refusal.raw.splitlines(keepends=True)
    if len(lines) == 1:
        return None
    dialect = Dialect(delimiter=shaping.profile.delimiter, encoding=rows.encoding)
    below, _, _ = records(
        rows.names, b"".join(lines[1:]), first_line=refusal.line + 1, dialect=dialect, ends=True
    )
    apart = shaped(below, by=by, shaping=shaping)
    return apart if apart.rows.num_rows else None
