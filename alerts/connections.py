"""What records say of a member of staff and a person beyond the accesses themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from detectors.model import Frame

_AFTER_CHANGE_DAYS = 7  # a look this soon after a new address or telephone follows the change


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Facts that decide which questions an alert carries; False means not known."""

    people_around: int  # people among the linked records, the focus not counted
    personal: bool  # declared, own record, household or own address
    looked_after_change: bool  # within a week of a new address or telephone
    own_record: bool  # the focus is the member of staff


def connections(  # noqa: PLR0913 whose, with whom and when, each named
    frame: Frame,
    *,
    user_id: str,
    subject_ids: Sequence[str],
    start: datetime,
    end: datetime,
    beside: Collection[str] = (),
) -> Connections:
    """The connections of one member of staff with the records of a case.

    Args:
        frame: whose connection offers the reference tables and `evidence_row`.
        user_id: of the member of staff.
        subject_ids: the focus first, then the records around it.
        start: of the episode.
        end: rows from here on do not count.
        beside: of the records, those that nothing links to the focus.
    """
    values = {"user": user_id, "subjects": list(subject_ids)}
    own = _any(frame, _OWN_RECORD, {"user": user_id, "subjects": list(subject_ids[:1])})
    return Connections(
        people_around=_people(frame, [one for one in subject_ids[1:] if one not in beside]),
        personal=own or _any(frame, _DECLARED, values) or _any(frame, _HOUSEHOLD, values),
        looked_after_change=_any(
            frame,
            _AFTER_CHANGE,
            {**values, "start": _naive(start), "end": _naive(end)},
        ),
        own_record=own,
    )


_OWN_RECORD = """
    select 1 from staff
    where user_id = $user and person_subject_id in (select unnest($subjects::varchar[]))
"""

_DECLARED = """
    select 1 from declared_associations
    where user_id = $user and subject_id in (select unnest($subjects::varchar[]))
"""

# The member of staff's own person or address is one of the records, or is linked to one of them.
_HOUSEHOLD = """
    with own as (
        select person_subject_id as subject_id from staff where user_id = $user
        union select address_subject_id from staff where user_id = $user
    ), near as (
        select unnest($subjects::varchar[]) as subject_id
        union select linked_subject_id from subject_links
              where subject_id in (select unnest($subjects::varchar[]))
        union select subject_id from subject_links
              where linked_subject_id in (select unnest($subjects::varchar[]))
    )
    select 1 from own join near using (subject_id) where own.subject_id is not null
"""

_AFTER_CHANGE = f"""
    select 1 from record_changes c
    join subject_code s using (subject_id)
    join user_code u on u.user_id = $user
    join evidence_row r on r.user_no = u.user_no and r.subject_no = s.subject_no
    where c.subject_id in (select unnest($subjects::varchar[]))
      and (c.field ilike '%address%' or c.field ilike '%phone%')
      and r.occurred_at >= c.changed_at
      and r.occurred_at < c.changed_at + interval {_AFTER_CHANGE_DAYS} day
      and r.occurred_at >= $start and r.occurred_at < $end
"""


def _any(frame: Frame, sql: str, values: Mapping[str, object]) -> bool:
    return bool(frame.connection.execute(f"{sql} limit 1", values).fetchall())


def _people(frame: Frame, subject_ids: Sequence[str]) -> int:
    rows = frame.connection.execute(
        """select count(*) from subject_code left join subject_kind using (subject_no)
           where subject_id in (select unnest($subjects::varchar[]))
             and coalesce(subject_type, 'person') in ('person', 'staff', 'unknown')""",
        {"subjects": list(subject_ids)},
    ).fetchall()
    return int(rows[0][0])


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
