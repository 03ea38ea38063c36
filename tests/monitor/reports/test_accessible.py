"""The measure itself: what falls short is found, what does not is left alone."""

import pytest

from tests.monitor.reports.accessible import contrast, wrong_with

WHOLE = (
    "<html lang='en'><head><title>t</title></head><body><main><h1>a</h1><h2>b</h2></main></body>"
    "</html>"
)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


def test_a_page_that_does_not_fall_short_is_left_alone() -> None:
    assert wrong_with(WHOLE) == []


@pytest.mark.parametrize(
    ("put", "found"),
    [
        ("<h4>c</h4>", "a heading jumps from 2 to 4"),
        ("<table><caption>c</caption><tr><th>x</th></tr></table>", "1 table headers without scope"),
        ("<table></table>", "1 tables with 0 captions"),
        ("<img src='https://example.org/x.png'>", "something is loaded: img"),
        ("<a href='#nowhere'>x</a>", "a link leads nowhere: nowhere"),
        ("<svg xmlns='http://www.w3.org/2000/svg'></svg>", "picture 1 has no words"),
        ("<style>p { color: #999999; }</style>", "p: #999999 on #ffffff has a contrast of 2.85"),
    ],
)
def test_what_falls_short_is_found(put: str, found: str) -> None:
    page = WHOLE.replace("</main>", f"{put}</main>")

    assert any(said.startswith(found) for said in wrong_with(page)), wrong_with(page)
