"""A version 1.1 of the Tier 2 that ships, as a partnership would make it a year on: what tests publish, compare, sign.

It is built from 1.0 by edits, because nothing may be added to the agreements that ship. It passes the linter whole.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from isa_registry.data import data_directory
from isa_registry.domain.agreement_annex import annexes_markdown, with_annexes
from isa_registry.domain.agreement_lint import VersionFiles
from isa_registry.domain.agreement_lint.clause_ids import IdUsed, Ledger, ledger_json, read_ledger, with_new_ids
from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.agreement_text import parse_agreement_text
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.catalogue_loading import FILES, load_catalogue

AGREEMENT, OLD, NEW = "tier-2-hoth", "1.0", "1.1"
DURHAM = data_directory("agreements") / "durham"
DIRECTORY = DURHAM / AGREEMENT / OLD


class Edition(NamedTuple):
    """The files of one version: the words, the schedule, and the ledger of clause ids."""

    text: str
    schedule: bytes
    ledger: bytes

    @property
    def read(self) -> Schedule:
        return read_schedule(self.schedule)


_HEIRS = {"14.2": "14.3", "18.3": "18.2"}


@cache
def old_version() -> Edition:
    """Version 1.0 as it ships."""
    text = (DIRECTORY / "agreement.md").read_text(encoding="utf-8")
    return Edition(
        text, (DIRECTORY / "schedule.json").read_bytes(), (DIRECTORY.parent / "clause-ids.json").read_bytes()
    )


@cache
def next_version() -> Edition:
    """Version 1.1.

    Clause 14.2 is 14.3 now, scores have left clause 13.1 for one of their own (13.7), 10.21 is new, 18.3 has gone into
    18.2, and 9.3 and 10.3 say something else. The schedule takes finance out of a return interview, adds it to crime
    prevention, lets no delegate sign for a maintained school, and moves the dates.
    """
    schedule = _schedule()
    catalogue = load_catalogue(
        {name: (data_directory("agreements") / "catalogue" / name).read_bytes() for name in FILES}
    )
    text = with_annexes(_words(old_version().text), annexes_markdown(read_schedule(schedule), catalogue))
    ledger: Ledger = {**read_ledger(old_version().ledger)}
    for id_, heir in _HEIRS.items():
        ledger[id_] = IdUsed(ledger[id_].heading, OLD, NEW, (heir,))
    ledger |= {"13.1": IdUsed("Fact and opinion", OLD), "18.2": IdUsed("Audit and fairness", OLD)}
    return Edition(text, schedule, ledger_json(with_new_ids(ledger, parse_agreement_text(text))))


def next_files() -> VersionFiles:
    """What the linter reads of 1.1."""
    new = next_version()
    tier_1 = DURHAM / "tier-1" / "1.0" / "agreement.md"
    summary = (DIRECTORY / "summary.md").read_text(encoding="utf-8").replace("#18.3", "#18.2")
    return VersionFiles(
        agreement=new.text,
        schedule=new.schedule,
        summary=summary,
        summary_children=(DIRECTORY / "summary-children.md").read_text(encoding="utf-8"),
        ledger=new.ledger,
        parent=tier_1.read_text(encoding="utf-8"),
        newest=True,
    )


def write_next(directory: Path, *, in_force: date | None = None) -> Path:
    """The two signed files of 1.1 and its summary in a directory, for what reads files or uploads them. `in_force`: the
    day from which words and schedule say that it holds, in the place of their own."""
    text, schedule = next_version().text, next_version().schedule
    if in_force is not None:
        text = _edit(text, "in force from 1 January 2027", f"in force from {in_force.day} {in_force:%B %Y}")
        schedule = _edit(schedule.decode(), "2027-01-01", in_force.isoformat()).encode()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "agreement.md").write_text(text, encoding="utf-8", newline="\n")
    (directory / "schedule.json").write_bytes(schedule)
    (directory / "summary.md").write_text(str(next_files().summary), encoding="utf-8", newline="\n")
    return directory


def _schedule() -> bytes:
    value: dict[str, Any] = json.loads(old_version().schedule)
    value |= {"version": NEW, "effective_from": "2027-01-01", "review_due": "2028-01-01"}
    value["heirs"] = {gone: [heir] for gone, heir in _HEIRS.items()}
    purposes = {one["code"]: one for one in value["purposes"]}
    purposes["missing-return-interview"]["categories"].remove("finance")
    purposes["crime-prevention"]["categories"].append("finance")
    value["signatory_roles"]["maintained-school"].remove("delegate")
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


_SCORES = (
    " A score from an exploitation tool is an opinion. It goes with the tool's name, its date, who filled it in and "
    "what it rests on. It never goes alone, or opens or closes a case by itself. A low score does not outweigh a "
    "worker's worry."
)
_FAIRNESS = (
    "No group of children may be treated unfairly. Once a year the group of clause 1.4 compares, in figures without "
    "names, who is referred, screened out, put on the tracker or a map, shared about as a suspect, and offered help."
)


def _words(text: str) -> str:
    text = _edit(text, f"version `{OLD}`.", f"version `{NEW}`.")
    text = _edit(
        text,
        "This is version 1.0. It is in force from 1 June 2026 and falls due for review on 1 June 2027.",
        "This is version 1.1. It is in force from 1 January 2027 and falls due for review on 1 January 2028.",
    )
    text = _edit(
        text, "It may be a hotel, a bus company, a club", "It may be a hotel, a taxi firm, a bus company, a club"
    )
    text = _edit(text, "under clause 14.2. They", "under clause 14.3. They")
    text = _edit(text, "### 14.2 Who still has access {#14.2}", "### 14.3 Who still has access {#14.3}")
    text = _edit(text, _SCORES, " Clause 13.7 speaks of scores.")
    text = _edit(text, "### 13.1 Fact, opinion and scores {#13.1}", "### 13.1 Fact and opinion {#13.1}")
    text = _edit(
        text,
        "Answers: What is a risk score worth? May a score decide?",
        "Answers: How is fact kept apart from opinion?",
    )
    text = _edit(
        text,
        "## 14 Security {#14}\n",
        f"### 13.7 Scores {{#13.7}}\n\n{_SCORES.strip()}\n\n"
        "Answers: What is a risk score worth? May a score decide?\n\n"
        "## 14 Security {#14}\n",
    )
    text = _edit(
        text,
        "## 11 Consent and telling families {#11}\n",
        "### 10.21 A child who moves home {#10.21}\n\nWhen a child on the tracker moves to another home, the panel's "
        "lead tells the new school and the new general practice within two working days. Clause 8.5 bounds what they "
        "are told.\n\nAnswers: Who tells the new school?\n\n## 11 Consent and telling families {#11}\n",
    )
    text = _edit(text, "clause 10.17 is followed.", "clauses 10.17 and 10.21 are followed.")
    first, last = text.index("### 18.3 Fairness {#18.3}\n"), text.index("## 19 Signatures {#19}\n")
    text = text[:first] + text[last:]
    text = _edit(text, "the findings of clauses 18.2 and 18.3.", "the findings of clause 18.2.")
    text = _edit(text, "### 18.2 Audit {#18.2}", "### 18.2 Audit and fairness {#18.2}")
    return _edit(
        text,
        "it does not show that a decision was right.\n",
        f"it does not show that a decision was right.\n\n{_FAIRNESS}\n",
    )


def _edit(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)
