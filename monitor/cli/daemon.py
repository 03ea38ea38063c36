"""`psdmon daemon`: the service, and `--once` for cron."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from alerts.errors import Busy
from monitor.cli import output
from monitor.cli.options import json_option, pass_site
from monitor.wake import Outcome, WakeRecord
from monitor.wiring import Site


@click.command("daemon")
@click.option("--once", is_flag=True, help="Judge what is owed, then end; for cron and tests.")
@json_option
@pass_site
def command(site: Site, *, once: bool, as_json: bool) -> int:
    """Judge each day when it is ready, for years.

    Run it as a service. It wakes every schedule.every_minutes and judges the days whose logs have
    had judging.settle_minutes to arrive; what was missed while it was down is caught up first.
    SIGHUP has it read its settings again; bad ones are refused, all problems at once, and the old
    ones stay. SIGTERM has it store the day in hand, or hand it back, and end. Log lines go to
    standard error: JSON when that is not a terminal. A second daemon in the same home, or on the
    same store from another machine, ends with exit 75 and says who serves until when.

    Example: psdmon --home /srv/psdmon daemon
    """
    from monitor import telemetry
    from monitor.daemon.lease import the_one_daemon
    from monitor.daemon.serving import Service
    from monitor.daemon.steps import STEPS
    from monitor.health.tending import tended

    telemetry.configure(clock=site.clock)
    site.made()
    with _signals() as asked, the_one_daemon(site, lost=asked.stop.set) as tenure:
        service = Service(site=site, steps=STEPS, stop=asked.stop, hang_up=asked.hang_up)
        service.begin()
        if once:
            return _ended(service.wake(), as_json=as_json)
        with tended(site, environment=os.environ) as pulse:
            service.pulse, service.say = pulse.beat, pulse.say
            service.serve()
    if tenure.lost_to:
        raise Busy(f"daemon: {tenure.lost_to}; possible: psdmon status")
    return 0


class _Asked:
    """What signals ask of the service."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.stop, self.hang_up = threading.Event(), threading.Event()


@contextmanager
def _signals() -> Iterator[_Asked]:
    """Events that SIGTERM and SIGINT, and SIGHUP, set."""
    asked = _Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # only the main thread may take signals
        return
    sets = {
        signal.SIGTERM: asked.stop,
        signal.SIGINT: asked.stop,
        signal.SIGHUP: asked.hang_up,
    }
    before = {
        number: signal.signal(number, lambda n, _: sets[signal.Signals(n)].set()) for number in sets
    }
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ended(record: WakeRecord, *, as_json: bool) -> int:
    """Print what came of a wake; the exit code comes back."""
    judged = next((step for step in record.steps if step.name == "judge"), None)
    if judged is None or judged.outcome is Outcome.STOPPED:
        output.note("psdmon: it was asked to stop before anything was judged")
        return Busy.exit_code
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
    for day, why in report["failed"].items():
        output.note(f"psdmon: {day} could not be judged: {why}")
    return int(bool(report["failed"]) or not record.well)
