"""Roles given and taken back, people matched, second persons, covert alerts, broken glass."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from alerts.gates import Deed
from monitor.cli.main import shell
from monitor.cli.scan import known_of
from monitor.clock import FixedClock
from monitor.wiring import open_site
from tests.factories import a_moment
from tests.homes import NOW, three_alerts, with_queue
from tests.monitor.cli.notified import KIN, OTHERS, REVIEWERS, STAFF

Typed = Callable[..., Result]

AT = NOW.isoformat()
ALL_THREE, FIRST, THIRD = 3, "A-7F3K9Q2M", "A-k3vm2qqx7abc"


@dataclass(frozen=True, kw_only=True)
class SimpleReport:
    """As much of a scan's report as is counted."""

    raised: int
    extended: int
    candidates: int


def run_as(root: Path, who: str, *words: str, groups: tuple[str, ...], at: str) -> Result:
    """Run psdmon in a home as some operating-system user, in some groups."""
    numbers = {9_000 + place: name for place, name in enumerate(groups)}
    clock = FixedClock(a_moment(at))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name=who))
        patch.setattr("os.getgroups", lambda: list(numbers))
        patch.setattr("os.getgid", lambda: 8_999)
        patch.setattr(
            "grp.getgrgid", lambda number: SimpleNamespace(gr_name=numbers.get(number, "nobody"))
        )
        return CliRunner().invoke(shell, ["--home", str(root), *words], obj=clock)


def runner(root: Path) -> Typed:
    """A function that runs psdmon as somebody in that home."""

    def run(who: str, *words: str, groups: tuple[str, ...] = (), at: str = AT) -> Result:
        return run_as(root, who, *words, groups=groups, at=at)

    return run


