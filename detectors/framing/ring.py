"""Which people come together: one circle, or one case, is one reason to look at all of them."""

import duckdb


def lay_rings(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `ring`: subject_no and ring_no, the same for people of one circle or one case.

    The number is the least of the person's own, of those linked to them and of the parties of
    their cases: one step, so that a chain of acquaintances does not become one ring.
    """
    connection.execute("""
        create or replace temp table ring as
        with near as (
            select subject_no, min(linked_no) as ring_no from link group by all
            union all
            select p.subject_no, min(c.first_no)
            from party p join (
                select case_no, min(subject_no) as first_no from party group by all
            ) c using (case_no) group by all
        ), least_of as (select subject_no, min(ring_no) as ring_no from near group by all)
        select subject_no, least(subject_no, ring_no) as ring_no
        from (select distinct subject_no from subject_code) left join least_of using (subject_no)
    """)
