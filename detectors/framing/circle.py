"""The linked set around a focus: address, vehicle, phone, relatives and associates."""

import duckdb


def lay_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `link`: subject_no and linked_no, both ways, each pair once, nobody linked to themselves."""
    connection.execute("""
        create or replace temp table link as
        with named as (
            select a.subject_no, b.subject_no as linked_no
            from subject_links l
            join subject_code a on a.subject_id = l.subject_id
            join subject_code b on b.subject_id = l.linked_subject_id
        )
        select distinct subject_no, linked_no from (
            select subject_no, linked_no from named union all select linked_no, subject_no from named
        ) where subject_no <> linked_no;
    """)
