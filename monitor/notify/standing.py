"""How telling stands: what waits, what is dead, which channel is in trouble; to one reader."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.notices import Notice, State

if TYPE_CHECKING:
    from monitor.access.desk import Desk
    from monitor.wiring import Site

_OPEN = frozenset({State.QUEUED, State.DEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrouble:
    """A channel whose last try was in vain; says nothing of what waits there."""

    channel: str
    trouble: str
    dead: bool  # whether something on it is a dead letter


def in_trouble(site: "Site") -> tuple[ChannelTrouble, ...]:
    """The channels over which something could not be delivered, by name."""
    found: dict[str, ChannelTrouble] = {}
    for one in site.store.outbox.notices(states=_OPEN):
        if one.trouble:
            dead = one.state is State.DEAD
            before = found.get(one.channel)
            found[one.channel] = ChannelTrouble(
                channel=one.channel,
                trouble=one.trouble,
                dead=dead or (before is not None and before.dead),
            )
    return tuple(found[name] for name in sorted(found))


def known_notices(
    site: "Site", desk: "Desk | None", *, states: Collection[State] | None = None
) -> tuple[Notice, ...]:
    """The notices somebody may know of: about alerts that they know of, or about none.

    Args:
        site: the home.
        desk: of somebody who may see alerts; nothing for somebody who may see none.
        states: those that are asked for; nothing for all.
    """
    known = {alert.alert_id for alert in desk.alerts()} if desk else set()
    found = site.store.outbox.notices(states=states)
    return tuple(one for one in found if not one.alert_id or one.alert_id in known)
