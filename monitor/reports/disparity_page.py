"""The report on alert rates by group."""

from collections import Counter
from collections.abc import Sequence

from monitor.reports.disparity import FAIR, FEWEST, GroupRate, Member, rates
from monitor.reports.page import Page, Section, Table, cells
from monitor.views.wording import count, plain_name


def disparity_page(
    members: Sequence[Member], kinds: Sequence[str], *, span: str, written: str, drawn: int = 0
) -> Page:
    """The report: one table a kind of group, and what stands outside."""
    tables = {kind: rates(members, kind) for kind in kinds}
    outside = [rate for found in tables.values() for rate in found if rate.outside]
    unknown = sum(not member.groups for member in members)
    alerts = sum(member.alerts for member in members)
    return Page(
        kind="disparity",
        title="Alert rates by group",
        lead=(
            f"{count(alerts, 'alert')} on {count(len(members), 'active member')} of staff;"
            f" {count(len(outside), 'group')} outside {FAIR[0]} to {FAIR[1]}."
        ),
        about=(
            ("Span", span),
            ("Written", written),
            ("Drawn at random for audit", f"{count(drawn, 'alert')}, left out of every rate"),
            ("Not in the audit copy", count(unknown, "member") + " of staff"),
            ("Model", "Poisson: alerts ~ offset(log user-weeks) + role + group, METHODS 4.3"),
        ),
        sections=(
            *(
                _section(kind, found, hidden=_hidden(members, kind))
                for kind, found in tables.items()
            ),
            _limits(),
        ),
    )


def _section(kind: str, found: Sequence[GroupRate], *, hidden: int) -> Section:
    rows = (
        cells(
            rate.group,
            rate.people,
            f"{rate.weeks:,.0f}",
            rate.alerts,
            f"{rate.expected:.1f}",
            f"{rate.ratio.value:.2f}" if rate.ratio else "-",
            f"{rate.ratio.low:.2f} to {rate.ratio.high:.2f}" if rate.ratio else "-",
            rate.says,
        )
        for rate in found
    )
    outside = (f"{rate.group}: {rate.says}." for rate in found if rate.outside)
    said = f"{count(hidden, 'group')} of fewer than {FEWEST} people not shown."
    return Section(
        heading=f"By {plain_name(kind)}",
        warns=tuple(outside),
        says=(said,) if hidden else (),
        tables=(
            Table(
                caption=f"Alerts by {plain_name(kind)}, within role",
                head=(
                    *("Group", "People", "User-weeks", "Alerts", "Expected by role"),
                    *("Ratio", "95 % interval", "In words"),
                ),
                rows=tuple(rows),
                none=f"no group has {FEWEST} people or more.",
            ),
        ),
    )


def _hidden(members: Sequence[Member], kind: str) -> int:
    people = Counter(member.groups[kind] for member in members if kind in member.groups)
    return sum(number < FEWEST for number in people.values())


def _limits() -> Section:
    return Section(
        heading="What this can say, and what it cannot",
        points=(
            "A ratio compares alerts, not conduct, and within a role only.",
            "Alerts on one person are not independent: the intervals are somewhat too narrow.",
            "Weeks are those in which the account was active; a part-time week counts as a week.",
            "Where a group stands outside: widen or stratify the null; never make it an input.",
            "Whether people looked up in some groups are missed is not tested here.",
        ),
    )
