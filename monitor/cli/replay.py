"""`psdmon replay`: judges past days again, and compares two such answers."""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click
from rich.table import Column
from rich.text import Text

from alerts.drills.shapes import SHAPES
from alerts.errors import DataRefused, Misused
from monitor.cli import output
from monitor.cli.options import (
    TIMES_HELP,
    json_option,
    moment,
    purpose_option,
)
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.model import Alert
    from monitor.access.desk import Desk
    from monitor.drilling import Answer

STANDARD_OUTPUT: Final = Path("-")
_CAUSES: Final = {
    "settings_fingerprint": "settings",
    "code_version": "code",
    "data_version": "data",
}
_FEWER: Final = (
    "{shown} of the {asked} asked for: each takes a member of staff of its own, whose rows must"
    " offer what its shape needs, and none is shown about whom you may not know."
)
_COMPARED: Final = ("priority", "score", "event_ids", "findings", "explanations_tested", "prompts")


@click.group("replay", invoke_without_command=True)
@click.option("--from", "start", type=moment, metavar="TIME", help=f"First moment. {TIMES_HELP}")
@click.option("--to", "end", type=moment, metavar="TIME", help="First moment that is left out.")
@click.option(
    "--as-known-at",
    "known_at",
    type=moment,
    metavar="TIME",
    help="Judge with what had been loaded by then.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Other settings, detectors and prompts than the home's.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the alerts go, one JSON document a line; - for standard output.",
)
@click.option(
    "--drill",
    "shapes",
    metavar="SHAPE[,SHAPE]",
    help=f"Weave made-up misuse into the copy that is judged: {', '.join(SHAPES)}.",
)
@click.option("--drills", "number", type=int, default=12, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the drills' chance.")
@click.option("--strength", type=float, metavar="0..1", help="Of every drill; default: mixed.")
@click.option("--masked", is_flag=True, help="Write tokens in place of ids.")
@purpose_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> None:
    """Judge past days again, beside the live store.

    The same functions as the live service, with the clock of those days: what it would have
    raised, and when. Nothing in the live store is touched but the chain, which notes that it was
    done. Use it to try settings before they run, to see what was known at a past moment, and to
    show what a release changes. The range is half-open: --from belongs to it, --to does not.

    With --drill it says of made-up misuse whether it would have been found, when, and why not; a
    model that drills teach is taught without those shapes. Made-up alerts are written nowhere.

    Example: psdmon replay --from 2026-01-01 --to 2026-04-01 --out q1.jsonl --masked
    """
    if ctx.invoked_subcommand is not None:
        return
    drill = {name: asked.pop(name) for name in ("shapes", "number", "seed", "strength")}
    if drill["shapes"] is None:
        _replayed(ctx.ensure_object(Site), **asked)
    else:
        _drilled(ctx.ensure_object(Site), asked=asked, drill=drill)


@command.command()
@click.argument("before", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("after", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--exit-code", is_flag=True, help="Exit 1 when they differ.")
@json_option
def diff(*, before: Path, after: Path, exit_code: bool, as_json: bool) -> int:
    """Show which alerts differ, and what could be why.

    What could be why is settings, code or data: whichever is not the same in both. BEFORE and
    AFTER are files that replay --out or alerts export wrote, both masked or both not.

    Example: psdmon replay diff before.jsonl after.jsonl
    """
    found = difference(_read(before), _read(after))
    if as_json:
        output.as_json(found)
    else:
        _print_difference(found)
    return int(exit_code and bool(found["only_before"] or found["only_after"] or found["changed"]))


def difference(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Which alerts two replays do not share, which changed and in what, and what could be why."""
    shared = sorted(before.keys() & after.keys())
    changed = {
        name: [key for key in _COMPARED if before[name].get(key) != after[name].get(key)]
        for name in shared
    }
    return {
        "same": sum(not keys for keys in changed.values()),
        "only_before": sorted(before.keys() - after.keys()),
        "only_after": sorted(after.keys() - before.keys()),
        "changed": [{"alert_id": n, "keys": keys} for n, keys in changed.items() if keys],
        "could_be_why": [
            word
            for key, word in _CAUSES.items()
            if _values(before.values(), key) != _values(after.values(), key)
        ],
    }


def _replayed(  # noqa: PLR0913 one argument for each option a person may type
    site: Site,
    *,
    start: datetime | None,
    end: datetime | None,
    known_at: datetime | None,
    config: Path | None,
    out: Path | None,
    masked: bool,
    purpose: str,
    as_json: bool,
) -> None:
    from monitor.access.desk import Desk, identities_granted, person_at
    from monitor.access.roles import Permission, purpose_given
    from monitor.replay import replay

    if start is None or end is None or out is None:
        raise click.UsageError("replay needs --from, --to and --out.")
    if as_json and out == STANDARD_OUTPUT:
        raise click.UsageError("--json and --out - both want standard output.")
    whoever = person_at(site)
    whoever.require(Permission.SEE if masked else Permission.EXPORT)
    stated = purpose if masked else purpose_given(purpose, to_do="replay --out without --masked")
    if not masked:
        identities_granted(site, whoever, every_alert=True)
    desk = Desk(site=site, person=whoever, purpose=stated, unmasked=not masked)
    with output.progress("judging") as advance:
        report = replay(
            site,
            start=start,
            end=end,
            known_at=known_at,
            config=config,
            progress=lambda day, done, total: advance(done, total, f"judged {day}"),
        )
    report = replace(report, alerts=tuple(filter(desk.knows, report.alerts)))
    told = report.as_json()
    with _opened(out) as file:
        file.writelines(_lines(desk, report.alerts))
        site.store.record(
            "replay.finished",
            actor=site.actor,
            at=site.clock.now(),
            purpose=stated,
            facts={**told, "masked": masked, "as_known_at": known_at},
        )
    if as_json:
        output.as_json(told | {"out": str(out), "masked": masked})
        return
    days = output.counted(len(report.judged), "day")
    alerts = output.counted(len(report.alerts), "alert")
    output.note(f"{days} judged, {alerts}, written to {out}.")
    if unjudged := report.unjudged():
        output.note(unjudged)
    if report.judged and not report.alerts:
        output.note("No detector fired on the feeds loaded; that is not clearance of anybody.")


def _drilled(site: Site, *, asked: Mapping[str, Any], drill: Mapping[str, Any]) -> None:
    """Says of made-up misuse whether it would have been found."""
    from monitor.access.desk import Desk, person_at
    from monitor.access.roles import Permission
    from monitor.drilling import Plan
    from monitor.replay import replay

    start, end = asked["start"], asked["end"]
    if start is None or end is None:
        raise click.UsageError("replay --drill needs --from and --to.")
    if asked["out"] is not None:
        raise click.UsageError("replay --drill writes no alerts; possible: without --out, --json.")
    whoever = person_at(site)
    whoever.require(Permission.SEE)
    desk = Desk(site=site, person=whoever, purpose=asked["purpose"])
    plan = Plan(
        shapes=tuple(name.strip() for name in drill["shapes"].split(",") if name.strip()),
        number=drill["number"],
        seed=drill["seed"],
        strength=drill["strength"],
    )
    with output.progress("judging") as advance:
        report = replay(
            site,
            start=start,
            end=end,
            known_at=asked["known_at"],
            config=asked["config"],
            progress=lambda day, done, total: advance(done, total, f"judged {day}"),
            drills=plan,
        )
    told = [
        _answer(desk, one)
        for one in report.drills
        if desk.may_know_of(one.woven.user_id, one.woven.subject_ids, since=one.woven.first_at)
    ]
    found = sum(one["found"] for one in told)
    facts = {"shapes": list(plan.shapes), "asked": plan.number}
    facts |= {"seed": plan.seed, "strength": plan.strength}
    tally = {"found": found, "of": len(told)}
    site.store.record(
        "replay.drilled",
        actor=site.actor,
        at=site.clock.now(),
        purpose=asked["purpose"],
        facts={**facts, **tally, "judged_days": len(report.judged)},
    )
    if asked["as_json"]:
        output.as_json({"drills": told, **facts, **tally, "judged_days": len(report.judged)})
        return
    columns = (
        "drill",
        "staff",
        "first look",
        "last look",
        "found after",
        Column("why not", overflow="fold"),
    )
    rows = [
        (
            f"{one['shape']} {one['strength']:.2f}",
            one["user_id"],
            str(one["first_at"])[:10],
            str(one["last_at"])[:10],
            f"{one['days']:.1f} days" if one["found"] else "-",
            one["why"],
        )
        for one in told
    ]
    with output.paged() as console:
        console.print(output.table(*columns, rows=rows))
        days = output.counted(len(report.judged), "day")
        console.print(Text(f"{found} of {len(told)} found in {days}. All of it is made up."))
        if len(told) < plan.number:
            console.print(Text(_FEWER.format(shown=len(told), asked=plan.number)))


def _answer(desk: "Desk", one: "Answer") -> dict[str, Any]:
    woven, nearest = one.woven, one.nearest
    return {
        "shape": woven.drill.shape,
        "typology": woven.drill.typology,
        "strength": round(woven.drill.strength, 3),
        "user_id": desk.site.masker.staff(woven.user_id),
        "people": len(woven.subject_ids),
        "first_at": woven.first_at.isoformat().replace("+00:00", "Z"),
        "last_at": woven.last_at.isoformat().replace("+00:00", "Z"),
        "found": one.alert is not None,
        "days": round(one.days, 2) if one.days is not None else None,
        "priority": str(one.alert.priority) if one.alert else "",
        "why": one.why,
        "nearest_user_years": nearest.interval if nearest and one.alert is None else None,
    }


def _lines(desk: "Desk", alerts: "Iterable[Alert]") -> Iterator[bytes]:
    from monitor.access.masking import masked_alert
    from monitor.views.documents import exported_line

    for alert in alerts:
        shown = alert if desk.shows(alert) else masked_alert(alert, desk.site.masker.for_files())
        yield f"{exported_line(shown)}\n".encode()


@contextmanager
def _opened(out: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone, put in place whole at the end or not at all."""
    if out == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        return
    if not out.parent.is_dir():
        raise Misused(f"out: {out.parent} is not a folder; possible: make it first")
    handle, partial = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(partial).replace(out)
    finally:
        Path(partial).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Mapping[str, Any]]:
    """The alerts of a file, by id."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            document = json.loads(line)
            found[document["alert_id"]] = document
        except (ValueError, KeyError, TypeError):
            raise DataRefused(
                f"{path}: line {number}: is not an alert; possible: a file of replay --out"
            ) from None
    return found


def _values(documents: Iterable[Mapping[str, Any]], key: str) -> set[str]:
    return {json.dumps(document.get(key), sort_keys=True) for document in documents}


def _print_difference(found: Mapping[str, Any]) -> None:
    rows = [
        *((name, "only before", "") for name in found["only_before"]),
        *((name, "only after", "") for name in found["only_after"]),
        *((item["alert_id"], "changed", ", ".join(item["keys"])) for item in found["changed"]),
    ]
    with output.paged() as console:
        if rows:
            columns = ("alert", "how", Column("in", overflow="fold"))
            console.print(output.table(*columns, rows=rows))
        same = output.counted(found["same"], "alert")
        console.print(Text(f"{same} the same, {len(rows)} not."))
        if rows:
            why = ", ".join(found["could_be_why"]) or "none of settings, code and data version"
            console.print(Text(f"Differs between the two: {why}."))
