"""A home backed up while it works, tried, and restored whole or not at all."""

import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from alerts.lifecycle import Action
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.wiring import Site, open_site
from tests.factories import a_moment
from tests.homes import NOW, three_alerts, with_queue

LATER = a_moment("2026-11-24T09:00:00Z")
EVENTS = """\
event_id,occurred_at,user_id,system,action,subject_id
E1,2026-11-01T10:00:00Z,U00123,RMS,view,P0001
E2,2026-11-02T10:00:00Z,U00123,RMS,view,P0001
E3,2026-11-02T11:00:00Z,U00456,PNC,search,P0002
"""
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def kept_once(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home of three accesses and three alerts, and a backup of it; copied, kept."""
    folder = tmp_path_factory.mktemp("kept")
    root = Path(shutil.copytree(made_home, folder / "home"))
    (folder / "events.csv").write_text(EVENTS, encoding="utf-8")
    loaded = psdmon("--home", root, "ingest", "events", folder / "events.csv", at=LATER)
    assert loaded.exit_code == 0, loaded.stderr
    made = with_queue(root, three_alerts())
    made.store.act("A-7F3K9Q2M", Action.TAKE, actor=made.actor, at=NOW)
    made.store.close()
    result = psdmon("--home", root, "backup", "--out", folder / "kept.tar")
    assert result.exit_code == 0, result.stderr
    return folder


@pytest.fixture
def site(kept_once: Path, tmp_path: Path) -> Site:
    """Such a home of one's own, backed up already."""
    root = Path(shutil.copytree(kept_once / "home", tmp_path / "home"))
    return open_site(root, clock=FixedClock(NOW))


@pytest.fixture
def kept(kept_once: Path, tmp_path: Path) -> Path:
    """The backup of that home."""
    return Path(shutil.copy(kept_once / "kept.tar", tmp_path / "kept.tar"))


def psdmon(*words: str | Path, at: datetime = NOW) -> Result:
    """One run of psdmon that is told everything, at the hour of the queue or another."""
    return CliRunner().invoke(shell, list(map(str, words)), obj=FixedClock(at))


def told(result: Result) -> dict[str, Any]:
    """What a command said as JSON."""
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_neither_making_nor_trying_nor_restoring_a_backup_tells_how_many_alerts_there_are(
    site: Site, tmp_path: Path
) -> None:
    whole, copy = tmp_path / "whole.tar", tmp_path / "restored"
    made = told(psdmon("--home", site.home.root, "backup", "--out", whole, "--json"))
    tried = told(psdmon("backup", "verify", whole, "--json"))
    restored = told(psdmon("restore", whole, "--home", copy, "--json"))
    printed = psdmon("backup", "verify", whole).stdout

    assert [one["store"] for one in (made, tried, restored)] == [{"kind": "sqlite"}] * 3
    assert "alerts" not in printed


def test_a_home_is_restored_with_every_alert_row_and_entry(
    site: Site, kept: Path, tmp_path: Path
) -> None:
    end = json.loads(psdmon("backup", "verify", kept, "--json").stdout)["chain"]
    before = told(psdmon("--home", site.home.root, "alerts", "list", "--json"))["alerts"]

    result = psdmon("restore", kept, "--home", tmp_path / "new")

    assert result.exit_code == 0, result.stderr
    new = open_site(tmp_path / "new", clock=FixedClock(NOW))
    last = new.store.last_entry()
    assert last is not None
    assert (last.kind, last.seq, last.prev_hash) == ("home.restored", end["seq"] + 1, end["hash"])
    assert told(psdmon("--home", tmp_path / "new", "audit", "verify", "--json"))["intact"]
    assert told(psdmon("--home", tmp_path / "new", "alerts", "list", "--json"))["alerts"] == before
    assert new.lake.event_span() == site.lake.event_span()
    assert new.config_fingerprint == site.config_fingerprint
    assert new.masker.staff("U00123") == site.masker.staff("U00123")
    assert (tmp_path / "new" / "keys" / "mask.key").stat().st_mode & 0o077 == 0


def test_a_backup_is_on_the_chain_with_the_hash_that_it_can_be_known_by(
    site: Site, kept: Path
) -> None:
    made = site.store.last_entry("backup.made")

    assert made is not None
    assert made.told["sha256"] == told(psdmon("backup", "verify", kept, "--json"))["sha256"]
    assert (made.actor, kept.stat().st_mode & 0o077) == (site.actor, 0)


def test_a_restored_home_loads_what_came_since_and_nothing_twice(
    kept: Path, tmp_path: Path
) -> None:
    psdmon("restore", kept, "--home", tmp_path / "new")
    events = tmp_path / "more.csv"
    events.write_text(EVENTS + "E9,2026-11-03T11:00:00Z,U00456,PNC,search,P0002\n")

    words = ("--home", tmp_path / "new", "ingest", "events", events, "--json")
    told_of = told(psdmon(*words, at=LATER))

    assert (told_of["stored"], told_of["already_known"]) == (1, 3)


@pytest.mark.postgresql
def test_a_home_moves_from_a_file_to_postgresql_and_back(
    site: Site, kept: Path, tmp_path: Path, postgresql_url: str
) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    moved = psdmon("restore", kept, "--home", there, "--store", postgresql_url)
    assert moved.exit_code == 0, moved.stderr
    assert not (there / "psdmon.db").exists()

    refused = psdmon("restore", kept, "--home", back, "--store", postgresql_url)
    assert (refused.exit_code, back.exists()) == (2, False)
    assert "it is not empty" in refused.stderr

    again = tmp_path / "again.tar"
    assert psdmon("--home", there, "backup", "--out", again).exit_code == 0
    unsaid = psdmon("restore", again, "--home", back)
    assert (unsaid.exit_code, "--store sqlite" in unsaid.stderr) == (2, True)
    assert psdmon("restore", again, "--home", back, "--store", "sqlite").exit_code == 0
    returned = open_site(back, clock=FixedClock(NOW))
    assert returned.store.alerts() == site.store.alerts()
    kinds = [entry.kind for entry in returned.store.chain()]
    assert (kinds[-1], kinds.count("home.restored")) == ("home.restored", 2)


def test_a_home_that_holds_anything_is_never_written_over(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "note.txt").write_text("mine")

    result = psdmon("restore", kept, "--home", tmp_path / "new")

    assert (result.exit_code, [p.name for p in (tmp_path / "new").iterdir()]) == (2, ["note.txt"])
    assert "is not empty" in result.stderr


def rewritten(kept: Path, part: str, change: Callable[[bytes], bytes], *, listed: bool) -> Path:
    """The backup with one part changed; its hash in the list too, where that is wanted."""
    path = kept.with_name("changed.tar")
    with tarfile.open(kept) as old, tarfile.open(path, "w") as new:
        members = [(member.name, old.extractfile(member)) for member in old.getmembers()]
        parts = {name: file.read() for name, file in members if file is not None}
        parts[part] = change(parts[part])
        if listed:
            manifest = json.loads(parts["manifest.json"])
            for one in manifest["files"]:
                if one["name"] == part:
                    one["sha256"] = hashlib.sha256(parts[part]).hexdigest()
                    one["bytes"] = len(parts[part])
            parts["manifest.json"] = json.dumps(manifest).encode()
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("part", "listed", "says"),
    [
        ("config/settings.toml", False, "config/settings.toml in it is not what was written"),
        ("store/note.jsonl", True, "note of entry"),
        ("store/chain.jsonl", True, "entry"),
        ("lake/events/_delta_log/00000000000000000001.json", True, "table events of its lake"),
        ("home.id", True, "its folder is of home"),
    ],
)
def test_a_backup_that_was_changed_is_found_and_restores_nothing(
    kept: Path, tmp_path: Path, part: str, *, listed: bool, says: str
) -> None:
    def change(content: bytes) -> bytes:
        if part.endswith("1.json"):
            return content.replace(b'"numRecords', b'"numrecords').replace(b'\\"numR', b'\\"numr')
        if b"take" in content:
            return content.replace(b"take", b"give")
        return content[:-2] + (b"8\n" if content.endswith(b"7\n") else b"7\n")

    changed = rewritten(kept, part, change, listed=listed)
    tried = psdmon("backup", "verify", changed)
    restored = psdmon("restore", changed, "--home", tmp_path / "new")

    assert (tried.exit_code, restored.exit_code) == (4, 4), tried.stderr
    assert says in tried.stderr
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob("*.restoring"))


