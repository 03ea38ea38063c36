"""How one written time becomes a moment: ISO 8601, slashed dates, epochs, and named patterns.

iso          2026-03-01T14:22:09.123456789+00:00, also with a space, basic form, UTC, no offset
slashed      03/01/2026, 2:22:09 PM UTC; the order of day and month comes from the profile
epoch_s, epoch_ms    seconds or milliseconds since 1970
anything with %      a pattern of Python's strptime letters
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

# A time that was read, aware or naive; None when the text is not of this form.
Reader = Callable[[str], datetime | None]
Order = Literal["", "dmy", "mdy", "ymd"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE_WORD = r"(?P<zone>Z|z|UTC|GMT|utc|gmt|[+-]\d\d(?::?\d\d)?)?"
_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d|\d{8})(?:[Tt]|\s+)(?P<clock>\d\d(?::?\d\d)?(?::?\d\d)?)"
    r"(?:[.,](?P<f>\d{1,12}))?\s*" + _ZONE_WORD,
    re.ASCII,
)
_CLOCK = (
    r"(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d{1,12}))?)?"
    r"\s*(?P<p>[AaPp]\.?[Mm]\.?)?\s*" + _ZONE_WORD
)
_SLASHED = {
    "dmy": r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<Y>\d{4})",
    "mdy": r"(?P<m>\d{1,2})[/.-](?P<d>\d{1,2})[/.-](?P<Y>\d{4})",
    "ymd": r"(?P<Y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})",
}
_LETTERS = {
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d\d)",
    "%m": r"(?P<m>\d{1,2})",
    "%d": r"(?P<d>\d{1,2})",
    "%b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "%B": r"(?P<b>[A-Za-z]{3,9})",
    "%H": r"(?P<H>\d{1,2})",
    "%I": r"(?P<H>\d{1,2})",
    "%M": r"(?P<M>\d\d)",
    "%S": r"(?P<S>\d\d)",
    "%f": r"(?P<f>\d{1,12})",
    "%p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "%z": _ZONE_WORD,
    "%Z": _ZONE_WORD,
    "%%": "%",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}  # microseconds in one


def reader_of(name: str, *, order: Order = "") -> Reader:
    """The reader for a format of a profile.

    Raises:
        ValueError: when there is no such format, with what is possible.
    """
    if name == "iso":
        return _iso
    if name in _EPOCH_UNITS:
        return _epoch(_EPOCH_UNITS[name])
    if name == "slashed":
        return _matching(re.compile(_SLASHED[order or "ymd"] + r",?\s+" + _CLOCK))
    if "%" in name:
        return _matching(_pattern(name))
    raise ValueError(
        f"{name!r} is no time format; possible: iso, slashed, epoch_s, epoch_ms, %d/%m/%Y %H:%M:%S"
    )


def plain_date(text: str, *, order: Order = "") -> datetime | None:
    """Midnight, naive, of a date without a time of day; None when the text is no plain date."""
    found = re.fullmatch(r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", text)
    if found is None and order:
        found = re.fullmatch(_SLASHED[order], text)
    return None if found is None else _date(found.groupdict())


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    fraction = found["f"]
    if fraction and len(found["clock"]) < len("HHMMSS"):
        return None
    written = f"{found['date']}T{found['clock']}"
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return _in_zone(read.replace(microsecond=_micros(fraction)), found["zone"])


def _epoch(unit: int) -> Reader:
    def read(text: str) -> datetime | None:
        if not re.fullmatch(r"-?\d{1,16}", text):
            return None
        try:
            return _EPOCH + timedelta(microseconds=int(text) * unit)
        except OverflowError:
            return None

    return read


def _matching(pattern: re.Pattern[str]) -> Reader:
    def read(text: str) -> datetime | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        day, hour = _date(parts), _hour(parts)
        if day is None or hour is None:
            return None
        try:
            moment = day.replace(
                hour=hour,
                minute=int(parts.get("M") or 0),
                second=int(parts.get("S") or 0),
                microsecond=_micros(parts.get("f")),
            )
        except ValueError:
            return None
        return _in_zone(moment, parts.get("zone"))

    return read


def _pattern(name: str) -> re.Pattern[str]:
    """The expression for a pattern; spaces match any white space, line ends included."""
    parts = []
    for token in re.findall(r"%.|\s+|[^%\s]+|%", name):
        if token.startswith("%"):
            if token not in _LETTERS:
                possible = " ".join(_LETTERS)
                raise ValueError(f"{name!r}: {token} is no part of a time; possible: {possible}")
            parts.append(_LETTERS[token])
        else:
            parts.append(r"\s+" if token.isspace() else re.escape(token))
    try:
        return re.compile("".join(parts))
    except re.error as trouble:
        raise ValueError(f"{name!r}: names a part of the time twice") from trouble


def _date(parts: dict[str, str | None]) -> datetime | None:
    written_month = parts.get("b")
    try:
        month = _month(written_month) if written_month else int(parts["m"] or 0)
        short = parts.get("y")
        year = 2000 + int(short) if short else int(parts["Y"] or 0)
        return datetime(year, month, int(parts["d"] or 0))  # noqa: DTZ001 naive until its zone is known
    except (ValueError, KeyError):
        return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].casefold()) + 1


def _hour(parts: dict[str, str | None]) -> int | None:
    """The hour of the day, 0 to 23; None for a 12-hour clock that shows 0 or 13."""
    hour, half = int(parts.get("H") or 0), parts.get("p")
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _micros(fraction: str | None) -> int:
    """The fraction of a second in microseconds; what is finer is cut off."""
    return int((fraction or "")[:6].ljust(6, "0"))


def _in_zone(moment: datetime, zone: str | None) -> datetime | None:
    if not zone:
        return moment
    if zone.upper() in {"Z", "UTC", "GMT"}:
        return moment.replace(tzinfo=UTC)
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 18 or minutes > 59:
        return None
    try:
        return (moment - sign * timedelta(hours=hours, minutes=minutes)).replace(tzinfo=UTC)
    except OverflowError:
        return None
