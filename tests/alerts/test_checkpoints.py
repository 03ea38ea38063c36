"""Checkpoints: what was signed is trusted, and nothing else is."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from alerts.chain import Head
from alerts.checkpoints import Checkpoint, checkpoint_of, signed, trusted
from alerts.errors import IntegrityBroken, Misused
from tests.factories import a_moment

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
HEAD = Head(seq=17, hash="ab" * 32)


def a_checkpoint() -> Checkpoint:
    """Entry 17 of a home, signed."""
    return signed(KEY, HEAD, home_id="home", at=a_moment("2026-03-02T09:00:00Z"))


def test_a_checkpoint_is_trusted_after_a_journey_as_json() -> None:
    read = checkpoint_of(json.loads(json.dumps(a_checkpoint().as_json())))

    assert trusted(KEY.public_key(), read, home_id="home") == HEAD


@pytest.mark.parametrize(
    "changed",
    [
        replace(a_checkpoint(), head=Head(seq=18, hash=HEAD.hash)),
        replace(a_checkpoint(), head=Head(seq=17, hash="ba" * 32)),
        replace(a_checkpoint(), at="2026-03-02T09:00:00.000001Z"),
        replace(a_checkpoint(), signature="00" * 64),
        replace(a_checkpoint(), signature="no signature"),
    ],
)
def test_a_checkpoint_that_was_changed_is_not_trusted(changed: Checkpoint) -> None:
    with pytest.raises(
        IntegrityBroken, match=r"^checkpoint of entry 1\d: it was not signed with this key as it"
    ):
        trusted(KEY.public_key(), changed, home_id="home")


def test_a_checkpoint_signed_with_another_key_is_not_trusted() -> None:
    with pytest.raises(IntegrityBroken, match=r"^checkpoint of entry 17: it was not signed"):
        trusted(OTHER_KEY.public_key(), a_checkpoint(), home_id="home")


def test_a_checkpoint_of_another_home_is_not_trusted() -> None:
    with pytest.raises(IntegrityBroken, match=r"^checkpoint of entry 17: it is of another home"):
        trusted(KEY.public_key(), a_checkpoint(), home_id="another")


@given(st.sampled_from(sorted(a_checkpoint().as_json())))
def test_a_document_that_lacks_a_part_is_no_checkpoint(part: str) -> None:
    document = a_checkpoint().as_json()
    del document[part]

    if part == "format":
        assert checkpoint_of(document) == a_checkpoint()
    else:
        with pytest.raises(Misused, match=r"^checkpoint: it lacks .* possible: a file that"):
            checkpoint_of(document)
