"""The Ed25519 key of a home, and the checkpoints signed with it: made, kept, and held against.

keys/checkpoint.key    64 hexadecimal figures, its owner's alone
keys/checkpoint.pub    the public half, to be lodged with the first checkpoint
checkpoints/*.json     a copy of each checkpoint; those that count are the ones lodged elsewhere
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from alerts.chain import Discrepancy, Head
from alerts.checkpoints import Checkpoint, checkpoint_of, trusted
from alerts.errors import IntegrityBroken, Misused, PsdmonError

KEY_NAME: Final = "checkpoint.key"
PUBLIC_NAME: Final = "checkpoint.pub"
_HEX: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodged:
    """What checkpoint files say: the heads that can be trusted, and what is wrong with others."""

    heads: tuple[Head, ...]
    discrepancies: tuple[Discrepancy, ...]


def key_made(folder: Path) -> bool:
    """Make the key of a home where there is none; whether one was made."""
    path = folder / KEY_NAME
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    key = Ed25519PrivateKey.generate()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    (folder / PUBLIC_NAME).write_text(f"{public_text(key)}\n", encoding="ascii")
    return True


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key that a home signs with.

    Raises:
        IntegrityBroken: the file holds no key, or others may read it.
    """
    path = folder / KEY_NAME
    if path.stat().st_mode & 0o077:
        raise IntegrityBroken(
            f"checkpoint key: {path} may be read by others; possible: chmod 600 on that file"
        )
    return Ed25519PrivateKey.from_private_bytes(_bytes_in(path))


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a file.

    Raises:
        Misused: there is no such file.
        IntegrityBroken: the file holds no key.
    """
    return Ed25519PublicKey.from_public_bytes(_bytes_in(path))


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key as 64 hexadecimal figures."""
    return key.public_key().public_bytes_raw().hex()


def lodged(files: Iterable[Path], *, key: Ed25519PublicKey, home_id: str) -> Lodged:
    """What checkpoint files say of the chain of a home, each read and its signature tested."""
    heads: list[Head] = []
    wrong: list[Discrepancy] = []
    for path in files:
        try:
            heads.append(trusted(key, read_checkpoint(path), home_id=home_id))
        except PsdmonError as trouble:
            wrong.append(Discrepancy(place=path.name, says=str(trouble)))
    return Lodged(heads=tuple(heads), discrepancies=tuple(wrong))


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint in a file, its signature not yet tested.

    Raises:
        Misused: the file holds none.
    """
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        document = {}
    return checkpoint_of(document)


def _bytes_in(path: Path) -> bytes:
    try:
        written = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise Misused(
            f"checkpoint key: {path} is not there; possible: psdmon audit checkpoint makes one"
        ) from None
    except UnicodeDecodeError:
        written = ""
    if not _HEX.fullmatch(written):
        raise IntegrityBroken(
            f"checkpoint key: {path} does not hold 64 hexadecimal figures;"
            " possible: put back the copy from the home's backup"
        )
    return bytes.fromhex(written)
