"""What rests on what: the matrix rows, guidance and clauses of agreements that name a code of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from isa_registry.domain.catalogue import Catalogue, MatrixRow, Provision, Use
from isa_registry.domain.catalogue_labels import LISTS
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER

# Named by the engine itself: consent where it is the basis, and what a duty or danger puts first.
ENGINE_NAMES = frozenset({"art6-1-a", "art6-1-c", "art6-1-d", "art9-2-a", "dpa-2018-sch1-para29"})


class CitingClause(NamedTuple):
    """A clause of an agreement version, the provisions it rests on and the subjects it is the clause on."""

    agreement: str
    version: str
    clause: str
    heading: str
    cites: tuple[str, ...]
    topics: tuple[str, ...] = ()


class RowUse(NamedTuple):
    """A list of a matrix row that names a provision."""

    organisation: str
    purpose: str
    member: str


def rows_naming(catalogue: Catalogue, code: str) -> tuple[RowUse, ...]:
    """Every list of every matrix row that names a provision."""
    return tuple(
        RowUse(row.organisation, row.purpose, member)
        for row in catalogue.matrix.values()
        for member in LISTS
        if code in codes_of(row, member)
    )


def codes_of(row: MatrixRow, member: str) -> tuple[str, ...]:
    """The codes in one list of a row."""
    listed: tuple[Use | str, ...] = getattr(row, member)
    return tuple(one if isinstance(one, str) else one.code for one in listed)


def requests_that_bind(catalogue: Catalogue, kind: str, purpose: str) -> tuple[Provision, ...]:
    """The provisions under which a kind of body must answer a request for a purpose."""
    return tuple(
        provision
        for provision in catalogue.provisions.values()
        if provision.kind == "request-duty"
        and provision.recipients
        and (provision.providers is None or kind in provision.providers)
        and (provision.purposes is None or purpose in provision.purposes)
    )


def relied_on(catalogue: Catalogue) -> frozenset[str]:
    """The provisions that an answer can rest on: in a matrix row, binding on request, or named by the engine."""
    named = {code for row in catalogue.matrix.values() for member in LISTS for code in codes_of(row, member)}
    asked = {
        provision.code
        for provision in catalogue.provisions.values()
        if provision.kind == "request-duty" and () not in (provision.recipients, provision.purposes)
    }
    return frozenset(named | asked | ENGINE_NAMES) & catalogue.provisions.keys()


def row_purposes(catalogue: Catalogue) -> tuple[str, ...]:
    """The columns of the matrix, in the order of the purposes, with immediate danger last."""
    return (*(one.code for one in catalogue.purposes.values() if one.matrix == one.code), IMMEDIATE_DANGER)


def by_kind(rows: Iterable[tuple[str, str]], columns: tuple[str, ...]) -> Iterator[str]:
    """Rows as few lines: `police: early-help, mappa`; one line for kinds that have the same columns."""
    found: dict[str, list[str]] = {}
    for organisation, purpose in rows:
        named = found.setdefault(organisation, [])
        if purpose not in named:
            named.append(purpose)
    alike: dict[tuple[str, ...], list[str]] = {}
    for organisation, purposes in found.items():
        alike.setdefault(tuple(_in_order(purposes, columns)), []).append(organisation)
    for purposes_alike, organisations in alike.items():
        said = "every column" if set(purposes_alike) >= set(columns) else ", ".join(purposes_alike)
        yield f"{', '.join(organisations)}: {said}"


def _in_order(purposes: list[str], columns: tuple[str, ...]) -> list[str]:
    return [*(one for one in columns if one in purposes), *(one for one in purposes if one not in columns)]


class Followers(NamedTuple):
    """The other kinds and purposes that a matrix row answers for."""

    kinds: tuple[str, ...]
    purposes: tuple[str, ...]


def followers(catalogue: Catalogue, organisation: str, purpose: str) -> Followers:
    """The kinds that follow a kind's rows, always or where a council runs them; the purposes that follow a column."""
    return Followers(
        tuple(
            kind.code
            for kind in catalogue.kinds.values()
            if kind.code != organisation and organisation in (kind.row, kind.row_if_council_run)
        ),
        tuple(one.code for one in catalogue.purposes.values() if one.code != purpose and one.matrix == purpose),
    )
