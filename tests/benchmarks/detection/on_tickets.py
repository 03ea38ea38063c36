"""The real ticket log, as it is and with misuse injected, where somebody has it."""

from collections.abc import Iterator

from tests.benchmarks.detection.sources import Sources
from tests.benchmarks.detection.walks import BUDGET, BUDGETS, rate_words
from tests.benchmarks.figures import Figure
from tests.benchmarks.judging import shipped_rules
from tests.benchmarks.matching import by_tally, recall, walked
from tests.benchmarks.tickets import judged_log, ticket_logs


def on_the_real_log(sources: Sources) -> Iterator[Figure]:
    """False alerts on the log as it is, and injected cases at two budgets; nothing without it."""
    path = sources.asked.ticket_log
    if path is None or not path.is_file():
        return
    plain, injected = ticket_logs(path, sources.out)
    as_it_is = judged_log(plain, shipped_rules())
    weeks = plain.user_weeks(as_it_is.days)
    false = by_tally(as_it_is.items, ()).false_alerts
    yield Figure(
        says=f"alerts on a real ticket log as it is, no reference table, {false} in {weeks:,.0f} "
        "user-weeks, shipped settings",
        value=rate_words(false, weeks), unit="per 1,000 user-weeks", limit="0.70 to 1.30",
    )  # fmt: skip
    loose = judged_log(injected, shipped_rules(budget=max(BUDGETS)))
    for budget in (BUDGET, max(BUDGETS)):
        found = walked(loose.items, injected.cases, allowed=budget * weeks / 1000)
        yield Figure(
            says=f"cases found of {len(injected.cases)} injected into the real ticket log, judged "
            f"at {max(BUDGETS):g} and walked to {budget:g} false alerts in 1,000 user-weeks",
            value=recall([found]).words, unit="of cases",
        )  # fmt: skip
