"""Which stories are to be told in a force, and when they may begin."""

from dataclasses import dataclass

from alerts.errors import Misused
from monitor.demo.controls import CONTROLS
from monitor.demo.lookalikes import LOOKALIKES
from monitor.demo.misuse import TYPOLOGIES, Teller, Typology
from monitor.demo.plan import ForcePlan, MisuseCase
from monitor.demo.zone import DAY

STRENGTHS = ("low", "medium", "high")
EVERY_TYPOLOGY: dict[str, Typology] = {**TYPOLOGIES, **CONTROLS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """A story to be told, and when."""

    kind: str
    name: str
    pattern: str
    strength: str
    begins: int
    tell: Teller


def misuse(plan: ForcePlan, case: MisuseCase) -> Commission:
    """The story of a case of misuse.

    Raises:
        Misused: a typology, strength or day that cannot be, naming what can.
    """
    typology = EVERY_TYPOLOGY.get(case.typology)
    if typology is None:
        raise Misused(
            f"typology {case.typology!r}: none of this name; possible: {', '.join(EVERY_TYPOLOGY)}"
        )
    if case.strength not in STRENGTHS:
        raise Misused(
            f"strength {case.strength!r}: none of this name; possible: {', '.join(STRENGTHS)}"
        )
    day = case.earliest_day if case.earliest_day >= 0 else plan.days * 3 // 10
    if day > plan.days - 14:
        raise Misused(
            f"earliest day {day}: leaves under two weeks of {plan.days} days; "
            "possible: an earlier day"
        )
    begins = plan.begins + day * DAY
    return Commission(
        kind="misuse",
        name=case.typology,
        pattern=typology.pattern,
        strength=case.strength,
        begins=begins,
        tell=typology.tell,
    )


def lookalike(plan: ForcePlan, name: str) -> Commission:
    """The story of an innocent look-alike.

    Raises:
        Misused: a look-alike that does not exist, naming those that do.
    """
    if name not in LOOKALIKES:
        raise Misused(f"look-alike {name!r}: none of this name; possible: {', '.join(LOOKALIKES)}")
    begins = plan.begins + plan.days // 10 * DAY
    return Commission(
        kind="lookalike", name=name, pattern="", strength="", begins=begins, tell=LOOKALIKES[name]
    )
