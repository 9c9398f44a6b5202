"""Reading the catalogue: strict, whole, and with every fault named by file and JSON pointer.

What refers to what is checked by `catalogue_references`, the law that no edit may break by `catalogue_constraints`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.catalogue import (
    Catalogue,
    Category,
    Codes,
    MatrixRow,
    OrganisationKind,
    Provision,
    Purpose,
)
from isa_registry.domain.catalogue_constraints import constraint_faults
from isa_registry.domain.catalogue_faults import CatalogueError, Fault
from isa_registry.domain.catalogue_references import reference_faults
from isa_registry.domain.guidance import GuidanceItem, RecordField
from isa_registry.domain.shapes import place_and_fault
from isa_registry.domain.words import Words, completed
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

__all__ = ["FILES", "CatalogueError", "Fault", "load_catalogue", "read_logged_catalogue"]

FILES = (
    "provisions.json",
    "kinds.json",
    "purposes.json",
    "categories.json",
    "matrix.json",
    "codes.json",
    "guidance.json",
    "recording.json",
    "words.json",
)


class _CodesFile(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    codes: Codes


class CatalogueFiles(NamedTuple):
    """The files in their shape, each list in the file's own order, so that a fault can name its place."""

    provisions: list[Provision]
    kinds: list[OrganisationKind]
    purposes: list[Purpose]
    categories: list[Category]
    matrix: list[MatrixRow]
    guidance: list[GuidanceItem]
    recording: list[RecordField]


def load_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue in `files`: name (as in `FILES`) to JSON bytes.

    `sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of an object of the parsed files by name,
    so layout does not count. Raises `CatalogueError` with every fault found: the text first, then the shape, then the
    references, then the law, each stage only once the one before is clean.
    """
    listed, catalogue = _read(files)
    for stage in (reference_faults(listed._asdict(), catalogue), constraint_faults(catalogue)):
        faults = list(stage)
        if faults:
            raise CatalogueError(faults)
    return catalogue


def read_logged_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue of an entry of the log, which was judged whole before it was appended, by the rules of then.

    It is not judged anew: what a later version of this software would refuse still says how it was decided then. What
    the rules have come to speak since, and its words lack, is said plainly (`words.completed`). Raises `CatalogueError`
    where the files are not of the shape of a catalogue.
    """
    _, catalogue = _read(files)
    return replace(catalogue, words=completed(catalogue.words))


def _read(files: Mapping[str, bytes]) -> tuple[CatalogueFiles, Catalogue]:
    parsed = _parse(files)
    listed, codes, words = _shape(parsed)
    return listed, Catalogue(
        version=codes.version,
        sha256=hashlib.sha256(msgspec.json.encode(parsed, order="sorted")).hexdigest(),
        provisions={p.code: p for p in listed.provisions},
        kinds={k.code: k for k in listed.kinds},
        purposes={p.code: p for p in listed.purposes},
        categories={c.code: c for c in listed.categories},
        matrix={f"{r.organisation} {r.purpose}": r for r in listed.matrix},
        codes=codes.codes,
        guidance={g.code: g for g in listed.guidance},
        recording=tuple(listed.recording),
        words=words,
    )


def _parse(files: Mapping[str, bytes]) -> dict[str, JsonValue]:
    faults = [Fault(name, "", "this file is missing") for name in FILES if name not in files]
    faults += [Fault(name, "", "a catalogue has no such file") for name in sorted(files) if name not in FILES]
    parsed: dict[str, JsonValue] = {}
    for name in FILES:
        try:
            parsed[name] = parse_json_strict(files[name]) if name in files else None
        except MalformedError as error:
            faults.append(Fault(name, "", str(error)))
    if faults:
        raise CatalogueError(faults)
    return parsed


def _shape(parsed: dict[str, JsonValue]) -> tuple[CatalogueFiles, _CodesFile, Words]:
    faults: list[Fault] = []
    listed = CatalogueFiles(
        _items(parsed, "provisions.json", Provision, faults),
        _items(parsed, "kinds.json", OrganisationKind, faults),
        _items(parsed, "purposes.json", Purpose, faults),
        _items(parsed, "categories.json", Category, faults),
        _items(parsed, "matrix.json", MatrixRow, faults),
        _items(parsed, "guidance.json", GuidanceItem, faults),
        _items(parsed, "recording.json", RecordField, faults),
    )
    codes = _item(parsed["codes.json"], "codes.json", "", _CodesFile, faults)
    words = _item(parsed["words.json"], "words.json", "", Words, faults)
    if faults or codes is None or words is None:
        raise CatalogueError(faults)
    return listed, codes, words


_T = TypeVar("_T", bound=Struct)


def _items(parsed: dict[str, JsonValue], name: str, of: type[_T], faults: list[Fault]) -> list[_T]:
    value = parsed[name]
    if not isinstance(value, list):
        faults.append(Fault(name, "", "expected a list"))
        return []
    items = (_item(item, name, f"/{i}", of, faults) for i, item in enumerate(value))
    return [item for item in items if item is not None]


def _item(value: JsonValue, name: str, at: str, of: type[_T], faults: list[Fault]) -> _T | None:
    try:
        return msgspec.convert(value, of)
    except msgspec.ValidationError as error:
        place, what = place_and_fault(error)
        faults.append(Fault(name, at + place, what))
        return None
