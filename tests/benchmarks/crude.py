"""Plain counts of a pair on a day, and of what surrounds it, as an analyst would think of them.

They owe nothing to the detectors: the outliers of the opponents and the supervised ceiling stand on
them, so that neither moves when a detector does. No protected characteristic is among them.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame
from tests.benchmarks.features import Features, laid_out

_AFTER_CHANGE_DAYS = 7
_LONG = 182  # days: half a year


def crude_features(frame: Frame) -> Features:
    """Some hundred counts for each pair-day of a frame."""
    _lay_people(frame)
    _lay_days(frame)
    _lay_users(frame)
    _lay_records(frame)
    columns: dict[str, NDArray[np.float64]] = {}
    for sql in (_PAIR, _USER, _RECORD, _CIRCLE, _TIES, _CLAIMS):
        columns |= frame.columns(sql)
    columns |= {
        "context": frame.context.astype(np.float64),
        "role": frame.role_no.astype(np.float64),
    }
    return laid_out(frame, _with_shares(columns))


def _with_shares(columns: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """The counts with the shares that trees would otherwise have to build from two of them."""

    def over(part: str, whole: str) -> NDArray[np.float64]:
        return columns[part] / np.maximum(columns[whole], 1)

    return columns | {
        "share_of_viewer_days_56": over("duty_days_56", "viewer_days_56"),
        "off_duty_share_91": over("off_duty_91", "visits_91"),
        "blank_share_91": over("blank_91", "row_91"),
        "bad_reference_share_91": over("bad_reference_91", "row_91"),
        "touched_share_28": over("touched_28", "links"),
        "looks_around_1": columns["looks_1"] + columns["circle_looks_1"],
        "days_per_week_known": over("unexplained_days_182", "known_days") * 7,
    }


def _lay_people(frame: Frame) -> None:
    """Lays who each record is of, and which record is a member of staff's own."""
    frame.connection.execute("""
        create or replace temp table bench_kind as
        select a.subject_no, any_value(s.subject_type) as kind, any_value(s.area) as area,
               any_value(s.surname) as surname,
               bool_or(coalesce(s.markers, '') like '%domestic_abuse%') as at_risk
        from subject_alias a left join subjects s on s.subject_id = a.named_id group by 1;

        create or replace temp table bench_own as
        select distinct u.user_no, p.subject_no as person_no, h.subject_no as home_no, s.surname
        from staff s join user_code u using (user_id)
        left join subject_alias p on p.subject_id = s.person_subject_id
        left join subject_alias h on h.subject_id = s.address_subject_id;

        create or replace temp table bench_near as
        select distinct o.user_no, l.linked_no as subject_no
        from bench_own o join link l on l.subject_no = o.person_no
    """)


def _lay_days(frame: Frame) -> None:
    """Lays `bench_day`: what each user did on each record on each day."""
    frame.connection.execute(f"""
        create or replace temp table bench_rows as
        select r.user_no, r.subject_no, r.day, count(*) as row_count,
               count(distinct epoch(r.occurred_at)::bigint // 600) as looks,
               count(*) filter (r.reason is null) as blank,
               count(*) filter (length(r.reason) < 14 and r.reason not like '% %') as vague,
               count(*) filter (r.case_ref is not null) as referenced,
               count(*) filter (r.case_ref is not null and p.case_no is null) as bad_reference,
               count(*) filter (r.action in ('print', 'export')) as taken,
               count(*) filter (r.fields_viewed = 'address') as address_seen,
               count(*) filter (r.fields_viewed = 'photograph') as picture_seen,
               count(*) filter (r.requester_no is not null) as asked,
               count(*) filter (near.user_no is not null) as asked_by_kin,
               bit_or(1 << (k.code - 1)) as system_bits
        from visit_row r
        join (select system, dense_rank() over (order by system)::int as code
              from (select distinct system from visit_row)) k using (system)
        left join case_code c on c.case_ref = r.case_ref
        left join party p on p.case_no = c.case_no and p.subject_no = r.subject_no
        left join bench_near near
          on near.user_no = r.requester_no and near.subject_no = r.subject_no
        group by all;

        create or replace temp table bench_change as
        select a.subject_no, c.changed_at::date as changed_on
        from record_changes c join subject_alias a using (subject_id) group by all;

        create or replace temp table bench_after as
        with followed as (
            select v.user_no, v.subject_no, c.changed_on, min(v.day) as day
            from visit v join bench_change c
              on c.subject_no = v.subject_no and v.day >= c.changed_on
             and v.day <= c.changed_on + {_AFTER_CHANGE_DAYS}
            where coalesce(v.level, 0) = 0 group by all
        )
        select user_no, subject_no, day, count(*) as followed from followed group by all;

        create or replace temp table bench_day as
        with seen as (
            select user_no, subject_no, day, count(*) as visits,
                   count(*) filter (coalesce(level, 0) = 0) as unexplained,
                   count(*) filter (level = 1) as partly,
                   count(*) filter (kind = 'tasked_circle') as by_circle,
                   count(*) filter (kind = 'case_reference') as by_reference,
                   count(*) filter (on_duty = false) as off_duty,
                   count(*) filter (opens_duty_day) as duty_days,
                   count(*) filter (opens_unexplained_day) as unexplained_days
            from visit group by all
        )
        select r.*, coalesce(visits, 0) as visits, coalesce(unexplained, 0) as unexplained,
               coalesce(partly, 0) as partly, coalesce(by_circle, 0) as by_circle,
               coalesce(by_reference, 0) as by_reference, coalesce(off_duty, 0) as off_duty,
               coalesce(duty_days, 0) as duty_days,
               coalesce(unexplained_days, 0) as unexplained_days, coalesce(followed, 0) as followed
        from bench_rows r left join seen using (user_no, subject_no, day)
        left join bench_after using (user_no, subject_no, day)
    """)


