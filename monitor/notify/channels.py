"""The channels of config/notify.toml: read, checked all at once, frozen."""

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from alerts.model import Priority
from alerts.notices import Quiet, Routing, Topic
from monitor.access.roles import DATABASE, Role
from monitor.toml_file import read_as

FILE_NAME: Final = "notify.toml"
_OPS_IN_A_TRY: Final = 8  # answers an SMTP server is waited for, from greeting to goodbye
_CASEWORK: Final = (Topic.ALERTS, Topic.FOLLOW_UPS, Topic.SUPPRESSIONS, Topic.SECOND_PERSON)
_TELLS: Final = {
    Role.ANALYST: (Topic.ALERTS,),
    Role.REVIEWER: _CASEWORK,
    Role.AUTHORITY: (*_CASEWORK, Topic.GLASS),
    Role.AUDITOR: (Topic.GLASS,),
    Role.ADMINISTRATOR: (Topic.HEALTH, Topic.DEAD_LETTERS),
}


class _Part(BaseModel):
    """A frozen table of settings; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Delivery(_Part):
    """How often and how long a message is tried."""

    tries: int = Field(default=20, ge=1, le=1000)
    first_wait_seconds: int = Field(default=60, ge=1)
    longest_wait_seconds: int = Field(default=21_600, ge=1)
    lease_seconds: int = Field(default=600, ge=60)  # a sender that is silent for longer has stopped

    @model_validator(mode="after")
    def _waits_grow(self) -> Self:
        if self.longest_wait_seconds < self.first_wait_seconds:
            raise ValueError("longest_wait_seconds is below first_wait_seconds; possible: above")
        return self


class _Reached(_Part):
    """What every channel says: whom it reaches, of what it tells, and when."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    role: Role
    reaches: tuple[str, ...] = ()  # users or group:NAME; empty: whoever holds the role
    tells: tuple[Topic, ...] = ()  # empty: what belongs to the role
    at_once: tuple[Priority, ...] = (Priority.URGENT,)
    digest_hours: float = Field(default=6.0, ge=0, le=168)
    gather_minutes: int = Field(default=60, ge=0, le=1440)
    most_at_once: int = Field(default=5, ge=1)
    quiet_from: str = ""
    quiet_to: str = ""
    quiet_spares_at_once: bool = True
    alert_ids: bool | None = None  # nothing said: only where the readers are named
    alert_ids_reason: str = ""
    timeout_seconds: float = Field(default=20.0, gt=0, le=60)

    @field_validator("reaches")
    @classmethod
    def _can_be_listed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if one.startswith(DATABASE) or not one.strip():
                raise ValueError(f"{one!r} names no reader; possible: a user, or group:NAME")
        return value

    @field_validator("quiet_from", "quiet_to")
    @classmethod
    def _is_an_hour(cls, value: str) -> str:
        if value:
            _wall(value)
        return value

    @model_validator(mode="after")
    def _hours_go_together(self) -> Self:
        if bool(self.quiet_from) != bool(self.quiet_to) or (
            self.quiet_from and self.quiet_from == self.quiet_to
        ):
            raise ValueError("quiet_from and quiet_to: possible: both, and not the same hour")
        if self.alert_ids and not self.reaches and not self.alert_ids_reason.strip():
            raise ValueError(
                "alert_ids = true on a channel whose readers are not named needs alert_ids_reason:"
                " an id can be tried by somebody who knows whom they looked up"
            )
        return self

    @property
    def shows_alert_ids(self) -> bool:
        """Whether messages carry the ids of alerts, or only the name of the notice."""
        return bool(self.reaches) if self.alert_ids is None else self.alert_ids

    @property
    def topics(self) -> frozenset[Topic]:
        """What it tells of: what is set, or what belongs to the role."""
        return frozenset(self.tells or _TELLS[self.role])

    def routing(self, zone: ZoneInfo) -> Routing:
        """The same as planning and gathering know it."""
        hours = (self.quiet_from, self.quiet_to)
        return Routing(
            name=self.name,
            role=str(self.role),
            tells=self.topics,
            at_once=frozenset(self.at_once),
            digest=timedelta(hours=self.digest_hours),
            gather=timedelta(minutes=self.gather_minutes),
            most_at_once=self.most_at_once,
            quiet=Quiet(start=_wall(hours[0]), end=_wall(hours[1]), zone=zone)
            if hours[0]
            else None,
            spares_at_once=self.quiet_spares_at_once,
        )


