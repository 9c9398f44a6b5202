"""Each rule of the linter: a text that keeps them all, and what is named when one is broken."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.agreement_annex import annexes_markdown, with_annexes
from isa_registry.domain.agreement_lint import VersionFiles, lint_agreement
from isa_registry.domain.agreement_lint.clause_ids import Ledger, ledger_json, read_ledger, with_new_ids
from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.agreement_text import AgreementError, parse_agreement_text
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, load_catalogue

WORDS = """# Sharing at sea

Agreement `sea`, version `1.0`.

## 1 Crew {#1}

### 1.1 Words used {#1.1}

These words mean the same all through.

- **party**: a body that signed.
- **need to know**: what a task asks for.

Answers: What do the words mean?

### 1.2 Who sails {#1.2}

A party sails as clause 2.1 says. Annex A lists what may go. What goes is on a need to know basis.

Answers: Who sails?

Rests on: `ca-2004-s11`.

## 2 Why {#2}

### 2.1 Purposes: early help {#2.1}

Parties help early. See section 3.

| Who | What |
| --- | --- |
| Crew | Helps |

Answers: Why do we sail?

## 3 How {#3}

### 3.1 Asking {#3.1}

Ask the mate under section 47 of the Children Act 1989.

Answers: How do I ask?

### 3.2 Answering {#3.2}

Say yes or no, and keep to clauses 2.1 and 3.1.

