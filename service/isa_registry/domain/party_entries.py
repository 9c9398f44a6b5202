"""The payloads of entries about who belongs: partnerships, organisations, and who else may bind an organisation."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from isa_registry.domain.payloads import PayloadStruct as _Payload


class PartnershipRegistered(_Payload, frozen=True, tag="partnership.registered"):
    """A partnership that shares this registry beside the one it was opened for. The business unit of its `lead_body`
    decides about its agreements. In this kind and the others here, `approved_by` are the entries that made the people
    known who decided it."""

    partnership: str
    name: str
    lead_body: str
    ended_on: str | None = None
    approved_by: tuple[int, ...] = ()


class PartnershipChanged(PartnershipRegistered, frozen=True, tag="partnership.changed"):
    """The whole record as it stands from here on; the registry's own partnership has its record by this kind too."""


class PolicyDocument(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An appropriate policy document (DPA 2018 Sch 1 Part 4): the body's own reference and its review date."""

    reference: str
    review_on: str | None = None


class OrganisationRegistered(_Payload, frozen=True, tag="organisation.registered"):
    """A body joins the registry. `designated` and `commissioned` (Children Act 2004 s.16LA(4)(b) and (c)): None is
    not known. `contacts` maps a contact code (`urgent`, `out-of-hours`, `advice`) to a post or team, never a person.

    `partnerships` are those that it belongs to; none named is the one that the registry was opened for.
    `ico_registration` is its number in the Information Commissioner's register of fee payers. `named_out` are the
    agreements that its parent does not attest for it, `*` all of them. `suspended_on` is the first day on which its
    attestations count no longer, until the record says otherwise; `closed_on` the first day without it, `successor`
    the body that took over.
    """

    organisation: str
    name: str
    organisation_kind: str
    parent: str | None = None
    council_run: bool = False
    designated: bool | None = None
    commissioned: bool | None = None
    policy_document: PolicyDocument | None = None
    contacts: dict[str, str] = msgspec.field(default_factory=dict)
    partnerships: tuple[str, ...] = ()
    ico_registration: str | None = None
    named_out: tuple[str, ...] = ()
    suspended_on: str | None = None
    closed_on: str | None = None
    successor: str | None = None
    approved_by: tuple[int, ...] = ()

    def takes_part(self, on: str) -> bool:
        """Whether the body is neither suspended nor closed on a day, YYYY-MM-DD."""
        return (self.suspended_on is None or on < self.suspended_on) and (self.closed_on is None or on < self.closed_on)

    def follows_parent(self, agreement: str) -> bool:
        """Whether its parent's attestation of an agreement counts for it."""
        return self.parent is not None and agreement not in self.named_out and "*" not in self.named_out


class OrganisationChanged(OrganisationRegistered, frozen=True, tag="organisation.changed"):
    """The whole record as it stands from here on."""


class DelegationGiven(_Payload, frozen=True, tag="delegation.given"):
    """Somebody beside the office holders may bind `organisation`, from `starts` until the end of `until`.

    Either `to`, another body, whose signatories then attest for this one; or `ref`, the body's own reference for a
    post that signs in the role `delegate`. `agreements` bounds it to those; none is all.
    """

    delegation: str
    organisation: str
    starts: str
    until: str
    to: str | None = None
    ref: str | None = None
    agreements: tuple[str, ...] = ()
    approved_by: tuple[int, ...] = ()


class DelegationEnded(_Payload, frozen=True, tag="delegation.ended"):
    """`on` is the first day on which the delegation holds no longer."""

    delegation: str
    organisation: str
    on: str
    approved_by: tuple[int, ...] = ()
