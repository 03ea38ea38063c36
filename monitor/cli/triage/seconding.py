"""What waits for a second person, answered by whoever sits at the screen."""

from collections.abc import Mapping
from typing import Final

from rich.console import Group

from alerts.model import Alert
from alerts.records import Request
from monitor.access.desk import Desk, desk_of
from monitor.cli.alerts.pending import answer_request, deed_said, known_requests, reason_said
from monitor.cli.triage.asking import GIVEN_UP, NO, Sitting, numbered
from monitor.views.wording import words

_ANSWERS: Final[Mapping[str, str]] = {"c": "agreed", "d": "declined", "w": "withdrawn"}
_KEYS: Final[Mapping[str, str]] = {"c": "confirm", "d": "decline", "w": "withdraw (your own)"}


def second(at: Sitting, _: Alert) -> str:
    """Confirm, decline or withdraw one of the requests that wait."""
    desk, asker = at.desk, at.asker
    waiting = {str(one.seq): one for one in known_requests(desk)}
    if not waiting:
        return "Nothing waits for a second person."
    asked = "What waits for a second person. Which?"
    chosen = numbered(asker, asked, choices={name: _line(one) for name, one in waiting.items()})
    if not chosen:
        return GIVEN_UP
    request = waiting[chosen]
    shown = Group(words(_line(request), style="bold"), words(""), words(reason_said(desk, request)))
    key = asker.choice(shown, _KEYS)
    if key == NO:
        return GIVEN_UP
    wanted = "What did you look at (Enter for nothing)?" if key == "c" else "Why?"
    reason = asker.typed(wanted)
    if reason is None:
        return GIVEN_UP
    done = answer_request(desk, request.seq, answer=_ANSWERS[key], reason=reason)
    return f"Request {done.seq} {done.answer}: {done.alert_id}: {deed_said(done)}."


def with_identities(desk: Desk, alert: Alert, *, purpose: str) -> Desk:
    """The desk that shows the identities of an alert.

    Raises:
        NotPermitted: no role allows it, or a second person has not opened them; says how to ask.
    """
    seeing = desk_of(desk.site, purpose=purpose, unmask=True)
    seeing.require_identities(alert)
    return seeing


def _line(one: Request) -> str:
    return f"{one.seq}: {one.actor} asks to {deed_said(one)}, {one.alert_id}"
