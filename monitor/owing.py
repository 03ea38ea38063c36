"""Which days are owed: settled, and not judged by what is known of them now."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from monitor.wiring import Site


def settled(site: Site) -> datetime:
    """The first moment of the day that may not be judged yet, because its logs still arrive."""
    waiting = timedelta(minutes=site.settings.judging.settle_minutes)
    return datetime.combine((site.clock.now() - waiting).date(), time(), tzinfo=UTC)


def owed(site: Site) -> Sequence[date]:
    """The settled days that a scan would judge now."""
    from monitor.cycle import days_to_judge, late_to, records_of, rules_of

    found = records_of(site, engine=site.settings.engine)
    if found is None:
        return ()
    records, arrivals = found
    warm_up = site.settings.judging.warm_up_days
    ledger = site.store.judged_days()
    late = late_to(records, rules_of(site), ledger=ledger, until=settled(site))
    standing = {day: judged for day, judged in ledger.items() if day not in late}
    return days_to_judge(arrivals, ledger=standing, until=settled(site), warm_up_days=warm_up)
