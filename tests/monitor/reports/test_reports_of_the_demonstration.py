"""Reports on the demonstration's case: whole, masked, accessible, opened in a browser."""

import hashlib
import importlib
import json
import re
import shutil
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.model import Alert
from alerts.wording import forbidden_words
from monitor.cli.main import shell
from monitor.clock import FixedClock, SystemClock
from monitor.views.wording import SENTENCE
from monitor.wiring import Site, open_site
from tests.factories import a_moment
from tests.monitor.reports.accessible import outline, svgs, wrong_with
from tests.monitor.reports.browser import opened, size_of

pytestmark = pytest.mark.timeout(300)

Typed = Callable[..., Result]
PARTS = [
    "Clocks",
    "When and around whom",
    "Measured",
    "What would explain it",
    "Questions of law and practice, and their answers",
    "Offences to consider, and what was recorded",
    "Element by element: how far the log reaches",
    "Risk plan",
    "Decisions",
    "Rows of the log",
    "Disclosure schedule",
    "Extract of the chain",
    "What a log shows, and what it cannot",
]


@pytest.fixture(scope="module")
def site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The demonstration home, a copy to write its chain in."""
    root = tmp_path_factory.mktemp("reports") / "home"
    shutil.copytree(demo_home, root)
    return open_site(root, clock=SystemClock())


@pytest.fixture(scope="module")
def psdmon(site: Site) -> Typed:
    """A function that runs psdmon in that home, on a day after everything in it."""
    last = site.store.last_entry()
    assert last is not None
    clock = FixedClock(max(last.moment, a_moment("2026-11-24T09:00:00Z")))
    return lambda *words: CliRunner().invoke(
        shell, ["--home", str(site.home.root), *words], obj=clock
    )


@pytest.fixture(scope="module")
def alert(site: Site) -> Alert:
    """The alert at the top of the queue."""
    return site.store.alerts()[0]


@pytest.fixture(scope="module")
def worked(psdmon: Typed, alert: Alert) -> str:
    """Its id, once somebody has answered a question and recorded facts."""
    one = alert.alert_id
    for words in (
        ("take", one),
        ("answer", one, "P06", "done", "--reason", "tasking asked of the control room"),
        ("record", one, "--fact", "last_act=2026-06-01", "--reason", "her statement"),
        ("record", one, "--fact", "PHA-2A=does_not_apply", "--reason", "she moved house"),
    ):
        assert psdmon("alerts", *words).exit_code == 0
    return one


@pytest.fixture(scope="module")
def page(psdmon: Typed, worked: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on it, masked."""
    out = tmp_path_factory.mktemp("pages") / "alert.html"
    result = psdmon("report", worked, "--out", str(out))
    assert result.exit_code == 0, result.stderr
    return out


@pytest.fixture
def text(page: Path) -> str:
    """The same as text."""
    return page.read_text(encoding="utf-8")


def test_the_report_holds_its_parts_in_a_readers_order(text: str) -> None:
    headings = re.findall(r'<h2 id="part-\d+">(.*?)</h2>', text)

    assert [heading.replace("&#39;", "'") for heading in headings] == PARTS
    assert text.count(SENTENCE) == 2
    assert [picture.findtext("{http://www.w3.org/2000/svg}title") for picture in svgs(text)] == [
        "Visits by day",
        "Records looked up",
        "What each finding weighs",
    ]


def test_the_report_is_accessible_and_loads_nothing(text: str) -> None:
    assert wrong_with(text) == []
    assert "script" not in outline(text).tags


def test_the_report_claims_no_more_than_a_log_can_show(text: str) -> None:
    assert forbidden_words(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)) == ()


def test_a_masked_report_holds_no_identity(text: str, alert: Alert) -> None:
    ids = {*alert.user_ids, *alert.subject_ids, *alert.event_ids}

    assert [one for one in sorted(ids) if re.search(rf"\b{re.escape(one)}\b", text)] == []


