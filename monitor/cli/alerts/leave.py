"""Leave to see identities: a purpose, and where the settings want it a second person's word."""

from alerts.errors import NotPermitted
from alerts.gates import Deed
from alerts.records import Request
from monitor.access.desk import Desk
from monitor.cli.alerts.steps import ask


def require_leave(desk: Desk, alert_id: str = "") -> None:
    """Nothing where this desk may show the identities of an alert, or shows none.

    Args:
        desk: that would show them.
        alert_id: of the alert; empty for the whole queue.

    Raises:
        NotPermitted: a second person has not agreed it; says how to ask.
    """
    if not desk.unmasked or not desk.site.settings.casework.second_person:
        return
    if leave_of(desk, alert_id) is None:
        name = alert_id or "--queue"
        raise NotPermitted(
            f"identities of {alert_id or 'the queue'}: are shown when a second person has agreed"
            f' it; possible: psdmon alerts unmask {name} --purpose "..." asks, and somebody else'
            " with the role reviewer or authority confirms (psdmon alerts pending)"
        )


def leave_of(desk: Desk, alert_id: str = "") -> Request | None:
    """The agreed request that lets this person see the identities of an alert now."""
    return desk.site.store.leave_to_unmask(
        alert_id, actor=desk.person.os_user, at=desk.site.clock.now()
    )


def ask_leave(desk: Desk, alert_id: str, *, purpose: str) -> Request:
    """The request for leave that now waits for a second person."""
    hours = desk.site.settings.casework.leave_hours
    return ask(desk, alert_id, deed=Deed.UNMASK, asked={"hours": hours}, reason=purpose)
