"""`psdmon daemon`: wakes on schedule and judges each day when it is ready.

1 lock        one daemon in a home; a second one ends with exit 75
2 catch up    at the start, oldest day first
3 wake        every schedule.every_minutes, UTC; the run ledger says what is owed, not the clock
4 judge       days whose logs have had settle_minutes to arrive, one transaction each
5 stop        SIGTERM: after the day in hand is stored
"""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import click
import structlog

from alerts.errors import Busy, PsdmonError
from monitor.cli import output
from monitor.cli.options import json_option, pass_site
from monitor.wiring import Site, open_site

LOCK_NAME: Final = "daemon.lock"
_PATIENCE_SECONDS = 2.0  # psdmon status holds the lock for a moment when it looks

log = structlog.get_logger()


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

    telemetry.configure(clock=site.clock)
    with held(site.home.root / LOCK_NAME), _stop_asked() as stop:
        report = judge_what_is_owed(site, stop)
        if once:
            _print(report, as_json=as_json)
            return 0 if report is not None else Busy.exit_code
        _serve(site, stop)
    return 0


def settled(site: Site) -> datetime:
    """The first moment of the day that may not be judged yet, because its logs still arrive."""
    waiting = timedelta(minutes=site.settings.judging.settle_minutes)
    return datetime.combine((site.clock.now() - waiting).date(), time(), tzinfo=UTC)


def judge_what_is_owed(site: Site, stop: threading.Event) -> dict[str, Any] | None:
    """Judge the settled days; the report comes back, or nothing when another scan is at work.

    Raises:
        PsdmonError: settings, prompts or lake cannot be used.
    """
    from monitor.cycle import scan

    def shown(day: date, done: int, total: int) -> None:
        log.info("day.judged", day=day.isoformat(), done=done, total=total)
        if stop.is_set():
            raise Busy(f"daemon: asked to stop after {day}; the other days wait for the next start")

    notice_new_settings(site)
    try:
        return scan(site, until=settled(site), actor=site.actor, progress=shown).as_json()
    except Busy as trouble:
        log.info("scan.put_off", trouble=str(trouble))
        return None


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


def _serve(site: Site, stop: threading.Event) -> None:
    """Wake on schedule until asked to stop; a wake that fails is logged, and the next one comes."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").addHandler(logging.NullHandler())
    minutes = site.settings.schedule.every_minutes
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    scheduler.add_job(
        _wake,
        "interval",
        args=(site, stop),
        minutes=minutes,
        misfire_grace_time=None,  # the default of one second drops a late run
        coalesce=True,
        max_instances=1,
    )
    scheduler.start()
    log.info("daemon.started", every_minutes=minutes)
    stop.wait()
    scheduler.shutdown(wait=True)
    log.info("daemon.stopped")


def _wake(site: Site, stop: threading.Event) -> None:
    """Judge what is owed by the settings of now; trouble is logged, and the next wake comes."""
    fresh = open_site(site.home.root, clock=site.clock)
    try:
        judge_what_is_owed(fresh, stop)
    except PsdmonError as trouble:
        kind = type(trouble).__name__
        log.error("daemon.wake_refused", kind=kind, trouble=str(trouble))  # noqa: TRY400 its message is whole
    except Exception as trouble:
        log.exception("daemon.wake_failed", kind=type(trouble).__name__)
    finally:
        fresh.close()


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


def _print(report: dict[str, Any] | None, *, as_json: bool) -> None:
    if report is None:
        output.note("psdmon: another scan is at work; nothing was judged")
    elif as_json:
        output.as_json(report)
    else:
        days = output.counted(int(report["judged_days"]), "day")
        output.note(f"{days} judged, {report['raised']} raised, {report['extended']} extended.")
