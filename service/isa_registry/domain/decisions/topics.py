"""Which clauses of the agreements speak of a subject, for reasons and guidance to cite."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


class Clauses(NamedTuple):
    """Clauses of agreements in force: how a reason names each, and the permanent page of the first, if any."""

    cites: tuple[str, ...]
    url: str | None


def clauses_on(view: RegisterView, purpose: str, topic: str, on: str) -> Clauses:
    """The clauses on a topic of the agreements in force on the date that cover the purpose, each before the Tier 1
    beneath it; where none covers the purpose, of every Tier 1 in force."""
    found = dict.fromkeys(
        f"{version.agreement}/{version.version}#{version.schedule.topics[topic]}"
        for version in _speaking(view, purpose, on)
        if topic in version.schedule.topics
    )
    return Clauses(tuple(found), next((f"/agreements/{cite}" for cite in found), None))


def _speaking(view: RegisterView, purpose: str, on: str) -> list[AgreementVersion]:
    covering = [version for version, _, in_force in view.versions_for(purpose, on) if in_force]
    if not covering:
        return [version for version in view.agreements_in_force(on) if version.schedule.parent is None]
    found: list[AgreementVersion] = []
    for version in covering:
        found.append(version)
        parent = version.schedule.parent
        beneath = view.agreement_version(parent.agreement, parent.version) if parent is not None else None
        if beneath is not None and beneath.in_force(on):
            found.append(beneath)
    return found
