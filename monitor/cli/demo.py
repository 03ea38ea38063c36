"""`psdmon demo`: a made-up force, one case, and the innocent look-alikes, on one screen."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console, RenderableType
from rich.table import Column, Table
from rich.text import Text

from alerts.errors import Misused
from monitor.cli import output
from monitor.cli.options import json_option, pass_site
from monitor.utc_day import midnight
from monitor.wiring import Site, open_site

if TYPE_CHECKING:
    from alerts.model import Alert
    from monitor.explained import ExplainedVisits

MADE_UP: Final = "made-up"  # the folder that marks a home as a demonstration
_SUFFIX: Final = "-demo"
_WORDS: Final[Mapping[str, str]] = {
    "tasking": "tasked to a case that names the person",
    "requester": "asked by somebody tasked to such a case",
    "case_reference": "typed an open case that names the person",
    "tasked_circle": "tasked to a case that names somebody linked",
    "colleague": "a team-mate tasked to such a case",
    "dispatch": "an incident of their area, just opened, on duty",
}
_KINDS_NAMED: Final = 2
_ALONE: Final = (
    ("second_person = true ", "second_person = false"),
    (
        "audit_share = 0.05         # of",
        "audit_share = 0.0          # of",
    ),  # chance shows no newcomer
    ('second_person_reason = "" ', 'second_person_reason = "a demonstration for one newcomer" '),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """Innocent work that looks like a case, and what became of it."""

    name: str
    staff: int
    rows: int
    became_an_alert: bool
    explained: "tuple[ExplainedVisits, ...]"


@dataclass(slots=True, kw_only=True)  # grows with each step
class _Timed:
    """What each step took, as they are done."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step, and say on standard error when it is done."""
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)
        output.note(f"{self.seconds[name]:6.1f} s  {name}")


@click.command("demo")
@click.option("--fresh", is_flag=True, help="Begin again: remove an earlier demonstration first.")
@json_option
@pass_site
@click.pass_context
def command(ctx: click.Context, site: Site, /, *, fresh: bool, as_json: bool) -> None:
    """Show a made-up force with one case, from log to alert.

    Makes a home of its own (the usual one with -demo at the end, or --home), writes the logs and
    tables of a small force that does not exist, loads them, judges them, and shows the alert at
    the top of the queue; then the people whose work looks alike, and what explained it. Nobody
    in it is real. It never touches a home with data of yours.

    Example: psdmon demo
    """
    named = ctx.find_root().params.get("root") is not None
    root = site.home.root if named else site.home.root.with_name(site.home.root.name + _SUFFIX)
    demo = open_site(root, clock=site.clock)
    ctx.call_on_close(demo.close)
    _make_room(root, fresh=fresh)
    timed = _Timed()
    _fill(demo, timed)
    alerts = demo.store.alerts()
    with timed.step("looked at what explains the look-alikes"):
        alike = look_alikes(demo, alerts)
    if as_json:
        output.as_json(_told(demo, alerts, alike=alike, seconds=timed.seconds))
        return
    with output.paged() as console:
        _print(console, demo, alerts=alerts, alike=alike)
    output.note(f"{sum(timed.seconds.values()):6.1f} s  in all; the home is {root}")


def look_alikes(site: Site, alerts: "list[Alert]") -> tuple[LookAlike, ...]:
    """Each innocent look-alike of the made-up force, and what explains its visits."""
    from monitor.explained import explained_visits

    stories = [story for story in _truth(site) if story["kind"] == "lookalike"]
    span = site.lake.event_span()
    if span is None or not stories:
        return ()
    groups = [story["event_ids"] for story in stories]
    found = explained_visits(site, groups, start=span.first, end=site.clock.now())
    return tuple(
        LookAlike(
            name=story["typology"],
            staff=len(story["user_ids"]),
            rows=len(story["event_ids"]),
            became_an_alert=_became_one(story, alerts),
            explained=explained,
        )
        for story, explained in zip(stories, found, strict=True)
    )


def _became_one(story: Mapping[str, Any], alerts: "list[Alert]") -> bool:
    """Whether an alert rests on rows of this story."""
    rows = set(story["event_ids"])
    return any(rows & set(alert.event_ids) for alert in alerts)


def _make_room(root: Path, *, fresh: bool) -> None:
    """Remove an earlier demonstration; refuse any other home."""
    if not root.exists() or not any(root.iterdir()):
        return
    if not (root / MADE_UP).is_dir():
        raise Misused(
            f"demo: {root} is not a demonstration, and stays as it is;"
            " possible: psdmon --home ANOTHER demo"
        )
    if fresh:
        shutil.rmtree(root)


def _fill(site: Site, timed: _Timed) -> None:
    """Make, load and judge the force; what an earlier run has done is not done again."""
    from monitor.cli.ingest import ingested
    from monitor.cli.init import make_home
    from monitor.cli.scan import scanned
    from monitor.feeds import REFERENCE_TABLES

    folder = site.home.root / MADE_UP
    paths = {name: folder / f"{name}.csv" for name in ("events", *REFERENCE_TABLES)}
    if not (folder / "truth" / "truth.jsonl").is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        site.home.root.chmod(0o700)
        with timed.step("made up a force of 80 staff, ten weeks, one case in it"):
            _write_force(folder)
    with timed.step("made a home"):
        _let_one_person_decide(site)
        make_home(site)
    with timed.step("loaded its logs and tables"):
        for table in (*REFERENCE_TABLES, "events"):
            ingested(site, table, files=[paths[table]])
    with timed.step("judged every day"):
        scanned(site, until=_end(site))


