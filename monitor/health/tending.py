"""A daemon that is tended while it serves: asked on loopback, watched by the service manager."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from alerts.errors import Busy, PsdmonError
from monitor.health.answers import alive, metrics, ready, troubles_of
from monitor.health.service_manager import READY, told, watchdog_every
from monitor.health.serving import Answers, served
from monitor.health.signs import kept
from monitor.wiring import Site, open_site

_SILENCE: Final = timedelta(minutes=2)  # the loop gives a sign several times a second
_GIGABYTE: Final = 1e9
_MEMORY: Final = Path("/proc/self/statm")

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)  # it remembers when the loop last gave a sign
class Pulse:
    """The loop's signs of life, passed on to the service manager as often as it wants them."""

    environment: Mapping[str, str]
    monotonic: Callable[[], float] = time.monotonic
    last: float = field(default=0.0)
    passed_on: float = field(default=float("-inf"))

    def __post_init__(self) -> None:
        self.last = self.monotonic()

    def say(self, state: str) -> bool:
        """Tells the service manager; whether one was there to be told."""
        return told(state, environment=self.environment)

    def beat(self) -> None:
        """Notes a sign of life."""
        self.last = self.monotonic()
        every = watchdog_every(self.environment, process=os.getpid())
        if every is not None and self.last - self.passed_on >= every.total_seconds():
            self.passed_on = self.last
            self.say("WATCHDOG=1")

    @property
    def silent(self) -> timedelta:
        """How long the loop has given no sign."""
        return timedelta(seconds=self.monotonic() - self.last)


@contextmanager
def tended(site: Site, *, environment: Mapping[str, str]) -> Iterator[Pulse]:
    """A pulse for the loop to beat; whoever asks on loopback is answered meanwhile.

    A port that is taken stops nothing: it is told on the log, and the daemon serves without.
    """
    pulse = Pulse(environment=environment)
    with _asked(site, pulse):
        pulse.say(f"{READY}\nSTATUS=waiting for days that are ready")
        try:
            yield pulse
        finally:
            pulse.say("STOPPING=1")


def answers_of(site: Site, pulse: Pulse) -> Answers:
    """What is answered at each path."""
    root = site.home.root
    return {
        "/healthz": lambda: alive(silent=pulse.silent, patience=_SILENCE),
        "/readyz": lambda: ready(_troubles(site)),
        "/metrics": lambda: metrics(kept(root), now=site.clock.now(), memory_bytes=_resident()),
    }


@contextmanager
def _asked(site: Site, pulse: Pulse) -> Iterator[None]:
    port = site.settings.health.port
    with ExitStack() as stack:
        try:
            if port:
                stack.enter_context(served(answers_of(site, pulse), port=port))
                log.info("health.served", port=port)
        except Busy as trouble:
            log.error("health.not_served", trouble=str(trouble))  # noqa: TRY400 its message is whole
        yield


def _troubles(site: Site) -> tuple[str, ...]:
    """Why the home is not ready, store and settings looked at anew."""
    fresh = open_site(site.home.root, clock=site.clock)
    try:
        health = fresh.settings.health
        if not fresh.store.ready():
            return ("the store's schema is not that of this release",)
        return troubles_of(
            kept(site.home.root),
            now=site.clock.now(),
            most_age=timedelta(hours=health.ready_hours),
            least_free_bytes=int(health.least_free_gigabytes * _GIGABYTE),
        )
    except PsdmonError as trouble:
        return (str(trouble),)
    finally:
        fresh.close()


def _resident() -> int | None:
    """Bytes of memory this process holds now; None where the system does not say."""
    try:
        pages = int(_MEMORY.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
