"""The frame's limits, as the settings have them."""

from datetime import timedelta

from detectors.model import Limits
from monitor.settings import Settings


def limits_of(settings: Settings) -> Limits:
    """How rows become visits, and which records explain them, by these settings."""
    said = settings.explanations
    return Limits(
        zone=settings.force.zone,
        gap=timedelta(minutes=settings.visits.gap_minutes),
        before=timedelta(hours=said.before_hours),
        after=timedelta(hours=said.after_hours),
        colleague=timedelta(days=said.colleague_days),
        dispatch=timedelta(hours=said.dispatch_hours),
        duty_margin=timedelta(minutes=said.duty_margin_minutes),
    )
