"""`psdmon detectors`: what exists, what runs, and what each asks, assumes and cannot see."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused
from monitor.cli import output
from monitor.cli.options import config_of, json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from detectors.model import Detector
    from monitor.running import RunningDetector

HEADINGS = ("Statistic", "Assumes", "False alarms", "Blind to", "Source")


@click.group("detectors")
def command() -> None:
    """See what each detector asks, assumes and cannot see.

    A detector exists by code and runs by config/detectors.toml, with the number of the decision
    that allowed it. Read this before you rely on a finding, and before somebody asks you what it
    rests on.

    Example: psdmon detectors describe repeat_subject
    """


@command.command("list")
@json_option
@pass_site
def listed(site: Site, *, as_json: bool) -> None:
    """Show every detector, and whether it runs here.

    Example: psdmon detectors list
    """
    folder = config_of(site)
    kinds, running = _known(), _running(folder)
    rows = [_row(kind, running.get(kind.name)) for kind in kinds.values()]
    if as_json:
        output.as_json({"detectors": rows})
        return
    columns = ("name", "version", "runs", "weight", "decision", Column("asks", overflow="fold"))
    cells = [
        (r["name"], r["version"], "yes" if r["runs"] else "no", r["weight"] or "", r["decision"])
        for r in rows
    ]
    asks = [r["asks"] for r in rows]
    with output.paged() as console:
        console.print(
            output.table(*columns, rows=[(*c, a) for c, a in zip(cells, asks, strict=True)])
        )
        console.print(Text(f"\nWhich run is said in {folder / 'detectors.toml'}."))


def _names_beginning(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG001 click's signature
    return [CompletionItem(name) for name in _known() if name.startswith(incomplete)]


@command.command()
@click.argument("name", shell_complete=_names_beginning)
@json_option
@pass_site
def show(site: Site, *, name: str, as_json: bool) -> None:
    """Show how one detector is set up here: feeds, weight, parameters.

    Example: psdmon detectors show burst
    """
    kind, entry = _kind(name), _running(config_of(site)).get(name)
    parameters = _parameters(kind, entry)
    row = _row(kind, entry) | {
        "unit": kind.unit,
        "needs": sorted(kind.needs),
        "sharpened_by": sorted(kind.sharpened_by),
        "parameters": parameters,
    }
    if as_json:
        output.as_json(row)
        return
    with output.paged() as console:
        console.print(Text(f"{name}, version {kind.version}", style="bold"))
        console.print(output.indented(row["asks"]))
        runs = f"yes, weight {row['weight']}, decision {row['decision']}" if entry else "no"
        console.print(
            output.facts(
                [
                    ("runs here", runs),
                    ("counts", kind.unit),
                    (
                        "abstains without",
                        ", ".join(row["needs"]) or "nothing: it runs on events alone",
                    ),
                    ("sees more with", ", ".join(row["sharpened_by"]) or "nothing more"),
                    *((f"parameter {key}", value) for key, value in parameters.items()),
                ]
            )
        )
        console.print(Text(f"\nWhat it assumes and cannot see: psdmon detectors describe {name}"))


@command.command()
@click.argument("name", shell_complete=_names_beginning)
@json_option
def describe(*, name: str, as_json: bool) -> None:
    """Show what one detector asks, assumes, mistakes, cannot see, and its source.

    The words are those of the code itself, fit to be read aloud at a hearing.

    Example: psdmon detectors describe circle
    """
    kind = _kind(name)
    answers = described(kind)
    if as_json:
        keyed = {key.casefold().replace(" ", "_"): text for key, text in answers.items()}
        output.as_json({"name": name, "version": kind.version, **keyed})
        return
    with output.paged() as console:
        console.print(Text(f"{name}, version {kind.version}", style="bold"))
        for heading, text in answers.items():
            console.print(Text(f"\n{heading}", style="bold"))
            console.print(output.indented(text))


def described(kind: "type[Detector]") -> dict[str, str]:
    """What a detector's docstring says: its question, then the answer to each heading, in order."""
    text = inspect.getdoc(kind) or ""
    parts = re.split(rf"^({'|'.join(HEADINGS)}):", text, flags=re.MULTILINE)
    joined = (" ".join(part.split()) for part in parts[2::2])
    return {"Question": " ".join(parts[0].split()), **dict(zip(parts[1::2], joined, strict=True))}


def _known() -> "dict[str, type[Detector]]":
    from detectors.catalogue import available

    return {kind.name: kind for kind in available()}


def _kind(name: str) -> "type[Detector]":
    known = _known()
    if name not in known:
        raise Misused(f"detector {name}: is not known; possible: {', '.join(known)}")
    return known[name]


def _running(folder: Path) -> "dict[str, RunningDetector]":
    from monitor.running import running_at

    return {entry.name: entry for entry in running_at(folder)}


def _row(kind: "type[Detector]", entry: "RunningDetector | None") -> dict[str, Any]:
    return {
        "name": kind.name,
        "version": kind.version,
        "runs": entry is not None,
        "weight": entry.weight if entry else None,
        "decision": entry.decision if entry else "",
        "asks": described(kind)["Question"],
    }


def _parameters(kind: "type[Detector]", entry: "RunningDetector | None") -> Mapping[str, Any]:
    """The value each parameter has here: what the home sets, else the detector's own."""
    own = {
        field.name: None if field.default is MISSING else field.default
        for field in fields(kind)  # type: ignore[arg-type]  # every detector is a dataclass, which a Protocol cannot say
    }
    return own | (entry.parameters if entry else {})
