"""The walk through the queue: what each key does, with a screen that is written down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from alerts.model import Status
from monitor.access.desk import desk_of
from monitor.cli.triage.pages import pages
from monitor.cli.triage.walk import Walk
from monitor.wiring import Site
from tests.homes import NOW

FIRST, SECOND, THIRD = "A-7F3K9Q2M", "A-9d2mx4tqhq7k", "A-k3vm2qqx7abc"
IDS = ("U00123", "U00777", "P0001", "P0700", "P0900")


@dataclass(slots=True, kw_only=True)
class WrittenScreen:
    """A screen of 80 by 24 whose keys are known beforehand, and which keeps all it shows."""

    keys: Iterator[str]
    lines: Iterator[str | None]
    shown: list[str] = field(default_factory=list)
    height: int = 24

    @property
    def console(self) -> Console:
        """Eighty columns wide."""
        return Console(file=StringIO(), width=80, color_system=None, markup=False, highlight=False)

    def show(self, lines: Sequence[Text], foot: Sequence[Text]) -> None:
        """Keep what is shown; it must fit."""
        assert len(lines) + len(foot) <= self.height
        self.shown.append("\n".join(line.plain.rstrip() for line in (*lines, *foot)))

    def key(self) -> str:
        """The next key known beforehand, then x."""
        return next(self.keys, "x")

    def typed(self, question: str) -> str | None:
        """The next line known beforehand."""
        self.shown.append(question)
        return next(self.lines)


def walked(site: Site, keys: str | Sequence[str], *lines: str | None) -> tuple[Walk, list[str]]:
    """The walk after these keys and lines, and every screen it showed."""
    desk = desk_of(site)
    screen = WrittenScreen(keys=iter(keys), lines=iter(lines))
    walk = Walk(desk=desk, terminal=screen, queue=desk.waiting())
    walk.go()
    return walk, screen.shown


def status(site: Site, alert_id: str) -> Status:
    return site.store.alert(alert_id).status


def test_the_most_pressing_alert_comes_first_and_n_and_p_go_along_the_queue(site: Site) -> None:
    shown = walked(site, "nnnppp")[1]
    fronts = list(dict.fromkeys(screen.split(maxsplit=1)[0] for screen in shown))

    assert fronts == [FIRST, SECOND, THIRD]
    assert any("That was the last of the queue" in screen for screen in shown)
    assert "This is the first of the queue." in shown[-1]


def test_space_goes_through_the_pages_and_begins_again(site: Site) -> None:
    shown = walked(site, " " * 12)[1]
    numbers = [screen.partition("page ")[2][:6] for screen in shown]

    assert len(set(numbers)) >= 3
    assert numbers.count(numbers[-1]) >= 2


@pytest.mark.parametrize("keys", ["   ", "w ", "e", "?", "q", "nw"])
def test_no_screen_is_larger_than_eighty_by_twenty_four_or_names_anybody(
    site: Site, keys: str
) -> None:
    shown = walked(site, keys)[1]

    assert max(cell_len(line) for screen in shown for line in screen.splitlines()) <= 80
    assert [one for one in IDS if any(one in screen for screen in shown)] == []


def test_each_alert_looked_at_is_on_the_chain(site: Site) -> None:
    walked(site, "ne")
    looks = [entry.kind for entry in site.store.chain() if entry.kind.endswith("shown")]

    assert looks == ["alert.shown", "alert.shown", "alert.rows_shown"]


def test_an_alert_is_taken_with_one_key(site: Site) -> None:
    shown = walked(site, "t")[1]

    assert status(site, FIRST) is Status.TAKEN
    assert f"{FIRST}: taken, held by {site.actor}." in shown[-1]


def test_what_does_not_fit_is_said_and_the_walk_goes_on(site: Site) -> None:
    shown = walked(site, "ttn")[1]

    assert any("cannot take while taken; possible:" in screen for screen in shown)
    assert shown[-1].startswith(SECOND)


def test_a_key_without_meaning_says_where_the_keys_are_explained(site: Site) -> None:
    assert "j does nothing here; ? shows the keys." in walked(site, "j")[1][-1]


def test_a_note_is_kept_as_it_was_typed(site: Site) -> None:
    walked(site, "o", "duty sheet asked for")

    assert [note.reason for note in site.store.notes(FIRST)] == ["duty sheet asked for"]


def test_a_note_given_up_changes_nothing(site: Site) -> None:
    before = site.store.notes(FIRST)
    shown = walked(site, "o", None)[1]

    assert "Given up; nothing was changed." in shown[-1]
    assert site.store.notes(FIRST) == before


def test_a_closure_asks_to_take_first_puts_the_questions_and_goes_to_the_next(
    site: Site,
) -> None:
    walk, shown = walked(site, ["c", "y", "6", "d", "y"], "asked", "no roster")
    notes = site.store.notes(FIRST)

    assert status(site, FIRST) is Status.CLOSED
    assert [(note.action, note.disposition) for note in notes] == [
        ("take", None),
        ("close", "cannot_tell"),
    ]
    assert [answer.prompt_id for answer in site.store.prompt_answers(FIRST)] == ["P32"]
    assert shown[-1].startswith(SECOND)
    assert list(walk.told()) == [
        "2 alerts looked at, 2 waiting.",
        f"{FIRST}: closed as cannot tell.",
    ]


def test_a_closure_explained_by_work_asks_which_work(site: Site) -> None:
    walked(site, "cy1dy", "", "tasking 41 of 3 March", "", "asked the unit")

    closed = site.store.notes(FIRST)[-1]

    assert (closed.explanation, closed.reason) == ("tasking 41 of 3 March", "asked the unit")
    assert site.store.allowances() == ()


def test_a_closure_explained_by_work_that_goes_on_asks_until_when(site: Site) -> None:
    walked(site, "cy1dy", "", "family liaison", "+30", "asked the unit")

    [one] = site.store.allowances()

    assert (one.alert_id, one.at, one.decided_as) == (FIRST, NOW, "authority")
    assert one.until.date() == NOW.date() + timedelta(days=30)


def test_an_alert_is_not_closed_while_a_question_is_open(site: Site) -> None:
    shown = walked(site, "cy6s")[1]

    assert "not closed; still to be answered before closing: P32." in shown[-1]
    assert status(site, FIRST) is Status.TAKEN


def test_an_alert_is_referred_to_somebody_for_a_reason(site: Site) -> None:
    walked(site, "ryy", "appropriate authority", "criteria may be met")

    assert status(site, FIRST) is Status.REFERRED
    assert site.store.notes(FIRST)[-1].reason == "to appropriate authority: criteria may be met"


def test_when_nothing_else_waits_it_is_said(site: Site) -> None:
    keys = ["t", "n", "t", "n", "t", "r", "y", "r", "y", "r", "y"]
    shown = walked(site, keys, *("authority", "criteria may be met") * 3)[1]

    assert "Nothing else waits: x to leave." in shown[-1]
    assert {status(site, one) for one in (FIRST, SECOND, THIRD)} == {Status.REFERRED}


def test_questions_are_answered_one_after_another(site: Site) -> None:
    shown = walked(site, "qdn", "considered", "nothing to test")[1]
    answers = [(a.prompt_id, a.answer, a.reason) for a in site.store.prompt_answers(FIRST)]

    assert answers == [
        ("P01", "done", "considered"),
        ("P06", "not needed", "nothing to test"),
    ]
    assert "2 questions answered." in shown[-1]


def test_not_needed_without_a_reason_is_no_answer(site: Site) -> None:
    walked(site, "qnx", "")

    assert site.store.prompt_answers(FIRST) == []


def test_identities_are_shown_for_a_purpose_and_hidden_by_the_same_key(site: Site) -> None:
    shown = walked(site, "uu", "complaint 17")[1]
    purposes = [entry.purpose for entry in site.store.chain() if entry.kind == "alert.shown"]

    assert any("U00123" in screen for screen in shown)
    assert "U00123" not in shown[-1]
    assert purposes == ["", "complaint 17", ""]


def test_identities_without_a_purpose_stay_tokens(site: Site) -> None:
    shown = walked(site, "u", "")[1]

    assert "Tokens stay: no purpose was given." in shown[-1]
    assert not any("U00123" in screen for screen in shown)


@given(
    st.lists(st.sampled_from(("", "word", "a longer line of words")), max_size=90),
    st.integers(3, 30),
)
def test_pages_lose_no_line_that_says_something(lines: list[str], height: int) -> None:
    cut = pages([Text(line) for line in lines], height=height)

    said = [line.plain for page in cut for line in page if line.plain]
    assert said == [line for line in lines if line]
    assert max(map(len, cut)) <= height
