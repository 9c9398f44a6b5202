"""Texts that stand beside the words of a version and are not signed: summaries, and the words in another language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from isa_registry.domain.agreement_lint.summaries import SUMMARY, summary_faults
from isa_registry.domain.agreement_text import AgreementError, Clause, parse_agreement_text
from isa_registry.domain.agreements import LANGUAGES
from isa_registry.domain.refusals import Fault

COMPANIONS = {
    "summary": "Summary in plain words",
    "summary-for-children": "Summary for children",
    "translation": "The words in another language",
}
"""What a text beside the words is, each with its title."""

MOST_BYTES = 262_144
"""Of a companion's text in UTF-8."""


def companion_faults(
    companion: str,
    language: str,
    text: str,
    *,
    agreement: str,
    version: str,
    signed_in: str,
    clauses: tuple[Clause, ...],
) -> Iterator[Fault]:
    """What is wrong with a text beside a version whose words are in the language `signed_in` and have these clauses.

    A summary links to clauses as (#5.3); a translation is laid out as the words are, with the same clauses.
    """
    if companion not in COMPANIONS:
        yield Fault("#/companion", "unknown-code", f"One of {', '.join(COMPANIONS)}.")
    if language not in LANGUAGES:
        yield Fault("#/language", "unknown-code", f"One of {', '.join(LANGUAGES)}.")
    elif companion == "translation" and language == signed_in:
        yield Fault("#/language", "language-of-the-words", "The words are in this language already.")
    if not text.strip() or len(text.encode()) > MOST_BYTES:
        yield Fault("#/text", "wrong-length", f"Send from one character to {MOST_BYTES // 1024} KiB of text.")
        return
    if "\r" in text or any(
        unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for char in text if char != "\n"
    ):
        yield Fault("#/text", "control-character", "Lines end in LF, and no character is invisible.")
    elif companion == "translation":
        yield from _translation_faults(text, agreement, version, clauses)
    elif companion in COMPANIONS:
        for one in summary_faults(SUMMARY, text, clauses):
            yield Fault("#/text", "malformed", f"Line {one.at.removeprefix(':')}: {one.what}.")


def _translation_faults(text: str, agreement: str, version: str, clauses: tuple[Clause, ...]) -> Iterator[Fault]:
    try:
        words = parse_agreement_text(text)
    except AgreementError as error:
        for one in error.faults:
            yield Fault("#/text", "malformed", f"Line {one.at.removeprefix(':')}: {one.what}.")
        return
    if (words.agreement, words.version) != (agreement, version):
        yield Fault("#/text", "another-version", "The text says that it is another agreement or another version.")
    theirs, ours = [one.id for one in words.clauses], [one.id for one in clauses]
    for clause in [*(one for one in ours if one not in theirs), *(one for one in theirs if one not in ours)]:
        where = "is not in the translation" if clause in ours else "is not in the words that are signed"
        yield Fault("#/text", "other-clauses", f"Clause {clause} {where}.")
