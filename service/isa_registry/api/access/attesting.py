"""The lines of signatories: attesting, asking, declining, withdrawing, joining."""

from __future__ import annotations

from isa_registry.api.access.terms import JSON, OWN, PEOPLE, UNIT, UNITS, Access, Reader, decides, page, public

_VERSION = "/api/v1/agreements/{agreement}/versions/{version}"
_ATTESTATION = f"{_VERSION}/attestations/{{attestation}}"
_QUERY = f"{_VERSION}/queries/{{question}}"
_SIGNATORY = frozenset({"signatory"})
_QUESTION: dict[Reader, tuple[str, ...]] = {
    "provider": ("*",),
    "recipient": (
        "id", "organisation", "clause", "question", "state", "asked_at", "answer", "answer_clause", "answered_at",
        "settled_at",
    ),
}  # fmt: skip


def _works(says: str, *roles: str, asks: bool = False, recent_sign_in: bool = False) -> Access:
    """A step of working state, which binds nobody. `asks`: about the words, whose questions every body sees."""
    return Access(
        says=says,
        roles=frozenset(roles),
        content_types=JSON,
        body_limit=16_384,
        recent_sign_in=recent_sign_in,
        fields=_QUESTION if asks else OWN,
    )


_PAGE = "/account/attestations/{agreement}/{version}"
_CERTIFICATE = "/account/certificates/{attestation}"


def _both(path: str, reads: str, writes: str, *, recent_sign_in: bool = False) -> dict[tuple[str, str], Access]:
    """A page of signatories with a form, and the form's own line."""
    return {
        ("GET", path): page(reads, roles=_SIGNATORY, recent_sign_in=recent_sign_in),
        ("POST", path): page(writes, form=True, roles=_SIGNATORY, recent_sign_in=recent_sign_in),
    }


PAGES_OF_ATTESTING: dict[tuple[str, str], Access] = {
    ("GET", "/account/attestations"): page("What waits for a signatory, and what was signed", roles=_SIGNATORY),
    ("GET", _PAGE): page("A version, and what a signatory can do about it", roles=_SIGNATORY),
    ("GET", f"{_PAGE}/words"): page("To the words of a version, which are then read", roles=_SIGNATORY),
    ("POST", f"{_PAGE}/joining"): page("Ask to be invited to sign", form=True, roles=_SIGNATORY),
    ("POST", f"{_PAGE}/questions/{{question}}/settlement"): page(
        "Say that a question is settled", form=True, roles=_SIGNATORY
    ),
    **_both(f"{_PAGE}/questions", "What was asked about the words", "Ask about a clause"),
    **_both(f"{_PAGE}/refusal", "Whether to decline", "Decline to sign a version", recent_sign_in=True),
    **_both(f"{_PAGE}/attestation", "What is to be signed", "Sign a version", recent_sign_in=True),
    ("GET", _CERTIFICATE): page("The certificate of an attestation"),
    ("GET", f"{_CERTIFICATE}/receipt"): page("The receipt of an attestation"),
    **_both(f"{_CERTIFICATE}/withdrawal", "Whether to withdraw", "Withdraw an attestation", recent_sign_in=True),
}

ATTESTING: dict[tuple[str, str], Access] = {
    **PAGES_OF_ATTESTING,
    ("GET", f"{_VERSION}/attestations"): public("Who has attested exactly these words, and where each body stands"),
    # A system brings what its body's signatory signed with a key of their own, as it brings the body's other signed
    # records: so the scope is theirs. What the registry itself signs, it signs for a person who just signed in; the
    # handler asks for that, since a system has no sign-in.
    ("POST", f"{_VERSION}/attestations"): Access(
        says="Attest a version for your organisation: the signatory's signed document, or what a signatory who signed "
        "in just now asks the registry to sign",
        scopes=frozenset({"events:write"}),
        roles=_SIGNATORY,
        content_types=("application/jose", "application/json"),
        body_limit=65_536,
        fields=OWN,
    ),
    ("GET", f"{_ATTESTATION}/receipt"): Access(
        says="The receipt of an attestation, to every body of the registry",
        scopes=frozenset({"agreements:read", "events:read", "audit:read"}),
        roles=PEOPLE,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("POST", f"{_ATTESTATION}/withdrawal"): decides(
        "Withdraw an attestation of your organisation from a day on, at any time", "signatory"
    ),
    ("POST", f"{_VERSION}/refusal"): decides("Say that your organisation does not attest a version", "signatory"),
    ("POST", f"{_VERSION}/joining"): _works("Ask to be invited to attest a version", "signatory"),
    ("GET", f"{_VERSION}/invitations"): Access(
        says="How far your organisation has come with a version; to the business unit every body",
        roles=frozenset({"signatory", "ig-lead"}) | UNITS,
        fields=OWN,
        oversight=UNIT,
    ),
    ("POST", f"{_VERSION}/invitations"): _works(
        "Invite a body to attest a version", *sorted(UNITS), recent_sign_in=True
    ),
    ("POST", f"{_VERSION}/invitations/refusal"): _works(
        "Turn down a body that asked to join", *sorted(UNITS), recent_sign_in=True
    ),
    ("GET", f"{_VERSION}/queries"): Access(
        says="What was asked about the words of a version, and what was answered, to every signatory",
        scopes=frozenset({"agreements:read", "audit:read"}),
        roles=frozenset({"signatory", "ig-lead", "auditor"}) | UNITS,
        fields={**_QUESTION, "auditor": ("*",)},
        oversight=UNIT,
    ),
    ("POST", f"{_VERSION}/queries"): _works("Ask about a clause before attesting", "signatory", asks=True),
    ("POST", f"{_QUERY}/answer"): _works("Answer a question about a clause", *sorted(UNITS), asks=True),
    ("POST", f"{_QUERY}/settlement"): _works("Say that your question is settled", "signatory", asks=True),
}
