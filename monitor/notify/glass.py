"""Broken glass, told at once by the very run that broke it; the daemon tells what is left."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from alerts.errors import PsdmonError
from alerts.notices import WATCHING
from monitor.notify.accounts import SystemAccounts
from monitor.notify.delivering import deliver, plan, post_at
from monitor.notify.sending import secret_of

if TYPE_CHECKING:
    from monitor.notify.channels import Channel
    from monitor.wiring import Site


def tell_at_once(site: "Site", *, environment: Mapping[str, str]) -> None:
    """Plans, and delivers over the channels of authority and auditors that this user can use.

    What cannot be planned or delivered here is left to the daemon: the entry is on the chain.
    """
    try:
        post = post_at(site, accounts=SystemAccounts(), environment=environment)
        plan(post)
        for channel in post.notifying.channel:
            if channel.role in WATCHING and _usable(channel, environment=environment):
                deliver(post, only=channel.name)
    except (PsdmonError, OSError):
        return


def _usable(channel: "Channel", *, environment: Mapping[str, str]) -> bool:
    """Whether this user has the password or secret of a channel."""
    try:
        secret_of(channel, environment=environment)
    except PsdmonError:
        return False
    return True
