"""One request for each kind of answer that the service gives, and what it says of caches."""

from __future__ import annotations

from msgspec import Struct

NO_STORE = "no-store"


class Kind(Struct, frozen=True):
    """`shared`: made for everybody, so that other sites may load it."""

    name: str
    method: str
    path: str
    status: int
    cache: str
    shared: bool = False
    headers: dict[str, str] = {}


_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

KINDS = (
    Kind("the start page", "GET", "/", 200, NO_STORE),
    Kind("a page that may be kept", "GET", "/agreements/tier-1/1.0", 200, "public, max-age=300"),
    Kind("immediate danger", "GET", "/immediate-danger", 200, "public, max-age=60"),
    Kind("a page that is not there", "GET", "/agreements/nothing/1.0", 404, NO_STORE),
    Kind("an address that is not there, to a browser", "GET", "/nowhere", 404, NO_STORE, headers=_BROWSER),
    Kind("an address that is not there, to a system", "GET", "/nowhere", 404, NO_STORE),
    Kind("another method of a page", "DELETE", "/agreements", 405, NO_STORE, headers=_BROWSER),
    Kind("a redirection", "GET", "/agreements/tier-1", 303, NO_STORE),
    Kind("a style sheet", "GET", "/static/site.css", 200, "public, max-age=3600", shared=True),
    Kind("a file that is not there", "GET", "/static/nothing.css", 404, NO_STORE),
    Kind("data", "GET", "/api/v1/agreements", 200, NO_STORE),
    Kind("data without a token", "GET", "/api/v1/organisations", 401, NO_STORE),
    Kind("a question of the wrong type", "POST", "/api/v1/checks", 415, NO_STORE),
    Kind("the keys of the log", "GET", "/log/keys", 200, "public, max-age=60", shared=True),
    Kind("an address of the log that is not there", "GET", "/log/x", 404, NO_STORE),
    Kind("which methods there are", "OPTIONS", "/api/v1/checks", 204, NO_STORE),
    Kind("another host's", "GET", "/", 421, NO_STORE, headers={"Host": "evil.example"}),
    Kind("security.txt", "GET", "/.well-known/security.txt", 200, "public, max-age=3600", shared=True),
    Kind("health", "GET", "/livez", 200, NO_STORE),
    Kind(
        "the demonstration's sign-in",
        "GET",
        "/demo/idp/durham-constabulary/authorize?response_type=code&client_id=isa-registry&scope=openid"
        "&redirect_uri={url}/auth/durham-constabulary/callback&state=s&nonce=n&code_challenge_method=S256"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        200,
        NO_STORE,
    ),
)
