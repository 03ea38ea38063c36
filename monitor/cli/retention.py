"""`psdmon retention`: what is out of time, what is held back, and erasure that is real."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused
from monitor.access.desk import Desk, access_record, desk_of, person_at
from monitor.access.roles import Permission, Person
from monitor.cli import output
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.keeping.holds import Hold
    from monitor.keeping.schedule import Plan, Share

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("retention")
def command() -> None:
    """See what is out of time, hold it back, or erase it for good.

    How long each kind is kept stands under [retention] in config/settings.toml. Nothing is erased
    by itself: somebody runs apply, and a second person does where the force asks for one. Alerts
    that are open or upheld keep their evidence; a hold keeps whatever it names.

    Example: psdmon retention plan; psdmon retention apply
    """


@command.command("plan")
@json_option
@pass_site
def plan(site: Site, *, as_json: bool) -> None:
    """Show what would be erased today, and what holds keep back; nothing is changed.

    Example: psdmon retention plan
    """
    whoever = person_at(site, gated=False)
    whoever.require(Permission.PLAN)
    found = _planned(site)
    site.store.record(
        "retention.planned", actor=site.actor, at=site.clock.now(), facts={"due": found.due}
    )
    _show(site, found, as_json=as_json)


@command.command("apply")
@click.option(
    "--asked",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="The request of somebody else that is carried out.",
)
@dry_run_option
@json_option
@pass_site
def apply(site: Site, *, asked: int | None, dry_run: bool, as_json: bool) -> None:
    """Erase what is out of time, for good.

    Rows leave the lake and its log, alerts and what was typed leave the store, and both are written
    anew, so that no file of the home holds them; the chain keeps counts and hashes. Where the force
    asks for a second person, the first run writes down a request, and somebody else carries it out
    with --asked. What was broken off is taken up by the next run. Backups of before still hold it.

    Example: psdmon retention apply --dry-run; psdmon retention apply
    """
    from monitor.keeping.erasing import ask, asked_for, erase, unfinished

    whoever = person_at(site, gated=False)
    whoever.require(Permission.ERASE)
    if dry_run:
        _show(site, _planned(site), as_json=as_json)
        return
    if _waits_for_another(site, whoever) and asked is None and unfinished(site) is None:
        entry = ask(site, _planned(site), actor=site.actor)
        if as_json:
            output.as_json({"asked": entry.seq})
        else:
            click.echo(
                f"Request {entry.seq} waits for a second person, who carries it out:"
                f" psdmon retention apply --asked {entry.seq}"
            )
        return
    as_of = asked_for(site, asked, actor=site.actor) if asked else site.clock.now()
    done = erase(site, as_of=as_of, actor=site.actor, asked=asked or 0)
    _show(site, done, as_json=as_json, erased=True)


@command.group("hold")
def hold() -> None:
    """Hold something back from erasure, see what is held, and end a hold.

    A hold names an alert, a member of staff, a person looked up, a span of days, or the last two
    and a span together. It is on the chain with tokens in place of ids.

    Example: psdmon retention hold list
    """


@hold.command("add")
@click.option("--alert", "alert_id", default="", metavar="ID", help="An alert and its evidence.")
@click.option("--staff", default="", metavar="ID", help="Every row of a member of staff.")
@click.option("--person", default="", metavar="ID", help="Every row about a person looked up.")
@click.option("--from", "start", type=_DAY, metavar="DAY", help="Only accesses from this day on.")
@click.option("--to", "end", type=_DAY, metavar="DAY", help="First day that is not held.")
@click.option("--until", type=_DAY, metavar="DAY", help="When the hold ends by itself.")
@click.option("--review", type=_DAY, metavar="DAY", help="When it must be looked at again.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes on the chain.")
@dry_run_option
@json_option
@pass_site
def add(site: Site, /, *, dry_run: bool, as_json: bool, **asked: Any) -> None:
    """Hold something back from erasure, with a reason and an end or a day of review.

    Example: psdmon retention hold add --alert A-7f3k --reason "civil claim 17" --review 2027-01-31
    """
    from monitor.keeping.holds import HELD

    desk = desk_of(site)
    desk.person.require(Permission.HOLD)
    made = _asked(desk, **asked)
    if dry_run:
        number = 0
    else:
        entry = site.store.record(
            HELD,
            actor=site.actor,
            at=site.clock.now(),
            purpose=made.reason,
            facts=made.facts(site.masker),
        )
        number = entry.seq
    if as_json:
        output.as_json({"hold": number, "dry_run": dry_run, **_told(made)})
        return
    done = "Would be held:" if dry_run else f"Hold {number}:"
    click.echo(f"{done} {_what(made)}, {_ends(made)}.")
    if not _is_known(site, staff=asked["staff"], person=asked["person"]):
        output.note(
            "No row names that id as it is written; a hold on another spelling holds nothing."
        )


@hold.command("list")
@json_option
@pass_site
def listed(site: Site, *, as_json: bool) -> None:
    """Show what is held, by whom, why, and which holds must be looked at again.

    Example: psdmon retention hold list
    """
    desk = desk_of(site)
    found = [one for one in _holds(site) if _may_know(desk, one)]
    desk.looked("retention.holds_listed", holds=len(found))
    today = site.clock.now().date()
    if as_json:
        output.as_json(
            {"holds": [{"hold": one.number, **_told(one)} for one in found], "today": str(today)}
        )
        return
    rows = [
        (one.number, _what(one), _ends(one) + _overdue(one, today), one.actor, one.reason)
        for one in found
    ]
    with output.paged() as console:
        if not rows:
            console.print(Text("Nothing is held back."))
            return
        columns = ("hold", Column("what", overflow="fold"), Column("ends", overflow="fold"))
        console.print(output.table(*columns, "by", Column("reason", overflow="fold"), rows=rows))


@hold.command("end")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes on the chain.")
@dry_run_option
@pass_site
def end(site: Site, *, number: int, reason: str, dry_run: bool) -> None:
    """End a hold: what it held is erased when somebody applies the schedule.

    Example: psdmon retention hold end 1204 --reason "the claim was settled"
    """
    from monitor.keeping.holds import ENDED, hold_numbered

    desk = desk_of(site)
    desk.person.require(Permission.HOLD)
    found = hold_numbered((one for one in _holds(site) if _may_know(desk, one)), number)
    if not dry_run:
        site.store.record(
            ENDED,
            actor=site.actor,
            at=site.clock.now(),
            purpose=reason,
            facts={"hold": found.number},
        )
    click.echo(f"Hold {number} {'would end' if dry_run else 'ended'}: {_what(found)}.")


def _planned(site: Site) -> "Plan":
    from monitor.keeping.schedule import plan_at

    return plan_at(site, site.clock.now())


def _waits_for_another(site: Site, whoever: Person) -> bool:
    return site.settings.retention.second_person and not _alone(site, whoever)


def _alone(site: Site, whoever: Person) -> bool:
    """Whether nobody but this person holds any role, so that there is no second person."""
    return whoever.alone or set(site.store.role_holders()) == {site.actor}


def _show(site: Site, found: "Plan", *, as_json: bool, erased: bool = False) -> None:
    from monitor.keeping.erasing import unfinished

    waits = unfinished(site)
    if as_json:
        output.as_json({**_document(found, erased=erased), "unfinished": waits.seq if waits else 0})
        return
    rows = [
        (
            name,
            f"{one.days} days" if one.days else "kept",
            f"{one.due:,}",
            f"{one.held:,}",
            one.oldest or "",
        )
        for name, one in _listed(found)
    ]
    with output.paged() as console:
        due = Column("erased" if erased else "due", justify="right")
        held = Column("held back", justify="right")
        console.print(output.table("what", "kept for", due, held, "oldest", rows=rows))
        for line in _remarks(site, found, erased=erased):
            console.print(Text(line))
        if waits:
            console.print(
                Text(f"Entry {waits.seq}: an erasure was broken off; apply takes it up again.")
            )


def _listed(found: "Plan") -> "Iterator[tuple[str, Share]]":
    """Every kind by its name; of reference tables those with something due, or all as one."""
    tables = [one for one in found.shares if one.kind == "reference"]
    told = [one for one in tables if one.due or one.held]
    for one in found.shares:
        if one.kind != "reference":
            yield one.table or one.kind.replace("_", " "), one
        elif one in told:
            yield one.table, one
        elif one is tables[0] and not told:
            yield "reference tables", one


def _remarks(site: Site, found: "Plan", *, erased: bool) -> list[str]:
    today = site.clock.now().date()
    said = [f"{output.counted(len(found.holds), 'hold')} in force."]
    said += [
        f"Hold {one.number} was to be looked at again on {one.review}."
        for one in found.holds
        if one.review_due(today)
    ]
    if erased and found.due:
        said.append("Backups that were made before still hold it: let them run out too.")
    if not erased:
        said.append("Nothing was changed. What is set to 0 days waits for the force's schedule.")
    return said


def _document(found: "Plan", *, erased: bool) -> dict[str, Any]:
    return {
        "as_of": found.as_of,
        "erased": erased,
        "shares": [
            {
                "kind": one.kind,
                "table": one.table,
                "days": one.days,
                "due": one.due,
                "held": one.held,
                "oldest": one.oldest,
            }
            for one in found.shares
        ],
        "holds": [one.number for one in found.holds],
    }


def _asked(desk: Desk, **asked: Any) -> "Hold":
    """The hold that was asked for, with tokens in place of ids, in its reason too.

    Raises:
        Misused: it names nothing, names an alert and something else, or has neither end nor review.
    """
    from monitor.keeping.holds import Hold

    days = {name: _day(asked[name]) for name in ("start", "end", "until", "review")}
    alert_id, staff, person = asked["alert_id"], asked["staff"], asked["person"]
    named = bool(staff or person or days["start"])
    if bool(alert_id) == named or (days["end"] and not days["start"]):
        raise Misused(
            "hold: it names an alert, or else staff, person, or a span from a day on;"
            " possible: --alert ID, --staff ID, --person ID, --from DAY --to DAY"
        )
    if not (days["until"] or days["review"]):
        raise Misused("hold: it has no end and nobody looks again; possible: --review, --until")
    masker = desk.site.masker.for_files()
    tokens = {staff: masker.staff(staff), person: masker.record(person)}
    return Hold(
        number=0,
        actor=desk.site.actor,
        at=desk.site.clock.now(),
        alert_id=desk.alert(alert_id).alert_id if alert_id else "",
        staff=tokens[staff] if staff else "",
        person=tokens[person] if person else "",
        reason=_without(asked["reason"].strip(), tokens),
        **days,
    )


def _is_known(site: Site, *, staff: str, person: str) -> bool:
    """Whether rows name the ids that a hold is about, as they were typed."""
    con = site.lake.connect(engine=site.settings.engine)
    try:
        asked = (
            (staff, "SELECT user_id FROM events UNION SELECT user_id FROM staff"),
            (person, "SELECT subject_id FROM events UNION SELECT subject_id FROM subjects"),
        )
        return all(
            not one or con.execute(f"SELECT 1 WHERE ? IN ({ids})", [one]).fetchall()
            for one, ids in asked
        )
    finally:
        con.close()


def _without(text: str, tokens: dict[str, str]) -> str:
    """What somebody typed, with the token of each id that the hold itself names."""
    for plain, token in tokens.items():
        if plain:
            text = re.sub(re.escape(plain), token, text, flags=re.IGNORECASE)
    return text


def _holds(site: Site) -> "tuple[Hold, ...]":
    from monitor.keeping.holds import ENDED, HELD, holds_of

    found = holds_of(site.store.chain(kinds=(HELD, ENDED)), site.masker)
    today = site.clock.now().date()
    return tuple(one for one in found if one.in_force(today))


def _may_know(desk: Desk, one: "Hold") -> bool:
    """Whether somebody may know of a hold: none about an alert closed to them, or about them."""
    site = desk.site
    masker = site.masker.for_files()
    match = access_record(site).matches.get(site.actor)
    own = {masker.staff(name) for name in (site.actor, *(match.user_ids if match else ()))}
    if one.staff in own:
        return False
    return not one.alert_id or any(alert.alert_id == one.alert_id for alert in desk.alerts())


def _told(one: "Hold") -> dict[str, Any]:
    return {
        "alert": one.alert_id,
        "staff": one.staff,
        "person": one.person,
        "from": one.start,
        "to": one.end,
        "until": one.until,
        "review": one.review,
        "reason": one.reason,
        "by": one.actor,
        "at": one.at,
    }


def _what(one: "Hold") -> str:
    parts = [
        f"alert {one.alert_id}" if one.alert_id else "",
        f"staff {one.staff}" if one.staff else "",
        f"person {one.person}" if one.person else "",
        f"from {one.start}" if one.start else "",
        f"to {one.end}" if one.end else "",
    ]
    return " ".join(filter(None, parts))


def _ends(one: "Hold") -> str:
    parts = [
        f"until {one.until}" if one.until else "",
        f"looked at again on {one.review}" if one.review else "",
    ]
    return ", ".join(filter(None, parts))


def _overdue(one: "Hold", today: date) -> str:
    return " (overdue)" if one.review_due(today) else ""


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
