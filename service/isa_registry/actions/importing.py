"""Many bodies at once: what a file of them would do, line by line, and the one draft that does exactly that.

A plan is a pure function of the register, the day, the file and who asks. Its SHA-256 covers every entry that would be
made; the draft is held to it at the tail, so that what was looked at is what is logged, whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from isa_registry.actions import organisations
from isa_registry.actions.deciding import Decider, number_of, refuse_outside_business_unit
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.organisation_files import COLUMNS, File, LineFault, Row
from isa_registry.domain.organisation_records import CONTACTS
from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered, PolicyDocument
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.people import holders
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.supposing import Supposing
from isa_registry.ledger.drafts import Draft

Action = Literal["register", "change", "nothing", "refused"]
ACTIONS: tuple[Action, ...] = ("register", "change", "nothing", "refused")

OWN_COLUMNS = frozenset(
    {
        "ico_registration", "policy_document_reference", "policy_document_review_on", "contact_urgent",
        "contact_out_of_hours", "contact_advice", "named_out",
    }
)  # fmt: skip
"""What a body decides itself, once it has an information-governance lead."""


class Difference(Struct, frozen=True):
    """A column whose value would change: from what to what, as the file writes them; empty is nothing."""

    column: str
    before: str
    after: str


class PlanLine(Struct, frozen=True):
    """What would become of one line of the file. `name` is that in the file; `changes` are there where a record would
    change, `faults` where the line is refused."""

    line: int
    organisation: str
    name: str
    action: Action
    changes: tuple[Difference, ...] = ()
    faults: tuple[LineFault, ...] = ()


class Plan(Struct, frozen=True):
    """A file's whole effect. `entries` are what would be logged, in order: a parent before what belongs to it."""

    lines: tuple[PlanLine, ...]
    entries: tuple[OrganisationRegistered, ...]
    sha256: str

    def count(self, action: Action) -> int:
        return sum(one.action == action for one in self.lines)

    @property
    def faults(self) -> tuple[LineFault, ...]:
        return tuple(fault for line in self.lines for fault in line.faults)


def plan_of(file: File, by: Decider, view: RegisterView, at: str) -> Plan:
    """What the file would do. Raises `Refused` (`forbidden`) for who is not of the business unit."""
    refuse_outside_business_unit(view, by, at)
    day = london_date(parse_instant(at))
    records = {row.organisation: _record(row, view.organisation(row.organisation)) for row in reversed(file.rows)}
    supposed = Supposing(view, records)
    circles = _circles(file.rows, supposed)
    faults: dict[int, list[LineFault]] = {}
    for fault in file.faults:
        faults.setdefault(fault.line, []).append(fault)
    lines: list[PlanLine] = []
    for row in file.rows:
        record, before = records[row.organisation], view.organisation(row.organisation)
        changes = _differences(before, record) if before is not None else ()
        found = faults.pop(row.line, [])
        if not found and (before is None or changes):
            found = [
                *_unfitting(row, record, changes, view, day),
                *(circles.get(row.line) or _refusals(row, record, before, supposed, at)),
            ]
        if found:
            first = {one.column: one for one in reversed(found)}
            lines.append(PlanLine(row.line, row.organisation, record.name, "refused", faults=tuple(first.values())))
        elif before is None:
            lines.append(PlanLine(row.line, row.organisation, record.name, "register"))
        else:
            action: Action = "change" if changes else "nothing"
            lines.append(PlanLine(row.line, row.organisation, record.name, action, changes=changes))
    lines += [PlanLine(line, "", "", "refused", faults=tuple(found)) for line, found in faults.items()]
    lines.sort(key=lambda one: one.line)
    doing = {one.organisation for one in lines if one.action in ("register", "change")}
    entries = tuple(_in_order(doing, records))
    return Plan(tuple(lines), entries, _digest(lines, entries))


