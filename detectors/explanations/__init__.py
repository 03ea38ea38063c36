"""Does a record explain this visit? The templates, in order of strength, and the path of each."""

from detectors.explanations.laying import lay_explanations
from detectors.explanations.paths import Path, path_of
from detectors.explanations.templates import (
    EXPLAINS,
    NONE,
    PARTLY,
    TEMPLATES,
    Template,
    testable,
)

__all__ = [
    "EXPLAINS",
    "NONE",
    "PARTLY",
    "TEMPLATES",
    "Path",
    "Template",
    "lay_explanations",
    "path_of",
    "testable",
]
