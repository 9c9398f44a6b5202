"""The public register of information sharing agreements, in the field set of the register that GOV.UK keeps of
agreements under the Digital Economy Act 2017.

Each agreement has one line, by the version that stands. What an agreement does not say is empty, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from isa_registry.domain.agreement_text import clauses_of
from isa_registry.domain.register.agreement_life import Shown, shown_as
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.tables import csv_bytes

GOV_UK_FIELDS = (
    "information-sharing-agreement", "name", "purpose", "benefits", "legal-power", "disclosed-information",
    "controllers", "controller-names", "method", "processors", "processor-names", "retention-period", "start-date",
    "end-date", "review-date", "contact", "areas", "area-names",
)  # fmt: skip
"""The fields of that register, in its order."""

OWN_FIELDS = ("tier", "version", "status", "uri", "text-sha256")
"""What this registry adds, after them."""


class RegisterLine(Struct, frozen=True, rename="kebab"):
    """An agreement in the register. Dates are YYYY-MM-DD, Europe/London, and null where none is set.

    `legal_power` are the codes of the legislation that its clauses rest on (`/law/provisions/{code}`), `controllers`
    the bodies whose attestation stands today, `method` the address of the clause that says how information goes.
    `benefits`, `processors` and `areas` are empty: an agreement's schedule does not say them.
    """

    information_sharing_agreement: str
    name: str
    purpose: tuple[str, ...]
    benefits: str
    legal_power: tuple[str, ...]
    disclosed_information: tuple[str, ...]
    controllers: tuple[str, ...]
    controller_names: tuple[str, ...]
    method: str
    processors: tuple[str, ...]
    processor_names: tuple[str, ...]
    retention_period: tuple[str, ...]
    start_date: str | None
    end_date: str | None
    review_date: str | None
    contact: str
    areas: tuple[str, ...]
    area_names: tuple[str, ...]
    tier: int
    version: str
    status: Shown
    uri: str
    text_sha256: str


def agreements_register(view: RegisterView, today: str) -> tuple[RegisterLine, ...]:
    """Every agreement, Tier 1 first, by the version in force; by the newest where none is."""
    return view.memory.recall(("agreements-register", today), lambda: tuple(_lines(view, today)))


def agreements_register_csv(lines: tuple[RegisterLine, ...]) -> bytes:
    """The register as CSV, several values in a cell with `;` between them, as the one of GOV.UK has them."""
    return csv_bytes((*GOV_UK_FIELDS, *OWN_FIELDS), (tuple(map(_cell, _values(line))) for line in lines))


def _values(line: RegisterLine) -> Iterator[object]:
    for member in line.__struct_fields__:
        yield getattr(line, member)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return ";".join(map(str, value))
    return "" if value is None else str(value)


def _lines(view: RegisterView, today: str) -> Iterator[RegisterLine]:
    names = dict.fromkeys(version.agreement for version in view.agreement_versions())
    standing = [view.agreement_in_force(one, today) or view.agreement_versions(one)[-1] for one in names]
    for version in sorted(standing, key=lambda one: (one.tier, one.agreement)):
        yield _line(view, version, today)


def _line(view: RegisterView, version: AgreementVersion, today: str) -> RegisterLine:
    schedule, catalogue = version.schedule, view.catalogue()
    purposes = {} if catalogue is None else catalogue.purposes
    categories = {} if catalogue is None else catalogue.categories
    covered = dict.fromkeys(code for one in schedule.purposes for code in one.categories)
    controllers = tuple(
        sorted(
            one.organisation
            for one in view.attestations_of(version.agreement, version.version)
            if one.stands(today) and one.text_sha256 == version.text_sha256
        )
    )
    lead, area = _led(view, version)
    address = f"/agreements/{version.agreement}/{version.version}"
    security = schedule.topics.get("security")
    return RegisterLine(
        information_sharing_agreement=version.agreement,
        name=version.title,
        purpose=tuple(purposes[one.code].label if one.code in purposes else one.code for one in schedule.purposes),
        benefits="",
        legal_power=_legislation(view, version),
        disclosed_information=tuple(categories[one].label if one in categories else one for one in covered),
        controllers=controllers,
        controller_names=tuple(_name(view, one) for one in controllers),
        method="" if security is None else f"{address}#{security}",
        processors=(),
        processor_names=(),
        retention_period=tuple(f"{one.label}: {one.rule}" for one in schedule.retention),
        start_date=version.in_force_on,
        end_date=version.ends or schedule.ends,
        review_date=version.review_due or schedule.review_due,
        contact=lead,
        areas=(),
        area_names=(area,),
        tier=version.tier,
        version=version.version,
        status=shown_as(view, version, today),
        uri=f"/id/agreement/{version.agreement}",
        text_sha256=version.text_sha256,
    )


def _legislation(view: RegisterView, version: AgreementVersion) -> tuple[str, ...]:
    """The provisions with an address in legislation that the clauses rest on, each once, in the order of the text."""
    catalogue = view.catalogue()
    cited = dict.fromkeys(code for clause in clauses_of(version.text) for code in clause.cites)
    return tuple(
        code
        for code in cited
        if catalogue is not None
        and (provision := catalogue.provisions.get(code)) is not None
        and provision.uri is not None
        and "legislation.gov.uk" in provision.uri
    )


def _led(view: RegisterView, version: AgreementVersion) -> tuple[str, str]:
    """Who leads the partnership, by name, and what the partnership is called."""
    opened = view.opened()
    partnership = version.partnership or ("" if opened is None else opened.partnership)
    found = view.partnership(partnership)
    return ("", partnership) if found is None else (_name(view, found.lead_body), found.name)


def _name(view: RegisterView, organisation: str) -> str:
    body = view.organisation(organisation)
    return organisation if body is None else body.name
