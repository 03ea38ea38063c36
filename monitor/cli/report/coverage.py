"""`psdmon report coverage`: how much of what was looked up some record explains."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused
from monitor.cli import output
from monitor.cli.options import TIMES_HELP, json_option, moment, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.coverage import Coverage, Share

_USUAL_SPAN = timedelta(days=28)  # of a report whose beginning is not asked for


@click.command("coverage")
@click.option("--from", "start", type=moment, metavar="TIME", help="Default: 28 days before --to.")
@click.option("--to", "end", type=moment, metavar="TIME", help=f"Default: now. {TIMES_HELP}")
@json_option
@pass_site
def command(site: Site, *, start: datetime | None, end: datetime | None, as_json: bool) -> None:
    """Show what the feeds cover, and what they do not.

    The share of accesses that some record explains, explains partly or does not explain, by role
    and by system. A low share says that records are missing, not that staff did wrong; nobody is
    named. Where a feed is missing, the report says what it cannot tell.

    Example: psdmon report coverage --from 2026-03-01 --to 2026-04-01
    """
    from monitor.access.desk import desk_of
    from monitor.coverage import coverage

    desk = desk_of(site)
    until = end or site.clock.now()
    since = start or until - _USUAL_SPAN
    if until <= since:
        raise Misused(f"coverage: --to {until.isoformat()} is not after --from {since.isoformat()}")
    found = coverage(site, start=since, end=until)
    desk.looked(
        "coverage.shown", start=since, end=until, accesses=found.total.accesses if found else 0
    )
    if as_json:
        output.as_json({"from": since, "to": until, **_document(found)})
        return
    with output.paged() as console:
        for part in _shown(found, since=since, until=until):
            console.print(part)


def _document(found: "Coverage | None") -> dict[str, Any]:
    if found is None:
        return {"accesses": 0}
    return {
        **_row(found.total),
        "by_role": [_row(one) for one in found.by_role],
        "by_system": [_row(one) for one in found.by_system],
        "by_machines": found.by_machines,
        "naming_nobody": found.naming_nobody,
        "cannot_say": list(found.cannot_say),
    }


def _row(share: "Share") -> dict[str, Any]:
    named = {"name": share.name} if share.name else {}
    counts = {
        "accesses": share.accesses,
        "explained": share.explained,
        "partly": share.partly,
        "unexplained": share.unexplained,
    }
    return {**named, **counts, "explained_share": share.of(share.explained)}


def _shown(found: "Coverage | None", *, since: datetime, until: datetime) -> list[Any]:
    if found is None:
        return [Text("The lake of this home holds no access.")]
    span = f"{since:%-d %B %Y} to {until:%-d %B %Y}"
    parts: list[Any] = [
        Text(f"Accesses explained by some record, {span}", style="bold"),
        Text(),
        _table("", [found.total]),
    ]
    for title, shares in (("role", found.by_role), ("system", found.by_system)):
        if shares:
            parts += [Text(), _table(title, shares)]
    left_out = (
        f"Left out: {output.counted(found.by_machines, 'access', things='accesses')} by machines, "
        f"{output.counted(found.naming_nobody, 'access', things='accesses')} that name nobody."
    )
    parts += [Text(), Text(left_out)]
    parts += [Text(f"Cannot say: {reason}.") for reason in found.cannot_say]
    low = "A low share says that records are missing, not that anybody did wrong."
    return [*parts, Text(), Text(low)]


def _table(title: str, shares: "Sequence[Share]") -> Any:
    heads = ("accesses", "explained", "partly", "not")
    columns = (
        Column(title, overflow="fold"),
        *(Column(head, justify="right", no_wrap=True) for head in heads),
    )
    rows = [
        (
            (one.name or "all").replace("_", " "),
            f"{one.accesses:,}",
            _percent(one, one.explained),
            _percent(one, one.partly),
            _percent(one, one.unexplained),
        )
        for one in shares
    ]
    return output.table(*columns, rows=rows)


def _percent(share: "Share", part: int | None) -> str:
    value = share.of(part)
    return "-" if value is None else f"{100 * value:.1f} %"
