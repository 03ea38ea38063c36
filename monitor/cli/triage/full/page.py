"""One alert whole, in parts that keys lead to."""

from typing import Any, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from alerts.model import Alert
from monitor.access.desk import Desk
from monitor.cli.alerts.holes import holes_over
from monitor.cli.alerts.showing import legal_standing
from monitor.cli.alerts.work import work_on
from monitor.cli.triage.full.keys import PARTS
from monitor.views.casework import asked, done, stage_of
from monitor.views.circle import circle, looked_at
from monitor.views.facts import Evidence, days_of, hours_of
from monitor.views.limits import reach
from monitor.views.page import section
from monitor.views.rows import rows
from monitor.views.strip import calendar, clock
from monitor.views.whole import explained, head, limits_line, measured, provenance, strength
from monitor.views.wording import words

READING = "Reading the rows of the log ..."


class AlertPage(VerticalScroll):
    """The alert in front, as this desk may show it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "page_down", "more", show=False),
        Binding("b", "page_up", "back", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One block a part."""
        for name, _ in PARTS:
            yield Static(id=name)

    def show(self, parts: dict[str, RenderableType]) -> None:
        """Put new contents into the parts; where somebody has scrolled to stays."""
        for name, shown in parts.items():
            self.query_one(f"#{name}", Static).update(shown)

    def go_to(self, part: str) -> None:
        """Bring a part to the top."""
        self.scroll_to_widget(self.query_one(f"#{part}"), top=True, animate=False)


def parts_of(
    desk: Desk, alert: Alert, evidence: Evidence | str, *, with_rows: bool
) -> dict[str, RenderableType]:
    """Every part of an alert, by name.

    Args:
        desk: of whoever looks.
        alert: with its real ids.
        evidence: as the desk may show it, or why there is none.
        with_rows: whether the rows were asked for.
    """
    zone = desk.site.settings.zone
    shown, work = desk.shown(alert), work_on(desk, alert)
    names = {prompt.id for prompt in work.questions(alert, stage_of(alert.status))}
    questions = tuple(prompt for prompt in shown.prompts if prompt.id in names)
    limits, holes = desk.site.prompt_pack.limits, holes_over(desk.site, alert)
    return {
        "summary": head(shown, zone=zone, held_by=work.held_by),
        **_pictures(shown, evidence, zone=zone),
        "waterfall": Group(strength(shown), measured(shown.findings)),
        "explained": Group(explained(shown), reach(shown, limits, holes=holes)),
        "questions": Group(
            asked(shown, questions=questions, work=work), *legal_standing(desk, shown, work=work)
        ),
        "rows": _rows(evidence, zone=zone, with_rows=with_rows),
        "done": Group(
            *done(shown, work=work, zone=zone), provenance(shown, zone=zone), limits_line()
        ),
    }


def _pictures(shown: Alert, evidence: Evidence | str, *, zone: Any) -> dict[str, RenderableType]:
    """The calendar with its hours, and the circle; or why they cannot be drawn."""
    if isinstance(evidence, str):
        return {"calendar": section("When and around whom", words(evidence)), "circle": Text()}
    visits, focus = evidence.visits, shown.focus_subject_id
    by_day = section("Visits by day", calendar(days_of(visits)))
    by_hour = section(f"Visits by hour, {zone.key} time", clock(hours_of(visits, zone)))
    around = circle(focus, looked_at(evidence, focus=focus))
    return {
        "calendar": Group(by_day, by_hour),
        "circle": section("Records looked up", around),
    }


def _rows(evidence: Evidence | str, *, zone: Any, with_rows: bool) -> RenderableType:
    if not with_rows:
        return section("Rows of the log", Text("e shows them; the look goes on the chain."))
    if isinstance(evidence, str):
        return section("Rows of the log", words(evidence))
    return section("Rows of the log", rows(evidence.rows, zone=zone))
