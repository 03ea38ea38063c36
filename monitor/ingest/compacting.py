"""Small files of the lake put together, at a moment at which nothing is loaded."""

from dataclasses import dataclass

from monitor.home import Home
from monitor.ingest.loading import lock_held, tidied
from monitor.lake import Lake
from monitor.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What became of the files of the lake, by table."""

    files: dict[str, int]  # before
    replaced: dict[str, int]  # of them, by fewer; tables that were left alone are not here


def compacted(
    home: Home, *, settings: Settings, every_table: bool = False, dry_run: bool = False
) -> Compacted:
    """Small files put together where there are too many, or everywhere.

    No row is changed, and none changes its load number: what was known when stays as it was.

    Raises:
        Busy: when another run holds the ingest lock.
    """
    with lock_held(home):
        lake = Lake(home.lake)
        files = {name: len(one.paths) for name, one in lake.snapshot().tables.items()}
        if dry_run:
            small = 1 if every_table else settings.lake.most_files
            wanted = lake.wants_compaction(small_files=small)
            return Compacted(files=files, replaced={name: files[name] for name in wanted})
        if every_table:
            replaced = lake.compact(*files, kept_hours=settings.lake.kept_hours)
        else:
            replaced = tidied(lake, settings=settings)
    return Compacted(files=files, replaced={name: n for name, n in replaced.items() if n})