def draft_of(file: File, sha256: str, by: Decider, view: RegisterView, at: str) -> tuple[Plan, Draft]:
    """The draft that carries out the plan with this SHA-256 (hex), and what the file would do now.

    Refused at the tail: `unprocessable` with every fault where a line is refused; `conflict` where the plan is another
    than the one named, and where it would do nothing.
    """
    plan, number = plan_of(file, by, view, at), number_of(view, by)
    payloads = tuple(replace(one, approved_by=(number,)) for one in plan.entries) if plan.sha256 == sha256 else ()

    def holds(tail: RegisterView, at: str) -> None:
        there = plan_of(file, by, tail, at)
        _refuse_faults(there)
        _refuse_other(there, sha256)
        if not there.entries:
            raise Refused("conflict", "The register says all of this already: there is nothing to do.")
        if not payloads or number_of(tail, by) != number:
            raise Refused("conflict", "What the log says was changed at this moment. Try again.")

    return plan, Draft(payloads=payloads, preconditions=(holds,))


def as_fault(fault: LineFault) -> Fault:
    """A line's fault as one of a problem: `#/17/kind` is line 17, column kind."""
    where = f"line {fault.line}, {fault.column}" if fault.column else f"line {fault.line}"
    pointer = f"#/{fault.line}/{fault.column}" if fault.column else f"#/{fault.line}"
    return Fault(pointer, fault.code, f"{where[0].upper()}{where[1:]}: {fault.detail}")


def _refuse_faults(plan: Plan) -> None:
    if plan.faults:
        bad = plan.count("refused")
        detail = f"{bad} {'line is' if bad == 1 else 'lines are'} refused, so nothing of the file was done."
        raise Refused("unprocessable", detail, tuple(as_fault(one) for one in plan.faults))


def _refuse_other(plan: Plan, sha256: str) -> None:
    if plan.sha256 != sha256:
        detail = "The file would do something else now than what was looked at. Look at it again. Nothing was done."
        raise Refused("conflict", detail, (Fault("#/plan", "another-plan", detail),))


# --- a row as a record ------------------------------------------------------------------------------------------------


def _record(row: Row, before: OrganisationRegistered | None) -> OrganisationRegistered:
    """The record that a row gives: what it says, and of what it does not say, what stands."""
    stands: dict[str, Any] = {} if before is None else asdict(before)
    stands.update(organisation=row.organisation, approved_by=())
    given = dict(row.given)
    del given["id"]
    stands["organisation_kind"] = given.pop("kind")
    contacts = dict(stands.get("contacts", {}))
    for contact in CONTACTS:
        column = _contact_column(contact)
        if column in given:
            told = given.pop(column)
            contacts.pop(contact, None)
            contacts.update({contact: told} if told is not None else {})
    stands["contacts"] = contacts
    stands["policy_document"] = _document(given, stands.get("policy_document"))
    stands.update(given)
    return OrganisationRegistered(**stands) if before is None else OrganisationChanged(**stands)


def _document(given: dict[str, object], stands: PolicyDocument | None) -> PolicyDocument | None:
    named = "policy_document_reference" in given
    reference: Any = given.pop("policy_document_reference", None) if named else stands and stands.reference
    dated = "policy_document_review_on" in given
    review_on: Any = given.pop("policy_document_review_on", None) if dated else stands and stands.review_on
    return PolicyDocument(reference, review_on) if reference else None


def _contact_column(contact: str) -> str:
    return f"contact_{contact.replace('-', '_')}"


def cells_of(record: OrganisationRegistered) -> dict[str, str]:
    """A record as the file writes it, by column."""
    document = record.policy_document
    return {
        "id": record.organisation,
        "name": record.name,
        "kind": record.organisation_kind,
        "parent": record.parent or "",
        "council_run": _word(record.council_run),
        "designated": _word(record.designated),
        "commissioned": _word(record.commissioned),
        "partnerships": ";".join(record.partnerships),
        "ico_registration": record.ico_registration or "",
        "policy_document_reference": "" if document is None else document.reference,
        "policy_document_review_on": "" if document is None else document.review_on or "",
        **{_contact_column(one): record.contacts.get(one, "") for one in CONTACTS},
        "named_out": ";".join(record.named_out),
    }


