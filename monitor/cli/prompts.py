"""`psdmon prompts`: the questions of law and practice, in force or not, verified or not."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused
from monitor.cli import output
from monitor.cli.options import config_of, json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.prompt_pack import ClockRule, Offence, Prompt, PromptPack

STAGES = ("first", "review", "closure")


@click.group("prompts")
def command() -> None:
    """See the questions of law and practice, and what is unverified.

    Prompts are data of the force, in config/prompts. Each has a source and dates; until a
    solicitor of the force has verified it, it is shown as unverified.

    Example: psdmon prompts show P01
    """


@command.command("list")
@click.option("--family", default="", help="Only those asked of this family of alerts.")
@click.option("--stage", type=click.Choice(STAGES), help="Only those asked at this stage.")
@json_option
@pass_site
def listed(site: Site, *, family: str, stage: str | None, as_json: bool) -> None:
    """Show every prompt in force today.

    Example: psdmon prompts list --family fixation --stage first
    """
    pack, today = _pack(site), site.clock.now().date()
    wanted = _wanted(pack, family=family, stage=stage)
    shown = [p for name, p in sorted(pack.in_force(today).items()) if name in wanted]
    if as_json:
        output.as_json({"jurisdiction": pack.jurisdiction, "prompts": list(map(_row, shown))})
        return
    columns = (
        "id",
        "version",
        "stage",
        "verified",
        Column("asks about", overflow="fold"),
        "review",
    )
    rows = [(p.id, p.version, p.stage, _yes(p), p.title, p.review_due) for p in shown]
    with output.paged() as console:
        console.print(output.table(*columns, rows=rows))
        console.print(Text(f"\n{output.counted(len(shown), 'prompt')}, {pack.jurisdiction}."))
        _say_unverified(console, shown)


def _ids_beginning(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    site = ctx.find_object(Site)
    try:
        pack = site.prompt_pack if site else None
    except Misused:
        return []
    found = sorted({p.id for p in pack.prompts}) if pack else []
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]


@command.command()
@click.argument("prompt_id", metavar="ID", shell_complete=_ids_beginning)
@json_option
@pass_site
def show(site: Site, *, prompt_id: str, as_json: bool) -> None:
    """Show one prompt whole, every version of it.

    Example: psdmon prompts show P01
    """
    pack = _pack(site)
    versions = pack.versions(prompt_id)
    if not versions:
        possible = ", ".join(sorted({prompt.id for prompt in pack.prompts}))
        raise Misused(f"prompt {prompt_id}: is not in {pack.jurisdiction}; possible: {possible}")
    if as_json:
        output.as_json({"id": prompt_id, "versions": list(map(_row, versions))})
        return
    with output.paged() as console:
        for prompt in versions:
            _print_whole(console, prompt)


@command.command()
@click.option("--exit-code", is_flag=True, help="Exit 1 when anything is unverified or overdue.")
@json_option
@pass_site
def verify(site: Site, *, exit_code: bool, as_json: bool) -> int:
    """Show which prompts are unverified, overdue for review, or missing.

    Offences, time limits and numbers of support services are listed too.
    Nothing is changed: a solicitor of the force confirms a prompt by setting verified,
    verified_by and verified_on in config/prompts.

    Example: psdmon prompts verify --exit-code
    """
    from alerts.prompt_pack import law_overdue, law_unverified, missing, overdue, unverified

    pack, today = _pack(site), site.clock.now().date()
    late = (*overdue(pack, today), *law_overdue(pack, today))
    waiting, gone, law = unverified(pack), missing(pack), law_unverified(pack)
    numbers = [one.name for one in pack.support if not one.verified]
    found = bool(late or waiting or gone or law or numbers)
    if as_json:
        output.as_json(
            {
                "jurisdiction": pack.jurisdiction,
                "prompts": len(pack.prompts),
                "unverified": [p.id for p in waiting],
                "overdue": [p.id for p in late],
                "missing": list(gone),
                "law_unverified": [one.id for one in law],
                "support_unverified": numbers,
            }
        )
    else:
        with output.paged() as console:
            _print_verification(console, pack, waiting=waiting, late=late, gone=gone)
            _print_law(console, law, numbers=numbers)
    return int(found and exit_code)


def _print_verification(
    console: Console,
    pack: "PromptPack",
    *,
    waiting: "tuple[Prompt, ...]",
    late: "tuple[Prompt | Offence | ClockRule, ...]",
    gone: tuple[str, ...],
) -> None:
    console.print(
        output.facts(
            [
                ("jurisdiction", pack.jurisdiction),
                ("prompts", len(pack.prompts)),
                ("unverified", len(waiting)),
                ("overdue for review", ", ".join(p.id for p in late) or "none"),
                ("named but missing", ", ".join(gone) or "none"),
            ]
        )
    )
    if waiting:
        console.print(Text("\nUnverified, with what to check first:", style="bold"))
        columns = ("id", Column("asks about", overflow="fold"), Column("check", overflow="fold"))
        rows = [(f"{p.id} v{p.version}", p.title, p.notes or p.reference) for p in waiting]
        console.print(output.table(*columns, rows=rows))


def _print_law(
    console: Console, law: "tuple[Offence | ClockRule, ...]", *, numbers: list[str]
) -> None:
    """Offences, time limits and telephone numbers that nobody has verified."""
    if law:
        console.print(Text("\nOffences and time limits, unverified:", style="bold"))
        columns = ("id", Column("title", overflow="fold"), Column("check", overflow="fold"))
        rows = [(one.id, one.title, one.notes or one.reference) for one in law]
        console.print(output.table(*columns, rows=rows))
    if numbers:
        console.print(Text(output.plain(f"\nNumbers to check: {', '.join(numbers)}")))


def _print_whole(console: Console, prompt: "Prompt") -> None:
    console.print(Text(f"{prompt.id}, version {prompt.version}: {prompt.title}", style="bold"))
    console.print(output.indented(prompt.says))
    until = prompt.in_force_until or "further notice"
    verified = f"by {prompt.verified_by} on {prompt.verified_on}" if prompt.verified else "no"
    console.print(
        output.facts(
            [
                ("reference", prompt.reference),
                ("asked of", ", ".join(sorted(prompt.families))),
                ("stage", prompt.stage),
                ("in force", f"{prompt.in_force_from} until {until}"),
                ("verified", verified),
                ("review due", prompt.review_due),
                ("source", prompt.source),
                ("to check", prompt.notes or "nothing noted"),
            ]
        )
    )
    console.print()


def _pack(site: Site) -> "PromptPack":
    from monitor.prompts import pack_at
    from monitor.settings import settings_at

    folder = config_of(site)
    return pack_at(folder / "prompts", settings_at(folder).force.jurisdiction)


def _wanted(pack: "PromptPack", *, family: str, stage: str | None) -> frozenset[str]:
    """Ids of the prompts that one family's set asks, or of all."""
    from alerts.model import Family

    if family and family not in set(Family):
        raise Misused(f"family {family}: is not known; possible: {', '.join(Family)}")
    chosen = [Family(family)] if family else list(pack.sets)
    if not family and not stage:
        return frozenset(prompt.id for prompt in pack.prompts)
    sets = [pack.sets[name] for name in chosen if name in pack.sets]
    return frozenset(i for group in sets for i in (group.at(stage) if stage else group.ids))


def _row(prompt: "Prompt") -> dict[str, Any]:
    return {
        "id": prompt.id,
        "version": prompt.version,
        "title": prompt.title,
        "says": prompt.says,
        "reference": prompt.reference,
        "families": sorted(prompt.families),
        "stage": prompt.stage,
        "in_force_from": _day(prompt.in_force_from),
        "in_force_until": _day(prompt.in_force_until),
        "source": prompt.source,
        "notes": prompt.notes,
        "verified": prompt.verified,
        "verified_by": prompt.verified_by,
        "verified_on": _day(prompt.verified_on),
        "review_due": _day(prompt.review_due),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _yes(prompt: "Prompt") -> str:
    return "yes" if prompt.verified else "no"


def _say_unverified(console: Console, shown: "list[Prompt]") -> None:
    waiting = sum(not prompt.verified for prompt in shown)
    if waiting:
        console.print(
            Text(
                f"{waiting} not yet verified by a solicitor of the force;"
                " what to check: psdmon prompts verify"
            )
        )
