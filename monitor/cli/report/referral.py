"""`psdmon report referral`: everything about one alert in a folder, with a manifest."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.errors import Misused
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.alerts.listing import standing
from monitor.cli.alerts.options import alert_argument, desk_asked, unmask_options
from monitor.cli.options import json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.reports.page import Page


@click.command("referral")
@alert_argument
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder that is not there yet, readable by you alone.",
)
@unmask_options
@json_option
@pass_site
def command(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    out: Path,
    unmask: bool,
    purpose: str,
    break_glass: str,
    as_json: bool,
) -> None:
    """Write the package for a referral: report, rows, chain, manifest.

    The report as HTML, and PDF where WeasyPrint is installed; the alert as JSON; its rows with
    file, line and hash; the disclosure schedule; the chain about it; a manifest with SHA-256 of
    each. The manifest's own hash goes on the chain. The referral is made by you, not by psdmon.

    Example: psdmon report referral A-7f3k --out A-7f3k --unmask --purpose "referral 26/31"
    """
    from monitor.reports.alert import alert_page
    from monitor.reports.file import case_file
    from monitor.reports.referral import MANIFEST, hashes, laid_out, package

    desk = desk_asked(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    desk.person.require(Permission.EXPORT)
    found = desk.alert(alert_id)
    desk.require_identities(found)
    if out.exists():
        raise Misused(f"report: {out} is there already; possible: a folder that is not")
    file = case_file(desk, found)
    page = alert_page(file, pack=site.prompt_pack, zone=site.settings.zone, standing=standing(desk))
    facts = {
        "written_by": desk.person.os_user,
        "masked": not desk.shows(found),
        "purpose": desk.purpose,
    }
    files = package(file, page, pdf=_pdf(page), facts=facts)
    sha256 = hashes(files)[MANIFEST]
    desk.looked("report.written", about=found.alert_id, report="referral", sha256=sha256)
    laid_out(out, files)
    if as_json:
        output.as_json({"report": "referral", "folder": str(out), "files": hashes(files)})
        return
    shown = "identities" if desk.shows(found) else "tokens"
    for name, content in files.items():
        click.echo(f"{out / name}  {len(content):,} bytes")
    output.note(f"{out}: package written, with {shown}, manifest SHA-256 {sha256[:16]}")


def _pdf(page: "Page") -> bytes | None:
    """The page as PDF; nothing, and a word why, where it cannot be made."""
    from monitor.reports.writing import written

    try:
        return written(page, ".pdf")
    except Misused as trouble:
        output.note(f"no report.pdf: {trouble}")
        return None
