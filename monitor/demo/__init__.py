"""A made-up force: everyday work, innocent look-alikes, and misuse woven in; nobody is real."""

from monitor.demo.force import Force, cases_of_every_kind, inject, make_force
from monitor.demo.plan import ForcePlan, MisuseCase, demo_plan
from monitor.demo.write import truth_of, write_force

__all__ = [
    "Force",
    "ForcePlan",
    "MisuseCase",
    "cases_of_every_kind",
    "demo_force",
    "demo_plan",
    "inject",
    "make_force",
    "truth_of",
    "write_force",
]


def demo_force() -> Force:
    """The force of the demonstration, with the one case it is about."""
    case = MisuseCase(typology="star_and_ring", strength="high", earliest_day=28)
    return inject(make_force(demo_plan()), [case], seed=1)
