"""`psdmon daemon`: the service, and `--once` for cron."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from alerts.errors import Busy
from monitor.cli import output
from monitor.cli.options import json_option, pass_site
from monitor.wake import Outcome, WakeRecord
from monitor.wiring import Site

LOCK_NAME: Final = "daemon.lock"
_PATIENCE_SECONDS = 2.0  # psdmon status holds the lock for a moment when it looks


@click.command("daemon")
@click.option("--once", is_flag=True, help="Judge what is owed, then end; for cron and tests.")
@json_option
@pass_site
def command(site: Site, *, once: bool, as_json: bool) -> int:
    """Judge each day when it is ready, for years.

    Run it as a service. It wakes every schedule.every_minutes and judges the days whose logs have
    had judging.settle_minutes to arrive; what was missed while it was down is caught up first.
    Settings are read afresh at each wake. Log lines go to standard error: JSON when that is not a
    terminal. A second daemon in the same home ends with exit 75.

    Example: psdmon --home /srv/psdmon daemon
    """
    from monitor import telemetry
    from monitor.daemon.serving import Service
    from monitor.daemon.steps import STEPS

    telemetry.configure(clock=site.clock)
    with held(site.home.root / LOCK_NAME), _stop_asked() as stop:
        notice_new_settings(site)
        service = Service(site=site, steps=STEPS, stop=stop)
        if once:
            return _ended(service.wake(), as_json=as_json)
        service.serve()
    return 0


def notice_new_settings(site: Site) -> bool:
    """Whether config differs from the last run's; if so, the change is on the chain."""
    last = site.store.last_entry("settings.changed", "home.made", "scan.finished")
    known = None if last is None else _fingerprint_in(last.told)
    if known in {None, site.config_fingerprint}:
        return False
    site.store.record(
        "settings.changed",
        actor=site.actor,
        at=site.clock.now(),
        facts={"from": known, "to": site.config_fingerprint},
    )
    return True


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The lock of one daemon in one home.

    Raises:
        Busy: another daemon holds it.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=_PATIENCE_SECONDS)
    except Timeout:
        raise Busy(
            f"daemon: {path} is held by another daemon of this home;"
            " possible: stop that one first, or psdmon status"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _stop_asked() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread may take signals
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _fingerprint_in(facts: Any) -> str | None:
    for key in ("to", "settings_fingerprint", "config_fingerprint"):
        if facts.get(key):
            return str(facts[key])
    return None


def _ended(record: WakeRecord, *, as_json: bool) -> int:
    """Print what came of a wake; the exit code comes back."""
    judged = next(step for step in record.steps if step.name == "judge")
    if judged.outcome is Outcome.PUT_OFF:
        output.note(f"psdmon: nothing was judged: {judged.trouble}")
        return Busy.exit_code
    if not judged.well:
        output.note(f"psdmon: judging did not end well: {judged.trouble}")
        return 1
    report = judged.facts
    if as_json:
        output.as_json(report)
    else:
        days = output.counted(int(report["judged_days"]), "day")
        output.note(f"{days} judged, {report['raised']} raised, {report['extended']} extended.")
    return 0
