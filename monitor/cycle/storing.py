"""What a scan writes: each judged day in one transaction, and its own entry at the end."""

from datetime import datetime

from monitor.cycle.planning import Plan
from monitor.cycle.report import ScanReport, abstention_facts
from monitor.cycle.tally import Put
from monitor.judgement import DayOutcome
from monitor.knowledge import Rules
from monitor.owing import days_behind
from monitor.wiring import Site


def kept(site: Site, outcome: DayOutcome, *, plan: Plan, rules: Rules, began: datetime) -> Put:
    """Writes one day: ledger, alerts and chain in one transaction."""
    from alerts.store import JudgedDay

    at = site.clock.now()
    judged = JudgedDay(
        feeds_seq=dict(plan.records.data_version),
        day=outcome.day,
        until=outcome.until,
        loaded_seq=plan.arrivals.last_load,
        events=outcome.accesses,
        pairs=outcome.pairs,
        candidates=outcome.candidates,
        abstentions=[abstention_facts(item) for item in outcome.abstentions],
        seconds=max((at - began).total_seconds(), 0.0),  # a clock may be set back meanwhile
        settings_fingerprint=rules.settings_fingerprint,
        code_version=rules.code_version,
    )
    stored = site.store.days.finish(
        judged,
        alerts=outcome.alerts,
        owner=site.run_owner,
        at=at,
        known_seq=plan.known_seq,
        days_behind=days_behind(outcome.day, at=at, settings=rules.settings),
        candidates=outcome.passed,
    )
    drawn = {alert.alert_id for alert in outcome.alerts if alert.drawn_at_random}
    return Put(
        raised=len(stored.raised),
        extended=len(stored.extended),
        drawn=len(drawn.intersection(stored.raised)),
    )


def recorded(site: Site, report: ScanReport, *, actor: str) -> None:
    """Writes the scan onto the chain: what it covered and by which settings."""
    facts = {
        name: value
        for name, value in report.as_json().items()
        if name not in {"format", "abstentions"}
    }
    site.store.record(
        "scan.finished",
        actor=actor,
        at=site.clock.now(),
        facts={
            **facts,
            "settings_fingerprint": site.config_fingerprint,
            "code_version": site.code_version,
        },
    )
