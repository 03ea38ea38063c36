"""The force's settings: read, checked all at once, and fingerprinted."""

import hashlib
import math
import re
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from alerts.errors import Misused
from monitor.toml_file import read_as

LOOK_BACK_DAYS = 366  # as detectors.model.Limits has it; a test holds the two together
_SHIPPED = ("_shipped_config", "../config")


@cache
def zones() -> frozenset[str]:
    """Every IANA zone of this machine; looked for once, for it takes a walk through many files."""
    return frozenset(available_timezones())


class _Part(BaseModel):
    """A frozen table of settings; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Force(_Part):
    """Who runs the monitor, and where."""

    name: str = "unnamed force"
    zone: str = "Europe/London"
    jurisdiction: str = "england-wales"  # whose law pack: a file of config/prompts

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value not in zones():
            raise ValueError(f"{value!r} is not an IANA zone; possible: Europe/London")
        return value


class StoreSettings(_Part):
    """Where alerts, runs and chain are kept."""

    url: str = ""  # SQLAlchemy URL; empty: the embedded SQLite file of the home


class Engine(_Part):
    """What analysis may use of the machine."""

    threads: int = Field(default=2, ge=1)
    memory: str = "4GB"

    @field_validator("memory")
    @classmethod
    def _memory_is_a_size(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?[KMGT]B", value):
            raise ValueError(f"{value!r} is not a size; possible: 4GB")
        return value


class Visits(_Part):
    """How rows become visits."""

    gap_minutes: int = Field(default=30, ge=1, le=720)


class Explanations(_Part):
    """Time limits of the explanation templates."""

    before_hours: float = Field(default=2, ge=0)  # a lookup may precede its tasking by this
    after_hours: float = Field(default=48, ge=0)  # and follow its end by this
    colleague_days: float = Field(default=3, ge=0)
    dispatch_hours: float = Field(default=24, ge=0)  # an incident counts as open this long
    supervision_hours: float = Field(default=48, ge=0)
    own_report_hours: float = Field(default=72, ge=0)
    court_days: float = Field(default=2, ge=0)
    responsibility_weeks: int = Field(default=4, ge=1, le=8)
    responsibility_least_pairs: int = Field(default=50, ge=20)
    responsibility_least_share: float = Field(default=0.9, gt=0.5, le=1)
    self_made_days: float = Field(default=28, ge=0)
    late_entry_days: float = Field(default=7, ge=0)
    duty_margin_minutes: float = Field(default=30, ge=0)


class Judging(_Part):
    """When a day is judged and what is put before a person."""

    settle_minutes: int = Field(default=130, ge=0, le=1439)
    warm_up_days: int = Field(default=28, ge=7)
    reference_days: int = Field(default=56, ge=14)
    chance_alerts_per_1000_user_weeks: float = Field(default=1.0, gt=0)
    users_budget_share: float = Field(default=0.1, ge=0, lt=1)
    ledger_least_user_years: float = Field(default=5.0, gt=0)
    weekly_most_alerts: int = Field(default=0, ge=0)
    weekly_single_share: float = Field(default=0.3, ge=0, le=1)
    audit_share: float = Field(default=0.05, ge=0, le=0.5)
    audit_seed: int = Field(default=1, ge=0)
    episode_days: int = Field(default=28, ge=1)
    joins_duty_day: bool = True  # unlinked people of one shift, each beyond the floor: one alert


class Casework(_Part):
    """How people work on alerts, and what one of them may not decide alone."""

    # Closing a high or urgent alert, and suppressing, wait for a second person.
    second_person: bool = True
    second_person_reason: str = ""  # why one person is enough, where second_person is false
    suppression_most_days: int = Field(default=90, ge=1)  # the longest a suppression may last
    legitimate_most_days: int = Field(default=365, ge=1)  # lookups may be decided legitimate for
    expiring_days: int = Field(default=14, ge=1)  # suppressions that end within this are named

    @model_validator(mode="after")
    def _one_person_has_a_reason(self) -> "Casework":
        if not self.second_person and not self.second_person_reason.strip():
            raise ValueError(
                "second_person = false needs second_person_reason; possible: say why one person is"
                " enough here"
            )
        return self


class Teaching(_Part):
    """How drills in the force's own history teach the fusion."""

    budget_share: float = Field(default=0.7, ge=0, lt=1)  # of the review budget; 0: switched off
    term_days: int = Field(default=28, ge=7, multiple_of=7)  # between two teachings
    least_user_years: float = Field(default=30.0, ge=0)  # of history, below which nothing is taught
    least_rounds: int = Field(default=2, ge=1, le=8)
    share: float = Field(default=0.8, gt=0, le=1)  # of the members of staff, drilled in a round
    seed: int = Field(default=1, ge=0)
    without: tuple[str, ...] = ()  # shapes that are left out


class Schedule(_Part):
    """When the daemon wakes, in UTC."""

    every_minutes: int = Field(default=60, ge=1, le=1440)


