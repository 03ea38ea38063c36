"""`psdmon alerts export`: alerts as JSONL or CSV, with identities for a purpose, or masked."""

import csv
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

import click

from alerts.model import Alert
from monitor.access.desk import Desk, desk_of, identities_granted
from monitor.access.masking import masked_alert
from monitor.access.roles import Permission, purpose_given
from monitor.cli import output
from monitor.cli.alerts.options import chosen, status_option
from monitor.cli.options import pass_site, purpose_option
from monitor.views.documents import exported
from monitor.wiring import Site

COLUMNS: Final = (
    *("alert_id", "status", "priority", "family", "raised_at", "updated_at", "user_ids"),
    *("focus_subject_id", "subject_ids", "score", "recurrence_interval_user_years"),
    *("recurrence_interval_role", "limit_of_data", "provisional", "first_event_at"),
    *("last_event_at", "events", "findings", "explanations_tested", "feeds_missing", "prompts"),
    *("says", "settings_fingerprint", "code_version", "notice"),
    *("subjects_beyond", "drawn_at_random"),
)
# A cell that begins so is a formula to a spreadsheet; an apostrophe before it makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@click.command("export")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("jsonl", "csv")),
    default="jsonl",
    show_default=True,
    help="One JSON document a line as in the contract, or one row an alert.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, readable by you alone; default: standard output.",
)
@click.option("--masked", is_flag=True, help="Write tokens in place of identities.")
@status_option
@purpose_option
@pass_site
def export(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    kind: str,
    out: Path | None,
    masked: bool,
    statuses: tuple[str, ...],
    purpose: str,
) -> None:
    """Write every alert, to standard output or a file.

    Real identities are written, so a purpose is needed; with --masked, tokens are, and none is.

    Example: psdmon alerts export --purpose "board of March" --out alerts.jsonl
    """
    desk = desk_of(site, purpose=purpose)
    desk.person.require(Permission.EXPORT)
    if not masked:
        desk.person.require(Permission.UNMASK)
        stated = purpose_given(purpose, to_do="alerts export without --masked")
        identities_granted(site, desk.person, every_alert=True)
        desk = Desk(site=site, person=desk.person, purpose=stated, unmasked=True)
    found = desk.alerts(chosen(statuses))
    content = _WRITERS[kind]([_written(desk, alert) for alert in found]).encode()
    if out is None:
        _told(desk, content, kind=kind, found=found)
        click.echo(content, nl=False)
        return
    from monitor.reports.writing import kept_beside

    with kept_beside(out, content) as put_there:
        _told(desk, content, kind=kind, found=found)
        put_there()
    shown = "tokens" if masked else "identities"
    output.note(f"{out}: {output.counted(len(found), 'alert')} written, with {shown}")


def _told(desk: Desk, content: bytes, *, kind: str, found: Sequence[Alert]) -> None:
    """Leave the entry that later says which file this was."""
    sha256 = hashlib.sha256(content).hexdigest()
    desk.looked(
        "alert.exported",
        alerts=len(found),
        alert_ids=[alert.alert_id for alert in found],
        form=kind,
        sha256=sha256,
    )


def _written(desk: Desk, alert: Alert) -> dict[str, Any]:
    shown = alert if desk.shows(alert) else masked_alert(alert, desk.site.masker.for_files())
    return exported(shown)


def _as_jsonl(documents: Sequence[Mapping[str, Any]]) -> str:
    return "".join(
        json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n" for document in documents
    )


def _as_csv(documents: Sequence[Mapping[str, Any]]) -> str:
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    writer.writerows(_cells(document) for document in documents)
    return written.getvalue()


_WRITERS: Final[Mapping[str, Callable[[Sequence[Mapping[str, Any]]], str]]] = {
    "jsonl": _as_jsonl,
    "csv": _as_csv,
}


def _cells(document: Mapping[str, Any]) -> list[str]:
    interval = document["recurrence_interval"]
    flat = {
        **document,
        "user_ids": ";".join(document["user_ids"]),
        "subject_ids": ";".join(document["subject_ids"]),
        "recurrence_interval_user_years": interval["value"],
        "recurrence_interval_role": interval["role"],
        "limit_of_data": interval["limit_of_data"],
        "events": len(document["event_ids"]),
        "findings": "; ".join(f"{f['detector']}: {f['says']}" for f in document["findings"]),
        "explanations_tested": "; ".join(
            f"{e['kind']}: {e['verdict']}" for e in document["explanations_tested"]
        ),
        "feeds_missing": ";".join(document["feeds_missing"]),
        "prompts": ";".join(prompt["id"] for prompt in document["prompts"]),
    }
    return [_cell(flat[column]) for column in COLUMNS]


def _cell(value: object) -> str:
    text = str(value)
    formula = isinstance(value, str) and text.startswith(_FORMULA)
    return f"'{text}" if formula else text
