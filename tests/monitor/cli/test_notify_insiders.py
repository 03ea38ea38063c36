"""What a hostile insider learns from notices about an alert that is closed to them: nothing."""

import json
import re
from datetime import timedelta

from alerts.model import Priority
from tests.factories import an_alert
from tests.homes import NOW
from tests.monitor.cli.notified import (
    AGAIN,
    LATER,
    OWN,
    SEALED,
    THIRD,
    House,
    a_channel,
    four_alerts,
    raised,
)

HOUR = timedelta(hours=1)
WAITS = {"digest_hours": 6, "at_once": []}


def test_nobody_is_told_of_an_alert_that_is_closed_to_them_nor_in_a_count(house: House) -> None:
    readers = ("U00123", "R1", "R2", "R3", "R4", "boss")
    house.channels(
        *(a_channel(who.casefold(), reaches=[who]) for who in readers[:-1]),
        a_channel("boss", role="authority", reaches=["boss"]),
    )
    house.send()

    ids = {who: house.ids(who.casefold()) for who in readers}
    assert ids == {
        "U00123": [THIRD],  # the other two are on that account
        "R1": [OWN, AGAIN, THIRD],
        "R2": [OWN, AGAIN, THIRD],
        "R3": [THIRD],  # in the team of U00123
        "R4": [OWN, AGAIN],  # sibling of U00777
        "boss": [OWN, AGAIN, THIRD, SEALED],
    }


def test_a_digest_counts_only_what_its_reader_may_know(house: House) -> None:
    digest = {"at_once": []}
    house.channels(
        a_channel("r1", reaches=["R1"], **digest), a_channel("u1", reaches=["U00123"], **digest)
    )
    house.send()

    assert house.counts("r1") == [{"urgent": 1, "high": 1, "normal": 1}]
    assert house.counts("u1") == [{"normal": 1}]


def test_a_flood_counts_only_what_its_reader_may_know(house: House) -> None:
    many = [
        an_alert(alert_id=f"A-{n:012d}", user_ids=("U00123",) if n % 2 else ("U00777",))
        for n in range(20)
    ]
    raised(house, *many)
    house.channels(a_channel("u1", reaches=["U00123"], most_at_once=3))
    house.send()

    assert house.counts("u1") == [{"urgent": 10, "normal": 1}]


def test_a_shared_mailbox_holds_only_what_everybody_with_the_role_may_know(house: House) -> None:
    house.channels(a_channel("shared"))
    house.send()

    assert house.told("shared") == []  # U00123 and R4 read it too


def test_a_channel_whose_readers_are_not_named_carries_no_id_of_an_alert(house: House) -> None:
    house.channels(a_channel("shared", role="authority"))
    house.send()

    assert house.ids("shared") == []
    assert len(house.told("shared")) == 4
    assert not re.search(r"A-\w+", house.everything_left())


def test_a_notice_leads_whoever_may_know_to_its_alert_and_nobody_else(house: House) -> None:
    house.channels(a_channel("shared", role="authority"))
    house.send()
    names = [told["command"].split()[-1] for told in house.told("shared")]
    names.sort()

    shown = [house.run("boss", "notify", "show", name, "--json") for name in names]
    refused = [house.run("U00123", "notify", "show", name) for name in names]

    found = {json.loads(one.stdout)["notice"]["alert_id"] for one in shown}
    assert found == {OWN, AGAIN, THIRD, SEALED}
    assert sorted(result.exit_code for result in refused) == [0, 2, 2, 2]
    unknown = house.run("U00123", "notify", "show", "N-000000000000")
    known = next(one for one in refused if one.exit_code)
    assert unknown.stderr == re.sub(r"N-\w+", "N-000000000000", known.stderr)


def test_a_sealed_matter_is_told_to_the_authority_alone(house: House) -> None:
    house.channels(
        a_channel("eyes", role="auditor", reaches=["eyes"], tells=["alerts"]),
        a_channel("boss", role="authority", reaches=["boss"]),
        a_channel("as-reviewer", role="reviewer", reaches=["boss"]),
    )
    house.send()

    assert SEALED not in house.ids("eyes")
    assert SEALED in house.ids("boss")
    assert house.ids("as-reviewer") == []  # boss does not hold that role


