"""How long after it happened an access was loaded, counted where the rows are."""

from monitor.lateness import lateness
from tests.detectors.tables import a_lake
from tests.factories import a_moment

NOW = a_moment("2026-03-10T00:00:00Z")


def test_each_access_is_counted_in_one_step_by_source_and_system() -> None:
    lake = a_lake(
        events="""
        occurred_at      | user_id | subject_id | source | system | loaded_at
        2026-03-09 09:00 | U1      | P1         | a      | RMS    | 2026-03-09 08:59
        2026-03-09 09:00 | U1      | P1         | a      | RMS    | 2026-03-09 09:00
        2026-03-09 09:00 | U1      | P1         | a      | RMS    | 2026-03-09 10:00
        2026-03-09 09:00 | U1      | P1         | a      | RMS    | 2026-03-09 10:01
        2026-03-08 09:00 | U1      | P1         | a      | RMS    | 2026-03-09 08:00
        2026-01-01 09:00 | U1      | P1         | a      | PNC    | 2026-03-09 08:00
        2026-01-01 09:00 | U1      | P1         | a      | PNC    | 2026-03-02 08:00
        """
    )

    first, second = lateness(lake, now=NOW)

    assert (first.source, first.system, first.rows) == ("a", "RMS", 5)
    assert first.steps == {
        "ahead": 1, "1h": 2, "3h": 1, "1d": 1, "2d": 0, "7d": 0, "28d": 0, "later": 0
    }  # fmt: skip
    assert (second.rows, second.steps["later"]) == (1, 1)  # the other was loaded too long ago
