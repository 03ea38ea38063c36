"""The judgement of days: frame, detect, fuse, raise, by one code for live, scan, replay and why."""

from monitor.judgement.days import judged_days
from monitor.judgement.outcome import DayOutcome

__all__ = ["DayOutcome", "judged_days"]
