"""Does a record explain this visit? The templates, in order of strength, and the path of each."""

from detectors.explanations.laying import lay_explanations
from detectors.explanations.paths import Decided, Path, decision_of, path_of
from detectors.explanations.templates import (
    DECIDED,
    EXPLAINS,
    NONE,
    PARTLY,
    TEMPLATES,
    Template,
    testable,
)

__all__ = [
    "DECIDED",
    "EXPLAINS",
    "NONE",
    "PARTLY",
    "TEMPLATES",
    "Decided",
    "Path",
    "Template",
    "decision_of",
    "lay_explanations",
    "path_of",
    "testable",
]
