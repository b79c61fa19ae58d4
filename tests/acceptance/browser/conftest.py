"""The browser of the chat's tests, which ends with the tests of this folder."""

from __future__ import annotations

from tests.chat.browser.conftest import browser

__all__ = ["browser"]
