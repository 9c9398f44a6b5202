"""A log whose database was restored from an older backup, and the log that continues it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

import isa_verify.cli
from cli.logs import Log, Ran, run
from cli.proved import proved_key
from faults.drafts import check_draft
from isa_registry.actions import clients as machine_clients
from isa_registry.actions import delegations, erasures, issuers, keys, lawful_bases, organisations, partnerships, roles
from isa_registry.data import data_directory
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    KeyRegistered,
    KeyRevoked,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.agreement_entries import AttestationDeclined, AttestationWithdrawn
from isa_registry.domain.entries import LawfulBasisEnded
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.lawful_bases.defaults import default_record
from isa_registry.domain.party_entries import (
    DelegationEnded,
    DelegationGiven,
    OrganisationChanged,
    PartnershipChanged,
    PartnershipRegistered,
    PolicyDocument,
)
from isa_registry.domain.register.carrying import current_values
from isa_registry.domain.register.facts import Attestation, Declined, Hold
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import HoldScope
from isa_registry.domain.verification_entries import LawChangeLookedAt
from isa_registry.domain.verifying import Point
from isa_registry.identity.signing import new_signing_key
from isa_registry.ledger.drafts import Draft
from marking import S16LA, verified, withdrawn

OLD, NEW = "registry.example.org/durham", "registry.example.org/durham-2026"
POLICE, COUNCIL, TRUST = "durham-constabulary", "durham-county-council", "harrogate-district-nhs-ft"
ISSUER = "https://id.example.org"
MAPPA = Point(organisation_kind="police", purpose="mappa")


def everything(log: Log, view: RegisterView) -> Sequence[Draft]:
    """What a register comes to hold in its life, superseded and current."""
    body = view.organisation(POLICE)
    assert body is not None
    _, public = new_signing_key("police-1")
    jwk = {name: public[name] for name in ("kty", "crv", "x")}
    valid = "2026-01-01T00:00:00.000Z"
    record = {"organisation": POLICE, "name": "The police", "organisation_kind": body.organisation_kind}
    person = {"organisation": COUNCIL, "issuer": ISSUER, "subject": "someone"}
    return (
        organisations.change(OrganisationChanged(**record)),
        organisations.change(OrganisationChanged(**record | {"name": "Durham Constabulary"})),
        organisations.change(
            OrganisationChanged("cafcass", "Cafcass", "cafcass", ico_registration="ZA123456", suspended_on="2099-01-01")
        ),
        organisations.change(
            OrganisationChanged(
                "home-office", "Home Office", "home-office", closed_on="2099-01-01", successor="cafcass"
            )
        ),
        partnerships.register(PartnershipRegistered("exploitation", "A group", POLICE)),
        partnerships.change(PartnershipChanged("exploitation", "Another name", POLICE)),
        partnerships.change(PartnershipChanged("exploitation", "Another name", COUNCIL)),
        delegations.give(delegated := DelegationGiven("dlg_1", POLICE, "2099-01-01", "2099-12-31", ref="POST-17")),
        delegations.give(structs.replace(delegated, delegation="dlg_2", ref=None, to=COUNCIL, agreements=("tier-1",))),
        delegations.end(DelegationEnded("dlg_2", POLICE, on="2099-06-01")),
        issuers.register(
            IssuerRegistered(
                organisation=COUNCIL, issuer=ISSUER, audiences=("x",), algorithms=("ES256",), profile="generic"
            )
        ),
        roles.grant(RoleGranted(**person, role="auditor")),
        roles.grant(RoleGranted(**person, role="signatory")),
        Draft(payloads=(RoleRevoked(**person, role="signatory"),)),
        machine_clients.grant(ClientGranted(organisation=POLICE, client="a", scopes=("checks:ask",))),
        machine_clients.grant(ClientGranted(organisation=POLICE, client="b", scopes=("checks:ask",))),
        Draft(payloads=(ClientRevoked(organisation=POLICE, client="b"),)),
        keys.register(
            KeyRegistered(
                organisation=POLICE, kid="k1", algorithm="Ed25519", jwk=jwk, uses=("event",), valid_from=valid
            )
        ),
        keys.revoke(KeyRevoked(organisation=POLICE, kid="k1", reason="compromised", suspect_from=valid)),
        keys.register(proved_key(POLICE, OLD)),
        log.attest(view, POLICE),
        log.attest(view, COUNCIL),
        log.attest(view, TRUST),
        Draft(
            payloads=(
                AttestationWithdrawn(
                    attestation=f"att_{TRUST}_{view.size}",
                    agreement="tier-2-hoth",
                    version="1.0",
                    organisation=TRUST,
                    on="2026-11-20",
                    reason="other",
                ),
            )
        ),
        Draft(
            payloads=(
                AttestationDeclined(agreement="tier-2-hoth", version="1.0", organisation="cafcass", reason="no-role"),
            )
        ),
        *bases(view),
        Draft(payloads=(verified(S16LA),)),
        Draft(payloads=(LawChangeLookedAt(COUNCIL, "0" * 64, "ca-2004-s11", "nothing-follows"),)),
        Draft(payloads=(verified(MAPPA, organisation=COUNCIL),)),
        Draft(payloads=(withdrawn(MAPPA),)),
        check_draft(1),
        erasures.change_retention(erasures.read_rules((data_directory("agreements") / "retention.json").read_bytes())),
        erasures.place_hold(HoldPlaced(hold="inquiry", reason="inquiry", scope=HoldScope(entries=(3, view.size + 1)))),
        erasures.place_hold(HoldPlaced(hold="over", reason="court", scope=HoldScope(organisations=(POLICE,)))),
        erasures.lift_hold(HoldLifted(hold="over", reason="ended")),
        erasures.place_hold(HoldPlaced(hold="police", reason="court", scope=HoldScope(organisations=(POLICE,)))),
    )


def bases(view: RegisterView) -> Iterator[Draft]:
    """Two lawful-basis records, of which one ended."""
    catalogue, body = view.catalogue(), view.organisation(POLICE)
    assert catalogue is not None
    assert body is not None
    for record, purpose in (("lb-1", "missing-now"), ("lb-2", "mappa")):
        fact = default_record(catalogue, body, "tier-2-hoth", purpose, starts="2026-06-01", record=record)
        assert fact is not None
        yield lawful_bases.record(structs.replace(fact, policy_document=PolicyDocument("APD-2026-1", "2027-03-31")))
    yield Draft(payloads=(LawfulBasisEnded(record="lb-2", organisation=POLICE, on="2026-10-01"),))


def after_the_backup(view: RegisterView) -> Sequence[Draft]:
    return (
        machine_clients.grant(ClientGranted(organisation=COUNCIL, client="lost", scopes=("checks:ask",))),
        machine_clients.grant(ClientGranted(organisation=COUNCIL, client="lost-too", scopes=("checks:ask",))),
    )


@dataclass
class Story:
    """`old` is the log whose older backup was put in the place of its database. `lost` is a receipt of an entry that
    only the newer one had, `remembered` an auditor's directory that saw it, `whole` how many entries it had;
    `backed_up` and `before` are the backup's size and its newest checkpoint."""

    old: Log
    new: Log
    lost: Path
    remembered: Path
    whole: int
    backed_up: int
    before: bytes
    began: Ran

    def continuing(self, *arguments: object, **environment: str) -> Ran:
        return self.new.run(
            "continue",
            *("--old-keys", self.old.keys_file, "--old-checkpoint", self.old.outside),
            *("--reason", "database-restored", *arguments),
            **{"ISA_OLD_DATABASE_URL": self.old.url, **environment},
        )


