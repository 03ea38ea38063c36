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
        supervision=timedelta(hours=said.supervision_hours),
        own_report=timedelta(hours=said.own_report_hours),
        court=timedelta(days=said.court_days),
        responsibility_weeks=said.responsibility_weeks,
        responsibility_pairs=said.responsibility_least_pairs,
        responsibility_share=said.responsibility_least_share,
        self_made=timedelta(days=said.self_made_days),
        late_entry=timedelta(days=said.late_entry_days),
        duty_margin=timedelta(minutes=said.duty_margin_minutes),
    )
