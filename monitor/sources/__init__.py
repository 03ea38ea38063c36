"""Feeds that come by themselves: where each reading ended, and what their logs lack."""

from monitor.sources.declared import Declared, Feed, declared_at
from monitor.sources.keeping import HealthFinding, Record, record_of, settle
from monitor.sources.reading import FeedReport, read_feeds, unreachable
from monitor.sources.taking import Kind

__all__ = [
    "Declared",
    "Feed",
    "FeedReport",
    "HealthFinding",
    "Kind",
    "Record",
    "declared_at",
    "read_feeds",
    "record_of",
    "settle",
    "unreachable",
]
