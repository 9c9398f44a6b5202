"""What is wrong with an agreement that was sent, as a refusal: a pointer and a code for each fault, and a sentence that
repeats nothing of what was sent.

The command line, whose files are its own, says more (`AgreementFault.what`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from isa_registry.domain.agreement_text import AgreementFault
from isa_registry.domain.agreements import TOPICS
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.refusals import Fault, Refused

_UNKNOWN = {
    "purpose": "unknown-purpose",
    "category": "unknown-category",
    "kind of organisation": "unknown-kind",
    "role": "unknown-role",
    "clause": "unknown-clause",
    "topic": "unknown-topic",
    "group of parties": "unknown-group",
}
_NO_SUCH = re.compile(
    r"there is no (?:such )?(purpose|category|kind of organisation|role|clause|topic|group of parties)"
)

# What the loaders say, and what is said of it to whoever sent it: the first that fits.
_SAID: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), code, said)
    for pattern, code, said in (
        (r"clause .* rests on .*", "unknown-provision", "This clause rests on a provision that the catalogue lacks."),
        (r"the words say .*", "contradicts-the-words", "The words say something else here: make the two the same."),
        (r"the heading says .*", "heading-and-id-differ", "The heading's number and its id are two: make them one."),
        (r"a clause .* has [0-9]+ number signs", "wrong-level", "The heading has another level than its id says."),
        (r"clause .* says nothing", "empty-clause", "A clause has words of its own: write them, or take it out."),
        (r"clause .* is out of order", "out-of-order", "This clause is out of order: put it where its number belongs."),
        (r"clause .* belongs to no section", "no-section", "This clause belongs to no section: put the section first."),
        (r".* is here twice", "twice", "This is here twice: leave one."),
        (r".* is not a kebab-case code", "not-a-code", "Write a code of lower-case letters, digits and hyphens."),
        (
            r".* is not among the (?:purpose's )?categories",
            "not-a-category-here",
            "Name one of the purpose's categories.",
        ),
        (r"Object missing required field .*", "missing", "A member is missing here that every schedule has."),
        (r"Object contains unknown field .*", "unknown-member", "There is a member here that no schedule has."),
        (r"(?:Expected|Invalid) .*", "wrong-type", "The value is not of the kind that is expected here."),
    )
)
_PLAIN = frozenset({
    "a carriage return: lines end in LF alone", "a control or invisible character", "a space at the end of the line",
    "a second empty line", "expected an empty line before a heading", "the text ends in exactly one line feed",
    "expected the title: # and its words", "expected, after an empty line, Agreement `id`, version `n.n`.",
    "text outside any clause", "no clause", "expected a heading such as ### 5.3 Its words {#5.3}",
    "a clause ends with what it answers, then what it rests on, a line each",
    "expected an empty line after the heading", "code blocks and HTML have no place in an agreement",
    "expected Rests on: `code`, `code`.", "a provision is cited twice",
    "expected Answers: What is one question? What is another?", "a question is there twice",
    "expected an empty line before this one", "not UTF-8", "a member is spelled out that has its default value",
    "a Tier 2 agreement has a parent, and a Tier 1 agreement none", "an agreement is not its own parent",
    "an agreement has a purpose", "a purpose has a category", "not a telephone number",
    "a group of parties has a kind of organisation", "a period that guidance sets has no years of its own",
    "expected from 1 to 150 years", "a retention class names its source", "expected a date, YYYY-MM-DD",
    "is not after the agreement begins",
})  # fmt: skip
"""What the loaders say without a word of what was sent."""

_NAMED_BY_THE_SENDER = frozenset({"topics", "parties", "signatory_roles", "consulted_roles"})
"""Members of a schedule whose own members are named by whoever writes it."""


def refused_agreement(faults: Iterable[AgreementFault], catalogue: Catalogue) -> Refused:
    """The refusal (`unprocessable`) of words and a schedule with these faults."""
    known = TOPICS | catalogue.kinds.keys()
    told = tuple(told_of(fault, known) for fault in faults)
    return Refused("unprocessable", "The words and the schedule do not make an agreement as they stand.", told)


def told_of(fault: AgreementFault, known: Set[str] = TOPICS) -> Fault:
    """One fault, for whoever sent the words and the schedule; a pointer goes through names that are `known`."""
    line = "" if fault.file == "schedule.json" else fault.at.removeprefix(":")
    code, said = _said(fault.what)
    return Fault(_pointer(fault, known), code, f"Line {line}: {said}" if line else said)


def _said(what: str) -> tuple[str, str]:
    unknown = _NO_SUCH.match(what)
    if unknown:
        thing = unknown.group(1)
        return _UNKNOWN[thing], f"There is no such {thing}. Write it as the catalogue and the words have it."
    if what in _PLAIN:
        return "not-well-formed", f"{what[0].upper()}{what[1:]}{'' if what.endswith(('.', '?')) else '.'}"
    for pattern, code, said in _SAID:
        if pattern.fullmatch(what):
            return code, said
    return "not-well-formed", "This is not as docs/formats/agreement.md describes it."


def _pointer(fault: AgreementFault, known: Set[str]) -> str:
    """Where it is, as far as the way there is not the sender's own text."""
    if fault.file != "schedule.json":
        return "#/text"
    steps = ["#", "schedule"]
    for step in fault.at.removeprefix("#").split("/")[1:]:
        if steps[-1] in _NAMED_BY_THE_SENDER and step not in known:
            break
        steps.append(step)
    return "/".join(steps)
