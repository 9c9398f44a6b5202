"""Reading the catalogue: strict, whole, and with every fault named by file and JSON pointer.

Beyond shape and references the loader holds the rules that no edit of the data may break: who may never be
offered recognised or ordinary legitimate interests, public task, the serious violence gateway, or s.115 as
a recipient.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar, get_args

import msgspec
from msgspec import Struct

from isa_registry.domain.catalogue import (
    Catalogue,
    Category,
    Codes,
    Limit,
    MatrixRow,
    OrganisationKind,
    Provision,
    ProvisionKind,
    Purpose,
    Use,
)
from isa_registry.domain.shapes import place_and_fault
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

FILES = ("provisions.json", "kinds.json", "purposes.json", "categories.json", "matrix.json", "codes.json")
IMMEDIATE_DANGER = "immediate-danger"
VOLUNTARY_ROW = "voluntary"

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PATH = r"(?P<path>(?:ukpga|uksi|eur)(?:/[A-Za-z0-9.-]+)+)"
_IDENTIFIER = re.compile(rf"http://www\.legislation\.gov\.uk/id/{_PATH}")
# The Act that inserts a section has its text as enacted, so only a dated text must have the path of its identifier.
_TEXT_AT = re.compile(
    rf"https://www\.legislation\.gov\.uk/{_PATH}/(?:enacted|(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}))"
)
_DPV_TERM = re.compile(r"[a-z]+(?:-[a-z]+)*:[A-Za-z0-9][A-Za-z0-9-]*")
_LISTED_KINDS: dict[str, frozenset[ProvisionKind]] = {
    "article_6": frozenset({"article-6", "annex-1"}),
    "article_9": frozenset({"article-9", "schedule-1"}),
    "article_10": frozenset({"article-10", "schedule-1"}),
    "part_3": frozenset({"part-3"}),
    "gateways": frozenset({"duty", "request-duty", "power", "framework"}),
}


class Fault(NamedTuple):
    """One thing wrong: the file, the JSON pointer (RFC 6901) within it, and what."""

    file: str
    pointer: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.what}"


class CatalogueError(ValueError):
    """The files are not a catalogue. `faults` names everything found wrong."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class _CodesFile(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    codes: Codes


