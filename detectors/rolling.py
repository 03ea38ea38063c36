"""What was done, and with how many different people, in days that end today: as SQL.

A sum over trailing days would count the same person once for every day. Here each person is a span
of days during which they count, spans that touch are one, and what counts on a day is how many
spans hold it. Rows that tie are summed at once (`range`), whatever order they were read in.
"""

from collections.abc import Iterable


def spans(seen: str, *, keys: str, thing: str, days: int, least: int = 1) -> str:
    """SQL of the spans of days on which a thing was seen often enough in the days before.

    Args:
        seen: names a relation with the keys, the thing and a `day`; several rows a day count each.
        keys: columns, comma-separated, of whom the things are counted for.
        thing: a column; what is counted once.
        days: that a row counts for, its own included.
        least: rows within the days, from which the thing counts.

    Returns:
        A query of the keys, the thing, `since` and `until` (excluded), no two spans touching.
    """
    one = f"partition by {keys}, {thing}"
    counts_until = (
        f"day + {days}"
        if least == 1
        else f"lag(day, {least - 1}) over ({one} order by day) + {days}"
    )
    within = f"{one} order by since, until, begins desc"
    return f"""
        select {keys}, {thing}, since,
               case when ends then until else lead(until) over ({within}) end as until
        from (
            select {keys}, {thing}, since, until,
                   coalesce(since > lag(until) over mine, true) as begins,
                   coalesce(lead(since) over mine > until, true) as ends
            from (
                select {keys}, {thing}, day as since, {counts_until} as until from {seen}
            ) where until > since
            window mine as ({one} order by since, until)
        ) where begins or ends qualify begins
    """


def in_windows(counted: str, *, windows_days: Iterable[int]) -> str:
    """SQL of the active rows and what their pair did in each window that ends on the day.

    Args:
        counted: over a `{window}` of the pair's days, such as `sum(open_days) over {window}`.
        windows_days: how many days each window holds, the row's own included.

    Returns:
        A query of `row_no`, and of `days_N` for each window of N days.
    """
    sums = ", ".join(
        counted.format(
            window=f"(pair range between interval {days - 1} day preceding and current row)"
        )
        + f" as days_{days}"
        for days in windows_days
    )
    return f"""
        with rolling as (
            select user_no, subject_no, day, {sums}
            from pair_day semi join active using (user_no, subject_no)
            window pair as (partition by user_no, subject_no order by day)
        )
        select row_no, rolling.* exclude (user_no, subject_no, day)
        from active join rolling using (user_no, subject_no, day)
    """


def running(spans_of: str, *, keys: str, sums: str) -> str:
    """SQL of the running totals over spans: the keys, `day`, and each total from that day on.

    Args:
        spans_of: names a relation of spans, which may carry further columns.
        keys: columns, comma-separated.
        sums: totals such as `sum(step) as people`; `step` is 1 where a span begins, -1 where it
            ends.
    """
    totals = ", ".join(
        f"sum({name}) over (partition by {keys} order by day)::bigint as {name}"
        for _, name in (item.split(" as ") for item in sums.split(", "))
    )
    return f"""
        select {keys}, day, {totals}
        from (
            select {keys}, day, {sums}
            from (select *, since as day, 1 as step from {spans_of}
                  union all select *, until as day, -1 as step from {spans_of})
            group by {keys}, day
        )
    """