Answers: How do I answer?
"""
SCHEDULE = {
    "agreement": "sea",
    "version": "1.0",
    "title": "Sharing at sea",
    "tier": 1,
    "effective_from": "2026-01-01",
    "review_due": "2027-01-01",
    "purposes": [
        {
            "code": "early-help",
            "clause": "2.1",
            "categories": ["identity", "contact"],
            "minimum": ["identity"],
            "flows": [{"from": "schools", "to": "council", "minimum": ["identity", "contact"]}],
        }
    ],
    "parties": {"council": ["local-authority"], "schools": ["academy"]},
    "topics": {"about": "1.1", "joining": "1.2", "request": "3.1"},
    "signatory_roles": {"academy": ["head-teacher"]},
    "contacts": [{"code": "first-contact", "label": "The mate", "telephone": "101"}],
    "retention": [],
}
SUMMARY = "We [sail](#1.2), we know [why](#2.1), and we [ask](#3)."
CHILDREN = "We help you. See [2.1](#2.1)."
PARENT = WORDS.replace("`sea`", "`harbour`").replace("{#2}", "{#2}").replace("need to know", "watch")


@cache
def catalogue() -> Catalogue:
    directory = data_directory("agreements") / "catalogue"
    return load_catalogue({name: (directory / name).read_bytes() for name in FILES})


def ledger_of(words: str) -> Ledger:
    return with_new_ids({}, parse_agreement_text(words))


def files(words: str = WORDS, schedule: dict[str, Any] = SCHEDULE, **others: Any) -> VersionFiles:
    """The files of a version, its annexes and ledger made to fit unless they are given."""
    data = json.dumps(schedule).encode()
    whole = with_annexes(words, annexes_markdown(read_schedule(data), catalogue()))
    made = VersionFiles(
        agreement=whole,
        schedule=data,
        summary=SUMMARY,
        summary_children=CHILDREN,
        ledger=None,
        parent=None,
        newest=True,
    )
    made = made._replace(**others)
    if made.ledger is None and made.agreement is not None:
        try:
            made = made._replace(ledger=ledger_json(ledger_of(made.agreement)))
        except AgreementError:
            made = made._replace(ledger=b"{}")
    return made


def lint(given: VersionFiles) -> list[str]:
    return [str(fault) for fault in lint_agreement(given, catalogue())]


def named(given: VersionFiles) -> str:
    """The faults, one to a line."""
    return "\n".join(lint(given))


def edited(was: str, becomes: str) -> str:
    assert was in WORDS
    return WORDS.replace(was, becomes, 1)


def scheduled(edit: Callable[[Any], object]) -> dict[str, Any]:
    schedule = json.loads(json.dumps(SCHEDULE))
    edit(schedule)
    return schedule


def test_a_text_that_keeps_the_rules_has_no_fault() -> None:
    assert lint(files()) == []


# --- the words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        pytest.param(
            "Answers: Who sails?\n\n",
            "",
            "agreement.md:16: clause 1.2 does not say what it answers: end it with a line such as "
            "Answers: Who may ask?",
            id="no question",
        ),
        pytest.param(
            "Answers: Who sails?",
            "Answers: What do the words mean?",
            "agreement.md:16: clauses 1.1 and 1.2 answer the same question, “What do the words mean?”: let one of them",
            id="question twice",
        ),
        pytest.param(
            "`ca-2004-s11`",
            "`magna-carta`",
            "agreement.md:16: clause 1.2 rests on magna-carta, which is no provision",
            id="unknown provision",
        ),
        # defined terms
        pytest.param(
            "Words used",
            "Words we use",
            "agreement.md:1: no term is defined: a clause “Words used” has list items such as - **party**: a "
            "body that has signed",
            id="no terms",
        ),
        pytest.param(
            "- **party**",
            "- **anchor**: what holds.\n- **party**",
            "agreement.md:11: “anchor” is defined and never used: use it, or take the definition out",
            id="unused term",
        ),
        pytest.param(
            "- **need",
            "- **Party**: one again.\n- **need",
            "agreement.md:12: “Party” is defined in clause 1.1 already: define it once",
            id="term twice",
        ),
        pytest.param(
            "on a need to know",
            "on a need-to-know",
            "agreement.md:12: “need to know” is defined and never used: use it, or take the definition out\n"
            "agreement.md:18: “need-to-know” is spelled “need to know” where it is defined: spell it one way",
            id="term with hyphens",
        ),
        pytest.param(
            "Say yes or no,",
            "Tell the Party yes or no,",
            "agreement.md:46: “Party” is spelled “party” where it is defined: spell it one way",
            id="term with a capital",
        ),
        pytest.param("Say yes", "Party or not, say yes", "", id="term at the start of a sentence"),
        pytest.param("Say yes", "Party? Parties, say yes", "", id="one and several at the start of a sentence"),
        pytest.param("Say yes", "At the Party Wall Office say yes", "", id="term in a name"),
        pytest.param("Say yes", "Under the Party's Wall Act 1996 say yes", "", id="possessive term in a name"),
        pytest.param(
            "Say yes or no,",
            "Tell the stakeholder,",
            "agreement.md:46: “stakeholder” is not used in these texts: write party, or whoever is meant",
            id="forbidden synonym",
        ),
        pytest.param(
            "Say yes or no,",
            "Tell the ISA,",
            "agreement.md:46: “ISA” is not used in these texts: write agreement",
            id="forbidden abbreviation",
        ),
        pytest.param("Say yes or no,", "Say what others call “data subjects”,", "", id="synonym in quotation marks"),
        # cross-references
        pytest.param("clause 2.1 says", "clause 2.9 says", "agreement.md:18: clause 2.9: this agreement has none"),
        pytest.param(
            "clauses 2.1 and 3.1",
            "clauses 2.1, 3.7 and 3.9",
            "agreement.md:46: clause 3.7: this agreement has none\n"
            "agreement.md:46: clause 3.9: this agreement has none",
            id="several clauses",
        ),
        pytest.param("clauses 2.1 and 3.1", "clauses 2.1 to 3.1", "", id="a span of clauses"),
        pytest.param(
            "clause 2.1 says",
            "clause 2 says",
            "agreement.md:18: clause 2 is a section or an annex: write section 2 or Annex 2",
            id="a section called a clause",
        ),
        pytest.param("See section 3.", "See clause B.2 and Annex C.", "", id="an annex and a clause of one"),
        pytest.param("Annex A lists", "Annex Q lists", "agreement.md:18: Annex Q: this agreement has none"),
        pytest.param(
            "of the Children Act 1989",
            "now",
            "agreement.md:40: section 47: this agreement has no such section; a section of an Act says which, "
            "such as “section 47 of the Children Act 1989”",
            id="a section of no Act",
        ),
        pytest.param(
            "clause 2.1 says",
            "clause 2.1 of Tier 1 says",
            "agreement.md:18: clause 2.1 of Tier 1: this is Tier 1, so leave “of Tier 1” out",
            id="Tier 1 in Tier 1",
        ),
        pytest.param("See section 3.", "See `clause 9.9`.", "", id="a reference in a code span"),
        pytest.param(
            "of the Children Act 1989",
            "of what we wrote",
            "agreement.md:40: section 47: this agreement has no such section; a section of an Act says which, "
            "such as “section 47 of the Children Act 1989”",
            id="a section of something that is no Act",
        ),
        pytest.param(
            "of the Children Act 1989",
            "of the Children Act 1989 and clause 8.8",
            "agreement.md:40: clause 8.8: this agreement has none",
            id="a clause after a section of an Act",
        ),
        pytest.param("section 47 of", "sections 16E, 16K and 47 of", "", id="sections of an Act"),
        # language
        pytest.param(
            "Say yes or no,", "Utilise words,", "agreement.md:46: “Utilise”: write use", id="not a plain word"
        ),
        pytest.param(
            "Say yes or no,",
            "Say yes, no, etc.,",
            "agreement.md:46: “etc.”: write what else there is, or “such as” before it",
            id="bare etc.",
        ),
        pytest.param("Say yes or no,", "Under the Tides etc. Act 1901 say no,", "", id="etc. in the title of an Act"),
        pytest.param("Say yes", "Say  yes", "agreement.md:46: two spaces together: leave one", id="two spaces"),
        pytest.param(
            "Answers: How do I answer?",
            "Answers: How do I utilise it?",
            "agreement.md:48: “utilise”: write use",
            id="in a question",
        ),
        pytest.param(
            "Say yes",
            "Say [yes](#3.1)",
            "agreement.md:46: a link has no place in the words that are signed: write clause 5.3, or cite a provision",
            id="link",
        ),
        pytest.param(
            "| Crew | Helps |",
            "| Crew |",
            "agreement.md:32: this row has 1 cells and the first of its table 2: | one | for each |",
            id="a cell too few",
        ),
        pytest.param(
            "Say yes or no, and keep",
            "Multidisciplinary professionals communicating proportionately keep",
            "agreement.md:44: clause 3.2 has a reading age of 25.3, and 17 is the most: use shorter words, or "
            "cut long sentences in two",
            id="reading age",
        ),
        # ways to a clause
        pytest.param(
            "See section 3.",
            "See.\n\nAnswers: What else?\n\n### 2.2 Adrift {#2.2}\n\nNobody comes by.",
            "agreement.md:32: nothing leads to clause 2.2: let a topic in schedule.json name it, or refer to it "
            "in a clause that is reached",
            id="a clause that nothing leads to",
        ),
        pytest.param(
            "See section 3.",
            "See clause 2.2.\n\nAnswers: What else?\n\n### 2.2 Afloat {#2.2}\n\nSomebody comes by.",
            "",
            id="a clause that another leads to",
        ),
        pytest.param("{#1}", "{#7}", "agreement.md:5: the heading says 1 and its id 7", id="not an agreement at all"),
    ],
)
def test_a_rule_that_the_words_break_is_named_with_its_line_and_what_to_do(
    was: str, becomes: str, expected: str
) -> None:
    assert expected == named(files(edited(was, becomes)))


def test_the_annexes_are_those_of_the_schedule_byte_for_byte() -> None:
    whole = files().agreement
    assert whole is not None
    line = whole[: whole.index("| The mate")].count("\n") + 1
    what = (
        "the annexes are not those that schedule.json makes: run `isa-registry agreements annex DIR --write`, or begin "
        "a new version if this one is published"
    )
    assert lint(files(agreement=whole.replace("| The mate", "| The cook"))) == [f"agreement.md:{line}: {what}"]
    assert f"agreement.md:49: {what}" in lint(files(agreement=WORDS))


def test_an_older_version_keeps_the_labels_it_was_signed_with() -> None:
    whole = files().agreement
    assert whole is not None
    assert lint(files(agreement=whole.replace("| The mate", "| The cook"), newest=False)) == []


# --- an agreement that stands on another -------------------------------------------------------------------

TIER_2 = scheduled(lambda s: s.update(tier=2, parent={"agreement": "harbour", "version": "1.0"}))


def test_tier_2_refers_to_clauses_of_its_parent() -> None:
    words = edited("clause 2.1 says", "clauses 2.1 and 3.2 of Tier 1 say")
    parent = with_annexes(PARENT.replace("- **party**: a body that signed.\n", ""), "")
    assert lint(files(words, TIER_2, parent=parent.rstrip() + "\n")) == []


def test_a_clause_that_the_parent_lacks_or_alone_has_is_named() -> None:
    parent = edited("### 3.2 Answering {#3.2}", "### 3.3 Answering {#3.3}").replace("**party**", "**crew member**")
    words = edited("clause 2.1 says", "clause 3.2 of Tier 1 and clause 3.3 say")
    assert lint(files(words, TIER_2, parent=parent.replace("need to know", "watch"))) == [
        "agreement.md:18: clause 3.2 of Tier 1: the version of Tier 1 that the schedule names as parent has none",
        "agreement.md:18: clause 3.3: this agreement has none; Tier 1 has one: write “of Tier 1” if that is meant",
    ]


def test_a_term_of_the_parent_is_not_defined_again_and_is_spelled_as_there() -> None:
    words = edited("Say yes", "On the Dog Watch say yes").replace("Dog Watch", "dog-watch")
    parent = PARENT.replace("**watch**", "**dog watch**")
    assert lint(files(words, TIER_2, parent=parent)) == [
        "agreement.md:11: “party” is defined in clause 1.1 of Tier 1 already: define it once",
        "agreement.md:46: “dog-watch” is spelled “dog watch” where it is defined: spell it one way",
    ]


def test_a_parent_that_is_not_there_is_named() -> None:
    what = "the text of harbour 1.0 is not there, or has faults of its own: put that right first"
    assert lint(files(schedule=TIER_2)) == [f"schedule.json#/parent: {what}"]
    assert lint(files(schedule=TIER_2, parent="# Nothing\n")) == [f"schedule.json#/parent: {what}"]


# --- schedule, ledger, summaries ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            lambda s: s["topics"].pop("joining"),
            "agreement.md:16: nothing leads to clause 1.2: let a topic in schedule.json name it, or refer to it "
            "in a clause that is reached",
            id="a topic less",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["flows"].append({"from": "schools", "to": "council", "minimum": []}),
            "schedule.json#/purposes/0/flows/1: a flow from schools to council is here twice\n"
            "schedule.json#/purposes/0/flows/1: the flow from schools to council never applies: put it before "
            "those that fit as well",
            id="a flow twice",
        ),
        pytest.param(
            lambda s: s["parties"].update(navy=["police"]),
            "schedule.json#/parties/navy: no flow names the group navy: name it in one, or take it out",
            id="a group that nothing names",
        ),
    ],
)
def test_a_rule_that_the_schedule_breaks_is_named_with_its_place(edit: Callable[[Any], object], expected: str) -> None:
    assert expected == named(files(schedule=scheduled(edit)))


def test_a_purpose_that_no_catalogue_has_is_named_and_its_tables_are_not_drawn() -> None:
    whole = files().agreement
    data = json.dumps(SCHEDULE).replace("early-help", "late-help").encode()
    assert lint(files(agreement=whole)._replace(schedule=data)) == [
        "schedule.json#/purposes/0/code: there is no purpose late-help"
    ]


def ledger_with(edit: Callable[[Any], object]) -> bytes:
    whole = files().agreement
    assert whole is not None
    ledger = json.loads(ledger_json(ledger_of(whole)))
    edit(ledger)
    return re.sub(r'("[0-9A-Z.]+": \{)', r"\n\1", json.dumps(ledger, ensure_ascii=False)).encode()


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            lambda ids: ids.pop("3.2"),
            "agreement.md:44: clause 3.2 is not in the ledger: add it to clause-ids.json, or let "
            "`isa-registry agreements clause-ids DIR --write` add it",
            id="an id that is not listed",
        ),
        pytest.param(
            lambda ids: ids["3.2"].update(heading="Refusing"),
            "agreement.md:44: clause 3.2 is “Refusing” in the ledger and “Answering” here: change the ledger's "
            "heading if the subject is the same, otherwise take a new number",
            id="another heading",
        ),
        pytest.param(
            lambda ids: ids["3.2"].update(heading="Refusing", since="0.1", until="0.9", heirs=["3.1"]),
            "agreement.md:44: clause 3.2 was another clause, “Refusing”, until version 0.9: give this one a "
            "number that was never used",
            id="an id used again",
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.9"}}),
            "../clause-ids.json:22: 9.9 is not in the text: put the clause back, or say until which version it "
            "stood, and its heirs; take the line out only if no version with it was ever published",
            id="an id that went without a word",
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.8", "until": "0.9", "heirs": ["3.1"]}}),
            "",
            id="an id that went in a version before",
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.8", "until": "1.0", "heirs": ["3.1"]}}),
            "schedule.json#/heirs: 9.9 went with this version: name its heirs in the schedule, or an empty list",
            id="an id that went in this version and whose heirs nobody signs",
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "To come", "since": "1.10"}}), "", id="an id of a later version"
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.8", "until": "0.9", "heirs": ["8.8"]}}),
            "../clause-ids.json:22: the heir 8.8 of 9.9 is no other clause: name one that is in this ledger",
            id="an heir that is not there",
        ),
        pytest.param(
            lambda ids: ids["3.2"].update(heirs=["3.1"]),
            "../clause-ids.json:9: 3.2 has heirs and has not gone: say until which version it stood",
            id="heirs of the living",
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.9", "until": "0.10"}}), "", id="ten is more"
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.9", "until": "0.9"}}),
            "../clause-ids.json:22: 9.9 is gone before it came: until is the first version without it",
            id="gone before it came",
        ),
        pytest.param(
            lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "spring"}}),
            "../clause-ids.json:22: 9.9: since and until are versions such as 1.0",
            id="no version",
        ),
        pytest.param(
            lambda ids: ids.update({"9..9": {"heading": "Gone", "since": "1.0"}}),
            "../clause-ids.json:22: '9..9' is no clause id",
            id="no id",
        ),
        pytest.param(
            lambda ids: ids["3.2"].pop("since"),
            "../clause-ids.json#/...: Object missing required field `since`",
            id="no since",
        ),
    ],
)
def test_text_and_ledger_of_ids_are_held_against_each_other(edit: Callable[[Any], object], expected: str) -> None:
    assert expected == named(files(ledger=ledger_with(edit)))


def test_an_older_version_may_have_called_a_clause_otherwise() -> None:
    ledger = ledger_with(lambda ids: ids["3.2"].update(heading="Replying"))
    assert lint(files(ledger=ledger, newest=False)) == []


@pytest.mark.parametrize(
    ("heirs", "expected"),
    [
        ({"9.9": ["3.1"]}, ""),
        (
            {"9.9": ["3.1"], "9.8": []},
            "schedule.json#/heirs/9.8: 9.8 did not go with this version by the ledger: say until 1.0 there",
        ),
        ({"9.9": ["3.2"]}, "../clause-ids.json:22: the heirs of 9.9 are others in the schedule: make them the same"),
    ],
)
def test_what_is_signed_of_heirs_is_what_the_ledger_says(heirs: dict[str, list[str]], expected: str) -> None:
    ledger = ledger_with(
        lambda ids: ids.update({"9.9": {"heading": "Gone", "since": "0.8", "until": "1.0", "heirs": ["3.1"]}})
    )
    assert expected == named(files(schedule={**SCHEDULE, "heirs": heirs}, ledger=ledger))


def test_a_ledger_is_written_in_the_order_of_the_text_and_read_again() -> None:
    whole = files().agreement
    assert whole is not None
    ledger = ledger_of(whole)
    assert list(read_ledger(ledger_json(ledger))) == [c.id for c in parse_agreement_text(whole).clauses]
    assert ledger == read_ledger(ledger_json(dict(reversed(ledger.items()))))
    assert b'\n  "3.2": {"heading": "Answering", "since": "1.0"},\n' in ledger_json(ledger)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param(
            {"summary": SUMMARY.replace("#2.1", "#2.7")},
            "summary.md:1: the link (#2.7) leads to no clause of this agreement: write (#5.3) for clause 5.3",
            id="a link to no clause",
        ),
        pytest.param(
            {"summary": SUMMARY.replace("[why](#2.1)", "why")},
            "summary.md:1: section 2, “Why”, is not linked: say what it means, and link it",
            id="a section not linked",
        ),
        pytest.param(
            {"summary": f"{SUMMARY}\n\nSee [there](https://example.org/)."},
            "summary.md:3: the link (https://example.org/) leads to no clause of this agreement: write (#5.3) "
            "for clause 5.3",
            id="a link elsewhere",
        ),
        pytest.param(
            {"summary_children": CHILDREN.replace("[2.1]", "[2.2]")},
            "summary-children.md:1: the link says 2.2 and leads to 2.1: make them the same",
            id="a number that leads to another",
        ),
        pytest.param(
            {"summary_children": "We help you."},
            "summary-children.md:1: the summary links no clause: link what it says, such as [5.3](#5.3)",
            id="no link",
        ),
        pytest.param(
            {"summary": SUMMARY + " Professionals communicate proportionate information."},
            "summary.md:1: the summary has a reading age of 14.4, and 12 is the most: use shorter words, or cut "
            "long sentences in two",
            id="too hard for adults",
        ),
        pytest.param(
            {"summary_children": "Grown-ups share information carefully. See [2.1](#2.1)."},
            "summary-children.md:1: the summary has a reading age of 18.7, and 10 is the most: use shorter words, "
            "or cut long sentences in two",
            id="too hard for children",
        ),
        pytest.param(
            {"summary": SUMMARY + "  Etc."},
            "summary.md:1: two spaces together: leave one\n"
            "summary.md:1: “Etc.”: write what else there is, or “such as” before it",
            id="language",
        ),
        pytest.param(
            {"summary": None},
            "summary.md: this file is missing or not UTF-8: an agreement has one",
            id="no summary",
        ),
    ],
)
def test_a_rule_that_a_summary_breaks_is_named(others: dict[str, Any], expected: str) -> None:
    assert expected == named(files(**others))


def test_files_that_are_not_there_are_named_and_nothing_else_is_guessed() -> None:
    nothing = VersionFiles(None, None, None, None, None, None, True)
    assert [fault.split(":")[0] for fault in lint(nothing)] == [
        "agreement.md",
        "schedule.json",
        "summary.md",
        "summary-children.md",
        "../clause-ids.json",
    ]
