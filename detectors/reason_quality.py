"""Looking somebody up and leaving the reason blank, or as good as blank."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.evidence import evidence_value
from detectors.stats.own_share import OwnShareSample, surprising_own_share
from detectors.strata import cells
from detectors.typed import says_something


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonQuality:
    r"""Does this member of staff leave the reason blank for this person more than for others?

    Statistic:    Of the $D$ days in 90 on which the user looked this person up in a system that
                  asks for reasons, those $K$ on which every reason was blank or a placeholder, with
                  no code and no case reference either. $K$ of $D$ is beta-binomial: its mean is the
                  user's own share with everybody else, shrunk to the role's, its precision that of
                  the pairs of one user. One mid-p, one e-value. Visits that a tasking fully
                  explains do not count.
    Assumes:      Who leaves reasons blank does so with everybody alike; a system whose rows hold a
                  reason less than once in fifty asks for none, and its rows say nothing.
    False alarms: A system that began to ask in between, urgent checks on the street, drop-downs
                  with an empty first line. Measured in tests/detectors/test_calibration.py.
    Blind to:     Reasons that read well and are untrue; users who never give a reason.
    Source:       Hedda, Malin, Yan, Fabbri, Evaluating the effectiveness of auditing rules for
                  electronic health record systems, AMIA Annual Symposium, 2017; Skellam, A
                  probability distribution derived from the binomial distribution, JRSS B, 1948.
    """

    name: ClassVar[str] = "reason_quality"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "days on which no reason was given"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "case_subjects"})

    window_days: int = 90
    asks_from_share: float = 0.02  # of a system's rows with a reason, from which it asks for one
    least_letters: int = 3  # of a reason that says something
    placeholders: tuple[str, ...] = (
        *("enq", "enqs", "enquiry", "enquiries", "inq", "inquiry", "n a", "na", "nil", "none"),
        *("not known", "unknown", "other", "test", "testing", "check", "tbc", "tba", "as above"),
        *("reason", "police", "police purpose", "policing purpose", "work", "asdf", "xxx", "xxxx"),
    )

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Days with a look in the window that ends on the day, and those without any reason."""
        if not self._asked(frame):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                reason="no row of the log holds a reason, so none can be said to be missing",
            )
        span = f"range between interval {self.window_days - 1} day preceding and current row"
        counts = frame.columns(
            f"""
            with asking as (
                select system, day, sum(count(reason_code) + count(*) filter (
                           reason is not null and reason_code is null)) over {{system}}
                       >= $share * sum(count(*)) over {{system}} as asks
                from visit_row group by system, day
            ), told as (
                select r.user_no, r.subject_no, r.day,
                       bool_or(r.case_ref is not null or r.reason_code is not null
                               or {says_something("r.reason")}) as given
                from visit_row r semi join active using (user_no, subject_no)
                join asking a on a.system = r.system and a.day = r.day and a.asks
                join visit v on v.user_no = r.user_no and v.subject_no = r.subject_no
                            and v.visit_ordinal = r.visit_ordinal and coalesce(v.level, 0) < 2
                group by r.user_no, r.subject_no, r.day
            ), rolling as (
                select user_no, subject_no, day, count(*) over pair as days,
                       count(*) filter (not given) over pair as blank
                from told
                window pair as (partition by user_no, subject_no order by day {span})
            )
            select row_no, days, blank from active join rolling using (user_no, subject_no, day)
            """.replace("{system}", f"(partition by system order by day {span})"),
            share=self.asks_from_share,
            **self._wording(),
        )
        return laid_on(frame, counts)

    def _wording(self) -> dict[str, object]:
        """What a reason must be more than."""
        return {"placeholders": list(self.placeholders), "letters": self.least_letters}

    def _asked(self, frame: Frame) -> bool:
        found = frame.connection.execute(
            "select count(reason) + count(reason_code) from visit_row"
        ).fetchall()
        return bool(found[0][0])

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the share of blank days departs from the user's own with everybody else."""
        share = surprising_own_share(
            _blank(measured), peers=_blank(baseline.peers), own=_blank(baseline.own)
        )
        return Tested(
            pvalue=share.at_least,
            evidence_value=evidence_value(share.middle),
            observed=measured.counts["blank"],
            expected=share.expected,
            span=measured.counts["days"],
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"gave no reason, or a placeholder, on {row.observed:.0f} of the {row.span:.0f} days "
            f"with a look in {self.window_days}; by their own habit and that of comparable staff "
            f"({row.role}): {row.expected:.1f}"
        )


def _blank(measured: Measured) -> OwnShareSample:
    """Of the days with a look, those without any reason."""
    return OwnShareSample(
        successes=measured.counts["blank"],
        trials=measured.counts["days"],
        cells=cells(measured),
        users=measured.user_no,
        pairs=measured.pair_no,
    )
