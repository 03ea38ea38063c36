"""A home whose roles are assigned and whose channels are files, so that what left can be read."""

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alerts.model import Alert, Priority
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.wiring import Site, open_site
from tests.factories import an_alert
from tests.homes import NOW, three_alerts, with_queue

STAFF = """\
user_id,role,team,supervisor_id,person_subject_id
U00123,response,R1,U00900,P-123
U00777,response,R2,U00900,P-777
U00900,response,,,P-900
U00500,professional standards,PSD,,P-500
R1,desk,Desk,,P-501
R2,desk,Desk,,P-502
R3,response,R1,,P-503
R4,desk,Desk,,P-504
BOSS,desk,,,P-505
"""
KIN = "user_id,subject_id,kind\nR4,P-777,sibling\n"
OWN, AGAIN, THIRD, SEALED = "A-7F3K9Q2M", "A-9d2mx4tqhq7k", "A-k3vm2qqx7abc", "A-sealed00000"
REVIEWERS = ("R1", "R2", "R3", "R4", "U00123")
OTHERS = (("boss", "authority"), ("eyes", "auditor"), ("second", "administrator"))
LATER = NOW + timedelta(hours=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A home, and the folder its channels write to."""

    root: Path
    out: Path

    def run(self, who: str, *words: str, at: datetime = NOW) -> Result:
        """Run psdmon as some operating-system user."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name=who))
            patch.setattr("os.getgroups", list)
            patch.setattr("os.getgid", lambda: 8_999)
            patch.setattr("grp.getgrgid", lambda _: SimpleNamespace(gr_name="nobody"))
            clock = FixedClock(at)
            return CliRunner().invoke(shell, ["--home", str(self.root), *words], obj=clock)

    def channels(self, *channels: dict[str, Any], delivery: str = "") -> None:
        """Set these channels; each writes to a file of its own name unless it says otherwise."""
        parts = [f"[delivery]\n{delivery}\n" if delivery else ""]
        for one in channels:
            facts = {"kind": "file", "path": str(self.out / f"{one['name']}.jsonl"), **one}
            lines = (
                f"{key} = {json.dumps(value)}" for key, value in facts.items() if value is not None
            )
            parts.append("[[channel]]\n" + "\n".join(lines) + "\n")
        path = self.root / "config" / "notify.toml"
        path.write_text("\n".join(parts), encoding="utf-8")

    def send(self, *, at: datetime = NOW, who: str = "service") -> Result:
        """Plan and deliver once, as the service does."""
        result = self.run(who, "notify", "send", at=at)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    def told(self, name: str) -> list[dict[str, Any]]:
        """The messages that left over a channel."""
        path = self.out / f"{name}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def ids(self, name: str) -> list[str]:
        """The alerts whose ids left over a channel."""
        return sorted({one["alert_id"] for told in self.told(name) for one in told["alerts"]})

    def counts(self, name: str) -> list[dict[str, int]]:
        """How many alerts each message of a channel counted."""
        return [told["counts"] for told in self.told(name)]

    def everything_left(self) -> str:
        """Every byte that left, as text."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.out.iterdir()))

    def site(self, *, at: datetime = NOW) -> Site:
        """The home, opened; to be closed."""
        return open_site(self.root, clock=FixedClock(at))


def a_channel(name: str, role: str = "reviewer", **facts: Any) -> dict[str, Any]:
    """A channel that tells of everything at once, and of digests without waiting for more."""
    ordinary = {
        "name": name,
        "role": role,
        "at_once": ["urgent", "high", "normal"],
        "digest_hours": 0,
        "gather_minutes": 0,
        "most_at_once": 50,
    }
    return {**ordinary, **facts}


def four_alerts() -> tuple[Alert, ...]:
    """Two on U00123, one on U00777, and one on a post of professional standards."""
    sealed = an_alert(
        alert_id=SEALED,
        user_ids=("U00500",),
        subject_ids=("P0950",),
        focus_subject_id="P0950",
        priority=Priority.HIGH,
        score=1.7,
    )
    return (*three_alerts(), sealed)


def a_house(made_home: Path, folder: Path, *, alerts: Sequence[Alert] = ()) -> House:
    """R1 to R4 and U00123 review, boss decides, eyes audits; these alerts were raised."""
    house = House(root=Path(shutil.copytree(made_home, folder / "home")), out=folder / "out")
    house.out.mkdir()
    with closing(with_queue(house.root, ())) as site:
        founder = site.actor
    for name, text in (("staff", STAFF), ("declared_associations", KIN)):
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        assert house.run(founder, "ingest", name, str(path)).exit_code == 0
    for who, role in (*((one, "reviewer") for one in REVIEWERS), *OTHERS):
        assert house.run(founder, "roles", "grant", who, role).exit_code == 0
    declared = ("--not-staff", "--reason", "of another force")
    assert house.run(founder, "access", "declare", "eyes", *declared).exit_code == 0
    # Nothing waited when notices were planned first, so that each alert is told by itself.
    house.channels(a_channel("nobody", reaches=["nobody"]))
    house.send(at=NOW - timedelta(days=1))
    if alerts:
        raised(house, *alerts)
    return house


def raised(house: House, *alerts: Alert, at: datetime = NOW) -> None:
    """Judge a day again with these alerts for outcome."""
    from tests.homes import judge

    with closing(house.site(at=at)) as site:
        judge(site, alerts)
