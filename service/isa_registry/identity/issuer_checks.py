"""What can be said of an issuer from what it publishes: pure checks, each of which gives findings."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from isa_registry.domain.access_entries import SignIn
from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.roles import OWN_ROLES
from isa_registry.identity.compact import ASYMMETRIC, KeyUnusableError, public_key
from isa_registry.identity.findings import Finding, finding
from isa_registry.identity.issuers import LONGEST_KEEP, MAX_KEYS, SHORTEST_KEEP
from isa_registry.identity.profiles import PROFILES
from isa_registry.identity.validation import LEEWAY
from isa_verify.encoding import JsonValue

Document = dict[str, JsonValue]

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_PRIVATE = ("d", "k", "p", "q", "priv")
_UNUSED = {
    "key-type": "of another kind",
    "key-use": "not for signatures",
    "key-curve": "on another curve",
    "key-member": "without a member that it needs",
    "key-size": "RSA of less than 2,048 bits",
    "key-unsound": "no sound key",
}


def check_registration(use: Issuer, *, demonstration: bool) -> Iterator[Finding]:
    """What the registration itself says. Plain http on this machine is right in a demonstration alone."""
    yield finding(_address(use.issuer, demonstration=demonstration))
    if use.profile not in PROFILES:
        yield finding("profile-unknown")
    if not use.audiences:
        yield finding("audience-none")
    refused = [one for one in use.algorithms if one not in ASYMMETRIC]
    if refused or not use.algorithms:
        yield finding("algorithm-not-taken", algorithms=refused)
    if (use.claim is None) != (use.value is None):
        yield finding("split-incomplete")
    never = sorted({mapping.role for mapping in use.roles_from} - {*OWN_ROLES})
    if never:
        yield finding("mapping-never-given", roles=never)


def _address(issuer: str, *, demonstration: bool) -> str:
    try:
        parts = urlsplit(issuer)
        host = parts.hostname
    except ValueError:
        return "address-wrong"
    plain = host and not (parts.query or parts.fragment or "@" in parts.netloc or "?" in issuer or "#" in issuer)
    if plain and parts.scheme == "https":
        return "address-right"
    local = plain and parts.scheme == "http" and host in _LOOPBACK
    return "address-loopback" if local and demonstration else "address-wrong"


def check_discovery(use: Issuer, document: Document) -> Iterator[Finding]:
    """That the provider calls itself by the registered name, and says where its keys are."""
    found = document.get("issuer")
    if not isinstance(found, str):
        yield finding("issuer-missing")
    else:
        yield finding(_difference(found, use.issuer), found=found, issuer=use.issuer)
    if not _is_address(document.get("jwks_uri"), use.issuer):
        yield finding("key-set-address-wrong")


def _difference(found: str, registered: str) -> str:
    if found == registered:
        return "issuer-same"
    if "{" in found:
        return "issuer-template"
    if found.removesuffix("/") == registered.removesuffix("/"):
        return "issuer-slash"
    return "issuer-case" if found.lower() == registered.lower() else "issuer-differs"


def _is_address(value: object, issuer: str) -> bool:
    """An https address; in a demonstration, whose issuer is none, one like the issuer's own."""
    return isinstance(value, str) and value.startswith(("https://", f"{urlsplit(issuer).scheme}://"))


def check_key_set(use: Issuer, document: Document) -> Iterator[Finding]:
    """That the set has keys for the registered algorithms, and none that anybody could sign with."""
    members = document.get("keys")
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        yield finding("keys-malformed")
        return
    keys = [member for member in members if isinstance(member, dict)]
    secret = [_kid(key) for key in keys if any(name in key for name in _PRIVATE)]
    if secret:
        yield finding("keys-private", kids=secret)
    passed_over: list[str] = []
    usable: list[Document] = []
    for key in keys:
        try:
            public_key(key)
        except KeyUnusableError as error:
            passed_over.append(_UNUSED.get(str(error), str(error)))
        else:
            usable.append(key)
    if not usable:
        yield finding("keys-none")
    if passed_over:
        yield finding("keys-unused", count=len(passed_over), reasons=sorted(set(passed_over)))
    kids = [key.get("kid") for key in usable]
    if len(usable) > 1 and not all(isinstance(kid, str) for kid in kids):
        yield finding("keys-without-id")
    if len({kid for kid in kids if isinstance(kid, str)}) < sum(isinstance(kid, str) for kid in kids):
        yield finding("keys-same-id")
    suited = [key for key in usable if any(_suits(key, algorithm) for algorithm in use.algorithms)]
    lonely = [one for one in use.algorithms if not any(_suits(key, one) for key in usable)]
    if usable and lonely:
        yield finding("algorithm-without-key" if suited else "keys-unsuited", algorithms=lonely)
    if suited:
        yield finding("keys-right", kids=[_kid(key) for key in suited])


