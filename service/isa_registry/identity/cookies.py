"""The registry's cookies: their names, how they are set, and how they are read back.

Behind TLS each carries the prefix `__Host-`, so that no neighbouring host and no plain-http page can set it
(RFC 6265bis section 4.1.3). The demonstration, which is plain http on this machine, does without.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

SESSION = "isa-session"
FALLBACK = "isa-fallback"
SIGN_IN = "isa-sign-in"
ORGANISATION = "isa-organisation"

_VALUE = re.compile(r"[A-Za-z0-9_.~-]{0,4000}")


class Cookies(Struct, frozen=True):
    """`secure`: the service is reached over https."""

    secure: bool

    def name(self, cookie: str) -> str:
        return f"__Host-{cookie}" if self.secure else cookie

    def setting(self, cookie: str, value: str, *, seconds: int | None = None) -> str:
        """A Set-Cookie header. Without `seconds` the cookie ends with the browser's session.

        `SameSite=Lax`: a person comes back from their provider, and by links, with their cookies; a form that another
        site sends has none.
        """
        if not _VALUE.fullmatch(value):
            raise ValueError("a cookie of ours holds base64url and a few marks")
        age = "" if seconds is None else f"; Max-Age={seconds}"
        secure = "; Secure" if self.secure else ""
        return f"{self.name(cookie)}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}"

    def clearing(self, cookie: str) -> str:
        """A Set-Cookie header that removes it."""
        return self.setting(cookie, "", seconds=0)

    def read(self, header: str, cookie: str) -> str | None:
        """The cookie's value in a Cookie header. None where it is absent, is not of our form, or comes twice: then
        somebody else set one of them."""
        name = self.name(cookie)
        found = [value for key, _, value in (pair.strip().partition("=") for pair in header.split(";")) if key == name]
        if len(found) != 1 or not found[0] or not _VALUE.fullmatch(found[0]):
            return None
        return found[0]


def give_cookies(scope: dict[str, Any], *headers: str) -> None:
    """Has the answer to a request carry these Set-Cookie headers; `scope` is the request's own (ASGI)."""
    scope.setdefault("isa_cookies", []).extend(header.encode("ascii") for header in headers)