def test_a_backup_that_was_broken_off_is_none(kept: Path) -> None:
    content = kept.read_bytes()
    for share in (0.02, 0.5, 0.9):
        kept.write_bytes(content[: int(len(content) * share)])
        assert psdmon("backup", "verify", kept).exit_code == 3


def test_a_store_that_is_not_what_was_written_is_not_backed_up_as_if_it_were(
    site: Site, tmp_path: Path
) -> None:
    site.store.close()
    with sqlite3.connect(site.home.database) as connection:
        connection.execute("update chain set actor = 'somebody' where seq = 5")
    connection.close()

    result = psdmon("--home", site.home.root, "backup", "--out", tmp_path / "bad.tar")

    assert (result.exit_code, list(tmp_path.glob("bad*"))) == (4, [])


def test_a_checkpoint_lodged_after_a_backup_is_told_and_one_before_must_hold(
    site: Site, kept: Path, tmp_path: Path
) -> None:
    key, home = site.home.keys / "checkpoint.pub", site.home.root
    psdmon("--home", home, "audit", "checkpoint", "--out", tmp_path / "before.json")
    psdmon("--home", home, "backup", "--out", tmp_path / "second.tar")

    later = psdmon("backup", "verify", kept, "--against", tmp_path / "before.json", "--key", key)
    held = psdmon(
        *("restore", tmp_path / "second.tar", "--home", tmp_path / "new"),
        *("--against", tmp_path / "before.json", "--key", key),
    )
    other = psdmon("restore", kept, "--home", tmp_path / "old", "--json")

    assert later.exit_code == held.exit_code == other.exit_code == 0, later.stderr
    assert "it was lodged later" in " ".join(later.stdout.split())
    assert "it was lodged later" not in " ".join(held.stdout.split())
    assert not list((tmp_path / "old" / "checkpoints").glob("*"))
    audit = psdmon(
        *("--home", tmp_path / "old", "audit", "verify", "--key", key),
        *("--against", tmp_path / "before.json"),
    )
    assert audit.exit_code == 4
    assert "restored on 2026-03-05 from a backup that ends at" in " ".join(audit.stdout.split())


