"""How many different people, or things, in a span of days that ends today: as SQL.

A sum over trailing days would count the same person once for every day. Here each person is a span
of days during which they count, spans that touch are one, and what counts on a day is how many
spans hold it. Rows that tie are summed at once (`range`), whatever order they were read in.
"""


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
    return f"""
        select {keys}, {thing}, min(since) as since, max(until) as until
        from (
            select *, sum(begins::int) over ({one} order by since, until
                                             range unbounded preceding) as span_no
            from (
                select *, coalesce(since > lag(until) over ({one} order by since, until), true)
                          as begins
                from (
                    select {keys}, {thing}, day as since,
                           lag(day, {least - 1}) over ({one} order by day) + {days} as until
                    from {seen}
                ) where until > since
            )
        ) group by {keys}, {thing}, span_no
    """


def running(spans_of: str, *, keys: str, sums: str) -> str:
    """SQL of the running totals over spans: the keys, `day`, and each total from that day on.

    Args:
        spans_of: names a relation of spans, which may carry further columns.
        keys: columns, comma-separated.
        sums: totals such as `sum(step) as people`; `step` is 1 where a span begins, -1 where it
            ends.
    """
    return f"""
        select distinct on ({keys}, day) {keys}, day, {_over(sums, keys)}
        from (select *, since as day, 1 as step from {spans_of}
              union all select *, until as day, -1 as step from {spans_of})
    """


def _over(sums: str, keys: str) -> str:
    """Each total as a running one; rows of one day are one step."""
    return ", ".join(
        f"({total} over (partition by {keys} order by day))::bigint as {name}"
        for total, name in (item.split(" as ") for item in sums.split(", "))
    )
