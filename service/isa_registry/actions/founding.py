"""Bringing a registry into being: who belongs to the partnership, by what they sign in, and what they agreed.

One document describes it. The demonstration and a real partnership's first import go through here, and everything
becomes log entries through the same drafts that the interface uses. A stage holds drafts that do not need each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from isa_registry.actions import (
    agreement_decisions,
    agreements,
    attestations,
    catalogues,
    clients,
    companions,
    issuers,
    keys,
    lawful_bases,
    organisations,
    partnerships,
    roles,
)
from isa_registry.domain.access_entries import (
    ClientGranted,
    IssuerRegistered,
    KeyRegistered,
    KeySignatory,
    RoleGranted,
    RoleMapping,
    SignIn,
)
from isa_registry.domain.agreement_entries import AgreementInForce, CompanionPublished
from isa_registry.domain.agreement_loading import AgreementVersion as LoadedAgreement
from isa_registry.domain.agreement_loading import load_agreement
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.lawful_bases.defaults import default_record
from isa_registry.domain.lawful_bases.refusals import record_faults
from isa_registry.domain.party_entries import OrganisationRegistered, PartnershipRegistered, PolicyDocument
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.signing import Jwk, sign_document
from isa_registry.ledger.drafts import Draft
from isa_verify.encoding import JsonValue


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class FoundingIssuer(_Part, frozen=True):
    """An issuer of an organisation; see `IssuerRegistered`."""

    issuer: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    profile: str
    claim: str | None = None
    value: str | None = None
    sign_in: SignIn | None = None
    roles_from: tuple[RoleMapping, ...] = ()


class FoundingClient(_Part, frozen=True):
    """A machine client and its scopes; `until` is their last day."""

    client: str
    scopes: tuple[str, ...]
    until: str | None = None


class FoundingRole(_Part, frozen=True):
    """A person, by issuer and subject, and a role; `until` is its last day."""

    issuer: str
    subject: str
    role: str
    until: str | None = None


class FoundingKey(_Part, frozen=True):
    """A public signing key; see `KeyRegistered`. Whoever founds the log answers for whose it is: no proof is asked."""

    kid: str
    algorithm: str
    jwk: dict[str, str]
    uses: tuple[str, ...]
    valid_from: str
    valid_until: str | None = None
    signatory: KeySignatory | None = None


class FoundingAttestation(_Part, frozen=True):
    """An invented attestation: taken from a demonstration's document alone."""

    agreement: str
    version: str
    on: str
    role: str


class FoundingOrganisation(_Part, frozen=True):
    """A body with what lets it act."""

    organisation: str
    name: str
    kind: str
    parent: str | None = None
    council_run: bool = False
    designated: bool | None = None
    commissioned: bool | None = None
    policy_document: PolicyDocument | None = None
    contacts: dict[str, str] = {}
    partnerships: tuple[str, ...] = ()
    ico_registration: str | None = None
    named_out: tuple[str, ...] = ()
    issuers: tuple[FoundingIssuer, ...] = ()
    clients: tuple[FoundingClient, ...] = ()
    roles: tuple[FoundingRole, ...] = ()
    keys: tuple[FoundingKey, ...] = ()
    attests: tuple[FoundingAttestation, ...] = ()
    adopts_default_bases: bool = False
    balancing_test: str | None = None  # its own reference, for the defaults that rest on Article 6(1)(f)


class FoundingAgreement(_Part, frozen=True):
    """An agreement version, as a directory with `agreement.md` and `schedule.json`, and since when it is in force."""

    directory: str
    in_force_on: str | None = None
    review_due: str | None = None


class FoundingPartnership(_Part, frozen=True):
    """Another partnership that shares the registry from its beginning, and the body that leads it."""

    partnership: str
    name: str
    lead_body: str


class Founding(_Part, frozen=True):
    """What a partnership's registry begins with."""

    partnership: str
    partnership_name: str
    lead_body: str
    organisations: tuple[FoundingOrganisation, ...]
    agreements: tuple[FoundingAgreement, ...] = ()
    partnerships: tuple[FoundingPartnership, ...] = ()


