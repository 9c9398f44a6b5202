"""Reading one agreement version whole: words and schedule, checked against each other and the catalogue."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from typing import NamedTuple

import msgspec

from isa_registry.domain.agreement_text import (
    AgreementError,
    AgreementFault,
    AgreementText,
    Clause,
    parse_agreement_text,
)
from isa_registry.domain.agreements import SIGNATORY_ROLES, Schedule, encode_schedule
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.shapes import place_and_fault
from isa_verify.encoding import canonical_json, parse_json_strict
from isa_verify.errors import MalformedError

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TELEPHONE = re.compile(r"[0-9]{3,5}(?: [0-9]{3,6}){0,2}")


class AgreementVersion(NamedTuple):
    """One agreement version, checked."""

    text: str
    schedule: Schedule
    clauses: tuple[Clause, ...]

    @property
    def text_sha256(self) -> str:
        """Lower-case hex SHA-256 of the words in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def schedule_sha256(self) -> str:
        """Lower-case hex SHA-256 of the schedule's canonical JSON (RFC 8785)."""
        return hashlib.sha256(encode_schedule(self.schedule)).hexdigest()


def load_agreement(text: bytes, schedule: bytes, catalogue: Catalogue) -> AgreementVersion:
    """The agreement version in `agreement.md` and `schedule.json`.

    Raises `AgreementError` naming, by line or JSON pointer, every fault of the first stage that has any: the
    words, the schedule's shape, then what refers to what.
    """
    try:
        markdown = text.decode("utf-8")
    except UnicodeDecodeError:
        raise AgreementError(AgreementFault("agreement.md", "", "not UTF-8")) from None
    words = parse_agreement_text(markdown)
    parsed = _schedule(schedule)
    faults = [
        *_citation_faults(words.clauses, catalogue),
        *_name_faults(words, parsed),
        *_clause_faults(words.clauses, parsed),
        *_code_faults(parsed, catalogue),
        *_date_faults(parsed),
    ]
    if faults:
        raise AgreementError(*faults)
    return AgreementVersion(markdown, parsed, words.clauses)


def _fault(at: str, what: str) -> AgreementFault:
    return AgreementFault("schedule.json", f"#{at}", what)


def _schedule(data: bytes) -> Schedule:
    try:
        value = parse_json_strict(data)
    except MalformedError as error:
        raise AgreementError(_fault("", str(error))) from None
    try:
        schedule = msgspec.convert(value, Schedule)
    except msgspec.ValidationError as error:
        raise AgreementError(_fault(*place_and_fault(error))) from None
    if encode_schedule(schedule) != canonical_json(value):
        # Otherwise the file and what is signed would have two hashes.
        raise AgreementError(_fault("", "a member is spelled out that has its default value"))
    return schedule


def _citation_faults(clauses: tuple[Clause, ...], catalogue: Catalogue) -> Iterator[AgreementFault]:
    for clause in clauses:
        for code in clause.cites:
            if code not in catalogue.provisions:
                what = f"clause {clause.id} rests on {code}, which is no provision"
                yield AgreementFault("agreement.md", f":{clause.line}", what)


def _name_faults(words: AgreementText, schedule: Schedule) -> Iterator[AgreementFault]:
    for member in ("title", "agreement", "version"):
        said = getattr(words, member)
        if said != getattr(schedule, member):
            yield _fault(f"/{member}", f"the words say {said}")
    if (schedule.tier, schedule.parent is None) not in ((1, True), (2, False)):
        yield _fault("/parent", "a Tier 2 agreement has a parent, and a Tier 1 agreement none")
    if schedule.parent is not None and schedule.parent.agreement == schedule.agreement:
        yield _fault("/parent/agreement", "an agreement is not its own parent")


def _clause_faults(clauses: tuple[Clause, ...], schedule: Schedule) -> Iterator[AgreementFault]:
    ids = {clause.id for clause in clauses}
    for i, purpose in enumerate(schedule.purposes):
        if purpose.clause not in ids:
            yield _fault(f"/purposes/{i}/clause", f"there is no clause {purpose.clause}")
    for topic, clause in schedule.topics.items():
        if clause not in ids:
            yield _fault(f"/topics/{topic}", f"there is no clause {clause}")


def _code_faults(schedule: Schedule, catalogue: Catalogue) -> Iterator[AgreementFault]:
    if not schedule.purposes:
        yield _fault("/purposes", "an agreement has a purpose")
    yield from _once("/purposes", (purpose.code for purpose in schedule.purposes))
    yield from _once("/contacts", (contact.code for contact in schedule.contacts))
    yield from _once("/retention", (retention.code for retention in schedule.retention))
    for i, purpose in enumerate(schedule.purposes):
        at = f"/purposes/{i}"
        if purpose.code not in catalogue.purposes:
            yield _fault(f"{at}/code", f"there is no purpose {purpose.code}")
        if not purpose.categories:
            yield _fault(f"{at}/categories", "a purpose has a category")
        yield from _once(f"{at}/categories", purpose.categories)
        for j, category in enumerate(purpose.categories):
            if category not in catalogue.categories:
                yield _fault(f"{at}/categories/{j}", f"there is no category {category}")
        for j, category in enumerate(purpose.minimum):
            if category not in purpose.categories:
                yield _fault(f"{at}/minimum/{j}", f"{category} is not among the categories")
    for kind, roles in schedule.signatory_roles.items():
        if kind not in catalogue.kinds:
            yield _fault(f"/signatory_roles/{kind}", "there is no such kind of organisation")
        for j, role in enumerate(roles):
            if role not in SIGNATORY_ROLES:
                yield _fault(f"/signatory_roles/{kind}/{j}", f"there is no role {role}")
    for i, contact in enumerate(schedule.contacts):
        if contact.telephone is not None and _TELEPHONE.fullmatch(contact.telephone) is None:
            yield _fault(f"/contacts/{i}/telephone", "not a telephone number")


def _once(at: str, codes: Iterable[str]) -> Iterator[AgreementFault]:
    seen: set[str] = set()
    for i, code in enumerate(codes):
        if _CODE.fullmatch(code) is None:
            yield _fault(f"{at}/{i}", f"{code!r} is not a kebab-case code")
        if code in seen:
            yield _fault(f"{at}/{i}", f"{code} is here twice")
        seen.add(code)


def _date_faults(schedule: Schedule) -> Iterator[AgreementFault]:
    days: dict[str, date] = {}
    for member in ("effective_from", "review_due", "ends"):
        stated = getattr(schedule, member)
        if stated is None:
            continue
        with suppress(ValueError):
            days[member] = date.fromisoformat(stated)
        if member not in days or days[member].isoformat() != stated:
            yield _fault(f"/{member}", "expected a date, YYYY-MM-DD")
    start = days.get("effective_from")
    for member in ("review_due", "ends"):
        if start is not None and member in days and days[member] <= start:
            yield _fault(f"/{member}", "is not after the agreement begins")
