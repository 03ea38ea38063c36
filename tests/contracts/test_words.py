"""The words of the house: plain, British, in the glossary, and never more than a log can show."""

import re

from alerts.wording import forbidden_words
from tests.contracts.texts import config_texts, prose_lines, section, spoken_strings
from tests.contracts.tree import PACKAGES, listed, python_files, text_of

AMERICAN = re.compile(
    r"(?i)\b(behaviou?r(?<!our)\w*|colors?|colored|favors?|centers?|analyz\w+|catalogs?\b|labeled"
    r"|modeling|canceled|defenses?|offenses?|fulfill|judgments?|gray|neighbors?|whilst)\b"
)
NEW_SENTENCE = re.compile(r"[a-z)`\]]{2}[.?] (?=[A-Z])")


def test_no_text_for_people_claims_more_than_a_log_can_show() -> None:
    found = [
        f"{where}: {', '.join(words)}"
        for texts in (prose_lines(), spoken_strings(), config_texts())
        for where, text in texts
        if (words := forbidden_words(text))
    ]

    assert not found, listed(found)


def test_no_page_raises_its_voice() -> None:
    loud = [f"{where} {line}" for where, line in prose_lines() if re.search(r"\w!(?!\[)", line)]

    assert not loud, listed(loud)


def test_a_page_has_one_sentence_to_a_line() -> None:
    crowded = [
        f"{where} {line}"
        for where, line in prose_lines()
        if NEW_SENTENCE.search(line)
        if not line.lstrip().startswith(("|", "#")) and "detectors/README" not in where
    ]

    assert not crowded, listed(crowded)


def test_spelling_is_british() -> None:
    found = [
        f"{where} {match[0]}"
        for texts in (prose_lines(), config_texts())
        for where, text in texts
        if "profiles/" not in where  # a profile names the headers that its source prints
        for match in AMERICAN.finditer(text)
    ]

    assert not found, listed(found)


def test_every_word_of_the_glossary_is_a_word_of_the_code() -> None:
    code = "\n".join(text_of(path) for path in python_files(*PACKAGES)).casefold()
    words = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", section("README.md", "9. The words"), re.MULTILINE
    )
    terms = [term for cell in words for term in re.findall(r"`(\w+)`", cell)]

    strangers = [term for term in terms if not re.search(rf"\b{term}|_{term}", code)]
    assert len(terms) >= 15
    assert not strangers, listed(strangers)
