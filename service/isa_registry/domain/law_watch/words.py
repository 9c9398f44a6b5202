"""What changed of a provision, in sentences for people: the same on a page and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Period
from isa_registry.domain.law_watch.changes import ASPECTS, ProvisionChange


def change_lines(change: ProvisionChange) -> Iterator[str]:
    """What of a provision is different, from what to what. A line that begins with a space belongs to the last."""
    if change.dates is not None:
        yield f"{ASPECTS['dates']}: was {periods(change.dates.was)}; is {periods(change.dates.now)}"
    if change.confidence is not None:
        was, now = ((one or "not there").replace("-", " ") for one in (change.confidence.was, change.confidence.now))
        yield f"{ASPECTS['confidence']}: was {was}; is {now}"
    if change.mark_lapsed:
        yield "What people checked of it counts as checked no longer: somebody should look again"
    if change.text is not None:
        yield f"{ASPECTS['text']}: SHA-256 was {change.text.was or 'not there'}; is {change.text.now or 'not there'}"
        yield from (f"  {line}" for line in change.words)


def periods(found: tuple[Period, ...] | None) -> str:
    """Days in force, in a line."""
    if found is None:
        return "not there"
    return "; ".join(map(labels.period, found)) or "not in force"
