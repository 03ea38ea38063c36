"""`psdmon alerts record`: a fact beyond the log, the clock it starts, the questions it brings."""

import json
from collections.abc import Callable

from click.testing import Result

from monitor.wiring import Site

Typed = Callable[..., Result]
FIRST, CURIOSITY = "A-7F3K9Q2M", "A-k3vm2qqx7abc"
BECAUSE = ("--reason", "her statement of P0001")


def test_a_recorded_last_act_starts_the_six_months(alerts: Typed) -> None:
    result = alerts("record", FIRST, "--fact", "last_act=2026-02-28", *BECAUSE)

    assert result.exit_code == 0, result.stderr
    assert "counted from last act 28 Feb 2026" in " ".join(result.stdout.split())
    assert "end of 28 Aug 2026" in " ".join(result.stdout.split())


def test_a_clock_that_is_near_is_shown_with_the_alert_and_in_the_queue(alerts: Typed) -> None:
    alerts("record", FIRST, "--fact", "criteria_met_at=2026-03-05T02:00:00Z", *BECAUSE)

    shown = " ".join(alerts("show", FIRST).stdout.split())
    assert "Referral NEAR: it runs out at the end of 6 Mar 2026" in shown
    assert f"{FIRST}: Referral, NEAR" in " ".join(alerts("list").stdout.split())


def test_what_is_on_record_is_shown_masked_with_its_reason(alerts: Typed) -> None:
    alerts("record", FIRST, "--fact", "PHA-4A=may_apply", *BECAUSE)

    document = json.loads(alerts("show", FIRST, "--json").stdout)
    assert [(f["name"], f["value"]) for f in document["recorded"]] == [("PHA-4A", "may_apply")]
    assert document["recorded"][0]["reason"].startswith("her statement of P-")
    assert {c["id"]: c["state"] for c in document["clocks"]} == {
        "referral": "not started",
        "six_months": "not started",
    }


def test_a_fact_brings_the_questions_it_calls_for(alerts: Typed, site: Site) -> None:
    result = alerts("record", FIRST, "--fact", "arrest_or_bail=yes", *BECAUSE, "--json")

    assert json.loads(result.stdout)["prompts_joined"] == ["P15"]
    assert "P15" in {prompt.id for prompt in site.store.alert(FIRST).prompts}


def test_no_fact_raises_curiosity_to_stalking(alerts: Typed) -> None:
    result = alerts("record", CURIOSITY, "--fact", "crime_suspected=yes", *BECAUSE, "--json")

    assert json.loads(result.stdout)["prompts_joined"] == ["P23"]


def test_a_dry_run_records_nothing(alerts: Typed, site: Site) -> None:
    result = alerts("record", FIRST, "--fact", "apsp=may_be", *BECAUSE, "--dry-run")

    assert result.exit_code == 0
    assert site.store.recorded_facts() == ()


def test_a_risk_tool_from_the_log_is_refused(alerts: Typed) -> None:
    result = alerts("record", FIRST, "--fact", "risk_tool=s_dash", *BECAUSE)

    assert result.exit_code == 2
    assert "never from the log" in result.stderr


def test_the_facts_that_may_be_recorded_are_listed_with_what_they_take(alerts: Typed) -> None:
    facts = json.loads(alerts("facts", "--json").stdout)["facts"]

    by_name = {fact["name"]: fact["takes"] for fact in facts}
    assert by_name["last_act"] == "a day, 2026-03-01"
    assert by_name["PHA-4A"] == "may_apply, does_not_apply, cannot_tell"
    assert "risk_plan_review" in by_name
