"""Words to the service manager, as sd_notify(3) sends them; nothing where none listens."""

import socket
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

READY: Final = "READY=1"

_ABSTRACT = "@"


def told(state: str, *, environment: Mapping[str, str]) -> bool:
    """Sends a state such as `READY=1`; whether somebody was there to be told.

    Trouble on the way is no trouble of the service: a manager that has gone hears nothing.

    Args:
        state: lines of `NAME=value`.
        environment: where the manager says at which socket it listens.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", _ABSTRACT)):
        return False
    place = f"\0{address[1:]}" if address.startswith(_ABSTRACT) else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(state.encode("utf-8"), place)
        except OSError:
            return False
    return True


def watchdog_every(environment: Mapping[str, str], *, process: int) -> timedelta | None:
    """How often the manager wants a sign of life, halved so that one may be late; None for never.

    Args:
        environment: where the manager says so.
        process: number of this process; a wish for another one is not ours.
    """
    wanted = environment.get("WATCHDOG_USEC", "")
    if not wanted.isdigit() or int(wanted) == 0:
        return None
    if environment.get("WATCHDOG_PID", str(process)) != str(process):
        return None
    return timedelta(microseconds=int(wanted)) / 2


def reloading(monotonic_microseconds: int) -> str:
    """The state that says settings are read again; the manager waits for `READY=1` after it."""
    return f"RELOADING=1\nMONOTONIC_USEC={monotonic_microseconds}"