def read_founding(data: bytes) -> Founding:
    """The founding document in JSON bytes. Raises `msgspec.ValidationError`, which says where."""
    return msgspec.json.decode(data, type=Founding)


def read_catalogue_files(directory: Path) -> dict[str, bytes]:
    """The catalogue's files, by name."""
    return {name: (directory / "catalogue" / name).read_bytes() for name in FILES}


def found(
    founding: Founding,
    texts: Path,
    *,
    origin: str,
    attestation_key: Jwk,
    demo: bool,
) -> Iterator[list[Draft]]:
    """The drafts, stage by stage. `texts` is the directory of agreements and catalogue.

    Only a demonstration may bring attestations with it: a real body attests by itself. Raises `Refused`
    (`unprocessable`) where another's document holds any.
    """
    if not demo and any(body.attests for body in founding.organisations):
        raise Refused("unprocessable", "Attestations cannot be imported: each body makes its own.")
    files = read_catalogue_files(texts)
    catalogue = load_catalogue(files)
    yield [_open(founding, origin, attestation_key, demo), Draft(payloads=(catalogues.changed(files, catalogue),))]
    _refuse_unknown_partnerships(founding)
    for generation in _generations(founding.organisations):
        yield [organisations.register(_body(one), founding=True) for one in generation]
    yield [partnerships.register(PartnershipRegistered(**asdict(one))) for one in founding.partnerships]
    yield [draft for one in founding.organisations for draft in _access(one)]
    yield [draft for one in founding.organisations for draft in _people(one)]
    loaded = [_load(texts, one, catalogue) for one in founding.agreements]
    for version in sorted(loaded, key=lambda one: one.schedule.tier):
        yield [agreements.publish(version.text.encode(), version.schedule, version.schedule_sha256)]
    yield [
        companions.publish(one)
        for agreement, version in zip(founding.agreements, loaded, strict=True)
        for one in _companions(texts / agreement.directory, version)
    ]
    if demo:
        yield list(_attestations(founding, loaded, origin, attestation_key))
    yield [
        agreement_decisions.bring_into_force(
            AgreementInForce(
                agreement=version.schedule.agreement,
                version=version.schedule.version,
                on=one.in_force_on,
                review_due=one.review_due,
            )
        )
        for one, version in zip(founding.agreements, loaded, strict=True)
        if one.in_force_on is not None
    ]
    yield list(_bases(founding, loaded, catalogue))


def _open(founding: Founding, origin: str, attestation_key: Jwk, demo: bool) -> Draft:
    def empty(view: RegisterView, at: str) -> None:
        if view.size != 0:
            raise Refused("conflict", "This log has begun already.")

    public = {name: value for name, value in attestation_key.items() if name != "d"}
    opened = RegistryOpened(
        origin=origin,
        partnership=founding.partnership,
        partnership_name=founding.partnership_name,
        lead_body=founding.lead_body,
        attestation_key=public,
        demo=demo,
    )
    return Draft(payloads=(opened,), preconditions=(empty,))


def _body(one: FoundingOrganisation) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=one.organisation,
        name=one.name,
        organisation_kind=one.kind,
        parent=one.parent,
        council_run=one.council_run,
        designated=one.designated,
        commissioned=one.commissioned,
        policy_document=one.policy_document,
        contacts=one.contacts,
        partnerships=one.partnerships,
        ico_registration=one.ico_registration,
        named_out=one.named_out,
    )


def _generations(bodies: tuple[FoundingOrganisation, ...]) -> Iterator[list[FoundingOrganisation]]:
    """The bodies, each after its parent. One whose parents go round in a ring comes last, and is refused then."""
    left = list(bodies)
    while left:
        waiting = {one.organisation for one in left}
        generation = [one for one in left if one.parent not in waiting] or left
        yield generation
        left = [one for one in left if one not in generation]


