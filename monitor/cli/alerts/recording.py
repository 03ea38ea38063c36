"""`psdmon alerts record`: facts beyond the log, with a reason, on the chain."""

import click
from rich.console import Group
from rich.table import Column
from rich.text import Text

from alerts.model import Alert
from alerts.prompting import called_by, grown_plan
from alerts.recording import condition_of, fact_read, facts_of, refuse_unfounded
from monitor.access.desk import Desk
from monitor.cli import output
from monitor.cli.alerts.acting import reason_option, working_desk
from monitor.cli.alerts.options import alert_argument
from monitor.cli.alerts.showing import legal_standing, put
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site


@click.command("record")
@alert_argument
@click.option(
    "--fact",
    "written",
    required=True,
    metavar="NAME=VALUE",
    help="What is known; NAME=withdrawn takes it back; see psdmon alerts facts.",
)
@reason_option
@dry_run_option
@json_option
@pass_site
def record(  # noqa: PLR0913 one argument an option
    site: Site, *, alert_id: str, written: str, reason: str, dry_run: bool, as_json: bool
) -> None:
    """Record a fact beyond the log: it starts a clock, brings a question, or answers one.

    Facts are never changed or removed; the latest of a name stands. A day is the force's own, a
    time has its offset. Decisions on offences are recorded by their id: PHA-4A=may_apply.

    Example: psdmon alerts record A-7f3k --fact last_act=2026-03-01 --reason "her statement"
    """
    desk = working_desk(site)
    alert = desk.alert(alert_id)
    now = site.clock.now()
    today = now.astimezone(site.settings.zone).date()
    name, value = fact_read(written, facts_of(site.prompt_pack), now=now, today=today)
    refuse_unfounded(name, value, standing=desk.casework(alert).standing)
    condition = condition_of(name, value)
    called = called_by(site.prompt_pack, condition, family=alert.family, on=today)
    if not dry_run:
        site.store.record_fact(
            alert.alert_id,
            name,
            value=value,
            reason=reason,
            actor=desk.person.os_user,
            at=now,
            prompts=called,
        )
    carried = {prompt.id for prompt in alert.prompts}
    joined = [p.id for p in grown_plan(alert.prompts, called) if p.id not in carried]
    if as_json:
        said = {"alert_id": alert.alert_id, "fact": name, "value": value}
        output.as_json({**said, "prompts_joined": joined, "dry_run": dry_run})
        return
    _say(
        desk, alert, done=f"{name} {'would be recorded' if dry_run else 'recorded'}", joined=joined
    )


@click.command("facts")
@json_option
@pass_site
def facts(site: Site, *, as_json: bool) -> None:
    """Show which facts may be recorded, and what each takes.

    The risk plan, the facts that start or stop a clock, those that bring a question, and a
    decision on each offence of the law pack.

    Example: psdmon alerts facts
    """
    known = facts_of(site.prompt_pack)
    rows = [(one.name, ", ".join(one.choices) or str(one.kind), one.means)
            for one in known.values()]  # fmt: skip
    if as_json:
        told = [{"name": name, "takes": takes, "means": means} for name, takes, means in rows]
        output.as_json({"facts": told})
        return
    columns = ("name", Column("takes", overflow="fold"), Column("means", overflow="fold"))
    with output.paged() as console:
        console.print(output.table(*columns, rows=rows))


def _say(desk: Desk, alert: Alert, *, done: str, joined: list[str]) -> None:
    """What was recorded, which questions joined, and how the clocks stand now."""
    more = f"; questions that join: {', '.join(joined)}" if joined else ""
    line = Text(output.plain(f"{alert.alert_id}: {done}{more}"))
    put(Group(line, *legal_standing(desk, desk.shown(alert), work=desk.casework(alert))))
