"""The form in which it is said what a route takes and gives."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

JSON = "application/json"
JOSE = "application/jose"
SCHEMA = "application/schema+json"
COMPACT_JWS = "CompactJws"
ATTESTATION_JWS = "CompactAttestation"
"""The shapes of an event and an attestation as compact JWS, which have no struct."""


Shape = type | str
Tag = Literal[
    "checks", "sharing events", "consents", "challenges", "agreements", "organisations", "proposals", "reports", "law",
    "notices", "audit", "the log", "health and documentation", "AuthZEN",
]  # fmt: skip


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt (docs/formats/receipt.md): verify it with `isa-verify receipt`. `leaf`, `payload` and `salt` are
    standard base64; `proof` is the text of a C2SP tlog-proof."""

    v: int
    leaf: str
    payload: str
    salt: str
    proof: str


class Parameter(Struct, frozen=True):
    """A parameter in the path or the query. The first of its `values` is meant where it is left out, unless it is
    `optional`."""

    name: str
    says: str
    example: str
    values: tuple[str, ...] = ()
    optional: bool = False


class Contract(Struct, frozen=True):
    """What one route takes and gives.

    `answers` is the body of a success by media type; `takes` that of a request. `repeats` says that an
    Idempotency-Key is taken, and that a repetition answers 200 where the first was 201. `problems` are those beyond
    what every route on the same terms may answer. `proposes` is the body of a 202: the change takes two people.
    `conditional`: 304 for whoever has the same bytes already. `also`: other forms of the same answer.
    """

    operation: str
    tag: Tag
    answers: tuple[str, Shape]
    status: int = 200
    takes: tuple[tuple[str, Shape], ...] = ()
    query: tuple[Parameter, ...] = ()
    repeats: bool = False
    proposes: Shape | None = None
    headers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    conditional: bool = False
    also: tuple[tuple[str, Shape], ...] = ()
