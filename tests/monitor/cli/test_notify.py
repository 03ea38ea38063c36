"""`psdmon notify`, told from outside: what leaves, what is shown, what is asked again."""

import json
from contextlib import closing
from datetime import timedelta

import pytest

from tests.homes import NOW, three_alerts
from tests.monitor.cli.notified import OWN, THIRD, House, a_channel, raised

HOUR = timedelta(hours=1)


def test_what_was_told_once_is_told_once_however_often_it_is_sent(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"], at_once=["urgent"], digest_hours=6))
    for hour in range(8):
        house.send(at=NOW + hour * HOUR)

    assert [(told["kind"], told["says"]) for told in house.told("r1")] == [
        ("raised", f"Alert {OWN} waits, priority urgent."),
        ("digest", "2 alerts: 1 high, 1 normal."),
    ]


def test_after_a_catch_up_one_digest_with_counts_is_told_and_never_silence(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"], most_at_once=2))
    house.send()

    (told,) = house.told("r1")
    assert told["counts"] == {"urgent": 1, "high": 1, "normal": 1}
    assert told["lines"] == ["3 new: psdmon alerts list"]


def test_an_outage_of_a_channel_loses_nothing_and_ends_in_one_message(house: House) -> None:
    nowhere = house.out / "nowhere"
    path = str(nowhere / "r1.jsonl")
    house.channels(a_channel("r1", reaches=["R1"], path=path, most_at_once=2))
    codes = [house.send(at=NOW + hour * HOUR).exit_code for hour in range(3)]
    nowhere.mkdir()
    codes.append(house.send(at=NOW + 48 * HOUR).exit_code)

    (line,) = (nowhere / "r1.jsonl").read_text(encoding="utf-8").splitlines()
    assert codes == [1, 1, 1, 0]
    assert json.loads(line)["counts"] == {"urgent": 1, "high": 1, "normal": 1}


def test_one_channel_in_trouble_holds_no_other_back(house: House) -> None:
    house.channels(
        a_channel("lost", reaches=["R1"], path=str(house.out / "no" / "x")),
        a_channel("r2", reaches=["R2"]),
    )
    result = house.send()

    assert result.exit_code == 1
    assert len(house.told("r2")) == 3
    assert "Channel lost: the system refused it (ENOENT)" in result.stdout


def test_a_dry_run_shows_what_would_be_told_and_changes_nothing(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"]))
    with closing(house.site()) as site:
        before = site.store.outbox.notices()
    shown = house.run("R1", "notify", "send", "--dry-run", "--json")
    with closing(house.site()) as site:
        after = site.store.outbox.notices()

    assert len(json.loads(shown.stdout)["notices"]) == 3
    assert (before, house.told("r1")) == (after, [])


def test_a_dead_letter_is_shown_and_goes_when_it_is_asked_for(house: House) -> None:
    path = house.out / "later" / "r1.jsonl"
    house.channels(a_channel("r1", reaches=["R1"], path=str(path)), delivery="tries = 1")
    for hour in range(3):
        house.send(at=NOW + hour * HOUR)
    listed = house.run("R1", "notify", "list", "--dead")
    status = house.run("R1", "status", at=NOW + 4 * HOUR)
    path.parent.mkdir()
    again = house.run("R1", "notify", "retry", "--dead", "--channel", "r1", at=NOW + 4 * HOUR)
    house.send(at=NOW + 4 * HOUR)

    assert "dead after 1 try: the system refused it" in " ".join(listed.stdout.split())
    assert "3 dead letters: psdmon notify list --dead" in status.stdout
    assert again.stdout == "Dead letters of r1: queued again; psdmon notify send.\n"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3


def test_a_test_over_a_channel_says_that_nothing_waits_and_is_on_the_chain(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"]), a_channel("lost", path="/dev/null/x"))
    good = house.run("second", "notify", "test", "r1")
    wrong = house.run("second", "notify", "test", "lost")
    unknown = house.run("second", "notify", "test", "r9")

    assert [one.exit_code for one in (good, wrong, unknown)] == [0, 1, 2]
    assert [told["says"] for told in house.told("r1")] == [
        "This is a test of a channel; nothing waits."
    ]
    assert "possible: r1, lost" in unknown.stderr
    with closing(house.site()) as site:
        assert [one.told["channel"] for one in site.store.chain(kinds=("notice.tested",))] == [
            "r1",
            "lost",
        ]


def test_whom_an_alert_was_told_to_is_found_in_the_chain_by_the_alert(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"], at_once=[]))
    house.send()
    shown = house.run("eyes", "audit", "show", "--alert", OWN, "--kind", "notice", "--json")

    entries = json.loads(shown.stdout)["entries"]
    sent = [one["facts"] for one in entries if one["kind"] == "notice.sent"]
    assert [(one["channel"], one["reached"]) for one in sent] == [("r1", ["R1"])]


def test_an_alert_that_grows_and_one_that_is_due_are_told_with_the_command_to_run(
    house: House,
) -> None:
    house.channels(a_channel("r2", reaches=["R2"]))
    house.send()
    assert house.run("R2", "alerts", "take", THIRD).exit_code == 0
    day = (NOW + timedelta(days=1)).date().isoformat()
    follow = ("alerts", "follow-up", THIRD, "--on", day, "--reason", "the roster")
    assert house.run("R2", *follow).exit_code == 0
    house.send(at=NOW + timedelta(days=1))

    last = house.told("r2")[-1]
    assert (last["kind"], last["says"], last["command"]) == (
        "follow_up",
        f"Alert {THIRD} is due to be looked at again.",
        f"psdmon alerts show {THIRD}",
    )


def test_check_names_every_problem_of_the_channels_at_once(house: House) -> None:
    house.channels(
        a_channel("hook", kind="webhook", path="x"),
        a_channel("Bad Name"),
        a_channel("quiet", quiet_from="19:00"),
        a_channel("mail", kind="smtp", host="h", sender="nobody", to="psd@example.org"),
    )
    shown = house.run("boss", "check", "--json")

    (found,) = [c for c in json.loads(shown.stdout)["checks"] if c["what"] == "notify"]
    assert found["state"] == "problem"
    for place in ("channel.0.webhook", "channel.1.file.name", "channel.2.file", "channel.3.smtp"):
        assert place in found["says"]


def test_check_says_whom_a_channel_cannot_tell_and_why(house: House) -> None:
    house.channels(
        a_channel("nobody", reaches=["stranger"]),
        a_channel("r1", reaches=["R1"]),
        a_channel(
            "hook",
            role="auditor",
            kind="webhook",
            url="https://hook.example.org/",
            path=None,
            **{f"{'secret'}_env": "NOT_SET"},
        ),
    )
    shown = house.run("boss", "check", "--json")

    found = {
        (c["state"], c["says"]) for c in json.loads(shown.stdout)["checks"] if c["what"] == "notify"
    }
    assert found == {
        ("good", "channels: nobody, r1, hook"),
        ("note", "channel nobody: tells of no alert: somebody whom it reaches has not the role"),
        ("problem", "channel hook: NOT_SET is not set; possible: set it for the service"),
    }


def test_a_home_without_channels_tells_nobody_and_says_so(house: House) -> None:
    (house.root / "config" / "notify.toml").unlink()
    result = house.run("boss", "notify", "send")
    shown = house.run("boss", "check", "--json")

    notes = [c["says"] for c in json.loads(shown.stdout)["checks"] if c["what"] == "notify"]
    assert (result.exit_code, result.stderr) == (
        0,
        "No channel is set; nobody is told. See config/notify.toml.\n",
    )
    assert notes == ["no channel is set, so nobody is told; possible: config/notify.toml"]


def test_settings_that_changed_tell_nobody_again(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"]))
    house.send()
    house.channels(a_channel("r1", reaches=["R1"], at_once=["urgent"], digest_hours=1))
    raised(house, *three_alerts(), at=NOW + HOUR)
    for hour in range(1, 4):
        house.send(at=NOW + hour * HOUR)

    assert len(house.told("r1")) == 3


@pytest.mark.parametrize(
    "words",
    [("retry",), ("retry", "N-1", "--dead"), ("retry", "N-1", "--channel", "r1"), ("show", "N-1")],
    ids=" ".join,
)
def test_what_cannot_be_asked_for_is_refused_with_what_is_possible(
    house: House, words: tuple[str, ...]
) -> None:
    result = house.run("R1", "notify", *words)

    assert result.exit_code == 2
    assert "takes NOTICE" in result.stderr or "possible:" in result.stderr


def test_somebody_without_a_role_is_shown_nothing(house: House) -> None:
    results = [
        house.run("stranger", "notify", *words)
        for words in (("list",), ("show", "N-1"), ("retry", "--dead"), ("test", "r1"))
    ]

    assert [result.exit_code for result in results] == [5, 5, 5, 5]
