"""One visit, and what explains it: two areas, three members of staff, one person in three cases."""

from tests.detectors.tables import a_frame, a_lake, kinds

TABLES = {
    "staff": """
        user_id | role     | team | area | valid_from       | valid_to
        U1      | response | T1   | N    |                  | 2026-06-01 00:00
        U1      | custody  | T9   | S    | 2026-06-01 00:00 |
        U2      | response | T1   | N    |                  |
        U3      | response | T2   | N    |                  |
    """,
    "cases": """
        case_ref | area | opened_at        | closed_at
        C1       | N    | 2026-03-10 09:00 | 2026-03-12 09:00
        C2       | S    | 2026-03-10 09:00 |
    """,
    "case_subjects": """
        case_ref | subject_id
        C1       | P1
        C2       | P1
        C3       | P1
    """,
}


def explained(
    moment: str, *, by: str = "U1", of: str = "P1", row: str = "", **tables: str
) -> list[object]:
    """The kinds of explanation found for one visit."""
    names, values = ([part.split("=")[at] for part in row.split()] for at in (0, 1))
    header = " | ".join(["occurred_at", "user_id", "subject_id", *names])
    event = " | ".join([moment, by, of, *values])
    lake = a_lake(events=f"{header}\n{event}", **{**TABLES, **tables})
    return [kind for _, _, kind in kinds(a_frame(lake, "2026-03-01", "2026-08-01"))]


def a_tasking(
    starts_at: str = "2026-03-10 09:00",
    ends_at: str = "2026-03-12 09:00",
    *,
    user: str = "U1",
    team: str = "",
    case: str = "C1",
) -> str:
    """One tasking."""
    return f"""
        user_id | team   | case_ref | starts_at   | ends_at
        {user}  | {team} | {case}   | {starts_at} | {ends_at}
    """


NO_CASES = {"cases": "case_ref", "staff": "user_id"}  # so that the tasking stands alone
