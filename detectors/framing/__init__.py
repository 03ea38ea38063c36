"""Rows become visits, each with its duty state and the strongest explanation found."""

from detectors.framing.build import framed

__all__ = ["framed"]
