"""A body's record of processing activities, as far as the registry knows it: one activity for each purpose of what the
body signed, and for each record that holds. UK GDPR Article 30(1); Data Protection Act 2018 Schedule 1 paragraph 41."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from isa_registry.domain.agreements import Schedule, SchedulePurpose
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.cover import cover
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.register.facts import AgreementVersion, Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import signed_purposes

NOT_KNOWN = {
    "data-protection-officer": "The name and contact details of your data protection officer (Article 30(1)(a)).",
    "subjects-for-each-purpose": "Which of the kinds of people each purpose is about in practice (Article 30(1)(c)).",
    "transfers-abroad": "Transfers to other countries and their safeguards (Article 30(1)(e)).",
    "own-time-limits": (
        "The time limits of your own systems (Article 30(1)(f)): the classes are those that the agreement names."
    ),
    "own-security": (
        "Your own technical and organisational measures (Article 30(1)(g)): the clause is what the agreement asks for."
    ),
    "policy-followed": (
        "Whether you keep and erase as your policy document says, and why where you do not (Schedule 1 paragraph 41)."
    ),
    "other-processing": "Everything that you do outside the agreements of this registry.",
}
"""What such a record also holds and the registry does not know: add it in your own."""


class Basis(Struct, frozen=True):
    """What a record says that holds on the day: lists of provision codes, papers, and who approved it. `until` is the
    last day, null where no end is known."""

    record: str
    adopted: str
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    part_3: tuple[str, ...]
    gateways: tuple[str, ...]
    confidentiality_route: str | None
    s36_4_authority: str | None
    dpia: str | None
    balancing_test: str | None
    approved_by: str
    since: str
    until: str | None


class Activity(Struct, frozen=True):
    """One purpose of one agreement. `signed`: the body is a signatory for it on the day. `special` and `criminal` are
    those of the `categories` that are, or may be, special category and criminal offence information. `recipients` are
    kinds of organisation that may receive from the body by the agreement; `retention` codes of its classes; `security`
    its clause. `basis` is null where no record holds, and `lapsed_on` then says since when."""

    agreement: str
    version: str
    clause: str
    purpose: str
    title: str
    signed: bool
    subjects: tuple[str, ...]
    categories: tuple[str, ...]
    special: tuple[str, ...]
    criminal: tuple[str, ...]
    recipients: tuple[str, ...]
    retention: tuple[str, ...]
    security: str | None
    policy_document: PolicyDocument | None
    basis: Basis | None
    lapsed_on: str | None


class NotKnown(Struct, frozen=True):
    code: str
    says: str


class ProcessingRecord(Struct, frozen=True):
    """The record of a controller as of the day `on`. `not_known` is what the law asks of such a record and the registry
    cannot say."""

    on: str
    controller: str
    name: str
    kind: str
    ico_registration: str | None
    contact: str | None
    policy_document: PolicyDocument | None
    activities: tuple[Activity, ...]
    not_known: tuple[NotKnown, ...]


def processing_record(view: RegisterView, body: Organisation, catalogue: Catalogue, on: str) -> ProcessingRecord:
    """A body's record on a day, YYYY-MM-DD: by agreement, and by purpose in the order of its schedule."""
    return ProcessingRecord(
        on=on,
        controller=body.organisation,
        name=body.name,
        kind=body.organisation_kind,
        ico_registration=body.ico_registration,
        contact=body.contacts.get("advice"),
        policy_document=body.policy_document,
        activities=tuple(_activities(view, body, catalogue, on)),
        not_known=tuple(NotKnown(code, says) for code, says in NOT_KNOWN.items()),
    )


def _activities(view: RegisterView, body: Organisation, catalogue: Catalogue, on: str) -> Iterator[Activity]:
    signed = set(signed_purposes(view, body.organisation, on))
    held = {
        (one.recorded.agreement, one.recorded.purpose)
        for one in view.lawful_bases_of(body.organisation)
        if one.holds(on)
    }
    for agreement in sorted({agreement for agreement, _ in signed | held}):
        versions = view.agreement_versions(agreement)
        current = view.agreement_in_force(agreement, on)
        # The version in force says what goes where; of a purpose that it has no more, the latest that had it.
        ranked = [*versions, *([] if current is None else [current])]
        for version, line in _lines(ranked):
            if (agreement, line.code) in signed | held:
                yield _activity(view, body, catalogue, version, line, (agreement, line.code) in signed, on)


def _lines(ranked: list[AgreementVersion]) -> list[tuple[AgreementVersion, SchedulePurpose]]:
    found: dict[str, tuple[AgreementVersion, SchedulePurpose]] = {}
    for version in reversed(ranked):
        for line in version.schedule.purposes:
            found.setdefault(line.code, (version, line))
    return list(found.values())


def _activity(
    view: RegisterView,
    body: Organisation,
    catalogue: Catalogue,
    version: AgreementVersion,
    line: SchedulePurpose,
    signed: bool,
    on: str,
) -> Activity:
    covered = cover(view.lawful_bases_for(body.organisation, version.agreement, line.code), on)
    record = None if covered.holding is None else covered.holding.recorded
    known = [catalogue.categories[code] for code in line.categories if code in catalogue.categories]
    clause = version.schedule.topics.get("security")
    purpose = catalogue.purposes.get(line.code)
    return Activity(
        agreement=version.agreement,
        version=version.version,
        clause=line.clause,
        purpose=line.code,
        title=line.code if purpose is None else purpose.label,
        signed=signed,
        subjects=tuple(catalogue.codes.subject_kinds),
        categories=line.categories,
        special=tuple(one.code for one in known if one.special or one.may_be_special),
        criminal=tuple(one.code for one in known if one.criminal or one.may_be_criminal),
        recipients=_recipients(version.schedule, line, body.organisation_kind),
        retention=tuple(one.code for one in version.schedule.retention),
        security=None if clause is None else f"{version.agreement}/{version.version}#{clause}",
        policy_document=(None if record is None else record.policy_document) or body.policy_document,
        basis=None if record is None else _basis(record, covered.until),
        lapsed_on=covered.lapsed_on,
    )


def _recipients(schedule: Schedule, line: SchedulePurpose, kind: str) -> tuple[str, ...]:
    """Kinds to which something flows from this kind; without flows, every kind that may sign."""
    to = [flow.to for flow in line.flows if kind in schedule.parties.get(flow.from_, ())]
    if not to:
        return tuple(schedule.signatory_roles)
    return tuple(dict.fromkeys(one for group in to for one in schedule.parties.get(group, ())))


def _basis(record: LawfulBasisRecorded, until: str | None) -> Basis:
    return Basis(
        record=record.record,
        adopted=record.adopted,
        article_6=record.article_6,
        article_9=record.article_9,
        article_10=record.article_10,
        part_3=record.part_3,
        gateways=record.gateways,
        confidentiality_route=record.confidentiality_route,
        s36_4_authority=record.s36_4_authority,
        dpia=record.dpia,
        balancing_test=record.balancing_test,
        approved_by=record.approved_by,
        since=record.starts,
        until=until,
    )
