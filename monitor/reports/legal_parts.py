"""The legal parts of the report on one alert: questions, offences, elements, risk plan."""

from typing import Final
from zoneinfo import ZoneInfo

from alerts.candidates import DRAWN_ASKS
from alerts.model import PromptShown
from alerts.prompt_pack import PromptPack
from alerts.recording import RISK_PLAN
from monitor.reports.file import CaseFile, answer_as_it_stood
from monitor.reports.page import Section, Table, cells, plain
from monitor.views.casework import STAGES
from monitor.views.law import value
from monitor.views.wording import plain_name, when

_REFERRAL: Final = {True: "may", False: "not by itself", None: "not held in this pack"}


# The national definition in brief, and the two decisions on referral; unverified.
_ASSESSED: Final = (
    (
        "apsp",
        "Abuse of position for a sexual purpose",
        (
            "Was a police position, on or off duty, used to pursue a sexual or improper emotional"
            " relationship with a member of the public? Consent is no answer. The log shows none"
            " of it."
        ),
    ),
    (
        "criteria_met_at",
        "Criteria of referral appear met",
        (
            "Serious corruption, abuse of position, a relevant offence, on facts beyond the log:"
            " when did it become clear, to whom, on what?"
        ),
    ),
    (
        "criteria_not_met",
        "Criteria of referral not met",
        "Why not, and was a voluntary referral considered?",
    ),
)


def questions(file: CaseFile, zone: ZoneInfo) -> Section:
    """Every question by stage, as it stood, with its answer."""
    tables = tuple(
        Table(
            caption=f"Questions {named}",
            head=("Question", "As it stood", "Reference", "Answer", "By whom, when, why"),
            rows=tuple(
                _question(file, prompt, zone=zone)
                for prompt in file.alert.prompts
                if prompt.stage == stage
            ),
        )
        for stage, named in STAGES.items()
    )
    return Section(
        heading="Questions of law and practice, and their answers",
        says=plain(
            (
                "Each question is shown as it stood when it was asked or answered.",
                DRAWN_ASKS if file.alert.drawn_at_random else "",
            )
        ),
        tables=tables,
    )


def offences(file: CaseFile, zone: ZoneInfo) -> Section:
    """The offences that may come into view, and the assessments, with what was recorded."""
    rows = (
        cells(
            f"{one.offence.id}: {one.offence.title}",
            one.offence.asks,
            one.offence.log_may_support,
            _waits(one.waits_for) or _recorded(file, one.offence.id, zone=zone),
            _REFERRAL[one.offence.brings_referral],
            reference_of(one.offence.reference, verified=one.offence.verified),
        )
        for one in file.offences
    )
    return Section(
        heading="Offences to consider, and what was recorded",
        says=(
            (
                "Which offence is in view may change the duty to refer: record why one and not"
                " another. Whether an offence fits is for the prosecutor."
            ),
        ),
        tables=(
            Table(
                caption="Offences in force on the days of the accesses",
                head=(
                    *("Offence", "What it asks", "What the log may support", "Recorded"),
                    *("Brings referral by itself", "Reference"),
                ),
                rows=tuple(rows),
                none="the law pack names none for this kind of alert.",
            ),
            Table(
                caption="Assessments",
                head=("Assessment", "What it asks", "Recorded"),
                rows=tuple(
                    cells(name, asks, _recorded(file, fact, zone=zone))
                    for fact, name, asks in _ASSESSED
                ),
            ),
        ),
    )


def elements(pack: PromptPack) -> Section:
    """What would have to be shown, and how far the log reaches."""
    rows = (
        cells(e.element, e.log_may_support, e.log_cannot_show, e.seek) for e in pack.limits.elements
    )
    return Section(
        heading="Element by element: how far the log reaches",
        says=("What would have to be shown for stalking; unverified.",),
        tables=(
            Table(
                caption="Elements",
                head=("Element", "The log may support", "It cannot show", "Where to seek it"),
                rows=tuple(rows),
            ),
        ),
    )


def risk_plan(file: CaseFile, zone: ZoneInfo) -> Section:
    """The checklist of the risk plan, with a warning where its review is past."""
    standing = file.work.standing
    by_name = {one.name: one for one in file.work.recorded}
    rows = []
    for item in RISK_PLAN:
        done = standing.get(item.name, "")
        who = by_name.get(item.name)
        by = f"{who.actor}, {when(who.at, zone)}: {who.reason}" if who and done else "-"
        rows.append(cells(item.means, value(done, zone) if done else "not recorded", by))
    return Section(
        heading="Risk plan",
        warns=plain([_review_is_past(file, standing, zone=zone)]),
        says=(
            (
                "A risk tool is answered by the person looked up, never from the log; the log bears"
                " only on persistence and on lookups of family, friends or colleagues."
            ),
            "A grade or a count of ticks is not a plan.",
        ),
        tables=(
            Table(caption="Checklist", head=("Step", "Recorded", "By whom"), rows=tuple(rows)),
        ),
    )


def reference_of(reference: str, *, verified: bool) -> str:
    """A reference that says where nobody has verified it."""
    unsaid = not verified and "unverified" not in reference
    return f"{reference} (unverified)" if unsaid else reference


def _question(file: CaseFile, prompt: PromptShown, *, zone: ZoneInfo) -> tuple[str, ...]:
    answer = answer_as_it_stood(file, prompt.id)
    if answer is None:
        name = f"{prompt.id} v{prompt.version}"
        reference = reference_of(prompt.reference, verified=prompt.verified)
        return cells(name, prompt.says, reference, "not answered", "-")
    shown = file.work.answer_to(prompt.id)
    reason = shown.reason if shown else ""
    return cells(
        f"{answer.prompt_id} v{answer.version}",
        answer.says,
        answer.reference,
        answer.answer,
        f"{answer.actor}, {when(answer.at, zone)}" + (f": {reason}" if reason else ""),
    )


def _recorded(file: CaseFile, name: str, *, zone: ZoneInfo) -> str:
    """What was recorded under a name, by whom and why; that nothing was, where that is so."""
    if name not in file.work.standing:
        return "not recorded"
    latest = next(one for one in reversed(file.work.recorded) if one.name == name)
    return f"{value(latest.value, zone)}, {latest.actor}: {latest.reason}"


def _waits(needs: tuple[str, ...]) -> str:
    """What must be on record before an offence is asked about; empty where nothing must."""
    named = [plain_name(need) for need in needs if not need.startswith("P")]
    return f"not to be considered unless recorded: {', '.join(named)}" if named else ""


def _review_is_past(file: CaseFile, standing: dict[str, str], *, zone: ZoneInfo) -> str:
    due = standing.get("risk_plan_review", "")
    if due and due < file.written_at.astimezone(zone).date().isoformat():
        return f"The risk plan was to be reviewed by {value(due, zone)}."
    return ""
