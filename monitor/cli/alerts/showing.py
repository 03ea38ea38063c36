"""`psdmon alerts show, timeline, why`: one alert whole, its picture, its score worked out again."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from alerts.contract import as_contract
from alerts.errors import Misused
from alerts.model import Alert
from monitor.access.desk import Desk, desk_of
from monitor.cli import output
from monitor.cli.alerts.holes import holes_over
from monitor.cli.alerts.listing import standing
from monitor.cli.alerts.options import alert_argument, desk_asked, unmask_options
from monitor.cli.alerts.work import work_on
from monitor.cli.options import json_option, pass_site
from monitor.views.casework import STAGES, Casework, stage_of
from monitor.views.page import plain_marks, section, speaks_unicode
from monitor.views.wording import SENTENCE, user_years
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.views.facts import Evidence
    from monitor.why import Why


@click.command("show")
@alert_argument
@click.option("--stage", type=click.Choice(tuple(STAGES)), help="Show the questions of a stage.")
@click.option("--rows", "with_rows", is_flag=True, help="Add every row of the log behind it.")
@click.option("--limits", "with_limits", is_flag=True, help="Add how far a log reaches.")
@unmask_options
@json_option
@pass_site
def show(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    stage: str | None,
    with_rows: bool,
    with_limits: bool,
    unmask: bool,
    purpose: str,
    break_glass: str,
    as_json: bool,
) -> None:
    """Show one alert whole.

    Who and whom, what was seen, how rare it is, what would explain it and whether that was
    tested, the questions to answer, and what has been done.

    Example: psdmon alerts show A-7f3k --unmask --purpose "complaint CO/17/26"
    """
    desk = desk_asked(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    alert = desk.alert(alert_id)
    desk.require_identities(alert)
    desk.looked("alert.shown", about=alert.alert_id, rows=with_rows)
    if as_json:
        evidence = evidence_at(desk, alert) if with_rows else None
        output.as_json(_document(desk, alert, evidence))
        return
    from monitor.views.limits import reach
    from monitor.views.rows import rows
    from monitor.views.whole import whole

    work, shown, evidence = work_on(desk, alert), desk.shown(alert), evidence_at(desk, alert)
    holes = holes_over(site, alert)
    questions = work.questions(alert, stage or stage_of(alert.status))
    questions = tuple(p for p in shown.prompts if p.id in {asked.id for asked in questions})
    zone, law = site.settings.zone, legal_standing(desk, shown, work=work)
    parts = [whole(shown, zone=zone, work=work, questions=questions, evidence=evidence, law=law)]
    if with_rows and not isinstance(evidence, str):
        parts.append(section("Rows of the log", rows(evidence.rows, zone=zone)))
    if with_limits or holes:
        parts.append(reach(alert, site.prompt_pack.limits, holes=holes))
    put(Group(*parts, Text(), Text(standing(desk), style="dim")))


@click.command("timeline")
@alert_argument
@click.option(
    "--svg",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write calendar.svg and circle.svg into a folder instead.",
)
@unmask_options
@json_option
@pass_site
def timeline(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    folder: Path | None,
    unmask: bool,
    purpose: str,
    break_glass: str,
    as_json: bool,
) -> None:
    """Draw the visits of one alert: by day, by hour, and by record looked up.

    Example: psdmon alerts timeline A-7f3k; psdmon alerts timeline A-7f3k --svg pictures
    """
    desk = desk_asked(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    alert = desk.alert(alert_id)
    desk.require_identities(alert)
    desk.looked("alert.timeline_shown", about=alert.alert_id)
    evidence, shown = evidence_at(desk, alert), desk.shown(alert)
    if as_json:
        output.as_json({"alert_id": alert.alert_id, **_visits(evidence), "notice": SENTENCE})
        return
    if folder:
        _drawn(evidence, shown, folder=folder)
        return
    from monitor.views.whole import head, limits_line, seen

    zone = site.settings.zone
    put(Group(head(shown, zone=zone), seen(shown, evidence, zone=zone), limits_line()))


@click.command("why")
@alert_argument
@json_option
@pass_site
def why(site: Site, *, alert_id: str, as_json: bool) -> int:
    """Work the score out again from the raw rows, and say whether it comes out the same.

    Exits 1 where it does not; what differs since then (settings, code, data) is named.

    Example: psdmon alerts why A-7f3k
    """
    from monitor.why import why as worked_out

    desk = desk_of(site)
    alert = desk.alert(alert_id)
    desk.looked("alert.recomputed", about=alert.alert_id)
    found = worked_out(site, alert.alert_id)
    if as_json:
        output.as_json(_why_document(desk, found))
    else:
        put(_why_said(desk, found))
    return 0 if found.agrees else 1


def _drawn(evidence: "Evidence | str", alert: Alert, *, folder: Path) -> None:
    """Write the calendar and the circle as SVG, for their owner alone."""
    from monitor.views.circle import looked_at
    from monitor.views.facts import days_of
    from monitor.views.svg import calendar_svg, circle_svg

    if isinstance(evidence, str):
        raise Misused(f"alert {alert.alert_id}: {evidence} possible: load the logs again")
    focus = alert.focus_subject_id
    pictures = {
        "calendar.svg": calendar_svg(days_of(evidence.visits)),
        "circle.svg": circle_svg(focus, looked_at(evidence, focus=focus)),
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, picture in pictures.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(picture + "\n", encoding="utf-8")
        click.echo(str(path))


def put(shown: RenderableType) -> None:
    """Write to standard output, through the pager where it is long, in marks it can show."""
    import sys

    with output.paged() as console:
        if speaks_unicode(sys.stdout.encoding):
            console.print(shown)
            return
        with console.capture() as captured:
            console.print(shown)
        console.out(plain_marks(captured.get()), highlight=False, end="")


def evidence_at(desk: Desk, alert: Alert) -> "Evidence | str":
    """The rows and visits behind an alert as this desk may show them, or why there are none."""
    from monitor.evidence import evidence_of

    return desk.shown_evidence(evidence_of(desk.site, alert), alert)


def legal_standing(desk: Desk, alert: Alert, *, work: Casework) -> list[RenderableType]:
    """The clocks of an alert, and what was recorded beyond the log."""
    from monitor.legal import clocks_of
    from monitor.views.law import clocks, recorded

    zone, now = desk.site.settings.zone, desk.site.clock.now()
    found = clocks_of(desk.site.prompt_pack, alert, standing=work.standing, now=now, zone=zone)
    return [clocks(found, alert, zone=zone), *recorded(work.recorded, zone=zone)]


def _document(desk: Desk, alert: Alert, evidence: "Evidence | str | None") -> dict[str, Any]:
    work = work_on(desk, alert)
    document = {
        **as_contract(desk.shown(alert)),
        **_work(work),
        "clocks": _clocks(desk, alert, work=work),
        "holes": list(holes_over(desk.site, alert)),
        "masked": not desk.shows(alert),
        "notice": SENTENCE,
    }
    if evidence is None:
        return document
    from dataclasses import asdict

    if isinstance(evidence, str):
        return {**document, "rows": [], "rows_missing": evidence}
    return {**document, "rows": [asdict(row) for row in evidence.rows]}


def _clocks(desk: Desk, alert: Alert, *, work: Casework) -> list[dict[str, Any]]:
    from monitor.legal import clocks_of

    zone, now = desk.site.settings.zone, desk.site.clock.now()
    found = clocks_of(desk.site.prompt_pack, alert, standing=work.standing, now=now, zone=zone)
    return [
        {
            "id": clock.rule.id,
            "state": str(clock.state),
            "began": clock.began,
            "ends_at": clock.ends_at,
            "stopped": clock.stopped,
            "reference": clock.rule.reference,
            "verified": clock.rule.verified,
        }
        for clock in found
    ]


def _work(work: Casework) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "held_by": work.held_by,
        "notes": [asdict(one) for one in work.notes],
        "answers": [asdict(one) for one in work.answers],
        "recorded": [asdict(one) for one in work.recorded],
        "other_alerts": [one.alert_id for one in work.others],
        "other_alerts_on_the_person": [one.alert_id for one in work.others_on_person],
        "follow_up": asdict(work.follow_up) if work.follow_up else None,
        "merged_into": work.merged_into,
        "merged_here": list(work.merged_here),
        "pending": list(work.pending),
        "suppressed": list(work.silences),
    }


def _visits(evidence: "Evidence | str") -> dict[str, Any]:
    from dataclasses import asdict

    if isinstance(evidence, str):
        return {"visits": [], "visits_missing": evidence}
    return {"visits": [asdict(visit) for visit in evidence.visits], "rows_lost": evidence.missing}


def _why_said(desk: Desk, found: "Why") -> RenderableType:
    from monitor.views.whole import head, limits_line, measured

    zone = desk.site.settings.zone
    parts: list[RenderableType] = [head(desk.shown(found.stored), zone=zone), Text()]
    if found.recomputed is None:
        parts.append(Text("The same days do not raise it now.", style="bold"))
    else:
        then, now = found.stored, found.recomputed
        same = "comes out the same" if found.agrees else "comes out otherwise"
        parts.append(Text(f"Worked out again from the raw rows, the score {same}."))
        for name, one in (("then", then), ("now", now)):
            years = user_years(one.recurrence_interval)
            parts.append(Text(f"  {name:<5} score {one.score:.4f}, once in {years} user-years"))
        parts.append(measured(desk.shown(now).findings))
    if found.changes:
        lines = (
            Text(output.plain(f"{what}: {then} then, {now} now"))
            for what, (then, now) in found.changes.items()
        )
        parts.append(section("What differs since then", *lines))
    return Group(*parts, limits_line())


def _why_document(desk: Desk, found: "Why") -> dict[str, Any]:
    again = found.recomputed
    return {
        "alert_id": found.stored.alert_id,
        "agrees": found.agrees,
        "stored": as_contract(desk.shown(found.stored)),
        "recomputed": as_contract(desk.shown(again)) if again else None,
        "changes": {what: {"then": a, "now": b} for what, (a, b) in found.changes.items()},
        "notice": SENTENCE,
    }
