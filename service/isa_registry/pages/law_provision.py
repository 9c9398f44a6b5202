"""One provision on a page: what it lets whom do, limits, dates, how sure it is, what rests on it, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from msgspec import Struct

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Catalogue, MatrixRow, Predicate, Provision
from isa_registry.domain.catalogue_labels import LISTS
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.catalogue_uses import row_purposes
from isa_registry.domain.decisions.duties import S16LA
from isa_registry.domain.law_watch.changes import AHEAD_DAYS, COMES, coming
from isa_registry.domain.law_watch.history import Began, Came, Checked, history_of
from isa_registry.domain.law_watch.resting import NOTHING, ClauseResting, Resting, bodies_of, resting_by_code
from isa_registry.domain.law_watch.words import change_lines, hash_line
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verifying import PROFESSIONS
from isa_registry.pages.agreement_wording import STATES
from isa_registry.pages.rendering import plain_date


class Relied(Struct, frozen=True):
    """As what kinds of organisation rely on a provision, and for which purposes."""

    as_what: str
    kinds: str
    purposes: str


class VersionResting(Struct, frozen=True):
    """A version of an agreement and the clauses of it that cite a provision, by number, heading and address."""

    title: str
    label: str
    tag: str
    clauses: tuple[tuple[str, str, str], ...]


class Happened(Struct, frozen=True):
    """Something in a provision's history: the entry of the log, what it was, and its details line by line."""

    entry: int
    what: str
    lines: tuple[str, ...]
    hashes: str = ""


class ProvisionTold(Struct, frozen=True):
    """All that the page of a provision says besides where it stands."""

    provision: Provision
    sort: str
    providers: str
    recipients: str
    purposes: str
    limits: tuple[str, ...]
    conditions: tuple[str, ...]
    relied: tuple[Relied, ...]
    in_force: bool
    dates: tuple[str, ...]
    near: tuple[str, ...]
    confidence: str
    standing: tuple[VersionResting, ...]
    over: tuple[VersionResting, ...]
    clauses: int
    records: int
    bodies: int
    history: tuple[Happened, ...]


def provision_told(view: RegisterView, law: Law, code: str, today: str) -> ProvisionTold:
    """What the page says of a provision that the law has."""
    catalogue, provision = law.read, law.read.provisions[code]
    resting = resting_by_code(view, today).get(code, NOTHING)
    return ProvisionTold(
        provision=provision,
        sort=labels.PROVISION_KINDS[provision.kind],
        providers=_providers(catalogue, provision),
        recipients="The same organisations" if code == S16LA else _kinds(catalogue, provision.recipients),
        purposes=_purposes(catalogue, provision.purposes),
        limits=tuple(catalogue.codes.limits[one] for one in provision.limits),
        conditions=tuple(_conditions(provision)),
        relied=tuple(_relied(catalogue, code)),
        in_force=provision.in_force_on(date.fromisoformat(today)),
        dates=tuple(map(labels.period, provision.in_force)),
        near=tuple(
            f"It {COMES[one.what]} on {plain_date(one.on)}."
            for one in coming(law, today, AHEAD_DAYS)
            if one.code == code
        ),
        confidence=labels.CONFIDENCE[provision.confidence],
        standing=versions_shown(view, resting.standing),
        over=versions_shown(view, [one for one in resting.clauses if one.over]),
        clauses=len(resting.standing),
        records=len(resting.records),
        bodies=len(bodies_of(resting.records)),
        history=tuple(_happened(one) for one in history_of(view, code)),
    )


# --- whom it lets do what -------------------------------------------------------------------------------------------


def _providers(catalogue: Catalogue, provision: Provision) -> str:
    if provision.code == S16LA:
        # Its list is stated once, on the kinds of organisation.
        within = _labels(catalogue, [one.code for one in catalogue.kinds.values() if one.s16la == "in"])
        unknown = _labels(catalogue, [one.code for one in catalogue.kinds.values() if one.s16la == "unknown"])
        return f"{within}. Not known to be in its list, unless an organisation’s record says so: {unknown}"
    told = _kinds(catalogue, provision.providers)
    if provision.except_providers:
        told += f". Not: {_labels(catalogue, provision.except_providers)}"
    return told


def _kinds(catalogue: Catalogue, kinds: tuple[str, ...] | None) -> str:
    if kinds is None:
        return "Any organisation"
    return _labels(catalogue, kinds) or "No kind of organisation that is registered here"


def _labels(catalogue: Catalogue, kinds: Iterable[str]) -> str:
    return ", ".join(catalogue.kinds[one].label for one in kinds)


