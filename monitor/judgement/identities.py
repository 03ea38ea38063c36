"""Who a case is about, by their ids at the source."""

from dataclasses import dataclass

from alerts.cases import Case
from detectors.model import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Who a case is about, by their ids at the source."""

    user_id: str
    subject_ids: tuple[str, ...]  # the focus first
    focus_type: str


def identities_of(frame: Frame, case: Case) -> Identities:
    """Who a case is about; of a member of staff alone, the people whom the alert lists."""
    user = frame.connection.execute(
        "select user_id from user_code where user_no = $no", {"no": case.user_no}
    ).fetchall()[0][0]
    rows = frame.connection.execute(
        """select subject_no, subject_id, coalesce(subject_type, 'unknown')
           from subject_code left join subject_kind using (subject_no)
           where subject_no in (select unnest($nos::bigint[]))""",
        {"nos": list(case.listed)},
    ).fetchall()
    by_no = {int(no): (str(name), str(kind)) for no, name, kind in rows}
    return Identities(
        user_id=str(user),
        subject_ids=tuple(by_no[no][0] for no in case.listed),
        focus_type="" if case.alone else by_no[case.focus_no][1],
    )
