"""The reconciliation's pages can be read by everybody, on a phone too."""

from __future__ import annotations

import pytest

from tests.chat.browser.test_access import faults
from tests.dashboard.browser.conftest import Opener
from tests.dashboard.browser.test_watching import PHONE
from tests.dashboard.test_reconciliation_views import PAGE, lost_write


@pytest.mark.parametrize(
    ("language", "scheme"), [("ja", "light"), ("ja", "dark"), ("en", "light"), ("en", "dark")]
)
def test_axe_finds_nothing_and_the_pages_fit_a_phone(
    open_page: Opener, language: str, scheme: str
) -> None:
    run = lost_write()
    page = open_page(f"{PAGE}?lang={language}", color_scheme=scheme, **PHONE)
    for path in (PAGE, f"{PAGE}{run.pk}/"):
        page.goto(f"{path}?lang={language}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
