"""The words of the self-test for a sample token. The reason of every `InvalidToken` is one of these."""

from __future__ import annotations

from isa_registry.identity.issuer_wording import Wording

TOKEN_FINDINGS: dict[str, Wording] = {
    # A token: its shape
    "token-right": ("right", "The token is taken: {who}.", ""),
    "token-too-large": (
        "wrong",
        "The token is longer than 8,192 characters.",
        "Leave out claims that this registry does not need: groups are the usual cause.",
    ),
    "token-opaque": (
        "wrong",
        "The token is no JWT (three parts with dots between): the provider issued an opaque one.",
        (
            "Ask for the token with this registry as its audience (`resource`, `audience` or a scope of it). Where "
            "none is named, providers give an opaque token, or one for themselves."
        ),
    ),
    "token-encrypted": (
        "wrong",
        "The token has five parts: it is encrypted.",
        "Switch encryption of access tokens off for this registry: it is signed, and travels over TLS.",
    ),
    "token-malformed": (
        "wrong",
        (
            "The token cannot be read: its parts must be unpadded base64url, each once spelt, of JSON objects that "
            "name no member twice and hold whole numbers alone."
        ),
        "Copy it whole, without quotes or line breaks. If it is whole, look for fractions in times and doubled claims.",
    ),
    "header-refused": (
        "wrong",
        "The header brings its own key or rules (crit, b64, jwk, jku, x5u or x5c), or its kid is no text.",
        "Have the provider name its key by kid alone. Keys come from its key set.",
    ),
    # A token: whose it is
    "issuer-unknown": (
        "wrong",
        "The token's iss is {iss}, and {issuer} is registered.",
        (
            "Register the issuer letter by letter as tokens name it. Entra writes sts.windows.net into version 1 "
            "tokens: set requestedAccessTokenVersion to 2."
        ),
    ),
    "organisation-unknown": (
        "wrong",
        (
            "The issuer serves several bodies, and the token does not carry the registered claim {claim} with this "
            "body's value, as one text."
        ),
        "Have the provider add the claim to access tokens, with exactly the registered value.",
    ),
    "algorithm-refused": (
        "wrong",
        "The token is signed with {alg}, and registered are: {algorithms}.",
        "Register the algorithm that the provider signs with. Shared secrets (HS256) and none are never taken.",
    ),
    "key-unknown": (
        "wrong",
        "The provider's key set has no key that the token's header names.",
        "Publish the key before it signs. Without kid in the header the set must have one key alone.",
    ),
    "signature-invalid": (
        "wrong",
        "The signature does not hold with the key that the header names.",
        (
            "Check that the token is whole and from this provider. Entra signs tokens for Graph so that nobody else "
            "can check them: ask for one of this registry's own audience."
        ),
    ),
    # A token: times
    "token-expired": (
        "wrong",
        "The token has expired.",
        "Try with a fresh one. If it is fresh, compare the clocks.",
    ),
    "token-from-the-future": (
        "wrong",
        "The token was issued in the future (iat), by more than 30 seconds.",
        "Set the provider's clock by a time server.",
    ),
    "token-not-yet-valid": (
        "wrong",
        "The token is not valid yet (nbf).",
        "Set the provider's clock by a time server, or have tokens be valid from when they are issued.",
    ),
    "token-lives-too-long": (
        "wrong",
        "The token lives for more than a day.",
        "Set the life of access tokens to an hour or less.",
    ),
    "exp-missing": ("wrong", "The claim exp is missing, or no whole number of seconds.", "Have the provider set it."),
    "iat-missing": ("wrong", "The claim iat is missing, or no whole number of seconds.", "Have the provider set it."),
    "nbf-missing": (
        "wrong",
        "The claim nbf is no whole number of seconds.",
        "Have the provider set it so, or omit it.",
    ),
    "auth-time-missing": (
        "wrong",
        "The claim auth_time is no whole number of seconds.",
        "Have the provider set it so, or omit it.",
    ),
    "auth-time-in-the-future": (
        "wrong",
        "The token says that the person signed in in the future (auth_time).",
        "Set the provider's clock by a time server.",
    ),
    # A token: for whom
    "audience-refused": (
        "wrong",
        (
            "The token's aud is {aud}, and registered are: {audiences}. Every audience must be registered: whoever "
            "else a token is for could show it here."
        ),
        "Have the provider issue a token for this registry alone. Keycloak adds `account`: remove its audience mapper.",
    ),
    "token-bound-to-a-key": (
        "wrong",
        "The token is bound to its holder's key (cnf), and this registry takes plain bearer tokens.",
        "Ask for a token without DPoP or certificate binding.",
    ),
    "token-delegated": (
        "wrong",
        "The token is for somebody who acts for another (act).",
        "Give each system a client of its own, and each person a sign-in of their own.",
    ),
    # A token: the profile
    "typ-refused": (
        "wrong",
        "The token's typ is {typ}, which the profile {profile} does not take.",
        (
            "rfc9068 takes at+jwt alone. Where the provider sends JWT, register generic, or entra-v2 for Entra. An ID "
            "token is never taken: send the access token."
        ),
    ),
    "profile-signs-in-only": (
        "wrong",
        "The profile {profile} signs people in; its access tokens are for the provider itself.",
        "Register a second issuer for your systems, whose tokens are for this registry.",
    ),
    "claims-missing": (
        "wrong",
        "The token lacks, or has as no text of 1 to 255 characters: {missing}. It has: {names}.",
        "Have the provider add them to access tokens.",
    ),
    **{
        f"{claim.replace('_', '-')}-missing": (
            "wrong",
            f"The claim {claim} is missing, or no text of 1 to 255 characters.",
            "Have the provider add it to access tokens.",
        )
        for claim in ("sub", "client_id", "azp", "jti", "oid", "tid", "iss")
    },
    "scope-missing": (
        "wrong",
        "The token has no claim scope, so that it cannot be told from an ID token.",
        "Have the provider write the granted scopes into access tokens, and send the access token.",
    ),
    "scope-malformed": (
        "wrong",
        "The scopes are no text with spaces between.",
        "Have the provider write scope (at Entra: scp) as one text (RFC 9068 section 2.2.3).",
    ),
    "id-token-refused": ("wrong", "This is an ID token.", "Send the access token."),
    "client-ambiguous": (
        "wrong",
        "client_id and azp name different clients.",
        "Ask for the token by the client that uses it, without exchange.",
    ),
    "ver-refused": (
        "wrong",
        "This is not a version 2.0 token of Entra.",
        "Set requestedAccessTokenVersion to 2 in the manifest of the application that stands for this registry.",
    ),
    "tid-refused": (
        "wrong",
        "The token is of another tenant than its issuer.",
        "Register your own tenant's issuer, and ask for tokens there.",
    ),
    "roles-missing": (
        "wrong",
        "The token has neither scp nor a list of roles: an ID token, or an application without a role.",
        "Give the application an app role of this registry, with admin consent: its value is the scope, as checks:ask.",
    ),
    "client-authentication-refused": (
        "wrong",
        "The application did not prove itself by a certificate (azpacr 2).",
        "Use a certificate or private_key_jwt at Entra, not a client secret.",
    ),
    # A token: what it may do
    "client-not-registered": (
        "wrong",
        "The registry has granted the token's client no scope.",
        "Ask the business unit to grant the client its scopes: it is named by {claim}.",
    ),
    "client-to-be-granted": (
        "doubtful",
        "The client is named by {claim}. Whether it was granted any scope was not looked up.",
        "Ask the business unit to grant that client the scopes that it needs.",
    ),
    "scopes-none": (
        "wrong",
        "The token carries none of the registry's scopes: {scopes}.",
        "Define them at the provider, grant them to the client, and ask for them by name.",
    ),
    "scopes-not-granted": (
        "doubtful",
        "The token carries scopes that the registry did not grant to the client: {scopes}. They do nothing.",
        "Ask the business unit for them if the system needs them.",
    ),
    "person-without-time": (
        "doubtful",
        "The token does not say when the person signed in (auth_time): what needs a recent sign-in is refused.",
        "Have the provider add auth_time to access tokens; at Entra it is an optional claim.",
    ),
    "person-of-another-kind": (
        "doubtful",
        "The person signed in by another kind of authentication than was registered: {kinds}.",
        "Ask for one of them with acr_values, and have the provider write acr (at Entra: acrs) into the token.",
    ),
}
