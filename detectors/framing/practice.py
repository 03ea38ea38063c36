"""How much of a member of staff's work is on file, whoever it was with."""

import duckdb

_APART_DAYS = 28  # without a row, after which another look at a person is another engagement
_WINDOW_DAYS, _SETTLED_DAYS = 90, 14


def lay_practice(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `practice`: for each row of `active`, engagements of its user with everybody else.

    An engagement begins on a day on which the user had not looked at the person for four weeks; it
    is unexplained if no template explains a visit of that first day. Those that a tasking explains
    count here, though they are not judged. Both are of the last 90 days, the last fourteen left
    out: what is going on now is no practice yet.
    """
    span = (
        f"range between interval {_WINDOW_DAYS - 1} day preceding "
        f"and interval {_SETTLED_DAYS} day preceding"
    )
    connection.execute(f"""
        create or replace temp table practice as
        with begun as (
            select user_no, subject_no, day, level = 0 as bare, coalesce(day - lag(day) over (
                partition by user_no, subject_no order by day) >= {_APART_DAYS}, true) as begins
            from pair_day semi join active using (user_no)
            where day >= (select min(day) from active) - {_WINDOW_DAYS + _APART_DAYS}
        ), with_all as (
            select user_no, day, sum(count(*) filter (begins)) over (mine {span}) as engagements,
                   sum(count(*) filter (begins and bare)) over (mine {span}) as unexplained
            from begun group by user_no, day window mine as (partition by user_no order by day)
        ), with_one as (
            select user_no, subject_no, day, sum(begins::int) over (pair {span}) as engagements,
                   sum((begins and bare)::int) over (pair {span}) as unexplained
            from begun window pair as (partition by user_no, subject_no order by day)
        )
        select row_no,
               coalesce(w.engagements, 0) - coalesce(o.engagements, 0) as engagements,
               coalesce(w.unexplained, 0) - coalesce(o.unexplained, 0) as unexplained
        from active join with_all w using (user_no, day)
        join with_one o using (user_no, subject_no, day)
    """)
