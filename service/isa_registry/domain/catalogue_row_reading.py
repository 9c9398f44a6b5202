"""A matrix row as a lawyer reads it: what a kind of body relies on for a purpose, in order of preference."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Catalogue, MatrixRow, OrganisationKind, Use
from isa_registry.domain.catalogue_sheets import Part, Reader, Sheet, named, request_lines, sheet
from isa_registry.domain.catalogue_uses import codes_of, followers, requests_that_bind
from isa_registry.domain.decisions.duties import S16LA
from isa_registry.domain.verifying import sha256_of


def row_sheet(reader: Reader, kind: OrganisationKind, purpose: str) -> Sheet | None:
    """What a kind of body relies on for a purpose (or `immediate-danger`), in order of preference.

    None where the kind shares nothing, or there is no such row.
    """
    catalogue = reader.catalogue
    about = catalogue.purposes.get(purpose)
    column = purpose if about is None else about.matrix
    row = catalogue.row(kind.row, column) if kind.row is not None else None
    if row is None:
        return None
    requests = requests_that_bind(catalogue, kind.code, purpose)
    label = "Immediate danger" if about is None else about.label
    parts = (
        Part("Follows", tuple(_follows(kind, purpose, row))),
        Part("How usual", (labels.USE[row.typical],)),
        Part("Reliable", () if row.reliable else (_ANONYMOUS_ONLY,)),
        *(Part(heading, tuple(_uses(reader, getattr(row, member), nested=member in _NESTED)))
          for member, heading in labels.LISTS.items() if member != "duties"),
        Part("Duties", tuple(_duty_lines(reader, kind, row))),
        Part("When asked", tuple(request_lines(reader, requests))),
        Part("Policy document", ("needed" if row.policy_document else "not needed for this row",)),
        Part("Consent", (about.consent_says,) if about is not None else ("Consent must not be sought.",)),
        Part("The family is told", (labels.INFORM["after" if about is None else about.inform],)),
        Part("Cautions", tuple(catalogue.guidance[code].text for code in row.cautions)),
        Part("Note", (row.note,) if row.note is not None else ()),
        Part("Answers also for", tuple(_followed_by(catalogue, row))),
        Part("To mark it", (f"sha256 {sha256_of(row)}",)),
    )  # fmt: skip
    relied = [code for member in labels.LISTS for code in codes_of(row, member)]
    data: dict[str, object] = {
        "organisation": kind.code,
        "purpose": purpose,
        "row": msgspec.to_builtins(row),
        "sha256": sha256_of(row),
        "requests": [one.code for one in requests],
        "not_to_be_relied_on": sorted({code for code in relied if reader.stands(catalogue.provisions[code])}),
    }
    return sheet("row", f"{kind.code} {purpose}", f"{kind.label}: {label}", parts, data)


_ANONYMOUS_ONLY = "No basis here can be relied on: only anonymous information will do."
_OBLIGES = "Where it is engaged, the basis is a legal obligation."


def _follows(kind: OrganisationKind, purpose: str, row: MatrixRow) -> Iterator[str]:
    if row.organisation != kind.code:
        yield f"{kind.code} has no rows of its own: it follows {row.organisation}."
    if kind.row_if_council_run is not None:
        yield f"Where a council runs it, it follows {kind.row_if_council_run}."
    if row.purpose != purpose:
        yield f"{purpose} has no column of its own: it follows {row.purpose}."


def _followed_by(catalogue: Catalogue, row: MatrixRow) -> Iterator[str]:
    kinds, purposes = followers(catalogue, row.organisation, row.purpose)
    if kinds:
        yield f"Kinds that follow {row.organisation}, always or where a council runs them: {', '.join(kinds)}."
    if purposes:
        yield f"Purposes that follow {row.purpose}: {', '.join(purposes)}."


# In these lists a condition follows the point that it belongs to.
_NESTED = frozenset({"article_6", "article_9"})


def _uses(reader: Reader, uses: tuple[Use, ...], *, nested: bool) -> Iterator[str]:
    number = 0
    for use in uses:
        provision = reader.catalogue.provisions[use.code]
        condition = "" if use.when is None else f", {labels.PREDICATES[use.when]}"
        if nested and number and provision.kind in ("annex-1", "schedule-1"):
            yield f" with {named(reader, use.code)}{condition}"
        else:
            number += 1
            yield f"{number}. {named(reader, use.code)}{condition}"


def _duty_lines(reader: Reader, kind: OrganisationKind, row: MatrixRow) -> Iterator[str]:
    for code in row.duties:
        yield f"{named(reader, code)}. {_OBLIGES}"
        if code == S16LA:
            yield f" This kind is {labels.LISTED[kind.s16la]}."
