"""The service itself: woken on schedule, it runs the steps of a wake one after another.

1 settle     config is checked whole and copied aside; bad config is refused, all problems at once
2 schedule   every schedule.every_minutes, UTC; APScheduler wakes, and decides nothing
3 step       each by itself, in a process of its own, bounded in time: one that fails stops no other
4 record     what came of each step, for `status` and health
5 again      at once, where a step says that something is left, or the clock was moved
6 reload     SIGHUP: new settings from the next wake on; bad ones are refused, the old ones stay
7 stop       SIGTERM: the day in hand is stored within the grace, or its claim is handed back
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any, Final

import structlog

from alerts.errors import Misused, PsdmonError
from monitor.claiming import Claims
from monitor.clock import SystemClock
from monitor.daemon import reload
from monitor.daemon.child import Order, ended
from monitor.daemon.schedule import ClockWatch, Schedule
from monitor.daemon.watching import COMMAND, LAST_WORD, Patience, watched
from monitor.health.service_manager import READY, reloading
from monitor.wake import AGAIN, Outcome, Step, StepRecord, Wake, WakeRecord, keep
from monitor.wiring import Site, open_site

log = structlog.get_logger()

_TICK_SECONDS: Final = 0.2


@dataclass(slots=True, kw_only=True)  # its settings change while it serves
class Service:
    """A home that is served: what each wake does, and how it is told to stop."""

    site: Site
    steps: Sequence[Step]
    stop: Event = field(default_factory=Event)
    hang_up: Event = field(default_factory=Event)  # set to have settings read again
    pulse: Callable[[], None] = lambda: None  # called several times a second while it lives
    say: Callable[[str], object] = lambda _state: None  # tells the service manager
    command: Sequence[str] = COMMAND  # starts the process of a step
    last_word: timedelta = LAST_WORD  # between SIGTERM and SIGKILL for a step that hangs
    monotonic: Callable[[], float] = time.monotonic  # seconds that no clock change moves

    def begin(self) -> None:
        """Check config, and use a copy of it from here on.

        Raises:
            Misused: every problem of it.
        """
        tried = reload.copied(self.site)
        problems = self._problems(tried)
        if problems:
            raise Misused(problems)
        self._use(tried)
        _notice_new_settings(self.site)

    def serve(self) -> None:
        """Wake at once and then on schedule, until asked to stop."""
        due = Event()
        due.set()  # what was missed is caught up first
        schedule = Schedule(due=due, settings=self.site.settings)
        clock = ClockWatch(clock=self.site.clock, monotonic=self.monotonic)
        schedule.start()
        log.info("daemon.started", every_minutes=self.site.settings.schedule.every_minutes)
        try:
            while not self.stop.is_set():
                self.pulse()
                if self.hang_up.is_set():
                    self.hang_up.clear()
                    self.say(reloading(time.monotonic_ns() // 1000))
                    self.reload()
                    self.say(READY)
                    schedule.rebuild(self.site.settings)
                if self._clock_moved(clock):
                    schedule.rebuild(self.site.settings)
                    due.set()
                if due.wait(_TICK_SECONDS):
                    due.clear()
                    if _something_is_left(self.wake()):
                        due.set()
        finally:
            schedule.stop()
        log.info("daemon.stopped")

    def wake(self) -> WakeRecord:
        """Run each step once; the record comes back and is kept."""
        began_at, began = self.site.clock.now(), time.monotonic()
        done: list[StepRecord] = []
        for step in self.steps:
            if self.stop.is_set():
                break
            done.append(self._step(step, before=tuple(done), began_at=began_at))
        record = WakeRecord(
            began_at=began_at,
            ended_at=self.site.clock.now(),
            seconds=time.monotonic() - began,
            steps=tuple(done),
        )
        self._keep(record)
        return record

    def reload(self) -> bool:
        """Whether new settings were taken up; what came of it is on the chain."""
        try:
            tried = reload.copied(self.site)
            problems = self._problems(tried)
        except (PsdmonError, OSError) as trouble:
            problems = str(trouble)
        if not problems:
            self._use(tried)
            changed = _notice_new_settings(self.site)
            log.info("settings.taken_up", changed=changed)
            return True
        log.error("settings.refused", trouble=problems)
        self._record("settings.refused", problems=problems.splitlines())
        return False

    def _use(self, tried: Any) -> None:
        """Serve by the copy of config that was checked."""
        used = reload.taken_up(self.site, tried)
        self.site.close()
        self.site = open_site(self.site.home.root, clock=self.site.clock, config=used)

    def _problems(self, tried: Any) -> str:
        """What is wrong with a copy of config, as if it were in its place; empty for nothing."""
        site = open_site(self.site.home.root, clock=self.site.clock, config=tried)
        record = self._ran(reload.CheckSettings(), site, before=(), began_at=site.clock.now())
        if record.outcome is Outcome.DONE:
            return ""
        return record.trouble.replace(str(tried), str(site.home.root / "config"))

    def _step(
        self, step: Step, *, before: tuple[StepRecord, ...], began_at: datetime
    ) -> StepRecord:
        """What came of one step, told on the log."""
        record = self._ran(step, self.site, before=before, began_at=began_at)
        _tell(record)
        return record

    def _ran(
        self, step: Step, site: Site, *, before: tuple[StepRecord, ...], began_at: datetime
    ) -> StepRecord:
        """What came of one step, run in a process of its own where the clock is the machine's."""
        if not isinstance(site.clock, SystemClock):  # a made-up clock cannot be handed over
            wake = Wake(began_at=began_at, before=before, stop=self.stop)
            return ended(step, site, wake=wake)
        order = Order(
            root=site.home.root.resolve(),
            config=site.home.accepted.resolve() if site.home.accepted else None,
            step=step.name,
            began_at=began_at,
            before=before,
        )
        settings = self._settings_of(site)
        patience = Patience(
            deadline=step.deadline(settings),
            grace=timedelta(seconds=settings.daemon.grace_seconds),
            last_word=self.last_word,
        )
        return watched(
            order,
            patience=patience,
            stop=self.stop,
            pulse=self.pulse,
            command=self.command,
            monotonic=self.monotonic,
            gone=self._hand_back,
        )

    def _settings_of(self, site: Site) -> Any:
        """The settings of a site, or their defaults where they cannot be read."""
        from monitor.settings import Settings

        try:
            return site.settings
        except PsdmonError:
            return Settings()

    def _hand_back(self, process: int, *, outcome: Outcome, why: str) -> None:
        """Hand back the days that a process held which ended without a word."""
        machine = self.site.run_owner.rpartition("/")[0]
        claims = Claims(site=self.site, owner=f"{machine}/{process}")
        try:
            held = [day.day for day in self.site.store.days.ledger() if day.owner == claims.owner]
            for day in held:
                if outcome is Outcome.STOPPED:
                    claims.give_back(day, why)
                else:
                    claims.failed(day, why)
        except PsdmonError as trouble:  # the next scan finds them orphaned
            log.warning("claim.not_handed_back", trouble=str(trouble))

    def _clock_moved(self, clock: ClockWatch) -> bool:
        """Whether the clock of the machine was set, by more than it drifts; told on the chain."""
        moved = clock.moved()
        if moved is None:
            return False
        seconds = moved.total_seconds()
        log.warning("clock.moved", seconds=seconds)
        self._record("clock.moved", seconds=round(seconds))
        return True

    def _record(self, kind: str, **facts: object) -> None:
        """Write an entry; trouble of the store is told on the log, and stops nothing."""
        try:
            at = self.site.clock.now()
            self.site.store.record(kind, actor=self.site.actor, at=at, facts=facts)
        except PsdmonError as trouble:
            log.error("chain.not_written", entry=kind, trouble=str(trouble))  # noqa: TRY400 its message is whole

    def _keep(self, record: WakeRecord) -> None:
        """Write the record down; what cannot be written is still told on the log."""
        try:
            keep(record, self.site.home.root)
        except OSError as trouble:
            log.error("wake.not_recorded", kind=type(trouble).__name__)  # noqa: TRY400 the kind says it
        log.info("wake.finished", seconds=record.seconds, well=record.well, steps=len(record.steps))


def _notice_new_settings(site: Site) -> bool:
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


def _fingerprint_in(facts: Any) -> str | None:
    for key in ("to", "settings_fingerprint", "config_fingerprint"):
        if facts.get(key):
            return str(facts[key])
    return None


def _tell(record: StepRecord) -> None:
    name, outcome = record.name, str(record.outcome)
    trouble, seconds = record.trouble, record.seconds
    if record.well:
        log.info("step.ended", step=name, outcome=outcome, trouble=trouble, seconds=seconds)
    else:
        log.error("step.failed", step=name, outcome=outcome, trouble=trouble, seconds=seconds)


def _something_is_left(record: WakeRecord) -> bool:
    """Whether a step that ended well says that it has more to do."""
    return any(step.well and step.facts.get(AGAIN) for step in record.steps)