def test_every_row_has_its_place_and_its_hash(text: str, alert: Alert) -> None:
    rows = text[text.index("Rows of the log</h2>") : text.index("Disclosure schedule</h2>")]

    assert len(re.findall(r">[0-9a-f]{64}</td>", rows)) == len(alert.event_ids)


def test_answers_clocks_and_decisions_are_in_it_as_they_stood(text: str) -> None:
    assert "tasking asked of the control room" in text
    assert "NEAR: it runs out at the end of 1 Dec 2026" in text
    assert "PHA-2A: does not apply" in text  # and it undermines
    assert "not to be considered unless recorded: constable" in text


def test_the_report_is_on_the_chain_with_its_hash(page: Path, site: Site, worked: str) -> None:
    entry = next(e for e in site.store.chain(about=worked) if e.kind == "report.written")

    assert entry.told["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_identities_in_a_report_need_a_purpose(
    psdmon: Typed, worked: str, tmp_path: Path, alert: Alert
) -> None:
    out = tmp_path / "open.html"

    assert psdmon("report", worked, "--out", str(out), "--unmask").exit_code == 5
    assert not out.exists()
    shown = psdmon("report", "alert", worked, "--out", str(out), "--unmask", "--purpose", "CO/17")
    assert shown.exit_code == 0
    assert alert.focus_subject_id in out.read_text(encoding="utf-8")


def test_the_report_opens_in_a_browser_and_is_drawn(page: Path, tmp_path: Path) -> None:
    shot = tmp_path / "alert.png"

    told = opened(page, tmp_path, "--window-size=1050,1400", f"--screenshot={shot}", "--dump-dom")

    assert "Refused to" not in told.stderr  # nothing that the page's own policy forbids
    assert size_of(shot.read_bytes()) == (1050, 1400)
    assert shot.stat().st_size > 40_000  # a blank page of this size has 5,000 bytes


def test_the_browser_reads_every_part_and_picture(page: Path, tmp_path: Path) -> None:
    told = opened(page, tmp_path, "--dump-dom")

    assert told.stdout.count("<svg") == 3
    assert all(f">{part}</h2>" in told.stdout for part in PARTS)


def test_the_report_as_pdf_is_tagged(psdmon: Typed, worked: str, tmp_path: Path) -> None:
    _skip_without_weasyprint()
    out = tmp_path / "alert.pdf"

    assert psdmon("report", worked, "--out", str(out)).exit_code == 0
    content = out.read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    objects = b"".join(zlib.decompressobj().decompress(one) for one in streams if one[:1] == b"x")
    assert content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in objects
    assert b"/Lang" in objects


def test_a_report_in_an_unknown_form_is_refused(psdmon: Typed, worked: str, tmp_path: Path) -> None:
    result = psdmon("report", worked, "--out", str(tmp_path / "alert.docx"))

    assert result.exit_code == 2
    assert "possible: .html, .pdf, .json" in result.stderr


def test_the_package_of_a_referral_is_what_its_manifest_says(
    psdmon: Typed, worked: str, tmp_path: Path, site: Site
) -> None:
    folder = tmp_path / "package"

    result = psdmon("report", "referral", worked, "--out", str(folder))

    assert result.exit_code == 0, result.stderr
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    named = {one["name"]: one["sha256"] for one in manifest["files"]}
    held = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }
    assert named == held
    assert {"report.html", "alert.json", "rows.csv", "chain.jsonl", "disclosure.csv"} <= set(held)
    entry = [e for e in site.store.chain(about=worked) if e.kind == "report.written"][-1]
    content = (folder / "manifest.json").read_bytes()
    assert entry.told["sha256"] == hashlib.sha256(content).hexdigest()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert psdmon("report", "referral", worked, "--out", str(folder)).exit_code == 2


