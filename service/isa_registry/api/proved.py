"""What proves a published version: the entry that published it, and the attestations of exactly its text."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.attestation_states import standing
from isa_registry.domain.register.facts import AgreementVersion, Attestation
from isa_registry.domain.register.register import RegisterView


class Publication(Struct, frozen=True):
    """The log entry that published a version. `at` is when; `receipt` proves that the log holds exactly these words."""

    entry: int
    at: str
    receipt: str


class AttestedBy(Struct, frozen=True):
    """An attestation of exactly this text. `state` is what has become of it today, and `counts` whether the body is a
    signatory by it today. `receipt` is where a body of the registry fetches its proof."""

    attestation: str
    organisation: str
    name: str
    signatory_role: str
    attested_at: str
    entry: int
    reservations: tuple[str, ...]
    withdrawn_on: str | None
    state: str
    counts: bool
    receipt: str


def publication(version: AgreementVersion, view: RegisterView) -> Publication:
    entry = view.published_by(version.agreement, version.version)
    assert entry is not None  # or the version would not be there
    return Publication(
        entry=entry,
        at=version.published_at,
        receipt=f"/api/v1/agreements/{version.agreement}/versions/{version.version}/receipt",
    )


def attested(version: AgreementVersion, view: RegisterView, today: str) -> list[AttestedBy]:
    known = ("attested-by", version.agreement, version.version, today)
    return view.memory.recall(known, lambda: _work_out_attested(version, view, today))


def _work_out_attested(version: AgreementVersion, view: RegisterView, today: str) -> list[AttestedBy]:
    return [
        _attested_by(one, version, view, today)
        for one in view.attestations_of(version.agreement, version.version)
        if one.text_sha256 == version.text_sha256
    ]


def _attested_by(one: Attestation, version: AgreementVersion, view: RegisterView, today: str) -> AttestedBy:
    body = view.organisation(one.organisation)
    now = standing(view, version, one.organisation, today)
    by_this = now.attestation is not None and now.attestation.attestation == one.attestation
    ended = one.withdrawn_on is not None and one.withdrawn_on <= today
    return AttestedBy(
        attestation=one.attestation,
        organisation=one.organisation,
        name=one.organisation if body is None else body.name,
        signatory_role=one.signatory_role,
        attested_at=one.attested_at,
        entry=one.entry,
        reservations=one.reservations,
        withdrawn_on=one.withdrawn_on,
        state="withdrawn" if ended else now.state if by_this else "replaced",
        counts=by_this and now.counts,
        receipt=f"/api/v1/agreements/{one.agreement}/versions/{one.version}/attestations/{one.attestation}/receipt",
    )


VERIFY = (
    (
        "Hash `text` in UTF-8 with SHA-256: it is `version.text_sha256`. Hash `schedule` in canonical JSON (RFC 8785): "
        "it is `version.schedule_sha256`."
    ),
    (
        "Fetch `published.receipt` and run `isa-verify receipt` on it with this log's keys: its payload holds this "
        "text and these hashes, and the log holds its entry."
    ),
    (
        "Fetch the `receipt` of an attestation as a body of the registry: its payload is the signed document, which "
        "names the same two hashes."
    ),
)
"""How to check a version oneself, in an answer's `verify`."""
