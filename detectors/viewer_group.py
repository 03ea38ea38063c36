"""Whether people of this role and area ever look at people like this one."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.rolling import running, spans
from detectors.stats.evidence import evidence_value


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerGroup:
    r"""Do staff of this role and area ever look at people like this one?

    Statistic:    Groups $g$ are role by area. Of the members of staff but this one who looked the
                  person up in 90 days, $n_g$ are of group $g$, $n$ in all; of all pairs of staff
                  and people of the same area and kind in 90 days, this pair left out, the share
                  $w_0(g)$, drawn to the group's share of the staff. The next to look is of group
                  $g$ with the chance $w(g) = (n_g + c\,w_0(g)) / (n + c)$. $p$ is the
                  mass of all groups no likelier than the user's, the mid-p half of its own mass
                  less. One e-value.
    Assumes:      Who looks at a person is drawn from the groups that look at people of that area,
                  and the more from those who looked before.
    False alarms: A first task elsewhere, mutual aid, a new unit, a post that changed and was not
                  entered. Measured in tests/detectors/test_calibration.py.
    Blind to:     A look at somebody of the user's own patch; a group so small that the user's own
                  looks at others of that area make it usual. Says nothing of staff without a post,
                  nor where too few looked at people of that area.
    Source:       Fabbri, LeFevre, Explaining accesses to electronic medical records using diagnosis
                  information, JAMIA, 2013; Blackwell, MacQueen, Ferguson distributions via Polya
                  urn schemes, Annals of Statistics, 1973.
    """

    name: ClassVar[str] = "viewer_group"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "other viewers of the same role and area"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"staff"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"subjects"})

    window_days: int = 90
    prior_viewers: float = 5.0  # viewers that the area speaks for, c
    prior_pairs: float = 20.0  # pairs that the force speaks for, of each area
    least_pairs: int = 100  # of an area, below which nothing is said

    def measure(self, frame: Frame) -> Measured | Abstention:
        """The chance of the user's group, and of all groups no likelier."""
        counts = frame.columns(
            _sql(self.window_days),
            viewers=self.prior_viewers,
            pairs=self.prior_pairs,
            least=self.least_pairs,
        )
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """The mass of groups no likelier; the law is counted with the pair left out."""
        del baseline  # the chances are of pairs counted one by one, and need no law besides
        counts = measured.counts
        no_likelier = np.minimum(counts["no_likelier"], 1.0)
        return Tested(
            pvalue=no_likelier,
            evidence_value=evidence_value(no_likelier - counts["own_chance"] / 2.0),
            observed=counts["alike"],
            expected=counts["own_share"] * counts["viewers"],
            span=counts["viewers"],
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"of {row.span:.0f} others who looked this person up in {self.window_days} days, "
            f"{row.observed:.0f} are of the same role and area; by who looks at people of that "
            f"area, {row.expected:.1f} would be ({row.role})"
        )


def _sql(days: int) -> str:
    """Groups are counted by different pairs of staff and people, each in the span it counts for."""
    pairs = spans("seen", keys="stratum_no, group_no, subject_no", thing="user_no", days=days)
    return f"""
        with based as (
            select a.user_no, a.day,
                   arg_max(p.role || '|' || coalesce(p.area, ''), (p.valid_from, p.role)) as place
            from (select distinct user_no, day from pair_day) a
            join post p on p.user_no = a.user_no
                       and p.valid_from < a.day + interval 1 day and p.valid_to > a.day
            where p.role is not null group by all
        ), force as (
            select place, staff / sum(staff) over () as share,
                   row_number() over (order by place) as group_no
            from (select role || '|' || coalesce(area, '') as place,
                         count(distinct user_no) as staff
                  from post where role is not null group by all)
        ), coded as (select user_no, day, group_no from based join force using (place)),
        kind as (
            select subject_no, dense_rank() over (order by area, kind) as stratum_no
            from (select distinct subject_no from pair_day)
            left join subject_fact using (subject_no)
        ), seen as (
            select k.stratum_no, c.group_no, p.subject_no, p.user_no, p.day
            from pair_day p join coded c using (user_no, day) join kind k using (subject_no)
        ), pair_span as materialized ({pairs}),
        changed as (
            {running("pair_span", keys="stratum_no, group_no", sums="sum(step) as pairs")}
        ), asked as (
            select a.row_no, k.stratum_no, a.subject_no, a.day, c.group_no
            from active a join coded c using (user_no, day) join kind k using (subject_no)
        ), days as (select distinct stratum_no, day from asked),
        cell as (select distinct stratum_no, group_no from changed),
        base as (
            select d.stratum_no, d.day, l.group_no, h.pairs
            from days d join cell l using (stratum_no)
            asof join changed h on h.stratum_no = l.stratum_no and h.group_no = l.group_no
                               and h.day <= d.day
            where h.pairs > 0
        ), whole as (
            select stratum_no, day, sum(pairs) as pairs from base group by all
        ), viewed as (
            select q.subject_no, q.day, s.group_no, count(*) as viewers
            from (select distinct subject_no, day from asked) q
            join pair_span s on s.subject_no = q.subject_no
                            and s.since <= q.day and s.until > q.day
            group by all
        ), chance as (
            select q.row_no, f.group_no = q.group_no as is_own,
                   greatest(coalesce(v.viewers, 0) - is_own::int, 0) as viewers,
                   (greatest(coalesce(b.pairs, 0) - is_own::int, 0) + $pairs * f.share)
                       / (w.pairs - 1 + $pairs) as share
            from asked q join whole w using (stratum_no, day) cross join force f
            left join base b on b.stratum_no = q.stratum_no and b.day = q.day
                            and b.group_no = f.group_no
            left join viewed v on v.subject_no = q.subject_no and v.day = q.day
                              and v.group_no = f.group_no
            where w.pairs > $least
        ), told as (
            select row_no, sum(viewers) as viewers,
                   max(viewers) filter (is_own) as alike, max(share) filter (is_own) as own_share,
                   max(viewers + $viewers * share) filter (is_own) as own_weight,
                   list(viewers + $viewers * share) as weights
            from chance group by all
        )
        select row_no, alike, viewers, own_share,
               round(own_weight / (viewers + $viewers), 12) as own_chance,
               round(list_sum(list_sort(list_filter(weights, lambda one: one <= own_weight + 1e-9)))
                     / (viewers + $viewers), 12) as no_likelier
        from told
    """
