"""The vocabulary of detection; it knows no statistics."""

from detectors.model.detector import ASKS_OF, Baseline, Detector, Measured, Row, Tested, laid_on
from detectors.model.finding import Abstention, Finding
from detectors.model.frame import CONTEXTS, Frame
from detectors.model.limits import Limits
from detectors.model.window import Window

__all__ = [
    "ASKS_OF",
    "CONTEXTS",
    "Abstention",
    "Baseline",
    "Detector",
    "Finding",
    "Frame",
    "Limits",
    "Measured",
    "Row",
    "Tested",
    "Window",
    "laid_on",
]
