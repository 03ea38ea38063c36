"""`psdmon alerts candidates`: what came near an alert and is none, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import click
from rich.table import Column
from rich.text import Text

from alerts.candidates import SAYS, Candidate, Reason
from alerts.model import Alert, Status
from monitor.access.desk import Desk
from monitor.cli import output
from monitor.cli.alerts.options import desk_asked, unmask_options
from monitor.cli.options import json_option, pass_site
from monitor.views.wording import SENTENCE, quantity
from monitor.wiring import Site

_SHOWN_DAYS: Final = 28  # up to and with the last judged day, where no day is named


@click.command("candidates")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help=f"Of this day, UTC; without it, of the last {_SHOWN_DAYS} days judged.",
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    type=click.Choice([reason.value for reason in Reason]),
    help="Only for these reasons; may be given more than once.",
)
@unmask_options
@json_option
@pass_site
def candidates(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    day: datetime | None,
    reasons: tuple[str, ...],
    unmask: bool,
    purpose: str,
    break_glass: str,
    as_json: bool,
) -> None:
    """Show who came near an alert and has none, and why.

    Everybody beyond the lower floor of the settings (judging.ledger_least_user_years) on a judged
    day: below the floor of the budget, over the weekly cap, held back by a suppression, part of an
    alert, answered by a closed one, or explained. It is a check of the tool, and no queue: nobody
    in it is to be worked on for being in it.

    Example: psdmon alerts candidates --reason cap
    """
    desk = desk_asked(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    first, last = _span(site, day.date() if day else None)
    asked = set(reasons)
    found = [
        (on, one)
        for on, one in desk.candidates(first=first, last=last)
        if not asked or one.reason in asked
    ]
    desk.looked("alert.candidates_listed", candidates=len(found), day=first, until=last)
    raised = standing_by_pair(desk.alerts())
    if as_json:
        output.as_json(_document(desk, found, raised=raised))
        return
    _print(desk, found, raised=raised)


def standing_by_pair(alerts: Sequence[Alert]) -> Mapping[tuple[str, str], Alert]:
    """The alert that stands on each member of staff and focus."""
    return {
        (user_id, alert.focus_subject_id): alert
        for alert in alerts
        for user_id in alert.user_ids
        if alert.status is not Status.CLOSED
    }


def counted_by_reason(found: Sequence[tuple[date, Candidate]]) -> dict[str, int]:
    """How many pairs of member of staff and focus there are for each reason, days not counted."""
    pairs = {(one.user_id, one.focus_subject_id, one.reason) for _, one in found}
    return dict(sorted(Counter(str(reason) for _, _, reason in pairs).items()))


def waiting_over_cap(desk: Desk, *, last: date) -> int:
    """How many were over the weekly cap in the week to a day, and have no alert since."""
    raised = standing_by_pair(desk.alerts())
    found = desk.candidates(first=last - timedelta(days=6), last=last)
    return len(
        {
            (one.user_id, one.focus_subject_id)
            for _, one in found
            if one.reason is Reason.CAP and (one.user_id, one.focus_subject_id) not in raised
        }
    )


def _span(site: Site, day: date | None) -> tuple[date | None, date | None]:
    if day is not None:
        return day, day
    last = max(site.store.days.judged(), default=None)
    return (last - timedelta(days=_SHOWN_DAYS - 1) if last else None), last


def _document(
    desk: Desk,
    found: Sequence[tuple[date, Candidate]],
    *,
    raised: Mapping[tuple[str, str], Alert],
) -> dict[str, Any]:
    return {
        "candidates": [
            {
                "day": on.isoformat(),
                "user_id": _staff(desk, one),
                "focus_subject_id": _record(desk, one),
                "recurrence_interval": {"value": one.interval, "unit": "user-years"},
                "reason": str(one.reason),
                "ref": one.ref,
                "says": one.says,
                "alert_id": _now(one, raised),
            }
            for on, one in found
        ],
        "pairs_by_reason": counted_by_reason(found),
        "masked": not desk.shows_candidates(),
        "notice": SENTENCE,
    }


def _print(
    desk: Desk,
    found: Sequence[tuple[date, Candidate]],
    *,
    raised: Mapping[tuple[str, str], Alert],
) -> None:
    columns = ("day", "staff", "looked up", "once in", Column("why", overflow="fold"), "alert now")
    rows = [
        (
            on.isoformat(),
            _staff(desk, one),
            _record(desk, one) or "(many)",
            quantity(one.interval),
            one.says,
            _now(one, raised),
        )
        for on, one in found
    ]
    told = "; ".join(
        f"{SAYS[Reason(name)]} {number}" for name, number in counted_by_reason(found).items()
    )
    with output.paged() as console:
        if rows:
            console.print(output.table(*columns, rows=rows))
            console.print(Text(f"Pairs of member of staff and focus: {told}."))
        else:
            console.print(Text("Nobody came near an alert in these days, as far as you may know."))
        console.print(Text("Being here is no mark against anybody.", style="dim"))


def _now(one: Candidate, raised: Mapping[tuple[str, str], Alert]) -> str:
    alert = raised.get((one.user_id, one.focus_subject_id))
    return alert.alert_id if alert else ""


def _staff(desk: Desk, one: Candidate) -> str:
    return one.user_id if desk.shows_candidates() else desk.site.masker.staff(one.user_id)


def _record(desk: Desk, one: Candidate) -> str:
    focus = one.focus_subject_id
    return focus if desk.shows_candidates() else desk.site.masker.record(focus)