def test_keys_can_be_left_out_and_are_asked_for(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "bare.tar"
    psdmon("--home", site.home.root, "backup", "--out", path, "--without-keys")

    result = psdmon("restore", path, "--home", tmp_path / "new")

    assert result.exit_code == 0, result.stderr
    assert not (tmp_path / "new" / "keys").exists()
    assert "No keys were in it" in " ".join(result.stdout.split())


def test_a_backup_needs_the_administrator_and_waits_for_no_other_copy(
    site: Site, tmp_path: Path
) -> None:
    with FileLock(site.home.keeping_lock):
        busy = psdmon("--home", site.home.root, "backup", "--out", tmp_path)
    site.store.grant("somebody", "administrator", actor="admin", at=NOW)
    site.store.revoke(site.actor, "administrator", actor="admin", at=NOW)
    refused = psdmon("--home", site.home.root, "backup", "--out", tmp_path)

    assert (busy.exit_code, refused.exit_code) == (75, 5)
    assert not list(tmp_path.glob("*.tar*"))


def test_a_backup_that_is_killed_passes_nowhere_and_a_restore_leaves_no_home(
    site: Site, kept: Path, tmp_path: Path
) -> None:
    site.store.close()
    folder = tmp_path / "dying"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.monitor.cli.dying", "copies", site.home.root, kept, folder],
        cwd=ROOT,
        check=True,
    )

    homes = [path for path in folder.glob("home-*") if path.suffix != ".restoring"]
    whole, broken = list(folder.glob("*.tar")), list(folder.glob("*.part"))
    assert (len(whole), len(homes)) == (1, 1)
    assert min(len(broken), len(list(folder.glob("home-*.restoring")))) >= 2
    assert {psdmon("backup", "verify", path).exit_code for path in broken} == {3}
    assert psdmon("backup", "verify", *whole).exit_code == 0
    assert psdmon("--home", *homes, "audit", "verify").exit_code == 0
