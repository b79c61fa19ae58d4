"""Whether a page can be read by everybody: by axe, in both colour schemes, wide and on a phone."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 360, "height": 740}
PHONE: dict[str, Any] = {"is_mobile": True, "has_touch": True, "viewport": NARROW}

ALL: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST = ALL | {"runOnly": ["color-contrast"]}  # all that a colour scheme changes


def faults(page: Page | Frame, options: dict[str, Any] = ALL) -> list[str]:
    """What axe finds, each rule with the elements that break it."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options)", options)
    return [
        f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found["violations"]
    ]


def faults_everywhere(page: Page) -> list[str]:
    """What axe finds in either scheme and width, and how much too wide for a phone the page is."""
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    found += faults(page, CONTRAST)
    page.set_viewport_size(NARROW)
    found += faults(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    return found if width <= NARROW["width"] else [*found, f"{width} px wide on a phone"]
