"""What is asked of a made-up force, and of the misuse woven into it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from monitor.demo.drawing import Ints
from monitor.demo.zone import DAY, Zone, zone_around

EVERY_LOOKALIKE = (
    "missing_person_ring",
    "family_liaison",
    "research_list",
    "bureau_relay",
    "safeguarding_list",
    "offender_manager",
    "murder_enquiry",
    "repeat_victim_car",
    "disclosure_clerk",
    "record_auditor",
    "new_joiner",
    "namesake",
    "officer_victim",
    "shift_swap",
    "merged_twins",
    "on_call",
    "curious_crowd",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcePlan:
    """Size, span and habits of a made-up force; the same plan makes the same bytes."""

    staff: int = 2_000
    weeks: int = 26
    start: date = date(2025, 10, 6)  # a Monday; 26 weeks from here hold both clock changes
    seed: int = 7
    zone: str = "Europe/London"
    people_per_staff: int = 40
    incidents_per_staff_day: float = 0.22
    activity: float = 1.0  # multiplies every innocent rate
    initiative: float = 0.6  # multiplies work nobody was given: the innocent repetition
    missing_taskings: tuple[float, float] = (2.0, 12.0)  # Beta, per user: share never written down
    late_taskings: float = 0.0  # share that arrives days later, in a file of its own
    lookalikes: tuple[str, ...] = EVERY_LOOKALIKE
    lookalikes_of_each: int = 0  # 0: one per 250 staff, at least one

    @property
    def days(self) -> int:
        """Length of the span in days."""
        return 7 * self.weeks

    @property
    def areas(self) -> int:
        """Number of areas of the force."""
        return max(3, self.staff // 100)

    @property
    def begins(self) -> int:
        """First UTC second of the span: midnight UTC of its first day."""
        return int(
            datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp()
        )

    @property
    def ends(self) -> int:
        """First UTC second after the span."""
        return self.begins + self.days * DAY

    def local_zone(self) -> Zone:
        """The force's zone around the span."""
        first = datetime.fromtimestamp(self.begins, UTC)
        return zone_around(self.zone, first=first, last=first + timedelta(days=self.days))

    def day_of(self, moments: Ints) -> Ints:
        """The day of the span each UTC moment falls on, first and last day at the edges."""
        return ((moments - self.begins) // DAY).clip(0, self.days - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MisuseCase:
    """One case of made-up misuse to be woven into a force."""

    typology: str
    strength: str = "medium"  # low, medium, high
    earliest_day: int = -1  # day of the span before which nothing happens; -1: 30 % of the span


def demo_plan() -> ForcePlan:
    """The small force of the demonstration: 80 staff over the ten weeks before 2 November 2026."""
    return ForcePlan(
        staff=80,
        weeks=10,
        start=date(2026, 8, 24),
        seed=2,
        lookalikes=EVERY_LOOKALIKE[:6],
        lookalikes_of_each=1,
    )
