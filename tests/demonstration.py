"""The demonstration's register, folded from entries: who exists, who signed what, and what they rely on.

Who signed is invented for demonstration. `Demonstration` adds entries to it, so that a test can say "and then".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from isa_registry.data import data_directory
from isa_registry.domain import entries
from isa_registry.domain.agreement_loading import load_agreement
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.catalogue import Catalogue, MatrixRow
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.identity.signing import sign_document

ORIGIN = "demo.isa-registry.invalid/durham"
ATTESTATION_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "kid": "registry-attestation-1",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
"""The key that the demonstration's log names for attestations: that of RFC 8037 appendix A."""

BOTH = ("tier-1", "tier-2-hoth")
TIER_1 = ("tier-1",)
NEITHER: tuple[str, ...] = ()
NO_PAPERWORK = "way-through"

# id: kind, the agreements it signed
BODIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "durham-county-council": ("local-authority", BOTH),
    "durham-constabulary": ("police", BOTH),
    "nenc-icb": ("integrated-care-board", BOTH),
    "harrogate-district-nhs-ft": ("nhs-trust", BOTH),
    "county-durham-darlington-nhs-ft": ("nhs-trust", BOTH),
    "tees-esk-wear-valleys-nhs-ft": ("nhs-trust", BOTH),
    "probation-north-east": ("probation", BOTH),
    "harbour": ("voluntary", BOTH),
    "way-through": ("voluntary", BOTH),
    "cafcass": ("cafcass", TIER_1),
    "county-durham-darlington-fire": ("fire", TIER_1),
    "durham-community-action": ("voluntary", TIER_1),
    "hmp-durham": ("prison", NEITHER),
    "british-transport-police": ("british-transport-police", NEITHER),
    "durham-cathedral": ("faith", NEITHER),
    "aycliffe-secure-centre": ("secure-setting", NEITHER),
    "home-office": ("home-office", NEITHER),
    "national-panel": ("national-panel", NEITHER),
    "example-primary-school": ("maintained-school", NEITHER),
    "example-academy-trust": ("academy-trust", NEITHER),
    "example-academy": ("academy", NEITHER),
    "example-independent-school": ("independent-school", NEITHER),
    "example-gp-practice": ("gp-practice", NEITHER),
    "example-sports-club": ("sports-club", NEITHER),
    "example-housing": ("housing-provider", NEITHER),
    "example-college": ("college", NEITHER),
}
IN_FORCE = {"tier-1": ("2026-04-01", "2028-04-01"), "tier-2-hoth": ("2026-06-01", "2027-06-01")}
SIGNED_AT = {"tier-1": "2026-03-16T09:30:00.000Z", "tier-2-hoth": "2026-05-18T09:30:00.000Z"}
LOGGED_AT = "2026-06-01T00:00:00.000Z"


@cache
def catalogue_files() -> dict[str, bytes]:
    directory = data_directory("agreements") / "catalogue"
    return {name: (directory / name).read_bytes() for name in FILES}


@cache
def catalogue() -> Catalogue:
    return load_catalogue(catalogue_files())


@cache
def published(agreement: str) -> entries.AgreementPublished:
    """A shipped agreement's version 1.0 as the entry that publishes it."""
    directory = data_directory("agreements") / "durham" / agreement / "1.0"
    loaded = load_agreement(
        (directory / "agreement.md").read_bytes(), (directory / "schedule.json").read_bytes(), catalogue()
    )
    return entries.AgreementPublished(
        agreement=agreement,
        version="1.0",
        text=loaded.text,
        text_sha256=loaded.text_sha256,
        schedule=loaded.schedule,
        schedule_sha256=loaded.schedule_sha256,
    )


def attested(
    organisation: str,
    agreement: str,
    *,
    version: str = "1.0",
    reservations: tuple[str, ...] = (),
    at: str | None = None,
    identifier: str | None = None,
    origin: str = ORIGIN,
) -> entries.AttestationMade:
    """An attestation that the registry of `origin` signed with the key that its log names."""
    claims: dict[str, Any] = {
        "v": 1,
        "registry": origin,
        "partnership": "durham",
        "agreement": agreement,
        "version": version,
        "text_sha256": published(agreement).text_sha256 if agreement in IN_FORCE else "0" * 64,
        "schedule_sha256": published(agreement).schedule_sha256 if agreement in IN_FORCE else "0" * 64,
        "organisation": organisation,
        "signatory": {"role": "chief-officer", "ref": "post-1"},
        "attested_at": at or SIGNED_AT.get(agreement, LOGGED_AT),
        "consulted": [],
        "authority": {"code": "office-holder", "reference": "GOV-1"},
        "reservations": list(reservations),
        "signed_by": "registry",
    }
    jws = sign_document(claims, "isa-attestation+jws", ATTESTATION_KEY, ATTESTATION_KEY["kid"])
    return entries.AttestationMade(attestation=identifier or f"att-{organisation}-{agreement}-{version}", jws=jws)


