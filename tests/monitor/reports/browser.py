"""A headless Chromium, where one is installed; a test that needs it says aloud that it is not."""

import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# No network, no profile of the person who runs the tests, no first-run pages.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
SECONDS = 60


def browser() -> str:
    """The path of a Chromium; the test is skipped where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"NO BROWSER: none of {', '.join(NAMES)}; the report was not opened in one")
    return found


def opened(page: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a browser says of a page, with a fresh profile in a folder.

    Args:
        page: to be opened.
        folder: for the profile.
        words: what is asked of the browser: --dump-dom, --screenshot=...
    """
    profile = f"--user-data-dir={folder / 'profile'}"
    return subprocess.run(
        [browser(), *FLAGS, profile, *words, page.as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height of a picture, from its header."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
