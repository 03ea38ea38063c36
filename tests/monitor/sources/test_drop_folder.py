"""Stories of a drop folder: whole files once, whatever happens to their names."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.sources import folder as folder_module
from tests.monitor.sources.fed import NOW, Fed, as_csv, counts, ids, row, rows, sha256

RMS = """
name = "rms"
kind = "folder"
table = "events"
profile = "canonical"
path = "{folder}"
names = ["*.csv", "*.csv.gz"]
"""
LISTED = RMS + 'manifest = "manifest*"\nlisted_only = true\n'


def test_a_file_is_taken_once(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv(rows(1, 3)))

    first, second = fed.read(), fed.read()

    assert (counts(first), counts(second)) == ((3, 3, 0, 0), (0, 0, 0, 0))
    assert fed.stored() == ids(1, 3)
    assert len(fed.told()) == 1


def test_a_file_that_is_still_written_is_not_touched(fed: Fed) -> None:
    fed.declare(RMS)
    half = as_csv(rows(1, 3))[:-6]  # the last line breaks off in the middle of a cell
    for name in ("a.csv.part", ".a.csv", "b.csv.tmp", "notes.txt"):
        fed.put(name, half)
    fed.put("c.csv", half, at=NOW - timedelta(seconds=59))

    assert counts(fed.read()) == (0, 0, 0, 0)

    (fed.folder / "a.csv.part").write_bytes(as_csv(rows(1, 3)))
    (fed.folder / "a.csv.part").rename(fed.folder / "a.csv")
    fed.touch(fed.folder / "a.csv", at=NOW)

    assert counts(fed.read(at=NOW + timedelta(seconds=59))) == (3, 2, 0, 1)  # c.csv alone
    assert counts(fed.read(at=NOW + timedelta(minutes=5))) == (3, 1, 2, 0)


def test_a_listed_file_is_taken_as_soon_as_it_is_what_the_list_says(fed: Fed) -> None:
    fed.declare(LISTED)
    whole = as_csv(rows(1, 3))
    fed.manifest(f"1,a.csv,{sha256(whole)},{len(whole)}")
    fed.put("a.csv", whole[:-10], at=NOW)

    assert counts(fed.read()) == (0, 0, 0, 0)
    fed.put("a.csv", whole, at=NOW)
    assert counts(fed.read()) == (3, 3, 0, 0)


def test_a_file_that_its_list_hashes_otherwise_is_refused_and_the_others_go_on(fed: Fed) -> None:
    fed.declare(LISTED)
    good, forged = as_csv(rows(1, 2)), as_csv(rows(3, 4))
    fed.manifest(f"1,a.csv,{sha256(b'other')},", f"2,b.csv,{sha256(good)},", "3,c.csv,short,")
    fed.put("a.csv", forged)
    fed.put("b.csv", good)
    fed.put("c.csv", as_csv(rows(5, 5)))

    report = fed.read()

    assert fed.stored() == ids(1, 2)
    assert counts(report) == (2, 2, 0, 0)
    assert [finding.says for finding in report.noticed] == [
        "manifest.csv line 4: c.csv: its sha256 is not 64 hexadecimal digits",
        (
            f"manifest.csv line 2: a.csv is listed with sha256 {sha256(b'other')[:12]};"
            f" the file has sha256 {sha256(forged)[:12]}"
        ),
    ]


def test_the_same_file_under_another_name_is_known_by_its_hash(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv(rows(1, 2)))
    fed.read()
    (fed.folder / "a.csv").rename(fed.folder / "b.csv")
    fed.put("c.csv", as_csv(rows(1, 2)))

    report = fed.read()

    assert counts(report) == (0, 0, 0, 0)
    assert report.known_as == ("b.csv is a.csv", "c.csv is a.csv")
    assert fed.read().known_as == ()


def test_a_file_that_changed_is_read_again_and_told_unless_it_only_grew(fed: Fed) -> None:
    fed.declare(RMS)
    fed.put("a.csv", as_csv(rows(1, 2)))
    fed.read()
    fed.put("a.csv", as_csv(rows(1, 3)), at=NOW - timedelta(minutes=30))

    grown = fed.read()
    fed.put("a.csv", as_csv([row(1), row(3), row(4)]), at=NOW - timedelta(minutes=20))
    changed = fed.read()

    assert (counts(grown), grown.noticed) == ((3, 1, 2, 0), ())
    assert counts(changed) == (3, 1, 2, 0)
    [told] = changed.noticed
    assert told.kind == "file_changed"
    assert told.says.startswith("a.csv was read with sha256 ")


def test_a_file_that_was_read_can_be_moved_and_is_never_deleted(fed: Fed) -> None:
    fed.declare(RMS + 'when_read = "move"\n')
    fed.put("a.csv", as_csv(rows(1, 2)))
    fed.read()
    fed.put("a.csv", as_csv(rows(3, 4)))
    fed.put("bad.csv", b"nothing,known\n1,2\n")

    report = fed.read()

    there = sorted(p.relative_to(fed.folder).as_posix() for p in fed.folder.rglob("*"))
    assert report.refused
    assert there == [
        "bad.csv",
        "done",
        "done/a.csv",
        f"done/a.csv.{sha256(as_csv(rows(3, 4)))[:12]}",
    ]


def test_a_dry_run_counts_and_changes_nothing(fed: Fed) -> None:
    fed.declare(RMS + 'when_read = "move"\n')
    path = fed.put("a.csv", as_csv([row(1), row(2, occurred_at="bad")]))

    assert counts(fed.read(dry_run=True)) == (2, 1, 0, 1)
    assert (path.exists(), fed.told(), fed.stored(), fed.waiting()) == (True, [], [], [])


def test_a_refused_file_is_tried_again_when_it_or_its_profile_changes(fed: Fed) -> None:
    fed.declare(RMS)
    renamed = as_csv(rows(1, 2)).replace(b"user_id", b"officer")
    fed.put("a.csv", renamed)
    first = fed.read()
    second = fed.read()
    profile = fed.root / "config" / "profiles" / "canonical.toml"
    text = profile.read_text(encoding="utf-8")
    columns = "\n".join(f'{c} = ["{c}"]' for c in ("event_id", "occurred_at", "system", "action"))
    more = f'[events.columns]\nuser_id = ["officer"]\n{columns}\n'
    profile.write_text(text.replace("[events]\n", more), encoding="utf-8")

    third = fed.read()

    assert "columns are missing: user_id" in first.files[0].problem
    assert (second.files, [n.kind for n in second.noticed]) == ((), ["file_refused"])
    assert counts(third) == (2, 2, 0, 0)
    assert third.noticed == ()


def test_numbers_that_do_not_come_are_noticed_once_the_grace_is_over(fed: Fed) -> None:
    fed.declare(LISTED)
    files = {n: as_csv(rows(n, n)) for n in (40, 41, 44)}
    for number, content in files.items():
        fed.put(f"f{number}.csv", content)
    lines = [f"{n},f{n}.csv,{sha256(c)}," for n, c in files.items()]
    fed.manifest(*lines, f"45,f45.csv,{sha256(b'x')},")

    early = fed.read()
    late = fed.read(at=NOW + timedelta(hours=3))
    come = as_csv(rows(42, 43))
    fed.put("f42.csv", come)
    fed.manifest(*lines, f"42,f42.csv,{sha256(come)},", name="manifest-2.csv")
    later = fed.read(at=NOW + timedelta(hours=4))

    assert early.noticed == ()
    assert [n.says for n in late.noticed] == [
        "number 42-43 of the deliveries has not come",
        "number 45 of the deliveries has not come",
    ]
    assert [n.detail for n in later.noticed] == ["43", "45"]


def test_a_listed_file_without_a_number_that_does_not_come_is_noticed(fed: Fed) -> None:
    fed.declare(LISTED)
    content = as_csv(rows(1, 1))
    listed = f'{{"format": 1, "files": [{{"file": "a.csv", "sha256": "{sha256(content)}"}}]}}'
    fed.put("manifest.json", listed.encode())

    early = fed.read()
    late = fed.read(at=NOW + timedelta(hours=3))
    fed.put("a.csv", content)
    come = fed.read(at=NOW + timedelta(hours=4))

    assert (early.noticed, come.noticed) == ((), ())
    assert [n.says for n in late.noticed] == ["a.csv is listed and has not come"]


def test_the_state_is_told_whole_again_after_many_entries(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "_WHOLE_EVERY", 3)
    monkeypatch.setattr(folder_module, "_MOST_GONE", 1)
    fed.declare(RMS)
    for number in range(1, 9):
        fed.put(f"f{number}.csv", as_csv(rows(number, number)))
    fed.read()
    for number in range(1, 6):
        (fed.folder / f"f{number}.csv").unlink()
    fed.put("f9.csv", as_csv(rows(9, 9)))
    fed.put("g1.csv", as_csv(rows(1, 1)))

    known = fed.read()
    fed.put("g2.csv", as_csv(rows(2, 2)))
    forgotten = fed.read()

    assert (counts(known), known.known_as) == ((1, 1, 0, 0), ("g1.csv is f1.csv",))
    assert counts(forgotten) == (1, 0, 1, 0)
    assert counts(fed.read()) == (0, 0, 0, 0)
    wholes = [told["cursor"]["files"] for told in fed.told() if told["cursor"]["whole"]]
    assert [len(files) for files in wholes] == [1, 4, 7, 6]


def test_a_folder_that_is_gone_stops_no_other_feed(fed: Fed) -> None:
    other = fed.folder / "other"
    other.mkdir()
    fed.declare(RMS.replace("{folder}", "{folder}/gone"), RMS.replace("rms", "pnc"))
    fed.put("a.csv", as_csv(rows(1, 1)))

    gone, read = fed.read_all()

    assert gone.problem == (
        f"feed rms: {fed.folder}/gone: cannot be read: No such file or directory;"
        " possible: the folder into which files are dropped"
    )
    assert counts(read) == (1, 1, 0, 0)


FOLLOWED = """
name = "pnc"
kind = "file"
table = "events"
profile = "canonical"
source = "pnc"
path = "{folder}/audit.csv"
"""
TABLE = """
name = "custody"
kind = "table"
table = "events"
profile = "canonical"
source = "custody"
url = "sqlite:///{folder}/custody.db"
relation = "access_log"
key = "id"
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from datetime import datetime
from alerts.store import Store
from monitor.clock import FixedClock
from monitor.sources import declared_at, read_feeds
from monitor.wiring import open_site

