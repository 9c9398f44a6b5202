"""A consent as a record, and a receipt, of ISO/IEC TS 27560:2023, in JSON-LD with the terms of DPV 2 (W3C).

The members bear the names of the standard's fields; the context says which term of DPV, Dublin Core or our own each is.
The person is a pseudonymous reference (`pii principal id`), whoever spoke is a standing, and there is no free text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from isa_registry.domain.catalogue import Catalogue, Category, OrganisationKind, Purpose
from isa_registry.domain.consent_entries import ConsentWithdrawn
from isa_registry.domain.consents import codes
from isa_registry.domain.consents.states import ConsentState, Entry, Saying, status
from isa_registry.domain.questions import RecipientKind

_DPV = "https://w3id.org/dpv#"
PROFILES = ("dpv-27560:record", "dpv-27560:receipt-record")


def _iri(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id"}


def _date(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "xsd:date"}


CONTEXT: dict[str, str | dict[str, str]] = {
    "dpv": _DPV,
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "legal-gb": "https://w3id.org/dpv/legal/gb#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "isa": "urn:isa-registry:code:",
    "id": "@id",
    "type": "@type",
    "label": "skos:prefLabel",
    "broader": _iri("skos:broader"),
    "close_match": _iri("skos:closeMatch"),
    "identifier": "dct:identifier",
    "version": "dct:hasVersion",
    "schema_version": _iri("dct:conformsTo"),
    "record_id": "dct:identifier",
    "receipt_id": "isa:receipt-id",
    "role": _iri("isa:role"),
    "pii_principal": "dpv:hasDataSubject",
    "privacy_notice": "dpv:hasNotice",
    "language": "dct:language",
    "purposes": "dpv:hasPurpose",
    "lawful_basis": "dpv:hasLegalBasis",
    "pii_information": "dpv:hasPersonalData",
    "pii_controllers": "dpv:hasDataController",
    "recipient_third_parties": "dpv:hasRecipient",
    "storage_locations": "dpv:hasStorageCondition",
    "retention_period": "isa:retention-period",
    "jurisdiction": _iri("dpv:hasJurisdiction"),
    "applicable_law": _iri("dpv:hasApplicableLaw"),
    "withdrawal_method": "dpv:hasConsentControl",
    "events": "isa:event",
    "event_time": {"@id": "dpv:isIndicatedAtTime", "@type": "xsd:dateTime"},
    "event_type": _iri("dpv:hasLegalBasis"),
    "event_state": _iri("dpv:hasConsentStatus"),
    "entity": "dpv:isIndicatedBy",
    "indication_method": "dpv:hasIndicationMethod",
    "valid_until": _date("dct:valid"),
    "childs_view": _iri("isa:childs-view"),
    "state": _iri("dpv:hasConsentStatus"),
    "state_on": _date("dct:date"),
    "log_entry": {"@id": "isa:log-entry", "@type": "xsd:integer"},
    "logged_in": "isa:log-origin",
}

_STATES = {
    "given": "dpv:ConsentGiven",
    "renewed": "dpv:RenewedConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "expired": "dpv:ConsentExpired",
    "invalidated": "dpv:ConsentInvalidated",
}


class ConsentTerm(Struct, frozen=True, omit_defaults=True):
    """Something that has a code or an identifier, and plain words."""

    label: str
    id: str | None = None
    type: tuple[str, ...] = ()
    identifier: str | None = None
    broader: str | None = None
    close_match: str | None = None


class ConsentPrincipal(Struct, frozen=True):
    """Whom the information is about, by the body's own pseudonymous reference."""

    identifier: str
    type: tuple[str, ...]


class ConsentNotice(Struct, frozen=True):
    """The statement that was shown: the body's own reference of it, its version and language."""

    identifier: str
    version: str
    language: str
    type: tuple[str, ...] = ("dpv:ConsentNotice",)


class ReceiptEvent(Struct, frozen=True, omit_defaults=True):
    """One entry of the consent's life."""

    event_time: str
    event_state: str
    log_entry: int
    entity: ConsentTerm | None = None
    event_type: str | None = None
    indication_method: ConsentTerm | None = None
    childs_view: str | None = None
    privacy_notice: ConsentNotice | None = None
    valid_until: str | None = None


class ConsentReceipt(Struct, frozen=True, omit_defaults=True):
    """A consent record of ISO/IEC TS 27560:2023 as JSON-LD (docs/formats/consent.md)."""

    context: dict[str, str | dict[str, str]] = field(name="@context")
    id: str
    type: tuple[str, ...]
    schema_version: tuple[str, ...]
    record_id: str
    receipt_id: str
    role: str
    pii_principal: ConsentPrincipal
    privacy_notice: ConsentNotice
    purposes: tuple[ConsentTerm, ...]
    pii_information: tuple[ConsentTerm, ...]
    pii_controllers: tuple[ConsentTerm, ...]
    recipient_third_parties: tuple[ConsentTerm, ...]
    storage_locations: tuple[ConsentTerm, ...]
    retention_period: ConsentTerm
    jurisdiction: str
    applicable_law: str
    withdrawal_method: ConsentTerm
    state: str
    state_on: str
    events: tuple[ReceiptEvent, ...]
    logged_in: str
    lawful_basis: ConsentTerm | None = None