class Daemon(_Part):
    """How long the service waits for what it starts, and for itself."""

    day_minutes: float = Field(default=120, gt=0)  # one day, what is taught for it included
    step_minutes: float = Field(default=15, gt=0)  # any other step, without a sign of life
    grace_seconds: float = Field(default=60, ge=0)  # for the day in hand, once asked to stop
    wake_minutes: float = Field(default=30, gt=0)  # of judging, before other steps have their turn
    claim_minutes: float = Field(default=30, gt=0)  # a day stays claimed without a renewal
    retry_minutes: float = Field(default=30, gt=0)  # after a second failure; doubles with each
    retry_most_hours: float = Field(default=24, gt=0)
    lease_minutes: float = Field(default=5, gt=0)  # a daemon is the one daemon without a renewal


class Health(_Part):
    """Where the service tells how it is, and when that is not well."""

    port: int = Field(default=0, ge=0, le=65535)  # on loopback; 0: nothing is answered
    textfile: str = ""  # path of a file for a collector of metrics; empty: none
    ready_hours: float = Field(default=26, gt=0)  # a last success older than this is not well
    least_free_gigabytes: float = Field(default=1, ge=0)  # room on the disk of the home

    @field_validator("textfile")
    @classmethod
    def _collectors_read_prom(cls, value: str) -> str:
        if value and not value.endswith(".prom"):
            raise ValueError(
                f"{value!r} is not read by collectors; possible: a path that ends in .prom"
            )
        return value


class LakeSettings(_Part):
    """How the files of the lake are kept few."""

    most_files: int = Field(default=24, ge=1)  # of a month: more are put together
    kept_hours: float = Field(default=168, ge=0)  # replaced files stay, for whoever still reads


class Retention(_Part):
    """How long each kind is kept; 0: until the force's own schedule says otherwise."""

    events_days: int = Field(default=730, ge=0)
    reference_days: int = Field(default=730, ge=0)
    quarantine_days: int = Field(default=180, ge=0)
    models_days: int = Field(default=730, ge=0)
    candidates_days: int = Field(default=730, ge=0)
    dismissed_alerts_days: int = Field(default=365, ge=0)
    upheld_alerts_days: int = Field(default=0, ge=0)
    words_days: int = Field(default=730, ge=0)
    trouble_days: int = Field(default=30, ge=0)
    shorter_reason: str = ""  # why accesses are kept for less than detectors look back
    second_person: bool = True  # erasing waits for a second person
    second_person_reason: str = ""  # why one person is enough, where second_person is false

    @model_validator(mode="after")
    def _one_person_has_a_reason(self) -> "Retention":
        if not self.second_person and not self.second_person_reason.strip():
            raise ValueError(
                "second_person = false needs second_person_reason; possible: say why one person is"
                " enough here"
            )
        return self

    @model_validator(mode="after")
    def _what_explains_outlasts_accesses(self) -> "Retention":
        accesses = self.events_days or math.inf
        for name in ("reference_days", "models_days"):
            if 0 < getattr(self, name) < accesses:
                raise ValueError(
                    f"{name} is shorter than events_days, so accesses would lose what explains"
                    " them; possible: as long, or 0"
                )
        return self


class Access(_Part):
    """Who is kept away from which alerts."""

    second_person: bool = True  # identities need somebody else's leave
    sealed_roles: tuple[str, ...] = (
        *("professional standards", "counter-corruption", "vetting", "it", "chief officer"),
    )
    sealed_teams: tuple[str, ...] = ()
    past_days: int = Field(default=730, ge=0)  # how long a tie outlives itself
    most_levels_below: int = Field(default=2, ge=1)


class Settings(_Part):
    """Everything a force may set, with its defaults."""

    force: Force = Force()
    store: StoreSettings = StoreSettings()
    engine: Engine = Engine()
    lake: LakeSettings = LakeSettings()
    visits: Visits = Visits()
    explanations: Explanations = Explanations()
    judging: Judging = Judging()
    casework: Casework = Casework()
    teaching: Teaching = Teaching()
    schedule: Schedule = Schedule()
    daemon: Daemon = Daemon()
    health: Health = Health()
    retention: Retention = Retention()
    access: Access = Access()

    @model_validator(mode="after")
    def _detectors_see_far_enough(self) -> "Settings":
        least = LOOK_BACK_DAYS + self.judging.reference_days
        kept = self.retention.events_days
        if 0 < kept < least and not self.retention.shorter_reason.strip():
            raise ValueError(
                f"retention.events_days = {kept} is shorter than the {least} days that detectors"
                " look back; possible: more days, or retention.shorter_reason"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The force's own time zone."""
        return ZoneInfo(self.force.zone)


def shipped_config() -> Path:
    """The folder of shipped data: inside an installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    for candidate in _SHIPPED:
        folder = (here / candidate).resolve()
        if (folder / "settings.toml").is_file():
            return folder
    raise Misused(f"shipped config: none beside {here}; possible: reinstall psdmon")


def settings_at(folder: Path) -> Settings:
    """The settings in a config folder.

    Raises:
        Misused: every problem at once, each with file and key.
    """
    path = folder / "settings.toml"
    try:
        return read_as(Settings, path, what="settings")
    except FileNotFoundError:
        raise Misused(f"settings: {path} is not there; possible: psdmon init") from None


def fingerprint(folder: Path) -> str:
    """SHA-256 over every file of a config folder, by name and content: `sha256:...`."""
    digest = hashlib.sha256()
    data = (path for path in folder.rglob("*") if path.suffix in {".toml", ".csv"})
    for path in sorted(path for path in data if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return f"sha256:{digest.hexdigest()}"
