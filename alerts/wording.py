"""Words that no text for people may hold, because they claim more than a log can show."""

import re
import unicodedata

# The domain's rules of wording (0.8 and 5) and rule 39 and the glossary of the style sheet: a log
# shows that records were opened, not why, so no word may name a person as guilty or as cleared.
FORBIDDEN = (
    "stalker",
    "stalkers",
    "offender",
    "offenders",
    "suspicious",
    "suspiciously",
    "suspicion",
    "culprit",
    "perpetrator",
    "guilty",
    "confirmed",
    "red flag",
    "red flags",
    "no concerns",
    "no concern",
    "probability of guilt",
    "is made out",
    "are made out",
    "committed an offence",
    "committed a crime",
)

# Names of police work that hold a forbidden word and say nothing of the person in the alert.
_NAMES_OF_WORK = (
    r"offender (?:manager|management)s?",
    r"reasonable suspicion",
    r"perpetrator programmes?",
)


def forbidden_words(text: str) -> tuple[str, ...]:
    """The forbidden words that a text holds, each once, in the order of `FORBIDDEN`."""
    plain = _plain(text)
    return tuple(word for word in FORBIDDEN if re.search(rf"\b{word}\b", plain))


def _plain(text: str) -> str:
    """The text in one case, on one line, hyphens as spaces, names of police work left out."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u00ad", "")
    spaced = re.sub(r"[\s\-\u2010-\u2015_]+", " ", folded)
    return re.sub("|".join(rf"\b{name}\b" for name in _NAMES_OF_WORK), "", spaced)
