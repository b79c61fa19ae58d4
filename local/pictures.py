"""Takes the pictures of the docs in Chromium, of a demo; runs in the product's environment."""

from __future__ import annotations

import argparse
import base64
import os
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
QUESTION = "「もう一度だけグッドバイ」と似た漫画はありますか？"
FILE = """作品ID,タイトル,タイトルカナ,作者,価格
M-2401,港町の灯台守,ミナトマチノトウダイモリ,みなと春,726
M-2402,屋根裏の天文部,ヤネウラノテンモンブ,星野あおい,693
M-2403,,,北川いつき,715
M-2404,雨やどり商店街,アマヤドリショウテンガイ,つづき夏,748
"""
SIZE: ViewportSize = {"width": 1000, "height": 760}
QUALITY = 82  # of WebP, in percent
MOST_BYTES = 150 * 1024
PATIENCE = 60_000  # milliseconds
ALARM = "no-workers:enrichment"


def main() -> None:
    arguments = _parser().parse_args()
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox", "--disable-gpu"]
        )
        readme = _context(browser, arguments.address, 1.5)
        page = readme.new_page()
        show_chat(page)
        keep(page, "chat.webp")
        show_dashboard(page, (arguments.data / "staff-password").read_text())
        keep(page, "dashboard.webp")
        guide = _context(browser, arguments.address, 1)
        guide.add_cookies(readme.cookies())  # type: ignore[arg-type]  # They are of this form.
        for language in ("ja", "en"):
            take_guide(guide.new_page(), language)
        page = guide.new_page()
        show_widget(page, arguments.store)
        keep(page, "widget.webp")
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


def take_guide(page: Page, language: str) -> None:
    """From a file to its plan, then the job of the demo and an alarm; starts nothing."""
    page.goto(f"/dashboard/uploads/?lang={language}")
    file = {"name": "新刊.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp932")}
    page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    page.locator("form .main").click()
    page.locator("#go-on").wait_for()
    keep(page, f"guide-check.{language}.webp")
    page.locator("#go-on").click()
    page.locator("#confirm").wait_for()
    keep(page, f"guide-plan.{language}.webp")
    page.goto("/dashboard/jobs/1/")
    keep(page, f"guide-job.{language}.webp")
    page.goto(f"/dashboard/alarms/{ALARM}/#runbook")
    keep(page, f"guide-alarm.{language}.webp")


def show_widget(page: Page, store: str) -> None:
    page.goto(store)
    page.get_by_role("button", name="漫画を相談").click()
    page.frame_locator("iframe").locator("#clearing-button:enabled").wait_for()


def keep(page: Page, name: str) -> None:
    """Writes what the page shows, as WebP. Raises ValueError when that is too large."""
    options = {"format": "webp", "quality": QUALITY}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
    picture = base64.b64decode(taken["data"])
    if len(picture) > MOST_BYTES:
        raise ValueError(f"{name} has {len(picture)} bytes; at most {MOST_BYTES} are wanted.")
    (IMAGES / name).write_bytes(picture)
    print(f"{IMAGES / name}: {len(picture)} bytes")


def _context(browser: Browser, address: str, scale: float) -> BrowserContext:
    context = browser.new_context(base_url=address, viewport=SIZE, device_scale_factor=scale)
    context.set_default_timeout(PATIENCE)
    return context


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/pictures", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="of the demo's site")
    parser.add_argument("--store", default="http://localhost:8001", help="the demo's store")
    parser.add_argument("--data", type=Path, default=Path("var/local"), help="folder of the demo")
    return parser


if __name__ == "__main__":
    main()
