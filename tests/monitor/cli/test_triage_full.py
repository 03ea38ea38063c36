"""The full screen at 80 by 24 and wider: what is in front, what each key does, what it leaves."""

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from alerts.gates import Deed
from alerts.model import Status
from monitor.access.desk import desk_of
from monitor.access.roles import Role
from monitor.cli.triage.full import keys
from monitor.cli.triage.full.screen import Triage
from monitor.wiring import Site
from tests.homes import NOW, joined_by, three_alerts, with_queue
from tests.monitor.views.golden import is_golden

FIRST, SECOND, THIRD = "A-7F3K9Q2M", "A-9d2mx4tqhq7k", "A-k3vm2qqx7abc"
IDS = ("U00123", "U00777", "P0001", "P0700", "P0900")
NARROW, WIDE = (80, 24), (140, 40)


def shown(app: Triage) -> str:
    """The screen as text, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing runs beside the screen but a question that waits for an answer."""
    app = pilot.app
    assert isinstance(app, Triage)
    for _ in range(200):
        await pilot.pause()
        quiet = all(worker.is_finished for worker in app.workers)
        if quiet or (len(app.screen_stack) > 1 and app.asker.waiting is not None):
            break
        await asyncio.sleep(0.02)
    await pilot.pause()


def driven(site: Site, presses: list[str], *, size: tuple[int, int] = NARROW) -> tuple[Triage, str]:
    """The screen after these keys; several letters in one press are typed one after another."""
    app = Triage(desk_of(site))
    seen: list[str] = []

    async def drive() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            for press in presses:
                for key in [press] if press in NAMED else list(press):
                    await pilot.press("space" if key == " " else key)
                await settled(pilot)
            seen.append(shown(app))

    asyncio.run(drive())
    return app, seen[0]


NAMED = {"enter", "escape", "down", "up", "tab", "ctrl+p", "ctrl+c", "slash", "question_mark"}


def status(site: Site, alert_id: str = FIRST) -> Status:
    return site.store.alert(alert_id).status


@pytest.mark.parametrize(
    ("name", "presses", "size"),
    [
        ("triage-narrow", [], NARROW),
        ("triage-queue", ["v"], NARROW),
        ("triage-questions", ["q"], NARROW),
        ("triage-wide", [], WIDE),
    ],
)
def test_the_screen_is_as_it_was_promised(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    presses: list[str],
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(Site, "actor", "reviewer")
    for role in Role:
        joined_by(site, "reviewer", role=str(role))
    text = driven(site, presses, size=size)[1]

    assert is_golden(name, _without_tokens(text, site))


def _without_tokens(text: str, site: Site) -> str:
    """The screen with the tokens of this home, whose key is its own, put in plain words."""
    for alert in three_alerts():
        for user_id in alert.user_ids:
            text = text.replace(site.masker.staff(user_id), "M-STAFF0")
        for subject_id in alert.subject_ids:
            text = text.replace(site.masker.record(subject_id), "P-PERSON")
    return text


@pytest.mark.parametrize("presses", [["v"], ["q"], ["2"], ["e"], ["question_mark"]])
def test_no_screen_names_anybody_or_is_wider_than_eighty(site: Site, presses: list[str]) -> None:
    text = driven(site, presses)[1]

    assert [one for one in IDS if one in text] == []
    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) <= 24


def test_every_key_is_at_the_foot_and_in_the_palette(site: Site) -> None:
    app, text = driven(site, [])
    titles = " ".join(command.title for command in app.get_system_commands(Screen()))

    assert [key.does for key in keys.ALL if f"{key.shown} {key.does}" not in text] == []
    assert [key.says for key in keys.ALL if key.says not in titles] == ["Every command by name"]


def test_each_alert_opened_is_on_the_chain_and_pointing_is_no_look(site: Site) -> None:
    driven(site, ["v", "down", "down", "enter", "e"])
    looks = [(e.kind, e.about) for e in site.store.chain() if e.kind.endswith("shown")]

    assert looks == [
        ("alert.shown", FIRST),
        ("alert.shown", THIRD),
        ("alert.rows_shown", THIRD),
    ]


def test_an_alert_is_taken_noted_and_referred_and_the_next_comes_to_the_front(site: Site) -> None:
    app, text = driven(
        site,
        [
            *("t", "o", "duty sheet asked for", "enter"),
            *("r", "authority", "enter", "criteria may be met", "enter", "y"),
        ],
    )

    assert status(site) is Status.REFERRED
    assert [note.action for note in site.store.notes(FIRST)] == ["take", "note", "refer"]
    assert "alert 1 of 2" in text
    assert f"{FIRST}: referred" in "\n".join(app.told())


