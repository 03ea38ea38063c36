"""What suppressions hold back: never silently, never for ever, and one detector at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Alert
from alerts.records import Suppression
from detectors.model import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What suppressions do to one alert: which of them apply, and what is left to say."""

    by: tuple[Suppression, ...]  # in force and about a finding of the alert, oldest first
    left: tuple[Finding, ...]  # that no suppression is about

    @property
    def whole(self) -> bool:
        """Whether nothing is left, so that the alert is held back, counted and reported."""
        return bool(self.by) and not self.left


def suppressed(alert: Alert, suppressions: Iterable[Suppression], *, at: datetime) -> Silence:
    """What suppressions hold back of an alert at a moment.

    A suppression is about one member of staff, one focus and one detector: another detector that
    speaks about the same two people is heard, and so is the same detector about anybody else.

    Args:
        alert: as judging has it, with real ids.
        suppressions: not lifted; those that are not in force at the moment are passed over.
        at: the moment of judging; in a replay the moment at which the live service would judge.
    """
    held = [one for one in suppressions if one.in_force(at)]
    keys = {_key(one) for one in held}
    spoken = {_spoken(finding) for finding in alert.findings}
    return Silence(
        by=tuple(one for one in held if _key(one) in spoken),
        left=tuple(finding for finding in alert.findings if _spoken(finding) not in keys),
    )


def lapsed(
    alert: Alert, suppressions: Iterable[Suppression], *, at: datetime
) -> tuple[Suppression, ...]:
    """The suppressions about findings of an alert that have run out: why it is heard again."""
    spoken = {_spoken(finding) for finding in alert.findings}
    return tuple(one for one in suppressions if _key(one) in spoken and one.expires_at <= at)


def expiring(
    suppressions: Iterable[Suppression], *, at: datetime, within: timedelta
) -> tuple[Suppression, ...]:
    """The suppressions in force that run out within a time, the next first."""
    soon = (one for one in suppressions if one.in_force(at) and one.expires_at <= at + within)
    return tuple(sorted(soon, key=lambda one: (one.expires_at, one.seq)))


def _key(one: Suppression) -> tuple[str, str, str]:
    return one.user_id, one.focus_subject_id, one.detector


def _spoken(finding: Finding) -> tuple[str, str, str]:
    return finding.user_id, finding.focus_id, finding.detector
