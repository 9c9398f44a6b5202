"""The words of the self-test for an issuer: its registration, what it publishes, and people's signing in."""

from __future__ import annotations

from typing import Literal

Level = Literal["right", "doubtful", "wrong"]
Wording = tuple[Level, str, str]
"""How bad it is, what was seen, and what to do."""

_FETCHES = {
    "discovery": "the discovery document (the issuer's address with /.well-known/openid-configuration)",
    "key-set": "the key set (the address in jwks_uri)",
}
_FAILURES = {
    "address-refused": (
        "The address of {what} is not one that the registry fetches from.",
        "Publish it at an https address without user name or fragment, on a host named in plain ASCII.",
    ),
    "unreachable": (
        "The server of {what} could not be reached.",
        (
            "Check the host's name, that it is open to the registry's network, and that its certificate is by a "
            "public authority, unexpired, and for that name."
        ),
    ),
    "too-slow": ("{What} did not come within five seconds.", "Check the provider's load and the network between."),
    "status-refused": (
        "The server answered for {what} with another status than 200. Redirects are not followed.",
        "Give the issuer exactly as the provider publishes it: a redirect, or 404, mostly means another path or host.",
    ),
    "too-large": ("{What} is larger than 256 KiB.", "Check the address: these documents are a few kilobytes."),
    "not-json": (
        "{What} is not a JSON object, or names a member twice, or is compressed though that was not asked for.",
        "Open the address in a browser: a sign-in page or an error page there means another address.",
    ),
}

