"""What is to be said of the channels of a home before anything is sent over them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.errors import Misused
from alerts.notices import WATCHING, Topic
from monitor.notify.audience import Audience, audiences
from monitor.notify.channels import Channel, LineFile, Syslog, notifying_at
from monitor.notify.sending import secret_of
from monitor.notify.tls import verifying

if TYPE_CHECKING:
    from monitor.notify.accounts import Accounts
    from monitor.wiring import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing about the channels."""

    says: str
    problem: bool = False
    note: bool = False


def remarks(
    site: "Site", *, accounts: "Accounts", environment: Mapping[str, str]
) -> Iterator[Remark]:
    """Everything there is to say, problems and notes included.

    Raises:
        Misused: notify.toml cannot be read; every problem of it at once.
    """
    channels = notifying_at(site.home.config).channel
    if not channels:
        yield Remark(
            says="no channel is set, so nobody is told; possible: config/notify.toml", note=True
        )
        return
    yield Remark(says=f"channels: {', '.join(one.name for one in channels)}")
    if not any(one.role in WATCHING for one in channels):
        says = "no channel of an authority or auditor, so broken glass is told to nobody"
        yield Remark(says=says, note=True)
    reached = audiences(site, channels, accounts=accounts)
    for one in channels:
        yield from _of_channel(one, reached[one.name], environment=environment)


def _of_channel(
    channel: Channel, audience: Audience, *, environment: Mapping[str, str]
) -> Iterator[Remark]:
    place = f"channel {channel.name}"
    try:
        secret_of(channel, environment=environment)
    except Misused as trouble:
        yield Remark(says=str(trouble), problem=True)
    if file := _unreadable(channel):
        yield Remark(says=f"{place}: {file} cannot be used as a certificate", problem=True)
    if Topic.ALERTS in channel.topics and (why := audience.kept_from()):
        yield Remark(says=f"{place}: tells of no alert: {why}", note=True)
    if isinstance(channel, Syslog) and channel.transport == "udp":
        yield Remark(says=f"{place}: what is lost on the way by UDP is not known", note=True)


def _unreadable(channel: Channel) -> str:
    """A file of certificates that cannot be used; empty where all can."""
    if isinstance(channel, LineFile):
        return ""
    files = {"ca_file": channel.ca_file, "client_file": getattr(channel, "client_file", "")}
    for name, path in files.items():
        try:
            verifying(**{"ca_file": "", name: path})
        except OSError:
            return path
    return ""