def test_an_alert_that_was_covered_after_it_was_planned_is_not_told(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"], **WAITS))
    house.send()
    covered = ("access", "cover", OWN, "--only", "boss", "--reason", "covert phase")
    assert house.run("boss", *covered).exit_code == 0
    house.send(at=LATER)

    assert house.ids("r1") == [AGAIN, THIRD]
    assert house.counts("r1") == [{"high": 1, "normal": 1}]


def test_a_covert_alert_is_told_to_those_it_is_for_and_never_to_a_shared_mailbox(
    house: House,
) -> None:
    covered = ("access", "cover", OWN, "--only", "boss", "--reason", "covert phase")
    assert house.run("boss", *covered).exit_code == 0
    house.channels(
        a_channel("boss", role="authority", reaches=["boss"]),
        a_channel("shared", role="authority", alert_ids=True, alert_ids_reason="a test"),
        a_channel("r1", reaches=["R1"]),
    )
    house.send()

    told = {name: OWN in house.ids(name) for name in ("boss", "shared", "r1")}
    assert told == {"boss": True, "shared": False, "r1": False}


def test_somebody_who_turns_out_to_stand_close_before_it_leaves_is_not_told(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"], **WAITS))
    house.send()
    match = ("access", "declare", "R1", "--user-id", "U00777", "--reason", "a second account")
    assert house.run("second", *match).exit_code == 0
    house.send(at=LATER)

    assert house.ids("r1") == [OWN, AGAIN]


def test_an_alert_that_grew_to_somebody_close_before_it_leaves_is_not_told(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"], **WAITS))
    house.send()
    third = next(one for one in four_alerts() if one.alert_id == THIRD)
    near = {"subject_ids": (*third.subject_ids, "P-501"), "score": 1.6}
    raised(house, an_alert(**{**_facts(third), **near}))
    house.send(at=LATER)

    assert house.ids("r1") == [OWN, AGAIN]


def _facts(alert: object) -> dict[str, object]:
    return {name: getattr(alert, name) for name in alert.__slots__}  # type: ignore[attr-defined]  # a dataclass with slots


def test_a_dead_letter_that_goes_again_is_looked_at_anew(house: House) -> None:
    nowhere = str(house.out / "nowhere" / "r1.jsonl")
    house.channels(a_channel("r1", reaches=["R1"], path=nowhere), delivery="tries = 1")
    for hour in range(4):
        house.send(at=NOW + hour * HOUR)
    match = ("access", "declare", "R1", "--user-id", "U00123", "--reason", "a second account")
    assert house.run("second", *match).exit_code == 0
    (house.out / "nowhere").mkdir()
    assert house.run("second", "notify", "retry", "--dead").exit_code == 0
    house.send(at=LATER)

    left = (house.out / "nowhere" / "r1.jsonl").read_text(encoding="utf-8")
    assert [OWN in left, AGAIN in left, THIRD in left] == [False, False, True]


def test_lists_and_status_tell_an_insider_nothing_of_what_is_closed(house: House) -> None:
    nowhere = str(house.out / "nowhere" / "r1.jsonl")
    house.channels(
        a_channel("r1", reaches=["R1"], path=nowhere),
        a_channel("u1", reaches=["U00123"]),
        delivery="tries = 1",
    )
    for hour in range(4):
        house.send(at=NOW + hour * HOUR)

    def seen_by(who: str) -> set[str]:
        listed = house.run(who, "notify", "list", "--all", "--json", at=LATER)
        return {one["alert_id"] for one in json.loads(listed.stdout)["notices"]}

    def dead_to(who: str) -> int:
        shown = house.run(who, "status", "--json", at=LATER)
        return int(json.loads(shown.stdout)["notices_dead"])

    assert seen_by("U00123") == {THIRD}
    assert seen_by("R1") == {OWN, AGAIN, THIRD}
    assert seen_by("second") == set()
    assert (dead_to("R1"), dead_to("U00123"), dead_to("second")) == (3, 1, 0)


def test_why_something_is_withheld_is_for_whoever_reads_the_chain(house: House) -> None:
    house.channels(a_channel("r3", reaches=["R3"]))
    house.send()

    def reasons(who: str) -> set[str]:
        listed = house.run(who, "notify", "list", "--json")
        return {one["withheld"] for one in json.loads(listed.stdout)["notices"]}

    assert reasons("R1") == {""}
    assert reasons("boss") == {"same team", "sealed route"}


def test_whoever_sends_is_told_no_count(house: House) -> None:
    house.channels(a_channel("r1", reaches=["R1"]))
    result = house.run("second", "notify", "send")
    as_json = house.run("second", "notify", "send", "--json")

    assert result.stdout == "Channel r1: looked after.\n"
    assert "sent" not in json.loads(as_json.stdout)["channels"][0]


def test_names_of_notices_and_messages_leave_no_gap_to_be_counted(house: House) -> None:
    house.channels(a_channel("u1", reaches=["U00123"]), a_channel("r1", reaches=["R1"]))
    house.send()

    names = [told["message_id"] for told in (*house.told("u1"), *house.told("r1"))]
    assert len(set(names)) == 4
    assert all(re.fullmatch(r"m-[0-9a-z]{12}", name) for name in names)


def test_broken_glass_is_told_to_every_watcher_but_whoever_broke_it(house: House) -> None:
    quiet = {"quiet_from": "00:00", "quiet_to": "23:59", "quiet_spares_at_once": False}
    house.channels(
        a_channel("boss", role="authority", reaches=["boss"], **quiet),
        a_channel("eyes", role="auditor", reaches=["eyes"], **quiet),
        a_channel("both", role="auditor", reaches=["eyes", "boss"], **quiet),
        a_channel("r1", reaches=["R1"], **quiet),
    )
    broken = ("alerts", "list", "--break-glass", "life at risk on the Elm estate")
    assert house.run("boss", *broken).exit_code == 0
    at_once = {name: len(house.told(name)) for name in ("boss", "eyes", "both", "r1")}
    house.send()

    kinds = {name: [told["kind"] for told in house.told(name)] for name in ("boss", "eyes", "both")}
    assert kinds == {"boss": [], "eyes": ["glass"], "both": ["glass"]}
    assert at_once == {"boss": 0, "eyes": 1, "both": 1, "r1": 0}  # by the very run that broke it
    assert house.told("r1") == []
    assert "Elm" not in house.everything_left()
    assert "boss" not in house.everything_left()


def test_a_role_held_by_a_role_of_the_database_is_told_of_no_alert(house: House) -> None:
    granted = ("roles", "grant", "postgresql:psd_authority", "authority")
    assert house.run("second", *granted).exit_code == 0
    house.channels(a_channel("shared", role="authority"))
    house.send()

    assert house.told("shared") == []


def test_priority_of_a_message_is_that_of_what_its_reader_may_know(house: House) -> None:
    house.channels(a_channel("u1", reaches=["U00123"], at_once=[]))
    house.send()

    assert [told["priority"] for told in house.told("u1")] == [str(Priority.NORMAL)]
