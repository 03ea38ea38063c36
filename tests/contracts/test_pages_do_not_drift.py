"""The pages made from the code are the code's."""

from pathlib import Path

import pytest

from tests.contracts.tree import ROOT, listed, place, text_of

generated = pytest.importorskip("tests.generate_pages", reason="no detector exists yet")


@pytest.mark.parametrize("page", list(generated.pages()), ids=place)
def test_a_generated_page_is_what_the_code_says_today(page: Path) -> None:
    assert text_of(page) == generated.pages()[page], "possible: make docs"


def test_every_detector_has_a_story_of_its_own() -> None:
    told = {
        path.stem.removeprefix("test_") for path in (ROOT / "tests/detectors").glob("test_*.py")
    }
    files = [Path(generated.inspect.getfile(found)).stem for found in generated.available()]

    untold = [name for name in files if name not in told]
    assert not untold, listed(untold)
