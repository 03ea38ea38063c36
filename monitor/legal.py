"""What the law pack says of one alert: its clocks, and the offences that may come into view."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.clocks import Clock, clocks
from alerts.model import Alert
from alerts.prompt_pack import Offence, PromptPack, offences_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OffenceStanding:
    """One offence beside one alert: whether it may be asked, and what was recorded about it."""

    offence: Offence
    waits_for: tuple[str, ...]  # what must be on record first; empty: it may be considered now
    recorded: str  # may_apply, does_not_apply, cannot_tell; empty: nothing yet


def clocks_of(
    pack: PromptPack, alert: Alert, *, standing: Mapping[str, str], now: datetime, zone: ZoneInfo
) -> tuple[Clock, ...]:
    """The clocks of an alert's family as they stand at a moment."""
    rules = (rule for rule in pack.clocks if alert.family in rule.families)
    return clocks(rules, standing, now=now, zone=zone)


def offences_beside(
    pack: PromptPack, alert: Alert, *, standing: Mapping[str, str]
) -> tuple[OffenceStanding, ...]:
    """The offences in force over the days of the alert, and how each stands."""
    found = offences_of(
        pack,
        family=alert.family,
        first=alert.first_event_at.date(),
        last=alert.last_event_at.date(),
    )
    carried = {prompt.id for prompt in alert.prompts}
    known = {name for name, value in standing.items() if value == "yes"} | carried
    return tuple(
        OffenceStanding(
            offence=offence,
            waits_for=() if not offence.needs or known & set(offence.needs) else offence.needs,
            recorded=standing.get(offence.id, ""),
        )
        for offence in found
    )
