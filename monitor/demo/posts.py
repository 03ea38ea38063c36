"""The roles of the force: how many, on which rota, and what their work looks like."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from monitor.demo.drawing import Floats, Ints
from monitor.demo.vocabulary import Kind, System


class Role(IntEnum):
    """What a member of staff does."""

    RESPONSE = 0
    NEIGHBOURHOOD = 1
    DETECTIVE = 2
    CONTROL_ROOM = 3
    PNC_BUREAU = 4
    SAFEGUARDING = 5
    INTELLIGENCE = 6
    MISSING_PERSONS = 7
    FAMILY_LIAISON = 8
    OFFENDER_MANAGEMENT = 9
    ROADS = 10
    CUSTODY = 11
    PSD = 12
    DISCLOSURE = 13
    SUPERINTENDENT = 14
    SERVICE_ACCOUNT = 15


class Rota(IntEnum):
    """A repeating pattern of shifts."""

    FIVE = 0  # two early, two late, two nights, four off
    BEAT = 1  # a week of days, a week of lates over the weekend
    WEEKDAY = 2
    FOUR = 3  # two days, two nights of twelve hours, four off


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One role's share of the force and its habits."""

    share: float  # of all staff, 0 to 1
    rota: Rota
    by_area: bool  # works in one area; otherwise in the whole force
    stops: float = 0.0  # stop-checks in a duty, mean
    nominals: float = 0.3  # people followed up over the span, mean; most of it never written down
    weekly: float = 0.5  # visits a week to each of them, mean
    recorded: float = 0.25  # share of follow-ups with a tasking, 0 to 1
    lists: float = 0.0  # names researched in a duty, mean
    mobile: float = 0.0  # share of rows from a hand-held device, 0 to 1
    own_desk: bool = False


POSTS: dict[Role, Post] = {
    Role.RESPONSE: Post(
        share=0.335, rota=Rota.FIVE, by_area=True, stops=0.7, nominals=2.5, mobile=0.55
    ),
    Role.NEIGHBOURHOOD: Post(
        share=0.16, rota=Rota.BEAT, by_area=True, stops=0.6, nominals=7, recorded=0.4, mobile=0.4
    ),
    Role.DETECTIVE: Post(
        share=0.17, rota=Rota.WEEKDAY, by_area=True, nominals=3, recorded=0.5, own_desk=True
    ),
    Role.CONTROL_ROOM: Post(share=0.07, rota=Rota.FOUR, by_area=False, nominals=0.4, recorded=0.3),
    Role.PNC_BUREAU: Post(share=0.015, rota=Rota.FOUR, by_area=False, own_desk=True),
    Role.SAFEGUARDING: Post(
        share=0.03, rota=Rota.WEEKDAY, by_area=False, nominals=4, lists=28, own_desk=True
    ),
    Role.INTELLIGENCE: Post(
        share=0.04, rota=Rota.WEEKDAY, by_area=False, nominals=6, lists=11, own_desk=True
    ),
    Role.MISSING_PERSONS: Post(
        share=0.015, rota=Rota.FOUR, by_area=False, nominals=2, recorded=0.5
    ),
    Role.FAMILY_LIAISON: Post(
        share=0.01, rota=Rota.WEEKDAY, by_area=False, nominals=2, recorded=0.6, own_desk=True
    ),
    Role.OFFENDER_MANAGEMENT: Post(
        share=0.03, rota=Rota.WEEKDAY, by_area=True, nominals=30, recorded=0.8, own_desk=True
    ),
    Role.ROADS: Post(share=0.05, rota=Rota.FIVE, by_area=False, stops=2.2, nominals=2, mobile=0.6),
    Role.CUSTODY: Post(share=0.04, rota=Rota.FOUR, by_area=True, nominals=1.5),
    Role.PSD: Post(share=0.01, rota=Rota.WEEKDAY, by_area=False, lists=2, own_desk=True),
    Role.DISCLOSURE: Post(share=0.015, rota=Rota.WEEKDAY, by_area=False, lists=6, own_desk=True),
    Role.SUPERINTENDENT: Post(
        share=0.005, rota=Rota.WEEKDAY, by_area=True, nominals=1, own_desk=True
    ),
    Role.SERVICE_ACCOUNT: Post(share=0.002, rota=Rota.WEEKDAY, by_area=False, own_desk=True),
}
# The demonstration asks for a look-alike in each of these, so each has at least two people.
AT_LEAST_TWO = tuple(role for role in Role if role not in {Role.SERVICE_ACCOUNT, Role.PSD})

# Which system answers a question about a person, an address, a vehicle, a phone.
_USUAL = {
    Kind.PERSON: {
        System.RMS: 55,
        System.PNC: 20,
        System.INTEL: 12,
        System.CAD: 6,
        System.CUSTODY: 4,
        System.PND: 3,
    },
    Kind.ADDRESS: {System.RMS: 50, System.CAD: 40, System.INTEL: 10},
    Kind.VEHICLE: {System.PNC: 50, System.RMS: 25, System.ANPR: 25},
    Kind.PHONE: {System.RMS: 40, System.INTEL: 40, System.CAD: 20},
}
_LEANING: dict[Role, dict[System, float]] = {
    Role.CONTROL_ROOM: {System.CAD: 6},
    Role.PNC_BUREAU: {System.PNC: 40},
    Role.ROADS: {System.PNC: 3, System.ANPR: 3},
    Role.CUSTODY: {System.CUSTODY: 15},
    Role.INTELLIGENCE: {System.INTEL: 5, System.PND: 5, System.ANPR: 2},
    Role.SAFEGUARDING: {System.PND: 3},
    Role.NEIGHBOURHOOD: {System.PNC: 0.6},
    Role.DETECTIVE: {System.CUSTODY: 2, System.PND: 2},
}


def headcount(staff: int) -> Ints:
    """How many members of staff each role has, shape (roles,); response takes what is left."""
    counts: Ints = np.rint(np.array([POSTS[role].share for role in Role]) * staff).astype(np.int64)
    counts[list(AT_LEAST_TWO)] = np.maximum(counts[list(AT_LEAST_TWO)], 2)
    counts[[Role.PSD, Role.SERVICE_ACCOUNT]] = np.maximum(
        counts[[Role.PSD, Role.SERVICE_ACCOUNT]], 1
    )
    counts[Role.RESPONSE] += staff - counts.sum()
    return counts


def habit(name: str) -> Floats:
    """One habit of every role, shape (roles,)."""
    return np.array([float(getattr(POSTS[role], name)) for role in Role])


def system_shares() -> Floats:
    """Cumulative share of each system by role and kind of record, shape (roles, kinds, systems)."""
    shares = np.zeros((len(Role), len(Kind), len(System)))
    for kind, usual in _USUAL.items():
        for system, share in usual.items():
            for role in Role:
                shares[role, kind, system] = share * _LEANING.get(role, {}).get(system, 1)
    return np.cumsum(shares / shares.sum(axis=2, keepdims=True), axis=2)
