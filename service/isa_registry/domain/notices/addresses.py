"""Addresses to which notices go. A post's mailbox is best, since people come and go."""

from __future__ import annotations

import re

LONGEST = 254
"""RFC 5321 section 4.5.3.1.3, without the angle brackets."""

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>{_LABEL}(?:\.{_LABEL})+)")


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address as mailboxes have it: no quoting, no comments, no address literal."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and len(text) <= LONGEST and len(found["local"]) <= 64


def same_mailbox(address: str) -> str:
    """The same for two spellings of one address."""
    return address.casefold()
