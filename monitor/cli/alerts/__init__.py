"""`psdmon alerts`: the queue, one alert whole, all of them in a file, and every action on them."""

import click

from monitor.cli.alerts import (
    acting,
    candidates,
    exporting,
    linking,
    listing,
    pending,
    recording,
    showing,
)

__all__ = ["command"]


@click.group("alerts")
def command() -> None:
    """See the queue, and act on alerts.

    An alert says that records were opened, not why; what it means is decided by a person.
    People appear as tokens (M-4QX7K2 a member of staff, P-9T2VDA a record looked up) until
    --unmask with a purpose. Every look and every action goes on the chain.

    An alert is named by its id, or by as much of it as no other shares.

    Example: psdmon alerts list; psdmon alerts show A-7f3k; psdmon alerts take A-7f3k
    """


for _one in (
    listing.listed,
    candidates.candidates,
    showing.show,
    showing.timeline,
    showing.why,
    exporting.export,
    acting.take,
    acting.assign,
    acting.note,
    acting.answer,
    recording.record,
    recording.facts,
    acting.await_,
    acting.refer,
    acting.close,
    acting.reopen,
    acting.follow_up,
    pending.pending,
    pending.confirm,
    pending.decline,
    pending.withdraw,
    linking.merge,
    linking.unmerge,
    linking.suppress,
    linking.lift,
    linking.suppressions,
):
    command.add_command(_one)
