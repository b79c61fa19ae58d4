"""One answer for one title: the model's call, the check of what it says, and at most one repair."""

from __future__ import annotations
