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
    is_clause_id,
    parse_agreement_text,
)
from isa_registry.domain.agreements import (
    CONSULTED_ROLES,
    LANGUAGES,
    SIGNATORY_ROLES,
    TOPICS,
    Schedule,
    SchedulePurpose,
    encode_schedule,
)
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.citations import is_short_title
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
    parsed = read_schedule(schedule)
    faults = agreement_faults(words, parsed, catalogue)
    if faults:
        raise AgreementError(*faults)
    return AgreementVersion(markdown, parsed, words.clauses)


def agreement_faults(words: AgreementText, schedule: Schedule, catalogue: Catalogue) -> list[AgreementFault]:
    """What words and schedule refer to and is not there, and where they contradict each other."""
    return [
        *_citation_faults(words.clauses, catalogue),
        *_name_faults(words, schedule),
        *_clause_faults(words.clauses, schedule),
        *schedule_faults(schedule, catalogue),
    ]


def schedule_faults(schedule: Schedule, catalogue: Catalogue) -> list[AgreementFault]:
    """What is wrong with a schedule whatever the words say."""
    return [
        *_code_faults(schedule, catalogue),
        *_party_faults(schedule, catalogue),
        *_retention_faults(schedule),
        *_date_faults(schedule),
    ]


def _fault(at: str, what: str) -> AgreementFault:
    return AgreementFault("schedule.json", f"#{at}", what)


def read_schedule(data: bytes) -> Schedule:
    """A schedule of the right shape; what it refers to is not looked up. Raises `AgreementError`."""
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
    for gone, heirs in schedule.heirs.items():
        if not is_clause_id(gone) or gone in ids:
            yield _fault(f"/heirs/{gone}", f"{gone} is in the words, or no clause id: only what is gone has heirs")
        for j, heir in enumerate(heirs):
            if heir not in ids:
                yield _fault(f"/heirs/{gone}/{j}", f"there is no clause {heir}")
        if len(set(heirs)) != len(heirs):
            yield _fault(f"/heirs/{gone}", "a clause is here twice")
    for topic, clause in schedule.topics.items():
        if topic not in TOPICS:
            yield _fault(f"/topics/{topic}", "there is no such topic")
        if clause not in ids:
            yield _fault(f"/topics/{topic}", f"there is no clause {clause}")


def _code_faults(schedule: Schedule, catalogue: Catalogue) -> Iterator[AgreementFault]:
    if schedule.short_title is not None and not is_short_title(schedule.short_title):
        yield _fault("/short_title", "expected some words such as HOTH ISA, 40 characters at most, no number last")
    if schedule.language not in LANGUAGES:
        yield _fault("/language", f"one of {', '.join(LANGUAGES)}")
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
        yield from _once(f"{at}/minimum", purpose.minimum)
        for j, category in enumerate(purpose.minimum):
            if category not in purpose.categories:
                yield _fault(f"{at}/minimum/{j}", f"{category} is not among the categories")
        yield from _flow_faults(at, purpose, schedule)
    for i, contact in enumerate(schedule.contacts):
        if contact.telephone is not None and _TELEPHONE.fullmatch(contact.telephone) is None:
            yield _fault(f"/contacts/{i}/telephone", "not a telephone number")


def _flow_faults(at: str, purpose: SchedulePurpose, schedule: Schedule) -> Iterator[AgreementFault]:
    seen: set[tuple[str, str]] = set()
    for i, flow in enumerate(purpose.flows):
        here = f"{at}/flows/{i}"
        for member, group in (("from", flow.from_), ("to", flow.to)):
            if group not in schedule.parties:
                yield _fault(f"{here}/{member}", f"there is no group of parties {group}")
        if (flow.from_, flow.to) in seen:
            yield _fault(here, f"a flow from {flow.from_} to {flow.to} is here twice")
        seen.add((flow.from_, flow.to))
        for j, category in enumerate(flow.categories or ()):
            if category not in purpose.categories:
                yield _fault(f"{here}/categories/{j}", f"{category} is not among the purpose's categories")
        for j, category in enumerate(flow.minimum):
            if category not in (purpose.categories if flow.categories is None else flow.categories):
                yield _fault(f"{here}/minimum/{j}", f"{category} is not among the categories")
        yield from _once(f"{here}/categories", flow.categories or ())
        yield from _once(f"{here}/minimum", flow.minimum)


def _party_faults(schedule: Schedule, catalogue: Catalogue) -> Iterator[AgreementFault]:
    yield from _once("/parties", schedule.parties)
    for group, kinds in schedule.parties.items():
        if not kinds:
            yield _fault(f"/parties/{group}", "a group of parties has a kind of organisation")
        yield from _once(f"/parties/{group}", kinds)
        for j, kind in enumerate(kinds):
            if kind not in catalogue.kinds:
                yield _fault(f"/parties/{group}/{j}", f"there is no kind of organisation {kind}")
    for member, known in (("signatory_roles", SIGNATORY_ROLES), ("consulted_roles", CONSULTED_ROLES)):
        for kind, roles in getattr(schedule, member).items():
            if kind not in catalogue.kinds:
                yield _fault(f"/{member}/{kind}", "there is no such kind of organisation")
            for j, role in enumerate(roles):
                if role not in known:
                    yield _fault(f"/{member}/{kind}/{j}", f"there is no role {role}")


def _retention_faults(schedule: Schedule) -> Iterator[AgreementFault]:
    for i, retention in enumerate(schedule.retention):
        if retention.starts == "as-guidance-says" and retention.years is not None:
            yield _fault(f"/retention/{i}/years", "a period that guidance sets has no years of its own")
        if retention.starts != "as-guidance-says" and not 1 <= (retention.years or 0) <= 150:
            yield _fault(f"/retention/{i}/years", "expected from 1 to 150 years")
        if not retention.source.strip():
            yield _fault(f"/retention/{i}/source", "a retention class names its source")


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
