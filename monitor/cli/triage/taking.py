"""An alert taken first, where what somebody wants to do needs it."""

from alerts.lifecycle import Action, Step
from alerts.model import Alert, Status
from monitor.access.desk import Desk
from monitor.cli.alerts.steps import take_step
from monitor.cli.triage.asking import Asker, yes


def taken(desk: Desk, asker: Asker, alert: Alert) -> Alert | None:
    """The alert, taken first where it is open; None where that was not wanted."""
    if alert.status is not Status.OPEN:
        return alert
    if not yes(asker, f"{alert.alert_id} is not taken yet. Take it first?"):
        return None
    return take_step(desk, alert, Step(action=Action.TAKE), dry_run=False).alert
