"""Whether people of this role and area ever look at people like this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.rolling import running, spans
from detectors.stats.evidence import evidence_value

Codes = NDArray[np.int64]

_ROWS_AT_ONCE: Final = 16_384  # each has a chance for every group: memory stays bounded
_COUNTS: Final = ("alike", "viewers", "own_share", "own_chance", "no_likelier")
_SAME: Final = 1e-9  # of a weight: two groups that differ by less are alike
_DECIMALS: Final = 12  # of a chance: beyond them stands the order of a sum alone


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
        _lay_groups(frame, days=self.window_days, least=self.least_pairs)
        asked = _asked(frame)
        told = np.full((len(_COUNTS), frame.rows), np.nan)
        for start in range(0, asked.row_no.size, _ROWS_AT_ONCE):
            some = asked.part(start, start + _ROWS_AT_ONCE)
            told[:, some.row_no] = self._chances(some)
        return laid_on(frame, dict(zip(_COUNTS, told, strict=True)))

    def _chances(self, asked: "_Asked") -> Floats:
        """The counts of rows, shape (counts, rows): every group weighed for every row."""
        own = np.arange(asked.row_no.size), asked.group_no
        pairs, viewers = asked.pairs, asked.viewers
        whole = pairs.sum(axis=1) - 1.0 + self.prior_pairs
        for counted in (pairs, viewers):  # the user's own pair says nothing of their group
            counted[own] = np.maximum(counted[own] - 1.0, 0.0)
        share = (pairs + self.prior_pairs * asked.share_of_staff) / whole[:, None]
        weight = viewers + self.prior_viewers * share
        no_likelier = np.where(weight <= weight[own][:, None] + _SAME, weight, 0.0).sum(axis=1)
        others = viewers.sum(axis=1)
        chances = np.stack([weight[own], no_likelier]) / (others + self.prior_viewers)
        return np.stack([viewers[own], others, share[own], *np.round(chances, _DECIMALS)])

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Rows of the frame, and what the groups have to do with each; groups by number."""

    row_no: Codes  # shape (rows,)
    group_no: Codes  # of the user, shape (rows,)
    place_no: Codes  # of the area, the kind and the day, shape (rows,)
    share_of_staff: Floats  # shape (groups,)
    pairs_at: Floats  # of staff and people of the area and kind, shape (places, groups)
    viewed_from: Codes  # where the viewers of each row begin, shape (rows + 1,)
    viewed_group: Codes  # shape (viewed,)
    viewed: Floats  # members of staff of that group, this user included, shape (viewed,)

    @property
    def pairs(self) -> Floats:
        """Pairs of each row's area and kind, shape (rows, groups)."""
        found: Floats = self.pairs_at[self.place_no]
        return found

    @property
    def viewers(self) -> Floats:
        """Members of staff who looked the person up, shape (rows, groups)."""
        laid = np.zeros((self.row_no.size, self.share_of_staff.size))
        rows = np.repeat(np.arange(self.row_no.size), np.diff(self.viewed_from))
        laid[rows, self.viewed_group] = self.viewed
        return laid

    def part(self, start: int, stop: int) -> "_Asked":
        """Some of the rows."""
        first, last = self.viewed_from[[start, min(stop, self.row_no.size)]]
        return _Asked(
            row_no=self.row_no[start:stop],
            group_no=self.group_no[start:stop],
            place_no=self.place_no[start:stop],
            share_of_staff=self.share_of_staff,
            pairs_at=self.pairs_at,
            viewed_from=self.viewed_from[start : stop + 1] - first,
            viewed_group=self.viewed_group[first:last],
            viewed=self.viewed[first:last],
        )


def _asked(frame: Frame) -> _Asked:
    """What `group_asked` and the tables beside it hold."""
    rows = _columns(frame, "select row_no, place_no, group_no from group_asked order by row_no")
    share = _columns(frame, "select share from force_group order by group_no")["share"]
    pairs = _columns(frame, "select place_no, group_no, pairs from group_pairs")
    viewed = _columns(
        frame, "select row_no, group_no, viewers from group_viewed order by row_no, group_no"
    )
    pairs_at = np.zeros((int(pairs["place_no"].max(initial=-1)) + 1, share.size))
    pairs_at[_codes(pairs["place_no"]), _codes(pairs["group_no"])] = pairs["pairs"]
    return _Asked(
        row_no=_codes(rows["row_no"]),
        group_no=_codes(rows["group_no"]),
        place_no=_codes(rows["place_no"]),
        share_of_staff=share,
        pairs_at=pairs_at,
        viewed_from=np.searchsorted(
            viewed["row_no"], np.append(rows["row_no"], np.inf)
        ).astype(np.int64),
        viewed_group=_codes(viewed["group_no"]),
        viewed=viewed["viewers"],
    )  # fmt: skip