ISSUER_FINDINGS: dict[str, Wording] = {
    # The registration itself
    "address-right": ("right", "The issuer is an https address.", ""),
    "address-loopback": ("right", "The issuer is on this machine: for a demonstration alone.", ""),
    "address-wrong": (
        "wrong",
        "The issuer must be an https address without user name, query or fragment.",
        "Register the provider's https address. Plain http is for a demonstration on one machine.",
    ),
    "profile-unknown": (
        "wrong",
        "The registry knows no token profile of that name.",
        "Register rfc9068, entra-v2, cis2 or generic.",
    ),
    "audience-none": (
        "wrong",
        "No audience is registered, so that no token can be for this registry.",
        "Register the audience that the provider writes into access tokens for this registry.",
    ),
    "algorithm-not-taken": (
        "wrong",
        "These registered algorithms are not taken: {algorithms}. Only signatures with a private key are.",
        "Register the algorithm that the provider signs with: RS256, PS256, ES256 or Ed25519, mostly.",
    ),
    "split-incomplete": (
        "wrong",
        "A claim and its value come together.",
        "Register both, or neither.",
    ),
    "mapping-never-given": (
        "wrong",
        "A claim is mapped to a role that no claim gives: {roles}.",
        "Only practitioner, signatory and ig-lead can be mapped. Two people of the lead body grant the others.",
    ),
    # Discovery
    **{
        f"{document}-{code}": ("wrong", says.format(what=name, What=name[0].upper() + name[1:]), do)
        for document, name in _FETCHES.items()
        for code, (says, do) in _FAILURES.items()
    },
    "discovery-oauth-only": (
        "doubtful",
        "There is no OpenID discovery document; the one of RFC 8414 is used. Machines' tokens work, sign-in does not.",
        "For people to sign in, publish /.well-known/openid-configuration.",
    ),
    "issuer-same": ("right", "The discovery document names the issuer exactly as it is registered.", ""),
    "issuer-slash": (
        "wrong",
        "The provider calls itself {found}, and {issuer} is registered: one ends with a slash and the other does not.",
        "Register the issuer as the provider writes it, slash and all.",
    ),
    "issuer-case": (
        "wrong",
        "The provider calls itself {found}, and {issuer} is registered: they differ in capitals.",
        "Register the issuer letter by letter as the provider writes it.",
    ),
    "issuer-template": (
        "wrong",
        "The provider calls itself {found}: a pattern for many tenants.",
        (
            "Register your own tenant's address, https://login.microsoftonline.com/ and the tenant's id and /v2.0; "
            "never common or organizations."
        ),
    ),
    "issuer-differs": (
        "wrong",
        "The provider calls itself {found}, and {issuer} is registered.",
        "Register the issuer as the provider writes it, if that is your provider.",
    ),
    "issuer-missing": (
        "wrong",
        "The discovery document does not name its issuer.",
        "Check that the address is your provider's: every provider names itself.",
    ),
    "key-set-address-wrong": (
        "wrong",
        "The discovery document names no https address in jwks_uri.",
        "Have the provider publish its signing keys, at an https address.",
    ),
    # Keys
    "keys-right": ("right", "The key set has keys that the registered algorithms can use: {kids}.", ""),
    "keys-none": (
        "wrong",
        "The key set has no key that can be used here.",
        "Publish an RSA key of at least 2,048 bits, a P-256, P-384 or P-521 key, or an Ed25519 key, for signatures.",
    ),
    "keys-malformed": (
        "wrong",
        "The key set is not an object with a list `keys` of at most 100.",
        "Check the address in jwks_uri (RFC 7517 section 5).",
    ),
    "keys-private": (
        "wrong",
        "THE KEY SET PUBLISHES A PRIVATE OR SHARED KEY: {kids}. Whoever reads it can sign as your organisation.",
        "Replace those keys at once, and tell the business unit since when they were public.",
    ),
    "keys-unused": (
        "doubtful",
        "{count} keys of the set are passed over: {reasons}.",
        "That does no harm while others are there. A key for encryption, or of another kind, needs no change.",
    ),
    "keys-unsuited": (
        "wrong",
        "No key in the set suits these registered algorithms: {algorithms}.",
        "Register the algorithm that the provider signs with, or publish a key for it.",
    ),
    "algorithm-without-key": (
        "doubtful",
        "No key in the set suits these registered algorithms: {algorithms}. Tokens can be signed with the others.",
        "Leave out what the provider does not sign with.",
    ),
    "keys-without-id": (
        "wrong",
        "There are several keys, and some have no `kid`: a token that names none could be any's.",
        "Give every key a kid, and name it in each token's header.",
    ),
    "keys-same-id": (
        "wrong",
        "Two keys have the same `kid`; the first of them alone counts.",
        "Give every key a kid of its own.",
    ),
    "cache-right": ("right", "The key set may be kept for {seconds} seconds, and is fetched anew after that.", ""),
    "cache-silent": (
        "right",
        "The provider does not say how long its key set may be kept; it is kept for an hour.",
        "",
    ),
    "cache-short": (
        "doubtful",
        "The key set says that it may be kept for {seconds} seconds; it is kept for 300 all the same.",
        "Publish a new key at least five minutes before the first token is signed with it.",
    ),
    "cache-long": (
        "doubtful",
        "The key set says that it may be kept for {seconds} seconds; it is kept for 86400 at most.",
        "A key that must go at once would count until then. One hour is a good max-age.",
    ),
    "clock-right": ("right", "The provider's clock and the registry's agree to within {seconds} s.", ""),
    "clock-doubtful": (
        "doubtful",
        "The provider's clock and the registry's differ by {seconds} s; from 30 on tokens are refused.",
        "Check that both follow a time server.",
    ),
    "clock-wrong": (
        "wrong",
        "The provider's clock and the registry's differ by {seconds} s: tokens look expired, or not yet valid.",
        "Set the clock that is wrong by a time server.",
    ),
    "clock-unknown": ("right", "The provider does not say what its clock says; a token's times will show it.", ""),
    # Signing in
    "sign-in-right": ("right", "Code flow, PKCE, and how the registry's client proves itself: all are offered.", ""),
    "sign-in-endpoint-missing": (
        "wrong",
        "The discovery document names no https address in: {names}.",
        "People sign in by the code flow, which needs both. Check the provider's configuration.",
    ),
    "sign-in-no-code": (
        "wrong",
        "The provider does not offer the code flow (`code` in response_types_supported).",
        "Allow the authorization code flow. No other is used here.",
    ),
    "sign-in-no-pkce": (
        "wrong",
        "The provider offers PKCE, but not with S256.",
        "Allow S256 in code_challenge_methods_supported. Plain challenges are not used.",
    ),
    "sign-in-pkce-silent": (
        "doubtful",
        "The provider does not say whether it takes PKCE with S256. Entra and CIS2 do so without saying it.",
        "Look it up in the provider's documentation: the registry always sends an S256 challenge.",
    ),
    "sign-in-iss-silent": (
        "doubtful",
        (
            "The provider does not put its name into the callback (`iss`, RFC 9207). A redirect address of its own "
            "for each issuer stands in for that."
        ),
        "Register exactly the redirect address that belongs to this issuer, and no other client's.",
    ),
    "sign-in-method-wrong": (
        "wrong",
        "The registry's client is registered with {method}, and the provider takes: {methods}.",
        "Register private_key_jwt where the provider takes it, otherwise client_secret_basic.",
    ),
    "sign-in-method-weak": (
        "doubtful",
        "The registry's client proves itself by a shared secret, and the provider would take private_key_jwt.",
        "Register private_key_jwt: then there is no secret to keep or to leak.",
    ),
    "sign-in-algorithm-wrong": (
        "wrong",
        "ID tokens are signed with {found}, and registered are: {algorithms}.",
        "Register the algorithm of ID tokens too, or set the client's id_token_signed_response_alg at the provider.",
    ),
    "sign-in-acr-unknown": (
        "doubtful",
        "The provider does not list these kinds of authentication: {kinds}.",
        "Check their names letter by letter: a sign-in of another kind counts as none.",
    ),
    "sign-in-no-openid": (
        "wrong",
        "The scopes of the registry's client are without openid, or the provider does not offer it.",
        "Allow the scope openid, and register it.",
    ),
    "sign-in-no-logout": (
        "doubtful",
        "The provider has no end_session_endpoint: signing out here leaves people signed in there.",
        "Offer RP-initiated logout, or tell people on shared computers to close the browser.",
    ),
    "sign-in-no-back-channel": (
        "doubtful",
        "The provider does not tell us when somebody is signed out there (back-channel logout).",
        "Offer it with session ids: otherwise a session here lasts until its own limit, though the account was closed.",
    ),
}
