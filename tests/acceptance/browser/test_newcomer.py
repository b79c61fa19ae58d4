"""Somebody new uploads a file from Excel, repairs it, runs it, and finds why one title failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page, expect

from local.product import WEB
from tests.acceptance.site import Site
from tests.chat.browser.conftest import PATIENCE
from tests.reading import faults

HEADER = "作品ID,タイトル,初出"
GOOD = [f"N-{n},ひまわり探偵 第{n}部,2026-11-30" for n in range(1, 13)]
BAD = [
    *(f"N-{n},,2026-11-30" for n in range(21, 26)),
    *(f"N-{n},猫の店 第{n}巻,きのう" for n in range(31, 36)),
    *(f"N/{n},犬の店 第{n}巻,2026-11-30" for n in range(41, 44)),
]
REPAIRED = [f"N-{n},猫の店 第{n}巻,2026-11-30" for n in range(21, 34)]


def file(path: Path, rows: list[str]) -> Path:
    path.write_bytes("\r\n".join([HEADER, *rows]).encode("cp932"))
    return path


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """The login of the site, as an editor who has never been there sees it."""
    site.start_keeper()
    site.start_maintenance()
    site.start_workers(1)
    site.product.manage(WEB, "collectstatic", "--noinput", "--verbosity=0")
    api = site.start_web()
    (user,) = site.rows(
        "UPDATE auth_user SET is_staff = true, password = %s"
        " WHERE id = (SELECT max(id) FROM auth_user) RETURNING username",
        make_password("himawari-2026"),
    )
    context = browser.new_context(base_url=api.address, locale="ja-JP")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/dashboard/uploads/?lang=ja")
    page.fill("[name=username]", user["username"])
    page.fill("[name=password]", "himawari-2026")
    page.click("[type=submit]")
    yield page
    context.close()


def test_a_newcomer_gets_from_a_bad_file_to_the_cause_of_a_failure(
    site: Site, page: Page, tmp_path: Path
) -> None:
    page.set_input_files("#file", file(tmp_path / "新刊.csv", GOOD + BAD))
    page.get_by_role("button", name="アップロード").click()
    expect(page.get_by_role("heading", name="誤りのある行: 13")).to_be_visible()
    assert faults(page) == []
    with page.expect_download() as errors:
        page.get_by_role("link", name="CSV").click()
    assert len(errors.value.path().read_text("utf-8-sig").splitlines()) == 1 + 13
    page.get_by_role("link", name="直したファイルをアップロード").click()

    page.set_input_files("#file", file(tmp_path / "新刊2.csv", GOOD + REPAIRED))
    page.get_by_role("button", name="アップロード").click()
    page.get_by_role("link", name="有効な 25 行で進む").click()
    page.get_by_role("button", name="試しに3作品だけ作成").click()
    expect(page.locator(".samples dd[lang=ja]")).to_have_count(3 * 2)
    assert faults(page) == []
    site.simulator.fault("stop_reason", value="refusal", times=1)
    page.locator("#confirm").dblclick()

    expect(page.locator("[data-part=verdict]")).to_contain_text("25")
    page.get_by_role("link", name="refused").first.click()
    expect(page.locator("main")).to_contain_text("モデルが回答を断りました")
    assert faults(page) == []
