"""What is out of time, erased for good, and on the chain as counts and hashes.

    1 locks     nobody loads, judges or copies meanwhile
    2 chain     retention.began: by which schedule, as of when, what is held back
    3 lake      how far back it is erased is marked first; then each table, its entry before it, and
                last every file and every step of its log that is not needed any more
    4 store     alerts with all that hangs on them, and words
    5 files     models, and files about faults
    6 anew      the database is written anew, so that its files hold nothing of it
    7 chain     retention.finished

One that was broken off is taken up by the next, as of the same moment: until then it is unfinished,
and is said to be.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from filelock import FileLock, Timeout

from alerts.chain import Entry
from alerts.errors import Busy, Misused
from monitor.ingest.loading import lock_held
from monitor.keeping.backup import kept_still
from monitor.keeping.belonging import TABLE_ERASED
from monitor.keeping.rows_due import EVENTS, TABLES, erased_sql, kept_sql, kind_of, opened
from monitor.keeping.schedule import Plan, plan_at
from monitor.lake.erased import ErasedUntil, mark_erased
from monitor.lake.shape import stored_schema
from monitor.wiring import Site

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

log = structlog.get_logger()

ASKED: Final = "retention.asked"
BEGAN: Final = "retention.began"
FINISHED: Final = "retention.finished"
_BATCH: Final = 100_000  # rows written together


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure from its beginning to its end."""

    site: Site
    plan: Plan
    actor: str
    number: int  # of the entry that says it began


def unfinished(site: Site) -> Entry | None:
    """The erasure that was broken off and waits to be taken up again."""
    last = site.store.last_entry(BEGAN, FINISHED)
    return last if last is not None and last.kind == BEGAN else None


def erase(site: Site, *, as_of: datetime, actor: str, asked: int = 0) -> Plan:
    """Everything that is out of time at a moment, erased; what was is told.

    Args:
        site: the home.
        as_of: the moment; that of an erasure that was broken off goes before it.
        actor: who erases.
        asked: the entry by which somebody else asked for it; 0 where one person is enough.

    Raises:
        Busy: somebody loads, judges or copies, or reads an older moment of the store; what was
            erased until then is erased, and the rest is taken up by the next.
    """
    began = site.clock.now()
    with kept_still(site.home), lock_held(site.home), _judging_waits(site):
        broken_off = unfinished(site)
        moment = datetime.fromisoformat(broken_off.told["as_of"]) if broken_off else as_of
        plan = plan_at(site, moment)
        entry = broken_off or site.store.record(
            BEGAN, actor=actor, at=site.clock.now(), facts=_told(site, plan, asked=asked)
        )
        run = Erasure(site=site, plan=plan, actor=actor, number=entry.seq)
        _erase_lake(run)
        _erase_store(run)
        _erase_files(run)
        site.store.erasure.purge()
        facts = {"began": entry.seq, "erased": _counts(plan), "models": list(plan.models)}
        site.store.record(FINISHED, actor=actor, at=site.clock.now(), facts=facts)
    seconds = (site.clock.now() - began).total_seconds()
    log.info("retention.finished", erased=plan.due, seconds=round(seconds, 3))
    return plan


def asked_for(site: Site, number: int, *, actor: str) -> datetime:
    """The moment as of which somebody else asked for an erasure.

    Raises:
        Misused: nobody asked by that number, it was done since, or it was the same person.
    """
    entries = list(site.store.chain(kinds=(ASKED, BEGAN)))
    asked = next((one for one in entries if one.kind == ASKED and one.seq == number), None)
    if asked is None:
        raise Misused(f"request {number}: nobody asked for an erasure by it; possible: ask first")
    if any(one.kind == BEGAN and one.told["asked"] == number for one in entries):
        raise Misused(f"request {number}: it was carried out already; possible: ask again")
    if asked.actor == actor:
        raise Misused(f"request {number}: it waits for somebody other than {actor}")
    return datetime.fromisoformat(asked.told["as_of"])


def ask(site: Site, plan: Plan, *, actor: str) -> Entry:
    """Write down that somebody asks for an erasure that waits for a second person."""
    facts = _told(site, plan, asked=0)
    return site.store.record(ASKED, actor=actor, at=site.clock.now(), facts=facts)