def test_a_closure_puts_its_questions_and_asks_which_work(site: Site) -> None:
    driven(
        site,
        [
            *("c", "y", "1", "d", "enter", "tasking 41", "enter", "enter"),
            *("asked the unit", "enter", "y"),
        ],
    )
    closed = site.store.notes(FIRST)[-1]

    assert status(site) is Status.CLOSED
    assert (closed.explanation, closed.reason) == ("tasking 41", "asked the unit")


def test_what_is_given_up_changes_nothing(site: Site) -> None:
    text = driven(site, ["o", "half a sent", "escape"])[1]

    assert "Given up; nothing was changed." in text
    assert site.store.notes(FIRST) == []


def test_a_refusal_is_said_whole_with_what_is_possible(site: Site) -> None:
    text = driven(site, ["a"])[1]

    assert "cannot reopen while open; possible: take, assign, note" in text


def test_a_query_chooses_and_a_bad_one_is_refused_with_the_keys(site: Site) -> None:
    refused = driven(site, ["slash", "colour=red", "enter"])[1]
    chosen = driven(site, ["slash", "family=curiosity", "enter"])[1]

    assert "possible: family, status, priority" in refused
    assert f"alert 1 of 1  {THIRD}" in chosen


def test_identities_are_shown_for_a_purpose_and_hidden_by_the_same_key(site: Site) -> None:
    unmasked = driven(site, ["u", "complaint 17", "enter"])[1]
    masked = driven(site, ["u", "complaint 17", "enter", "u"])[1]
    purposes = [entry.purpose for entry in site.store.chain() if entry.kind == "alert.shown"]

    assert "U00123" in unmasked
    assert "U00123" not in masked
    assert purposes == ["", "complaint 17", "", "complaint 17", ""]


def test_where_two_decide_identities_stay_tokens_until_they_are_opened(root: Path) -> None:
    site = with_queue(root, three_alerts(), two=True)
    joined_by(site, "second")
    text = driven(site, ["u", "complaint 17", "enter"], size=WIDE)[1]

    assert "U00123" not in text
    assert "identities need a second person in this home" in text
    assert "psdmon access request" in text


def test_leave_to_see_one_alert_names_nobody_of_another(root: Path) -> None:
    site = with_queue(root, three_alerts(), two=True)
    joined_by(site, "second")
    wanted = {"wanted": "identities", "role": "", "hours": 8}
    asked = site.store.record(
        "access.requested", actor=site.actor, at=NOW, about=FIRST, purpose="c 17", facts=wanted
    )
    answer = {"request": asked.seq}
    site.store.record("access.approved", actor="second", at=NOW, about=FIRST, facts=answer)
    front = driven(site, ["u", "complaint 17", "enter"], size=WIDE)[1]
    next_one = driven(site, ["u", "complaint 17", "enter", "n"], size=WIDE)[1]

    assert "P0001" in front
    assert "P0700" not in front
    assert [one for one in IDS if one in next_one] == []


def test_what_waits_is_agreed_to_by_somebody_else_and_never_by_oneself(root: Path) -> None:
    site = with_queue(root, three_alerts(), two=True)
    silence = {"detector": "circle", "expires_at": "2026-04-01T00:00:00Z"}
    for actor, alert_id in ((site.actor, FIRST), ("second", SECOND)):
        said = {"reason": "liaison", "actor": actor, "at": NOW}
        site.store.ask(alert_id, deed=Deed.SUPPRESS, asked=silence, **said)
    own = driven(site, ["y", "1", "c", "enter"])[1]
    theirs = driven(site, ["y", "2", "c", "enter"])[1]

    assert "asked for it and may not answer it; possible: somebody else" in own.replace("\n", " ")
    assert "agreed" in theirs
    assert [one.alert_id for one in site.store.suppressions(at=NOW)] == [SECOND]


def test_nothing_needs_a_colour(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = driven(site, ["v", "down"])[1]

    assert "> high   A-9d2mx4tqhq7k 4 d open" in text


def test_an_empty_queue_clears_nobody(site: Site) -> None:
    text = driven(site, ["slash", "family=leak", "enter"])[1]

    assert "No alert fits what was asked for" in text