def test_a_persons_own_report_names_no_member_of_staff_and_no_alert(
    psdmon: Typed, worked: str, alert: Alert, tmp_path: Path, site: Site
) -> None:
    out = tmp_path / "subject.html"

    result = psdmon(
        "report", "subject", alert.focus_subject_id, "--out", str(out), "--purpose", "SAR 26/104"
    )

    text = out.read_text(encoding="utf-8")
    assert wrong_with(text) == []
    assert alert.focus_subject_id in text
    others = {*alert.user_ids, *alert.subject_ids, worked} - {alert.focus_subject_id}
    assert [one for one in sorted(others) if one in text] == []
    assert re.search(r"M-[0-9A-Z]{10}", text)
    assert "before release: an alert touches this record" in result.stderr
    last = site.store.last_entry("report.written")
    assert last is not None
    assert (last.purpose, alert.focus_subject_id in last.facts) == ("SAR 26/104", False)


def test_somebody_who_was_never_looked_up_is_told_so(psdmon: Typed) -> None:
    result = psdmon("report", "subject", "P-nobody", "--purpose", "SAR 26/105")

    assert result.exit_code == 2
    assert "no access of this lake names this id" in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("board", "--month", "2026-10"), "Questions of law and practice"),
        (("detectors",), "Precision, as people decided"),
    ],
)
def test_the_reports_for_a_board_are_accessible_and_name_nobody(
    psdmon: Typed, words: tuple[str, ...], says: str, tmp_path: Path, alert: Alert
) -> None:
    out = tmp_path / "page.html"

    result = psdmon("report", *words, "--out", str(out))

    assert result.exit_code == 0, result.stderr
    text = out.read_text(encoding="utf-8")
    assert wrong_with(text) == []
    assert says in text
    assert [
        one for one in (*alert.user_ids, *alert.subject_ids, alert.alert_id) if one in text
    ] == []


def test_the_board_is_told_of_questions_that_nobody_answered(psdmon: Typed, worked: str) -> None:
    document = json.loads(psdmon("report", "board", "--month", "2026-10", "--json").stdout)

    [questions] = [part for part in document["sections"] if part["heading"].startswith("Questions")]
    rows = {row[0]: row[1:] for row in questions["tables"][0]["rows"]}
    assert worked
    assert rows["P06"][1] == "1"  # done
    assert rows["P01"][4] == rows["P01"][0]  # unanswered, all of them


def test_what_to_install_is_said_where_there_is_no_weasyprint(
    psdmon: Typed, worked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # as where it is not installed
    out = tmp_path / "alert.pdf"

    result = psdmon("report", worked, "--out", str(out))

    assert result.exit_code == 2
    assert "possible: pip install 'psdmon[pdf]' and the system's Pango" in result.stderr
    assert not out.exists()


def test_asking_for_help_of_reports_loads_no_template(site: Site) -> None:
    code = (
        "import sys; from monitor.cli.main import shell\n"
        "shell(['report', '--help'], standalone_mode=False)\n"
        "shell(['--home', sys.argv[1], 'alerts', 'list'], standalone_mode=False)\n"
        "print(sorted({'jinja2', 'scipy', 'duckdb', 'weasyprint'} & set(sys.modules)))"
    )

    told = subprocess.run(
        [sys.executable, "-c", code, str(site.home.root)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.splitlines()[-1] == "[]"


def test_the_pictures_are_to_be_had_by_themselves(
    psdmon: Typed, worked: str, tmp_path: Path, alert: Alert
) -> None:
    result = psdmon("alerts", "timeline", worked, "--svg", str(tmp_path / "pictures"))

    assert result.exit_code == 0, result.stderr
    drawn = {path.name: path.read_text("utf-8") for path in (tmp_path / "pictures").iterdir()}
    assert sorted(drawn) == ["calendar.svg", "circle.svg"]
    assert [one for one in alert.subject_ids if any(one in text for text in drawn.values())] == []


def _skip_without_weasyprint() -> None:
    """Skip aloud where WeasyPrint, or the Pango it needs, is not installed."""
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as trouble:
        pytest.skip(f"NO PDF: WeasyPrint cannot be loaded ({type(trouble).__name__})")
