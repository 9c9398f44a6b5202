"""What the self-test of an issuer can find, in words that an agency's engineer can act on.

The words may show what is public about an issuer, and of a token its `iss`, `aud`, `alg`, `typ` and the names of its
claims; never another value.
"""

from __future__ import annotations

import re

from msgspec import Struct

from isa_registry.identity.issuer_wording import ISSUER_FINDINGS, Level, Wording
from isa_registry.identity.token_wording import TOKEN_FINDINGS

FINDINGS: dict[str, Wording] = {**ISSUER_FINDINGS, **TOKEN_FINDINGS}


class Finding(Struct, frozen=True):
    """One thing that was looked at. `do` is what to change; empty where all is right."""

    code: str
    level: Level
    says: str
    do: str = ""


def finding(code: str, **shown: object) -> Finding:
    """The finding of that code. What is shown is cut and cleaned, because it comes from elsewhere."""
    level, says, do = FINDINGS[code]
    clean = {name: _clean(value) for name, value in shown.items()}
    return Finding(code=code, level=level, says=says.format(**clean), do=do.format(**clean))


def _clean(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)
    return re.sub(r"[^\x20-\x7e]", "?", text)[:300] or "nothing"