def _columns(frame: Frame, sql: str) -> Mapping[str, Floats]:
    found = frame.connection.execute(sql).fetchnumpy()
    return {name: np.asarray(column, dtype=np.float64) for name, column in found.items()}


def _codes(column: Floats) -> Codes:
    return column.astype(np.int64)


def _lay_groups(frame: Frame, *, days: int, least: int) -> None:
    """Lays `group_asked`: the rows of `active` that can be asked about, with place and group.

    And beside it `force_group`, the share of the staff that each group has; `group_pairs`, of each
    place and group; `group_viewed`, of each row and group. A place is an area, a kind of record and
    a day. Groups are counted by different pairs of staff and people, each in the span it counts
    for.
    """
    pairs = spans("seen", keys="stratum_no, group_no, subject_no", thing="user_no", days=days)
    frame.connection.execute(f"""
        create or replace temp table force_group as
        select place, staff / sum(staff) over () as share,
               row_number() over (order by place) - 1 as group_no
        from (select role || '|' || coalesce(area, '') as place, count(distinct user_no) as staff
              from post where role is not null group by all);

        create or replace temp table viewer_code as
        with based as (
            select a.user_no, a.day,
                   arg_max(p.role || '|' || coalesce(p.area, ''), (p.valid_from, p.role)) as place
            from (select distinct user_no, day from pair_day
                  where day > (select min(day) from active) - {days}) a
            join post p on p.user_no = a.user_no
                       and p.valid_from < a.day + interval 1 day and p.valid_to > a.day
            where p.role is not null group by all
        )
        select user_no, day, group_no from based join force_group using (place);

        create or replace temp table viewed_kind as
        select subject_no, dense_rank() over (order by area, kind) as stratum_no
        from (select distinct subject_no from pair_day
              where day > (select min(day) from active) - {days})
        left join subject_fact using (subject_no);

        create or replace temp table viewer_span as
        with seen as (
            select k.stratum_no, c.group_no, p.subject_no, p.user_no, p.day
            from pair_day p join viewer_code c using (user_no, day)
            join viewed_kind k using (subject_no)
        )
        {pairs};

        create or replace temp table group_pairs as
        with days as (
            select distinct k.stratum_no, a.day
            from active a join viewed_kind k using (subject_no)
            semi join viewer_code using (user_no, day)
        ), changed as (
            {running("viewer_span", keys="stratum_no, group_no", sums="sum(step) as pairs")}
        ), cell as (select distinct stratum_no, group_no from changed), base as (
            select d.stratum_no, d.day, l.group_no, h.pairs
            from days d join cell l using (stratum_no)
            asof join changed h on h.stratum_no = l.stratum_no and h.group_no = l.group_no
                               and h.day <= d.day
            where h.pairs > 0
        )
        select *, dense_rank() over (order by stratum_no, day) - 1 as place_no
        from base qualify sum(pairs) over (partition by stratum_no, day) > {least};

        create or replace temp table group_asked as
        select a.row_no, a.subject_no, a.day, p.place_no, c.group_no
        from active a join viewer_code c using (user_no, day)
        join viewed_kind k using (subject_no)
        join (select distinct stratum_no, day, place_no from group_pairs) p
          on p.stratum_no = k.stratum_no and p.day = a.day;

        create or replace temp table group_viewed as
        with viewed as (
            select q.subject_no, q.day, s.group_no, count(*) as viewers
            from (select distinct subject_no, day from group_asked) q
            join viewer_span s on s.subject_no = q.subject_no
                              and s.since <= q.day and s.until > q.day
            group by all
        )
        select a.row_no, v.group_no, v.viewers
        from group_asked a join viewed v using (subject_no, day)
    """)
