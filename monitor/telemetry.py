"""Log lines as named facts, on standard error, with no person looked up in any of them.

log.info("area.happened", run=..., count=..., seconds=...)
terminal: one coloured line      anything else: one JSON object per line
"""

import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from monitor.clock import Clock

# What somebody typed, or what says who was looked up; a count of people is called `people`.
_REFUSED_STARTS = ("subject", "focus", "foci", "raw")
_REFUSED_PARTS = ("_subject", "_focus", "_raw")
_REFUSED_NAMES = frozenset(
    {"reason", "reason_code", "search_terms", "case_ref", "fields_viewed", "extra", "says"}
    | {"surname", "address", "purpose"}
)
_LEVELS = {"info": 20, "warning": 30, "error": 40}  # the numbers of the logging module


def configure(
    *,
    clock: Clock,
    stream: TextIO | None = None,
    as_json: bool | None = None,
    at_least: str = "info",
) -> None:
    """Send log lines to a stream: standard error as it is at each line, unless one is given.

    Args:
        clock: stamps the lines.
        stream: where the lines go.
        as_json: whether each line is JSON; by default, whenever the stream is not a terminal.
        at_least: info, warning or error; anything below is not written.
    """
    written_as_json = as_json
    if written_as_json is None:
        written_as_json = not (stream or sys.stderr).isatty()
    structlog.configure(
        processors=_processors(clock, as_json=written_as_json),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[at_least]),
        logger_factory=lambda *_: structlog.PrintLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def personal(name: str) -> bool:
    """Whether a field of this name could say who was looked up, or what was typed."""
    folded = name.casefold()
    return (
        folded in _REFUSED_NAMES
        or folded.startswith(_REFUSED_STARTS)
        or any(part in folded for part in _REFUSED_PARTS)
    )


def refuse_personal_fields(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The event without its personal fields, at any depth; their names are kept and shown."""
    refused: set[str] = set()
    kept = _without_personal(event, refused)
    if refused:
        kept["fields_refused"] = sorted(refused)
    return kept


def round_seconds(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The event with its durations, in seconds, to three decimals."""
    return {
        name: round(value, 3) if name.endswith("seconds") and isinstance(value, float) else value
        for name, value in event.items()
    }


def _processors(clock: Clock, *, as_json: bool) -> list[Processor]:
    """The steps from a call to a line, in order; refusal comes before anything is rendered."""

    def stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"at": clock.now().isoformat(timespec="milliseconds"), **event}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        refuse_personal_fields,
        round_seconds,
        stamp,
    ]
    if as_json:
        as_object = structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False)
        return [*shared, structlog.processors.format_exc_info, as_object]
    # Plain tracebacks: the rich ones print local variables, and those hold rows.
    as_line = structlog.dev.ConsoleRenderer(
        timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
    )
    return [*shared, as_line]


def _without_personal(found: Mapping[str, Any], refused: set[str]) -> MutableMapping[str, Any]:
    kept = {}
    for name, value in found.items():
        if personal(name):
            refused.add(name)
        else:
            kept[name] = _clean(value, refused)
    return kept


def _clean(value: object, refused: set[str]) -> object:
    if isinstance(value, Mapping):
        return _without_personal({str(name): inner for name, inner in value.items()}, refused)
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner, refused) for inner in value]
    return value
