"""Which feeds a home has, told from its folders."""

from pathlib import Path

from monitor.feeds import REFERENCE_TABLES, loaded_in, missing_in
from monitor.lake import TABLES


def test_the_tables_are_those_of_the_lake_in_its_order() -> None:
    assert tuple(TABLES) == REFERENCE_TABLES


def test_a_table_counts_as_loaded_once_it_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "shifts" / "_delta_log").mkdir(parents=True)
    (tmp_path / "staff").mkdir()

    assert loaded_in(tmp_path) == {"shifts"}
    assert "staff" in missing_in(tmp_path)
    assert len(missing_in(tmp_path)) == len(REFERENCE_TABLES) - 1
