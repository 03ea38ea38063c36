"""The walk through the queue: which alert, which panel, which page, and what each key does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.text import Text

from alerts.errors import PsdmonError
from alerts.model import Alert, Status
from monitor.access.desk import Desk, desk_of
from monitor.cli.alerts.holes import holes_over
from monitor.cli.alerts.listing import standing
from monitor.cli.alerts.showing import legal_standing
from monitor.cli.alerts.work import work_on
from monitor.cli.output import counted
from monitor.cli.triage import closing, deeds, seconding
from monitor.cli.triage.asking import Sitting
from monitor.cli.triage.on_screen import OnScreen
from monitor.cli.triage.pages import pages
from monitor.cli.triage.terminal import LEAVE, RESIZED, Screen
from monitor.views.casework import stage_of
from monitor.views.page import lines_of
from monitor.views.wording import printable

if TYPE_CHECKING:
    from monitor.views.facts import Evidence

_KEYS: Final = (
    "SPACE more  b back   n next alert  p previous   w explain  e rows   ? keys",
    "t take  i enquiry out  h hand over  o note  q questions  r refer  c close",
    "f follow up  m merge  z silence  a reopen  y second   u identities   x leave",
)
_HELP: Final = """Keys

  SPACE  the next page of this alert; at its end, back to the first
  b      the page before
  n, p   the next alert, the one before
  w      what would explain it, what was tested, and how far a log reaches
  e      the rows of the log behind it
  s      the whole alert again
  q      the questions of law and practice: done, not needed, later
  t      take it: you work on it from here on
  i      an enquiry is out: which, and of whom
  h      hand it over to somebody
  o      note: kept with the alert, never changed
  r      refer it: somebody else decides
  c      close it, with how it ended and why
  f      the day to look at it again
  m      merge: it belongs to another alert, or stands by itself again
  z      silence: one detector says nothing about these two for a time
  a      open a closed alert again
  y      what waits for a second person: confirm, decline, withdraw
  u      show identities, for a purpose; again: tokens
  x      leave

  Arrows and page keys work too. Ctrl-C gives up what you are typing.
  Every look and every action goes on the chain, with your name."""


@dataclass(slots=True, kw_only=True)  # moves as its owner walks
class Walk:
    """Where somebody stands in the queue, and what was done so far."""

    desk: Desk
    terminal: Screen
    queue: Sequence[Alert]
    place: int = 0
    panel: str = "whole"
    page: int = 0
    message: str = ""
    seen: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)  # one line a decision
    leaving: bool = False
    _evidence: dict[str, "Evidence | str"] = field(default_factory=dict)

    @property
    def alert(self) -> Alert:
        """The alert in front, with its real ids."""
        return self.queue[self.place]

    def go(self) -> None:
        """Show alerts and do what the keys say, until leaving; Ctrl-C leaves too."""
        self._look()
        try:
            while not self.leaving:
                self._paint()
                self._press(self.terminal.key())
        except KeyboardInterrupt:
            self.leaving = True

    def told(self) -> Iterator[str]:
        """What was done, and what still waits: printed after leaving."""
        yield f"{counted(len(self.seen), 'alert')} looked at, {len(self.desk.waiting())} waiting."
        yield from self.done

    def _press(self, key: str) -> None:
        self.message = "" if key != RESIZED else self.message
        act = _DOES.get(key.lower())
        if act is None:
            if key != RESIZED and key.isprintable():
                self.message = f"{printable(key)} does nothing here; ? shows the keys."
            return
        try:
            act(self)
        except PsdmonError as trouble:
            self.message = printable(str(trouble))

    # moving

    def more(self) -> None:
        """The next page, or the first after the last."""
        self.page = (self.page + 1) % len(self._pages())

    def back(self) -> None:
        """The page before."""
        self.page = max(0, self.page - 1)

    def next(self) -> None:
        """The next alert."""
        if self.place + 1 >= len(self.queue):
            self.message = "That was the last of the queue: p for the one before, x to leave."
            return
        self._to(self.place + 1)

    def previous(self) -> None:
        """The alert before."""
        if self.place == 0:
            self.message = "This is the first of the queue."
            return
        self._to(self.place - 1)

    def leave(self) -> None:
        """Leave the queue."""
        self.leaving = True

    def open_panel(self, panel: str) -> None:
        """Another side of the same alert, from its first page; the same again: the whole."""
        self.panel = "whole" if self.panel == panel and panel != "whole" else panel
        self.page = 0
        if self.panel == "rows":
            self.desk.looked("alert.rows_shown", about=self.alert.alert_id)

    def unmask(self) -> None:
        """Identities for a purpose, or tokens again."""
        if self.desk.unmasked:
            self.desk = desk_of(self.desk.site)
        else:
            purpose = self.terminal.typed("Identities are shown for a purpose. Which?")
            if not purpose:
                self.message = "Tokens stay: no purpose was given."
                return
            self.desk = seconding.with_identities(self.desk, self.alert, purpose=purpose)
        self._evidence.clear()
        self._look()

    # acting

    def act(self, deed: Callable[[Sitting, Alert], str]) -> None:
        """Do something to the alert in front; what came of it is the message."""
        before = self.alert
        said = deed(Sitting(desk=self.desk, asker=OnScreen(screen=self.terminal)), before)
        self._refresh()
        self.message = said
        if self.alert.status is not before.status:
            self.done.append(said)
        if self.alert.status in {Status.CLOSED, Status.REFERRED}:
            self._onwards(said)

    def _onwards(self, said: str) -> None:
        """The next alert that still waits, after a decision."""
        later = [*range(self.place + 1, len(self.queue)), *range(self.place)]
        waiting = {Status.OPEN, Status.TAKEN, Status.AWAITING}
        following = next((at for at in later if self.queue[at].status in waiting), None)
        if following is None:
            self.message = f"{said} Nothing else waits: x to leave."
            return
        self._to(following)
        self.message = said

    def _refresh(self) -> None:
        now = self.desk.alert(self.alert.alert_id)
        self.queue = [now if one.alert_id == now.alert_id else one for one in self.queue]

    def _to(self, place: int) -> None:
        self.place, self.panel, self.page = place, "whole", 0
        self._refresh()
        if self.desk.unmasked and not self.desk.shows(self.alert):
            self.desk = desk_of(self.desk.site)
            self._evidence.clear()
        self._look()

    def _look(self) -> None:
        self.seen.add(self.alert.alert_id)
        self.desk.looked("alert.shown", about=self.alert.alert_id, triage=True)

    # painting

    def _paint(self) -> None:
        """Paint at once; where the rows are still to be read, again when they are."""
        self._put()
        if self.panel in {"whole", "rows"} and self.alert.alert_id not in self._evidence:
            from monitor.evidence import evidence_of

            found = evidence_of(self.desk.site, self.alert)
            self._evidence[self.alert.alert_id] = self.desk.shown_evidence(found, self.alert)
            self._put()

    def _put(self) -> None:
        found = self._pages()
        self.page = min(self.page, len(found) - 1)
        self.terminal.show(found[self.page], self._foot(len(found)))

    def _foot(self, page_count: int) -> list[Text]:
        width = self.terminal.console.width
        where = (
            f"── alert {self.place + 1} of {len(self.queue)} ─ {printable(self.alert.alert_id)}"
            f" ─ {self.alert.status} ─ page {self.page + 1} of {page_count} "
        )
        return [Text(where.ljust(width, "─")), *self._message(), *(Text(keys) for keys in _KEYS)]

    def _message(self) -> list[Text]:
        """What is said, whole: a refusal ends with what would allow it."""
        style = "bold" if self.message else "dim"
        message = Text(self.message or standing(self.desk), style=style)
        return list(message.wrap(self.terminal.console, self.terminal.console.width))

    def _pages(self) -> tuple[tuple[Text, ...], ...]:
        lines = lines_of(self._shown(), self.terminal.console)
        foot = 1 + len(self._message()) + len(_KEYS)
        return pages(lines, height=self.terminal.height - foot)

    def _shown(self) -> RenderableType:
        """The panel in front, as this desk may show it."""
        from monitor.views.limits import reach
        from monitor.views.rows import rows
        from monitor.views.whole import explained, head, limits_line, whole

        zone = self.desk.site.settings.zone
        shown = self.desk.shown(self.alert)
        work = work_on(self.desk, self.alert)
        top = head(shown, zone=zone, held_by=work.held_by, brief=True)
        if self.panel == "help":
            return Text(_HELP)
        if self.panel == "explain":
            limits = self.desk.site.prompt_pack.limits
            holes = holes_over(self.desk.site, self.alert)
            return Group(top, explained(shown), reach(shown, limits, holes=holes), limits_line())
        evidence = self._evidence.get(self.alert.alert_id, "Reading the rows of the log ...")
        if self.panel == "rows":
            found = Text(evidence) if isinstance(evidence, str) else rows(evidence.rows, zone=zone)
            return Group(top, Text(), found)
        asked = {prompt.id for prompt in work.questions(self.alert, stage_of(self.alert.status))}
        questions = tuple(prompt for prompt in shown.prompts if prompt.id in asked)
        law = legal_standing(self.desk, shown, work=work)
        return whole(shown, zone=zone, work=work, questions=questions, evidence=evidence, law=law)


_DOES: Final[Mapping[str, Callable[[Walk], None]]] = {
    " ": Walk.more,
    "b": Walk.back,
    "n": Walk.next,
    "p": Walk.previous,
    "w": lambda walk: walk.open_panel("explain"),
    "e": lambda walk: walk.open_panel("rows"),
    "s": lambda walk: walk.open_panel("whole"),
    "?": lambda walk: walk.open_panel("help"),
    "q": lambda walk: walk.act(closing.answer_questions),
    "t": lambda walk: walk.act(deeds.take),
    "i": lambda walk: walk.act(deeds.await_enquiry),
    "h": lambda walk: walk.act(deeds.hand_over),
    "o": lambda walk: walk.act(deeds.note),
    "r": lambda walk: walk.act(deeds.refer),
    "c": lambda walk: walk.act(closing.close),
    "f": lambda walk: walk.act(deeds.follow_up),
    "m": lambda walk: walk.act(deeds.merge),
    "z": lambda walk: walk.act(deeds.suppress),
    "a": lambda walk: walk.act(deeds.reopen),
    "y": lambda walk: walk.act(seconding.second),
    "u": Walk.unmask,
    LEAVE: Walk.leave,
}
