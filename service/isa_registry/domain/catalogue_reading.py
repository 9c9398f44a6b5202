"""The catalogue as a lawyer reads it: a provision, a matrix row, a purpose, each on a sheet in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import (
    Catalogue,
    Category,
    MatrixRow,
    OrganisationKind,
    Provision,
    Purpose,
    Use,
)
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.catalogue_uses import (
    CitingClause,
    RowUse,
    by_kind,
    codes_of,
    followers,
    relied_on,
    requests_that_bind,
    row_purposes,
    rows_naming,
)
from isa_registry.domain.decisions.duties import S16LA
from isa_registry.domain.guidance import GuidanceItem

Sort = Literal["provision", "row", "purpose", "kind", "category", "guidance"]


class Part(NamedTuple):
    """A heading and what stands under it, a paragraph a line. A line that begins with a space belongs to the last."""

    heading: str
    lines: tuple[str, ...]


class Sheet(NamedTuple):
    """One thing of the catalogue in words, and as `data` for machines."""

    sort: Sort
    code: str
    title: str
    parts: tuple[Part, ...]
    data: dict[str, object]


class Reader(NamedTuple):
    """What is read: a catalogue, the clauses of agreements that cite it, and the day whose law is asked for.

    Without a day, nothing is left out, and what is not in force at all says so.
    """

    catalogue: Catalogue
    clauses: tuple[CitingClause, ...] = ()
    on: date | None = None

    def sheets(self, code: str) -> tuple[Sheet, ...]:
        """Everything that goes by a code: a provision, a purpose, a kind, a category, guidance; mostly one."""
        catalogue = self.catalogue
        found: list[Sheet] = []
        if code in catalogue.provisions:
            found.append(provision_sheet(self, catalogue.provisions[code]))
        if code in catalogue.purposes:
            found.append(purpose_sheet(self, catalogue.purposes[code]))
        if code in catalogue.kinds:
            found.append(kind_sheet(self, catalogue.kinds[code]))
        if code in catalogue.categories:
            found.append(category_sheet(catalogue.categories[code]))
        if code in catalogue.guidance:
            found.append(guidance_sheet(self, catalogue.guidance[code]))
        return tuple(found)

    def stands(self, provision: Provision) -> str | None:
        """Why a provision cannot be relied on: not in force on the day, or at all. None where it can."""
        if self.on is not None:
            return None if provision.in_force_on(self.on) else f"not in force on {labels.day(self.on)}"
        return None if provision.in_force else "not in force"


def codes(catalogue: Catalogue) -> tuple[str, ...]:
    """Every code that `Reader.sheets` knows."""
    return (*catalogue.provisions, *catalogue.purposes, *catalogue.kinds, *catalogue.categories, *catalogue.guidance)


# --- a provision ----------------------------------------------------------------------------------------------------


def provision_sheet(reader: Reader, provision: Provision) -> Sheet:
    """A provision: what it says, whom it binds, what bounds it, when it is in force, how sure, who rests on it."""
    catalogue = reader.catalogue
    uses = rows_naming(catalogue, provision.code)
    guidance = [one.code for one in catalogue.guidance.values() if provision.code in one.cites]
    clauses = [one for one in reader.clauses if provision.code in one.cites]
    data: dict[str, object] = {
        "provision": msgspec.to_builtins(provision),
        "in_force": None if reader.on is None else provision.in_force_on(reader.on),
        "relied_on": provision.code in relied_on(catalogue),
        "rows": [use._asdict() for use in uses],
        "guidance": guidance,
        "clauses": [f"{one.agreement}/{one.version}#{one.clause}" for one in clauses],
    }
    parts = (
        Part("Says", (provision.says,)),
        Part("For the practitioner", (provision.practice,)),
        Part("Sort", (labels.PROVISION_KINDS[provision.kind],)),
        *_bound(catalogue, provision),
        Part("For", (_purposes(provision.purposes),)),
        Part("Limits", tuple(catalogue.codes.limits[limit] for limit in provision.limits)),
        Part("Policy document", _policy_document(provision)),
        Part("In force", _in_force(reader, provision)),
        Part("How sure", (labels.CONFIDENCE[provision.confidence], provision.source)),
        Part("Note", (provision.note,) if provision.note is not None else ()),
        Part("Address", tuple(one for one in (provision.uri, provision.text_at) if one is not None)),
        Part("Vocabulary", (provision.dpv or f"isa:{provision.code} (our own: no other term means the same)",)),
        Part("Matrix rows", tuple(_row_lines(catalogue, uses))),
        Part("On request", _asked(provision)),
        Part("Guidance", (", ".join(guidance),) if guidance else ()),
        Part("Clauses", tuple(_clause_lines(clauses))),
    )  # fmt: skip
    return _sheet("provision", provision.code, provision.title, parts, data)


def _bound(catalogue: Catalogue, provision: Provision) -> tuple[Part, ...]:
    if provision.code != S16LA:
        return Part("From", (_kinds(provision.providers),)), Part("To", (_kinds(provision.recipients),))
    # Its list is stated once, on the kinds of organisation.
    listed = tuple(one.code for one in catalogue.kinds.values() if one.s16la == "in")
    unknown = tuple(one.code for one in catalogue.kinds.values() if one.s16la == "unknown")
    told = (", ".join(listed), f"Not known to be in its list, unless a body’s record says: {', '.join(unknown)}.")
    return Part("From", told), Part("To", ("the same bodies",))


def _kinds(kinds: tuple[str, ...] | None) -> str:
    return "any body" if kinds is None else _listed(kinds, "no kind of body that we register")


def _purposes(purposes: tuple[str, ...] | None) -> str:
    return "any purpose" if purposes is None else _listed(purposes, "no purpose of ours")


def _listed(names: tuple[str, ...], nothing: str) -> str:
    return ", ".join(names) or nothing


def _policy_document(provision: Provision) -> tuple[str, ...]:
    if not provision.policy_document:
        return ()
    unless = provision.policy_document_unless
    return ("needed" if unless is None else f"needed, except {labels.PREDICATES[unless]}",)


def _in_force(reader: Reader, provision: Provision) -> tuple[str, ...]:
    told = tuple(labels.period(one) for one in provision.in_force) or ("not in force: answers never rest on it",)
    if reader.on is None:
        return told
    return (f"{'in force' if provision.in_force_on(reader.on) else 'not in force'} on {labels.day(reader.on)}", *told)


def _asked(provision: Provision) -> tuple[str, ...]:
    if provision.kind != "request-duty":
        return ()
    if () in (provision.recipients, provision.purposes):
        return ("No kind of body that we register asks under it, so no answer rests on a request.",)
    declined = "may be declined on the grounds that it gives" if provision.may_be_declined else "binds as it stands"
    return (f"A request under it {declined}.",)


def _row_lines(catalogue: Catalogue, uses: Iterable[RowUse]) -> Iterator[str]:
    columns = row_purposes(catalogue)
    listed = tuple(uses)
    for member, label in labels.LISTS.items():
        rows = [(use.organisation, use.purpose) for use in listed if use.member == member]
        if rows:
            yield f"{label}:"
            yield from (f"  {line}" for line in by_kind(rows, columns))


def _clause_lines(clauses: Iterable[CitingClause]) -> Iterator[str]:
    for one in clauses:
        yield f"{one.agreement} {one.version}, {one.clause} {one.heading}"


# --- a matrix row ---------------------------------------------------------------------------------------------------


def row_sheet(reader: Reader, kind: OrganisationKind, purpose: str) -> Sheet | None:
    """What a kind of body relies on for a purpose (or `immediate-danger`), in order of preference.

    None where the kind shares nothing, or there is no such row.
    """
    catalogue = reader.catalogue
    named = catalogue.purposes.get(purpose)
    column = purpose if named is None else named.matrix
    row = catalogue.row(kind.row, column) if kind.row is not None else None
    if row is None:
        return None
    requests = requests_that_bind(catalogue, kind.code, purpose)
    label = "Immediate danger" if named is None else named.label
    parts = (
        Part("Follows", tuple(_follows(kind, purpose, row))),
        Part("How usual", (labels.USE[row.typical],)),
        Part("Reliable", () if row.reliable else (_ANONYMOUS_ONLY,)),
        *(Part(heading, tuple(_uses(reader, getattr(row, member), nested=member in _NESTED)))
          for member, heading in labels.LISTS.items() if member != "duties"),
        Part("Duties", tuple(_duty_lines(reader, kind, row))),
        Part("When asked", tuple(_request_lines(reader, requests))),
        Part("Policy document", ("needed" if row.policy_document else "not needed for this row",)),
        Part("Consent", (named.consent_says,) if named is not None else ("Consent must not be sought.",)),
        Part("The family is told", (labels.INFORM["after" if named is None else named.inform],)),
        Part("Cautions", tuple(catalogue.guidance[code].text for code in row.cautions)),
        Part("Note", (row.note,) if row.note is not None else ()),
        Part("Answers also for", tuple(_followed_by(catalogue, row))),
    )  # fmt: skip
    relied = [code for member in labels.LISTS for code in codes_of(row, member)]
    data: dict[str, object] = {
        "organisation": kind.code,
        "purpose": purpose,
        "row": msgspec.to_builtins(row),
        "requests": [one.code for one in requests],
        "not_to_be_relied_on": sorted({code for code in relied if reader.stands(catalogue.provisions[code])}),
    }
    return _sheet("row", f"{kind.code} {purpose}", f"{kind.label}: {label}", parts, data)


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
            yield f" with {_named(reader, use.code)}{condition}"
        else:
            number += 1
            yield f"{number}. {_named(reader, use.code)}{condition}"


def _duty_lines(reader: Reader, kind: OrganisationKind, row: MatrixRow) -> Iterator[str]:
    for code in row.duties:
        yield f"{_named(reader, code)}. {_OBLIGES}"
        if code == S16LA:
            yield f" This kind is {labels.LISTED[kind.s16la]}."


def _request_lines(reader: Reader, requests: Iterable[Provision]) -> Iterator[str]:
    for one in requests:
        ground = "; it may decline on the grounds that the section gives" if one.may_be_declined else ""
        yield f"{_named(reader, one.code)}, asked by {_kinds(one.recipients)}{ground}"


def _named(reader: Reader, code: str) -> str:
    provision = reader.catalogue.provisions[code]
    marks = [provision.confidence.replace("-", " ")]
    if provision.policy_document:
        marks.append("policy document")
    standing = reader.stands(provision)
    if standing is not None:
        marks.append(standing)
    return f"{code}: {provision.title} [{'; '.join(marks)}]"


# --- the rest -------------------------------------------------------------------------------------------------------


def purpose_sheet(reader: Reader, purpose: Purpose) -> Sheet:
    """A purpose: its consent and inform rules, its guidance and who shares for it."""
    catalogue = reader.catalogue
    rows = [row for row in catalogue.matrix.values() if row.purpose == purpose.matrix]
    follows = () if purpose.matrix == purpose.code else (f"the column {purpose.matrix}",)
    parts = (
        Part("Says", (purpose.says,)),
        Part("Matrix", follows or ("a column of its own",)),
        Part("Protects children", ("yes" if purpose.protects_children else "not by itself",)),
        Part("Consent", (purpose.consent_says,)),
        Part("The family is told", (labels.INFORM[purpose.inform],)),
        Part("Meetings", ("Its work is done in multi-agency meetings.",) if purpose.meets else ()),
        Part("Guidance", tuple(f"{code}: {catalogue.guidance[code].text}" for code in purpose.guidance)),
        *(Part(labels.USE[use].capitalize(), (", ".join(found),)) for use in ("typical", "limited", "rare")
          if (found := [row.organisation for row in rows if row.typical == use])),
        Part("When asked", tuple(_request_lines(reader, (one for one in catalogue.provisions.values()
             if one.kind == "request-duty" and one.recipients and purpose.code in (one.purposes or ()))))),
    )  # fmt: skip
    data: dict[str, object] = {"purpose": msgspec.to_builtins(purpose)}
    return _sheet("purpose", purpose.code, purpose.label, parts, data)


def kind_sheet(reader: Reader, kind: OrganisationKind) -> Sheet:
    """A kind of organisation and what follows from it."""
    row = "shares nothing here: it only receives" if kind.row is None else f"its row is {kind.row}"
    council = "" if kind.row_if_council_run is None else f"; where a council runs it, {kind.row_if_council_run}"
    standing = [
        "a public authority" if kind.public else "not a public authority",
        *(["a competent authority under Part 3"] if kind.competent_authority else []),
        *(["a health body"] if kind.health else []),
        *(["protects or looks after children"] if kind.looks_after_children else []),
    ]
    binding = [
        one for one in reader.catalogue.provisions.values()
        if one.kind == "request-duty" and one.recipients and (one.providers is None or kind.code in one.providers)
    ]  # fmt: skip
    parts = (
        Part("Matrix", (row + council,)),
        Part("Is", ("; ".join(standing),)),
        Part("Duty to share", (labels.LISTED[kind.s16la],)),
        Part("When asked", tuple(_request_lines(reader, binding)) if kind.row is not None else ()),
        Part("Advice", (f"from {kind.advice_from}",)),
    )
    return _sheet("kind", kind.code, kind.label, parts, {"kind": msgspec.to_builtins(kind)})


def category_sheet(category: Category) -> Sheet:
    """A category of information and how sensitive it is."""
    flags = [
        said
        for held, said in (
            (category.special, "special category (Article 9)"),
            (category.may_be_special, "may be special category"),
            (category.criminal, "criminal offence information (Article 10)"),
            (category.may_be_criminal, "may be criminal offence information"),
            (category.identifying, "identifies people: never anonymous"),
            (category.high_sensitivity, "highly sensitive"),
        )
        if held
    ]
    parts = (
        Part("Is", ("; ".join(flags) or "neither special category nor criminal offence information",)),
        Part("Note", (category.note,) if category.note is not None else ()),
    )
    return _sheet("category", category.code, category.label, parts, {"category": msgspec.to_builtins(category)})


def guidance_sheet(reader: Reader, item: GuidanceItem) -> Sheet:
    """An item of guidance: what it says, when answers carry it, what it cites and which clause it links to."""
    catalogue = reader.catalogue
    purposes = [one.code for one in catalogue.purposes.values() if item.code in one.guidance]
    rows = [(row.organisation, row.purpose) for row in catalogue.matrix.values() if item.code in row.cautions]
    clauses = [one for one in reader.clauses if item.topic is not None and item.topic in one.topics]
    parts = (
        Part("Says", (item.text,)),
        Part("Given", (labels.OCCASIONS[item.when],)),
        Part("Only for", (", ".join(item.purposes),) if item.purposes else ()),
        Part("Cites", tuple(_named(reader, code) for code in item.cites)),
        Part("Subject", (item.topic,) if item.topic is not None else ()),
        Part("Purposes", (", ".join(purposes),) if purposes else ()),
        Part("Matrix rows", tuple(by_kind(rows, row_purposes(catalogue)))),
        Part("Clauses", tuple(_clause_lines(clauses))),
    )
    data: dict[str, object] = {"guidance": msgspec.to_builtins(item), "purposes": purposes}
    return _sheet("guidance", item.code, item.title, parts, data)


def _sheet(sort: Sort, code: str, title: str, parts: Iterable[Part], data: dict[str, object]) -> Sheet:
    return Sheet(sort, code, title, tuple(part for part in parts if part.lines), data)


# --- what there is --------------------------------------------------------------------------------------------------


def contents(reader: Reader) -> tuple[Part, ...]:
    """Every code with its title: provisions by sort (those in force on the day, where one is given), and the rest."""
    catalogue = reader.catalogue
    provisions = [one for one in catalogue.provisions.values() if reader.on is None or one.in_force_on(reader.on)]
    parts = [
        Part(heading, tuple(_titled(one.code, one.title) for one in provisions if one.kind == kind))
        for kind, heading in labels.PROVISION_KINDS.items()
    ]
    parts += [
        Part("Purposes", tuple(_titled(one.code, one.label) for one in catalogue.purposes.values())),
        Part("Kinds of organisation", tuple(_titled(one.code, one.label) for one in catalogue.kinds.values())),
        Part("Categories of information", tuple(_titled(one.code, one.label) for one in catalogue.categories.values())),
        Part("Guidance", tuple(_titled(one.code, one.title) for one in catalogue.guidance.values())),
        Part("Matrix rows", (f"a kind of organisation and a purpose, or {IMMEDIATE_DANGER}: police early-help",)),
    ]
    return tuple(part for part in parts if part.lines)


def _titled(code: str, title: str) -> str:
    return f"{code}: {title}"
