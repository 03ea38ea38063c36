"""One message as a line of JSON at the end of a file that others read, rename and take away."""

import fcntl
import json
import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.notify.message import Message

if TYPE_CHECKING:
    from monitor.notify.channels import LineFile


def deliver(channel: "LineFile", message: Message) -> None:
    """Adds a line, and returns when it is on the disk.

    The file is opened by its name each time, and again where it was renamed meanwhile, so that
    whatever rotates it takes away whole lines and loses none. A line that a power cut left half
    written is ended first.

    Raises:
        OSError: it could not be written.
    """
    path = Path(channel.path.format(day=message.at.astimezone(UTC).date().isoformat()))
    line = json.dumps(message.as_json(), separators=(",", ":")).encode() + b"\n"
    number = _locked(path)
    try:
        size = os.fstat(number).st_size
        if size and os.pread(number, 1, size - 1) != b"\n":
            line = b"\n" + line
        _whole(number, line)
        os.fsync(number)
        if not size:
            _keep_name(path.parent)
    finally:
        os.close(number)


def _locked(path: Path) -> int:
    """The file of that name, held against others who add to it."""
    while True:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        number = os.open(path, flags, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            if _still_named(path, number):
                return number
        except BaseException:
            os.close(number)
            raise
        os.close(number)


def _still_named(path: Path, number: int) -> bool:
    """Whether the name still stands for the file that was opened."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(number))


def _whole(number: int, line: bytes) -> None:
    while line:
        line = line[os.write(number, line) :]


def _keep_name(folder: Path) -> None:
    """Writes the folder too: a new name outlives a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
