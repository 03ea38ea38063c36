"""One part of the monitor's work in a process of its own, with what it cost; told as JSON."""

import argparse
import json
import resource
import shutil
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter

from alerts.teaching import Taught, from_text
from monitor.judgement import judged_days
from monitor.knowledge import Records, Rules
from monitor.reference_folder import FolderOfReferences
from tests.benchmarks.forces import Bed, bed
from tests.benchmarks.judging import shipped_rules, warm_up
from tests.benchmarks.trials import Trial

PARTS = ("make", "first", "night", "span", "teach", "group")
_ANEW = ("first", "span", "teach")  # parts that find no reference kept
SPAN_DAYS = 28
_SEED = 901  # of its own: nothing is found or tuned here


@dataclass(slots=True)  # a shelf is what is put on it
class FileShelf:
    """Models in one file, so that a night is judged by what another process taught."""

    path: Path

    def found(self, key: str) -> Taught | None:
        """The model under a key, if the file has it."""
        text = self._models().get(key)
        return None if text is None else from_text(text)

    def put(self, key: str, model: Taught, *, day: date) -> None:  # noqa: ARG002 the day is for those that keep a record
        """Keep it."""
        models = {**self._models(), key: model.as_text()}
        self.path.write_text(json.dumps(models), encoding="utf-8")

    def _models(self) -> dict[str, str]:
        if not self.path.is_file():
            return {}
        models: dict[str, str] = json.loads(self.path.read_text(encoding="utf-8"))
        return models


def told(part: str, *, staff: int, weeks: int, out: Path) -> dict[str, float]:
    """What a part cost: seconds of processors and of the clock, MiB held at most, days and rows."""
    one = bed(Trial(seed=_SEED, staff=staff, weeks=weeks, cases_of_each=1), out)
    shelf = FileShelf(one.folder / "taught.json")
    folder = one.folder / "references"
    if part in _ANEW:
        shutil.rmtree(folder, ignore_errors=True)
    references = FolderOfReferences(folder=folder)
    records, rules = replace(one.records(), references=references), shipped_rules()
    days = one.days(warm_up=warm_up(rules))
    before, began = _processor_seconds(), perf_counter()
    done = 0
    if part == "group":
        _grouped(records)
    elif part != "make":
        wanted = days[-1:] if part != "span" else days[-SPAN_DAYS:]
        done = _judged(one, records, _with(rules, shelf, part=part), days=wanted, shelf=shelf)
    return {
        "processor_seconds": _processor_seconds() - before,
        "seconds": perf_counter() - began,
        "most_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "days": done,
        "rows": one.events,
    }


def _judged(
    one: Bed, records: Records, rules: Rules, *, days: tuple[date, ...], shelf: FileShelf
) -> int:
    outcomes = judged_days(records, rules, days=days, until=one.end, known=(), shelf=shelf)
    return sum(1 for _ in outcomes)


def _with(rules: Rules, shelf: FileShelf, *, part: str) -> Rules:
    """The shipped rules; without teaching where none was asked for and nothing was taught."""
    if part == "teach" or shelf.path.is_file():
        return rules
    teaching = rules.settings.teaching.model_copy(update={"budget_share": 0.0})
    return replace(rules, settings=rules.settings.model_copy(update={"teaching": teaching}))


def _grouped(records: Records) -> None:
    """The same rows counted by user, record and day, and nothing else: what reading them takes."""
    records.connection.execute("""
        create or replace temp table counted as
        select user_id, subject_id, occurred_at::date as day, count(*) as accesses,
               min(occurred_at) as first_at, max(occurred_at) as last_at,
               count(distinct system) as systems
        from events where subject_id is not null group by all
    """)


def _processor_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def main() -> None:
    """Do one part and print what it cost."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("part", choices=PARTS)
    wanted.add_argument("--staff", type=int, required=True)
    wanted.add_argument("--weeks", type=int, required=True)
    wanted.add_argument("--out", type=Path, required=True)
    typed = wanted.parse_args()
    cost = told(typed.part, staff=typed.staff, weeks=typed.weeks, out=typed.out)
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    main()
