"""A head of the chain, signed, to be lodged where nobody who can write the store can reach.

    signature = Ed25519 over: FORMAT, home_id, seq, hash, at; canonical JSON of the five

A chain written anew, cut off or rolled back to an older copy no longer holds what it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from alerts.chain import Head, canonical, stamp
from alerts.errors import IntegrityBroken, Misused

FORMAT: Final = "psdmon checkpoint 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where one home's chain ended at some moment, and who says so."""

    home_id: str
    head: Head
    at: str  # UTC to the microsecond, as on the chain
    signature: str  # 128 hexadecimal digits

    def as_json(self) -> dict[str, Any]:
        """The checkpoint as one JSON document."""
        return {
            "format": 1,
            "home_id": self.home_id,
            "seq": self.head.seq,
            "hash": self.head.hash,
            "at": self.at,
            "signature": self.signature,
        }


def checkpoint_of(document: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint a document stands for; its signature is not looked at.

    Raises:
        Misused: the document is no checkpoint.
    """
    try:
        return Checkpoint(
            home_id=str(document["home_id"]),
            head=Head(seq=int(document["seq"]), hash=str(document["hash"])),
            at=str(document["at"]),
            signature=str(document["signature"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Misused(
            "checkpoint: it lacks home_id, seq, hash, at or signature;"
            " possible: a file that psdmon audit checkpoint wrote"
        ) from None


def signed(key: Ed25519PrivateKey, head: Head, *, home_id: str, at: datetime) -> Checkpoint:
    """A checkpoint of a head, signed."""
    when = stamp(at)
    signature = key.sign(_message(head, home_id=home_id, at=when)).hex()
    return Checkpoint(home_id=home_id, head=head, at=when, signature=signature)


def trusted(key: Ed25519PublicKey, checkpoint: Checkpoint, *, home_id: str) -> Head:
    """The head that a checkpoint names, if it was signed with the key and for this home.

    Raises:
        IntegrityBroken: it was not.
    """
    place = f"checkpoint of entry {checkpoint.head.seq}"
    if checkpoint.home_id != home_id:
        raise IntegrityBroken(f"{place}: it is of another home; possible: one of {home_id}")
    message = _message(checkpoint.head, home_id=home_id, at=checkpoint.at)
    try:
        key.verify(bytes.fromhex(checkpoint.signature), message)
    except (InvalidSignature, ValueError):
        raise IntegrityBroken(
            f"{place}: it was not signed with this key as it stands;"
            " possible: the copy that was lodged, or the key it was signed with"
        ) from None
    return checkpoint.head


def _message(head: Head, *, home_id: str, at: str) -> bytes:
    return canonical([FORMAT, home_id, head.seq, head.hash, at]).encode("ascii")
