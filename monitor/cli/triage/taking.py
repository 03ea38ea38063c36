"""An alert taken first, where what somebody wants to do needs it."""

from alerts.lifecycle import Action, Step
from alerts.model import Alert, Status
from monitor.cli.alerts.steps import take_step
from monitor.cli.triage.asking import Sitting, yes


def taken(at: Sitting, alert: Alert) -> Alert | None:
    """The alert, taken first where it is open; None where that was not wanted."""
    if alert.status is not Status.OPEN:
        return alert
    if not yes(at.asker, f"{alert.alert_id} is not taken yet. Take it first?"):
        return None
    return take_step(at.desk, alert, Step(action=Action.TAKE), dry_run=False).alert
