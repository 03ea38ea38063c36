"""`psdmon roles`: who is what in this home, given and taken back."""

from typing import Any

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused, NotPermitted
from monitor.access.desk import access_record, person_at
from monitor.access.roles import Permission, Person, Role
from monitor.cli import output
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site

_ROLE = click.Choice([role.value for role in Role])


@click.group("roles")
def command() -> None:
    """See who holds which role, give roles, and take them back.

    A role belongs to an operating-system user (asmith), a group of them (group:psd), or a
    PostgreSQL role (postgresql:psd_reviewer). Nobody gives one to themselves: they ask with
    psdmon access request --role, and a second person approves.

    Example: psdmon roles list; psdmon roles grant asmith reviewer
    """


@command.command("list")
@json_option
@pass_site
def listed(site: Site, *, as_json: bool) -> None:
    """Show who holds which role, and which member of staff each user is.

    Example: psdmon roles list
    """
    whoever = person_at(site)
    if not (whoever.may(Permission.ADMINISTER) or whoever.may(Permission.AUDIT)):
        whoever.require(Permission.ADMINISTER)
    holders = site.store.role_holders()
    matches = access_record(site).matches
    rows = [
        {"holder": name, "roles": sorted(holders.get(name, ())), "staff": _staff(site, name)}
        for name in sorted({*holders, *matches})
    ]
    site.store.record("role.listed", actor=site.actor, at=site.clock.now())
    if as_json:
        output.as_json({"holders": rows, "assigned": not whoever.alone})
        return
    _print(whoever, rows)


@command.command("grant")
@click.argument("holder")
@click.argument("role", type=_ROLE)
@dry_run_option
@pass_site
def grant(site: Site, *, holder: str, role: str, dry_run: bool) -> None:
    """Give a role to a user, group:NAME or postgresql:NAME.

    The first role given to somebody else ends the fresh home: its one user keeps administrator,
    and what else they held goes back.

    Example: psdmon roles grant asmith reviewer; psdmon roles grant group:psd analyst
    """
    whoever = _administrator(site)
    if holder in site.principals:
        raise NotPermitted(
            f"{site.actor}: cannot give a role to themselves, nor to a group they are in; possible:"
            f' psdmon access request --role {role} --purpose "...", which a second person approves'
        )
    if role in site.store.role_holders().get(holder, frozenset()):
        raise Misused(f"{holder}: holds {role} already; possible: psdmon roles list")
    now = site.clock.now()
    returned = sorted(whoever.roles - {Role.ADMINISTRATOR}) if whoever.alone else []
    if not dry_run:
        site.store.grant(holder, role, actor=site.actor, at=now)
        for one in returned:
            site.store.revoke(site.actor, str(one), actor=site.actor, at=now)
    would = "would hold" if dry_run else "holds"
    click.echo(output.plain(f"{holder}: {would} {role} from now on."))
    if returned:
        gone = ", ".join(returned)
        click.echo(
            f"{site.actor}: keeps administrator; the fresh home's other roles go back ({gone})."
        )


@command.command("revoke")
@click.argument("holder")
@click.argument("role", type=_ROLE)
@dry_run_option
@pass_site
def revoke(site: Site, *, holder: str, role: str, dry_run: bool) -> None:
    """Take a role back; the last administrator stays.

    Example: psdmon roles revoke asmith reviewer
    """
    _administrator(site)
    holders = site.store.role_holders()
    if role not in holders.get(holder, frozenset()):
        raise Misused(f"{holder}: does not hold {role}; possible: psdmon roles list")
    left = [name for name, held in holders.items() if Role.ADMINISTRATOR in held and name != holder]
    if role == Role.ADMINISTRATOR and not left:
        raise Misused(
            f"{holder}: is the last administrator; possible: give that role to somebody else first"
        )
    if not dry_run:
        site.store.revoke(holder, role, actor=site.actor, at=site.clock.now())
    click.echo(output.plain(f"{holder}: {'would hold' if dry_run else 'holds'} {role} no longer."))


def _administrator(site: Site) -> Person:
    whoever = person_at(site)
    whoever.require(Permission.ADMINISTER)
    return whoever


def _staff(site: Site, name: str) -> str:
    """Which member of staff a user is, as a token, or what is missing."""
    match = access_record(site).matches.get(name)
    if match is not None:
        return ", ".join(map(site.masker.staff, match.user_ids)) or "not of the staff"
    return site.masker.staff(name) if site.ties.knows(name) else ""


def _print(whoever: Person, rows: list[dict[str, Any]]) -> None:
    cells = [(row["holder"], ", ".join(row["roles"]), row["staff"] or "-") for row in rows]
    columns = ("holder", Column("roles", overflow="fold"), "member of staff")
    with output.paged() as console:
        console.print(output.table(*columns, rows=cells))
        if whoever.alone:
            said = f"{whoever.os_user} holds every role here until roles are assigned."
            console.print(Text(f"\n{said} Nothing is kept apart from one user."))
