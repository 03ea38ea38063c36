"""One alert's score worked out again from the raw rows, by the code that raised it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.errors import Misused
from alerts.model import Alert, Status
from alerts.raising import matching
from monitor.home_records import records_of, rules_of
from monitor.judgement import judged_days
from monitor.settings import LOOK_BACK_DAYS
from monitor.shelf import BorrowingShelf
from monitor.wiring import Site

_SAME = 1e-9  # of a score: what printing and reading again may cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """An alert as it is stored, as it comes out now, and what is different about now."""

    stored: Alert
    recomputed: Alert | None  # nothing where the days no longer raise it
    changes: Mapping[
        str, tuple[str, str]
    ]  # what differs between then and now: settings, code, data

    @property
    def agrees(self) -> bool:
        """Whether the score comes out as it is stored."""
        return (
            self.recomputed is not None and abs(self.recomputed.score - self.stored.score) < _SAME
        )


def why(site: Site, alert_id: str) -> Why:
    """The alert judged again over the days from its raising to its last change."""
    stored = site.store.alert(alert_id)
    found = records_of(site, engine=site.settings.engine)
    if found is None:
        raise Misused(
            f"alert {alert_id}: the lake holds no access; "
            "possible: ingest the logs it was raised from"
        )
    records, arrivals = found
    rules = rules_of(site)
    capped = bool(rules.settings.judging.weekly_most_alerts)
    rules = rules.uncapped()  # how strong it is does not hang on who else there was
    erased = site.lake.erased
    if erased and stored.raised_at < erased.until:
        raise Misused(
            f"alert {alert_id}: cannot be worked out again, for {erased.says()}; possible: psdmon"
            " alerts show, the rows it rests on are kept"
        )
    settle = timedelta(minutes=rules.settings.judging.settle_minutes)
    until = stored.updated_at - settle
    first, last = (stored.raised_at - settle).date() - timedelta(days=1), until.date()
    first -= timedelta(days=7 if capped else 0)  # it may have waited for its week's cap
    days = [day for day in sorted(arrivals.newest_load) if first <= day <= last]
    standing: dict[str, Alert] = {}
    for outcome in judged_days(
        records,
        rules,
        days=days,
        until=max(until, stored.last_event_at),
        known=_answered_by(site, stored),
        shelf=BorrowingShelf(site),
    ):
        standing |= {alert.alert_id: alert for alert in outcome.alerts}
    again = matching(
        standing.values(),
        stored.user_ids[0],
        stored.subject_ids,
        alone=not stored.focus_subject_id,
    )
    changes = dict(_changes(stored, again, rules.settings_fingerprint))
    if erased and stored.raised_at - timedelta(days=LOOK_BACK_DAYS) < erased.until:
        changes["history"] = ("whole", erased.says())
    return Why(stored=stored, recomputed=again, changes=changes)


def _answered_by(site: Site, stored: Alert) -> tuple[Alert, ...]:
    """The closed alert that answers what came before this one; none where there is none.

    Raises:
        Misused: it was erased since.
    """
    if not stored.earlier_alert_id:
        return ()
    if stored.earlier_alert_id not in site.store.closings():
        raise Misused(
            f"alert {stored.alert_id}: cannot be worked out again, for alert"
            f" {stored.earlier_alert_id}, since whose closing it counts, was erased; possible:"
            " psdmon alerts show, the rows it rests on are kept"
        )
    return (replace(site.store.alert(stored.earlier_alert_id), status=Status.CLOSED),)


def _changes(stored: Alert, again: Alert | None, fingerprint: str) -> Mapping[str, tuple[str, str]]:
    now = {
        "settings": fingerprint,
        "code": again.code_version if again else stored.code_version,
        "data": _versions(again.data_version if again else stored.data_version),
    }
    then = {
        "settings": stored.settings_fingerprint,
        "code": stored.code_version,
        "data": _versions(stored.data_version),
    }
    return {what: (then[what], now[what]) for what in now if then[what] != now[what]}


def _versions(found: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(found.items()))