class Names(NamedTuple):
    """What codes and bodies are called: the law as data, and the name of a body by its id."""

    catalogue: Catalogue
    body: Callable[[str], str]
    origin: str


def receipt(consent: ConsentState, names: Names, today: str) -> ConsentReceipt:
    """The record of a consent as it is on a London day."""
    begun, said, catalogue = consent.answer, consent.said, names.catalogue
    urn = f"urn:isa-registry:consent:{begun.consent}"
    own = names.body(begun.organisation)
    return ConsentReceipt(
        context=CONTEXT,
        id=urn,
        type=("dpv:ConsentRecord", "dpv:ConsentReceipt"),
        schema_version=PROFILES,
        record_id=begun.consent,
        receipt_id=f"{begun.consent}-{consent.last.index}",
        role=f"isa:role/{begun.role}",
        pii_principal=ConsentPrincipal(begun.subject.ref, ("dpv:DataSubject", f"isa:subject/{begun.subject.kind}")),
        privacy_notice=_notice(said),
        purposes=tuple(
            ConsentTerm(_label(catalogue.purposes, one), f"isa:purpose/{one}", broader="dpv:PublicBenefit")
            for one in begun.scope.purposes
        ),
        lawful_basis=_basis(said) if begun.role == "the-basis" else None,
        pii_information=tuple(_category(one, catalogue) for one in begun.scope.categories),
        pii_controllers=(_body(begun.organisation, names, "dpv:DataController"),),
        recipient_third_parties=_recipients(begun.scope.recipients, names),
        storage_locations=(ConsentTerm(f"{own}'s own system; codes and references only, in the log {names.origin}"),),
        retention_period=ConsentTerm(
            f"{own}'s own retention schedule"
            if begun.retention is None
            else f"The retention class {begun.retention} of the information sharing agreement"
        ),
        jurisdiction="loc:GB",
        applicable_law="legal-gb:law-GDPR",
        withdrawal_method=ConsentTerm(
            f"Tell anybody who works with you at {own}, in any way. No form and no reason are needed.",
            type=("dpv:WithdrawConsent",),
        ),
        state=_STATES[status(consent, today) or consent.state],
        state_on=today,
        events=tuple(_event(one, begun.role) for one in consent.entries),
        logged_in=names.origin,
    )


def _label(known: Mapping[str, Purpose | Category | OrganisationKind], code: str) -> str:
    """The plain words of a code; one that the law as data has no longer is its own."""
    return known[code].label if code in known else code


def _basis(said: Saying) -> ConsentTerm:
    kind = "explicit-consent" if said.explicit else "non-explicit-consent"
    return ConsentTerm(
        "Consent (UK GDPR Article 6(1)(a))", "isa:provision/art6-1-a", close_match=f"eu-gdpr:A6-1-a-{kind}"
    )


def _category(code: str, catalogue: Catalogue) -> ConsentTerm:
    known = catalogue.categories.get(code)
    special = ("dpv:SpecialCategoryPersonalData",) if known is not None and known.special else ()
    return ConsentTerm(_label(catalogue.categories, code), f"isa:category/{code}", type=("dpv:PersonalData", *special))


def _recipients(recipients: Sequence[str | RecipientKind], names: Names) -> tuple[ConsentTerm, ...]:
    return tuple(
        ConsentTerm(_label(names.catalogue.kinds, one.kind), f"isa:kind/{one.kind}", type=("dpv:Recipient",))
        if isinstance(one, RecipientKind)
        else _body(one, names, "dpv:Recipient")
        for one in recipients
    )


def _body(organisation: str, names: Names, what: str) -> ConsentTerm:
    return ConsentTerm(
        names.body(organisation), f"urn:isa-registry:body:{organisation}", type=(what,), identifier=organisation
    )


def _notice(said: Saying) -> ConsentNotice:
    return ConsentNotice(said.statement.id, said.statement.version, said.statement.language)


def _event(entry: Entry, role: str) -> ReceiptEvent:
    payload = entry.payload
    state = _STATES[str(payload.__struct_config__.tag).partition(".")[2]]
    if isinstance(payload, Saying):
        # An agreement to a service is no legal basis, however expressly it was given.
        expressed = "dpv:ExplicitlyExpressedConsent" if payload.explicit else "dpv:ExpressedConsent"
        return ReceiptEvent(
            event_time=payload.answered_at,
            event_state=state,
            log_entry=entry.index,
            entity=_entity(payload.standing.by),
            event_type=expressed if role == "the-basis" else None,
            indication_method=_method(payload.method),
            childs_view=f"isa:childs-view/{payload.childs_view}",
            privacy_notice=_notice(payload),
            valid_until=payload.review_on,
        )
    if isinstance(payload, ConsentWithdrawn):
        return ReceiptEvent(
            event_time=payload.answered_at,
            event_state=state,
            log_entry=entry.index,
            entity=_entity(payload.by),
            indication_method=_method(payload.method),
        )
    return ReceiptEvent(event_time=payload.found_at, event_state=state, log_entry=entry.index)


def _entity(by: str) -> ConsentTerm:
    return ConsentTerm(codes.STANDINGS[by].says, f"isa:standing/{by}")


def _method(method: str) -> ConsentTerm:
    return ConsentTerm(codes.METHODS[method], f"isa:method/{method}")
