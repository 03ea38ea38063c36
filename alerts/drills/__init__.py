"""Drills: made-up misuse woven into the force's own log, to teach and to try what judges it.

    own log ──facts_of──> OwnLog ──a shape tells──> Told ──woven──> rows beside those of `access`

What a shape tells with stands in `telling`, when its looks fall in `moments`, on whom in `people`.

A drill is known by its shape, its strength and the seed of the round. Its rows are copies of the
member of staff's own rows, at their own working times, on another record.
"""

from alerts.drills.own_log import OwnLog, own_log
from alerts.drills.shapes import SHAPES, Shape
from alerts.drills.weaving import Drill, Woven, woven

__all__ = ["SHAPES", "Drill", "OwnLog", "Shape", "Woven", "own_log", "woven"]
