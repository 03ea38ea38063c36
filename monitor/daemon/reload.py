"""Settings taken up: a copy of config is checked whole, and used only if nothing is wrong with it.

config ──copied──> running/config.new ──every look──> good: running/config, settings.changed
                                        └── problems: the old copy stays, settings.refused
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from alerts.errors import Misused
from monitor.settings import Settings, settings_at
from monitor.wake import Wake
from monitor.wiring import Site

_USED: Final = "config"
_TRIED: Final = "config.new"


def copied(site: Site) -> Path:
    """Config as it is now, copied aside to be checked.

    Raises:
        Misused: there is none.
    """
    source, target = site.home.root / "config", site.home.running / _TRIED
    if not source.is_dir():
        raise Misused(f"home: {site.home.root} is not a home; possible: psdmon init")
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(exist_ok=True)
    shutil.copytree(source, target)
    return target


def taken_up(site: Site, tried: Path) -> Path:
    """A copy that was checked, put in the place of the one in use; no step is at work now."""
    used = site.home.running / _USED
    shutil.rmtree(used, ignore_errors=True)
    tried.replace(used)
    return used


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """Looks at everything in config; what is wrong is told all at once."""

    name: str = "settings"

    def deadline(self, settings: Settings) -> timedelta:
        """As long as any step may be silent."""
        return timedelta(minutes=settings.daemon.step_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:  # noqa: ARG002 as the protocol has it
        """Nothing but that nothing is wrong.

        Raises:
            Misused: every problem.
        """
        problems = tuple(dict.fromkeys(problems_in(site)))
        if problems:
            raise Misused("\n".join(problems))
        return {}


def problems_in(site: Site) -> Iterator[str]:
    """Everything that is wrong with the config of a home, with its place."""
    for look in LOOKS:
        try:
            look(site)
        except Misused as trouble:
            yield str(trouble)


def _detectors(site: Site) -> object:
    from monitor.running import running_at, strands

    return strands(running_at(site.home.config))


def _prompts(site: Site) -> object:
    return site.prompt_pack


def _profiles(site: Site) -> object:
    from monitor.ingest.profile import profiles_at

    return profiles_at(site.home.config)


def _feeds(site: Site) -> object:
    from monitor.sources.declared import declared_at

    return declared_at(site.home.config)


def _channels(site: Site) -> object:
    from monitor.notify.channels import notifying_at

    return notifying_at(site.home.config)


# Each raises Misused with all that is wrong in its file; a new file is one more line here.
LOOKS: Final[tuple[Callable[[Site], object], ...]] = (
    lambda site: settings_at(site.home.config),
    _detectors,
    _prompts,
    _profiles,
    _feeds,
    _channels,
)