class Mail(_Reached):
    """One mailbox, by SMTP."""

    kind: Literal["smtp"]
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65_535)
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    plain_reason: str = ""  # why without TLS, where tls is none
    ca_file: str = ""  # empty: the authorities this machine trusts
    sender: str
    to: str
    user: str = ""
    password_env: str = ""
    password_file: str = ""

    @field_validator("sender", "to")
    @classmethod
    def _is_one_address(cls, value: str) -> str:
        name, _, domain = value.rpartition("@")
        if not name or not domain or any(letter in value for letter in " ,;<>\r\n\t"):
            raise ValueError(f"{value!r} is not one address; possible: name@example.org")
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.tls == "none":
            _need_reason(self.plain_reason, what='tls = "none"')
        if self.tls == "none" and self.user:
            raise ValueError("user: a password never goes over a line without TLS; possible: none")
        _one_source(self.password_env, self.password_file, what="password", wanted=bool(self.user))
        return self


class Webhook(_Reached):
    """One address that takes signed JSON by POST."""

    kind: Literal["webhook"]
    url: str
    plain_reason: str = ""  # why without TLS, where the address is http
    ca_file: str = ""
    client_file: str = ""  # certificate and key of this machine, PEM; empty: none
    secret_env: str = ""
    secret_file: str = ""

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("url: possible: https://host/path, with no name or password in it")
        if parts.scheme == "http":
            _need_reason(self.plain_reason, what="http")
        _one_source(self.secret_env, self.secret_file, what="secret", wanted=True)
        return self


class Syslog(_Reached):
    """One collector that takes RFC 5424 with CEF."""

    kind: Literal["syslog"]
    host: str = Field(min_length=1)
    port: int = Field(default=6514, ge=1, le=65_535)
    transport: Literal["tls", "tcp", "udp"] = "tls"
    plain_reason: str = ""  # why without TLS, where transport is tcp or udp
    ca_file: str = ""
    client_file: str = ""
    facility: int = Field(default=13, ge=0, le=23)  # 13: log audit
    hostname: str = Field(default="", pattern=r"^[\x21-\x7e]{0,255}$")  # empty: of this machine

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.transport != "tls":
            _need_reason(self.plain_reason, what=f'transport = "{self.transport}"')
        return self


class LineFile(_Reached):
    """One file that lines of JSON are added to."""

    kind: Literal["file"]
    path: str  # {day} stands for the UTC day

    @field_validator("path")
    @classmethod
    def _is_whole(cls, value: str) -> str:
        if not Path(value).is_absolute() or "{" in value.replace("{day}", ""):
            raise ValueError(f"{value!r} is no whole path; possible: /var/log/psdmon/{{day}}.jsonl")
        return value


Channel = Mail | Webhook | Syslog | LineFile


class Notifying(_Part):
    """Whom psdmon tells, of what, and how."""

    delivery: Delivery = Delivery()
    channel: tuple[Annotated[Channel, Field(discriminator="kind")], ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [one.name for one in self.channel]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"channel: {', '.join(twice)} is named twice; possible: once")
        lease = self.delivery.lease_seconds
        for one in self.channel:
            if one.timeout_seconds * _OPS_IN_A_TRY > lease:
                least = f"{one.timeout_seconds * _OPS_IN_A_TRY:.0f}"
                raise ValueError(
                    f"channel {one.name}: a try may outlast delivery.lease_seconds ({lease});"
                    f" possible: {least} or more, or a shorter timeout_seconds"
                )
        return self


def notifying_at(folder: Path) -> Notifying:
    """The channels of a config folder; none where there is no such file.

    Raises:
        Misused: every problem at once, each with its place.
    """
    path = folder / FILE_NAME
    try:
        return read_as(Notifying, path, what="notify")
    except FileNotFoundError:
        return Notifying()


def _wall(written: str) -> time:
    """A time of the wall clock as typed, 18:30.

    Raises:
        ValueError: it is none.
    """
    try:
        hour, minute = written.split(":")
        if len(hour) == len(minute) == 2:
            return time(int(hour), int(minute))
    except ValueError:
        pass
    raise ValueError(f"{written!r} is no time of the day; possible: 18:30")


def _need_reason(reason: str, *, what: str) -> None:
    if not reason.strip():
        raise ValueError(f"{what} needs plain_reason: why may this go unencrypted?")


def _one_source(env: str, file: str, *, what: str, wanted: bool) -> None:
    if wanted and bool(env) == bool(file):
        raise ValueError(f"{what}: possible: one of {what}_env and {what}_file, never in config")