def audit(target: object, keys: Path, state: Path, *arguments: object) -> Ran:
    return run("log", target, "--vkeys", keys, "--state", state, *arguments, program=isa_verify.cli.main)


def published(log: Log, directory: Path) -> Path:
    copied = log.run("export", "--tiles", directory)
    assert copied.status == 0, copied.err
    return directory


def refused(ran: Ran, status: int, words: str) -> bool:
    """Whether it ended so, and says what it should in one line of plain words."""
    return (ran.status, words in ran.err, "Traceback" in ran.err, ran.err.count("\n")) == (status, True, False, 1)


def clients(log: Log) -> set[str]:
    return {place for place in current_values(log.register()) if place.startswith("clients ")}


def current(of: Log) -> dict[str, object]:
    """The current values, without the numbers by which the log calls its own entries."""
    found = current_values(of.register())
    for place, value in found.items():
        if isinstance(value, Attestation | Declined):
            found[place] = structs.replace(value, entry=0)
        if place.startswith("companions ") and isinstance(value, tuple):
            found[place] = tuple(structs.replace(one, entry=0) for one in value)
        if isinstance(value, Hold):
            found[place] = structs.replace(value, scope=structs.replace(value.scope, entries=()))
    return {place: value for place, value in found.items() if place != "holds over"}