def _lay_users(frame: Frame) -> None:
    """Lays `bench_user`: what each user did on each day, whomever they looked at."""
    spans = ", ".join(
        f"""sum({name}) over (partition by user_no order by day range between interval {days - 1}
            day preceding and current row) as user_{name}_{days}"""
        for days in (7, 28, 56)
        for name in _OF_USER
    )
    frame.connection.execute(f"""
        create or replace temp table bench_user as
        with first as (
            select user_no, subject_no, min(day) as day from bench_day
            where unexplained > 0 group by all
        ), counted as (
            select d.user_no, d.day, count(*) as people, sum(d.visits) as visits,
                   sum(d.off_duty) as off_duty, sum(d.unexplained) as unexplained,
                   count(*) filter (d.unexplained > 0) as untied,
                   count(*) filter (d.unexplained > 0 and k.kind = 'vehicle') as cars,
                   count(*) filter (d.unexplained > 0 and d.blank > 0
                                    and k.kind = 'vehicle') as blank_cars,
                   count(*) filter (d.unexplained > 0 and k.at_risk) as at_risk,
                   sum(d.followed) as followed,
                   count(*) filter (f.day = d.day) as new_people
            from bench_day d left join bench_kind k using (subject_no)
            left join first f on f.user_no = d.user_no and f.subject_no = d.subject_no
            group by all
        )
        select user_no, day, people as user_people_1, untied as user_untied_1,
               cars as user_cars_1, {spans}
        from counted
    """)


_OF_USER = (
    *("people", "visits", "off_duty", "unexplained", "untied", "cars", "blank_cars"),
    *("at_risk", "followed", "new_people"),
)


def _lay_records(frame: Frame) -> None:
    """Lays `bench_record`: everybody's days on each record, and team-mates' unexplained ones."""
    frame.connection.execute("""
        create or replace temp table bench_record as
        select subject_no, day, sum(duty_days) as viewer_days, count(*) as viewers,
               count(*) filter (unexplained > 0) as untied_viewers
        from bench_day group by all;

        create or replace temp table bench_team as
        select u.user_no, arg_max(team, valid_from) as team, arg_max(area, valid_from) as area
        from user_code u left join post using (user_no) group by all;

        create or replace temp table bench_mates as
        select t.team, d.subject_no, d.day, d.user_no
        from bench_day d join bench_team t using (user_no)
        where d.unexplained > 0 and t.team is not null
    """)


def _sums(names: tuple[str, ...], *days: int) -> str:
    """Trailing sums of daily counts, each over so many days."""
    return ", ".join(
        f"""sum({name}) over (pair range between interval {span - 1} day preceding
                              and current row) as {name.removesuffix("_count")}_{span}"""
        for name in names
        for span in days
    )


_PAIR = f"""
    with rolling as (
        select user_no, subject_no, day, row_count as rows_1, looks as looks_1, visits as visits_1,
               unexplained as unexplained_1, off_duty as off_duty_1,
               bit_count(system_bits) as systems_1,
               bit_count(bit_or(system_bits) over (pair range between interval 13 day preceding
                                                   and current row)) as systems_14,
               {
    _sums(("visits", "unexplained", "duty_days", "unexplained_days"), 7, 28, 56, 91, _LONG)
},
               {
    _sums(("row_count", "blank", "vague", "referenced", "bad_reference", "off_duty"), 28, 91)
},
               {
    _sums(
        (
            "partly",
            "by_circle",
            "by_reference",
            "taken",
            "address_seen",
            "picture_seen",
            "asked",
            "asked_by_kin",
        ),
        91,
    )
},
               {_sums(("followed",), 28, _LONG)},
               day - min(day) over (partition by user_no, subject_no) + 1 as known_days,
               day - lag(day) over (partition by user_no, subject_no order by day) as gap_days
        from bench_day
        window pair as (partition by user_no, subject_no order by day)
    )
    select row_no, rolling.* exclude (user_no, subject_no, day)
    from active join rolling using (user_no, subject_no, day)
"""

