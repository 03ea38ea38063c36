"""Opening what is new about a person within hours of its being written."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.stats.cells import Cells
from detectors.stats.evidence import evidence_value
from detectors.stats.in_proportion import ProportionSample, surprising_for_its_base
from detectors.stats.own_rate import multiplier, summed

_PRIOR = 8.0  # pseudo-counts for an ordinary habit; between-user variance of METHODS 2.0
_WHOLE = 1000.0  # bases are whole numbers to the laws: thousandths of a return


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    r"""Does this member of staff open what is new about this person within hours, again and again?

    Statistic:    In the last 90 days the user came back to the person $n$ times without an
                  explanation (a look less than six hours after the one before is the same return),
                  $k$ times within six hours after a new entry: a change of the person's record, or
                  the opening of an incident that names them. Of the user's $T$ hours with any look
                  $m$ lie as soon after an entry, which is the person's own rate of entries as the
                  user could meet it, so that chance brings $b = n (m + 1) / (T + 1)$. $k$ is
                  negative binomial of mean $\theta_r \nu_u b$: $\theta_r$ and the shape are those
                  of the role, $\nu_u$ is the user's own habit with everybody else, shrunk to one.
                  Entries made while the user or their team was tasked to the person do not count.
                  One mid-p, one e-value.
    Assumes:      Returns fall on any hour at work as likely as on another, but for the habit of
                  the role and of the user; an entry is dated when it is made.
    False alarms: A subscription to everything new in an area, a morning briefing on the night's
                  incidents, an officer in charge whose case is on no list. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Entries of which no feed tells; whoever waits a day; people about whom nothing
                  new is written; a first look.
    Source:       Fisher, The design of experiments, 1935, chapter 2 (conditioning on what could be
                  met); DuMouchel, Bayesian data mining in large frequency tables, The American
                  Statistician, 1999 (the shrunk habit).
    """

    name: ClassVar[str] = "new_entry"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "unexplained returns within hours of a new entry"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"record_changes", "cases", "case_subjects", "taskings", "staff"}
    )

    window_days: int = 90
    hours: int = 6

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Hours at work, those soon after an entry, returns, and those soon after an entry."""
        if not _tell_of_entries(frame):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                needs=("record_changes", "cases", "case_subjects"),
                reason="neither changes of records nor incidents with their people are loaded, so"
                " nothing says when a record was new",
            )
        soon = f"interval {self.hours} hour"
        within = f"between a.day - {self.window_days - 1} and a.day"
        counts = frame.columns(f"""
            with pair as (select distinct user_no, subject_no from active), entry as (
                select s.subject_no, c.changed_at as entered_at
                from record_changes c join subject_alias s using (subject_id)
                where c.changed_at is not null
                union
                select subject_no, opened_at from party join case_span using (case_no)
                where opened_at > timestamp '0002-01-01'
            ), theirs as (
                select user_no, subject_no, from_at, until_at from claim where user_no is not null
                union
                select m.user_no, c.subject_no, c.from_at, c.until_at
                from claim c join post m on m.team = c.team and c.from_at >= m.valid_from
                                        and c.from_at < m.valid_to
                where c.user_no is null
            ), told as (
                select p.user_no, e.subject_no, e.entered_at
                from pair p join entry e using (subject_no)
                where not exists (
                    select 1 from theirs t
                    where t.user_no = p.user_no and t.subject_no = e.subject_no
                      and e.entered_at >= t.from_at - {soon} and e.entered_at < t.until_at + {soon})
            ), worked as (
                select user_no, epoch(started_at)::bigint // 3600 as hour,
                       min(started_at) as first_at
                from visit semi join active using (user_no)
                where day > (select min(day) from active) - {self.window_days} group by all
            ), soon_after as (
                select t.user_no, t.subject_no, unnest(range(
                    epoch(t.entered_at)::bigint // 3600,
                    epoch(t.entered_at)::bigint // 3600 + {self.hours + 1})) as hour, t.entered_at
                from told t
            ), looked as (
                select user_no, subject_no, started_at, day, coalesce(started_at - lag(started_at)
                       over (partition by user_no, subject_no order by started_at) >= {soon}, true)
                       as begins
                from visit semi join told using (user_no, subject_no) where coalesce(level, 0) = 0
            ), happened as (
                select distinct user_no, subject_no, w.first_at::date as day, hour, 1 as marked,
                       0 as returns, 0 as inside
                from soon_after s join worked w using (user_no, hour)
                where w.first_at >= s.entered_at and w.first_at < s.entered_at + {soon}
                union all
                select l.user_no, l.subject_no, l.day, null, 0, 1,
                       coalesce(l.started_at < t.entered_at + {soon}, false)::int
                from looked l asof left join told t on t.user_no = l.user_no
                 and t.subject_no = l.subject_no and t.entered_at <= l.started_at
                where l.begins
            ), counted as (
                select a.row_no, sum(h.marked) as marked, sum(h.returns) as returns,
                       sum(h.inside) as inside
                from active a join happened h using (user_no, subject_no)
                where h.day {within} group by all
            ), written as (
                select distinct a.row_no from active a join told t using (user_no, subject_no)
                where t.entered_at >= a.day - {self.window_days - 1}
                  and t.entered_at < a.day + interval 1 day
            ), on_day as (
                select user_no, first_at::date as day, count(*) as hours from worked group by all
            ), so_far as (
                select user_no, day, sum(hours) over (
                    partition by user_no order by day
                    range between interval {self.window_days - 1} day preceding and current row
                ) as hours
                from on_day
            )
            select row_no, marked, returns, inside, hours
            from active a join counted using (row_no) semi join written using (row_no)
            asof join so_far w on w.user_no = a.user_no and w.day <= a.day
            where returns > 0
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the returns soon after an entry depart from what the hours at work would bring."""
        habit = _habits(measured, peers=baseline.peers, own=baseline.own)
        found = surprising_for_its_base(_sample(measured, habit), peers=_sample(baseline.peers))
        return Tested(
            pvalue=found.at_least,
            evidence_value=evidence_value(found.middle),
            observed=measured.counts["inside"],
            expected=found.expected,
            span=np.full(measured.rows, float(self.window_days)),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"{row.observed:.0f} of {row.counts['returns']:.0f} unexplained returns to this person "
            f"in {row.span:.0f} days began within {self.hours} hours after something new was "
            f"written about them; by this member of staff's hours at work and the habit of the "
            f"role ({row.role}): {row.expected:.1f}"
        )


def _tell_of_entries(frame: Frame) -> bool:
    """Whether any feed says when something was written about a person."""
    return "record_changes" in frame.feeds or {"cases", "case_subjects"} <= frame.feeds


def _bases(measured: Measured) -> Floats:
    """Returns that chance alone would bring soon after an entry, shape (rows,)."""
    counts = measured.counts
    bases: Floats = counts["returns"] * (counts["marked"] + 1.0) / (counts["hours"] + 1.0)
    return bases


def _habits(measured: Measured, *, peers: Measured, own: Measured) -> Floats:
    """How much more of this each row's user does with everybody else, shape (rows,)."""
    bases, inside = _bases(peers), peers.counts["inside"]
    usual = (np.nansum(inside) + 0.25) / max(float(np.nansum(bases)), 0.25)
    told = ~np.isnan(own.counts["inside"])
    observed, expected = own.counts["inside"][told], usual * _bases(own)[told]
    of_users = summed(own.user_no[told], observed=observed, expected=expected).at(measured.user_no)
    of_pairs = summed(own.pair_no[told], observed=observed, expected=expected).at(measured.pair_no)
    pairs, first = np.unique(own.pair_no[told], return_index=True)
    once = summed(
        own.user_no[told][first], observed=np.zeros(pairs.size), expected=np.zeros(pairs.size)
    ).at(measured.user_no)
    per_pair = np.maximum(of_users.rows / np.maximum(once.rows, 1.0), 1.0)
    return multiplier(of_users, of_pairs, rows_per_pair=per_pair, prior=_PRIOR)


def _sample(measured: Measured, habit: Floats | float = 1.0) -> ProportionSample:
    """Returns soon after an entry, each with what chance would bring; cells are roles."""
    bases = np.maximum(np.round(_bases(measured) * habit * _WHOLE), 1.0)
    roles = len(measured.roles)
    return ProportionSample(
        counts=measured.counts["inside"],
        bases=bases,
        cells=Cells(of_row=measured.role_no, parent_of=np.zeros(roles, dtype=np.int64)),
    )
