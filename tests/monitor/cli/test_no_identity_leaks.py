"""Marked identities go through every command, and are found nowhere but where a purpose put them.

Logs, screens, masked exports, notes on standard error, traces of faults and temporary files are
searched for four marks; the lake, the store and files asked for with a purpose hold them.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.contract import as_contract, from_contract
from alerts.errors import PsdmonError
from alerts.model import Alert
from monitor.cli.main import shell
from monitor.clock import FixedClock
from tests.factories import a_finding, a_moment, an_alert
from tests.homes import NOW, with_queue

USER, OTHER_USER = "ZQ7MARKUSER", "ZQ7MARKMATE"
FOCUS, RECORD = "ZQ7MARKFOCUS", "ZQ7MARKADDR"
MARK = "zq7mark"
ALERT = "A-MARKED00"
# What may hold identities: the data itself, and the keys.
KEPT = ("lake", "psdmon.db", "keys")

EVENTS = "event_id,occurred_at,user_id,system,action,subject_id,reason,search_terms\n" + "".join(
    f"E{day},2026-03-{day:02d}T10:00:00Z,{USER},RMS,view,{FOCUS},asked by {OTHER_USER},{FOCUS}\n"
    for day in range(1, 5)
)
SPOILT = EVENTS + f"E9,yesterday,{USER},RMS,view,{FOCUS},,\n"
STAFF = f"user_id,role,team\n{USER},response,R1\n{OTHER_USER},response,R1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home with marks in it, the folder for what is asked of it, and one for temporary files."""

    root: Path
    out: Path
    temporary: Path

    def run(self, *words: str) -> Result:
        """Run psdmon there, with every log line written."""
        clock = FixedClock(NOW)
        return CliRunner().invoke(shell, ["--home", str(self.root), "-v", *words], obj=clock)


@pytest.fixture(scope="module")
def marked(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A home whose log, staff and one alert carry marks."""
    folder = tmp_path_factory.mktemp("marked")
    place = Place(
        root=Path(shutil.copytree(made_home, folder / "home")),
        out=folder / "out",
        temporary=folder / "tmp",
    )
    for made in (place.out, place.temporary):
        made.mkdir()
    (folder / "events.csv").write_text(SPOILT, encoding="utf-8")
    (folder / "staff.csv").write_text(STAFF, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(place.temporary))
        loaded = [
            place.run("ingest", "events", str(folder / "events.csv")),
            place.run("ingest", "staff", str(folder / "staff.csv")),
        ]
        assert [result.exit_code for result in loaded] == [0, 0]
        with_queue(place.root, (a_marked_alert(),)).close()
        yield place


def a_marked_alert() -> Alert:
    """An alert whose every id is a mark, and whose sentences let them slip."""
    slip = f"{USER} looked at {FOCUS.lower()} and {RECORD}"
    return an_alert(
        alert_id=ALERT,
        user_ids=(USER,),
        subject_ids=(FOCUS, RECORD),
        focus_subject_id=FOCUS,
        event_ids=("E1", "E2"),
        findings=(a_finding(user_id=USER, focus_id=FOCUS, says=slip),),
        first_event_at=a_moment("2026-03-01T10:00:00Z"),
        last_event_at=a_moment("2026-03-02T10:00:00Z"),
        says=slip,
    )


def spoken(result: Result) -> str:
    """Everything a run said, the words of a fault included."""
    fault = "" if result.exception is None else repr(result.exception)
    return f"{result.stdout}\n{result.stderr}\n{fault}".casefold()


def files_below(folder: Path, *, but: tuple[str, ...] = ()) -> list[Path]:
    """Files of a folder whose path does not begin with some names."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not str(path.relative_to(folder)).startswith(but)
    ]


LOOKS: tuple[tuple[str, ...], ...] = (
    ("alerts", "list"),
    ("alerts", "list", "--json"),
    ("alerts", "show", ALERT, "--rows", "--limits"),
    ("alerts", "show", ALERT, "--rows", "--json"),
    ("alerts", "timeline", ALERT),
    ("alerts", "timeline", ALERT, "--json"),
    ("alerts", "why", ALERT),
    ("alerts", "suppressions", "--all", "--json"),
    ("audit", "show"),
    ("audit", "show", "--json"),
    ("audit", "verify", "--json"),
    ("status", "--json"),
    ("check",),
    ("quarantine", "list"),
    ("quarantine", "list", "--json"),
    ("roles", "list"),
    ("access", "list", "--all", "--json"),
    ("scan", "--dry-run"),
    ("scan",),
)


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_no_screen_or_log_line_holds_an_identity(marked: Place, words: tuple[str, ...]) -> None:
    assert MARK not in spoken(marked.run(*words))


def test_no_action_on_an_alert_says_or_logs_an_identity(marked: Place) -> None:
    done = [
        marked.run("alerts", "take", ALERT),
        marked.run("alerts", "note", ALERT, f"asked about {FOCUS}"),
        marked.run("alerts", "show", ALERT),
        marked.run("alerts", "show", ALERT, "--unmask", "--purpose", f"is it {USER} or {FOCUS}")
        and marked.run("audit", "show"),
        marked.run("alerts", "close", ALERT, "--disposition", "explained_by_work", "--reason", "x"),
    ]

    assert [MARK in spoken(result) for result in done] == [False] * len(done)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_masked_export_holds_no_identity(marked: Place, kind: str) -> None:
    out = marked.out / f"masked.{kind}"
    result = marked.run("alerts", "export", "--masked", "--format", kind, "--out", str(out))

    assert result.exit_code == 0
    assert ALERT in out.read_text(encoding="utf-8")
    assert MARK not in out.read_text(encoding="utf-8").casefold()


def test_a_masked_replay_holds_no_identity(marked: Place) -> None:
    out = marked.out / "replay.jsonl"
    span = ("--from", "2026-03-01", "--to", "2026-03-05")
    result = marked.run("replay", *span, "--masked", "--out", str(out))

    assert MARK not in spoken(result) + out.read_text(encoding="utf-8").casefold()


def test_an_identity_that_was_shown_for_a_purpose_is_left_in_no_file(marked: Place) -> None:
    shown = marked.run("alerts", "show", ALERT, "--rows", "--unmask", "--purpose", "complaint 17")
    marked.run("alerts", "export", "--purpose", "board", "--out", str(marked.out / "real.jsonl"))
    (marked.out / "real.jsonl").unlink()

    left = [
        path
        for path in (*files_below(marked.root, but=KEPT), *files_below(marked.temporary))
        if MARK.encode() in path.read_bytes().lower()
    ]
    assert USER in shown.stdout
    assert left == []


def test_the_message_of_an_unreadable_alert_names_nobody() -> None:
    messages = []
    for key, value in (
        ("status", USER),
        ("findings", [{"user_id": USER}]),
        ("score", FOCUS),
    ):
        with pytest.raises(PsdmonError) as refused:
            from_contract({**as_contract(a_marked_alert()), key: value})
        messages.append(str(refused.value).casefold())

    assert [MARK in message for message in messages] == [False, False, False]
