"""The catalogue as a lawyer reads it: a provision, a purpose, a kind, a category, guidance, each in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Catalogue, Category, OrganisationKind, Provision, Purpose
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.catalogue_sheets import (
    Part,
    Reader,
    Sheet,
    kinds_said,
    listed,
    named,
    request_lines,
    sheet,
)
from isa_registry.domain.catalogue_uses import CitingClause, RowUse, by_kind, relied_on, row_purposes, rows_naming
from isa_registry.domain.decisions.duties import S16LA
from isa_registry.domain.guidance import GuidanceItem, RecordField
from isa_registry.domain.verifying import sha256_of


def sheets_of(reader: Reader, code: str) -> tuple[Sheet, ...]:
    """Everything that goes by a code: a provision, a purpose, a kind, a category, guidance, a field of a record."""
    catalogue = reader.catalogue
    found: list[Sheet] = []
    if code in catalogue.provisions:
        found.append(provision_sheet(reader, catalogue.provisions[code]))
    if code in catalogue.purposes:
        found.append(purpose_sheet(reader, catalogue.purposes[code]))
    if code in catalogue.kinds:
        found.append(kind_sheet(reader, catalogue.kinds[code]))
    if code in catalogue.categories:
        found.append(category_sheet(catalogue.categories[code]))
    if code in catalogue.guidance:
        found.append(guidance_sheet(reader, catalogue.guidance[code]))
    found += [record_sheet(one) for one in catalogue.recording if one.code == code]
    return tuple(found)


def codes(catalogue: Catalogue) -> tuple[str, ...]:
    """Every code that `sheets_of` knows."""
    named = (catalogue.provisions, catalogue.purposes, catalogue.kinds, catalogue.categories, catalogue.guidance)
    return (*(code for table in named for code in table), *(one.code for one in catalogue.recording))


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
        "sha256": sha256_of(provision),
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
        Part("To mark it", (f"sha256 {sha256_of(provision)}",)),
    )  # fmt: skip
    return sheet("provision", provision.code, provision.title, parts, data)


def _bound(catalogue: Catalogue, provision: Provision) -> tuple[Part, ...]:
    if provision.code != S16LA:
        left_out = f" Not: {', '.join(provision.except_providers)}." if provision.except_providers else ""
        return (
            Part("From", (kinds_said(provision.providers) + left_out,)),
            Part("To", (kinds_said(provision.recipients),)),
        )
    # Its list is stated once, on the kinds of organisation.
    within = tuple(one.code for one in catalogue.kinds.values() if one.s16la == "in")
    unknown = tuple(one.code for one in catalogue.kinds.values() if one.s16la == "unknown")
    told = (", ".join(within), f"Not known to be in its list, unless a body’s record says: {', '.join(unknown)}.")
    return Part("From", told), Part("To", ("the same bodies",))


def _purposes(purposes: tuple[str, ...] | None) -> str:
    return "any purpose" if purposes is None else listed(purposes, "no purpose of ours")


def _policy_document(provision: Provision) -> tuple[str, ...]:
    if not provision.policy_document:
        return ()
    unless = provision.policy_document_unless
    return ("needed" if unless is None else f"needed, except {labels.PREDICATES[unless]}",)


def _in_force(reader: Reader, provision: Provision) -> tuple[str, ...]:
    told = tuple(labels.period(one) for one in provision.in_force) or ("not in force: answers never rest on it",)
    if reader.on is None:
        return told
    return (reader.stands(provision) or f"in force on {labels.day(reader.on)}", *told)


def _asked(provision: Provision) -> tuple[str, ...]:
    if provision.kind != "request-duty":
        return ()
    if () in (provision.recipients, provision.purposes):
        return ("No kind of body that we register asks under it, so no answer rests on a request.",)
    declined = "may be declined on the grounds that it gives" if provision.may_be_declined else "binds as it stands"
    return (f"A request under it {declined}.",)


def _row_lines(catalogue: Catalogue, uses: Iterable[RowUse]) -> Iterator[str]:
    columns = row_purposes(catalogue)
    found = tuple(uses)
    for member, label in labels.LISTS.items():
        rows = [(use.organisation, use.purpose) for use in found if use.member == member]
        if rows:
            yield f"{label}:"
            yield from (f"  {line}" for line in by_kind(rows, columns))


def _clause_lines(clauses: Iterable[CitingClause]) -> Iterator[str]:
    for one in clauses:
        yield f"{one.agreement} {one.version}, {one.clause} {one.heading}"


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
        Part("When asked", tuple(request_lines(reader, (one for one in catalogue.provisions.values()
             if one.kind == "request-duty" and one.recipients and purpose.code in (one.purposes or ()))))),
    )  # fmt: skip
    data: dict[str, object] = {"purpose": msgspec.to_builtins(purpose)}
    return sheet("purpose", purpose.code, purpose.label, parts, data)


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
        Part("When asked", tuple(request_lines(reader, binding)) if kind.row is not None else ()),
        Part("Advice", (f"from {kind.advice_from}",)),
    )
    return sheet("kind", kind.code, kind.label, parts, {"kind": msgspec.to_builtins(kind)})


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
    return sheet("category", category.code, category.label, parts, {"category": msgspec.to_builtins(category)})


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
        Part("Cites", tuple(named(reader, code) for code in item.cites)),
        Part("Subject", (item.topic,) if item.topic is not None else ()),
        Part("Purposes", (", ".join(purposes),) if purposes else ()),
        Part("Matrix rows", tuple(by_kind(rows, row_purposes(catalogue)))),
        Part("Clauses", tuple(_clause_lines(clauses))),
    )
    data: dict[str, object] = {"guidance": msgspec.to_builtins(item), "purposes": purposes}
    return sheet("guidance", item.code, item.title, parts, data)


def record_sheet(field: RecordField) -> Sheet:
    """A field of the record of a decision, and when it is kept."""
    parts = (
        Part("Recorded", (labels.RECORDED[field.when],)),
        Part("Only for", (", ".join(field.outcomes),) if field.outcomes else ()),
    )
    return sheet("record", field.code, field.label, parts, {"record": msgspec.to_builtins(field)})


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
        Part("Fields of a record", tuple(_titled(one.code, one.label) for one in catalogue.recording)),
        Part("Matrix rows", (f"a kind of organisation and a purpose, or {IMMEDIATE_DANGER}: police early-help",)),
    ]
    return tuple(part for part in parts if part.lines)


def _titled(code: str, title: str) -> str:
    return f"{code}: {title}"
