"""Pictures for pages: pure functions from facts to SVG text, each with its words beside it."""

from monitor.views.svg.calendar import calendar_svg
from monitor.views.svg.circle import circle_svg
from monitor.views.svg.waterfall import Bar, bars_of, waterfall_svg

__all__ = ["Bar", "bars_of", "calendar_svg", "circle_svg", "waterfall_svg"]
