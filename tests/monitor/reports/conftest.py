"""The home and the shell that the commands are tested with."""

from tests.monitor.cli.conftest import made_home, root, typed

__all__ = ["made_home", "root", "typed"]
