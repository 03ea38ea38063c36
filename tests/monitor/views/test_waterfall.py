"""How strong the evidence is, from what, and what counted against."""

import math
from types import SimpleNamespace
from typing import Any

from monitor.views.page import text_of
from monitor.views.waterfall import waterfall
from monitor.views.whole import strength
from tests.factories import an_alert

TEN = math.log(10)


def strand(name: str, powers_of_ten: float) -> dict[str, object]:
    return {"name": name, "says": f"{name} was seen", "log_evidence": powers_of_ten * TEN}


def drawn(*contributions: dict[str, object]) -> str:
    alert: Any = SimpleNamespace(contributions=contributions, findings=())
    return text_of(waterfall(alert))


def test_each_strand_adds_to_a_running_total_and_a_bar_leans_to_its_side() -> None:
    lines = drawn(strand("prior", -4), strand("circle", 3), strand("burst", 2)).splitlines()
    figures = [line.split()[:3] for line in lines if line.split()[1:2] and "|" in line][1:]

    assert figures == [
        ["prior", "-4.0", "-4.0"],
        ["circle", "+3.0", "-1.0"],
        ["burst", "+2.0", "+1.0"],
    ]
    assert [line.partition("|")[0].endswith("█") for line in lines if "|" in line] == [
        False, True, True, False,
    ]  # fmt: skip


def test_what_counted_against_is_named_without_colour() -> None:
    assert "Counted against: prior." in drawn(strand("prior", -4), strand("circle", 3))


def test_strands_that_do_not_add_up_say_so() -> None:
    text = text_of(waterfall(an_alert()))

    assert "repeat subject             +4.4" in text
    assert "Each strand by itself" in text


def test_no_line_is_wider_than_a_screen() -> None:
    text = drawn(strand("a_detector_with_a_name_that_is_long", -40), strand("circle", 90))

    assert max(map(len, text.splitlines())) <= 80


def test_where_every_pair_starts_counts_neither_for_nor_against() -> None:
    told = drawn(strand("start", -4), strand("circle", 3), strand("burst", -1))

    assert "Counted against: burst." in told


def test_detectors_that_the_alert_hinges_on_are_named_with_it() -> None:
    told = text_of(strength(an_alert(hinges_on=("repeat_subject", "circle"))))

    assert "It would not have been raised without repeat subject or without circle." in told
    assert "would not have been raised" not in text_of(strength(an_alert()))
