"""What days are judged by: the rules of a home, and what its records say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from alerts.fusing import Strand
from alerts.prompt_pack import PromptPack
from detectors.model import Limits
from monitor.limits import limits_of
from monitor.settings import Settings

_USER_YEARS_PER_BUDGET = (
    1000 / 52
)  # 1 chance alert in 1,000 user-weeks is one in 19.2 user-years (METHODS 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decides how days are judged; nothing else does."""

    settings: Settings
    strands: tuple[Strand, ...]
    pack: PromptPack
    settings_fingerprint: str
    code_version: str

    @property
    def floor(self) -> float:
        """The least recurrence interval that is put before a person, user-years."""
        return _USER_YEARS_PER_BUDGET / self.settings.judging.chance_alerts_per_1000_user_weeks

    @property
    def limits(self) -> Limits:
        """The frame's limits, as the settings have them."""
        return limits_of(self.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What is known: a connection with the lake's views, and which feeds hold rows."""

    connection: duckdb.DuckDBPyConnection
    feeds: frozenset[str]
    first_event_at: datetime
    data_version: Mapping[str, int]
