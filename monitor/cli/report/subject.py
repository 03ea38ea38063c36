"""`psdmon report subject`: who looked at one person, for that person's own request."""

from pathlib import Path

import click

from monitor.access.desk import Desk, desk_of
from monitor.access.roles import Permission, purpose_given
from monitor.cli import output
from monitor.cli.options import json_option, pass_site, purpose_option
from monitor.cli.report.options import give, out_option
from monitor.wiring import Site


@click.command("subject")
@click.argument("subject_id", metavar="ID")
@out_option(required=False)
@click.option("--masked", is_flag=True, help="Write a token in place of the person's own id.")
@purpose_option
@json_option
@pass_site
def command(  # noqa: PLR0913 one argument an option
    site: Site, *, subject_id: str, out: Path | None, masked: bool, purpose: str, as_json: bool
) -> None:
    """Write who looked at one person, and why, with third parties masked.

    For a subject access request or a review. Members of staff appear as tokens with their role,
    whatever is asked for; nothing typed is repeated; whether an alert exists is not said. The
    purpose and the report's hash go on the chain, the person's id does not.

    Example: psdmon report subject P0001 --purpose "SAR 26/104" --out subject.html
    """
    from monitor.reports.subject import subject_page, visits_to

    stated = purpose_given(purpose, to_do="report subject")
    desk = desk_of(site, purpose=stated)
    desk.person.require(Permission.UNMASK)
    desk = Desk(site=site, person=desk.person, purpose=stated, unmasked=not masked)
    visits = visits_to(site, subject_id)
    page = subject_page(
        subject_id, visits, site=site, unmasked=desk.unmasked, written_at=site.clock.now()
    )
    give(desk, page, out=out, as_json=as_json)
    _warn(desk, subject_id)


def _warn(desk: Desk, subject_id: str) -> None:
    """Tell whoever releases it, and nobody else, that telling might prejudice an enquiry."""
    alerts = desk.site.store.alerts_of_subjects([subject_id])
    if any(desk.knows(alert) for alert in alerts):
        output.note(
            "before release: an alert touches this record, which the report does not say;"
            " ask the authority whether telling would prejudice an enquiry or somebody's safety"
        )