def _kid(key: Document) -> str:
    kid = key.get("kid")
    return kid if isinstance(kid, str) else "(without kid)"


def _suits(key: Document, algorithm: str) -> bool:
    try:
        public_key(key, algorithm)
    except KeyUnusableError:
        return False
    return True


def check_caching(max_age: float | None) -> Finding:
    """How long the key set may be kept, by its own word and by the registry's bounds."""
    if max_age is None:
        return finding("cache-silent")
    code = "cache-short" if max_age < SHORTEST_KEEP else "cache-long" if max_age > LONGEST_KEEP else "cache-right"
    return finding(code, seconds=int(max_age))


def check_clock(sent_at: float | None, now: float) -> Finding:
    """Whether the provider's clock, by the Date of its answer, and ours agree as tokens need it."""
    if sent_at is None:
        return finding("clock-unknown")
    apart = abs(now - sent_at)
    code = "clock-wrong" if apart > LEEWAY else "clock-doubtful" if apart > LEEWAY / 3 else "clock-right"
    return finding(code, seconds=max(1, round(apart)))


def check_sign_in(use: Issuer, sign_in: SignIn, document: Document) -> Iterator[Finding]:
    """Whether people can sign in by the code flow as the registry does it."""
    found = [*_flow(use, document), *_client(use, sign_in, document)]
    if all(one.level != "wrong" for one in found):
        yield finding("sign-in-right")
    yield from found


def _flow(use: Issuer, document: Document) -> Iterator[Finding]:
    names = ("authorization_endpoint", "token_endpoint")
    missing = [name for name in names if not _is_address(document.get(name), use.issuer)]
    if missing:
        yield finding("sign-in-endpoint-missing", names=missing)
    if "code" not in _texts(document, "response_types_supported"):
        yield finding("sign-in-no-code")
    if "code_challenge_methods_supported" not in document:
        yield finding("sign-in-pkce-silent")
    elif "S256" not in _texts(document, "code_challenge_methods_supported"):
        yield finding("sign-in-no-pkce")
    if document.get("authorization_response_iss_parameter_supported") is not True:
        yield finding("sign-in-iss-silent")
    if not _is_address(document.get("end_session_endpoint"), use.issuer):
        yield finding("sign-in-no-logout")
    if document.get("backchannel_logout_supported") is not True:
        yield finding("sign-in-no-back-channel")


def _client(use: Issuer, sign_in: SignIn, document: Document) -> Iterator[Finding]:
    # OpenID Connect Discovery 1.0 section 3: what holds where nothing is said.
    methods = _texts(document, "token_endpoint_auth_methods_supported") or ("client_secret_basic",)
    if sign_in.authentication not in methods:
        yield finding("sign-in-method-wrong", method=sign_in.authentication, methods=methods)
    elif sign_in.authentication != "private_key_jwt" and "private_key_jwt" in methods:
        yield finding("sign-in-method-weak")
    algorithms = _texts(document, "id_token_signing_alg_values_supported")
    if algorithms and not set(algorithms) & set(use.algorithms):
        yield finding("sign-in-algorithm-wrong", found=algorithms, algorithms=use.algorithms)
    kinds = _texts(document, "acr_values_supported")
    unknown = [kind for kind in sign_in.acr_values if kind not in kinds]
    if unknown:
        yield finding("sign-in-acr-unknown", kinds=unknown)
    scopes = _texts(document, "scopes_supported")
    if "openid" not in sign_in.scopes or (scopes and "openid" not in scopes):
        yield finding("sign-in-no-openid")


def _texts(document: Document, name: str) -> tuple[str, ...]:
    value = document.get(name)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