def record(self, kind, **facts):
    os.kill(os.getpid(), signal.SIGKILL)

Store.record = record
site = open_site(Path(sys.argv[1]), clock=FixedClock(datetime.fromisoformat(sys.argv[2])))
declared = declared_at(site.home.config)
read_feeds(site, declared.feed, declared=declared)
"""


@pytest.mark.parametrize("kind", [RMS, FOLLOWED, TABLE])
def test_a_kill_between_lake_and_entry_loses_nothing_and_doubles_nothing(
    fed: Fed, kind: str
) -> None:
    fed.declare(kind)
    made = [*rows(1, 5), row(6, occurred_at="bad")]
    fed.put("audit.csv", as_csv(made))
    with closing(sqlite3.connect(fed.folder / "custody.db")) as connection, connection:
        names = ", ".join(made[0])
        connection.execute(f"CREATE TABLE access_log (id integer PRIMARY KEY, {names})")
        marks = ", ".join("?" * len(made[0]))
        told = [tuple(one.values()) for one in made]
        connection.executemany(f"INSERT INTO access_log ({names}) VALUES ({marks})", told)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(fed.root), NOW.isoformat()], check=False
    )
    before = (fed.stored(), len(fed.waiting()), fed.told())
    report = fed.read()

    assert killed.returncode == -signal.SIGKILL
    assert before == (ids(1, 5), 1, [])
    assert counts(report) == (6, 0, 5, 1)
    assert (fed.stored(), len(fed.waiting()), len(fed.told())) == (ids(1, 5), 1, 1)
    assert fed.site().store.verify().intact


def test_a_file_that_was_read_and_not_moved_is_moved_the_next_time(fed: Fed) -> None:
    fed.declare(RMS)
    path = fed.put("a.csv", as_csv(rows(1, 1)))
    fed.read()
    fed.declare(RMS + 'when_read = "move"\n')

    fed.read()

    assert not path.exists()
    assert Path(fed.folder / "done" / "a.csv").is_file()
