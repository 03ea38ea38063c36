"""`python -m monitor.demo`: a force of any size on disk, for benchmarks."""

import json
import sys
from pathlib import Path

import click

from monitor.demo import ForcePlan, cases_of_every_kind, inject, make_force, write_force


@click.command()
@click.option("--staff", default=2_000, show_default=True, help="Members of staff.")
@click.option("--weeks", default=26, show_default=True, help="Length of the span.")
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same bytes.")
@click.option(
    "--cases", default=60, show_default=True, help="Cases of misuse, every typology in turn."
)
@click.option("--controls", is_flag=True, help="Published patterns among the cases.")
@click.option("--late", default=0.0, show_default=True, help="Share of taskings that arrive late.")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder."
)
def make(  # noqa: PLR0913 one argument for each option a person may type
    *,
    staff: int,
    weeks: int,
    seed: int,
    cases: int,
    controls: bool,
    late: float,
    kind: str,
    out: Path,
) -> None:
    """Make a force and write it to a folder, its truth in truth/truth.jsonl."""
    plan = ForcePlan(staff=staff, weeks=weeks, seed=seed, late_taskings=late)
    force = inject(make_force(plan), cases_of_every_kind(cases, controls=controls), seed)
    paths = write_force(force, out, format="parquet" if kind == "parquet" else "csv")
    facts = {
        "format": 1,
        "events": len(force.rows.at),
        "files": {k: str(v) for k, v in paths.items()},
    }
    click.echo(json.dumps(facts, indent=1))


if __name__ == "__main__":
    sys.exit(make())
