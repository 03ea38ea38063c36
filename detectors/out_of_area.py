"""Looking up somebody from a place where one has no work."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.evidence import evidence_value
from detectors.stats.places import PlaceSample, PlaceSurprise, unlikely_place
from detectors.strata import cells

_CASE_DAYS = 28  # after its closure, for which a case still says where a person's matter belongs


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfArea:
    r"""Why did somebody from over there look up a person from here?

    Statistic:    The area $z$ of the person, and that of the latest case that names them. The
                  user's people so far are of the areas by the predictive
                  $w_{uz} = (n_{uz} + 5 p_{rz}) / (n_u + 5)$, with $p_{rz}$ the share of the role
                  and the pair itself left out; $p$ is the mass of all areas no likelier than $z$.
                  Where the person and the case have different areas the likelier one counts. One
                  mid-p, one e-value; a pair is one trial.
    Assumes:      Where somebody's people come from changes slowly; areas are recorded alike.
    False alarms: A transfer, roads policing, mutual aid, a person who moved. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     People of one's own area; people without an area. Says little of force-wide roles,
                  and of somebody new.
    Source:       Heard, Weston, Platanioti, Hand, Bayesian anomaly detection methods for social
                  networks, Annals of Applied Statistics, 2010; Johnson, Kotz, Balakrishnan,
                  Discrete Multivariate Distributions, 1997, chapter 35 (Dirichlet-multinomial).
    """

    name: ClassVar[str] = "out_of_area"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "other people of that area looked up"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"subjects", "staff"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"cases", "case_subjects"})

    def measure(self, frame: Frame) -> Measured | Abstention:
        """The area of each person, and of the latest case that names them, by number."""
        counts = frame.columns(f"""
            with home as (
                select s.subject_no, min(c.area_no) as area_no
                from subjects join subject_alias s using (subject_id)
                join area_code c on c.area = subjects.area group by s.subject_no
            ), place as (
                select a.row_no, arg_max(c.area_no, (k.opened_at, c.area_no)) as area_no
                from active a join party p using (subject_no) join case_span k using (case_no)
                join area_code c on c.area = k.area
                where k.opened_at < a.day + interval 1 day
                  and k.closed_at >= a.day - interval {_CASE_DAYS} day
                group by a.row_no
            )
            select row_no, coalesce(h.area_no, p.area_no) as area,
                   coalesce(p.area_no, h.area_no) as case_area
            from active left join home h using (subject_no) left join place p using (row_no)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How unlikely the likelier of the two areas is for this user."""
        home, case = (_of(name, measured, baseline=baseline) for name in ("area", "case_area"))
        likelier = case.at_least > home.at_least
        return Tested(
            pvalue=np.where(likelier, case.at_least, home.at_least),
            evidence_value=evidence_value(np.where(likelier, case.middle, home.middle)),
            observed=np.where(likelier, case.observed, home.observed),
            expected=np.where(likelier, case.expected, home.expected),
            span=np.full(measured.rows, float(_CASE_DAYS)),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"of the area this person or their case belongs to, they looked up {row.observed:.0f} "
            f"other people in the time before; comparable staff ({row.role}) who look up as many: "
            f"{row.expected:.1f}"
        )


def _of(name: str, measured: Measured, *, baseline: Baseline) -> PlaceSurprise:
    """How unlikely one of the two areas of each row is."""
    return unlikely_place(
        _places(measured, name),
        peers=_places(baseline.peers, "area"),
        own=_places(baseline.own, "area"),
    )


def _places(measured: Measured, name: str) -> PlaceSample:
    return PlaceSample(
        places=measured.counts[name],
        cells=cells(measured),
        users=measured.user_no,
        pairs=measured.pair_no,
    )
