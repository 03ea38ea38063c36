"""Alert rates by group: what is outside is marked, and what cannot be judged is said."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from alerts.errors import DataRefused
from detectors.stats.rates import poisson_fit
from monitor.reports.disparity import Member, groups_read, rates
from tests.homes import NOW, three_alerts, with_queue

Typed = Callable[..., Result]


def a_force(rate: Mapping[tuple[str, str], float], *, people: int, seed: int) -> list[Member]:
    """Members of staff of each role and group, their alerts drawn at a rate a week over a year."""
    drawn = np.random.default_rng(seed)
    return [
        Member(
            alerts=int(drawn.poisson(each * 52)), weeks=52.0, role=role, groups={"pattern": group}
        )
        for (role, group), each in rate.items()
        for _ in range(people)
    ]


def test_a_group_with_twice_the_alerts_in_every_role_is_outside() -> None:
    members = a_force(
        {
            ("response", "full"): 0.008, ("response", "part"): 0.016,
            ("desk", "full"): 0.004, ("desk", "part"): 0.008,
        },
        people=400, seed=7,
    )  # fmt: skip

    first, part = rates(members, "pattern")

    assert (first.group, first.ratio) == ("full", None)
    assert part.ratio is not None
    assert part.ratio.low < 2.0 < part.ratio.high
    assert part.outside
    assert part.says == "OUTSIDE 0.8 to 1.25, and more than chance would bring"


def test_a_group_that_only_works_in_a_busier_role_is_not_blamed_for_it() -> None:
    rate = {("response", "full"): 0.006, ("desk", "full"): 0.001}
    busy = a_force(rate, people=300, seed=3)
    part = a_force({("response", "part"): 0.006, ("desk", "part"): 0.001}, people=100, seed=4)

    [_, found] = rates([*busy, *part], "pattern")

    assert found.ratio is not None
    assert found.ratio.low < 1.0 < found.ratio.high


def test_a_group_in_a_role_of_its_own_cannot_be_judged() -> None:
    members = a_force({("response", "full"): 0.004, ("desk", "part"): 0.002}, people=200, seed=5)

    [_, found] = rates(members, "pattern")

    assert found.ratio is None
    assert found.says.startswith("cannot be judged")
    assert not found.outside


def test_a_group_without_an_alert_is_given_its_bound() -> None:
    rate = {("desk", "full"): 0.002, ("desk", "part"): 0.0}

    [_, found] = rates(a_force(rate, people=200, seed=6), "pattern")

    assert found.says.startswith("no alert where ")
    assert "the ratio lies below 0." in found.says


def test_a_group_of_a_few_people_is_not_shown() -> None:
    members = [
        *a_force({("desk", "full"): 0.01}, people=50, seed=1),
        *a_force({("desk", "rare"): 0.01}, people=9, seed=2),
    ]

    assert [rate.group for rate in rates(members, "pattern")] == ["full"]


def test_the_fit_is_that_of_the_score_equations() -> None:
    drawn = np.random.default_rng(11)
    design = np.column_stack([np.ones(200), drawn.integers(0, 2, 200), drawn.normal(size=200)])
    exposure = drawn.uniform(1, 50, 200)
    counts = drawn.poisson(exposure * np.exp(design @ [-3.0, 0.5, 0.2])).astype(float)

    fit = poisson_fit(counts, exposure=exposure, design=design)

    means = exposure * np.exp(design @ fit.coefficients)
    assert design.T @ (counts - means) == pytest.approx(np.zeros(3), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("name,sex\nU1,F\n", "possible: columns user_id and one or more kinds of group"),
        ("user_id\nU1\n", "possible: columns user_id and one or more kinds of group"),
        ("user_id,sex\nU1,F\nU1,M\n", "line 3: a user_id is there twice"),
    ],
)
def test_an_audit_copy_that_cannot_be_read_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(DataRefused, match=refusal):
        groups_read(text, file="audit.csv")


def test_a_blank_group_is_one_that_is_not_known() -> None:
    read = groups_read("\ufeffuser_id,sex,age\nU1,,40-49\n", file="audit.csv")

    assert read == {"U1": {"sex": "not known", "age": "40-49"}}


def test_nothing_of_the_audit_copy_is_kept(typed: Typed, root: Path, tmp_path: Path) -> None:
    site = with_queue(root, three_alerts())
    secret = f"group-{random.Random(5).random()}"  # noqa: S311 a word found nowhere else
    audit = tmp_path / "audit-copy.csv"
    audit.write_text(f"user_id,kind_of_group\nU00123,{secret}\n", encoding="utf-8")

    words = ("report", "disparity", "--groups", str(audit), "--json", "--purpose", "fairness")
    result = typed(*words, at=NOW.isoformat())

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["report"] == "disparity"
    last = site.store.last_entry("report.shown")
    assert last is not None
    assert (last.purpose, last.told["kinds"]) == ("fairness", ["kind_of_group"])
    kept = [path for path in root.rglob("*") if path.is_file()]
    assert [path.name for path in kept if secret.encode() in path.read_bytes()] == []


def test_groups_are_not_read_without_a_purpose(typed: Typed, root: Path, tmp_path: Path) -> None:
    with_queue(root, three_alerts())
    audit = tmp_path / "audit-copy.csv"
    audit.write_text("user_id,sex\nU00123,F\n", encoding="utf-8")

    assert typed("report", "disparity", "--groups", str(audit), at=NOW.isoformat()).exit_code == 5
