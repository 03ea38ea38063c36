"""`psdmon lake`: small files are put together, rows stay, and the chain says so."""

import json
from pathlib import Path

from monitor.clock import FixedClock
from monitor.daemon.compacting import Compact
from monitor.wake import Wake
from monitor.wiring import open_site
from tests.monitor.cli.conftest import NOW, Typed


def loads(root: Path, typed: Typed, *, count: int) -> None:
    """Load so many files of one event each."""
    for number in range(count):
        path = root / f"{number}.csv"
        row = f"E{number},2026-11-01T10:00:00Z,U1,RMS,view,P1"
        path.write_text(f"event_id,occurred_at,user_id,system,action,subject_id\n{row}\n")
        assert typed("ingest", "events", str(path)).exit_code == 0


def compacted_in(root: Path) -> list[dict[str, object]]:
    """What the chain tells of compactions."""
    site = open_site(root, clock=FixedClock(NOW))
    try:
        return [dict(entry.told) for entry in site.store.chain(kinds=("lake.compacted",))]
    finally:
        site.close()


def test_small_files_become_one_and_the_chain_says_so(root: Path, typed: Typed) -> None:
    loads(root, typed, count=3)

    dry = json.loads(typed("lake", "compact", "--all", "--dry-run", "--json").stdout)
    told = json.loads(typed("lake", "compact", "--all", "--json").stdout)
    again = json.loads(typed("lake", "compact", "--all", "--json").stdout)

    assert dry == {"format": 1, "files": {"events": 3}, "replaced": {"events": 3}, "dry_run": True}
    assert told == {**dry, "dry_run": False}
    assert again == {**told, "files": {"events": 1}, "replaced": {}}
    assert compacted_in(root) == [{"replaced": {"events": 3}}]


def test_a_wake_leaves_few_files_alone(root: Path, typed: Typed) -> None:
    loads(root, typed, count=2)
    site = open_site(root, clock=FixedClock(NOW))
    try:
        facts = Compact().run(site, Wake(began_at=NOW))
    finally:
        site.close()

    assert facts == {"replaced": 0}
    assert compacted_in(root) == []
