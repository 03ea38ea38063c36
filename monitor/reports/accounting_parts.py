"""The accounting parts of the report on one alert: decisions, rows, disclosure, chain, limits."""

from typing import Final
from zoneinfo import ZoneInfo

from alerts.model import Alert
from alerts.prompt_pack import PromptPack
from monitor.reports.file import CaseFile, line_sha256
from monitor.reports.page import Section, Table, cells, plain
from monitor.views.casework import disposition_name
from monitor.views.facts import EvidenceRow
from monitor.views.law import fact_name, value
from monitor.views.wording import count, plain_name, when

_DUTY: Final = {True: "on duty", False: "off duty", None: "not known"}


_NO_CHAIN: Final = "No entry of the chain is about this alert."


EVIDENCE_HEAD: Final = (
    *("When", "Duty", "System", "Action", "Record", "Asked by", "Case", "Reason"),
    *("File", "Line", "SHA-256 of the line"),
)


def decisions(file: CaseFile, zone: ZoneInfo) -> Section:
    """What people did with the alert, and what they put on record."""
    notes = (
        cells(
            when(note.at, zone),
            note.actor,
            plain_name(note.action) + (f" to {note.to}" if note.to else ""),
            disposition_name(note.disposition) if note.disposition else "-",
            "; ".join(part for part in (note.explanation, note.says) if part) or "-",
        )
        for note in file.work.notes
    )
    facts = (
        cells(when(f.at, zone), f.actor, fact_name(f.name), value(f.value, zone), f.reason)
        for f in file.work.recorded
    )
    return Section(
        heading="Decisions",
        tables=(
            Table(
                caption="Actions",
                head=("When", "Who", "What", "Disposition", "Why"),
                rows=tuple(notes),
                none="nobody has acted on it yet.",
            ),
            Table(
                caption="Facts recorded beyond the log",
                head=("When", "Who", "Fact", "Value", "Why"),
                rows=tuple(facts),
                none="none is on record.",
            ),
        ),
    )


def evidence(file: CaseFile, zone: ZoneInfo) -> Section:
    """Every row of the log with its file, its line and its hash."""
    if isinstance(file.evidence, str):
        return Section(heading="Rows of the log", says=(file.evidence,))
    found = file.evidence
    lost = f"{count(found.missing, 'row')} named by the alert are not held any more."
    return Section(
        heading="Rows of the log",
        wide=True,
        warns=plain([lost if found.missing else ""]),
        says=(
            (
                "Each row with its file, its line and the SHA-256 of the line as it was read."
                " Ask the owner of the data for the original; this is a copy."
            ),
        ),
        tables=(
            Table(
                caption=f"{count(len(found.rows), 'row')}, times in {zone.key}",
                head=EVIDENCE_HEAD,
                rows=tuple(_row(row, zone) for row in found.rows),
                narrow=(8, 10),
            ),
        ),
    )


def disclosure(file: CaseFile) -> Section:
    """The disclosure schedule, what undermines beside what supports."""
    rows = (
        cells(number, item.what, item.says, item.bears)
        for number, item in enumerate(file.items, start=1)
    )
    return Section(
        heading="Disclosure schedule",
        says=(
            (
                "What undermines is listed beside what supports. Which way an item points, and"
                " whether it is sensitive, is for the disclosure officer."
            ),
        ),
        tables=(
            Table(caption="Items", head=("No", "Item", "What it is", "Bears"), rows=tuple(rows)),
        ),
    )


def chain_extract(file: CaseFile) -> Section:
    """What the chain tells of the alert, and each version of it."""
    entries = (cells(e.seq, e.at, e.actor, e.kind, e.purpose or "-", e.hash) for e in file.entries)
    versions = (cells(version.seq, line_sha256(version)) for version in file.versions)
    return Section(
        heading="Extract of the chain",
        wide=True,
        says=(
            (
                f"The chain stood at entry {file.head.seq}, hash {file.head.hash}, when this was"
                " written. Each entry's hash covers the one before it: psdmon audit verify."
            ),
        ),
        tables=(
            Table(
                caption="Entries about this alert",
                head=("Entry", "At (UTC)", "Who", "What", "Purpose", "SHA-256"),
                rows=tuple(entries),
                none=_NO_CHAIN,
                narrow=(1, 5),
            ),
            Table(
                caption="Versions of the alert, kept whole",
                head=("Entry", "SHA-256 of the version"),
                rows=tuple(versions),
                narrow=(1,),
            ),
        ),
    )


def limits(alert: Alert, pack: PromptPack) -> Section:
    """What no log shows, and whom a person looked up may be offered."""
    rows = (
        cells(one.name, one.phone, "yes" if one.verified else "not verified")
        for one in pack.support
    )
    return Section(
        heading="What a log shows, and what it cannot",
        points=pack.limits.lines,
        says=(
            f"This alert is of the family {plain_name(alert.family)}; law of {pack.jurisdiction}.",
        ),
        tables=(
            Table(
                caption="Services to offer",
                head=("Service", "Telephone", "Verified"),
                rows=tuple(rows),
                none="the law pack names none: name those of the area.",
            ),
        ),
    )


def _row(row: EvidenceRow, zone: ZoneInfo) -> tuple[str, ...]:
    reason = " ".join(dict.fromkeys(filter(None, (row.reason_code, row.reason))))
    return cells(
        f"{row.occurred_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        _DUTY[row.on_duty],
        row.system,
        row.action,
        row.subject_id or "(none)",
        row.requester_id or "-",
        row.case_ref or "-",
        reason or "-",
        row.file or "-",
        row.line or "-",
        row.raw_sha256 or "-",
    )
