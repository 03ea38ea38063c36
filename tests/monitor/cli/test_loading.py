"""What a command does not use, it does not load."""

import json
import subprocess
import sys

import pytest

HEAVY = ("scipy", "duckdb", "pyarrow", "deltalake", "textual")
LOADED_BY_HELP = (*HEAVY, "numpy", "sqlalchemy", "alembic", "pydantic", "rich", "structlog")

PROGRAM = """
import json, sys
from monitor.cli.main import shell
try:
    shell(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
print(json.dumps({"code": code, "modules": sorted({m.split(".")[0] for m in sys.modules})}),
      file=sys.stderr)
"""


def loaded_by(*words: str, environment: dict[str, str]) -> set[str]:
    """The top-level packages that a psdmon with these words has loaded when it ends."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    told = json.loads(ended.stderr.splitlines()[-1])
    assert told["code"] == 0, ended.stderr
    return set(told["modules"])


def test_help_loads_next_to_nothing(environment: dict[str, str]) -> None:
    assert not loaded_by("--help", environment=environment) & set(LOADED_BY_HELP)


@pytest.mark.parametrize("words", [("alerts", "list"), ("alerts", "list", "--json")])
def test_the_queue_is_listed_without_the_machinery_of_judging(
    words: tuple[str, ...], environment: dict[str, str]
) -> None:
    assert not loaded_by(*words, environment=environment) & set(HEAVY)
