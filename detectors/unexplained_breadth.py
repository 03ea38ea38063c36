"""Many different people or vehicles, each looked up once or twice, and no record explains it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.rolling import running, spans
from detectors.stats.cells import Cells
from detectors.stats.user_laws import UserSample, surprising_count_of_users
from detectors.strata import SpanReading, reading_of, told_together, too_short

_OFTEN = 3  # visits, from which somebody is no longer looked up once or twice


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedBreadth:
    r"""How many people or vehicles did this member of staff look up in passing and unexplained?

    Statistic:    Different people and vehicles $B_w$ with one or two unexplained visits by the user
                  in the last $w$ = 28 and 90 days, and those $B'_w$ of them on whose visits no
                  reason was given. A hurdle for each: a user of the role has any with chance $\pi$;
                  given one, the count less one is negative binomial with the mean and shape of the
                  users of the role, or of everybody where those are fewer than fifty; beyond one
                  in as many as there are users, half of the logarithm counts. E-values of the mid-p
                  are averaged.
    Assumes:      Members of staff of one role meet as many people in passing; taskings and cases
                  are loaded for the whole force and the whole window.
    False alarms: Stop-checks, a plate reader's desk, enquiries for others who are not named as
                  requesters, somebody who works more hours. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Few people looked up often, which is what the other detectors ask about; looks
                  under a record that names the person. It is of the member of staff, the same for
                  everybody they looked up.
    Source:       Marshall et al., Statistical issues in the prospective monitoring of health
                  outcomes, JRSS A, 2004; Cragg, Econometrica, 1971 (hurdles).
    """

    name: ClassVar[str] = "unexplained_breadth"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "people or vehicles looked up once or twice, unexplained"
    asks_of: ClassVar[str] = "user"
    needs: ClassVar[frozenset[str]] = frozenset({"case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"taskings", "cases", "staff", "subjects", "subject_links"}
    )

    windows_days: tuple[int, ...] = (28, 90)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """People and vehicles seen once or twice in each window that ends on the day."""
        if not ({"taskings", "cases"} & frame.feeds):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                needs=("taskings", "cases"),
                reason="neither taskings nor cases are loaded, so no visit can be called "
                "unexplained",
            )
        if declined := too_short(self, frame, days=min(self.windows_days)):
            return declined
        counts = dict(frame.columns(self._sql()))
        asked = counts.pop("asks") > 0
        laid = {
            name: np.where(asked, column, np.nan) if name.startswith("blank") else column
            for name, column in counts.items()
        }
        return laid_on(frame, laid, reach={f"{seen}_{days}": days for seen, days in self._series()})

    def _series(self) -> tuple[tuple[str, int], ...]:
        return tuple((seen, days) for seen in ("met", "blank") for days in self.windows_days)

    def _sql(self) -> str:
        laid = ", ".join(
            f"{seen}_span_{days} as ({_in_passing(seen, days)}), {seen}_{days} as ("
            + running(
                f"{seen}_span_{days}", keys="user_no", sums=f"sum(step * sign) as {seen}_{days}"
            )
            + ")"
            for seen, days in self._series()
        )
        joins = " ".join(
            f"asof left join {seen}_{days} on {seen}_{days}.user_no = a.user_no "
            f"and {seen}_{days}.day <= a.day"
            for seen, days in self._series()
        )
        chosen = ", ".join(
            f"coalesce({seen}_{days}, 0) as {seen}_{days}" for seen, days in self._series()
        )
        return f"""
            with met as (
                select v.user_no, v.subject_no, v.day, v.visit_ordinal
                from visit v semi join active using (user_no)
                left join subject_kind k on k.subject_no = v.subject_no
                where v.level = 0
                  and v.day > (select min(day) from active) - {max(self.windows_days)}
                  and coalesce(k.subject_type, 'unknown') in ('person', 'vehicle', 'unknown')
            ), blank as (
                select user_no, subject_no, day, visit_ordinal
                from met m join visit_row r using (user_no, subject_no, visit_ordinal, day)
                group by all
                having bool_and(coalesce(trim(reason), '') = '' and reason_code is null
                                and case_ref is null)
            ), {laid}
            select a.row_no, {chosen},
                   (select count(reason) + count(reason_code) > 0 from visit_row)::int as asks
            from active a {joins}
        """

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the number of people departs from that of comparable staff, all readings paid for."""
        return told_together(
            [
                _reading(f"{seen}_{days}", measured, baseline=baseline, days=days)
                for seen, days in self._series()
            ]
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        # As many without a reason as in all is no coincidence, and is what was told.
        all_blank = row.counts[f"blank_{row.span:.0f}"] == row.observed
        blank = " and with no reason given" if all_blank else ""
        return (
            f"looked up {row.observed:.0f} people or vehicles once or twice in "
            f"{row.span:.0f} days, unexplained{blank}; comparable staff ({row.role}): "
            f"{row.expected:.1f} on average"
        )


def _in_passing(seen: str, days: int) -> str:
    """SQL of the spans of everybody seen, and with the sign -1 of those seen often."""
    once = spans(seen, keys="user_no", thing="subject_no", days=days)
    often = spans(seen, keys="user_no", thing="subject_no", days=days, least=_OFTEN)
    return f"select *, 1 as sign from ({once}) union all select *, -1 as sign from ({often})"


def _reading(name: str, measured: Measured, *, baseline: Baseline, days: int) -> SpanReading:
    judged = _counted(name, measured)
    found = surprising_count_of_users(judged, peers=_counted(name, baseline.peers))
    return reading_of(found, span=days, observed=judged.counts)


def _counted(name: str, measured: Measured) -> UserSample:
    """One count of users; a cell for each role, and everybody above."""
    return UserSample(
        counts=measured.counts[name],
        trials=measured.counts[name],
        cells=Cells(
            of_row=measured.role_no, parent_of=np.zeros(len(measured.roles), dtype=np.int64)
        ),
        users=measured.user_no,
    )
