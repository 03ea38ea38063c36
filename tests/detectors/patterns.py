"""Patterns of growing strength around one person, from weak to strong."""

from collections.abc import Callable

from tests.detectors import traits
from tests.detectors.force import OrdinaryForce, user_id
from tests.detectors.stories import LAST_DAY, PERSON, STRANGER, TEAM_MATE, USER, every, looks
from tests.detectors.tables import Row

Pattern = Callable[[int], dict[str, list[Row]]]

LONG_AGO = "2026-02-10 09:00"  # a look at the one person, whatever the strength
# What these ask about is not one member of staff alone with one person.
_AMONG_OTHERS = frozenset(
    {
        "after_outcome",
        "new_entry",
        "pile_on",
        "requester_pair",
        "shared_people",
        "two_places",
        "watched_record",
    }
)

# Nor are these: what is typed, what is taken away, and who is looked up.
_OF_A_KIND = frozenset(
    {
        "known_to_them",
        "marker_share",
        "reason_quality",
        "recycled_reason",
        "taken_away",
        "unexplained_breadth",
        "viewer_group",
    }
)


def alone(strength: int) -> dict[str, list[Row]]:
    """A pattern of one user around one person, on the days of the judged week and one long ago."""
    days = range(14 - min(strength, 3), 14)
    hours = [f"{hour:02d}:00" for hour in range(9, 9 + strength)]
    people = [PERSON, *(f"P-AROUND{number}" for number in range(strength))]
    return {
        "events": [
            {**row, "system": f"SYSTEM{turn}"}
            for person in people
            for turn, at in enumerate(hours)
            for row in looks(*every(days, at=at), person=person)
        ]
        + looks(LONG_AGO, *every(days[1:], at="21:00")),
        "subject_links": [
            {"subject_id": PERSON, "linked_subject_id": f"P-AROUND{number}"} for number in range(6)
        ],
        **_records_around(strength),
    }


def _records_around(strength: int) -> dict[str, list[Row]]:
    """What records say of the person: less and less excuses the looks."""
    home = ("East", "North", "North", "ELSEWHERE", "ELSEWHERE", "ELSEWHERE")[strength - 1]
    excused = TEAM_MATE if strength == 1 else STRANGER
    changed = ("2026-02-09 12:00", "2026-05-10 12:00")[: min(strength, 2)]
    return {
        "subjects": [{"subject_id": PERSON, "area": home}],
        "record_changes": [
            {"subject_id": PERSON, "field": "address", "changed_at": at} for at in changed
        ],
        "cases": [{"case_ref": case, "opened_at": LONG_AGO} for case in ("C-NOW", "C-DONE")],
        "case_subjects": [{"case_ref": case, "subject_id": PERSON} for case in ("C-NOW", "C-DONE")],
        "taskings": [
            {"user_id": excused, "case_ref": "C-NOW", "starts_at": "2026-05-09 09:00"},
            {
                "user_id": USER,
                "case_ref": "C-DONE",
                "starts_at": "2026-03-20 09:00",
                "ends_at": "2026-03-21 09:00",
            },
        ],
    }


def among_others(strength: int) -> dict[str, list[Row]]:
    """The same of a watched person, with a partner, a crowd, a requester and a second desk."""
    return {
        "events": [
            *_of_the_user(strength),
            *_of_the_partner(strength),
            *(
                row
                for number in range(strength)
                for row in looks(f"{LAST_DAY} 12:{number}0", user=user_id(40 + number))
            ),
        ],
        "watched_records": [{"subject_id": PERSON, "kind": "high_profile"}],
        "record_changes": [
            {"subject_id": PERSON, "field": "address", "changed_at": at}
            for at in every(range(14 - strength, 14), at="08:30")
        ],
        "outcomes": [{"user_id": USER, "decided_at": "2026-05-03 09:00", "decision": "advice"}],
    }


def _of_the_user(strength: int) -> list[Row]:
    """Days with the person before an outcome and after it, from two desks at once, at a request."""
    before = looks(*every([20, 21], month="2026-04"))
    after = looks(*every(range(14 - strength, 14)))
    elsewhere = looks(*every(range(14 - strength, 14), at="09:01"))
    shared = [
        row
        for number in range(strength)
        for row in looks(f"{LAST_DAY} 10:{number}0", person=f"P-SHARED{number}")
    ]
    desk = {"terminal_id": "D1", "location": "NORTH", "requester_id": "U0020"}
    other_desk = {"terminal_id": "D2", "location": "SOUTH", "requester_id": "U0020"}
    return [
        *({**row, **desk} for row in before + after),
        *({**row, **other_desk} for row in elsewhere),
        *shared,
    ]


def _of_the_partner(strength: int) -> list[Row]:
    """Somebody of another team who looked at the same people the day before."""
    people = [PERSON, *(f"P-SHARED{number}" for number in range(strength))]
    return [
        row for person in people for row in looks("2026-05-12 15:00", user=STRANGER, person=person)
    ]


def of_a_kind(strength: int) -> dict[str, list[Row]]:
    """A pattern of one user around one person, on the days of the judged week alone."""
    days = range(14 - min(strength, 3), 14)
    hours = [f"{hour:02d}:00" for hour in range(9, 9 + strength)]
    people = [PERSON, *(f"P-AROUND{number}" for number in range(strength))]
    seen = [
        row
        for person in people
        for at in hours
        for row in looks(*every(days, at=at), person=person)
    ]
    in_passing = [
        row
        for number in range(4 * strength)
        for row in looks(f"{LAST_DAY} {8 + number % 4:02d}:30", person=f"P-ONCE{number}")
    ]
    return {
        "events": [{**row, **_what_is_done(strength)} for row in seen + in_passing]
        + _one_reason(strength),
        "subjects": _who_they_are(strength),
        "subject_links": [
            {"subject_id": PERSON, "linked_subject_id": f"P-AROUND{number}"} for number in range(6)
        ],
    }


def _what_is_done(strength: int) -> Row:
    """Nothing but looks when it is weak; each of them an export of more rows as it grows."""
    return {"action": "export", "export_rows": str(strength)} if strength > 1 else {}


def _one_reason(strength: int) -> list[Row]:
    """A look on Monday at the person, and the same reason for more and more strangers."""
    people = [PERSON, *(f"P-SAME{number}" for number in range(2 * (strength - 1)))]
    return [
        {**row, "reason": "the same matter again"}
        for person in people
        for row in looks("2026-05-11 07:00", person=person)
    ]


def _who_they_are(strength: int) -> list[Row]:
    """People with a marker and the user's own name, in the end of another area."""
    people = [PERSON, *(f"P-ONCE{number}" for number in range(4 * strength))]
    name = traits.staff(60, seed=OrdinaryForce().seed)["surname"][int(USER[1:])]
    area = "East" if strength < 4 else "South"  # the user's own, or another
    marked = {"markers": "domestic_abuse", "surname": name, "subject_type": "person"}
    return [
        {"subject_id": person, "area": area if person == PERSON else None, **marked}
        for person in people
    ]


PATTERNS: tuple[Pattern, ...] = (alone, among_others, of_a_kind)


def pattern_of(detector: str) -> Pattern:
    """The pattern that holds what a detector asks about."""
    if detector in _AMONG_OTHERS:
        return among_others
    return of_a_kind if detector in _OF_A_KIND else alone
