"""The page on which a browser verifies the log by itself."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, public

LOG_VERIFYING: dict[tuple[str, str], Access] = {
    ("GET", "/log/verify"): public("Check the log in the browser, without the server's word", greets=True),
}
