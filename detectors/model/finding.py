"""What a detector says of one pair, and what it says when it cannot judge."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A measured departure for one member of staff and one focus, with its evidence."""

    detector: str
    version: int
    user_id: str
    focus_id: str  # the person around whom the records lie; empty for a user-level finding
    observed: float
    expected: float  # mean for comparable members of staff, same unit as observed
    unit: str
    pvalue: float  # probability, 0 to 1, of a departure this large were nothing unusual
    evidence_value: float  # e-value, 0 or more; 1 on average were nothing unusual
    says: str  # one sentence for people; names no person
    parameters: tuple[tuple[str, float], ...] = ()  # of the null model, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """A judgement declined, with its reason and the number of pairs it concerns."""

    detector: str
    version: int
    reason: str
    pairs: int  # pairs of user and focus left unjudged
    needs: tuple[str, ...] = ()  # feeds that would let it judge
    days: int = 1  # on which it declined for this reason
