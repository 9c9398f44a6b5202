"""What refers to what in a catalogue: every code once, and none that is not there."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

import msgspec

from isa_registry.domain.agreements import TOPICS
from isa_registry.domain.catalogue import (
    Catalogue,
    Limit,
    MatrixRow,
    OrganisationKind,
    Provision,
    ProvisionKind,
    Purpose,
    Use,
)
from isa_registry.domain.catalogue_faults import Fault
from isa_registry.domain.guidance import OF_CONFIDENCE, GuidanceItem
from isa_registry.domain.words import faults_of

IMMEDIATE_DANGER = "immediate-danger"
OUTCOMES = ("share-now", "duty-to-share", "may-share", "ask-consent", "seek-advice", "do-not-share")

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PATH = r"(?P<path>(?:ukpga|uksi|eur)(?:/[A-Za-z0-9.-]+)+)"
_IDENTIFIER = re.compile(rf"http://www\.legislation\.gov\.uk/id/{_PATH}")
# The Act that inserts a section has its text as enacted, so only a dated text must have the path of its identifier.
_TEXT_AT = re.compile(
    rf"https://www\.legislation\.gov\.uk/{_PATH}/(?:enacted|(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}))"
)
_DPV_TERM = re.compile(r"[a-z]+(?:-[a-z]+)*:[A-Za-z0-9][A-Za-z0-9-]*")
_LISTED_KINDS: dict[str, frozenset[ProvisionKind]] = {
    "article_6": frozenset({"article-6", "annex-1"}),
    "article_9": frozenset({"article-9", "schedule-1"}),
    "article_10": frozenset({"article-10", "schedule-1"}),
    "part_3": frozenset({"part-3"}),
    "gateways": frozenset({"duty", "request-duty", "power", "framework"}),
}


def reference_faults(listed: Mapping[str, list[Any]], catalogue: Catalogue) -> Iterator[Fault]:
    """Every reference to nothing, and every code that is there twice. `listed` holds the lists by their file's stem,
    in the files' own order."""
    for stem in ("provisions", "kinds", "purposes", "categories", "guidance", "recording"):
        yield from _codes_once(f"{stem}.json", [item.code for item in listed[stem]])
    yield from _code_forms(catalogue)
    for i, provision in enumerate(listed["provisions"]):
        yield from _provision_faults(i, provision, catalogue)
    for i, kind in enumerate(listed["kinds"]):
        yield from _kind_faults(i, kind, catalogue)
    for i, purpose in enumerate(listed["purposes"]):
        yield from _purpose_faults(i, purpose, catalogue)
    for i, item in enumerate(listed["guidance"]):
        yield from _guidance_faults(i, item, catalogue)
    for i, field in enumerate(listed["recording"]):
        yield from _unknown("recording.json", f"/{i}/outcomes", field.outcomes, OUTCOMES, "outcome")
    yield from _matrix_faults(listed["matrix"], catalogue)
    for pointer, what in faults_of(catalogue.words, TOPICS):
        yield Fault("words.json", pointer, what)