@pytest.fixture(scope="module")
def staffed(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh home with staff, kin and three alerts: two on U00123, one on U00777."""
    folder = tmp_path_factory.mktemp("staffed")
    root = Path(shutil.copytree(made_home, folder / "home"))
    site = with_queue(root, three_alerts())
    for name, text in (("staff", STAFF), ("declared_associations", KIN)):
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        assert runner(root)(site.actor, "ingest", name, str(path)).exit_code == 0
    site.close()
    return root


@pytest.fixture(scope="module")
def assigned(staffed: Path, founder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, its roles assigned: R1 to R4 review, boss decides, eyes audits."""
    root = Path(shutil.copytree(staffed, tmp_path_factory.mktemp("assigned") / "home"))
    typed_by = runner(root)
    for who in REVIEWERS:
        assert typed_by(founder, "roles", "grant", who, "reviewer").exit_code == 0
    for who, role in OTHERS:
        assert typed_by(founder, "roles", "grant", who, role).exit_code == 0
    declared = ("--not-staff", "--reason", "of another force")
    assert typed_by(founder, "access", "declare", "eyes", *declared).exit_code == 0
    return root


@pytest.fixture(scope="module")
def founder(staffed: Path) -> str:
    """Whoever made the home."""
    return open_site(staffed, clock=FixedClock(NOW)).actor


@pytest.fixture
def typed_by(staffed: Path, tmp_path: Path) -> Typed:
    """A function that runs psdmon as some operating-system user, in the fresh home."""
    return runner(Path(shutil.copytree(staffed, tmp_path / "fresh")))


@pytest.fixture
def desks(assigned: Path, tmp_path: Path) -> Typed:
    """The same in the home whose roles are assigned."""
    return runner(Path(shutil.copytree(assigned, tmp_path / "assigned")))


def listed_to(typed_by: Typed, who: str) -> list[str]:
    """The ids of the alerts that somebody is shown."""
    result = typed_by(who, "alerts", "list", "--all", "--json")
    assert result.exit_code == 0, result.stderr
    return sorted(alert["alert_id"] for alert in json.loads(result.stdout)["alerts"])


def request_number(result: Result) -> str:
    """The number of a request that was made."""
    found = re.search(r"Request (\d+)", result.stdout)
    assert found, result.stderr
    return found[1]


def test_the_one_user_of_a_fresh_home_holds_every_role_and_is_told(
    typed_by: Typed, founder: str
) -> None:
    result = typed_by(founder, "roles", "list")

    assert "holds every role here until roles are assigned" in " ".join(result.stdout.split())
    assert len(listed_to(typed_by, founder)) == ALL_THREE


def test_the_first_role_given_away_ends_the_fresh_home(desks: Typed, founder: str) -> None:
    seen = desks(founder, "alerts", "list")

    assert seen.exit_code == 5
    assert "roles held: administrator; possible: ask whoever holds" in seen.stderr


def test_nobody_gives_a_role_to_themselves_or_to_a_group_they_are_in(
    desks: Typed, founder: str
) -> None:
    alone = desks(founder, "roles", "grant", founder, "reviewer")
    group = desks(founder, "roles", "grant", "group:psd", "reviewer", groups=("psd",))

    assert (alone.exit_code, group.exit_code) == (5, 5)
    assert "possible: psdmon access request --role reviewer" in alone.stderr


def test_a_role_for_oneself_takes_a_second_person(desks: Typed, founder: str) -> None:
    words = ("access", "request", "--role", "auditor", "--purpose", "small force")
    number = request_number(desks(founder, *words))

    own = desks(founder, "access", "approve", number)
    other = desks("second", "access", "approve", number)

    assert (own.exit_code, other.exit_code) == (5, 0)
    assert "somebody else types psdmon access approve" in own.stderr
    held = json.loads(desks(founder, "roles", "list", "--json").stdout)["holders"]
    roles = {row["holder"]: row["roles"] for row in held}
    assert roles[founder] == ["administrator", "auditor"]


def test_a_role_may_belong_to_a_group_of_the_operating_system(desks: Typed, founder: str) -> None:
    desks(founder, "roles", "grant", "group:psd", "analyst")

    inside = desks("R1x", "roles", "list", groups=("psd",))
    matched = desks("BOSS", "alerts", "list", groups=("psd",))

    assert "roles held: analyst" in inside.stderr
    assert matched.exit_code == 0


def test_the_last_administrator_stays(typed_by: Typed, founder: str) -> None:
    result = typed_by(founder, "roles", "revoke", founder, "administrator")

    assert result.exit_code == 2
    assert "is the last administrator; possible: give that role to somebody else" in result.stderr


def test_taking_every_other_role_back_does_not_make_a_home_fresh_again(
    desks: Typed, founder: str
) -> None:
    for who, role in (("R1", "reviewer"), ("boss", "authority"), ("second", "administrator")):
        desks(founder, "roles", "revoke", who, role)

    assert desks(founder, "alerts", "list").exit_code == 5


def test_somebody_who_is_matched_to_nobody_sees_nothing_and_is_told_what_helps(
    desks: Typed, founder: str
) -> None:
    desks(founder, "roles", "grant", "stranger", "reviewer")

    refused = desks("stranger", "alerts", "list")

    assert refused.exit_code == 5
    assert "possible: ask another holder of administrator for psdmon access declare" in (
        refused.stderr
    )
    declared = ("--user-id", "U00777", "--reason", "personnel file")
    desks(founder, "access", "declare", "stranger", *declared)
    assert listed_to(desks, "stranger") == [FIRST, "A-9d2mx4tqhq7k"]


def test_nobody_declares_who_they_are_themselves(desks: Typed, founder: str) -> None:
    result = desks(founder, "access", "declare", founder, "--not-staff", "--reason", "x")

    assert (result.exit_code, "possible: another holder" in result.stderr) == (5, True)


@pytest.mark.parametrize(
    ("who", "knows"),
    [
        ("R1", {FIRST, "A-9d2mx4tqhq7k", THIRD}),
        ("R3", {THIRD}),  # of the same team
        ("R4", {FIRST, "A-9d2mx4tqhq7k"}),  # a sibling of U00777
        ("U00123", {THIRD}),  # the alerts are about this very account
    ],
)
def test_a_closed_alert_is_in_no_list_count_export_or_timeline(
    desks: Typed, who: str, knows: set[str], tmp_path: Path
) -> None:
    out = tmp_path / "masked.jsonl"
    exported = desks(who, "alerts", "export", "--masked", "--out", str(out))
    queue = json.loads(desks(who, "status", "--json").stdout)["queue"]
    shown = {json.loads(line)["alert_id"] for line in out.read_text().splitlines()}
    opened = {
        alert_id
        for alert_id in (FIRST, "A-9d2mx4tqhq7k", THIRD)
        if desks(who, "alerts", "timeline", alert_id).exit_code == 0
    }

    assert exported.exit_code == 0
    assert set(listed_to(desks, who)) == shown == opened == knows
    assert sum(queue.values()) == len(knows)


def test_a_closed_alert_is_answered_like_one_that_is_not_there(desks: Typed) -> None:
    closed = desks("U00123", "alerts", "show", FIRST)
    absent = desks("U00123", "alerts", "show", "A-00000000")

    assert closed.stderr.replace(FIRST, "A-00000000") == absent.stderr
    assert (closed.exit_code, closed.stdout) == (absent.exit_code, absent.stdout)


def test_the_chain_keeps_that_the_gate_refused_for_an_auditor_alone(desks: Typed) -> None:
    desks("R3", "alerts", "show", FIRST)
    words = ("audit", "show", "--kind", "alert.withheld", "--json")
    (kept,) = json.loads(desks("eyes", *words).stdout)["entries"]

    assert (kept["actor"], kept["about"], kept["facts"]["why"]) == ("R3", FIRST, "same team")
    assert desks("R3", *words).exit_code == 5


def test_identities_take_a_purpose_and_a_second_person(desks: Typed) -> None:
    unmask = ("alerts", "show", FIRST, "--unmask", "--purpose", "complaint 17")
    alone = desks("R1", *unmask)
    number = request_number(desks("R1", "access", "request", FIRST, "--purpose", "complaint 17"))
    own = desks("R1", "access", "approve", number)
    close = desks("R3", "access", "approve", number)
    assert desks("R2", "access", "approve", number).exit_code == 0
    after, other = desks("R1", *unmask), desks("R2", *unmask)

    assert "possible: psdmon access request" in alone.stderr
    assert (alone.exit_code, own.exit_code, other.exit_code) == (5, 5, 5)
    assert close.stderr == f"psdmon: request {number}: does not wait; possible: none waits\n"
    assert (after.exit_code, "U00123" in after.stdout) == (0, True)


def test_what_a_second_person_opened_is_one_alert_and_not_the_queue(desks: Typed) -> None:
    number = request_number(desks("R1", "access", "request", FIRST, "--purpose", "complaint 17"))
    desks("R2", "access", "approve", number)
    purpose = ("--unmask", "--purpose", "complaint 17")

    queue = desks("R1", "alerts", "list", *purpose).stdout
    other = desks("R1", "alerts", "show", THIRD, *purpose)
    export = desks("R1", "alerts", "export", "--purpose", "all of it")

    assert ("U00123" in queue, "U00777" in queue) == (True, False)
    assert (other.exit_code, export.exit_code) == (5, 5)
    assert "possible: psdmon access request --all" in export.stderr


def test_what_was_opened_closes_after_its_hours(desks: Typed) -> None:
    words = ("access", "request", FIRST, "--purpose", "complaint 17", "--hours", "2")
    desks("R2", "access", "approve", request_number(desks("R1", *words)))
    unmask = ("alerts", "show", FIRST, "--unmask", "--purpose", "complaint 17")

    codes = [
        desks("R1", *unmask, at=at).exit_code
        for at in ("2026-03-05T04:59:00Z", "2026-03-05T05:00:00Z")
    ]

    assert codes == [0, 5]


def test_a_covert_alert_is_not_there_for_anybody_who_is_not_named(desks: Typed) -> None:
    words = ("access", "cover", FIRST, "--only", "R1", "--reason", "covert phase")
    assert desks("boss_of_none", *words).exit_code == 5
    assert desks("R2", *words).exit_code == 0

    assert FIRST in listed_to(desks, "R1")
    assert FIRST not in listed_to(desks, "R2")
    assert desks("R1", "access", "uncover", FIRST, "--reason", "arrested").exit_code == 0
    assert FIRST in listed_to(desks, "R2")


def test_broken_glass_opens_what_is_closed_and_shouts_until_somebody_else_has_heard(
    desks: Typed, founder: str
) -> None:
    desks("R2", "access", "cover", FIRST, "--only", "R1", "--reason", "covert phase")
    glass = ("--break-glass", "threat to life")
    opened = desks("eyes", "alerts", "show", FIRST, *glass)
    number = re.findall(r"entry (\d+)", opened.stderr)[0]

    assert (opened.exit_code, "U00123" in opened.stdout) == (0, True)
    assert "GLASS BROKEN by eyes" in opened.stderr
    assert "access.glass_broken" in opened.stderr
    assert "GLASS BROKEN by eyes" in desks("R2", "status").stdout.splitlines()[0]
    assert "GLASS BROKEN by eyes" in desks("eyes", "audit", "show").stdout.splitlines()[0]
    heard = ("access", "acknowledge", number, "--reason", "spoken to")
    assert desks("eyes", *heard).exit_code == 5
    desks(founder, "access", "declare", "boss", "--not-staff", "--reason", "another force")
    assert desks("boss", *heard).exit_code == 0
    assert "GLASS" not in desks("R2", "status").stdout


def test_not_even_broken_glass_opens_an_alert_about_oneself(desks: Typed, founder: str) -> None:
    desks(founder, "access", "declare", "eyes", "--user-id", "U00123", "--reason", "file")

    result = desks("eyes", "alerts", "show", FIRST, "--break-glass", "curious")

    assert (result.exit_code, "is not there" in result.stderr) == (2, True)


def test_a_reviewer_does_not_break_glass(desks: Typed) -> None:
    result = desks("R1", "alerts", "list", "--break-glass", "curious")

    assert result.exit_code == 5
    assert "for the role authority or auditor" in result.stderr


def test_an_administrator_sees_no_count_of_alerts(desks: Typed, founder: str) -> None:
    told = json.loads(desks(founder, "status", "--json").stdout)

    assert (told["queue"], told["queue_shown"]) == ({}, False)


def test_a_reason_that_is_blank_is_refused(desks: Typed) -> None:
    result = desks("R1", "access", "cover", FIRST, "--only", "R1", "--reason", " ")

    assert (result.exit_code, "possible: say why" in result.stderr) == (2, True)


def test_a_suppression_of_a_closed_alert_is_not_told_of_nor_lifted(desks: Typed) -> None:
    until = ("--until", "2026-03-20", "--reason", "liaison")
    made = desks(
        "R1", "alerts", "suppress", FIRST, "--detector", "repeat_subject", *until, "--json"
    )
    number = str(json.loads(made.stdout)["suppressions"][0]["number"])

    result = desks("R3", "alerts", "lift", number, "--reason", "x")

    assert result.stderr == (
        f"psdmon: suppression {number}: is not in force; possible: none is in force\n"
    )


def test_a_scan_counts_only_what_whoever_scans_may_know_of(assigned: Path) -> None:
    report = SimpleReport(raised=3, extended=1, candidates=9)
    counted = {}
    for who in ("R1", "R3", "nobody"):
        site = open_site(assigned, clock=FixedClock(NOW))
        site.actor, site.principals = who, frozenset({who})
        counted[who] = known_of(site, report, after=0, dry_run=False).raised
        site.close()

    assert counted == {"R1": 3, "R3": 1, "nobody": 0}


def test_a_report_keeps_to_the_gate_and_to_the_second_person(desks: Typed, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "report.html"))
    close = desks("R3", "report", FIRST, *out)
    alone = desks("R1", "report", FIRST, *out, "--unmask", "--purpose", "complaint 17")
    board = ("report", "board", "--month", "2026-03", "--json")
    leads = [json.loads(desks(who, *board).stdout)["lead"] for who in ("R1", "R3")]

    assert (close.exit_code, alone.exit_code) == (2, 5)
    assert f"alert {FIRST}: is not there" in close.stderr
    assert not (tmp_path / "report.html").exists()
    assert [lead.split(" raised")[0] for lead in leads] == ["3 alerts", "1 alert"]


def test_what_waits_about_a_closed_alert_is_in_no_list_and_no_count(
    desks: Typed, tmp_path: Path
) -> None:
    assert desks("R1", "alerts", "follow-up", FIRST, "--on", "2026-03-05").exit_code == 0
    silence = {"detector": "circle", "expires_at": "2026-04-01T00:00:00Z"}
    said = {"reason": "liaison", "actor": "R1", "at": NOW}
    with closing(open_site(tmp_path / "assigned", clock=FixedClock(NOW))) as site:
        asked = site.store.ask(FIRST, deed=Deed.SUPPRESS, asked=silence, **said)
    listed = [
        json.loads(desks(who, "alerts", "pending", "--json").stdout)["requests"]
        for who in ("R2", "R3")
    ]
    counts = [json.loads(desks(who, "status", "--json").stdout) for who in ("R2", "R3", "second")]

    assert [len(one) for one in listed] == [1, 0]
    assert [(one["due"], one["waiting_for_second"]) for one in counts] == [(1, 1), (0, 0), (0, 0)]
    assert desks("R3", "alerts", "confirm", str(asked.seq)).exit_code == 2
