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


def lay_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `subject_kind`: what each record is of, as the reference table or else the log has it."""
    connection.execute("""
        create or replace temp table subject_kind as
        with told as (
            select subject_id, min(subject_type) as subject_type, 1 as rank from subjects
            where subject_type is not null group by subject_id
            union all
            select subject_id, mode(subject_type), 2 from access_kind group by subject_id
        )
        select c.subject_no, arg_min(t.subject_type, t.rank) as subject_type
        from told t join subject_code c using (subject_id) group by c.subject_no
    """)
