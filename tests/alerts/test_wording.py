"""The words that no text for people may hold."""

import pytest

from alerts.wording import forbidden_words


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("A stalker.", ("stalker",)),
        ("SUSPICIOUS lookups by an Offender", ("offender", "suspicious")),
        ("no\n  concerns", ("no concerns",)),
        ("a red-flag", ("red flag",)),
        ("the probability of guilt is 0.9", ("probability of guilt",)),
        ("the offence is made out", ("is made out",)),
    ],
)
def test_a_claim_beyond_the_log_is_found(text: str, held: tuple[str, ...]) -> None:
    assert forbidden_words(text) == held


@pytest.mark.parametrize(
    "text",
    [
        "Consider stalking: who was looked up, and how often?",
        "Explained by work: offender manager of the person looked up.",
        "off duty 9 of 40 times; peers 5%",
        "no detector fired on the feeds loaded",
        "a suspected offence; awaiting confirmation by a second person",
    ],
)
def test_the_words_of_the_work_are_free(text: str) -> None:
    assert forbidden_words(text) == ()
