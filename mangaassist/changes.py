"""What provisioning did to one resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["created", "changed", "unchanged"]


@dataclass(frozen=True)
class Change:
    """kind: queue, table, recovery, expiry, role, policy, encryption, network, access, collection
    or index; then: what is to be done after it."""

    kind: str
    name: str
    action: Action
    then: str = ""
