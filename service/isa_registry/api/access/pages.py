"""The lines of the pages, of signing in, and of what a service says of itself."""

from __future__ import annotations

from isa_registry.api.access.terms import (
    ASKERS,
    IG_LEAD,
    UNIT,
    Access,
    handshake,
    page,
    public,
)

PAGES: dict[tuple[str, str], Access] = {
    ("GET", "/.well-known/oauth-protected-resource"): public(
        "What this interface asks of access tokens, and whose it takes (RFC 9728)"
    ),
    ("GET", "/livez"): public("Whether the process runs"),
    ("GET", "/readyz"): public("Whether the register is folded; `degraded` while the database is away"),
    ("GET", "/metrics"): Access(
        says="The state of the log and its witnesses, for the operator's monitoring",
        operator=True,
        fields={"operator": ("*",)},
    ),
    ("GET", "/schema/openapi.json"): public("This interface as OpenAPI 3.1"),
    ("GET", "/schema/{file}"): public(
        "A JSON Schema of a signed document, a question, an answer, a version or a clause"
    ),
    ("GET", "/.well-known/security.txt"): public("Where to report a vulnerability (RFC 9116)"),
    ("GET", "/"): public("What this is", greets=True),
    ("GET", "/agreements"): public("The agreements", greets=True),
    ("GET", "/log"): public("The state of the log as a page", greets=True),
    ("GET", "/documentation"): public("The interface's documentation", greets=True),
    ("GET", "/problems/{code}"): public("What a problem means and what to do", greets=True),
    ("GET", "/immediate-danger"): public("Is a child in immediate danger?"),
    ("GET", "/accessibility-statement"): public("How far everybody can use these pages, and whom to tell", greets=True),
    ("GET", "/static/{path}"): public("Style sheets, scripts and the icon"),
    ("GET", "/.well-known/jwks.json"): public("The keys by which this registry proves itself to agencies' providers"),
    ("GET", "/sign-in"): handshake("Choose the organisation to sign in with"),
    ("POST", "/sign-in"): handshake("Go to an organisation's provider to sign in", form=True),
    ("GET", "/auth/{slug}/callback"): handshake("Come back from a provider"),
    ("POST", "/auth/{slug}/backchannel-logout"): handshake(
        "A provider says that somebody signed out", form=True, from_provider=True
    ),
    ("POST", "/sign-out"): handshake("Sign out", form=True),
    ("GET", "/signed-out"): handshake("After signing out"),
    ("GET", "/signed-in"): page("Signed in again, for a form that waits in another tab", records=False),
    ("GET", "/sign-in/again"): page("Say why to sign in again", records=False),
    ("POST", "/sign-in/again"): page("Go to the provider to prove once more who one is", form=True),
    ("GET", "/account"): page("Your own sessions, roles and organisations", records=False),
    ("POST", "/account/organisation"): page("Act for another organisation", form=True),
    ("POST", "/account/sessions/revocation"): page("End one of your own sessions, or all others", form=True),
    ("POST", "/account/organisation/revocation"): page(
        "End every session of an organisation",
        form=True,
        roles=frozenset({"ig-lead", "business-unit"}),
        recent_sign_in=True,
    ),
    ("GET", "/account/people"): page("Who has which role in your organisation, and which nobody uses", roles=IG_LEAD),
    ("GET", "/account/people/grant"): page("A role to grant", roles=IG_LEAD, recent_sign_in=True),
    ("POST", "/account/people/grant"): page("Grant a person a role", form=True, roles=IG_LEAD, recent_sign_in=True),
    ("GET", "/account/people/{entry}/revocation"): page("A role to take away", roles=IG_LEAD, recent_sign_in=True),
    ("POST", "/account/people/{entry}/revocation"): page(
        "Take a role from a person, from the next entry on", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
    ("GET", "/account/keys"): page("Your organisation's signing keys, and what is to be seen to", roles=IG_LEAD),
    ("GET", "/account/keys/registration"): page("A signing key to register", roles=IG_LEAD, recent_sign_in=True),
    ("POST", "/account/keys/registration"): page(
        "Look at a signing key, and register it", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
    ("GET", "/account/keys/{kid}/revocation"): page("A signing key to revoke", roles=IG_LEAD, recent_sign_in=True),
    ("POST", "/account/keys/{kid}/revocation"): page(
        "Revoke a signing key, from the next entry on", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
    ("GET", "/account/proposals"): page("What waits for a second person of the business unit", roles=UNIT),
    ("GET", "/account/proposals/role"): page("A role to propose", roles=UNIT, recent_sign_in=True),
    ("POST", "/account/proposals/role"): page(
        "Propose that a person be given a role", form=True, roles=UNIT, recent_sign_in=True
    ),
    ("GET", "/account/proposals/{proposal}"): page(
        "Exactly what is proposed, to decide it", roles=UNIT, recent_sign_in=True
    ),
    ("POST", "/account/proposals/{proposal}"): page(
        "Approve, decline or withdraw a proposal", form=True, roles=UNIT, recent_sign_in=True
    ),
    ("GET", "/account/issuer"): page("Your organisation's issuers, to look at one", roles=IG_LEAD | UNIT),
    ("POST", "/account/issuer"): page(
        "What an issuer of your own organisation publishes now, and what to change", form=True, roles=IG_LEAD | UNIT
    ),
    ("GET", "/ask"): page("Ask whether information may be shared", roles=ASKERS, survives=True, records=False),
    ("GET", "/ask/facts"): page(
        "Say what is known that could change the answer", roles=ASKERS, survives=True, records=False
    ),
    ("GET", "/ask/answers/{check}"): page("One of your organisation's recorded answers", roles=ASKERS),
    ("POST", "/ask"): page("The answer, recorded where it can be", form=True, roles=ASKERS, survives=True),
}