def _purposes(catalogue: Catalogue, purposes: Iterable[str] | None) -> str:
    if purposes is None:
        return "Any purpose"
    told = ", ".join(_purpose(catalogue, one) for one in purposes)
    return told or "No purpose of those here"


def _purpose(catalogue: Catalogue, code: str) -> str:
    return "Immediate danger" if code == IMMEDIATE_DANGER else catalogue.purposes[code].label


def _conditions(provision: Provision) -> Iterator[str]:
    if provision.policy_document:
        unless = provision.policy_document_unless
        lifted = "" if unless is None else f", except {labels.PREDICATES[unless]}"
        yield f"Relying on it needs an appropriate policy document{lifted}."
    if provision.kind == "request-duty":
        if () in (provision.recipients, provision.purposes):
            yield "No kind of organisation that is registered here asks under it, so no answer rests on a request."
        elif provision.may_be_declined:
            yield "A request under it may be declined on the grounds that it gives."
        else:
            yield "A request under it binds as it stands."


def _relied(catalogue: Catalogue, code: str) -> Iterator[Relied]:
    """The matrix rows that name it: each role and condition once, kinds with the same purposes together."""
    columns = row_purposes(catalogue)
    found: dict[tuple[str, Predicate | None], dict[str, list[str]]] = {}
    for row in catalogue.matrix.values():
        for role in _roles(row, code):
            found.setdefault(role, {}).setdefault(row.organisation, []).append(row.purpose)
    for member in LISTS:
        for (as_what, when), by_kind in found.items():
            if as_what != member:
                continue
            alike: dict[tuple[str, ...], list[str]] = {}
            for kind, purposes in by_kind.items():
                alike.setdefault(tuple(one for one in columns if one in purposes), []).append(kind)
            for purposes_alike, kinds in alike.items():
                every = set(purposes_alike) == set(columns)
                yield Relied(
                    as_what=LISTS[member] + ("" if when is None else f", {labels.PREDICATES[when]}"),
                    kinds=_labels(catalogue, kinds),
                    purposes="Every purpose" if every else _purposes(catalogue, purposes_alike),
                )


def _roles(row: MatrixRow, code: str) -> Iterator[tuple[str, Predicate | None]]:
    for member in LISTS:
        for one in getattr(row, member):
            if isinstance(one, str):
                if one == code:
                    yield member, None
            elif one.code == code:
                yield member, one.when


# --- what rests on it, and what became of it ------------------------------------------------------------------------


def versions_shown(view: RegisterView, clauses: Iterable[ClauseResting]) -> tuple[VersionResting, ...]:
    """Clauses by their version, with their addresses, which never change."""
    found: list[VersionResting] = []
    for (agreement, version, shown), listed in groupby(clauses, lambda one: (one.agreement, one.version, one.shown)):
        known = view.agreement_version(agreement, version)
        tag, label = STATES[shown]
        found.append(
            VersionResting(
                title=f"{agreement if known is None else known.title}, version {version}",
                label=label,
                tag=tag,
                clauses=tuple(
                    (one.clause, one.heading, f"/agreements/{agreement}/{version}#{one.clause}") for one in listed
                ),
            )
        )
    return tuple(found)


def records_shown(view: RegisterView, catalogue: Catalogue, resting: Resting) -> tuple[tuple[str, str], ...]:
    """Each body that relies on a provision in a lawful-basis record, and for which purposes."""
    found: list[tuple[str, str]] = []
    for organisation, records in groupby(resting.records, lambda one: one.organisation):
        body = view.organisation(organisation)
        purposes = dict.fromkeys(one.purpose for one in records)
        told = ", ".join(catalogue.purposes[one].label if one in catalogue.purposes else one for one in purposes)
        found.append((organisation if body is None else body.name, told))
    return tuple(found)


def _happened(one: Began | Came | Checked) -> Happened:
    if isinstance(one, Began):
        return Happened(one.entry, f"In the catalogue that the register began with, version {one.version}", ())
    if isinstance(one, Came):
        what = {"added": "Added", "removed": "Taken out", "changed": "Changed"}[one.change.sort]
        told = f"{what} by the catalogue of version {one.version}"
        return Happened(one.entry, told, tuple(change_lines(one.change)), hash_line(one.change))
    if one.said is None:
        return Happened(one.entry, "Counts as checked no longer", ())
    by = PROFESSIONS.get(one.said.profession, one.said.profession)
    lines = (f"Against: {one.said.source}", f"By: {by}")
    hashes = f"SHA-256 of what was checked: {one.said.sha256}"
    return Happened(one.entry, f"Checked on {plain_date(one.said.checked_on)}", lines, hashes)
