"""One reason for people who have nothing to do with one another, and references that do not fit."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.rolling import running, spans
from detectors.stats.conditional import surprise
from detectors.stats.events import event_share
from detectors.stats.hurdle import hurdle
from detectors.strata import SpanReading, reading_of, samples, told_together
from detectors.typed import plain, says_something

_READINGS = ("recycled", "misfits")
_TEXT, _CASE = 0, 1  # kinds of what was said


@dataclass(frozen=True, slots=True, kw_only=True)
class RecycledReason:
    r"""Did the reason given for this person serve for unrelated people, or name another's case?

    Statistic:    Two counts over 28 days. $h$: other people for whom the user typed the same text
                  or the same case reference, those linked to this person and the parties of that
                  case left out, beyond the $\lambda$ that are usual; of several texts the one with
                  most, and only where they exceed $\lambda + 2\sqrt{\lambda}$. $\lambda$ is the
                  people of the user's with any text times the share of the pairs of others, of the
                  role or of all staff, whichever is larger, that bear this one; a text that five
                  others typed is common, and does not count. $b$: days with a reference to a case
                  on record that names neither this person nor anybody linked to them, or that was
                  opened after the look. A hurdle for each: whether a pair has any has chance
                  $\pi_u$, the user's own share shrunk to the role's; given one, the count less one
                  is negative binomial with the mean and shape of the role and explanation level,
                  times the user's own habit. E-values of the two mid-p are averaged.
    Assumes:      Phrases and drop-down strings in common use are typed by others too; who copies
                  reasons out of habit does so for everybody alike.
    False alarms: Parties not entered on the case yet, one operation with many people, a new
                  drop-down line, mistyped references. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Reasons invented afresh each time; references to cases that no table holds.
    Source:       Hedda, Malin, Yan, Fabbri, Evaluating the effectiveness of auditing rules for
                  electronic health record systems, AMIA Annual Symposium, 2017; Cragg,
                  Econometrica, 1971 (hurdles).
    """

    name: ClassVar[str] = "recycled_reason"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "unrelated people with the same reason, or days with a case that misfits"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"cases", "case_subjects", "subject_links", "staff", "taskings"}
    )

    window_days: int = 28
    misfit_days: int = 27  # one less, so that a finding says by its span which count it is of
    common_from: int = 5  # other members of staff who typed the same
    least_letters: int = 6  # of a text that is more than a code
    early_hours: int = 2  # a look may come before its case is written down

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Unrelated people with the same reason, and days with a reference that misfits."""
        if not self._typed(frame):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                reason="no row of the log holds a reason or a case reference, so none can be "
                "compared",
            )
        recycled = frame.columns(
            _recycled(self.window_days),
            placeholders=[],
            letters=self.least_letters,
            common=self.common_from,
        )
        misfits = frame.columns(_misfits(self.misfit_days), hours=self.early_hours)
        return laid_on(
            frame,
            {**recycled, **misfits},
            reach={"recycled": self.window_days, "misfits": self.misfit_days},
        )

    def _typed(self, frame: Frame) -> bool:
        found = frame.connection.execute(
            "select count(reason) + count(case_ref) from visit_row"
        ).fetchall()
        return bool(found[0][0])

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How both counts depart, hurdle and count together, both paid for."""
        return told_together(
            [
                _reading(name, measured, baseline=baseline, days=days)
                for name, days in zip(_READINGS, (self.window_days, self.misfit_days), strict=True)
            ]
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        what = (
            f"the reason given for this person was also given for {row.observed:.0f} people not "
            f"linked to them in {row.span:.0f} days, beyond what is usual for it"
            if row.span == self.window_days
            else f"cited a case that does not name this person, or was opened later, on "
            f"{row.observed:.0f} days in {row.span:.0f}"
        )
        return f"{what}; comparable staff ({row.role}): {row.expected:.2f} on average"


def _reading(name: str, measured: Measured, *, baseline: Baseline, days: int) -> SpanReading:
    compared = samples(measured, baseline, name=name)
    judged, peers, own = compared.judged, compared.peers, compared.own
    found = hurdle(
        judged.counts,
        share=event_share(judged, peers=peers, own=own),
        beyond=surprise(judged, peers=peers, own=own),
    )
    return reading_of(found, span=days, observed=judged.counts)


def _recycled(days: int) -> str:
    """SQL of the most unrelated people for whom one reason of a pair's was given too.

    What was said is a number: of a text among the texts, of a case among the cases.
    """
    one_text = "user_no, kind, said"
    used = spans("used", keys=one_text, thing="subject_no", days=days)
    shared = spans("shared", keys=one_text, thing="subject_no", days=days)
    typists = spans("shared", keys="kind, said", thing="user_no", days=days)
    typed = spans("typed", keys="user_no, kind", thing="subject_no", days=days)
    return f"""
        with recent as (
            select distinct user_no, subject_no, day, reason, case_ref from visit_row
            where day > (select min(day) from active) - {days}
        ), text_code as (
            select reason, dense_rank() over (order by {plain("reason")}) as said
            from (select distinct reason from recent) where {says_something("reason")}
        ), typed as materialized (
            select distinct user_no, subject_no, day, {_TEXT} as kind, said
            from recent join text_code using (reason)
            union all
            select distinct user_no, subject_no, day, {_CASE}, case_no
            from recent join case_code using (case_ref) semi join party using (case_no)
        ), again as (
            select user_no, kind, said from typed group by all having count(distinct subject_no) > 1
        ), used as (from typed semi join again using (user_no, kind, said)),
        shared as materialized (from typed semi join again using (kind, said)),
        used_span as materialized ({used}),
        people as ({running("used_span", keys="user_no, kind, said", sums="sum(step) as people")}),
        role as (
            select user_no, arg_max(role, (valid_from, role)) as role from post group by user_no
        ),
        shared_span as materialized (
            select s.*, coalesce(role, 'unknown') as role
            from ({shared}) s
            left join role using (user_no)
        ), any_span as materialized (
            select s.*, coalesce(role, 'unknown') as role
            from ({typed}) s
            left join role using (user_no)
        ),
        by_role as ({running("shared_span", keys="kind, said, role", sums="sum(step) as pairs")}),
        typist_span as ({typists}),
        typists as ({running("typist_span", keys="kind, said", sums="sum(step) as users")}),
        by_all as ({running("shared_span", keys="kind, said", sums="sum(step) as pairs")}),
        in_role as ({running("any_span", keys="kind, role", sums="sum(step) as pairs")}),
        in_all as ({running("any_span", keys="kind", sums="sum(step) as pairs")}),
        of_user as ({running("any_span", keys="user_no, kind", sums="sum(step) as people")}),
        open_text as materialized (
            select distinct a.row_no, a.user_no, a.subject_no, a.day, u.kind, u.said
            from active a join used_span u on u.user_no = a.user_no
                         and u.subject_no = a.subject_no and u.since <= a.day and u.until > a.day
        ), near as materialized (
            select t.* exclude (subject_no), l.linked_no as subject_no
            from open_text t join link l using (subject_no)
            union
            select t.* exclude (subject_no), q.subject_no
            from open_text t join party p on p.case_no = t.said and p.subject_no = t.subject_no
            join party q on q.case_no = t.said and q.subject_no <> t.subject_no
            where t.kind = {_CASE}
        ), related as (
            select n.row_no, n.kind, n.said, count(*) as people
            from near n
            join used_span u on u.user_no = n.user_no and u.kind = n.kind and u.said = n.said
                            and u.subject_no = n.subject_no and u.since <= n.day and u.until > n.day
            group by all
        ), told as (
            select t.row_no, p.people - 1 - coalesce(r.people, 0) as unrelated,
                   m.people * greatest(
                       (br.pairs - p.people + 0.5) / (ir.pairs - m.people + 1),
                       (ba.pairs - p.people + 0.5) / (ia.pairs - m.people + 1)) as usual
            from open_text t
            left join related r on r.row_no = t.row_no and r.kind = t.kind and r.said = t.said
            left join role o on o.user_no = t.user_no
            asof join people p on p.user_no = t.user_no and p.kind = t.kind and p.said = t.said
                              and p.day <= t.day
            asof join of_user m on m.user_no = t.user_no and m.kind = t.kind and m.day <= t.day
            asof join by_role br on br.kind = t.kind and br.said = t.said
                                and br.role = coalesce(o.role, 'unknown') and br.day <= t.day
            asof join by_all ba on ba.kind = t.kind and ba.said = t.said and ba.day <= t.day
            asof join typists y on y.kind = t.kind and y.said = t.said and y.day <= t.day
            asof join in_role ir on ir.kind = t.kind and ir.role = coalesce(o.role, 'unknown')
                                and ir.day <= t.day
            asof join in_all ia on ia.kind = t.kind and ia.day <= t.day
            where y.users <= $common
        )
        select row_no, coalesce(max(ceil(unrelated - usual)) filter (
                   unrelated > usual + 2 * sqrt(usual)), 0)
                       as recycled
        from active left join told using (row_no) group by row_no
    """


def _misfits(days: int) -> str:
    """SQL of the days on which a pair's reference was to a case that does not fit."""
    return f"""
        with cited as (
            select distinct r.user_no, r.subject_no, r.day, k.case_no, r.occurred_at
            from visit_row r semi join active using (user_no, subject_no)
            join visit v on v.user_no = r.user_no and v.subject_no = r.subject_no
                        and v.visit_ordinal = r.visit_ordinal and coalesce(v.level, 0) < 2
            join case_code k using (case_ref)
            where r.day > (select min(day) from active) - {days}
        ), about as materialized (
            select distinct c.case_no, c.subject_no, p.subject_no as party_no
            from cited c join party p using (case_no)
        ), fits as (
            select case_no, subject_no from about where party_no = subject_no
            union
            select a.case_no, a.subject_no from about a
            semi join link l on l.subject_no = a.party_no and l.linked_no = a.subject_no
        ), misfit as (
            select distinct c.user_no, c.subject_no, c.day
            from cited c semi join party using (case_no)
            left join fits f on f.case_no = c.case_no and f.subject_no = c.subject_no
            left join case_span s on s.case_no = c.case_no
            where f.case_no is null or s.opened_at > c.occurred_at + to_hours($hours)
        ), rolling as (
            select p.user_no, p.subject_no, p.day,
                   count(m.day) over (partition by p.user_no, p.subject_no order by p.day
                       range between interval {days - 1} day preceding and current row) as misfits
            from pair_day p semi join active using (user_no, subject_no)
            left join misfit m on m.user_no = p.user_no and m.subject_no = p.subject_no
                              and m.day = p.day
        )
        select row_no, case when exists (from party) then misfits end as misfits
        from active join rolling using (user_no, subject_no, day)
    """
