"""`psdmon alerts list`: what waits, the most pressing first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from rich.text import Text

from alerts.contract import as_contract
from alerts.model import Alert
from monitor import feeds
from monitor.access.desk import WAITING, Desk
from monitor.cli import output
from monitor.cli.alerts.choosing import fitting, where_option
from monitor.cli.alerts.options import chosen, desk_asked, status_option, unmask_options
from monitor.cli.alerts.steps import alone_said
from monitor.cli.options import json_option, pass_site
from monitor.utc_day import end_of
from monitor.views.queue import empty, queue
from monitor.views.wording import SENTENCE
from monitor.wiring import Site


@click.command("list")
@status_option
@click.option("--all", "every", is_flag=True, help="Referred, closed and merged alerts too.")
@click.option("--mine", is_flag=True, help="Only those you hold.")
@where_option
@unmask_options
@json_option
@pass_site
def listed(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    statuses: tuple[str, ...],
    every: bool,
    mine: bool,
    where: str,
    unmask: bool,
    purpose: str,
    break_glass: str,
    as_json: bool,
) -> None:
    """Show the queue: open, taken and awaiting, the most pressing first.

    Example: psdmon alerts list --status referred --status closed
    """
    desk = desk_asked(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    found = _found(desk, statuses, every=every, mine=mine)
    found = fitting(desk, found, where=where) if where else found
    desk.looked("alert.listed", alerts=len(found), alert_ids=[alert.alert_id for alert in found])
    if as_json:
        output.as_json(_document(desk, found))
        return
    with output.paged() as console:
        if found:
            now = site.clock.now()
            due = due_now(desk)
            console.print(queue([desk.shown(alert) for alert in found], now=now, due=due))
        else:
            console.print(nothing(desk, waiting_only=not (statuses or every or mine or where)))
        for line in clocks_that_warn(desk, found):
            console.print(Text(output.plain(line), style="bold"))
        if below := beside(desk):
            console.print(Text(below))
        console.print(Text(standing(desk), style="dim"))


def clocks_that_warn(desk: Desk, found: Sequence[Alert]) -> list[str]:
    """A line for each clock of these alerts that is near its end or past it."""
    recorded = desk.site.store.recorded_facts()
    if not recorded:
        return []
    from alerts.recording import standing_of
    from monitor.legal import clocks_of
    from monitor.views.law import says

    zone, now, pack = desk.site.settings.zone, desk.site.clock.now(), desk.site.prompt_pack
    lines = []
    for alert in found:
        standing = standing_of((f.name, f.value) for f in recorded if f.alert_id == alert.alert_id)
        clocks = clocks_of(pack, alert, standing=standing, now=now, zone=zone)
        warning = [clock for clock in clocks if clock.warns]
        lines += [f"{alert.alert_id}: {c.rule.title}, {says(c, zone)}" for c in warning]
    return lines


def nothing(desk: Desk, *, waiting_only: bool) -> Any:
    """What is said where no alert is shown."""
    if not waiting_only:
        return Text("No alert fits what was asked for; possible: psdmon alerts list --all")
    lake = desk.site.home.lake
    return empty(
        judged_to=judged_to(desk),
        loaded=feeds.loaded_in(lake),
        missing=feeds.missing_in(lake),
        worked=len(desk.alerts()),
    )


def judged_to(desk: Desk) -> datetime | None:
    """The end of the last judged day; None before the first scan."""
    days = desk.site.store.days.judged()
    if not days:
        return None
    return end_of(max(days))


def due_now(desk: Desk) -> frozenset[str]:
    """The alerts whose day to be looked at again has come, by the force's own calendar."""
    today = desk.site.clock.now().astimezone(desk.site.settings.zone).date()
    found = desk.site.store.follow_ups().values()
    return frozenset(one.alert_id for one in found if one.due_on <= today)


def beside(desk: Desk) -> str:
    """What else waits: a second person's word, and suppressions; empty where nothing does."""
    store, now = desk.site.store, desk.site.clock.now()
    known = {alert.alert_id for alert in desk.alerts()}
    waiting = sum(one.alert_id in known for one in store.requests())
    silent = sum(one.alert_id in known for one in store.suppressions(at=now))
    told = []
    if waiting:
        told.append(f"{output.counted(waiting, 'request')} for a second person (alerts pending)")
    if silent:
        told.append(f"{output.counted(silent, 'suppression')} in force (alerts suppressions)")
    return "; ".join(told) + "." if told else ""


def standing(desk: Desk) -> str:
    """Who is looking, with which roles, and whether identities show."""
    who = desk.person
    held = "every role" if who.holds_every_role else ", ".join(sorted(who.roles))
    shown = "identities shown" if desk.unmasked else "tokens only"
    if desk.granted is not None:
        shown = "identities shown where a second person has opened them"
    told = f"{who.os_user} holds {held} here; {shown}; every look is on the chain."
    return " ".join(filter(None, (told, alone_said(desk))))


def _found(desk: Desk, statuses: tuple[str, ...], *, every: bool, mine: bool) -> Sequence[Alert]:
    if statuses or every:
        found = desk.alerts(chosen(statuses))
    elif mine:
        found = desk.alerts(WAITING)
    else:
        found = desk.waiting()
    if not mine:
        return found
    holders = desk.site.store.holders()
    return [alert for alert in found if holders.get(alert.alert_id) == desk.person.os_user]


def _document(desk: Desk, found: Sequence[Alert]) -> dict[str, Any]:
    holders, follow_ups = desk.site.store.holders(), desk.site.store.follow_ups()
    until = judged_to(desk)
    lake = desk.site.home.lake

    def beside_it(alert_id: str) -> dict[str, Any]:
        due = follow_ups.get(alert_id)
        return {"held_by": holders.get(alert_id, ""), "due_on": due.due_on if due else None}

    return {
        "alerts": [
            {**as_contract(desk.shown(alert)), **beside_it(alert.alert_id)} for alert in found
        ],
        "masked": not desk.unmasked,
        "judged_to": until,
        "feeds_loaded": sorted(feeds.loaded_in(lake)),
        "feeds_missing": list(feeds.missing_in(lake)),
        "notice": SENTENCE,
    }
