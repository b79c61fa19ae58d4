"""The Content-Security-Policy of our pages: nothing inline, and nothing from elsewhere."""

from __future__ import annotations

STRICT = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


def content_policy(*more: str) -> str:
    """The header's value, with the directives in which pages differ."""
    return "; ".join((*STRICT, *more))
