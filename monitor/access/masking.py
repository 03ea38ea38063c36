"""Keyed tokens that stand for people: the same person, the same token, within one home.

    M-4QX7K2      a member of staff        HMAC-SHA256(key, kind, 0x00, id)
    P-9T2VDA      a record looked up       its first bits in Crockford's base 32,
    E-7KD03MVTNQ  a row of the log         five to a letter; I, L, O and U are not used
    T-M0V5ZR      a terminal;  C-... a case reference

Whoever lacks the key can neither read a token nor find it by trying every id of a force.
"""

import base64
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from alerts.errors import IntegrityBroken, Misused
from alerts.model import Alert
from detectors.model.finding import Finding

KEY_NAME: Final = "mask.key"
KEY_BYTES: Final = 32
SCREEN_LETTERS: Final = 6
FILE_LETTERS: Final = 10

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = str.maketrans(_STANDARD.decode(), "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_SHORTEST_ID_IN_TEXT = 4  # a bare number of three figures is a count more often than an id


@dataclass(frozen=True, slots=True, kw_only=True)
class Masker:
    """Turns ids into tokens by a key that stays in the home.

    Six letters are 30 bits.
    One screen holds at most some hundreds of people: the chance that two of 200 share a token is
    200 * 199 / 2 / 2**30, one in 54,000, and a shared token misleads a reader without letting
    anything happen, because every command takes the alert's own id and never a token.
    A file may hold a whole force and everybody it looked up: among 100,000 people six letters
    would collide four or five times, so files carry ten letters (50 bits, one chance in 200,000).
    The first six letters of a file's token are the token on the screen.
    """

    key: bytes = field(repr=False)
    letters: int = SCREEN_LETTERS

    def staff(self, user_id: str) -> str:
        """The token of a member of staff; empty for an empty id."""
        return self._token("M", user_id)

    def record(self, subject_id: str) -> str:
        """The token of a record looked up; empty for an empty id."""
        return self._token("P", subject_id)

    def row(self, event_id: str) -> str:
        """The token of a row of the log: always long, since an alert may rest on thousands."""
        return self._token("E", event_id, letters=FILE_LETTERS)

    def terminal(self, terminal_id: str) -> str:
        """The token of a terminal; empty for an empty id."""
        return self._token("T", terminal_id)

    def case(self, case_ref: str) -> str:
        """The token of a case reference: shows that one was used again, not which."""
        return self._token("C", case_ref)

    def for_files(self) -> "Masker":
        """The same tokens, long enough for a whole force."""
        return replace(self, letters=FILE_LETTERS)

    def _token(self, kind: str, plain: str, *, letters: int = 0) -> str:
        if not plain:
            return ""
        digest = hmac.digest(self.key, f"{kind}\0{plain}".encode(), "sha256")
        written = base64.b32encode(digest).decode().translate(_CROCKFORD)
        return f"{kind}-{written[: letters or self.letters]}"


def masked_alert(alert: Alert, masker: Masker) -> Alert:
    """The alert with a token wherever it held an id; what it says and measures is unchanged."""
    text = Scrubber.of(alert, masker)
    return replace(
        alert,
        user_ids=tuple(map(masker.staff, alert.user_ids)),
        subject_ids=tuple(map(masker.record, alert.subject_ids)),
        focus_subject_id=masker.record(alert.focus_subject_id),
        event_ids=tuple(map(masker.row, alert.event_ids)),
        findings=tuple(_masked_finding(finding, masker, text) for finding in alert.findings),
        explanations_tested=tuple(
            replace(tested, says=text.clean(tested.says)) for tested in alert.explanations_tested
        ),
        prompts=tuple(replace(prompt, says=text.clean(prompt.says)) for prompt in alert.prompts),
        says=text.clean(alert.says),
    )


@dataclass(frozen=True, kw_only=True)  # no slots: the pattern is made once and kept
class Scrubber:
    """Takes the ids of one alert out of written text.

    Sentences made by psdmon name nobody; this catches an id that a person typed into a note, or
    that a detector still to be written lets slip.
    An id of fewer than four characters without a letter is left alone: "28" is a number of days.
    """

    tokens: tuple[tuple[str, str], ...]  # id and token, longest id first

    @classmethod
    def of(cls, alert: Alert, masker: Masker) -> "Scrubber":
        """A scrubber that knows every id of an alert."""
        users = {*alert.user_ids, *(finding.user_id for finding in alert.findings)}
        records = {*alert.subject_ids, alert.focus_subject_id}
        records.update(finding.focus_id for finding in alert.findings)
        return cls.knowing(users=users, records=records, masker=masker)

    @classmethod
    def knowing(cls, *, users: Iterable[str], records: Iterable[str], masker: Masker) -> "Scrubber":
        """A scrubber that knows these ids; an id that is both is taken for the member of staff."""
        tokens = {plain: masker.record(plain) for plain in records}
        tokens.update({plain: masker.staff(plain) for plain in users})
        findable = ((plain, token) for plain, token in tokens.items() if _findable(plain))
        return cls(tokens=tuple(sorted(findable, key=lambda pair: (-len(pair[0]), pair[0]))))

    def clean(self, text: str) -> str:
        """The text with tokens for ids, in whatever case they were typed."""
        if not self.tokens or not text:
            return text
        return self._pattern.sub(lambda found: self.tokens[(found.lastindex or 1) - 1][1], text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        either = "|".join(f"({re.escape(plain)})" for plain, _ in self.tokens)
        return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


def new_key() -> bytes:
    """A fresh key of 256 bits from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def write_key(folder: Path) -> Path:
    """Make the masking key of a home, readable by its owner alone; an existing key is kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / KEY_NAME
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_key().hex() + "\n")
    return path


def masker_at(folder: Path) -> Masker:
    """The masker of a home.

    Raises:
        Misused: there is no key.
        IntegrityBroken: there is a file that holds no key, or that others may read.
    """
    path = folder / KEY_NAME
    try:
        written = path.read_text(encoding="ascii").strip()
        open_to_others = path.stat().st_mode & 0o077
    except FileNotFoundError:
        raise Misused(f"masking key: {path} is not there; possible: psdmon init") from None
    except UnicodeDecodeError:
        written, open_to_others = "", 0
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", written):
        raise IntegrityBroken(
            f"masking key: {path} does not hold {2 * KEY_BYTES} hexadecimal figures;"
            " possible: put back the copy from the home's backup"
        )
    if open_to_others:
        raise IntegrityBroken(
            f"masking key: {path} may be read by others; possible: chmod 600 on that file"
        )
    return Masker(key=bytes.fromhex(written))


def _masked_finding(finding: Finding, masker: Masker, text: Scrubber) -> Finding:
    return replace(
        finding,
        user_id=masker.staff(finding.user_id),
        focus_id=masker.record(finding.focus_id),
        says=text.clean(finding.says),
    )


def _findable(plain: str) -> bool:
    return any(map(str.isalpha, plain)) or len(plain) >= _SHORTEST_ID_IN_TEXT
