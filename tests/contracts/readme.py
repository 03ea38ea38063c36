"""The commands that README shows, and a place to run them in."""

import re
import shlex
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner, Result

from monitor.cli.main import shell
from monitor.clock import SystemClock
from tests.contracts.tree import ROOT, definitions, text_of

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(beginning: str) -> list[str]:
    """Each command line that README shows in a console block, without its comment."""
    page = text_of(ROOT / "README.md")
    shown = "\n".join(text for kind, _, text in BLOCK.findall(page) if kind == "console")
    lines = re.findall(r"^\$ (.+)$", shown, re.MULTILINE)
    plain = [re.sub(r"\s+# .*$", "", line) for line in lines]
    return [line for line in plain if line.startswith(beginning)]


def make_targets() -> set[str]:
    """Every target of the Makefile that says what it does."""
    return set(re.findall(r"^([a-z-]+):.*##", text_of(ROOT / "Makefile"), re.MULTILINE))


def lay_files(folder: Path) -> None:
    """Write the sample files that README shows into a folder, each under the name it shows."""
    for _, name, text in BLOCK.findall(text_of(ROOT / "README.md")):
        if name:
            (folder / name).write_text(text, encoding="utf-8")


def ran(command: str, *, folder: Path) -> Result:
    """What came of a command of README, typed in a folder that holds the demonstration home."""
    words = shlex.split(command.replace("ALERT", top_alert(folder)))
    return psdmon(words[1:], folder=folder)


def top_alert(folder: Path) -> str:
    """The id of the alert at the top of the demonstration's queue."""
    queue = psdmon(["--home", "demo-home", "alerts", "list", "--json"], folder=folder)
    found = re.search(r"\bA-[a-z0-9]+\b", queue.stdout)
    return found[0] if found else "A-none"


def psdmon(words: list[str], *, folder: Path) -> Result:
    """One run of psdmon in this process, with nothing to read from the keyboard."""
    with chdir(folder):
        return CliRunner(env={"NO_COLOR": "1"}).invoke(shell, words, obj=SystemClock())


def holds_test(file: str, name: str) -> bool:
    """Whether a file of tests holds one of that name."""
    path = ROOT / file
    return path.is_file() and any(node.name == name for node in definitions(path))
