"""Holds an agreement version against what its readers were promised: see docs/formats/agreement.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, zip_longest
from typing import NamedTuple

from isa_registry.domain.agreement_annex import annexes_markdown, split_annexes
from isa_registry.domain.agreement_lint.clause_ids import LEDGER, clause_id_faults, heir_faults, read_ledger
from isa_registry.domain.agreement_lint.flows import flow_faults
from isa_registry.domain.agreement_lint.language import language_faults, markup_faults
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.questions import question_faults
from isa_registry.domain.agreement_lint.reachability import reachability_faults
from isa_registry.domain.agreement_lint.reading_age import (
    CHILDREN_AGE,
    SUMMARY_AGE,
    clause_age_faults,
    summary_age_faults,
)
from isa_registry.domain.agreement_lint.references import reference_faults
from isa_registry.domain.agreement_lint.summaries import CHILDREN, SUMMARY, section_faults, summary_faults
from isa_registry.domain.agreement_lint.terms import term_faults
from isa_registry.domain.agreement_loading import agreement_faults, read_schedule
from isa_registry.domain.agreement_text import (
    AgreementError,
    AgreementFault,
    AgreementText,
    Clause,
    parse_agreement,
    parse_agreement_text,
)
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.catalogue import Catalogue


class VersionFiles(NamedTuple):
    """The files of one version, a text or None for one that is not there.

    `parent` is the text of the Tier 1 version that the schedule names. `newest`: no later version lies beside it.
    """

    agreement: str | None
    schedule: bytes | None
    summary: str | None
    summary_children: str | None
    ledger: bytes | None
    parent: str | None
    newest: bool


def lint_agreement(files: VersionFiles, catalogue: Catalogue) -> list[AgreementFault]:
    """Every fault of one version, by file and line. Files that cannot be read at all are all that is named then."""
    missing = list(_missing(files))
    if files.agreement is None or files.schedule is None:
        return missing
    faults: list[AgreementFault] = []
    try:
        words = parse_agreement_text(files.agreement)
    except AgreementError as error:
        faults += error.faults
    try:
        schedule = read_schedule(files.schedule)
    except AgreementError as error:
        faults += error.faults
    if faults:
        return [*missing, *faults]
    loose = agreement_faults(words, schedule, catalogue)
    parent, orphaned = _parent(schedule, files)
    found = chain(
        missing,
        loose,
        orphaned,
        _ledger(words, schedule, files),
        question_faults(words.clauses),
        term_faults(words.clauses, parent or ()),
        reference_faults(words.clauses, parent),
        clause_age_faults(words.clauses),
        reachability_faults(words.clauses, schedule),
        flow_faults(schedule),
        language_faults("agreement.md", file_lines(files.agreement)),
        markup_faults(file_lines(files.agreement)),
        # Tables of codes that are not there cannot be drawn, and an older version keeps the labels it was signed with.
        annex_faults(files.agreement, schedule, catalogue) if files.newest and not loose else (),
        _summaries(words, files),
    )
    return sorted(found, key=_place)


def _missing(files: VersionFiles) -> Iterator[AgreementFault]:
    for name, content in (
        ("agreement.md", files.agreement),
        ("schedule.json", files.schedule),
        (SUMMARY, files.summary),
        (CHILDREN, files.summary_children),
        (LEDGER, files.ledger),
    ):
        if content is None:
            yield AgreementFault(name, "", "this file is missing or not UTF-8: an agreement has one")


def _parent(schedule: Schedule, files: VersionFiles) -> tuple[tuple[Clause, ...] | None, list[AgreementFault]]:
    """The clauses of the Tier 1 version beneath: None for a Tier 1 agreement, none where its text cannot be read."""
    if schedule.parent is None:
        return None, []
    if files.parent is not None:
        with suppress(AgreementError):
            return parse_agreement(files.parent), []
    name = f"{schedule.parent.agreement} {schedule.parent.version}"
    what = f"the text of {name} is not there, or has faults of its own: put that right first"
    return (), [AgreementFault("schedule.json", "#/parent", what)]


def _ledger(words: AgreementText, schedule: Schedule, files: VersionFiles) -> Iterator[AgreementFault]:
    if files.ledger is None:
        return
    try:
        ledger = read_ledger(files.ledger)
    except AgreementError as error:
        yield from error.faults
        return
    yield from clause_id_faults(words, ledger, files.ledger, newest=files.newest)
    yield from heir_faults(schedule, ledger, files.ledger)


def annex_faults(markdown: str, schedule: Schedule, catalogue: Catalogue) -> Iterator[AgreementFault]:
    """The annexes are byte for byte what the schedule makes them."""
    words, written = split_annexes(markdown)
    made = annexes_markdown(schedule, catalogue)
    if written == made:
        return
    before = words.count("\n")
    pairs = zip_longest(written.split("\n"), made.split("\n"))
    line = next(number for number, (one, other) in enumerate(pairs, before + 1) if one != other)
    what = (
        "the annexes are not those that schedule.json makes: run `isa-registry agreements annex DIR --write`, or begin "
        "a new version if this one is published"
    )
    yield AgreementFault("agreement.md", f":{line}", what)


def _summaries(words: AgreementText, files: VersionFiles) -> Iterator[AgreementFault]:
    for name, summary, age in ((SUMMARY, files.summary, SUMMARY_AGE), (CHILDREN, files.summary_children, CHILDREN_AGE)):
        if summary is None:
            continue
        yield from summary_faults(name, summary, words.clauses)
        yield from summary_age_faults(name, summary, age)
        yield from language_faults(name, file_lines(summary))
    if files.summary is not None:
        yield from section_faults(files.summary, words.clauses)


def _place(fault: AgreementFault) -> tuple[str, int, str]:
    line = fault.at.removeprefix(":")
    return fault.file, int(line) if line.isdecimal() else 0, fault.at
