"""Every key of the full screen: what it does, in a word for the foot and in a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key and what it does."""

    press: str  # as the terminal library names it
    shown: str  # as a person reads it
    does: str  # a word or two, for the foot
    says: str  # a sentence, for the help and the palette
    action: str  # of the screen


def _key(press: str, does: str, says: str, action: str, *, shown: str = "") -> Key:
    return Key(press=press, shown=shown or press, does=does, says=says, action=action)


MOVING: Final = (
    _key("n", "next", "The next alert of the queue", "go('next')"),
    _key("p", "prev", "The alert before", "go('previous')"),
    _key("v", "queue", "Show or hide the queue", "queue"),
    _key("e", "rows", "The rows of the log behind it", "rows"),
    _key("slash", "find", "Only the alerts a query chooses", "find", shown="/"),
    _key("u", "unmask", "Show identities for a purpose, or tokens again", "unmask"),
    _key("question_mark", "keys", "What each key does", "keys", shown="?"),
    _key("x", "leave", "Leave", "leave"),
)
WORKING: Final = (
    _key("t", "take", "Take it: you work on it from here on", "deed('take')"),
    _key("i", "enquiry out", "An enquiry is out: which, and of whom", "deed('await')"),
    _key("h", "hand over", "Hand it over to somebody", "deed('assign')"),
    _key("o", "note", "Add a note; it is never changed", "deed('note')"),
    _key("q", "questions", "Answer the questions of law and practice", "deed('questions')"),
    _key("r", "refer", "Refer it: somebody else decides", "deed('refer')"),
    _key("c", "close", "Close it, with how it ended and why", "deed('close')"),
)
LATER: Final = (
    _key("f", "follow up", "The day to look at it again", "deed('follow')"),
    _key("m", "merge", "It belongs to another alert, or stands by itself", "deed('merge')"),
    _key("z", "silence", "One detector is silent about these two for a time", "deed('silence')"),
    _key("a", "reopen", "Open a closed alert again", "deed('reopen')"),
    _key("y", "second", "What waits for a second person", "deed('second')"),
    _key("g", "again", "Read the queue again", "again"),
    _key("ctrl+p", "commands", "Every command by name", "command_palette", shown="^p"),
)
ALL: Final = (*MOVING, *WORKING, *LATER)
PARTS: Final[Sequence[tuple[str, str]]] = (
    ("summary", "who, whom, and the sentence of rarity"),
    ("calendar", "visits by day and hour"),
    ("circle", "the records looked up around the person"),
    ("waterfall", "how strong, and from what"),
    ("explained", "what would explain it, and whether that was tested"),
    ("questions", "the questions of law and practice"),
    ("rows", "the rows of the log"),
    ("done", "what was done, and other alerts on either of the two"),
)


def foot() -> Iterator[str]:
    """The lines at the foot, in the screen's markup: each word can be clicked."""
    for keys in (MOVING, WORKING, LATER):
        lines = [f"[@click=app.{key.action}][b]{key.shown}[/b] {key.does}[/]" for key in keys]
        if keys is MOVING:
            lines.insert(3, "[b]1-8[/b] parts")
        yield "  ".join(lines)


def helped() -> str:
    """What each key does, one line each."""
    lines = [f"  {key.shown:<8} {key.says}" for key in ALL]
    parts = [f"  {number:<8} {says}" for number, (_, says) in enumerate(PARTS, start=1)]
    more = [
        "  ENTER    open the alert that the queue points at",
        "  UP, DOWN, PAGE UP, PAGE DOWN, SPACE  move in the queue or in the alert",
        "  TAB      from the queue to the alert and back",
        "",
        "  ESC gives up what is asked. The mouse works, and is never needed.",
        "  Every look and every action goes on the chain, with your name.",
    ]
    return "\n".join(["Keys", "", *lines, *parts, *more])
