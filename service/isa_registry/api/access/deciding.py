"""The lines of the pages on which somebody records what they decided, and looks at what was decided."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, page
from isa_registry.identity.callers import BEGIN_SECONDS, SIGN_SECONDS

RECORDERS = frozenset({"practitioner", "ig-lead"})


def _reads(says: str) -> Access:
    return page(says, roles=RECORDERS)


def _signed(path: str, reads: str, writes: str) -> dict[tuple[str, str], Access]:
    """A form that the registry signs for whoever fills it in. They have signed in lately before they begin, and are not
    asked again at its end, when what they filled in would be lost."""
    return {
        ("GET", path): page(reads, roles=RECORDERS, recent_sign_in=True, recent_seconds=BEGIN_SECONDS),
        ("POST", path): page(writes, form=True, roles=RECORDERS, recent_sign_in=True, recent_seconds=SIGN_SECONDS),
    }


DECIDING: dict[tuple[str, str], Access] = {
    **_signed(
        "/ask/answers/{check}/decision", "What is to be recorded after an answer", "Record a decision after an answer"
    ),
    ("GET", "/decisions"): _reads("The decisions of one's own organisation"),
    ("GET", "/decisions/received"): _reads("What was shared with one's own organisation"),
    ("GET", "/decisions/received/{entry}"): _reads("One thing that was shared with one's own organisation"),
    **_signed(
        "/decisions/received/{entry}/acknowledgement",
        "What is to be said of something that was shared",
        "Say that something shared has arrived",
    ),
    ("GET", "/decisions/{event}"): _reads("One decision of one's own organisation"),
    ("GET", "/decisions/{event}/receipt"): _reads("The receipt of a decision, or of what was held back"),
    **_signed("/decisions/{event}/correction", "What is to be recorded instead", "Record a correction"),
}
