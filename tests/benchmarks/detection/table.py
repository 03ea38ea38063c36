"""What was made of every part, kept on disk, and the table that is put together of it."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.kept import DECIDES, code, write_whole

_HERE: Final = Path(__file__).resolve().parent
_EARLIER: Final = _HERE / "earlier"  # of commits whose parts are not on this disk
_WORDS: Final = tuple(
    f"tests/benchmarks/{name}.py"
    for name in ("calibration", "ceiling", "fairness", "detection/[a-s]*", "detection/[u-z]*")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One part as it was made: on which forces, by which code, and what came of it."""

    part: str
    sizes: tuple[tuple[int, int], ...]  # staff and weeks of the forces; none for a real log
    seeds: tuple[int, ...]
    figures: tuple[Figure, ...]
    seconds: int = 0
    sittings: tuple[Mapping[str, Any], ...] = ()  # what each one came to, by kind and week
    code: str = ""  # digest of what decides; of an earlier commit that kept none, empty
    commit: str = ""
    order: float = 0.0  # the later, the newer

    @property
    def made_on(self) -> tuple[object, ...]:
        """What two makings of the same thing share."""
        return self.part, self.sizes, self.seeds

    def shown(self) -> tuple[Figure, ...]:
        """Its figures; each says by what it was made, where that is not today's code."""
        if self.code == present():
            return self.figures
        return tuple(replace(one, says=f"{one.says}; {self._origin}") for one in self.figures)

    @property
    def _origin(self) -> str:
        """By what it was made, as far as that is known."""
        if not self.code:
            return f"first shown in commit {self.commit}, its code not kept"
        commit = f"commit {self.commit}, " if self.commit else ""
        return f"made by other code than today's: {commit}digest {self.code}"


def present() -> str:
    """The digest of today's code, as parts are kept by it."""
    return code((*DECIDES, *_WORDS))


def keep(made: Made, asked: Asked) -> Path:
    """Put a part where the table finds it, with the code it was made by; where that is."""
    folder = _folder(asked)
    folder.mkdir(parents=True, exist_ok=True)
    size = "-".join(f"{staff}x{weeks}" for staff, weeks in made.sizes)
    seeds = "-".join(map(str, made.seeds))
    name = "-".join(filter(None, (made.part, size, seeds and f"seeds-{seeds}", present())))
    document = asdict(replace(made, code=present(), commit=_commit()))
    del document["order"]
    path = folder / f"{name}.json"
    write_whole(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


def table(asked: Asked, parts: Mapping[str, str]) -> list[Figure]:
    """Every part that is kept, in the order of the parts, and which were not measured.

    Args:
        asked: where they are kept.
        parts: what each is called where it was not made, by name.
    """
    chosen = newest(kept(asked))
    figures = [
        figure
        for part in parts
        for made in chosen
        if made.part == part
        for figure in made.shown()
    ]  # fmt: skip
    missing = [says for part, says in parts.items() if part not in {one.part for one in chosen}]
    if missing:
        figures.append(Figure(says="; ".join(missing), value="not measured", unit=""))
    return figures


def kept(asked: Asked) -> list[Made]:
    """Everything that was ever made of the parts, those of earlier commits first."""
    earlier = [] if asked.quick else sorted(_EARLIER.glob("*.json"))
    own = sorted(_folder(asked).glob("*.json"), key=lambda path: path.stat().st_mtime)
    return [_read(path, order=turn) for turn, path in enumerate([*earlier, *own])]


def newest(made: Sequence[Made]) -> list[Made]:
    """Of each thing that was made, what today's code made, or else what was made last.

    What was made on fewer seeds than another of the same part, size and code, or than another of
    today's code, is left out.
    """
    last: dict[tuple[object, ...], Made] = {}
    for one in sorted(made, key=lambda one: (one.code == present(), one.order)):
        last[one.made_on] = one
    return [
        one
        for one in sorted(last.values(), key=lambda one: (one.part, one.sizes, one.seeds))
        if not any(_covers(other, one) for other in last.values())
    ]


def _covers(other: Made, one: Made) -> bool:
    """Whether a making says all that another does: of more seeds, by its code or by today's."""
    same = (other.part, other.sizes) == (one.part, one.sizes)
    return same and other.code in {one.code, present()} and set(other.seeds) > set(one.seeds)


def _read(path: Path, *, order: int) -> Made:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Made(**{
        **told,
        "sizes": tuple((staff, weeks) for staff, weeks in told["sizes"]),
        "seeds": tuple(told["seeds"]),
        "figures": tuple(Figure(**figure) for figure in told["figures"]),
        "sittings": tuple(told.get("sittings", ())),
        "order": order,
    })  # fmt: skip


def _folder(asked: Asked) -> Path:
    return asked.out / ("detection-quick" if asked.quick else "detection")


def _commit() -> str:
    """The commit that is checked out, and whether something was changed; empty without git."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=7"],
            cwd=_HERE, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip()
