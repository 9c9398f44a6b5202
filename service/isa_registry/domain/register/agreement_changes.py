"""Everything that happened to an agreement, version by version: what a feed of its changes is made of."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.agreement_history import decisions_about
from isa_registry.domain.register.register import RegisterView


class Happening(Struct, frozen=True):
    """What one entry did to a version. `event` is that of the decision, or `companion`. `before` is the version that
    was published before it; `companion` and `language` are of a text beside the words."""

    entry: int
    event: str
    version: str
    on: str | None = None
    code: str | None = None
    review_due: str | None = None
    successor: str | None = None
    before: str | None = None
    companion: str | None = None
    language: str | None = None


def happenings(view: RegisterView, agreement: str) -> list[Happening]:
    """Newest first; nothing for an agreement that there is not. Of texts beside the words, each as it stands now."""
    found: list[Happening] = []
    before: str | None = None
    for version in view.agreement_versions(agreement):
        number = version.version
        found += [
            Happening(
                one.entry, one.event, number, one.on, one.code, one.review_due, one.successor,
                before if one.event == "publish" else None,
            )
            for one in decisions_about(view, agreement, number)
        ]  # fmt: skip
        found += [
            Happening(one.entry, "companion", number, companion=one.companion, language=one.language)
            for one in view.companions(agreement, number)
        ]
        before = number
    return sorted(found, key=lambda one: one.entry, reverse=True)
