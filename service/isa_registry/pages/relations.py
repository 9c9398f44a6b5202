"""What a document or a page of it is linked with (RFC 8288): in its head, and as a header."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Relation(NamedTuple):
    """A link of a whole document. `type`, `hreflang` and `title` are empty where nothing is said of them."""

    rel: str
    href: str
    type: str = ""
    hreflang: str = ""
    title: str = ""


def relating(relations: Iterable[Relation]) -> dict[str, str]:
    """The relations as a header; none where there are none."""
    found = [
        f'<{one.href}>; rel="{one.rel}"'
        + "".join(
            f'; {name}="{value}"'
            for name, value in (("type", one.type), ("hreflang", one.hreflang), ("title", one.title))
            if value
        )
        for one in relations
    ]
    return {"Link": ", ".join(found)} if found else {}
