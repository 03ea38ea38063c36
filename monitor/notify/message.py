"""What leaves: how many alerts wait, their priority, at most their ids, and a command to run.

Nothing here is given anything else, so no name, record, role or kind of pattern can slip into it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from alerts.model import Priority
from alerts.notices import Kind, Notice, highest, tallied

FORMAT: Final = 1
DIGEST: Final = "digest"
TEST: Final = "test"
MOST_LISTED: Final = 20  # ids in one digest; the rest is counted
_SERVICE: Final = "the service wants to be looked at"
_LETTERS: Final = "notices could not be delivered"
NOT_PROOF: Final = "A finding shows that records were opened, not why; it is never proof."

# One notice by itself: what it says, and the command that shows more.
_ALONE: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.RAISED: ("{Alert} waits, priority {priority}.", "psdmon alerts show {id}"),
    Kind.GROWN: ("{Alert} has grown, priority {priority} now.", "psdmon alerts show {id}"),
    Kind.REOPENED: ("{Alert} waits again, priority {priority}.", "psdmon alerts show {id}"),
    Kind.OPENED: ("{Alert} waits, priority {priority}.", "psdmon alerts show {id}"),
    Kind.FOLLOW_UP: ("{Alert} is due to be looked at again.", "psdmon alerts show {id}"),
    Kind.EXPIRING: ("1 suppression ends soon.", "psdmon alerts suppressions"),
    Kind.SECOND_PERSON: ("1 request waits for a second person.", "psdmon alerts pending"),
    Kind.GLASS: (
        "The glass was broken: somebody went past mask and conflict in an emergency.",
        "psdmon access list",
    ),
    Kind.HEALTH: ("The service wants to be looked at.", "psdmon status"),
    Kind.DEAD_LETTER: ("Notices could not be delivered.", "psdmon notify list --dead"),
}
# The same in a digest: of one, of several, and the command that shows them.
_COUNTED: Final[Mapping[Kind, tuple[str, str, str]]] = {
    Kind.RAISED: ("1 new", "{n} new", "psdmon alerts list"),
    Kind.GROWN: ("1 grown", "{n} grown", "psdmon alerts list"),
    Kind.REOPENED: ("1 waits again", "{n} wait again", "psdmon alerts list"),
    Kind.OPENED: ("1 more", "{n} more", "psdmon alerts list"),
    Kind.FOLLOW_UP: (
        "1 due to be looked at again",
        "{n} due to be looked at again",
        "psdmon status",
    ),
    Kind.EXPIRING: (
        "1 suppression ends soon",
        "{n} suppressions end soon",
        "psdmon alerts suppressions",
    ),
    Kind.SECOND_PERSON: (
        "1 request waits for a second person",
        "{n} requests wait for a second person",
        "psdmon alerts pending",
    ),
    Kind.GLASS: ("the glass was broken", "the glass was broken {n} times", "psdmon access list"),
    Kind.HEALTH: (_SERVICE, _SERVICE, "psdmon status"),
    Kind.DEAD_LETTER: (_LETTERS, _LETTERS, "psdmon notify list --dead"),
}
_NOT_COUNTED_AS_ALERTS: Final = frozenset({Kind.EXPIRING, Kind.SECOND_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert in a message."""

    alert_id: str
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as every channel sends it."""

    id: str  # the same each time it is tried
    at: datetime
    kind: str  # a kind of notice, "digest" or "test"
    priority: Priority
    says: str
    lines: tuple[str, ...]  # what a digest holds, by kind
    command: str
    alerts: tuple[Told, ...]  # empty where ids are not shown
    counts: Mapping[str, int]  # alerts by priority

    def as_json(self) -> dict[str, Any]:
        """The message as webhook and file carry it; keys are added, never renamed."""
        return {
            "format": FORMAT,
            "message_id": self.id,
            "at": self.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "kind": self.kind,
            "priority": str(self.priority),
            "says": self.says,
            "lines": list(self.lines),
            "command": self.command,
            "alerts": [
                {"alert_id": one.alert_id, "priority": str(one.priority)} for one in self.alerts
            ],
            "counts": dict(self.counts),
        }


def message_of(
    notices: Sequence[Notice], *, name: str, at: datetime, shows_alert_ids: bool
) -> Message:
    """One message of some notices.

    Args:
        notices: at least one.
        name: of the message, the same each time it is tried.
        at: when it leaves.
        shows_alert_ids: whether its readers are such that ids of alerts may be in it.
    """
    about = _alerts(notices)
    told = tuple(Told(alert_id=k, priority=p) for k, p in list(about.items())[:MOST_LISTED])
    alone = len(notices) == 1
    says, command = _many(notices, about)
    if alone:
        says, command = _one(notices[0], shows_alert_ids=shows_alert_ids)
    return Message(
        id=name,
        at=at,
        kind=str(notices[0].kind) if alone else DIGEST,
        priority=highest(_pressing(notices, about)),
        says=says,
        lines=() if alone else tuple(f"{text}: {shown}" for text, shown in _by_kind(notices)),
        command=command,
        alerts=told if shows_alert_ids else (),
        counts={str(priority): count for priority, count in tallied(about.values())},
    )


def trial_message(*, name: str, at: datetime) -> Message:
    """A message that says nothing but that the channel works."""
    return Message(
        id=name,
        at=at,
        kind=TEST,
        priority=Priority.NORMAL,
        says="This is a test of a channel; nothing waits.",
        lines=(),
        command="psdmon notify list",
        alerts=(),
        counts={},
    )


def _alerts(notices: Iterable[Notice]) -> dict[str, Priority]:
    """Each alert once, with its highest priority, the most pressing first."""
    found: dict[str, Priority] = {}
    for one in notices:
        if one.alert_id and one.kind not in _NOT_COUNTED_AS_ALERTS:
            found[one.alert_id] = highest((one.priority, found.get(one.alert_id, Priority.NORMAL)))
    order = list(Priority)
    return dict(sorted(found.items(), key=lambda pair: order.index(pair[1])))


def _pressing(notices: Iterable[Notice], about: Mapping[str, Priority]) -> Iterable[Priority]:
    yield from about.values()
    if any(one.kind is Kind.GLASS for one in notices):
        yield Priority.URGENT


def _one(notice: Notice, *, shows_alert_ids: bool) -> tuple[str, str]:
    says, command = _ALONE[notice.kind]
    if notice.alert_id and not shows_alert_ids and "{id}" in command:
        command = "psdmon notify show {notice}"
    facts = {
        "Alert": f"Alert {notice.alert_id}" if shows_alert_ids else "An alert",
        "priority": str(notice.priority),
        "id": notice.alert_id,
        "notice": notice.id,
    }
    return says.format(**facts), command.format(**facts)


def _many(notices: Sequence[Notice], about: Mapping[str, Priority]) -> tuple[str, str]:
    command = _COUNTED[notices[0].kind][2]
    if not about:
        text = "; ".join(text for text, _ in _by_kind(notices))
        return f"{text[:1].upper()}{text[1:]}.", command
    parts = ", ".join(f"{count} {priority}" for priority, count in tallied(about.values()))
    total = f"{len(about)} alert{'' if len(about) == 1 else 's'}"
    return f"{total}: {parts}.", command


def _by_kind(notices: Sequence[Notice]) -> Iterator[tuple[str, str]]:
    """How many alerts, or other things, there are of each kind, and the command that shows them."""
    for kind in dict.fromkeys(one.kind for one in notices):
        same = [one for one in notices if one.kind is kind]
        by_alert = kind in {Kind.RAISED, Kind.GROWN, Kind.REOPENED, Kind.OPENED, Kind.FOLLOW_UP}
        count = len({one.alert_id for one in same}) if by_alert else len(same)
        one_text, many_text, command = _COUNTED[kind]
        yield one_text if count == 1 else many_text.format(n=count), command
