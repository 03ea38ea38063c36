"""One pass: what has happened is planned, and what is due is delivered, channel by channel.

1 plan      entries of the chain and the days that have come become notices, in one transaction
2 look      whom does each channel reach now, and what may they know now
3 claim     the next message of a channel, under a lease; what may not be told is withheld
4 deliver   over the wire, bounded in time, under a name that stays the same
5 mark      sent, put off with a growing wait, or dead after the last try
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from alerts.errors import Misused, PsdmonError
from alerts.notices import (
    Chosen,
    Happening,
    Planned,
    Routing,
    Waiting,
    batch,
    planned,
    wait_before,
)
from monitor.notify.audience import Audience, audiences
from monitor.notify.channels import Channel, Notifying, notifying_at
from monitor.notify.message import Message, message_of, trial_message
from monitor.notify.sending import send

if TYPE_CHECKING:
    from alerts.store.happenings import Lookout
    from alerts.store.notifying import Claimed
    from monitor.notify.accounts import Accounts
    from monitor.wiring import Site

log = structlog.get_logger()

_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_NAME_LETTERS: Final = 12  # 60 bits: nobody guesses one, and no two are alike
_MOST_AGE: Final = timedelta(hours=26)  # as psdmon status has it: a day, and time to settle
_GAP_TRIES: Final = 3  # claims of a day that was not judged: once is a restart, thrice is a gap
MOST_IN_A_PASS: Final = 100  # messages of one channel; the next pass goes on

Chance = random.Random
Send = Callable[["Channel", Message], str]  # what kept it from being taken, or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What one pass did on one channel."""

    channel: str
    sent: int = 0
    trouble: str = ""  # of the message that stopped the pass there
    dead: bool = False  # whether that message is dead now


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Everything a pass stands on: the home, its channels, accounts, chance and wires."""

    site: "Site"
    notifying: Notifying
    accounts: "Accounts"
    chance: Chance = field(repr=False)
    send: Send

    @property
    def routes(self) -> tuple[Routing, ...]:
        """The channels as planning knows them."""
        return tuple(one.routing(self.site.settings.zone) for one in self.notifying.channel)

    def mint(self, sign: str) -> Callable[[], str]:
        """A function that gives names by chance, no two alike."""
        return lambda: f"{sign}-{''.join(self.chance.choices(_LETTERS, k=_NAME_LETTERS))}"


def post_at(
    site: "Site",
    *,
    accounts: "Accounts",
    chance: Chance | None = None,
    environment: Mapping[str, str],
) -> Post:
    """The post of a home, with the wires its settings name.

    Raises:
        Misused: notify.toml cannot be used; every problem at once.
    """
    site.made()
    return Post(
        site=site,
        notifying=notifying_at(site.home.config),
        accounts=accounts,
        chance=chance or random.SystemRandom(),
        send=lambda channel, message: send(
            channel, message, at=site.clock.now(), environment=environment, version=_release(site)
        ),
    )


def plan(post: Post, *, wrong: tuple[str, ...] = ()) -> int:
    """Plans what has happened since the last time, and returns how many notices came of it.

    Args:
        post: of the home.
        wrong: what is wrong with the service, by short names; each is told once a day.
    """
    if not post.notifying.channel:
        return 0
    site = post.site
    return site.store.outbox.plan(
        lambda happenings: _planned(post, happenings),
        lookout=lookout(site, wrong=wrong),
        actor=site.actor,
        mint=post.mint("N"),
        facts={"settings_fingerprint": site.config_fingerprint},
    )


def unplanned(post: Post) -> tuple[Planned, ...]:
    """What planning would write now; nothing is written."""
    if not post.notifying.channel:
        return ()
    return post.site.store.outbox.unplanned(
        lambda happenings: _planned(post, happenings), lookout=lookout(post.site)
    )


def deliver(
    post: Post, *, only: str = "", asked_to_stop: Callable[[], bool] = lambda: False
) -> tuple[Passed, ...]:
    """Delivers what is due, and returns what became of it on each channel.

    Args:
        post: of the home.
        only: the name of one channel; empty for all.
        asked_to_stop: whether to end after the message in hand.

    Raises:
        Misused: there is no channel of that name.
    """
    channels = [channel_of(post, only)] if only else list(post.notifying.channel)
    reached = audiences(post.site, tuple(channels), accounts=post.accounts)
    return tuple(
        _delivered(post, one, audience=reached[one.name], asked_to_stop=asked_to_stop)
        for one in channels
        if not asked_to_stop()
    )


def trial(post: Post, name: str) -> str:
    """Sends a test over one channel, and returns what kept it from being taken, or nothing."""
    channel, site = channel_of(post, name), post.site
    trouble = post.send(channel, trial_message(name=post.mint("m")(), at=site.clock.now()))
    site.store.record(
        "notice.tested",
        actor=site.actor,
        at=site.clock.now(),
        facts={"channel": name, "trouble": trouble},
    )
    return trouble


def channel_of(post: Post, name: str) -> Channel:
    """The channel of a name.

    Raises:
        Misused: there is none; says which there are.
    """
    named = {one.name: one for one in post.notifying.channel}
    if name not in named:
        possible = ", ".join(named) or "one in config/notify.toml"
        raise Misused(f"channel {name}: is not there; possible: {possible}")
    return named[name]


def lookout(site: "Site", *, wrong: tuple[str, ...] = ()) -> "Lookout":
    """This moment, how far ahead what comes by itself is told of, and what is wrong."""
    from alerts.store.happenings import Lookout

    now = site.clock.now()
    return Lookout(
        at=now,
        today=now.astimezone(site.settings.zone).date(),
        expiring=timedelta(days=site.settings.casework.expiring_days),
        wrong=(*wrong, *_without_success(site), *_failing_days(site)),
    )


def _without_success(site: "Site") -> tuple[str, ...]:
    """Whether judging has ended well lately, as a sign; nothing where it never was to."""
    last = site.store.last_entry("scan.finished")
    late = last is not None and site.clock.now() - last.moment > _MOST_AGE
    return ("judging",) if late else ()


def _failing_days(site: "Site") -> tuple[str, ...]:
    """Whether a day was tried again and again and is still not judged, as a sign."""
    failing = any(one.attempts >= _GAP_TRIES for one in site.store.days.ledger())
    return ("gap",) if failing else ()


def _planned(post: Post, happenings: Sequence[Happening]) -> tuple[Planned, ...]:
    return planned(happenings, post.routes, now=post.site.clock.now())


def _delivered(
    post: Post, channel: Channel, *, audience: Audience, asked_to_stop: Callable[[], bool]
) -> Passed:
    """Sends the messages of one channel until none may leave or one cannot."""
    sent = 0
    for _ in range(MOST_IN_A_PASS):
        claimed = None if asked_to_stop() else _claimed(post, channel, audience=audience)
        if claimed is None:
            break
        trouble = _tried(post, channel, claimed=claimed)
        if trouble:
            dead = _put_off(post, claimed, trouble=trouble)
            return Passed(channel=channel.name, sent=sent, trouble=trouble, dead=dead)
        post.site.store.outbox.sent(
            claimed.message,
            actor=post.site.actor,
            at=post.site.clock.now(),
            facts={"role": str(channel.role), "reached": list(audience.users)},
        )
        log.info("notice.sent", channel=channel.name, message=claimed.message)
        sent += 1
    return Passed(channel=channel.name, sent=sent)


def _claimed(post: Post, channel: Channel, *, audience: Audience) -> "Claimed | None":
    site, delivery = post.site, post.notifying.delivery
    route = channel.routing(site.settings.zone)
    now = site.clock.now()
    longest = timedelta(seconds=delivery.longest_wait_seconds)

    def choose(waiting: Sequence[Waiting]) -> Chosen:
        why = {one.notice.id: audience.why_not(one.notice, one.alert) for one in waiting}
        left = [one.notice for one in waiting if not why[one.notice.id]]
        return Chosen(
            together=batch(left, route, now=now, longest_wait=longest),
            withheld={name: reason for name, reason in why.items() if reason},
        )

    return site.store.outbox.claim(
        channel.name,
        choose,
        owner=site.run_owner,
        actor=site.actor,
        at=now,
        lease=timedelta(seconds=delivery.lease_seconds),
        mint=post.mint("m"),
    )


def _tried(post: Post, channel: Channel, *, claimed: "Claimed") -> str:
    """What kept a message from being taken, or nothing; a fault of the program is trouble too."""
    message = message_of(
        claimed.notices,
        name=claimed.message,
        at=post.site.clock.now(),
        shows_alert_ids=channel.shows_alert_ids,
    )
    try:
        return post.send(channel, message)
    except PsdmonError:
        return "its password, secret or certificate cannot be used"
    except Exception as trouble:  # noqa: BLE001 one channel never stops another
        kind = type(trouble).__name__
        log.error("notice.failed", channel=channel.name, kind=kind)  # noqa: TRY400 its text may hold an address
        return f"the program met a fault ({kind})"


def _put_off(post: Post, claimed: "Claimed", *, trouble: str) -> bool:
    """Writes that a try was in vain, and returns whether the message is dead."""
    site, delivery = post.site, post.notifying.delivery
    attempts, now = claimed.attempts + 1, site.clock.now()
    dead = attempts >= delivery.tries
    wait = wait_before(
        attempts,
        first=timedelta(seconds=delivery.first_wait_seconds),
        longest=timedelta(seconds=delivery.longest_wait_seconds),
        chance=post.chance.random(),
    )
    site.store.outbox.put_off(
        claimed.message,
        trouble=trouble,
        next_try_at=None if dead else now + wait,
        actor=site.actor,
        at=now,
    )
    name = claimed.channel
    if dead:
        log.error("notice.dead", channel=name, message=claimed.message, trouble=trouble)
    else:
        log.warning(
            "notice.put_off",
            attempts=attempts,
            channel=name,
            message=claimed.message,
            trouble=trouble,
        )
    return dead


def _release(site: "Site") -> str:
    return site.code_version.partition("+")[0]