_USER = """
    select row_no, bench_user.* exclude (user_no, day)
    from active join bench_user using (user_no, day)
"""

_RECORD = """
    with rolling as (
        select subject_no, day,
               sum(viewer_days) over (record range between interval 55 day preceding
                                      and current row) as viewer_days_56,
               sum(viewers) over (record range between interval 6 day preceding
                                  and current row) as viewers_7,
               sum(untied_viewers) over (record range between interval 27 day preceding
                                         and current row) as untied_viewers_28
        from bench_record window record as (partition by subject_no order by day)
    ), mates as (
        select a.row_no, count(distinct m.user_no) as mates_28
        from active a join bench_team t using (user_no)
        join bench_mates m on m.team = t.team and m.subject_no = a.subject_no
         and m.user_no <> a.user_no and m.day <= a.day and m.day > a.day - 28
        group by all
    ), shared as (
        select user_no, day, count(distinct subject_no) filter (mates_28 > 0) as shared_1
        from active join mates using (row_no) group by all
    ), running as (
        select user_no, day, sum(shared_1) over (partition by user_no order by day
            range between interval 55 day preceding and current row) as shared_56
        from shared
    ), often as (
        select a.row_no, max(r.shared_56) as shared_56
        from active a join running r
          on r.user_no = a.user_no and r.day <= a.day and r.day > a.day - 28
        group by all
    )
    select row_no, rolling.* exclude (subject_no, day), coalesce(mates_28, 0) as mates_28,
           coalesce(shared_56, 0) as shared_56
    from active join rolling using (subject_no, day)
    left join mates using (row_no) left join often using (row_no)
"""

_CIRCLE = """
    with degree as (select subject_no, count(*) as links from link group by all),
    around as (
        select a.row_no, count(distinct d.subject_no) as touched_28,
               count(distinct d.subject_no) filter (d.day > a.day - 2) as touched_2,
               sum(d.unexplained) as circle_unexplained_28,
               sum(d.looks) filter (d.day = a.day) as circle_looks_1
        from active a join link l on l.subject_no = a.subject_no
        join bench_day d on d.user_no = a.user_no and d.subject_no = l.linked_no
        where d.unexplained > 0 and d.day <= a.day and d.day > a.day - 28
        group by all
    )
    select row_no, coalesce(links, 0) as links, coalesce(touched_28, 0) as touched_28,
           coalesce(touched_2, 0) as touched_2,
           coalesce(circle_unexplained_28, 0) as circle_unexplained_28,
           coalesce(circle_looks_1, 0) as circle_looks_1
    from active left join degree using (subject_no) left join around using (row_no)
"""

_TIES = """
    with mates as (
        select distinct o.person_no as subject_no, t.team from bench_own o
        join bench_team t using (user_no) where o.person_no is not null
    ), staff_records as (select distinct subject_no from mates),
    second as (
        select distinct a.row_no
        from active a join bench_near n using (user_no)
        join link l on l.subject_no = n.subject_no and l.linked_no = a.subject_no
    ), watched as (
        select distinct subject_no from watched_records join subject_alias using (subject_id)
        where kind <> 'staff'
    )
    select a.row_no, (o.person_no = a.subject_no)::int as is_self,
           (o.home_no = a.subject_no)::int as is_home,
           (n.user_no is not null)::int as is_kin, (s.row_no is not null)::int as is_near_kin,
           (o.surname = k.surname)::int as same_surname,
           (r.subject_no is not null)::int as is_staff, (m.team is not null)::int as is_mate,
           (w.subject_no is not null)::int as is_watched,
           (k.area <> t.area)::int as out_of_area, k.at_risk::int as at_risk,
           list_position(['person', 'address', 'vehicle', 'phone'], k.kind) as kind
    from active a left join bench_own o using (user_no) left join bench_kind k using (subject_no)
    left join bench_team t using (user_no)
    left join bench_near n on n.user_no = a.user_no and n.subject_no = a.subject_no
    left join second s using (row_no)
    left join mates m on m.subject_no = a.subject_no and m.team = t.team
    left join staff_records r on r.subject_no = a.subject_no
    left join watched w on w.subject_no = a.subject_no
"""

_CLAIMS = """
    with own as (
        select a.row_no, max(c.until_at) filter (c.until_at < a.day) as ended_at,
               count(*) as claims,
               count(*) filter (c.from_at <= a.day + interval 1 day and c.until_at >= a.day) as live
        from active a join claim c on c.user_no = a.user_no and c.subject_no = a.subject_no
        group by all
    )
    select a.row_no, datediff('day', ended_at, a.day) as days_since_claim,
           coalesce(claims, 0) as claims, coalesce(live, 0) as live_claims
    from active a left join own using (row_no)
"""
