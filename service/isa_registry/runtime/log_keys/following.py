"""Asking a witness whether it knows the log's next keys, before the old ones end: it cosigns nothing else then."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from isa_registry.outbound.witnesses import RecordedSize, WitnessClient, WitnessError
from isa_verify.note import VerifiedSignature, VerifierKey

SECONDS = 30.0
"""How long a witness that does not know them is left alone about them."""


class Acceptance(Struct, frozen=True):
    """Whether the witness accepts the next keys, None where it did not say; and the cosignatures that it gave."""

    accepts: bool | None
    signatures: tuple[VerifiedSignature, ...] = ()


async def ask_following(
    client: WitnessClient, url: str, keys: Sequence[VerifierKey], note: bytes, following: bytes, size: int
) -> Acceptance:
    """Has a witness that has just cosigned `note` cosign the same checkpoint with the next keys' lines alone.

    What a witness shows as the log's newest checkpoint has the lines that it was given last: one that does is then
    given all of them again.
    """
    accepts: bool | None = None
    given: tuple[VerifiedSignature, ...] = ()
    try:
        for one in (following, note):
            answer = await client.add_checkpoint(url, keys, one, size=size, old=size, proof=())
            if isinstance(answer, RecordedSize):
                break
            accepts, given = True, answer
    except WitnessError as error:
        if error.code == "log-key-unknown":
            accepts = False
    return Acceptance(accepts, given)
