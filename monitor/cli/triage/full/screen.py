"""The full screen: what is in front, what each key does, and what every look leaves behind."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final

from rich.console import Group
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from alerts.errors import PsdmonError
from alerts.model import Alert
from monitor.access.desk import WAITING, Desk, desk_of
from monitor.cli.alerts.choosing import fitting
from monitor.cli.alerts.listing import due_now, nothing, standing
from monitor.cli.output import counted
from monitor.cli.triage import closing, deeds, seconding
from monitor.cli.triage.asking import Sitting
from monitor.cli.triage.full import keys
from monitor.cli.triage.full.asks import Choice, OverScreen
from monitor.cli.triage.full.page import READING, AlertPage, parts_of
from monitor.cli.triage.full.queue_list import QueueList, by_pressure, two_lines
from monitor.views.facts import Evidence
from monitor.views.wording import printable

WIDE: Final = 124  # columns from which the queue and a whole alert fit side by side
_OURS: Final = frozenset(
    {"go", "queue", "rows", "find", "unmask", "keys", "leave", "deed", "again", "part"}
)
_DEEDS: Final[Mapping[str, Callable[[Sitting, Alert], str]]] = {
    "take": deeds.take,
    "await": deeds.await_enquiry,
    "assign": deeds.hand_over,
    "note": deeds.note,
    "questions": closing.answer_questions,
    "refer": deeds.refer,
    "close": closing.close,
    "follow": deeds.follow_up,
    "merge": deeds.merge,
    "silence": deeds.suppress,
    "reopen": deeds.reopen,
    "second": seconding.second,
}


class Triage(App[None]):
    """The queue on the left, one alert whole on the right, the keys at the foot."""

    TITLE = "psdmon triage"
    ENABLE_COMMAND_PALETTE = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.press, key.action, key.says, show=False) for key in keys.ALL),
        *(
            Binding(str(number), f"part('{name}')", says, show=False)
            for number, (name, says) in enumerate(keys.PARTS, start=1)
        ),
        Binding("ctrl+c,ctrl+q", "leave_now", "Leave", show=False, priority=True),
        Binding("right", "go('next')", show=False),
        Binding("left", "go('previous')", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        """Keep the desk; the queue is read when the screen is there."""
        super().__init__(ansi_color=True)  # the terminal's own colours, and none with NO_COLOR
        self.desk = desk
        self.queue: list[Alert] = []
        self.place = 0
        self.where = ""
        self.both = True
        self.asker = OverScreen(self)
        self.seen: set[str] = set()
        self.decided: list[str] = []
        self.with_rows = False
        self.evidence: Evidence | str = READING
        self.busy = False
        self.trouble: Exception | None = None

    def compose(self) -> ComposeResult:
        """A line on top, the queue beside the alert, what was said, and the keys."""
        yield Static(id="top")
        with Horizontal(id="body"):
            yield QueueList(id="queue")
            yield AlertPage(id="page")
        yield Static(id="message")
        for number, line in enumerate(keys.foot()):
            yield Static(Content.from_markup(line), id=f"foot{number}", classes="foot")

    def on_mount(self) -> None:
        """Read the queue and open the most pressing alert."""
        self.theme = "ansi-dark"  # the terminal's own colours, whatever they are
        self.both = self.size.width >= WIDE
        self.read_queue()
        self.query_one(AlertPage).focus()
        self.lay_out()
        self.open(self.place)

    def _handle_exception(self, error: Exception) -> None:
        """Leave with a fault of the program, which the shell writes where only its owner reads.

        The library would print it with everything that was in memory, identities included.
        """
        self.trouble = self.trouble or error
        self.exit()

    def told(self) -> Iterator[str]:
        """What was done, and what still waits: printed after leaving."""
        yield f"{counted(len(self.seen), 'alert')} looked at, {len(self.desk.waiting())} waiting."
        yield from self.decided

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:  # noqa: ARG002 the library's signature
        """Every key as a command that can be found by name."""
        for key in keys.ALL:
            if key.action != "command_palette":
                yield SystemCommand(f"{key.says} ({key.shown})", key.does, self.runs(key.action))
        for number, (name, says) in enumerate(keys.PARTS, start=1):
            yield SystemCommand(f"Go to {says} ({number})", name, self.runs(f"part('{name}')"))

    def runs(self, action: str) -> Callable[[], Any]:
        """A way to run an action later."""

        async def run() -> None:
            await self.run_action(action)

        return run

    @property
    def alert(self) -> Alert | None:
        """The alert in front, with its real ids; nothing where the queue is empty."""
        return self.queue[self.place] if self.queue else None

    # reading

    def read_queue(self, *, keep: str = "") -> None:
        """Read the queue again, and stand at an alert of it or where it was."""
        found = list(self.desk.waiting())
        if self.where:
            known = self.desk.alerts() if "status" in self.where else found
            found = fitting(self.desk, known, where=self.where)
        self.queue = by_pressure(found, due=due_now(self.desk))
        places = {one.alert_id: place for place, one in enumerate(self.queue)}
        self.place = places.get(keep, min(self.place, max(0, len(self.queue) - 1)))
        self.draw_queue()

    def draw_queue(self) -> None:
        """Draw the queue as it stands here, with holders and days as the store has them."""
        desk, now = self.desk, self.desk.site.clock.now()
        due, held = due_now(desk), desk.site.store.holders()

        def lines(place: int) -> tuple[Text, Text]:
            one = self.queue[place]
            holder = held.get(one.alert_id, "")
            return two_lines(desk, one, now=now, due=one.alert_id in due, held_by=holder)

        self.query_one(QueueList).fill(lines, count=len(self.queue), at=self.place)

    def open(self, place: int) -> None:
        """Bring an alert to the front; the look goes on the chain."""
        if not self.queue:
            self.query_one(AlertPage).show(self.nothing())
            self.top()
            return
        self.place = place
        self.refresh_alert()
        if self.alert is None:
            return
        if self.desk.unmasked and not self.desk.shows(self.alert):
            self.desk = desk_of(self.desk.site)
            self.draw_queue()
        self.with_rows, self.evidence = False, READING
        self.seen.add(self.alert.alert_id)
        self.desk.looked("alert.shown", about=self.alert.alert_id, triage=True)
        self.query_one(QueueList).point_at(place)
        self.query_one(AlertPage).scroll_home(animate=False)
        self.paint()
        self.read_evidence(self.alert)

    def refresh_alert(self) -> None:
        """Read the alert in front again; it may have grown since the queue was read."""
        if self.alert is not None:
            self.queue[self.place] = self.desk.site.store.alert(self.alert.alert_id)

    @work(thread=True, exclusive=True, group="evidence", exit_on_error=False)
    def read_evidence(self, alert: Alert) -> None:
        """Read the rows of an alert beside the screen, and paint them when they are there."""
        from monitor.evidence import evidence_of

        found = self.desk.shown_evidence(evidence_of(self.desk.site, alert), alert)
        self.call_from_thread(self.take_evidence, alert.alert_id, found)

    def take_evidence(self, alert_id: str, found: Evidence | str) -> None:
        """Paint rows that were read, unless another alert is in front by now."""
        if self.alert is not None and self.alert.alert_id == alert_id:
            self.evidence = found
            self.paint()

    # painting

    def paint(self) -> None:
        """Paint the alert in front, the line on top and what was said."""
        if self.alert is None:
            return
        shown = parts_of(self.desk, self.alert, self.evidence, with_rows=self.with_rows)
        self.query_one(AlertPage).show(shown)
        self.top()

    def top(self) -> None:
        """The line on top: where in the queue, how it stands, and whether identities show."""
        here = self.alert
        masked = "IDENTITIES SHOWN" if here and self.desk.shows(here) else "tokens only"
        query = f"  where {self.where}" if self.where else ""
        where = "nothing here" if here is None else (
            f"alert {self.place + 1} of {len(self.queue)}  {printable(here.alert_id)}"
            f"  {here.status}"
        )  # fmt: skip
        self.query_one("#top", Static).update(
            Text(f"psdmon triage  {where}  {masked}{query}", style="reverse", no_wrap=True)
        )

    def say(self, text: str) -> None:
        """Say what came of it, whole; without anything, who is looking."""
        shown = Text(printable(text), style="bold") if text else Text(standing(self.desk))
        self.query_one("#message", Static).update(shown)

    def lay_out(self) -> None:
        """The queue beside the alert, or one of them alone where the screen is narrow."""
        body, wide = self.query_one("#body"), self.size.width >= WIDE
        body.set_class(wide and self.both, "-both")
        body.set_class(not wide and self.both, "-queue")
        body.set_class(not self.both, "-alert")
        self.say("")

    def on_resize(self, _: Resize) -> None:
        """Lay out again."""
        if self.query("#body"):
            self.lay_out()

    # what keys do

    def action_go(self, way: str) -> None:
        """The next alert, or the one before."""
        step = 1 if way == "next" else -1
        place = self.place + step
        if self.queue and 0 <= place < len(self.queue):
            self.say("")
            self.open(place)
            return
        self.say("That was the last of the queue." if step > 0 else "This is the first.")

    def on_queue_list_chosen(self, event: QueueList.Chosen) -> None:
        """Open the alert that the queue points at."""
        self.say("")
        self.open(event.place)
        if self.size.width < WIDE:
            self.both = False
            self.lay_out()
        self.query_one(AlertPage).focus()

    def action_queue(self) -> None:
        """Show or hide the queue."""
        self.both = not self.both
        self.lay_out()
        (self.query_one(QueueList) if self.both else self.query_one(AlertPage)).focus()

    def action_part(self, name: str) -> None:
        """Go to a part of the alert; the rows are shown when they are asked for."""
        if name == "rows" and not self.with_rows and self.alert is not None:
            self.with_rows = True
            self.desk.looked("alert.rows_shown", about=self.alert.alert_id)
            self.paint()
        if self.both and self.size.width < WIDE:
            self.action_queue()
        self.call_after_refresh(self.query_one(AlertPage).go_to, name)

    def action_rows(self) -> None:
        """The rows of the log."""
        self.action_part("rows")

    def action_again(self) -> None:
        """Read the queue again."""
        self.read_queue(keep=self.alert.alert_id if self.alert else "")
        self.open(self.place)
        self.say("The queue was read again.")

    def action_keys(self) -> None:
        """What each key does."""
        self.push_screen(Choice(Text(keys.helped()), {}))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does anything now: while a deed is at work, what is typed ahead waits.

        The deed's own question takes its keys; Ctrl-C leaves at any time.
        """
        if self.busy and action in _OURS:
            return False
        return super().check_action(action, parameters)

    def action_leave(self) -> None:
        """Leave."""
        self.exit()

    def action_leave_now(self) -> None:
        """Give up the question that is open, or leave."""
        if len(self.screen_stack) > 1:
            self.screen.dismiss(None)
            return
        self.exit()

    def on_unmount(self) -> None:
        """Let a deed that waits for an answer end."""
        self.asker.give_up()

    def action_deed(self, name: str) -> None:
        """Do something to the alert in front, asking over the screen what it must."""
        if self.alert is not None and not self.busy:
            self.busy = True
            self.do(_DEEDS[name], self.alert)

    @work(thread=True, exit_on_error=False)
    def do(self, deed: Callable[[Sitting, Alert], str], alert: Alert) -> None:
        """Run a deed beside the screen; what came of it, or why not, is said."""
        try:
            sitting = Sitting(desk=self.desk, asker=self.asker)
            said = deed(sitting, self.desk.alert(alert.alert_id))
        except PsdmonError as trouble:
            said = str(trouble)
        finally:
            self.busy = False
        if self.is_running:
            self.call_from_thread(self.after, alert, said)

    def after(self, alert: Alert, said: str) -> None:
        """Paint what a deed left, and go on to the next alert where this one is decided."""
        now = self.desk.site.store.alert(alert.alert_id)
        if now.status is not alert.status:
            self.decided.append(said)
        if self.leaves_the_queue(now):
            del self.queue[self.place]
            self.place = min(self.place, max(0, len(self.queue) - 1))
            self.draw_queue()
            self.open(self.place)
        else:
            self.queue[self.place] = now
            self.draw_queue()
            self.paint()
        self.say(said)

    def leaves_the_queue(self, alert: Alert) -> bool:
        """Whether an alert that was acted on waits no more: decided, or merged into another."""
        merged = alert.alert_id in self.desk.site.store.merged()
        return not self.where and (alert.status not in WAITING or merged)

    def nothing(self) -> dict[str, Any]:
        """A page without an alert: what was judged, on which feeds, and what it cannot mean."""
        waiting_only = not self.where
        shown = Group(Text(), nothing(self.desk, waiting_only=waiting_only))
        return {name: shown if name == "summary" else Text() for name, _ in keys.PARTS}

    def action_find(self) -> None:
        """Only the alerts that a query chooses."""
        if not self.busy:
            self.busy = True
            self.find()

    @work(thread=True, exit_on_error=False)
    def find(self) -> None:
        """Ask for a query beside the screen."""
        try:
            asked = self.asker.typed("Which alerts? family=curiosity and age>30d; nothing for all:")
        finally:
            self.busy = False
        if asked is not None and self.is_running:
            self.call_from_thread(self.take_query, asked)

    def take_query(self, asked: str) -> None:
        """Show what a query chooses; one that is none is refused with what is possible."""
        before, self.where = self.where, asked
        try:
            self.read_queue()
        except PsdmonError as trouble:
            self.where = before
            self.say(str(trouble))
            return
        self.open(0 if self.queue else self.place)
        if self.queue:
            self.say(f"{counted(len(self.queue), 'alert')} shown.")

    def action_unmask(self) -> None:
        """Identities for a purpose, or tokens again."""
        if self.desk.unmasked:
            self.look_as(desk_of(self.desk.site))
        elif self.alert is not None and not self.busy:
            self.busy = True
            self.ask_purpose(self.alert)

    @work(thread=True, exit_on_error=False)
    def ask_purpose(self, alert: Alert) -> None:
        """Ask for the purpose beside the screen; a second person may have to open them."""
        try:
            purpose = self.asker.typed("Identities are shown for a purpose. Which?")
            refused, desk = "Tokens stay: no purpose was given.", None
            if purpose:
                desk = seconding.with_identities(self.desk, alert, purpose=purpose)
        except PsdmonError as trouble:
            refused, desk = str(trouble), None
        finally:
            self.busy = False
        if not self.is_running:
            return
        if desk is None:
            self.call_from_thread(self.say, refused)
        else:
            self.call_from_thread(self.look_as, desk)

    def look_as(self, desk: Desk) -> None:
        """Look at the same alert with other eyes."""
        self.desk = desk
        self.read_queue(keep=self.alert.alert_id if self.alert else "")
        self.open(self.place)
        self.say("")
