"""One person run through every system there is."""

from detectors.across_systems import AcrossSystems
from detectors.model import Abstention
from tests.detectors.stories import Said, asked, judged_in, looks, within_the_hour
from tests.detectors.tables import Row, a_lake


def through(*systems: str) -> list[Row]:
    """One look in each system, ten minutes apart."""
    rows = looks(*within_the_hour(times=len(systems)))
    return [{**row, "system": system} for row, system in zip(rows, systems, strict=True)]


def test_a_look_in_each_of_six_systems_is_found() -> None:
    found = asked(AcrossSystems(), events=through("RMS", "PNC", "CAD", "INTEL", "ANPR", "CUSTODY"))

    assert isinstance(found, Said)
    assert found.pvalue < 0.002
    assert found.says.startswith("looked this person up in 6 different systems within")


def test_two_systems_in_three_looks_are_just_under() -> None:
    found = asked(AcrossSystems(), events=through("RMS", "RMS", "PNC"))

    assert isinstance(found, Said)
    assert found.observed == 2
    assert found.pvalue > 0.05


def test_many_looks_in_one_system_are_nothing_unusual() -> None:
    found = asked(AcrossSystems(), events=through(*["RMS"] * 12))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_a_full_check_that_the_role_makes_of_everybody_is_expected() -> None:
    systems = ("RMS", "PNC", "CAD", "INTEL", "ANPR", "CUSTODY")
    checks = [
        {**row, "user_id": f"U{user:04d}", "subject_id": f"P-CHECKED{user}-{day}"}
        for user in range(1, 60, 3)  # the neighbourhood staff
        if user != 7
        for day in range(1, 29, 2)
        for row in through(*systems)
    ]
    for number, row in enumerate(checks):
        day = 1 + 2 * (number // len(systems) % 14)
        row["occurred_at"] = f"2026-04-{day:02d} {str(row['occurred_at'])[11:]}"
    found = asked(AcrossSystems(), events=[*checks, *through(*systems)])

    assert isinstance(found, Said)
    assert found.pvalue > 0.05


def test_where_the_log_is_of_one_system_none_can_be_across_systems() -> None:
    lake = a_lake(events=through("RMS", "RMS"))

    assert judged_in(lake, AcrossSystems()) == Abstention(
        detector="across_systems",
        version=1,
        pairs=1,
        reason="the log holds accesses to one system alone, so none can be across systems",
    )


def test_with_next_to_nobody_to_compare_with_no_spread_is_wide() -> None:
    assert judged_in(a_lake(events=through("RMS", "PNC")), AcrossSystems()) is None
