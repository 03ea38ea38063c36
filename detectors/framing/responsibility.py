"""Which role answers for which type of case, learned from what taskings explained before."""

from datetime import datetime, timedelta

import duckdb

from detectors.framing.groundwork import Groundwork
from detectors.model import Limits


def learned_from(moment: datetime, limits: Limits) -> datetime:
    """The first moment from which something is learned for the week of a moment."""
    monday = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    return min(moment, monday - timedelta(weeks=limits.responsibility_weeks))


def lay_responsibilities(
    connection: duckdb.DuckDBPyConnection, limits: Limits, *, groundwork: Groundwork | None
) -> None:
    """Lays `responsible`: role, type of case, and the week (its Monday) in which the role has it.

    Of the pairs of a member of staff in the role and a person whose case of the type was open, so
    many must have been looked up in the weeks before, and such a share of them by somebody tasked
    to that very case. A pair counts once a week: whoever has the tasking looks often, and a missing
    record blanks all looks at once. Nothing of the week itself or after it is learned from.

    What was learned before stands: all weeks of a frame that goes on from another were before it.

    Source: Fabbri, LeFevre, Explaining accesses to electronic medical records using diagnosis
    information, JAMIA, 2013.
    """
    if groundwork is not None:
        connection.execute("create temp view responsible as from before_responsible")
        return
    connection.execute(
        """
        create or replace temp table responsible as
        with look as (
            select user_no, subject_no, day, min(occurred_at) as at from access
            where subject_no in (select subject_no from party) group by all
        ), engaged as (
            select m.role, c.type, l.user_no, l.subject_no, date_trunc('week', l.day)::date as week,
                   bool_or(k.case_no is not null) as tasked
            from look l join post m on m.user_no = l.user_no
                       and l.at >= m.valid_from and l.at < m.valid_to
            join party p on p.subject_no = l.subject_no
            join case_span c on c.case_no = p.case_no
                            and l.at >= c.opened_at - $before and l.at < c.closed_at + $after
            left join claim k on k.case_no = c.case_no and k.subject_no = l.subject_no
                             and (k.user_no = l.user_no or (k.user_no is null and k.team = m.team))
                             and l.at >= k.from_at - $before and l.at < k.until_at + $after
                             and l.at >= k.trusted_from
            where m.role is not null and c.type is not null
            group by all
        ), weekly as (
            select role, type, week, count(*) as pairs, count(*) filter (tasked) as tasked
            from engaged group by all
        ), learned as (
            select role, type, pairs, tasked,
                   unnest(range(week + 7, week + 7 * ($weeks + 1), interval 7 day))::date as week
            from weekly
        )
        select role, type, week from learned group by all
        having sum(tasked) >= $least_pairs and sum(tasked) >= $least_share * sum(pairs)
        """,
        {
            "before": limits.before,
            "after": limits.after,
            "weeks": limits.responsibility_weeks,
            "least_pairs": limits.responsibility_pairs,
            "least_share": limits.responsibility_share,
        },
    )
