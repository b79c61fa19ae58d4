"""The sessions' table fails in every way while a shopper asks; the answer comes all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat.assistant import Assistant
from local.fault_proxy import Fault, FaultProxy
from mangaassist import metrics
from mangaassist.metrics.registry import registry
from tests.chat.conftest import Drained
from tests.chat.page import Page, opened
from tests.mangaassist.server import serving
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("web", "no_titles")


@pytest.fixture
def page(proxy: FaultProxy, simulator: Simulator) -> Iterator[Page]:
    with serving(Drained(Assistant()), lifespan="on") as server, opened(server.port) as page:
        yield page


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.THROTTLED, Fault.DENIED, Fault.HANG])
def test_an_answer_without_the_table_is_given_told_and_counted(
    page: Page, proxy: FaultProxy, fault: Fault
) -> None:
    registry.take()
    proxy.fail(fault)
    page.ask("おすすめは？")
    done = page.until("done")[-1]
    assert done["state"] == "complete"
    assert done["text"]
    assert "これまでの会話を読み込めない" in done["notice"]
    assert metrics.CHAT_SAVE_FAILURES in {one.metric for one in registry.take()}


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "Query"])
def test_one_denied_operation_leaves_no_blank(
    page: Page, proxy: FaultProxy, operation: str
) -> None:
    proxy.fail(Fault.DENIED, operation)
    page.ask("おすすめは？")
    done = page.until("done")[-1]
    assert (done["state"], bool(done["text"])) == ("complete", True)
    assert ("これまでの会話を読み込めない" in done.get("notice", "")) == (operation == "Query")
