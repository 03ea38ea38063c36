"""The linked set around a focus: address, vehicle, phone, relatives and associates."""

import duckdb

from detectors.framing.groundwork import Groundwork

MOST_LINKS = 60  # a record with more is an institution's, or everybody's: it joins nobody to nobody


def lay_links(connection: duckdb.DuckDBPyConnection, *, groundwork: Groundwork | None) -> None:
    """Lays `link`: subject_no and linked_no, both ways, each pair once, nobody to themselves.

    Records with more links than a person's circle has (a hospital, a hostel, a police station) have
    none here: through them strangers would be linked to one another. Links have no date, so that
    those of an earlier frame of the same records are all there are.
    """
    if groundwork is not None:
        connection.execute("create temp view link as from before_link")
        return
    connection.execute(f"""
        create or replace temp table link as
        with named as (
            select a.subject_no, b.subject_no as linked_no
            from subject_links l
            join subject_alias a on a.subject_id = l.subject_id
            join subject_alias b on b.subject_id = l.linked_subject_id
            where a.subject_no <> b.subject_no
        ), tied as (
            select subject_no, linked_no from named union select linked_no, subject_no from named
        ), hub as (select subject_no from tied group by all having count(*) > {MOST_LINKS})
        select subject_no, linked_no from tied
        where subject_no not in (from hub) and linked_no not in (from hub)
    """)


def lay_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `subject_kind`: what each record is of, by the reference table, or else by the log."""
    connection.execute("""
        create or replace temp table subject_kind as
        with told as (
            select subject_no, subject_type, 1 as rank, count(*) as times
            from subjects join subject_alias using (subject_id)
            where subject_type is not null group by subject_no, subject_type
            union all
            select subject_no, subject_type, 2, sum(times) from access_kind group by all
        )
        select subject_no, arg_min(subject_type, (rank, -times, subject_type)) as subject_type
        from told group by subject_no
    """)
