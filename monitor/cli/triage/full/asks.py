"""Questions put over the full screen: a choice of keys, or a line typed."""

from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any, ClassVar

from rich.console import RenderableType
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from monitor.cli.triage.asking import NO


class Choice(ModalScreen[str]):
    """Something to decide about, and the keys that decide it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "pick('x')", "give up", priority=True),
        Binding("down,pagedown", "down", "down"),
        Binding("up,pageup", "up", "up"),
    ]

    def __init__(self, shown: RenderableType, keys: Mapping[str, str]) -> None:
        """Keep what is shown and what may be pressed."""
        super().__init__()
        self.shown = shown
        self.offered = {**keys, NO: "give up" if keys else "back"}

    def compose(self) -> ComposeResult:
        """The thing to decide about above the keys."""
        with Vertical(classes="ask"):
            with VerticalScroll(can_focus=False):
                yield Static(self.shown)
            yield Static(Content.from_markup(_offered(self.offered)), classes="offered")

    def on_key(self, event: Key) -> None:
        """Take a key that is offered; any other is passed over."""
        key = (event.character or "").lower()
        if key in self.offered:
            event.stop()
            self.dismiss(key)

    def action_pick(self, key: str) -> None:
        """Take a key that was clicked."""
        self.dismiss(key)

    def action_down(self) -> None:
        """Scroll what is shown."""
        self.query_one(VerticalScroll).scroll_page_down(animate=False)

    def action_up(self) -> None:
        """Scroll it back."""
        self.query_one(VerticalScroll).scroll_page_up(animate=False)


class Line(ModalScreen[str | None]):
    """A question, and the line that answers it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "give_up", "give up", priority=True)
    ]

    def __init__(self, question: str) -> None:
        """Keep the question."""
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        """The question above the line."""
        with Vertical(classes="ask line"):
            yield Static(Content(self.question), classes="question")
            yield Input()
            yield Static("ENTER keeps it   ESC gives up", classes="offered")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the line."""
        self.dismiss(event.value.strip())

    def action_give_up(self) -> None:
        """Answer with nothing."""
        self.dismiss(None)


class OverScreen:
    """Puts what a deed asks over the full screen; the deed runs beside it and waits here."""

    def __init__(self, app: "App[Any]") -> None:
        """Ask over this screen."""
        self.app = app
        self.waiting: SimpleQueue[str | None] | None = None

    def choice(self, shown: RenderableType, keys: Mapping[str, str]) -> str:
        """One of the keys offered; x to give up."""
        return self._answer(lambda: Choice(shown, keys)) or NO

    def typed(self, question: str) -> str | None:
        """A line typed; nothing where it was given up."""
        return self._answer(lambda: Line(question))

    def give_up(self) -> None:
        """Let a deed that waits go on without an answer: the screen is leaving."""
        if self.waiting is not None:
            self.waiting.put(None)

    def _answer(self, made: Callable[[], ModalScreen[Any]]) -> str | None:
        answers: SimpleQueue[str | None] = SimpleQueue()
        self.waiting = answers
        self.app.call_from_thread(self._put, made, answers)
        answer = answers.get()
        self.waiting = None
        return answer

    def _put(
        self, made: Callable[[], ModalScreen[Any]], answers: "SimpleQueue[str | None]"
    ) -> None:
        """Put a question over the screen; runs where the screen runs."""

        def answered(answer: str | None) -> None:
            # Only once this question is off the screen: the next one would be taken for it.
            self.app.call_later(answers.put, answer)

        self.app.push_screen(made(), answered)


def _offered(keys: Mapping[str, str]) -> str:
    """The keys in the screen's markup, each to be clicked; numbers listed above as a range."""
    named = "   ".join(
        f"[@click=screen.pick('{key}')][b]{key}[/b] {does}[/]" for key, does in keys.items() if does
    )
    bare = [key for key, does in keys.items() if not does]
    numbers = (
        " to ".join(f"[b]{key}[/b]" for key in dict.fromkeys((bare[0], bare[-1]))) if bare else ""
    )
    return f"{numbers}   {named}".lstrip()