def _organisations() -> Iterator[OrganisationRegistered]:
    for organisation, (kind, signed) in BODIES.items():
        has_document = bool(signed) and organisation != NO_PAPERWORK
        yield OrganisationRegistered(
            organisation=organisation,
            name=organisation.replace("-", " ").title(),
            organisation_kind=kind,
            parent="example-academy-trust" if organisation == "example-academy" else None,
            council_run=organisation == "aycliffe-secure-centre",
            policy_document=PolicyDocument(reference="APD-1") if has_document else None,
        )


def _lawful_bases(organisation: str, kind: str, agreement: str) -> Iterator[entries.LawfulBasisRecorded]:
    law = catalogue()
    for line in published(agreement).schedule.purposes:
        row = law.row(law.kinds[kind].row or "", law.purposes[line.code].matrix)
        assert row is not None
        yield lawful_basis(organisation, agreement, line.code, row)


def lawful_basis(organisation: str, agreement: str, purpose: str, row: MatrixRow) -> entries.LawfulBasisRecorded:
    return entries.LawfulBasisRecorded(
        record=f"lb-{organisation}-{agreement}-{purpose}",
        organisation=organisation,
        agreement=agreement,
        purpose=purpose,
        article_6=tuple(use.code for use in row.article_6),
        article_9=tuple(use.code for use in row.article_9),
        article_10=tuple(use.code for use in row.article_10),
        part_3=tuple(use.code for use in row.part_3),
        gateways=tuple(use.code for use in row.gateways),
        adopted="default",
        approved_by="data-protection-officer",
        starts=IN_FORCE[agreement][0],
    )


def demonstration_entries(origin: str = ORIGIN) -> Iterator[entries.Payload]:
    """Every entry of the demonstration that this register needs, in order, for the log of that name."""
    yield entries.RegistryOpened(
        origin=origin,
        partnership="durham",
        partnership_name="Durham Safeguarding Children Partnership",
        lead_body="durham-county-council",
        attestation_key={name: value for name, value in ATTESTATION_KEY.items() if name != "d"},
        demo=True,
    )
    yield entries.CatalogueChanged(
        sha256=catalogue().sha256,
        files={name: msgspec.json.decode(data) for name, data in catalogue_files().items()},
    )
    yield from _organisations()
    for agreement, (on, review_due) in IN_FORCE.items():
        yield published(agreement)
        for organisation, (_, signed) in BODIES.items():
            if agreement in signed:
                yield attested(organisation, agreement, origin=origin)
        yield entries.AgreementInForce(agreement=agreement, version="1.0", on=on, review_due=review_due)
    for organisation, (kind, signed) in BODIES.items():
        if organisation != NO_PAPERWORK:
            for agreement in signed:
                yield from _lawful_bases(organisation, kind, agreement)


class Demonstration:
    """The demonstration's register, and what is added to it."""

    def __init__(self) -> None:
        self.register = Register()
        self.entries: list[entries.RegisterPayload] = []
        self.size = 0
        self.then(*demonstration_entries())

    def then(self, *payloads: entries.Payload) -> Demonstration:
        for payload in payloads:
            apply(self.register, self.size, LOGGED_AT, payload)
            assert isinstance(payload, entries.RegisterPayload)
            self.entries.append(payload)
            self.size += 1
        return self

    def body(self, organisation: str, kind: str, **record: bool | str | None) -> Demonstration:
        """Another body, or another record of one."""
        return self.then(
            OrganisationRegistered(
                organisation=organisation,
                name=organisation.replace("-", " ").title(),
                organisation_kind=kind,
                **record,  # type: ignore[arg-type]
            )
        )

    def signs(self, organisation: str, *agreements: str, reservations: tuple[str, ...] = ()) -> Demonstration:
        return self.then(
            *(
                attested(organisation, agreement, reservations=reservations, identifier=f"att-{self.size}-{n}")
                for n, agreement in enumerate(agreements)
            )
        )

    def withdraws(self, organisation: str, agreement: str, on: str) -> Demonstration:
        return self.then(
            entries.AttestationWithdrawn(
                attestation=f"att-{organisation}-{agreement}-1.0",
                agreement=agreement,
                version="1.0",
                organisation=organisation,
                on=on,
                reason="other",
            )
        )

    def publishes(self, schedule: Schedule, *, on: str) -> Demonstration:
        """A made-up agreement version that is in force from a date."""
        return self.then(
            entries.AgreementPublished(
                agreement=schedule.agreement,
                version=schedule.version,
                text="# Made up\n",
                text_sha256="0" * 64,
                schedule=schedule,
                schedule_sha256="0" * 64,
            ),
            entries.AgreementInForce(agreement=schedule.agreement, version=schedule.version, on=on),
        )

    def view(self) -> RegisterView:
        return self.register.at(self.size)


@cache
def demonstration_view() -> RegisterView:
    """The view that tests which add nothing share."""
    return Demonstration().view()
