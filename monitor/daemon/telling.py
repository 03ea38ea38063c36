"""The step that tells people: what has happened is planned, and what is due is delivered."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.settings import Settings
from monitor.wake import WRONG, Wake
from monitor.wiring import Site


@dataclass(frozen=True, slots=True)
class Tell:
    """Plans and delivers notices; a step of the same wake that did not end well is told of."""

    name: str = "notify"

    def deadline(self, settings: Settings) -> timedelta:
        """How long one message may take, every answer of a slow server included."""
        return timedelta(minutes=settings.daemon.step_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """How many channels there are, and over how many something could not be delivered.

        How many messages left is not told: it would count alerts before whoever reads the record.

        Raises:
            Misused: notify.toml cannot be used.
        """
        from monitor.notify.accounts import SystemAccounts
        from monitor.notify.delivering import deliver, plan, post_at

        def asked_to_stop() -> bool:
            wake.alive()
            return wake.stop.is_set()

        post = post_at(site, accounts=SystemAccounts(), environment=os.environ)
        plan(post, wrong=tuple(_signs(wake)))
        passed = deliver(post, asked_to_stop=asked_to_stop)
        return {
            "channels": len(passed),
            "in_trouble": sum(bool(one.trouble) for one in passed),
        }


def _signs(wake: Wake) -> Iterator[str]:
    """What is wrong by the steps that came before, each by a name that stays while it lasts."""
    for one in wake.before:
        if not one.well:
            yield f"step {one.name}"
        yield from (f"{one.name} {name}" for name in one.facts.get(WRONG, ()))
