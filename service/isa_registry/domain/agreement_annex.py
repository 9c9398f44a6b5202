"""The annexes of an agreement: its schedule as tables, so that words and data cannot part.

They are made from `schedule.json` and the catalogue's labels alone, in their order, and stand at the end of the text.
The ids are fixed here: a clause of an annex keeps its id whatever the schedule comes to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from isa_registry.domain.agreement_text import Clause, clause_markdown
from isa_registry.domain.agreements import Schedule, SchedulePurpose, ScheduleRetention
from isa_registry.domain.catalogue import Catalogue, Category, Confidence

_ANNEX_HEADING = re.compile(r"^## [A-Z] [^\n]*\{#[A-Z]\}$", re.MULTILINE)

_ROLES = {
    "caldicott-guardian": "Caldicott Guardian",
    "chair-of-trustees": "chair of trustees",
    "chief-officer": "chief officer",
    "data-protection-officer": "data protection officer",
    "delegate": "delegate with written authority",
    "designated-safeguarding-lead": "designated safeguarding lead",
    "head-teacher": "head teacher",
    "legal-adviser": "legal adviser",
    "named-professional": "named safeguarding professional",
    "siro": "senior information risk owner",
}
_CONFIDENCE: dict[Confidence, str] = {
    "verified": "read",
    "secondary": "second-hand",
    "general-knowledge": "general knowledge",
    "uncertain": "uncertain",
}
_STARTS = {
    "birth": "birth",
    "death": "death",
    "closure": "the day the case closes",
    "last-entry": "the last entry",
    "decision": "the decision",
    "end-of-agreement": "the end of the agreement",
}


def annexes(schedule: Schedule, catalogue: Catalogue) -> tuple[Clause, ...]:
    """The clauses of the annexes A to E, in order. Their `line` is 0: they stand in no text yet."""
    return (
        _annex("A", "purposes and information"),
        _categories(schedule, catalogue),
        _purposes(schedule, catalogue),
        _annex("B", "what is normally enough, by direction"),
        _groups(schedule, catalogue),
        _directions(schedule, catalogue),
        _annex("C", "contacts"),
        _contacts(schedule),
        _annex("D", "how long records are kept"),
        _retention(schedule),
        _annex("E", "who signs and who is consulted"),
        _signatories(schedule, catalogue),
    )


def annexes_markdown(schedule: Schedule, catalogue: Catalogue) -> str:
    """The annexes as they stand at the end of the text."""
    return "\n".join(map(clause_markdown, annexes(schedule, catalogue)))


def with_annexes(markdown: str, written: str) -> str:
    """The text with these annexes in place of those it had, or after its last section."""
    words, _ = split_annexes(markdown)
    return f"{words.rstrip()}\n\n{written}"


def split_annexes(markdown: str) -> tuple[str, str]:
    """The text up to its first annex, and the annexes; empty where it has none."""
    first = _ANNEX_HEADING.search(markdown)
    at = len(markdown) if first is None else first.start()
    return markdown[:at], markdown[at:]


# --- the annexes -------------------------------------------------------------------------------------------


def _annex(letter: str, about: str) -> Clause:
    return Clause(letter, f"Annex {letter}: {about}", 1, "", (), (), 0)


def _clause(id_: str, heading: str, answers: tuple[str, ...], *paragraphs: str) -> Clause:
    return Clause(id_, heading, 2, "\n\n".join(paragraphs), answers, (), 0)


def _categories(schedule: Schedule, catalogue: Catalogue) -> Clause:
    return _clause(
        "A.1",
        "Which information may go for which purpose",
        ("Which information may be shared for this purpose?", "What is normally enough?", "Which of it is sensitive?"),
        "“Usual” is normally enough in some direction: Annex B says in which. “May” goes where this case needs it, "
        "with a reason. “Ask” is not covered here: seek advice, which is not a no.",
        _table(
            ("Information", "Sort", *(_purpose(line, catalogue) for line in schedule.purposes)),
            (
                (category.label, _sort(category), *(_cell(code, line) for line in schedule.purposes))
                for code, category in catalogue.categories.items()
            ),
        ),
        "“Special” is special category data under Article 9 of the UK GDPR. “Criminal” is about offences, under "
        "Article 10. “May be” means that it depends on what the record says.",
    )


def _cell(category: str, line: SchedulePurpose) -> str:
    usual = category in line.minimum or any(category in flow.minimum for flow in line.flows)
    return "usual" if usual else "may" if category in line.categories else "ask"


def _sort(category: Category) -> str:
    found = []
    for name, certain, possible in (
        ("special", category.special, category.may_be_special),
        ("criminal", category.criminal, category.may_be_criminal),
    ):
        if certain or possible:
            found.append(name if certain else f"may be {name}")
    if category.high_sensitivity:
        found.append("highly sensitive")
    return "; ".join(found) or "–"


def _purposes(schedule: Schedule, catalogue: Catalogue) -> Clause:
    return _clause(
        "A.2",
        "What each purpose is for",
        ("Which purposes does this agreement cover?", "Which clause speaks of this purpose?"),
        _table(
            ("Purpose", "What for", "Clause"),
            (
                (catalogue.purposes[line.code].label, catalogue.purposes[line.code].says, line.clause)
                for line in schedule.purposes
            ),
        ),
    )


def _groups(schedule: Schedule, catalogue: Catalogue) -> Clause:
    if not schedule.parties:
        return _clause("B.1", "Groups of bodies", ("Which group is this kind of body in?",), "There are none.")
    return _clause(
        "B.1",
        "Groups of bodies",
        ("Which group is this kind of body in?",),
        "The tables of this annex speak of these groups. A kind of body may be in more than one.",
        _table(
            ("Group", "Kinds of body"),
            (
                (_group(code), "; ".join(catalogue.kinds[kind].label for kind in kinds))
                for code, kinds in schedule.parties.items()
            ),
        ),
    )


def _directions(schedule: Schedule, catalogue: Catalogue) -> Clause:
    parts = []
    for line in schedule.purposes:
        parts.append(f"**{_purpose(line, catalogue)}** (clause {line.clause})")
        narrowed = any(flow.categories is not None for flow in line.flows)
        rows = [
            (
                _group(flow.from_),
                _group(flow.to),
                _labels(flow.minimum, catalogue),
                _labels(line.categories if flow.categories is None else flow.categories, catalogue),
            )
            for flow in line.flows
        ]
        rest = "Any other body" if rows else "Any body"
        all_ = "As Annex A says"
        rows.append((rest, rest, _labels(line.minimum, catalogue), all_))
        if narrowed:
            parts.append(_table(("From", "To", "Normally enough", "The most that may go"), rows))
        else:
            parts.append(_table(("From", "To", "Normally enough"), (row[:3] for row in rows)))
    return _clause(
        "B.2",
        "What is normally enough in each direction",
        ("What is the least that will do from one body to another?", "What goes to the police, and what comes back?"),
        "The first row that fits the two bodies counts. More than this may go where the case needs it, and the reason "
        "is written down.",
        *parts,
    )


def _contacts(schedule: Schedule) -> Clause:
    return _clause(
        "C.1",
        "Whom to ring",
        ("Whom do I ring?", "Whom do I ring at night or at the weekend?"),
        _table(
            ("Who", "Telephone", "Note"),
            ((one.label, one.telephone or "–", one.note or "–") for one in schedule.contacts),
        ),
    )


def _retention(schedule: Schedule) -> Clause:
    return _clause(
        "D.1",
        "Classes of record",
        ("How long is this record kept?", "How sure is that?"),
        "The last two columns say how sure each rule is, and where it comes from. A rule that was not read is to be "
        "checked before anybody relies on it.",
        _table(
            ("Record", "Rule", "Counted", "How sure", "Source"),
            (
                (one.label, one.rule, _counted(one), _CONFIDENCE[one.confidence], one.source)
                for one in schedule.retention
            ),
        ),
    )


def _counted(retention: ScheduleRetention) -> str:
    if retention.years is None:
        return "as guidance says"
    years = "1 year" if retention.years == 1 else f"{retention.years} years"
    return f"{years} from {_STARTS[retention.starts]}"


def _signatories(schedule: Schedule, catalogue: Catalogue) -> Clause:
    kinds = [kind for kind in catalogue.kinds if kind in schedule.signatory_roles or kind in schedule.consulted_roles]
    return _clause(
        "E.1",
        "Roles by kind of body",
        ("Who may sign for this kind of body?", "Who is asked before it signs?"),
        "One of those in the second column signs. Those in the third are asked first and do not sign.",
        _table(
            ("Kind of body", "May sign", "Consulted"),
            (
                (
                    catalogue.kinds[kind].label,
                    _roles(schedule.signatory_roles.get(kind, ())),
                    _roles(schedule.consulted_roles.get(kind, ())),
                )
                for kind in kinds
            ),
        ),
    )


# --- their cells -------------------------------------------------------------------------------------------


def _purpose(line: SchedulePurpose, catalogue: Catalogue) -> str:
    return catalogue.purposes[line.code].label


def _group(code: str) -> str:
    return code[0].upper() + code[1:].replace("-", " ")


def _labels(categories: Iterable[str], catalogue: Catalogue) -> str:
    return "; ".join(catalogue.categories[code].label for code in categories) or "–"


def _roles(roles: Iterable[str]) -> str:
    return "; ".join(_ROLES[role] for role in roles) or "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_row(head), _row(("---",) * len(head)), *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
