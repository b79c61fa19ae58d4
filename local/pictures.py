"""Takes the README's pictures of a running demo, in Chromium; runs in the product's environment."""

from __future__ import annotations

import argparse
import base64
import os
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
QUESTION = "「もう一度だけグッドバイ」と似た漫画はありますか？"
SIZE: ViewportSize = {"width": 1000, "height": 760}
QUALITY = 82  # of WebP, in percent
MOST_BYTES = 150 * 1024
PATIENCE = 60_000  # milliseconds


def main() -> None:
    arguments = _parser().parse_args()
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(
            base_url=arguments.address, viewport=SIZE, device_scale_factor=1.5
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        show_chat(page)
        keep(page, "chat.webp")
        show_dashboard(page, (arguments.data / "staff-password").read_text())
        keep(page, "dashboard.webp")
        browser.close()


def show_chat(page: Page) -> None:
    page.goto("/chat/?lang=ja")
    page.locator("#message").fill(QUESTION)
    page.locator("#send:enabled").click()
    page.locator(".actions").wait_for()


def show_dashboard(page: Page, password: str) -> None:
    page.goto("/admin/login/?next=/dashboard/%3Flang=en")
    page.locator("[name=username]").fill("staff")
    page.locator("[name=password]").fill(password)
    page.locator("[type=submit]").click()
    page.locator("#verdict").wait_for()


def keep(page: Page, name: str) -> None:
    """Writes what the page shows, as WebP. Raises ValueError when that is too large."""
    options = {"format": "webp", "quality": QUALITY}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
    picture = base64.b64decode(taken["data"])
    if len(picture) > MOST_BYTES:
        raise ValueError(f"{name} has {len(picture)} bytes; at most {MOST_BYTES} are wanted.")
    (IMAGES / name).write_bytes(picture)
    print(f"{IMAGES / name}: {len(picture)} bytes")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/pictures", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="of the demo's site")
    parser.add_argument("--data", type=Path, default=Path("var/local"), help="folder of the demo")
    return parser


if __name__ == "__main__":
    main()
