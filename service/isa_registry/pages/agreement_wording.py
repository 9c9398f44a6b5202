"""The words of pages about the lives of versions and drafts: states, events, and what is said before a decision."""

from __future__ import annotations

from isa_registry.domain.register.agreement_history import Decided
from isa_registry.domain.register.agreement_life import Coming
from isa_registry.pages.rendering import plain_date

STATES: dict[str, tuple[str, str]] = {
    "published": ("published", "Published, not open"),
    "open": ("not-yet", "Open for attestation"),
    "in-force": ("in-force", "In force"),
    "review-due": ("pending", "In force, review due"),
    "suspended": ("suspended", "Suspended"),
    "superseded": ("superseded", "Superseded"),
    "expired": ("expired", "Ended"),
    "withdrawn": ("withdrawn", "Withdrawn"),
}
"""A state that a version is shown in: the code of its tag, and the words on it."""

DRAFT_STATES: dict[str, tuple[str, str]] = {
    "drafting": ("not-yet", "Being drafted"),
    "in-review": ("pending", "Waits for a second person"),
    "quality-checked": ("active", "Checked, to be published"),
    "published": ("published", "Published"),
    "discarded": ("ended", "Given up"),
}

DECIDED: dict[str, str] = {
    "publish": "Published",
    "open": "Opened for attestation",
    "come-into-force": "In force",
    "review": "Reviewed",
    "suspend": "Suspended",
    "resume": "Resumed",
    "withdraw": "Withdrawn",
}

_COMES: dict[str, str] = {
    "comes-into-force": "It comes into force on {day}, if the rule is met or has been",
    "suspended": "It is suspended from {day}",
    "resumes": "It is in force again from {day}",
    "review-due": "Its review is due on {day}",
    "ends": "It ends after {day}",
    "withdrawn": "It is withdrawn from {day}",
}

CLAUSES: dict[str, str] = {"changed": "Changed", "moved": "Moved", "new": "New", "gone": "Gone"}


def coming_in_words(one: Coming) -> str:
    return _COMES[one.what].format(day=plain_date(one.on))


def decided_in_words(one: Decided, codes: dict[str, str]) -> str:
    """A decision with its day and its reason, as a sentence without a full stop."""
    said = DECIDED[one.event]
    if one.on is not None:
        said += f" {'on' if one.event in ('publish', 'review') else 'from'} {plain_date(one.on)}"
    if one.code is not None:
        # A code that this list never had is shown as it is.
        said += f": {codes.get(one.code, one.code)}"
    if one.successor is not None:
        said += f"; {one.successor.replace('/', ' version ')} takes its place"
    if one.review_due is not None:
        said += f"; review due on {plain_date(one.review_due)}"
    return said


def bodies(count: int) -> str:
    return "1 body" if count == 1 else f"{count} bodies"
