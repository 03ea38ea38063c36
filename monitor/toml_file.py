"""A TOML file read as a model, with every problem told at once."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from alerts.errors import Misused

_Model = TypeVar("_Model", bound=BaseModel)


def read_as(model: type[_Model], path: Path, *, what: str) -> _Model:
    """What a file says, as a model.

    What was written is left out of the problems, for it may be a secret.

    Args:
        model: that the file must fit.
        path: of the file.
        what: stands before each problem: settings, detectors, a feed.

    Raises:
        FileNotFoundError: it is not there.
        Misused: every problem, each with its place.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise Misused(f"{what}: {path}: is not TOML: {trouble}") from trouble
    except ValidationError as trouble:
        found = trouble.errors(include_input=False, include_url=False)
        lines = (f"  {'.'.join(map(str, one['loc'])) or 'all'}: {one['msg']}" for one in found)
        raise Misused(f"{what}: {path}:\n" + "\n".join(lines)) from None
