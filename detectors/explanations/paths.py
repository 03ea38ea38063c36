"""The way from a visit to the work that explains it, in words and without an identity."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from detectors.explanations.laying import bound
from detectors.explanations.templates import Template
from detectors.model import Limits

# A word of a code list, in one case: what is written like a name or holds a figure is left out.
_CODE = re.compile(r"[a-z][a-z _-]{0,39}|[A-Z][A-Z _-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What leads from some visits to one case: facts of the case, and of who was sent to it."""

    visits: int  # of those asked about, that this case explains
    type: str  # of the case; empty where none is told
    opened_on: date | None  # UTC
    tasked_on: date | None  # UTC, of the first tasking to it
    tasked: int  # members of staff with a tasking of their own
    with_team: bool  # a whole team was tasked
    party: str  # what the person looked up is in it; empty where the path goes by way of another
    came_after: bool  # the case was opened after a look that nothing else explains
    written_on: date | None  # UTC, where the tasking was written down late

    @property
    def words(self) -> str:
        """The path as half a sentence: names no person and no reference."""
        sent = f"; tasked from {self.tasked_on:%-d %B %Y}" if self.tasked_on else ""
        alone = {0: "", 1: ", one member of staff"}.get(self.tasked, f", {self.tasked} staff")
        who = (alone + (", with a team" if self.with_team else "")) if sent else ""
        opened = f" opened on {self.opened_on:%-d %B %Y}" if self.opened_on else ""
        named = f"; it names this person as {_plain(self.party)}" if _plain(self.party) else ""
        kind = _plain(self.type)
        a = "an" if kind[:1] in set("aeiou") else "a"
        return f"{f'{a} {kind} case' if kind else 'a case'}{opened}{sent}{who}{named}{self._doubt}"

    @property
    def _doubt(self) -> str:
        """Why the tasking does not explain directly; empty where it does."""
        if self.came_after:
            return "; it was opened after a look that no record explains"
        return f"; written down on {self.written_on:%-d %B %Y}" if self.written_on else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A person's decision that some lookups are legitimate until a day."""

    visits: int  # of those asked about, that it explains
    until_on: date  # UTC; a lookup from here on counts again
    decided_on: date  # UTC
    decided_as: str  # the role of whoever decided; empty where none is told

    @property
    def words(self) -> str:
        """The decision as half a sentence: names no person."""
        who = f" by {_whose(self.decided_as)}" if _plain(self.decided_as) else ""
        return (
            f"a decision of {self.decided_on:%-d %B %Y}{who}: decided legitimate until"
            f" {self.until_on:%-d %B %Y}"
        )


def decision_of(
    connection: duckdb.DuckDBPyConnection, *, visit_nos: Sequence[int]
) -> Decided | None:
    """The decision that explains the most of some visits, or nothing if none does.

    Args:
        connection: with a frame laid.
        visit_nos: of the frame.
    """
    rows = connection.execute(
        """
        select count(*) as visits, a.until_at::date, a.from_at::date, a.decided_as
        from visit_plain v join allowed a
          on a.user_no = v.user_no and a.subject_no = v.subject_no
         and v.started_at >= a.from_at and v.started_at < a.until_at
        where v.visit_no in (select unnest($visits::bigint[]))
        group by a.user_no, a.subject_no, a.from_at, a.until_at, a.decided_as
        order by visits desc, a.until_at desc, a.from_at, a.decided_as limit 1
        """,
        {"visits": list(visit_nos)},
    ).fetchall()
    if not rows:
        return None
    visits, until_on, decided_on, decided_as = rows[0]
    return Decided(
        visits=int(visits), until_on=until_on, decided_on=decided_on, decided_as=decided_as
    )


def _whose(role: str) -> str:
    """A role with its article: one holds the authority, several may review."""
    return f"{'the' if role == 'authority' else 'a'} {_plain(role)}"


def path_of(
    connection: duckdb.DuckDBPyConnection,
    template: Template,
    limits: Limits,
    *,
    visit_nos: Sequence[int],
    focus_no: int,
) -> Path | None:
    """The path by which one template explains the most of some visits, or nothing if it does not.

    Args:
        connection: with a frame laid.
        template: whose path is told.
        limits: that the frame was laid with.
        visit_nos: of the frame.
        focus_no: the person whose part in the case is told, where the visits are to several.
    """
    rows = connection.execute(
        f"""
        with found as (
            select distinct visit_no, case_no from ({template.sql})
            where visit_no in (select unnest($visits::bigint[]))
        ), most as (
            select case_no, count(*) as visits,
                   arg_min(subject_no, (subject_no <> $focus, visit_no)) as subject_no
            from found join visit_plain using (visit_no) group by case_no
            order by visits desc, case_no limit 1
        ), sent as (
            select min(from_at) as tasked_at, count(distinct user_no) as tasked,
                   coalesce(bool_or(user_no is null), false) as with_team,
                   max(trusted_from) filter (trusted_from > timestamp '0001-01-01') as trusted_from
            from claim where case_no = (select case_no from most)
        )
        select m.visits, coalesce(c.type, ''), nullif(c.opened_at, timestamp '0002-01-01')::date,
               s.tasked_at::date, s.tasked, s.with_team, coalesce(p.role, ''),
               coalesce(s.trusted_from = timestamp '9999-01-01', false),
               nullif(s.trusted_from, timestamp '9999-01-01')::date
        from most m cross join sent s
        left join case_span c using (case_no)
        left join party p on p.case_no = m.case_no and p.subject_no = m.subject_no
        """,
        {**bound(limits, template.sql), "visits": list(visit_nos), "focus": focus_no},
    ).fetchall()
    if not rows:
        return None
    visits, kind, opened_on, tasked_on, tasked, with_team, party, came_after, written_on = rows[0]
    return Path(
        visits=int(visits),
        type=kind,
        opened_on=opened_on,
        tasked_on=tasked_on,
        tasked=int(tasked),
        with_team=bool(with_team),
        party=party,
        came_after=bool(came_after),
        written_on=written_on,
    )


def _plain(code: str) -> str:
    """The code in words; empty for anything that might be more than a code."""
    return code.replace("_", " ").casefold() if _CODE.fullmatch(code) else ""