def _word(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _differences(before: OrganisationRegistered, after: OrganisationRegistered) -> tuple[Difference, ...]:
    old, new = cells_of(before), cells_of(after)
    return tuple(Difference(one, old[one], new[one]) for one in COLUMNS if old[one] != new[one])


# --- what a line is refused for ---------------------------------------------------------------------------------------


def _unfitting(
    row: Row, record: OrganisationRegistered, changes: tuple[Difference, ...], view: RegisterView, day: str
) -> Iterator[LineFault]:
    """What does not fit together, or is in no partnership of this registry, and what the body itself decides."""
    if row.given.get("policy_document_review_on") is not None and record.policy_document is None:
        detail = "A review date belongs to a document: give its reference in policy_document_reference."
        yield LineFault(row.line, "policy_document_review_on", "not-a-pair", detail)
    if any(view.partnership(one) is None for one in record.partnerships):
        detail = "There is no such partnership in this registry. Use its id."
        yield LineFault(row.line, "partnerships", "unknown-partnership", detail)
    own = [one.column for one in changes if one.column in OWN_COLUMNS]
    if own and holders(view, row.organisation, "ig-lead", day):
        detail = "The organisation has an information-governance lead, who decides this. Leave the column out."
        yield from (LineFault(row.line, column, "not-yours", detail) for column in own)


def _refusals(
    row: Row, record: OrganisationRegistered, before: OrganisationRegistered | None, supposed: Supposing, at: str
) -> Iterator[LineFault]:
    """What the record itself is refused for, as it would be if it came alone, with the rest of the file there."""
    view = supposed.looking_at(row.organisation)
    try:
        made = organisations.register(record) if before is None else organisations.change(_changed(record))
        for holds in made.preconditions:
            holds(view, at)
    except Refused as refused:
        faults = refused.faults or (Fault("#", refused.code, refused.detail),)
        yield from (LineFault(row.line, _column(one.pointer), one.code, one.detail) for one in faults)


def _changed(record: OrganisationRegistered) -> OrganisationChanged:
    assert isinstance(record, OrganisationChanged)
    return record


_BY_MEMBER = {
    "organisation": "id",
    "organisation_kind": "kind",
    "policy_document/reference": "policy_document_reference",
    "policy_document/review_on": "policy_document_review_on",
    "policy_document": "policy_document_reference",
    **{f"contacts/{one}": _contact_column(one) for one in CONTACTS},
}


def _column(pointer: str) -> str:
    """The column of a member that an action points at; none where the file has no such column."""
    member = pointer.removeprefix("#").removeprefix("/")
    found = _BY_MEMBER.get(member) or member.partition("/")[0]
    return found if found in COLUMNS else ""


def _circles(rows: tuple[Row, ...], supposed: RegisterView) -> dict[int, list[LineFault]]:
    """The faults of rows whose parents lead back to themselves, by line."""
    lines = {row.organisation: row.line for row in reversed(rows)}
    found: dict[int, list[LineFault]] = {}
    for row in rows:
        chain = list(_ancestors(row.organisation, supposed))
        if chain and chain[-1] == row.organisation:
            named = sorted({lines[one] for one in chain if one in lines})
            where = "line " + str(named[0]) if len(named) == 1 else "lines " + ", ".join(map(str, named))
            detail = f"The parents lead round in a circle, by way of {where}. One of them must have another parent."
            found[row.line] = [LineFault(row.line, "parent", "cycle", detail)]
    return found


def _ancestors(organisation: str, view: RegisterView) -> Iterator[str]:
    """The parents of a body, one above another, until there is none or one comes again."""
    seen: set[str] = set()
    body = view.organisation(organisation)
    while body is not None and body.parent is not None and body.parent not in seen:
        seen.add(body.parent)
        yield body.parent
        body = view.organisation(body.parent)


def _in_order(doing: set[str], records: Mapping[str, OrganisationRegistered]) -> Iterator[OrganisationRegistered]:
    """The records of these bodies, each after its parent, otherwise by id."""
    done: set[str] = set()
    for organisation in sorted(doing):
        above = []
        current: str | None = organisation
        while current in doing and current not in done:
            above.append(current)
            done.add(current)
            current = records[current].parent
        yield from (records[one] for one in reversed(above))


def _digest(lines: list[PlanLine], entries: tuple[OrganisationRegistered, ...]) -> str:
    """SHA-256 of the plan as canonical JSON (RFC 8785): every line, and every entry."""
    return hashlib.sha256(msgspec.json.encode({"lines": lines, "entries": entries}, order="sorted")).hexdigest()
