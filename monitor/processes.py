"""Which process is which, on this machine and others: told so that a dead one can be known."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_BOOT: Final = Path("sys/kernel/random/boot_id")
_STARTED: Final = 19  # place of the start time after the name of a process, proc(5)


def this_process(*, proc: Path = _PROC) -> dict[str, str]:
    """What tells this process from every other, on this machine and others."""
    number = str(os.getpid())
    return {
        "machine": os.uname().nodename,
        "boot": _read(proc / _BOOT),
        "names": _names(proc),
        "number": number,
        "started": _started(proc, number),
    }


def gone(process: Mapping[str, str], *, proc: Path = _PROC) -> bool:
    """Whether a process is known to be no more; one of another machine is never known to be."""
    here = this_process(proc=proc)
    if any(process.get(name) != here[name] for name in ("machine", "boot", "names")):
        return False
    return _started(proc, process.get("number", "")) != process.get("started")


def owner_gone(owner: str) -> bool:
    """Whether the process of a claim is known to be no more, by its name `actor@machine/number`."""
    _, _, place = owner.rpartition("@")
    machine, _, number = place.partition("/")
    if machine != os.uname().nodename or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _started(proc: Path, number: str) -> str:
    """When a process began, in ticks since the machine did; empty where there is none."""
    if not number.isdigit():
        return ""
    told = _read(proc / number / "stat")
    return told.rpartition(")")[2].split()[_STARTED] if told else ""


def _names(proc: Path) -> str:
    """The space in which process numbers count: a container has one of its own."""
    try:
        return str((proc / "self" / "ns" / "pid").readlink())
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
