"""Every key of the shipped settings is one the code knows, and says its unit or its reason."""

import re
import tomllib
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from monitor.settings import Settings, settings_at, shipped_config
from tests.contracts.tree import ROOT, listed, place, project_files, text_of


def keys_of_the_model(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Every key of the settings, dotted, as the code knows them."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of_the_model(field.annotation, f"{above}{name}.")
        else:
            yield above + name


def keys_of_the_file(table: Mapping[str, object], above: str = "") -> Iterator[str]:
    """Every key of the settings, dotted, as the file has them."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from keys_of_the_file(value, f"{above}{name}.")
        else:
            yield above + name


def test_the_shipped_settings_have_every_key_and_no_other() -> None:
    shipped = tomllib.loads(text_of(ROOT / "config" / "settings.toml"))

    assert set(keys_of_the_file(shipped)) == set(keys_of_the_model(Settings))


def test_the_shipped_settings_are_the_defaults_of_the_code() -> None:
    assert settings_at(shipped_config()) == Settings()


def test_every_key_has_its_unit_or_reason_beside_or_above_it() -> None:
    lines = text_of(ROOT / "config" / "settings.toml").splitlines()
    unexplained = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if re.match(r"\w+ = ", line) and "name" not in line
        if not (re.search(r"\s# \w+", line) or above.startswith("# "))
    ]

    assert not unexplained, listed(unexplained)


def test_every_key_that_counts_time_names_its_unit() -> None:
    units = re.compile(r"_(minutes|hours|days|weeks|seconds|user_weeks)$|^(threads|every_minutes)$")
    numbers = [
        name
        for name, value in _flat(tomllib.loads(text_of(ROOT / "config" / "settings.toml")))
        if isinstance(value, int | float) and not isinstance(value, bool)
        if not units.search(name) and not re.search(r"share|weight|most|least|seed|^port$", name)
    ]

    assert not numbers, listed(numbers)


def test_every_toml_file_of_the_force_can_be_read() -> None:
    for path in project_files():
        if path.suffix == ".toml" and place(path).startswith("config/"):
            assert tomllib.loads(text_of(path)), place(path)


def _flat(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name, value