def _erase_lake(run: Erasure) -> None:
    plan, site = run.plan, run.site
    kept = [one for one in site.store.alerts() if one.alert_id in plan.kept_alerts]
    if plan.share(EVENTS, EVENTS).due:
        on = site.clock.now()
        mark = ErasedUntil(until=plan.cuts[EVENTS], on=on, entry=run.number)
        mark_erased(site.home.lake, mark)
    con = opened(site, plan.cuts, kept=kept, holds=plan.holds)
    try:
        for table in TABLES:
            share = plan.share(kind_of(table), table)
            if share.due:
                facts = {
                    "began": run.number,
                    **_plain(asdict(share)),
                    "until": plan.cuts[share.kind].isoformat(),
                    "sha256": _hash(con, table),
                }
                site.store.record(TABLE_ERASED, actor=run.actor, at=site.clock.now(), facts=facts)
                _rewrite(run, con, table=table)
    finally:
        con.close()
    site.lake.purge()


def _rewrite(run: Erasure, con: "duckdb.DuckDBPyConnection", *, table: str) -> None:
    """Write what is kept of a table in place of it; of accesses only the months that lose some."""
    last_month = f"{run.plan.cuts[EVENTS]:%Y-%m}" if table == EVENTS else ""
    within = f" AND month <= '{last_month}'" if last_month else ""
    schema = stored_schema(table)
    rows = con.sql(kept_sql(table) + within).to_arrow_reader(_BATCH)
    run.site.lake.rewrite(table, _cast(rows, schema), last_month=last_month)


def _cast(rows: "pa.RecordBatchReader", schema: "pa.Schema") -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    for batch in rows:
        yield from pa.Table.from_batches([batch]).cast(schema).to_batches()


def _hash(con: "duckdb.DuckDBPyConnection", table: str) -> str:
    """The SHA-256 over the hashes of the rows that go, in order."""
    digest = hashlib.sha256()
    for batch in con.sql(erased_sql(table)).to_arrow_reader(_BATCH):
        for value in batch.column(0).to_pylist():
            digest.update(f"{value}\n".encode())
    return digest.hexdigest()


def _erase_store(run: Erasure) -> None:
    plan, store = run.plan, run.site.store
    for kind, alert_ids in plan.alerts.items():
        if alert_ids:
            facts = {"began": run.number, "schedule": kind, "days": plan.share(kind).days}
            store.erasure.erase_alerts(
                alert_ids, actor=run.actor, at=run.site.clock.now(), facts=facts
            )
    if plan.share("candidates").due:
        store.days.erase_candidates(
            before=plan.cuts["candidates"].date(),
            reason=f"kept for {plan.share('candidates').days} days (entry {run.number})",
            actor=run.actor,
            at=run.site.clock.now(),
        )
    if "words" in plan.cuts:
        store.erasure.erase_words(
            before=plan.cuts["words"],
            still=plan.kept_alerts,
            actor=run.actor,
            at=run.site.clock.now(),
            facts={"began": run.number, "schedule": "words", "days": plan.share("words").days},
        )


def _erase_files(run: Erasure) -> None:
    for sha256 in run.plan.models:
        (run.site.home.models / f"{sha256}.json").unlink(missing_ok=True)
    for path in run.plan.trouble:
        path.unlink(missing_ok=True)
    if run.site.home.references.is_dir():
        shutil.rmtree(run.site.home.references)  # they are worked out anew


@contextmanager
def _judging_waits(site: Site) -> Iterator[None]:
    try:
        with FileLock(site.home.scan_lock, timeout=0):
            yield
    except Timeout:
        raise Busy(
            f"retention: {site.home.scan_lock} is held by a scan; possible: try again later"
        ) from None


def _told(site: Site, plan: Plan, *, asked: int) -> dict[str, Any]:
    retention = site.settings.retention
    return {
        "as_of": plan.as_of.isoformat(),
        "asked": asked,
        "due": _counts(plan),
        "held": {one.table or one.kind: one.held for one in plan.shares if one.held},
        "holds": [one.number for one in plan.holds],
        "schedule": {k: v for k, v in retention.model_dump().items() if k.endswith("_days")},
        "one_person_because": "" if retention.second_person else retention.second_person_reason,
        "settings_fingerprint": site.config_fingerprint,
    }


def _counts(plan: Plan) -> dict[str, int]:
    return {one.table or one.kind: one.due for one in plan.shares if one.due}


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts of a share as the chain has them: days as text, none as an empty one."""
    return {name: one if isinstance(one, int) else str(one or "") for name, one in facts.items()}
