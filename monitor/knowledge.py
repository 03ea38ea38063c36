"""What days are judged by: the rules of a home, and what its records say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import duckdb

from alerts.candidates import audit_chance
from alerts.fusing import Strand
from alerts.model import Alert
from alerts.prompt_pack import PromptPack
from alerts.records import Allowance, Suppression, Upheld
from alerts.silences import suppressed
from detectors.model import Limits
from monitor.limits import limits_of
from monitor.reference_folder import NoReferences, References
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
    draw_key: bytes = field(default=b"", repr=False)  # of the audit draw; none is drawn without

    @property
    def floor(self) -> float:
        """The least recurrence interval that is put before a person, user-years."""
        return _USER_YEARS_PER_BUDGET / self.settings.judging.chance_alerts_per_1000_user_weeks

    @property
    def ledger_floor(self) -> float:
        """The least recurrence interval that is kept in the ledger, user-years."""
        return min(self.settings.judging.ledger_least_user_years, self.floor)

    @property
    def audit_chance(self) -> float:
        """The chance with which a candidate below the floor is drawn; 0 without a key."""
        if not self.draw_key:
            return 0.0
        share = self.settings.judging.audit_share
        return audit_chance(share=share, low=self.ledger_floor, floor=self.floor)

    def uncapped(self) -> "Rules":
        """The same without a weekly cap."""
        judging = self.settings.judging.model_copy(update={"weekly_most_alerts": 0})
        return replace(self, settings=self.settings.model_copy(update={"judging": judging}))

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
    suppressions: tuple[Suppression, ...] = ()  # every one there ever was; each has its span
    upheld: tuple[Upheld, ...] = ()  # upheld cases, which leave the reference
    # When each alert was closed, oldest first, by id: what came before is answered.
    closings: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    references: References = field(default_factory=NoReferences)  # where those of weeks are kept

    def held_back(self, alert: Alert, *, at: datetime) -> tuple[Suppression, ...]:
        """The suppressions that leave nothing of an alert to say at a moment; none where some."""
        silence = suppressed(alert, self.suppressions, at=at)
        return silence.by if silence.whole else ()


def lay_allowances(connection: duckdb.DuckDBPyConnection, allowances: Iterable[Allowance]) -> None:
    """Lays `allowance`, from which a frame takes what people decided to be legitimate."""
    connection.execute("""
        create or replace table allowance (
            user_id varchar, subject_id varchar, from_at timestamp, until_at timestamp,
            decided_as varchar)
    """)
    rows = [
        (one.user_id, one.focus_subject_id, _naive(one.at), _naive(one.until), one.decided_as)
        for one in allowances
    ]
    if rows:
        connection.executemany("insert into allowance values (?, ?, ?, ?, ?)", rows)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
