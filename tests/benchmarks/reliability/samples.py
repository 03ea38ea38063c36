"""Files as sources write them: a beginning, records, and what each is read by."""

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

_FIRST = datetime(2026, 1, 5, tzinfo=UTC)
_REASONS = (
    "enquiry",
    "blade, 5 inch",
    'seen with a 5" knife',
    'told "not now"',
    "first line\nsecond line",
    "rue de l'\u00c9glise \u2013 na\u00efve",
    "",
)
_CANONICAL = (
    "event_id,occurred_at,user_id,requester_id,system,action,subject_id,subject_type,reason,"
    "case_ref,result_count,restricted"
)
_PORTAL = "id,userId,searchDate,reason,licensePlate,cameraCount"
_ORGANISATION = (
    "ID,Name,Org Name,Total Networks Searched,Time Frame,License Plate,Reason,Case #,Filters,"
    "Search Time,Search Type,Text Prompt,Moderation"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One whole file.

    Attributes:
        name: of the file, with its suffix.
        table: where its rows go.
        profile: by which they are read.
        header: the first line with its end; empty where objects need none.
        records: rows as they stand in the file, each with its line end.
    """

    name: str
    table: str
    profile: str
    header: bytes
    records: tuple[bytes, ...]

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.header + b"".join(self.records)


def sample(chance: random.Random, *, rows: int, kind: str = "") -> Sample:
    """A file of one of the kinds, by chance or as named."""
    made = KINDS[kind or chance.choice(list(KINDS))]
    return made(chance, rows)


def parquet_bytes(rows: int, *, checksums: bool) -> bytes:
    """A Parquet file of canonical events."""
    names = ("event_id", "occurred_at", "user_id", "system", "action", "subject_id", "reason")
    cells = [_event(number) for number in range(rows)]
    table = pa.table({name: [row[name] for row in cells] for name in names})
    out = io.BytesIO()
    pq.write_table(table, out, compression="snappy", write_page_checksum=checksums)
    return out.getvalue()


def _event(number: int) -> dict[str, str]:
    at = _FIRST + timedelta(minutes=number * 7)
    return {
        "event_id": f"E{number}",
        "occurred_at": f"{at:%Y-%m-%dT%H:%M:%S}Z",
        "user_id": f"U{number % 17}",
        "system": "RMS",
        "action": ("view", "search", "print")[number % 3],
        "subject_id": f"P{number % 29}",
        "subject_type": "person",
        "reason": _REASONS[number % len(_REASONS)],
        "case_ref": f"C{number % 5}",
        "result_count": str(number % 4),
        "restricted": ("yes", "no")[number % 2],
    }


def _written(header: str, rows: Sequence[dict[str, str]], *, every: bool, end: str) -> list[bytes]:
    """The rows as delimited text, each cell quoted or only those that must be."""
    names = header.split(",")
    return [
        (",".join(_cell(row.get(name, ""), every=every, end=end) for name in names) + end).encode()
        for row in rows
    ]


def _cell(text: str, *, every: bool, end: str) -> str:
    doubled = text.replace('"', '""').replace("\n", end)
    return f'"{doubled}"' if every or any(c in text for c in ',"\n\r') else text


def _canonical(chance: random.Random, rows: int) -> Sample:
    end = chance.choice(("\n", "\n", "\r\n", "\r"))
    records = _written(
        _CANONICAL, [_event(n) for n in range(rows)], every=chance.random() < 0.4, end=end
    )
    bom = "\ufeff" if chance.random() < 0.2 else ""
    return Sample(
        name="log.csv",
        table="events",
        profile="canonical",
        header=f"{bom}{_CANONICAL}{end}".encode(),
        records=tuple(records),
    )


def _inches(chance: random.Random, rows: int) -> Sample:
    """Cells that end with a quote that was never opened, as careless exporters write them."""
    del chance
    header = "event_id,occurred_at,user_id,system,action,subject_id"
    ends = {True: ' 5"', False: ""}
    written = [_event(n) | {"subject_id": f"P{n}{ends[n % 9 == 4]}"} for n in range(rows)]
    lines = [",".join(row[name] for name in header.split(",")) + "\n" for row in written]
    return Sample(
        name="log.csv",
        table="events",
        profile="canonical",
        header=f"{header}\n".encode(),
        records=tuple(line.encode() for line in lines),
    )


def _objects(chance: random.Random, rows: int) -> Sample:
    del chance
    lines = [json.dumps(_event(n), ensure_ascii=n % 2 == 0) + "\n" for n in range(rows)]
    return _lines("log.jsonl", "canonical", lines)


def _ecs(chance: random.Random, rows: int) -> Sample:
    del chance
    lines = []
    for number in range(rows):
        row = _event(number)
        written = {
            "@timestamp": row["occurred_at"],
            "event": {"id": row["event_id"], "action": "access", "dataset": "RMS"},
            "user": {"name": row["user_id"]},
            "labels": {"subject_id": row["subject_id"], "colour": "red"},
        }
        lines.append(json.dumps(written) + "\n")
    return _lines("siem.ndjson", "ecs-jsonl", lines)


def _ocsf(chance: random.Random, rows: int) -> Sample:
    del chance
    lines = []
    for number in range(rows):
        row = _event(number)
        written = {
            "class_uid": 6003,
            "activity_id": 2,
            "time": 1772374929123 + number * 1000,
            "metadata": {"uid": row["event_id"], "product": {"name": "RMS"}},
            "actor": {"user": {"uid": row["user_id"]}},
            "resources": [{"uid": row["subject_id"], "type": "person"}],
        }
        lines.append(json.dumps(written) + "\n")
    return _lines("log.jsonl", "ocsf", lines)


def _fhir(chance: random.Random, rows: int) -> Sample:
    del chance
    lines = []
    for number in range(rows):
        row = _event(number)
        written = {
            "resourceType": "AuditEvent",
            "id": row["event_id"],
            "action": "R",
            "recorded": row["occurred_at"],
            "agent": [{"requestor": True, "who": {"identifier": {"value": row["user_id"]}}}],
            "source": {"site": "EHR"},
            "entity": [{"role": {"code": "1"}, "what": {"reference": row["subject_id"]}}],
        }
        lines.append(json.dumps(written) + "\n")
    return _lines("log.ndjson", "fhir-auditevent", lines)


def _lines(name: str, profile: str, lines: Sequence[str]) -> Sample:
    return Sample(
        name=name,
        table="events",
        profile=profile,
        header=b"",
        records=tuple(line.encode() for line in lines),
    )


def _portal(chance: random.Random, rows: int) -> Sample:
    end = chance.choice(("\n", "\r\n"))
    written = [
        {
            "id": f"E{n}",
            "userId": f"U{n % 7}",
            "searchDate": f"2026-02-{n % 28 + 1:02d} 09:{n % 60:02d}:04.789",
            "reason": _REASONS[n % len(_REASONS)],
            "licensePlate": "***",
            "cameraCount": "2510",
        }
        for n in range(rows)
    ]
    return Sample(
        name="portal.csv",
        table="events",
        profile="flock-portal",
        header=f"{_PORTAL}{end}".encode(),
        records=tuple(_written(_PORTAL, written, every=False, end=end)),
    )


def _organisation(chance: random.Random, rows: int) -> Sample:
    """Two dates in one cell: every row lies on two lines."""
    del chance
    written = [
        {
            "ID": f"a{n}",
            "Name": "Smith, A",
            "Org Name": "Org",
            "Total Networks Searched": "84",
            "Time Frame": "02/01/2026, 12:00:00 AM UTC\n03/01/2026, 12:00:00 AM UTC",
            "License Plate": "ab 12cde",
            "Reason": _REASONS[n % 4],
            "Case #": f"26-{n}",
            "Search Time": f"02/{n % 28 + 1:02d}/2026, 02:22:09 PM UTC",
            "Search Type": "search - Mobile",
        }
        for n in range(rows)
    ]
    return Sample(
        name="audit.csv",
        table="events",
        profile="flock-org-13",
        header=f"\ufeff{_ORGANISATION}\r\n".encode(),
        records=tuple(_written(_ORGANISATION, written, every=False, end="\r\n")),
    )


def _niche(chance: random.Random, rows: int) -> Sample:
    del chance
    header = "Date Time,User,Action,Entity,Entity Type"
    lines = [
        f"{n % 28 + 1:02d}/02/2026 09:{n % 60:02d}:00,u{n % 7},Viewed,N{n},Nominal\n"
        for n in range(rows)
    ]
    return Sample(
        name="niche.csv",
        table="events",
        profile="niche-audit",
        header=f"{header}\n".encode(),
        records=tuple(line.encode() for line in lines),
    )


_TABLES = {
    "staff": (
        "user_id,role,team,area,surname,valid_from,valid_to",
        "U{n},response,R1,North,Surname{n},2025-01-01,2027-01-01",
    ),
    "shifts": (
        "user_id,starts_at,ends_at,kind",
        "U{n},2026-01-05T07:00:00Z,2026-01-05T17:00:00Z,duty",
    ),
    "taskings": (
        "user_id,team,case_ref,starts_at,ends_at,role",
        "U{n},,C{n},2026-01-05T07:00:00Z,,investigator",
    ),
    "subjects": (
        "subject_id,subject_type,area,sex,age,surname,markers",
        "P{n},person,North,F,{n},Surname{n},child;repeat victim",
    ),
    "record_changes": ("subject_id,field,changed_at", "P{n},address,2026-01-05T07:00:00Z"),
}


def _reference(chance: random.Random, rows: int) -> Sample:
    table = chance.choice(list(_TABLES))
    header, row = _TABLES[table]
    return Sample(
        name=f"{table}.csv",
        table=table,
        profile="canonical",
        header=f"{header}\n".encode(),
        records=tuple(f"{row.format(n=n)}\n".encode() for n in range(rows)),
    )


KINDS = {
    "canonical": _canonical,
    "inches": _inches,
    "objects": _objects,
    "ecs": _ecs,
    "ocsf": _ocsf,
    "fhir": _fhir,
    "portal": _portal,
    "organisation": _organisation,
    "niche": _niche,
    "reference": _reference,
}
