"""What is answered to whoever asks how the service is; worked out here, sent elsewhere.

/healthz   200 while the loop lives, 503 when it hangs
/readyz    200 when it can do its work and has done it lately, 503 with every reason why not
/metrics   the signs
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from monitor.health.exposition import CONTENT_TYPE, exposition
from monitor.health.signs import Signs

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, what kind of text, and the text."""

    status: HTTPStatus
    content_type: str
    text: str


def alive(*, silent: timedelta, patience: timedelta) -> Answer:
    """Whether the loop has given a sign of life lately.

    Args:
        silent: since its last sign.
        patience: how long it may be silent.
    """
    lives = silent <= patience
    return _told({"alive": lives, "silent_seconds": round(silent.total_seconds(), 3)}, good=lives)


def ready(troubles: Sequence[str]) -> Answer:
    """Whether nothing stands in the way, with all that does."""
    return _told({"ready": not troubles, "troubles": list(troubles)}, good=not troubles)


def troubles_of(
    signs: Signs | None, *, now: datetime, most_age: timedelta, least_free_bytes: int
) -> tuple[str, ...]:
    """Why a home is not ready, by its signs; empty when it is."""
    if signs is None:
        return ("no wake has ended yet",)
    found = []
    if signs.last_success_at is None:
        found.append("no scan has ended well yet")
    elif now - signs.last_success_at > most_age:
        hours = (now - signs.last_success_at) / _HOUR
        found.append(f"no scan has ended well for {hours:.0f} hours; set: {most_age / _HOUR:.0f}")
    if signs.free_bytes < least_free_bytes:
        found.append(f"{signs.free_bytes / 1e9:.1f} GB free on disk")
    found += [f"step {name} did not end well" for name, well in signs.steps.items() if not well]
    return tuple(found)


def metrics(signs: Signs | None, *, now: datetime, memory_bytes: int | None) -> Answer:
    """The signs as Prometheus reads them; 503 before there are any."""
    if signs is None:
        return _told({"troubles": ["no wake has ended yet"]}, good=False)
    text = exposition(signs, now=now, memory_bytes=memory_bytes)
    return Answer(status=HTTPStatus.OK, content_type=CONTENT_TYPE, text=text)


def unknown() -> Answer:
    """The answer to any other path."""
    facts = {"possible": ["/healthz", "/readyz", "/metrics"]}
    told = _told(facts, good=False)
    return Answer(status=HTTPStatus.NOT_FOUND, content_type=told.content_type, text=told.text)


def _told(facts: dict[str, Any], *, good: bool) -> Answer:
    return Answer(
        status=HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE,
        content_type="application/json",
        text=json.dumps({"format": 1, **facts}) + "\n",
    )
