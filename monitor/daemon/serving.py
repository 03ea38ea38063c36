"""The service itself: woken on schedule, it runs the steps of a wake one after another.

1 schedule   every schedule.every_minutes, UTC; APScheduler wakes, and decides nothing
2 step       each by itself, in a process of its own, bounded in time: one that fails stops no other
3 record     what came of each step, for `status` and health
4 again      at once, where a step says that something is left
5 stop       SIGTERM: the day in hand is stored, or its claim is handed back
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

import structlog

from alerts.errors import PsdmonError
from monitor.clock import SystemClock
from monitor.daemon.child import Order, ended
from monitor.daemon.watching import COMMAND, Patience, watched
from monitor.settings import Settings
from monitor.wake import AGAIN, Step, StepRecord, Wake, WakeRecord, keep
from monitor.wiring import Site, open_site

log = structlog.get_logger()

_TICK_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A home that is served: what each wake does, and how it is told to stop."""

    site: Site
    steps: Sequence[Step]
    stop: Event = field(default_factory=Event)
    pulse: Callable[[], None] = lambda: None  # called several times a second while it lives
    command: Sequence[str] = COMMAND  # starts the process of a step

    def serve(self) -> None:
        """Wake at once and then on schedule, until asked to stop."""
        due = Event()
        due.set()  # what was missed is caught up first
        scheduler = _scheduler(self.site.settings, due)
        scheduler.start()
        log.info("daemon.started", every_minutes=self.site.settings.schedule.every_minutes)
        try:
            while not self.stop.is_set():
                self.pulse()
                if due.wait(_TICK_SECONDS):
                    due.clear()
                    if _something_is_left(self.wake()):
                        due.set()
        finally:
            scheduler.shutdown(wait=True)
        log.info("daemon.stopped")

    def wake(self) -> WakeRecord:
        """Run each step once, by the settings of now; the record comes back and is kept."""
        began_at, began = self.site.clock.now(), time.monotonic()
        site = open_site(self.site.home.root, clock=self.site.clock)
        done: list[StepRecord] = []
        try:
            for step in self.steps:
                if self.stop.is_set():
                    break
                done.append(self._step(step, site, before=tuple(done), began_at=began_at))
        finally:
            site.close()
        record = WakeRecord(
            began_at=began_at,
            ended_at=self.site.clock.now(),
            seconds=time.monotonic() - began,
            steps=tuple(done),
        )
        self._keep(record)
        return record

    def _step(
        self, step: Step, site: Site, *, before: tuple[StepRecord, ...], began_at: datetime
    ) -> StepRecord:
        """What came of one step, told on the log."""
        if isinstance(site.clock, SystemClock):
            order = Order(
                root=site.home.root.resolve(), step=step.name, began_at=began_at, before=before
            )
            patience = self._patience(step, site)
            record = watched(
                order, patience=patience, stop=self.stop, pulse=self.pulse, command=self.command
            )
        else:  # a made-up clock cannot be handed to another process
            wake = Wake(began_at=began_at, before=before, stop=self.stop)
            record = ended(step, site, wake)
        _tell(record)
        return record

    def _patience(self, step: Step, site: Site) -> Patience:
        try:
            settings = site.settings
        except PsdmonError:  # the step itself will say what is wrong with them
            settings = self.site.settings
        return Patience(
            deadline=step.deadline(settings),
            grace=timedelta(seconds=settings.daemon.grace_seconds),
        )

    def _keep(self, record: WakeRecord) -> None:
        """Write the record down; what cannot be written is still told on the log."""
        try:
            keep(record, self.site.home.root)
        except OSError as trouble:
            log.error("wake.not_recorded", kind=type(trouble).__name__)  # noqa: TRY400 the kind says it
        log.info("wake.finished", seconds=record.seconds, well=record.well, steps=len(record.steps))


def _scheduler(settings: Settings, due: Event) -> Any:
    """What wakes us; it holds no state that a restart could lose."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").addHandler(logging.NullHandler())
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    scheduler.add_job(
        due.set,
        "interval",
        minutes=settings.schedule.every_minutes,
        misfire_grace_time=None,  # the default of one second drops a late run
        coalesce=True,
        max_instances=1,
    )
    return scheduler


def _tell(record: StepRecord) -> None:
    told = {"step": record.name, "outcome": str(record.outcome), "trouble": record.trouble}
    if record.well:
        log.info(
            "step.ended",
            step=told["step"],
            outcome=told["outcome"],
            trouble=told["trouble"],
            seconds=record.seconds,
        )
    else:
        log.error(
            "step.failed",
            step=told["step"],
            outcome=told["outcome"],
            trouble=told["trouble"],
            seconds=record.seconds,
        )


def _something_is_left(record: WakeRecord) -> bool:
    """Whether a step that ended well says that it has more to do."""
    return any(step.well and step.facts.get(AGAIN) for step in record.steps)
