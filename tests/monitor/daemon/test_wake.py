"""A wake runs every step, whatever becomes of the one before, and leaves a record."""

from dataclasses import dataclass, field
from pathlib import Path

from monitor.clock import FixedClock
from monitor.daemon.serving import Service
from monitor.wake import FILE_NAME, Outcome, last_wake
from monitor.wiring import open_site
from tests.factories import a_moment
from tests.monitor.daemon.steps_made_up import MadeUp, be_busy, fall, well

NOW = a_moment("2026-03-01T03:00:00Z")
STEPS = tuple(MadeUp(name=does.__name__, does=does) for does in (fall, be_busy, well))


@dataclass(slots=True)
class Made:
    """A home of nothing but its folder."""

    root: Path
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        """Serve it with steps that misbehave."""
        (self.root / "config").mkdir(parents=True)
        (self.root / "config" / "settings.toml").write_text("", encoding="utf-8")
        site = open_site(self.root, clock=FixedClock(NOW))
        self.service = Service(site=site, steps=STEPS)


def test_one_failing_step_never_stops_the_rest(tmp_path: Path) -> None:
    record = Made(tmp_path).service.wake()

    assert [(step.name, step.outcome) for step in record.steps] == [
        ("fall", Outcome.FAILED),
        ("be_busy", Outcome.PUT_OFF),
        ("well", Outcome.DONE),
    ]
    assert record.steps[-1].facts == {"before": 2}
    assert not record.well


def test_the_last_wake_is_read_back_whole(tmp_path: Path) -> None:
    record = Made(tmp_path).service.wake()

    kept = last_wake(tmp_path)
    assert kept is not None
    assert (kept.began_at, kept.ended_at) == (NOW, NOW)
    assert [step.trouble for step in kept.steps] == [step.trouble for step in record.steps]


def test_a_record_that_cannot_be_read_is_no_record(tmp_path: Path) -> None:
    assert last_wake(tmp_path) is None
    (tmp_path / FILE_NAME).write_text('{"format": 1, "began_at": 7}', encoding="utf-8")

    assert last_wake(tmp_path) is None
