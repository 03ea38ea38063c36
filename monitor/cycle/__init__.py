"""The cycle: what is owed is planned, judged day by day, stored and told."""

from monitor.cycle.asked import Judging, Progress, Span
from monitor.cycle.report import ScanReport
from monitor.cycle.scanning import scan

__all__ = ["Judging", "Progress", "ScanReport", "Span", "scan"]