def _refuse_unknown_partnerships(founding: Founding) -> None:
    known = {founding.partnership, *(one.partnership for one in founding.partnerships)}
    for place, body in enumerate(founding.organisations):
        if not known.issuperset(body.partnerships):
            detail = "A body names a partnership that is not in the document."
            fault = Fault(f"#/organisations/{place}/partnerships", "unknown-partnership", detail)
            raise Refused("unprocessable", detail, (fault,))


def _access(one: FoundingOrganisation) -> Iterator[Draft]:
    for issuer in one.issuers:
        yield issuers.register(IssuerRegistered(organisation=one.organisation, **asdict(issuer)))
    for client in one.clients:
        yield clients.grant(ClientGranted(organisation=one.organisation, **asdict(client)))
    for key in one.keys:
        yield keys.register(KeyRegistered(organisation=one.organisation, **asdict(key)))


def _people(one: FoundingOrganisation) -> Iterator[Draft]:
    for role in one.roles:
        yield roles.grant(RoleGranted(organisation=one.organisation, **asdict(role)))


def _load(texts: Path, one: FoundingAgreement, catalogue: Catalogue) -> LoadedAgreement:
    directory = texts / one.directory
    return load_agreement(
        (directory / "agreement.md").read_bytes(), (directory / "schedule.json").read_bytes(), catalogue
    )


def _companions(directory: Path, version: LoadedAgreement) -> Iterator[CompanionPublished]:
    """The summaries that lie beside the words, where there are any."""
    schedule = version.schedule
    for name, sort in (("summary.md", "summary"), ("summary-children.md", "summary-for-children")):
        if (directory / name).is_file():
            text = (directory / name).read_text(encoding="utf-8")
            yield companions.companion(schedule.agreement, schedule.version, sort, schedule.language, text)


def _attestations(
    founding: Founding, loaded: list[LoadedAgreement], origin: str, attestation_key: Jwk
) -> Iterator[Draft]:
    versions = {(one.schedule.agreement, one.schedule.version): one for one in loaded}
    for body in founding.organisations:
        for number, attests in enumerate(body.attests, start=1):
            version = versions[(attests.agreement, attests.version)]
            claims: dict[str, JsonValue] = {
                "v": 1,
                "registry": origin,
                "partnership": founding.partnership,
                "agreement": attests.agreement,
                "version": attests.version,
                "text_sha256": version.text_sha256,
                "schedule_sha256": version.schedule_sha256,
                "organisation": body.organisation,
                "signatory": {"role": attests.role, "ref": f"DEMO-{body.organisation[:40]}-1"},
                "consulted": [{"role": "data-protection-officer", "on": attests.on}],
                "authority": {"code": "office-holder", "reference": f"DEMO-{number}"},
                "reservations": [],
                "attested_at": f"{attests.on}T09:00:00.000Z",
                "signed_by": "registry",
            }
            jws = sign_document(claims, "isa-attestation+jws", attestation_key, attestation_key["kid"])
            yield attestations.attest(f"att_{attests.agreement}_{attests.version}_{body.organisation}", jws)


def _bases(founding: Founding, loaded: list[LoadedAgreement], catalogue: Catalogue) -> Iterator[Draft]:
    for body in founding.organisations:
        if not body.adopts_default_bases:
            continue
        for attests in body.attests:
            for version in loaded:
                if (version.schedule.agreement, version.schedule.version) != (attests.agreement, attests.version):
                    continue
                for purpose in version.schedule.purposes:
                    fact = default_record(
                        catalogue,
                        _body(body),
                        attests.agreement,
                        purpose.code,
                        starts=attests.on,
                        record=f"lb_{attests.agreement}_{purpose.code}_{body.organisation}",
                    )
                    if fact is not None and "art6-1-f" in fact.article_6:
                        fact = replace(fact, balancing_test=body.balancing_test)
                    # A default that wants papers of its own is for the body's lead to complete.
                    if fact is not None and not record_faults(fact, _body(body), catalogue):
                        yield lawful_bases.record(fact)
