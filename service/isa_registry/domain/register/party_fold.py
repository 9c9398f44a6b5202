"""The fold of who belongs: partnerships, organisations, delegations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from isa_registry.domain import party_entries
from isa_registry.domain.register.facts import Delegation
from isa_registry.domain.register.register import Register


def _partnership(register: Register, entry: int, at: str, fact: party_entries.PartnershipRegistered) -> None:
    register.partnerships[fact.partnership].set(entry, fact)


def _organisation(register: Register, entry: int, at: str, fact: party_entries.OrganisationRegistered) -> None:
    register.organisations[fact.organisation].set(entry, fact)


def _delegation_given(register: Register, entry: int, at: str, fact: party_entries.DelegationGiven) -> None:
    timeline = register.delegations[fact.organisation]
    timeline.set(entry, (*(timeline.at(entry) or ()), Delegation(given=fact)))


def _delegation_ended(register: Register, entry: int, at: str, fact: party_entries.DelegationEnded) -> None:
    timeline = register.delegations[fact.organisation]
    ended = tuple(
        replace(one, ended_on=fact.on) if one.given.delegation == fact.delegation else one
        for one in timeline.at(entry) or ()
    )
    timeline.set(entry, ended)


FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    party_entries.PartnershipRegistered: _partnership,
    party_entries.PartnershipChanged: _partnership,
    party_entries.OrganisationRegistered: _organisation,
    party_entries.OrganisationChanged: _organisation,
    party_entries.DelegationGiven: _delegation_given,
    party_entries.DelegationEnded: _delegation_ended,
}
