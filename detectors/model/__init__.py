"""The vocabulary of detection; it knows no statistics."""

from detectors.model.detector import Detector, Measured, Tested
from detectors.model.finding import Abstention, Finding
from detectors.model.frame import Frame
from detectors.model.window import Window

__all__ = ["Abstention", "Detector", "Finding", "Frame", "Measured", "Tested", "Window"]
