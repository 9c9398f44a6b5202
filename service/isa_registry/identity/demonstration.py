"""The demonstration's identity providers: one OpenID Connect issuer per organisation, without passwords.

They exist so that the demonstration shows the real sign-in and the real token checks with nothing to set
up. They must never be reachable from outside the machine: whoever can open the page can be anybody on it.

Several workers serve the same providers and share only the keys on disk. An authorisation code therefore
carries what it stands for, signed, and any worker can redeem it. That a code is used once is remembered per
worker only: another worker would accept it again within its 60 seconds, by somebody who also holds the PKCE
verifier.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlencode, urlsplit

from isa_registry.identity.compact import (
    make_compact,
    private_key,
    public_key,
    signature_holds,
    split_compact,
)
from isa_registry.identity.demonstration_people import SECOND_PEOPLE
from isa_registry.identity.demonstration_requests import (
    AuthorizationRefused,
    AuthorizationRequest,
    OAuthError,
    after_signing_out,
    bad_code,
    is_loopback,
)
from isa_registry.identity.signing import Jwk
from isa_verify.encoding import JsonValue, canonical_json, encode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

ALGORITHM = "ES256"
AUDIENCE = "urn:isa-registry:demo"
"""The audience of the demonstration's access tokens: what its issuers are registered with."""

PUBLIC_CLIENTS = frozenset({"isa-registry", "isa-client"})
"""The clients that people sign in through: the registry's own pages, and the command-line client."""

MACHINE_SCOPES = (
    "checks:ask",
    "events:write",
    "events:read",
    "consents:write",
    "consents:read",
    "agreements:read",
)
LEAD_SCOPES = ("audit:read", "admin")
PEOPLE = ("practitioner", "signatory", "ig-lead")
LEAD_PEOPLE = ("auditor", "business-unit")

TOKEN_LIFE = 600
CODE_LIFE = 60
REFRESH_LIFE = 12 * 3600
"""Seconds."""

