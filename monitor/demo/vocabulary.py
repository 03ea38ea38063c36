"""The words of the made-up force, numbered, so that millions of rows stay small."""

from enum import IntEnum

from monitor.demo.drawing import Ints

NONE = -1  # no user, no subject, no case: an empty cell


class System(IntEnum):
    """Where a record was opened."""

    RMS = 0
    PNC = 1
    PND = 2
    ANPR = 3
    CAD = 4
    CUSTODY = 5
    INTEL = 6


class Action(IntEnum):
    """What was done."""

    SEARCH = 0
    VIEW = 1
    PRINT = 2
    EXPORT = 3
    DENIED = 4
    LOGIN = 5


class Kind(IntEnum):
    """What a record is about."""

    PERSON = 0
    ADDRESS = 1
    VEHICLE = 2
    PHONE = 3


class Relation(IntEnum):
    """What the linked record is to the person."""

    PARENT = 0
    CHILD = 1
    SIBLING = 2
    PARTNER = 3
    EX = 4
    FRIEND = 5
    COLLEAGUE = 6
    ADDRESS = 7
    VEHICLE = 8
    PHONE = 9


class CaseType(IntEnum):
    """What a case is about."""

    DOMESTIC_ABUSE = 0
    THEFT = 1
    BURGLARY = 2
    ASSAULT = 3
    ANTISOCIAL_BEHAVIOUR = 4
    CONCERN_FOR_SAFETY = 5
    ROAD_COLLISION = 6
    HARASSMENT = 7
    FRAUD = 8
    DRUGS = 9
    MISSING_PERSON = 10
    MURDER = 11
    STOP_CHECK = 12
    NOMINAL_MANAGEMENT = 13
    INTELLIGENCE_RESEARCH = 14
    SUBJECT_ACCESS_REQUEST = 15


class Part(IntEnum):
    """What a subject is in a case."""

    VICTIM = 0
    SUSPECT = 1
    WITNESS = 2
    CALLER = 3
    ADDRESS = 4
    NOMINAL = 5
    VEHICLE = 6


class Duty(IntEnum):
    """What the roster says of a span."""

    DUTY = 0
    OVERTIME = 1
    LEAVE = 2
    SICK = 3
    TRAINING = 4
    COURT = 5
    SUSPENDED = 6


class Job(IntEnum):
    """What a member of staff is in a case."""

    CALL_HANDLER = 0
    RESPONDER = 1
    INVESTIGATOR = 2
    SUPERVISOR = 3
    RESEARCHER = 4
    MANAGER = 5
    LIAISON = 6
    CUSTODY = 7
    COURT_FILE = 8


class Marker(IntEnum):
    """A warning or vulnerability on a person's record."""

    DOMESTIC_ABUSE = 0
    MENTAL_HEALTH = 1
    MISSING = 2
    CHILD_AT_RISK = 3
    SEX_WORK = 4
    VIOLENT = 5


class Field(IntEnum):
    """What of a record was opened."""

    SUMMARY = 0
    ADDRESS = 1
    PHOTOGRAPH = 2
    HISTORY = 3
    INTELLIGENCE = 4


# The first ten stand for anything and fill most non-blank rows (DOMAIN.md 0, finding 4).
REASONS = (
    "investigation",
    "enquiry",
    "enq",
    "police enquiry",
    "intel",
    "check",
    "as requested",
    "crime",
    "update",
    "n/a",
    "domestic abuse enquiry",
    "theft enquiry",
    "burglary enquiry",
    "assault enquiry",
    "asb enquiry",
    "concern for safety",
    "collision enquiry",
    "harassment enquiry",
    "fraud enquiry",
    "drugs enquiry",
    "missing person enquiry",
    "major incident enquiry",
    "stop check",
    "nominal management",
    "intelligence research",
    "subject access request",
)
GENERIC_REASONS = 10
SURNAMES = tuple(
    head + tail
    for head in (
        *("Ash", "Mill", "Thorn", "Alder", "Birch", "Copper", "Dray", "Elder", "Fern", "Gorse"),
        *("Hazel", "Iron", "Juniper", "Kestrel", "Lark", "Moss", "Nettle", "Otter", "Plover"),
        *("Quill", "Rook", "Sorrel", "Teasel", "Umber", "Vetch", "Willow", "Yarrow"),
    )
    for tail in ("grove", "water", "combe", "shaw", "mere", "wick", "thwaite", "garth", "holt")
)


def words(kind: type[IntEnum]) -> tuple[str, ...]:
    """The words of a numbered vocabulary, as they are written in files."""
    return tuple(item.name if kind is System else item.name.lower() for item in kind)


def reason_of(case_types: Ints) -> Ints:
    """The specific reason that belongs to each case type, shape of case_types."""
    return case_types + GENERIC_REASONS
