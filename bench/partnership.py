"""A large partnership's register: thousands of bodies, and fifty agreements made of the two real ones.

Every body signed both real agreements and nine local ones at most, chosen by its place among twenty, so that the same
questions between bodies of the same kinds have the same answers however many bodies there are.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import msgspec
from msgspec.structs import replace

from demonstration import IN_FORCE, LOGGED_AT, ORIGIN, catalogue, catalogue_files, lawful_basis, published
from isa_registry.domain import entries
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.questions import Circumstances, Question, Subject
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_verify.encoding import canonical_json, encode_base64url

KINDS = (
    "local-authority", "police", "integrated-care-board", "nhs-trust", "maintained-school", "academy", "voluntary",
    "probation", "gp-practice", "housing-provider", "maintained-school", "academy", "maintained-school", "voluntary",
    "early-years", "college", "independent-school", "youth-justice", "maintained-school", "fire",
)  # fmt: skip
"""The kinds of every twenty bodies, so that few and many ask alike."""

PURPOSES = ("harm-outside-the-home", "child-protection-enquiry", "early-help", "crime-prevention", "missing-now")
CATEGORIES = ("identity", "intelligence", "missing-episodes", "health", "risk-assessment", "education", "family")
LOCAL = 48
TODAY = "2026-11-27"


def body(number: int) -> str:
    return f"body-{number:05d}"


@cache
def local(number: int) -> entries.AgreementPublished:
    """A local agreement: some purposes of one of the real ones, under another name."""
    real = published(tuple(IN_FORCE)[number % 2])
    name, lines = f"local-{number:02d}", real.schedule.purposes
    some = tuple(line for place, line in enumerate(lines) if (place + number) % 3 == 0)
    return replace(real, agreement=name, schedule=replace(real.schedule, agreement=name, purposes=some))


def signs(number: int, agreement: int) -> bool:
    """Whether a body signed a local agreement: by its place among twenty, and one by its district."""
    place = number % len(KINDS)
    if agreement < LOCAL // 2:
        return (place + agreement) % 4 == 0
    return (number // len(KINDS) + place) % (LOCAL // 2) == agreement - LOCAL // 2


def _attested(organisation: str, agreement: str) -> entries.AttestationMade:
    """An attestation in its form; nobody looks at its signature here."""
    claims = {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "agreement": agreement, "version": "1.0",
        "text_sha256": "0" * 64, "schedule_sha256": "0" * 64, "organisation": organisation,
        "signatory": {"role": "chief-officer", "ref": "post-1"}, "attested_at": "2026-03-16T09:30:00.000Z",
        "consulted": [], "authority": {"code": "office-holder", "reference": "GOV-1"}, "reservations": [],
        "signed_by": "registry",
    }  # fmt: skip
    parts = (canonical_json({"alg": "Ed25519", "kid": "1", "typ": "isa-attestation+jws"}), canonical_json(claims))
    jws = ".".join(map(encode_base64url, (*parts, bytes(64))))
    return entries.AttestationMade(attestation=f"att-{organisation}-{agreement}", jws=jws)


def payloads(bodies: int, local_agreements: int = LOCAL) -> Iterator[entries.Payload]:
    """A registry of so many bodies, all of which have attested both real agreements, recorded their lawful bases under
    them, and signed their local ones."""
    yield entries.RegistryOpened(
        origin="bench.invalid/durham",
        partnership="durham",
        partnership_name="Durham",
        lead_body=body(0),
        attestation_key={},
    )
    files = {name: msgspec.json.decode(data) for name, data in catalogue_files().items()}
    yield entries.CatalogueChanged(sha256=catalogue().sha256, files=files)
    for number in range(bodies):
        yield OrganisationRegistered(
            organisation=body(number),
            name=f"Body {number}",
            organisation_kind=KINDS[number % len(KINDS)],
            policy_document=PolicyDocument("APD-1", "2027-03-31"),
        )
    for agreement, (on, review) in IN_FORCE.items():
        yield published(agreement)
        yield from (_attested(body(number), agreement) for number in range(bodies))
        yield entries.AgreementInForce(agreement=agreement, version="1.0", on=on, review_due=review)
    for which in range(local_agreements):
        agreement = local(which).agreement
        yield local(which)
        yield from (_attested(body(number), agreement) for number in range(bodies) if signs(number, which))
        yield entries.AgreementInForce(agreement=agreement, version="1.0", on="2026-06-01", review_due="2028-06-01")
    yield from _lawful_bases(bodies)


def _lawful_bases(bodies: int) -> Iterator[entries.Payload]:
    law = catalogue()
    for number in range(bodies):
        for agreement in IN_FORCE:
            for line in published(agreement).schedule.purposes:
                row = law.row(law.kinds[KINDS[number % len(KINDS)]].row or "", law.purposes[line.code].matrix)
                if row is not None:
                    yield lawful_basis(body(number), agreement, line.code, row)


class Folded:
    """A register folded from its entries."""

    def __init__(self, bodies: int, local_agreements: int = LOCAL) -> None:
        self.bodies = bodies
        self.register, self.size = Register(), 0
        for payload in payloads(bodies, local_agreements):
            apply(self.register, self.size, LOGGED_AT, payload)
            self.size += 1

    def view(self) -> RegisterView:
        return self.register.at(self.size)

    def anew(self) -> RegisterView:
        """The same, and nothing of it remembered, as after a change of the register."""
        self.register.forget_from(self.size)
        return self.view()


def questions(count: int, bodies: int, seed: int) -> list[Question]:
    """Questions between bodies drawn uniformly, no two the same. The same seed gives the same questions between bodies
    of the same kinds, however many there are."""
    kinds, who = random.Random(seed), random.Random(-1 - seed)
    found: dict[Question, None] = {}
    spread = bodies // len(KINDS)
    coin = (True, False, None)
    for number in range(count):
        provider, recipient = kinds.sample(range(len(KINDS)), 2)
        found[
            Question(
                provider=body(provider + len(KINDS) * who.randrange(spread)),
                recipient=body(recipient + len(KINDS) * who.randrange(spread)),
                purpose=kinds.choice(PURPOSES),
                categories=tuple(kinds.sample(CATEGORIES, kinds.choice((1, 2, 2, 3)))),
                subjects=(Subject(kind=kinds.choice(("child", "child", "parent-carer")), ref=f"s1_{seed}-{number}"),),
                urgency=kinds.choice(("routine", "routine", "urgent")),
                circumstances=Circumstances(
                    would_help_recipient=kinds.choice(coin), informing_increases_risk=kinds.choice(coin)
                ),
            )
        ] = None
    assert count == len(found)
    return list(found)
