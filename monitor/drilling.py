"""Would it have found ...? Made-up misuse woven into a copy of the log in memory, and judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from alerts.candidates import Candidate
from alerts.drills import SHAPES, Drill, own_log, woven
from alerts.errors import Misused
from alerts.model import Alert
from detectors.framing import framed
from detectors.model import Window
from monitor.judgement import DayOutcome
from monitor.knowledge import Records, Rules

MOST_DRILLS: Final = 200  # in one replay: more would be a force of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which drills a replay is to weave."""

    shapes: tuple[str, ...]
    number: int
    seed: int
    strength: float | None  # 0 to 1; of chance where it is not given


@dataclass(frozen=True, slots=True, kw_only=True)
class Woven:
    """A drill as it was woven, with the ids that it borrowed."""

    drill: Drill
    user_id: str
    subject_ids: frozenset[str]

    @property
    def first_at(self) -> datetime:
        """Its first look."""
        return datetime.fromtimestamp(self.drill.first_at, tz=UTC)

    @property
    def last_at(self) -> datetime:
        """Its last look."""
        return datetime.fromtimestamp(self.drill.last_at, tz=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a drill was found, when, and why not."""

    woven: Woven
    alert: Alert | None
    nearest: Candidate | None  # where it was not found: the strongest that the ledger has of it

    @property
    def days(self) -> float | None:
        """Days from its first look to the alert."""
        if self.alert is None:
            return None
        return (self.alert.raised_at - self.woven.first_at).total_seconds() / 86_400

    @property
    def why(self) -> str:
        """Why there is no alert; empty where there is one."""
        if self.alert is not None:
            return ""
        if self.nearest is None:
            return "below the ledger's floor"
        return self.nearest.says


def refuse_plan(plan: Plan) -> None:
    """Nothing where a plan can be woven.

    Raises:
        Misused: a shape that is not there, or a number or strength that cannot be.
    """
    unknown = sorted(set(plan.shapes) - SHAPES.keys())
    if unknown or not plan.shapes:
        raise Misused(
            f"drill {', '.join(unknown) or 'without a shape'}: is not there;"
            f" possible: {', '.join(SHAPES)}"
        )
    if not 1 <= plan.number <= MOST_DRILLS:
        raise Misused(f"drills {plan.number}: cannot be woven; possible: 1 to {MOST_DRILLS}")
    if plan.strength is not None and not 0 <= plan.strength <= 1:
        raise Misused(f"strength {plan.strength}: cannot be; possible: 0 to 1")


def untaught(rules: Rules, shapes: Sequence[str]) -> Rules:
    """The rules with these shapes left out of the teaching: nothing is tried on its own lesson."""
    teaching = rules.settings.teaching
    without = tuple(sorted({*teaching.without, *shapes}))
    return replace(
        rules,
        settings=rules.settings.model_copy(
            update={"teaching": teaching.model_copy(update={"without": without})}
        ),
        settings_fingerprint=f"{rules.settings_fingerprint}+without:{','.join(without)}",
    )


def drilled(records: Records, rules: Rules, *, window: Window, plan: Plan) -> tuple[Woven, ...]:
    """Weaves drills into the connection's own `events`, and returns them; no file is touched.

    Args:
        records: whose connection is of this replay alone.
        rules: by which days are judged.
        window: in which the drills fall.
        plan: which.
    """
    frame = framed(records.connection, window, limits=rules.limits, feeds=records.feeds)
    log = own_log(frame)
    if not log.users.size:
        raise Misused(
            "replay: nobody has rows enough in this span to be drilled; possible: an earlier --from"
        )
    told = woven(
        records.connection,
        log,
        shapes=plan.shapes,
        share=min(plan.number / log.users.size, 1.0),
        seed=plan.seed,
        strength=plan.strength,
    )
    con = records.connection
    con.register("drill_row", told.rows)
    con.execute("create temp table drill_event as " + _AS_EVENTS)
    con.unregister("drill_row")
    users = dict(con.execute("select user_no, user_id from user_code").fetchall())
    subjects = dict(con.execute("select subject_no, subject_id from subject_code").fetchall())
    database = con.execute("select current_database()").fetchall()[0][0]
    con.execute(f"""create temp view events as
        select * from "{database}".main.events union all by name select * from drill_event""")
    return tuple(
        Woven(
            drill=drill,
            user_id=users[drill.user_no],
            subject_ids=frozenset(subjects[int(number)] for number in drill.subject_nos),
        )
        for drill in told.drills
    )


def answers(found: Iterable[Woven], outcomes: Sequence[DayOutcome]) -> tuple[Answer, ...]:
    """What became of each drill."""
    alerts = {alert.alert_id: alert for outcome in outcomes for alert in outcome.alerts}
    passed = [one for outcome in outcomes for one in outcome.passed.kept]
    return tuple(
        Answer(
            woven=one,
            alert=min(
                (
                    alert
                    for alert in alerts.values()
                    if one.user_id in alert.user_ids
                    and not one.subject_ids.isdisjoint(alert.subject_ids)
                    and alert.last_event_at >= one.first_at
                    and alert.raised_at >= one.first_at
                ),
                key=lambda alert: (alert.raised_at, alert.alert_id),
                default=None,
            ),
            nearest=max(
                (
                    near
                    for near in passed
                    if near.user_id == one.user_id
                    and (not near.focus_subject_id or near.focus_subject_id in one.subject_ids)
                ),
                key=lambda near: near.interval,
                default=None,
            ),
        )
        for one in found
    )


_AS_EVENTS: Final = """
    select 'drill' as source, 'drill-' || row_number() over () as event_id, r.occurred_at,
           u.user_id, q.user_id as requester_id, r.system, r.action, s.subject_id,
           k.subject_type, r.reason, r.reason_code, r.case_ref, r.terminal_id, r.session_id,
           r.search_terms, r.fields_viewed, r.export_rows, r.location, r.restricted,
           r.break_glass, false as is_machine, 0 as loaded_seq,
           strftime(r.occurred_at, '%Y-%m') as month
    from drill_row r join user_code u using (user_no) join subject_code s using (subject_no)
    left join subject_kind k using (subject_no) left join user_code q on q.user_no = r.requester_no
"""