def _let_one_person_decide(site: Site) -> None:
    """Write settings by which one newcomer is enough here, and why; screens say it too.

    Before the home is made: it keeps what is there, and its first fingerprint holds for good.
    """
    from monitor.settings import shipped_config

    path = site.home.config / "settings.toml"
    if path.exists():
        return
    text = (shipped_config() / "settings.toml").read_text(encoding="utf-8")
    for shipped, here in _ALONE:
        text = text.replace(shipped, here, 1)  # the first is of [casework]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_force(folder: Path) -> None:
    from monitor.demo import demo_force, write_force

    write_force(demo_force(), folder)


def _end(site: Site) -> datetime:
    """The first midnight UTC after the last made-up event."""
    span = site.lake.event_span()
    if span is None:
        raise Misused(f"demo: {site.home.root} holds no events; possible: psdmon demo --fresh")
    day_after = span.last.astimezone(UTC).date() + timedelta(days=1)
    return midnight(day_after)


def _truth(site: Site) -> list[dict[str, Any]]:
    path = site.home.root / MADE_UP / "truth" / "truth.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _print(
    console: Console, site: Site, *, alerts: "list[Alert]", alike: tuple[LookAlike, ...]
) -> None:
    count = output.counted(len(alerts), "alert")
    console.print(Text(f"The queue holds {count}; this is the one at the top.\n", style="bold"))
    if alerts:
        console.print(_whole(site, alerts[0]))
    console.print(Text(f"\n{_place_said(place_of_the_case(site, alerts))}"))
    title = "\nInnocent work that looks alike, and what explained it\n"
    console.print(Text(title, style="bold"))
    console.print(_alike_table(alike))
    home = site.home.root
    console.print(Text(f"\nLook around: psdmon --home {home} triage"))
    console.print(Text(f"{site.actor} holds every role in this home until roles are assigned."))
    console.print(
        Text("One person decides alone here; in a force's home, two do what weighs most.")
    )


def _whole(site: Site, alert: "Alert") -> RenderableType:
    """The alert as `alerts show` draws it, with tokens for people; the look goes on the chain."""
    from monitor.access.desk import desk_of
    from monitor.cli.alerts.showing import evidence_at
    from monitor.views.whole import whole

    desk = desk_of(site)
    desk.looked("alert.shown", about=alert.alert_id)
    work, shown = desk.casework(alert), desk.shown(alert)
    asked = {prompt.id for prompt in work.questions(alert, "first")}
    return whole(
        shown,
        zone=site.settings.zone,
        work=work,
        questions=tuple(prompt for prompt in shown.prompts if prompt.id in asked),
        evidence=evidence_at(desk, alert),
    )


def _alike_table(alike: tuple[LookAlike, ...]) -> Table:
    columns = ("who", "alert", Column("what explained it", overflow="fold"))
    rows = [
        (item.name.replace("_", " "), "yes" if item.became_an_alert else "no", _explained(item))
        for item in alike
    ]
    return output.table(*columns, rows=rows)


def _explained(item: LookAlike) -> str:
    """The two commonest explanations, all others together, and what no record explains."""
    named = [part for part in item.explained if part.kind]
    rest = sum(part.visits for part in named[_KINDS_NAMED:])
    bare = sum(part.visits for part in item.explained if not part.kind)
    parts = [f"{p.visits} {_WORDS.get(p.kind, p.kind)}" for p in named[:_KINDS_NAMED]]
    parts += [f"{rest} by other records"] if rest else []
    parts += [f"{bare} no record explains"] if bare else []
    visits = sum(part.visits for part in item.explained)
    return f"{output.counted(visits, 'visit')}: {'; '.join(parts)}"


def place_of_the_case(site: Site, alerts: "list[Alert]") -> int | None:
    """Where in the queue the case that was woven in stands, 1 the top; nothing where it is not."""
    cases = [story for story in _truth(site) if story["kind"] == "misuse"]
    places = [n for n, alert in enumerate(alerts, start=1) if _became_one(cases[0], [alert])]
    return min(places, default=None) if cases else None


def _place_said(place: int | None) -> str:
    if place == 1:
        return "It is the case that was woven into the logs."
    where = f"at place {place}" if place else "not in the queue"
    return f"The case that was woven into the logs is {where}."


def _told(
    site: Site, alerts: "list[Alert]", *, alike: tuple[LookAlike, ...], seconds: Mapping[str, float]
) -> dict[str, Any]:
    from alerts.contract import as_contract
    from monitor.access.masking import masked_alert

    return {
        "home": str(site.home.root),
        "seconds": dict(seconds),
        "alerts": len(alerts),
        "place_of_the_case": place_of_the_case(site, alerts),
        "top": as_contract(masked_alert(alerts[0], site.masker)) if alerts else None,
        "look_alikes": [
            {
                "name": item.name,
                "staff": item.staff,
                "rows": item.rows,
                "became_an_alert": item.became_an_alert,
                "explained": {part.kind or "nothing": part.visits for part in item.explained},
            }
            for item in alike
        ],
    }