def _codes_once(name: str, codes: list[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for i, code in enumerate(codes):
        if _CODE.fullmatch(code) is None:
            yield Fault(name, f"/{i}/code", f"{code!r} is not a kebab-case code")
        if code in seen:
            yield Fault(name, f"/{i}/code", f"{code} is here twice")
        seen.add(code)


def _code_forms(catalogue: Catalogue) -> Iterator[Fault]:
    for vocabulary, words in msgspec.structs.asdict(catalogue.codes).items():
        for code in words:
            if _CODE.fullmatch(code) is None:
                yield Fault("codes.json", f"/codes/{vocabulary}", f"{code!r} is not a kebab-case code")
    limits = catalogue.codes.limits
    for limit in sorted(limits.keys() ^ frozenset(get_args(Limit))):
        what = f"there is no limit {limit}" if limit in limits else f"nothing says what {limit} means"
        yield Fault("codes.json", "/codes/limits", what)


def _unknown(file: str, at: str, codes: Iterable[str], known: Container[str], what: str) -> Iterator[Fault]:
    for j, code in enumerate(codes):
        if code not in known:
            yield Fault(file, f"{at}/{j}", f"there is no {what} {code}")


def _provision_faults(i: int, provision: Provision, catalogue: Catalogue) -> Iterator[Fault]:
    for member, codes, known, what in (
        ("providers", provision.providers, catalogue.kinds, "kind of organisation"),
        ("except_providers", provision.except_providers, catalogue.kinds, "kind of organisation"),
        ("recipients", provision.recipients, catalogue.kinds, "kind of organisation"),
        ("purposes", provision.purposes, catalogue.purposes, "purpose"),
    ):
        yield from _unknown("provisions.json", f"/{i}/{member}", codes or (), known, what)
    if provision.verified != (provision.confidence == "verified"):
        yield Fault("provisions.json", f"/{i}/verified", "verified and confidence disagree")
    yield from _address_faults(i, provision)
    for j, period in enumerate(provision.in_force):
        if period.until is not None and period.until < period.from_:
            yield Fault("provisions.json", f"/{i}/in_force/{j}", "the period ends before it begins")
    for j, (earlier, later) in enumerate(pairwise(provision.in_force)):
        if earlier.until is None or later.from_ <= earlier.until:
            yield Fault("provisions.json", f"/{i}/in_force/{j + 1}", "overlaps the period before it")


def _address_faults(i: int, provision: Provision) -> Iterator[Fault]:
    for member in ("practice", "source"):
        if not getattr(provision, member).strip():
            yield Fault("provisions.json", f"/{i}/{member}", "this is empty")
    identifier = _IDENTIFIER.fullmatch(provision.uri) if provision.uri is not None else None
    text = _TEXT_AT.fullmatch(provision.text_at) if provision.text_at is not None else None
    if provision.uri is not None and identifier is None:
        yield Fault("provisions.json", f"/{i}/uri", "this is no identifier of legislation.gov.uk")
    if (provision.uri is None) != (provision.text_at is None):
        yield Fault("provisions.json", f"/{i}", "uri and text_at go together")
    elif provision.text_at is not None and text is None:
        yield Fault("provisions.json", f"/{i}/text_at", "this is no address of a text at a point in time")
    elif text is not None and identifier is not None and text["date"] and text["path"] != identifier["path"]:
        yield Fault("provisions.json", f"/{i}/text_at", "this is the text of another provision than uri")
    if provision.dpv is not None and _DPV_TERM.fullmatch(provision.dpv) is None:
        yield Fault("provisions.json", f"/{i}/dpv", "this is no term of the form prefix:Term")


def _kind_faults(i: int, kind: OrganisationKind, catalogue: Catalogue) -> Iterator[Fault]:
    for member, row in (("row", kind.row), ("row_if_council_run", kind.row_if_council_run)):
        if row is None:
            continue
        followed = catalogue.kinds.get(row)
        if followed is None:
            yield Fault("kinds.json", f"/{i}/{member}", f"there is no {row}")
        elif followed.row != followed.code:
            yield Fault("kinds.json", f"/{i}/{member}", f"{row} has no row of its own")
        elif followed.public != (kind.public or member == "row_if_council_run"):
            yield Fault("kinds.json", f"/{i}/{member}", f"{row} and {kind.code} differ in being public")


def _purpose_faults(i: int, purpose: Purpose, catalogue: Catalogue) -> Iterator[Fault]:
    followed = catalogue.purposes.get(purpose.matrix)
    if followed is None:
        yield Fault("purposes.json", f"/{i}/matrix", f"there is no {purpose.matrix}")
    elif followed.matrix != followed.code:
        yield Fault("purposes.json", f"/{i}/matrix", f"{purpose.matrix} has no column of its own")
    spoken = {code for code, item in catalogue.guidance.items() if item.when == "purpose-says"}
    yield from _unknown("purposes.json", f"/{i}/guidance", purpose.guidance, spoken, "guidance for purposes")


def _guidance_faults(i: int, item: GuidanceItem, catalogue: Catalogue) -> Iterator[Fault]:
    at = f"/{i}"
    yield from _unknown("guidance.json", f"{at}/cites", item.cites, catalogue.provisions, "provision")
    yield from _unknown("guidance.json", f"{at}/purposes", item.purposes, catalogue.purposes, "purpose")
    # What an item says is the same for every answer of a day and purpose, so it names no body.
    counted = item.when in OF_CONFIDENCE
    if "{" in (_without_counts(item.text) if counted else item.text) and item.text != "{contacts}":
        named = "{checked} and {points}" if counted else "{contacts}, alone"
        yield Fault("guidance.json", f"{at}/text", f"guidance has no placeholder but {named}")
    if item.topic is not None and item.topic not in TOPICS:
        yield Fault("guidance.json", f"{at}/topic", f"agreements have no topic {item.topic}")


def _without_counts(text: str) -> str:
    return text.replace("{checked}", "").replace("{points}", "")


def _matrix_faults(matrix: list[MatrixRow], catalogue: Catalogue) -> Iterator[Fault]:
    kinds = [k.code for k in catalogue.kinds.values() if k.row == k.code]
    columns = [*(p.code for p in catalogue.purposes.values() if p.matrix == p.code), IMMEDIATE_DANGER]
    seen: set[tuple[str, str]] = set()
    for i, row in enumerate(matrix):
        if row.organisation not in kinds:
            yield Fault("matrix.json", f"/{i}/organisation", f"there is no row kind {row.organisation}")
        if row.purpose not in columns:
            yield Fault("matrix.json", f"/{i}/purpose", f"there is no column {row.purpose}")
        if (row.organisation, row.purpose) in seen:
            yield Fault("matrix.json", f"/{i}", f"{row.organisation} and {row.purpose} are here twice")
        seen.add((row.organisation, row.purpose))
        yield from _row_faults(i, row, catalogue)
    for kind in kinds:
        for column in columns:
            if (kind, column) not in seen:
                yield Fault("matrix.json", "", f"there is no row for {kind} and {column}")


def _row_faults(i: int, row: MatrixRow, catalogue: Catalogue) -> Iterator[Fault]:
    for member, allowed in _LISTED_KINDS.items():
        uses: tuple[Use, ...] = getattr(row, member)
        for j, use in enumerate(uses):
            at = f"/{i}/{member}/{j}/code"
            provision = catalogue.provisions.get(use.code)
            if provision is None:
                yield Fault("matrix.json", at, f"there is no {use.code}")
            elif provision.kind not in allowed:
                yield Fault("matrix.json", at, f"{use.code} is of kind {provision.kind}: not for {member}")
            elif member == "gateways" and not _open_to(provision, row.organisation, catalogue):
                yield Fault("matrix.json", at, f"{use.code} does not name {row.organisation} among its providers")
    for j, code in enumerate(row.duties):
        duty = catalogue.provisions.get(code)
        if duty is None:
            yield Fault("matrix.json", f"/{i}/duties/{j}", f"there is no {code}")
        elif duty.kind != "duty":
            yield Fault("matrix.json", f"/{i}/duties/{j}", f"{code} is no duty")
    cautions = {code for code, item in catalogue.guidance.items() if item.when.startswith("row-says")}
    yield from _unknown("matrix.json", f"/{i}/cautions", row.cautions, cautions, "guidance for rows")


def _open_to(provision: Provision, organisation: str, catalogue: Catalogue) -> bool:
    """Whether the kind, or one that follows its row, is among the providers."""
    followers = {kind.code for kind in catalogue.kinds.values() if kind.row == organisation}
    return provision.providers is None or not {organisation, *followers}.isdisjoint(provision.providers)
