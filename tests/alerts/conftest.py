"""A store to work on: every story about it is told on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.store import Store
from tests.alerts.stores import HOME_ID, begun, emptied
from tests.factories import a_moment

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema and entry 1, to be copied; migrating takes longer than copying."""
    path = tmp_path_factory.mktemp("store") / "template.db"
    begun(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def fresh_sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a store in a file of its own, begun."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'psdmon.db')}"


@pytest.fixture(scope="module")
def postgresql_store_of_module(postgresql_url_of_module: str) -> Iterator[Store]:
    """A store on PostgreSQL that the stories of one module share."""
    store = begun(postgresql_url_of_module)
    yield store
    store.close()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Which database the story is told on."""
    return str(request.param)


@pytest.fixture
def store_url(database: str, request: pytest.FixtureRequest) -> str:
    """The URL of a store that has begun and holds nothing yet."""
    if database == "sqlite":
        return str(request.getfixturevalue("fresh_sqlite_url"))
    shared: Store = request.getfixturevalue("postgresql_store_of_module")
    emptied(shared).begin(HOME_ID, actor="init", at=a_moment("2026-01-01T00:00:00Z"))
    return shared.engine.url.render_as_string()


@pytest.fixture
def opened(store_url: str) -> Iterator[Callable[[], Store]]:
    """A way to open the store, once for each process or person of a story; closed after it."""
    stores: list[Store] = []

    def opening() -> Store:
        stores.append(Store.at(store_url))
        return stores[-1]

    yield opening
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """A store that has begun and holds nothing yet."""
    return opened()
