"""An address as a QR code, drawn into a page: paper leads back to the words, and to what became of them."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=256)
def qr_code(address: str) -> Markup:
    """The code of an address as SVG (ISO/IEC 18004, error correction M), black on white with its quiet zone. It says
    nothing to a screen reader: the address stands beside it in words."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=3, border=4, dark="#000", light="#fff")
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704 - made of numbers