def load_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue in `files`: name (as in `FILES`) to JSON bytes.

    `sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of an object of the six parsed
    files by name, so layout does not count. Raises `CatalogueError` with every fault found: the text first,
    then the shape, then the references and rules, each stage only once the one before is clean.
    """
    parsed = _parse(files)
    provisions, kinds, purposes, categories, matrix, codes = _shape(parsed)
    faults = [
        *_codes_once("provisions.json", [(str(i), p.code) for i, p in enumerate(provisions)]),
        *_codes_once("kinds.json", [(str(i), k.code) for i, k in enumerate(kinds)]),
        *_codes_once("purposes.json", [(str(i), p.code) for i, p in enumerate(purposes)]),
        *_codes_once("categories.json", [(str(i), c.code) for i, c in enumerate(categories)]),
        *_code_forms(codes.codes),
    ]
    catalogue = Catalogue(
        version=codes.version,
        sha256=hashlib.sha256(msgspec.json.encode(parsed, order="sorted")).hexdigest(),
        provisions={p.code: p for p in provisions},
        kinds={k.code: k for k in kinds},
        purposes={p.code: p for p in purposes},
        categories={c.code: c for c in categories},
        matrix={f"{r.organisation} {r.purpose}": r for r in matrix},
        codes=codes.codes,
    )
    faults += _provision_faults(provisions, catalogue)
    faults += _kind_faults(kinds, catalogue)
    faults += _purpose_faults(purposes, catalogue)
    faults += _matrix_faults(matrix, catalogue)
    if faults:
        raise CatalogueError(faults)
    return catalogue


# --- text and shape ---------------------------------------------------------------------------------------


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


def _shape(
    parsed: dict[str, JsonValue],
) -> tuple[list[Provision], list[OrganisationKind], list[Purpose], list[Category], list[MatrixRow], _CodesFile]:
    faults: list[Fault] = []
    shaped = (
        _items(parsed, "provisions.json", Provision, faults),
        _items(parsed, "kinds.json", OrganisationKind, faults),
        _items(parsed, "purposes.json", Purpose, faults),
        _items(parsed, "categories.json", Category, faults),
        _items(parsed, "matrix.json", MatrixRow, faults),
        _item(parsed["codes.json"], "codes.json", "", _CodesFile, faults),
    )
    if faults or shaped[5] is None:
        raise CatalogueError(faults)
    return (*shaped[:5], shaped[5])


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


def _codes_once(name: str, codes: list[tuple[str, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, code in codes:
        if _CODE.fullmatch(code) is None:
            yield Fault(name, f"/{at}/code", f"{code!r} is not a kebab-case code")
        if code in seen:
            yield Fault(name, f"/{at}/code", f"{code} is here twice")
        seen.add(code)


def _code_forms(codes: Codes) -> Iterator[Fault]:
    for vocabulary, words in msgspec.structs.asdict(codes).items():
        for code in words:
            if _CODE.fullmatch(code) is None:
                yield Fault("codes.json", f"/codes/{vocabulary}", f"{code!r} is not a kebab-case code")
    for limit in sorted(codes.limits.keys() ^ frozenset(get_args(Limit))):
        what = f"there is no limit {limit}" if limit in codes.limits else f"nothing says what {limit} means"
        yield Fault("codes.json", "/codes/limits", what)


# --- references and rules ---------------------------------------------------------------------------------


def _provision_faults(provisions: list[Provision], catalogue: Catalogue) -> Iterator[Fault]:
    for i, provision in enumerate(provisions):
        for member, known in (
            ("providers", catalogue.kinds.keys()),
            ("recipients", catalogue.kinds.keys()),
            ("purposes", catalogue.purposes.keys()),
        ):
            for j, code in enumerate(getattr(provision, member) or ()):
                if code not in known:
                    yield Fault("provisions.json", f"/{i}/{member}/{j}", f"there is no {code}")
        if provision.verified != (provision.confidence == "verified"):
            yield Fault("provisions.json", f"/{i}/verified", "verified and confidence disagree")
        yield from _period_faults(i, provision)
        yield from _address_faults(i, provision)
        if provision.code == "cda-1998-s115":
            yield from _s115_faults(i, provision, catalogue)


def _period_faults(i: int, provision: Provision) -> Iterator[Fault]:
    previous = None
    for j, period in enumerate(provision.in_force):
        if period.until is not None and period.until < period.from_:
            yield Fault("provisions.json", f"/{i}/in_force/{j}", "the period ends before it begins")
        if previous is not None and (previous.until is None or period.from_ <= previous.until):
            yield Fault("provisions.json", f"/{i}/in_force/{j}", "overlaps the period before it")
        previous = period


def _address_faults(i: int, provision: Provision) -> Iterator[Fault]:
    for member in ("practice", "source"):
        if not getattr(provision, member).strip():
            yield Fault("provisions.json", f"/{i}/{member}", "this is empty")
    identifier = _IDENTIFIER.fullmatch(provision.uri) if provision.uri is not None else None
    text = _TEXT_AT.fullmatch(provision.text_at) if provision.text_at is not None else None
    if provision.uri is not None and identifier is None:
        yield Fault("provisions.json", f"/{i}/uri", "this is no identifier of legislation.gov.uk")
    if (provision.uri is None) != (provision.text_at is None):
        yield Fault("provisions.json", f"/{i}", "uri and text_at go together")
    elif provision.text_at is not None and text is None:
        yield Fault("provisions.json", f"/{i}/text_at", "this is no address of a text at a point in time")
    elif text is not None and identifier is not None and text["date"] and text["path"] != identifier["path"]:
        yield Fault("provisions.json", f"/{i}/text_at", "this is the text of another provision than uri")
    if provision.dpv is not None and _DPV_TERM.fullmatch(provision.dpv) is None:
        yield Fault("provisions.json", f"/{i}/dpv", "this is no term of the form prefix:Term")


def _s115_faults(i: int, provision: Provision, catalogue: Catalogue) -> Iterator[Fault]:
    if provision.recipients is None:
        yield Fault("provisions.json", f"/{i}", "s.115 reaches relevant authorities only: name them")
    for j, code in enumerate(provision.recipients or ()):
        kind = catalogue.kinds.get(code)
        if kind is not None and kind.row == VOLUNTARY_ROW:
            yield Fault("provisions.json", f"/{i}/recipients/{j}", f"{code} is voluntary: never a recipient")


def _kind_faults(kinds: list[OrganisationKind], catalogue: Catalogue) -> Iterator[Fault]:
    for i, kind in enumerate(kinds):
        for member, row in (("row", kind.row), ("row_if_council_run", kind.row_if_council_run)):
            followed = catalogue.kinds.get(row) if row is not None else None
            if row is None:
                continue
            if followed is None:
                yield Fault("kinds.json", f"/{i}/{member}", f"there is no {row}")
            elif followed.row != followed.code:
                yield Fault("kinds.json", f"/{i}/{member}", f"{row} has no row of its own")
            elif followed.public != (kind.public or member == "row_if_council_run"):
                yield Fault("kinds.json", f"/{i}/{member}", f"{row} and {kind.code} differ in being public")


def _purpose_faults(purposes: list[Purpose], catalogue: Catalogue) -> Iterator[Fault]:
    for i, purpose in enumerate(purposes):
        followed = catalogue.purposes.get(purpose.matrix)
        if followed is None:
            yield Fault("purposes.json", f"/{i}/matrix", f"there is no {purpose.matrix}")
        elif followed.matrix != followed.code:
            yield Fault("purposes.json", f"/{i}/matrix", f"{purpose.matrix} has no column of its own")


def _matrix_faults(matrix: list[MatrixRow], catalogue: Catalogue) -> Iterator[Fault]:
    kinds = [k.code for k in catalogue.kinds.values() if k.row == k.code]
    columns = [*(p.code for p in catalogue.purposes.values() if p.matrix == p.code), IMMEDIATE_DANGER]
    seen: set[tuple[str, str]] = set()
    for i, row in enumerate(matrix):
        if row.organisation not in kinds:
            yield Fault("matrix.json", f"/{i}/organisation", f"there is no row kind {row.organisation}")
        if row.purpose not in columns:
            yield Fault("matrix.json", f"/{i}/purpose", f"there is no column {row.purpose}")
        if (row.organisation, row.purpose) in seen:
            yield Fault("matrix.json", f"/{i}", f"{row.organisation} and {row.purpose} are here twice")
        seen.add((row.organisation, row.purpose))
        yield from _row_faults(i, row, catalogue)
    for kind in kinds:
        for column in columns:
            if (kind, column) not in seen:
                yield Fault("matrix.json", "", f"there is no row for {kind} and {column}")


def _row_faults(i: int, row: MatrixRow, catalogue: Catalogue) -> Iterator[Fault]:
    kind = catalogue.kinds.get(row.organisation)
    for member, allowed in _LISTED_KINDS.items():
        uses: tuple[Use, ...] = getattr(row, member)
        for j, use in enumerate(uses):
            at = f"/{i}/{member}/{j}/code"
            provision = catalogue.provisions.get(use.code)
            if provision is None:
                yield Fault("matrix.json", at, f"there is no {use.code}")
                continue
            if provision.kind not in allowed:
                yield Fault("matrix.json", at, f"{use.code} is of kind {provision.kind}: not for {member}")
            if kind is not None and kind.row == kind.code:
                yield from _use_faults(at, member, provision, kind)
    for j, code in enumerate(row.duties):
        duty = catalogue.provisions.get(code)
        if duty is None:
            yield Fault("matrix.json", f"/{i}/duties/{j}", f"there is no {code}")
        elif duty.kind not in ("duty", "request-duty"):
            yield Fault("matrix.json", f"/{i}/duties/{j}", f"{code} is no duty")
    for j, code in enumerate(row.cautions):
        if code not in catalogue.codes.cautions:
            yield Fault("matrix.json", f"/{i}/cautions/{j}", f"there is no caution {code}")


def _use_faults(at: str, member: str, provision: Provision, kind: OrganisationKind) -> Iterator[Fault]:
    code = provision.code
    if kind.public and code in ("art6-1-ea", "art6-1-f"):
        yield Fault("matrix.json", at, f"{code} is never for a public body")
    if not kind.public and code == "art6-1-e":
        yield Fault("matrix.json", at, f"{code} is only for a public body")
    if kind.health and code == "pcsca-2022-s16":
        yield Fault("matrix.json", at, f"{code} is never for a health body")
    elif member == "gateways" and provision.providers is not None and kind.code not in provision.providers:
        yield Fault("matrix.json", at, f"{code} does not name {kind.code} among its providers")
