"""The pages that a browser is sent to: one table. A new page has a line here, and is then tested in every way."""

from __future__ import annotations

from isa_registry.pages.examples import EXAMPLES
from isa_registry.pages.gallery import ADDRESS

LARGE = ("/documentation", "/agreements/tier-2-hoth/1.0")
"""Pages of thousands of elements."""

PAGES: dict[str, str] = {
    "the start": "/",
    "the agreements": "/agreements",
    "an agreement": "/agreements/tier-2-hoth/1.0",
    "the log": "/log",
    "the interface": "/documentation",
    "immediate danger": "/immediate-danger",
    "accessibility": "/accessibility-statement",
    "a kind of problem": "/problems/not-found",
    "a page that is not there": "/agreements/nothing/1.0",
    "an address that is not there": "/nowhere",
    "signing in to the demonstration": (
        "/demo/idp/durham-constabulary/authorize?response_type=code&client_id=isa-registry&scope=openid"
        "&redirect_uri={url}/auth/durham-constabulary/callback&state=s&nonce=n&code_challenge_method=S256"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    ),
    "the gallery": ADDRESS,
    **{example.title.lower(): f"{ADDRESS}/{example.name}" for example in EXAMPLES},
}
