"""The Content-Security-Policy of our pages: nothing inline, and nothing from elsewhere."""

from __future__ import annotations

STRICT = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
)


def content_policy(*more: str, ancestors: str = "'none'") -> str:
    """The header's value, with the directives in which pages differ.

    ancestors: the origins whose pages may show this one in a frame.
    """
    return "; ".join((*STRICT, f"frame-ancestors {ancestors}", *more))
