"""What recorded checks rest on by hash, and how their payloads name it.

The law as data and the words of an agreement are kept for as long as anything rests on them: as long as the payload of
a check that names their hash is kept itself. Then the check can be answered again, and whoever reads it can fetch what
it names.
"""

from __future__ import annotations

from isa_registry.domain.agreement_entries import AgreementPublished
from isa_registry.domain.entries import CatalogueChanged, RegisterPayload


def named_in_checks(payload: RegisterPayload) -> bytes | None:
    """How the canonical JSON of a check names what this entry holds; None where no check names it by hash."""
    match payload:
        case CatalogueChanged(sha256=sha256):
            return f'"catalogue":"sha256:{sha256}"'.encode()
        case AgreementPublished(text_sha256=sha256):
            return f'"sha256":"{sha256}"'.encode()
        case _:
            return None
