"""The links to this registry in a text that somebody pastes: a list of addresses, a page's HTML, or a document."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from isa_registry.domain.clause_addresses import is_ours, named_by

_ADDRESS = re.compile(r"https?://[^\s\"'<>()\[\]{}|\\^`]+", re.IGNORECASE)
_CITATION = re.compile(r"(?<![\w/.-])[a-z0-9]+(?:-[a-z0-9]+)*/[0-9]+(?:\.[0-9]+)*#[A-Z0-9]+(?:\.[0-9]+)*")
_AFTER = ".,;:!?"
"""What ends a sentence after an address, and is not of it."""


class Found(NamedTuple):
    """The links to this registry, each once, in order; and how many other addresses there were."""

    links: tuple[str, ...]
    others: int


def links_in(text: str, public_url: str) -> Found:
    """Absolute addresses, citations as answers write them, and lines that are nothing but a path of ours. A path in a
    page's HTML is of that page's own site, so it is not among them."""
    plain = unescape(text)
    found = [(one.start(), one[0].rstrip(_AFTER)) for one in _ADDRESS.finditer(plain)]
    places = {place: address for place, address in found if is_ours(address, public_url)}
    others = {address for _, address in found if not is_ours(address, public_url)}
    places |= {one.start(): one[0] for one in _CITATION.finditer(plain)}
    start = 0
    for line in plain.split("\n"):
        if line.startswith("/") and named_by(line, public_url) is not None:
            places[start] = line.strip()
        start += len(line) + 1
    return Found(tuple(dict.fromkeys(places[place] for place in sorted(places))), len(others))
