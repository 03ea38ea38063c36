"""Rows become visits, each with its duty state and the strongest explanation found."""

from detectors.framing.build import framed
from detectors.framing.groundwork import Groundwork, keep, settled
from detectors.framing.known import known_at

__all__ = ["Groundwork", "framed", "keep", "known_at", "settled"]
