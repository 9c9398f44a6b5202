"""What changed of a provision, in sentences for people: the same on a page and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Period
from isa_registry.domain.law_watch.changes import ASPECTS, ProvisionChange

_TOLD = ("in force: ", "how sure: ", "verified: ")
"""Differences of the files that are told in words of their own."""


def change_lines(change: ProvisionChange) -> Iterator[str]:
    """What of a provision is different, from what to what; its hash is told by `hash_line`."""
    if change.dates is not None:
        yield f"{ASPECTS['dates']}: was “{periods(change.dates.was)}”; is “{periods(change.dates.now)}”"
    if change.confidence is not None:
        was, now = ((one or "not there").replace("-", " ") for one in (change.confidence.was, change.confidence.now))
        yield f"{ASPECTS['confidence']}: was {was}; is {now}"
    if change.mark_lapsed:
        yield "What people checked of it counts as checked no longer: somebody should look again"
    for line in change.words:
        if not line.startswith(_TOLD):
            yield line[:1].upper() + line[1:]


def hash_line(change: ProvisionChange) -> str:
    """The SHA-256 of all that is said of it, from what to what; empty where nothing of that is different."""
    if change.text is None:
        return ""
    return f"{ASPECTS['text']}: SHA-256 was {change.text.was or 'not there'}; is {change.text.now or 'not there'}"


def periods(found: tuple[Period, ...] | None) -> str:
    """Days in force, in a line."""
    if found is None:
        return "not there"
    return "; ".join(map(labels.period, found)) or "not in force"
