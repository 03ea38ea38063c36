"""What a wake does, in order; a new step is one more line here.

1 feeds    what is declared in feeds.toml is read from where it was left
2 judge    days whose logs have had judging.settle_minutes to arrive, oldest first
3 compact  files of the lake, where a table has too many
4 notify   what has happened is planned, and what is due is delivered
9 signs    how the home is: lag, gaps, queue, room; last, so that it tells of the others
"""

from typing import Final

from monitor.daemon.compacting import Compact
from monitor.daemon.feeding import Feed
from monitor.daemon.judging import Judge
from monitor.daemon.telling import Tell
from monitor.health.taking import TakeSigns
from monitor.wake import Step

STEPS: Final[tuple[Step, ...]] = (Feed(), Judge(), Compact(), Tell(), TakeSigns())