_SECRET = "demo"  # noqa: S105 - published: the demonstration protects nothing
_CODE_TYPE = "isa-demo-code+jwt"
_REFRESH_TYPE = "isa-demo-refresh+jwt"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class DemonstrationIdentity:
    """The providers of all `organisations` (id to name), at `{base}/demo/idp/{organisation}`.

    `keys` holds the signing keys that `load_or_create` gave, by organisation. `clock` gives seconds since
    1970.
    """

    def __init__(
        self,
        *,
        base: str,
        organisations: Mapping[str, str],
        keys: Mapping[str, Jwk],
        lead_body: str,
        clock: Callable[[], float],
        audience: str = AUDIENCE,
        public_clients: Collection[str] = PUBLIC_CLIENTS,
    ) -> None:
        self._base = base.rstrip("/")
        self._organisations = dict(organisations)
        self._keys = {organisation: private_key(keys[organisation]) for organisation in organisations}
        self._kids = {organisation: keys[organisation]["kid"] for organisation in organisations}
        self._lead_body = lead_body
        self._clock = clock
        self._audience = audience
        self._public_clients = frozenset(public_clients)
        self._redeemed: dict[str, int] = {}

    def issuer(self, organisation: str) -> str:
        """The issuer identifier of an organisation's provider."""
        return f"{self._base}/demo/idp/{organisation}"

    def name(self, organisation: str) -> str | None:
        """The organisation's name, or None where it has no provider here."""
        return self._organisations.get(organisation)

    def people(self, organisation: str) -> tuple[str, ...]:
        """The subjects who can sign in at an organisation, each named for the role it plays (`role_of`)."""
        return PEOPLE + LEAD_PEOPLE + SECOND_PEOPLE if organisation == self._lead_body else PEOPLE

    def scopes(self, organisation: str) -> tuple[str, ...]:
        """The scopes that the organisation's machine client may ask for."""
        return MACHINE_SCOPES + LEAD_SCOPES if organisation == self._lead_body else MACHINE_SCOPES

    def discovery(self, organisation: str) -> dict[str, JsonValue]:
        """The provider's metadata (OpenID Connect Discovery 1.0 section 3)."""
        issuer = self.issuer(organisation)
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "offline_access", *self.scopes(organisation)],
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid"],
            "prompt_values_supported": ["login", "consent"],
            "authorization_response_iss_parameter_supported": True,
        }

    def key_set(self, organisation: str) -> dict[str, JsonValue]:
        """The provider's public keys (RFC 7517 section 5)."""
        public = self._keys[organisation].as_dict(private=False)
        member: dict[str, JsonValue] = {name: str(public[name]) for name in ("kty", "crv", "x", "y")}
        return {"keys": [{**member, "kid": self._kids[organisation], "use": "sig", "alg": ALGORITHM}]}

    def authorization_request(self, parameters: Mapping[str, str]) -> AuthorizationRequest:
        """The request in an authorisation endpoint's parameters.

        Raises `AuthorizationRefused` where client or redirect address cannot be trusted, and `OAuthError`
        for what may be told to the client by redirect.
        """
        client, redirect_uri = parameters.get("client_id", ""), parameters.get("redirect_uri", "")
        if client not in self._public_clients:
            raise AuthorizationRefused("No such client signs people in here.")
        if not is_loopback(redirect_uri):
            raise AuthorizationRefused("The redirect address must be an http address of this machine.")
        if parameters.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "Only the code flow is offered.")
        scopes = parameters.get("scope", "").split(" ")
        if "openid" not in scopes:
            raise OAuthError("invalid_scope", "The scope must contain openid.")
        challenge = parameters.get("code_challenge", "")
        if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
            raise OAuthError("invalid_request", "PKCE with S256 is required.")
        state, nonce = parameters.get("state", ""), parameters.get("nonce", "")
        if len(state) > 512 or len(nonce) > 255:
            raise OAuthError("invalid_request", "The state or the nonce is too long.")
        return AuthorizationRequest(
            client=client,
            redirect_uri=redirect_uri,
            challenge=challenge,
            state=state,
            nonce=nonce,
            scope="openid offline_access" if "offline_access" in scopes else "openid",
        )

    def sign_in(self, organisation: str, person: str, request: AuthorizationRequest) -> str:
        """The address to send the browser to, with a code for that person. Raises `OAuthError` for a
        stranger."""
        if person not in self.people(organisation):
            raise OAuthError("access_denied", "No such person works here.")
        now = int(self._clock())
        claims: dict[str, JsonValue] = {
            "iss": self.issuer(organisation),
            "jti": secrets.token_urlsafe(16),
            "sub": person,
            "client_id": request.client,
            "redirect_uri": request.redirect_uri,
            "challenge": request.challenge,
            "nonce": request.nonce,
            "scope": request.scope,
            # Whoever chooses a person signs in anew, so `prompt` and `max_age` ask for nothing more.
            "sid": secrets.token_urlsafe(16),
            "auth_time": now,
            "exp": now + CODE_LIFE,
        }
        return self._redirect(organisation, request, code=self._sign(organisation, _CODE_TYPE, claims))

    def refusal(self, organisation: str, parameters: Mapping[str, str], error: OAuthError) -> str:
        """The address to send the browser to with an error (RFC 6749 section 4.1.2.1)."""
        target = AuthorizationRequest(
            client=parameters["client_id"],
            redirect_uri=parameters["redirect_uri"],
            challenge="",
            state=parameters.get("state", "")[:512],
            nonce="",
        )
        return self._redirect(organisation, target, error=error.error, error_description=error.description)

    def _redirect(self, organisation: str, request: AuthorizationRequest, **answer: str) -> str:
        # RFC 9207: `iss` tells the client which provider answered.
        answer = {**answer, "iss": self.issuer(organisation)}
        if request.state:
            answer["state"] = request.state
        separator = "&" if urlsplit(request.redirect_uri).query else "?"
        return f"{request.redirect_uri}{separator}{urlencode(answer)}"

    def token(self, organisation: str, form: Mapping[str, str], basic: tuple[str, str] | None) -> dict[str, JsonValue]:
        """The token endpoint's answer to a form, with the credentials of an `Authorization: Basic` header
        if any.

        Raises `OAuthError`.
        """
        grant = form.get("grant_type")
        if grant == "client_credentials":
            return self._machine_token(organisation, form, basic)
        if grant == "authorization_code":
            return self._person_tokens(organisation, form, basic)
        if grant == "refresh_token":
            return self._refreshed(organisation, form, basic)
        if not grant:
            raise OAuthError("invalid_request", "The grant type is missing.")
        raise OAuthError("unsupported_grant_type", "Only client credentials, codes and refresh tokens are taken.")

    def _machine_token(
        self, organisation: str, form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> dict[str, JsonValue]:
        if basic is not None and "client_secret" in form:
            raise OAuthError("invalid_request", "A client authenticates in one way, not in two.")
        client, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        if client != f"{organisation}-system" or not _equal(secret, _SECRET):
            raise OAuthError("invalid_client", "The client or its secret is not known.")
        allowed = self.scopes(organisation)
        asked = form.get("scope", "").split()
        granted = [scope for scope in allowed if not asked or scope in asked]
        if not granted:
            raise OAuthError("invalid_scope", "None of the scopes can be granted to this client.")
        access = self._access_token(organisation, subject=client, client=client, scope=" ".join(granted))
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
            "scope": " ".join(granted),
        }

    def _person_tokens(
        self, organisation: str, form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> dict[str, JsonValue]:
        client = self._public_client(form, basic)
        code = self._read(organisation, form.get("code", ""), _CODE_TYPE)
        verifier = form.get("code_verifier", "")
        proof = encode_base64url(hashlib.sha256(verifier.encode("utf-8")).digest())
        if (
            code["client_id"] != client
            or code["redirect_uri"] != form.get("redirect_uri")
            or not _VERIFIER.fullmatch(verifier)
            or not _equal(proof, str(code["challenge"]))
        ):
            raise bad_code()
        self._redeem(str(code["jti"]), code["exp"])
        return self._tokens(organisation, client, code, nonce=code["nonce"])

    def _refreshed(
        self, organisation: str, form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> dict[str, JsonValue]:
        client = self._public_client(form, basic)
        held = self._read(organisation, form.get("refresh_token", ""), _REFRESH_TYPE)
        if held["client_id"] != client or not isinstance(held["exp"], int) or held["exp"] <= self._clock():
            raise bad_code()
        return self._tokens(organisation, client, held, nonce=None)

    def _public_client(self, form: Mapping[str, str], basic: tuple[str, str] | None) -> str:
        client = form.get("client_id", "")
        if basic is not None or client not in self._public_clients:
            raise OAuthError("invalid_client", "People sign in through a public client, named by client_id.")
        return client

    def _tokens(
        self, organisation: str, client: str, held: dict[str, JsonValue], *, nonce: JsonValue
    ) -> dict[str, JsonValue]:
        """The tokens of a sign-in, from what its code or its refresh token holds."""
        now = int(self._clock())
        subject, auth_time, scope = str(held["sub"]), held["auth_time"], str(held["scope"])
        id_token: dict[str, JsonValue] = {
            "iss": self.issuer(organisation),
            "sub": subject,
            "aud": client,
            "iat": now,
            "exp": now + TOKEN_LIFE,
            "auth_time": auth_time,
            "sid": held["sid"],
        }
        if nonce:
            id_token["nonce"] = nonce
        tokens: dict[str, JsonValue] = {
            "access_token": self._access_token(
                organisation, subject=subject, client=client, scope="openid", auth_time=auth_time
            ),
            "id_token": self._sign(organisation, "JWT", id_token),
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
            "scope": scope,
        }
        if "offline_access" in scope:
            kept = {name: held[name] for name in ("iss", "sub", "client_id", "scope", "sid", "auth_time")}
            again: dict[str, JsonValue] = {**kept, "jti": secrets.token_urlsafe(16), "exp": now + REFRESH_LIFE}
            tokens["refresh_token"] = self._sign(organisation, _REFRESH_TYPE, again)
        return tokens

    def signed_out(self, parameters: Mapping[str, str]) -> str | None:
        """Where the browser goes after signing out here; None: nowhere. Raises `AuthorizationRefused`."""
        return after_signing_out(parameters, self._public_clients)

    def _read(self, organisation: str, text: str, typ: str) -> dict[str, JsonValue]:
        """The claims of what this provider signed as this type: a code, or a refresh token."""
        try:
            compact = split_compact(text[:4096])
            claims = parse_json_strict(compact.payload)
        except MalformedError:
            raise bad_code() from None
        header = {"alg": ALGORITHM, "kid": self._kids[organisation], "typ": typ}
        own = self.key_set(organisation)["keys"]
        assert isinstance(own, list) and isinstance(own[0], dict)
        signed = compact.header == header and signature_holds(compact, ALGORITHM, public_key(own[0]))
        if not signed or not isinstance(claims, dict) or claims["iss"] != self.issuer(organisation):
            raise bad_code()
        return claims

    def _redeem(self, code: str, expires_at: JsonValue) -> None:
        now = self._clock()
        self._redeemed = {one: until for one, until in self._redeemed.items() if until > now}
        if not isinstance(expires_at, int) or expires_at <= now or code in self._redeemed:
            raise bad_code()
        self._redeemed[code] = expires_at

    def _access_token(
        self, organisation: str, *, subject: str, client: str, scope: str, auth_time: JsonValue = None
    ) -> str:
        """RFC 9068 section 2."""
        now = int(self._clock())
        claims: dict[str, JsonValue] = {
            "iss": self.issuer(organisation),
            "sub": subject,
            "aud": self._audience,
            "client_id": client,
            "iat": now,
            "exp": now + TOKEN_LIFE,
            "jti": secrets.token_urlsafe(16),
            "scope": scope,
        }
        if auth_time is not None:
            claims["auth_time"] = auth_time
        return self._sign(organisation, "at+jwt", claims)

    def _sign(self, organisation: str, typ: str, claims: dict[str, JsonValue]) -> str:
        header = {"alg": ALGORITHM, "kid": self._kids[organisation], "typ": typ}
        return make_compact(header, canonical_json(claims), self._keys[organisation])


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8"), other.encode("utf-8"))
