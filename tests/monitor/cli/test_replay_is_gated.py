"""A replay shows no alert that is closed to whoever replays."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli.main import shell
from monitor.clock import SystemClock
from monitor.wiring import open_site


def test_a_replay_holds_no_alert_that_is_closed_to_whoever_replays(
    demo_home: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(demo_home, tmp_path / "home"))
    site = open_site(root, clock=SystemClock())
    top = site.store.alerts()[0]
    now = site.clock.now()
    for who, accounts in (("own", list(top.user_ids)), ("other", [])):
        site.store.grant(who, "reviewer", actor="tests", at=now)
        site.store.record(
            "access.declared", actor="tests", at=now, about=who, facts={"user_ids": accounts}
        )
    site.close()
    start, end = (f"{top.raised_at + timedelta(days=days):%Y-%m-%d}" for days in (-2, 1))

    users = {
        who: raised_by_replay(root, who, tmp_path / f"{who}.jsonl", start=start, end=end)
        for who in ("own", "other")
    }

    token = site.masker.for_files().staff(top.user_ids[0])
    assert {who: token in named for who, named in users.items()} == {"own": False, "other": True}


def raised_by_replay(root: Path, who: str, out: Path, *, start: str, end: str) -> set[str]:
    """The tokens of the staff whom a masked replay of one day names to somebody."""
    words: list[Any] = ["--home", str(root), "replay", "--masked", "--out", str(out)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name=who))
        result = CliRunner().invoke(shell, [*words, "--from", start, "--to", end])
    assert result.exit_code == 0, result.stderr
    lines = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {token for line in lines for token in line["user_ids"]}
