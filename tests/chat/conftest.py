"""An AWS account that all tests of the chat share, since only rows and messages change in it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from mangaassist.provision import provision
from tests.mangaassist.conftest import Account, forget_clients


@pytest.fixture(scope="package")
def chat_account() -> Iterator[Account]:
    """An account with everything in it."""
    with pytest.MonkeyPatch.context() as environment:
        account = Account(str(random.randrange(10**11, 10**12)), environment)
        account.act_as_root()
        provision()
        yield account
        forget_clients()
