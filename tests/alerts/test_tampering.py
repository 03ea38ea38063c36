"""Random tamperings of every kind, all found; `make bench-tampering` does ten thousand of them."""

import pytest

from alerts.store import Store
from tests.alerts.tamperings import KINDS, chance_of, lived, tampered

SEED = 611
TRIALS = 20  # of each kind; on PostgreSQL fewer
NEEDS_A_CHECKPOINT = {"older copy put back", "hashes reckoned anew without the key"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_random_tampering_is_found(store: Store, kind: str) -> None:
    case = lived(store, alerts=4, seed=SEED)
    chance = chance_of(SEED + len(kind))

    outcomes = [tampered(case, kind, chance) for _ in range(TRIALS)]

    assert [one.found for one in outcomes] == [True] * TRIALS
    assert store.verify(checkpoints=[case.lodged]).intact


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_random_tampering_is_found_on_postgresql(store: Store) -> None:
    case = lived(store, alerts=3, seed=SEED)
    chance = chance_of(SEED)

    missed = [kind for kind in KINDS for _ in range(3) if not tampered(case, kind, chance).found]

    assert missed == []


@pytest.mark.parametrize("kind", sorted(NEEDS_A_CHECKPOINT))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_only_a_checkpoint_shows_is_not_found_without_one(store: Store, kind: str) -> None:
    case = lived(store, alerts=3, seed=SEED)
    chance = chance_of(SEED)

    outcomes = [tampered(case, kind, chance) for _ in range(10)]

    assert any(not one.found_without for one in outcomes)
