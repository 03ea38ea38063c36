"""What the reference tables say of the people looked up, as far as a detector may ask."""

import duckdb

from detectors.framing.groundwork import lay_together


def lay_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `subject_fact`: subject_no, kind, area, surname in small letters, markers as words.

    Of a person with several ids the row under their own id speaks first. Sex and age are left out:
    no detector may ask for them (data-protection assessment). What an earlier frame of the same
    records told of a person stands.
    """
    connection.execute("""
        create or replace temp table subject_fact as
        select a.subject_no,
               arg_min(s.subject_type, a.subject_id <> a.named_id) as kind,
               arg_min(s.area, a.subject_id <> a.named_id) as area,
               arg_min(lower(trim(s.surname)), a.subject_id <> a.named_id) as surname,
               list_distinct(flatten(list(
                   list_transform(string_split(lower(coalesce(s.markers, '')), ';'),
                                  lambda word: replace(trim(word), ' ', '_'))
               ))) as markers
        from subjects s join subject_alias a using (subject_id)
        semi join new_subject_code c on c.subject_no = a.subject_no group by a.subject_no
    """)
    lay_together(connection, "subject_fact")
