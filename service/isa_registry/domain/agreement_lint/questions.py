"""Each clause says which questions it answers, so that somebody with a question finds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from isa_registry.domain.agreement_text import AgreementFault, Clause


def question_faults(clauses: Iterable[Clause]) -> Iterator[AgreementFault]:
    """Every clause below a section answers a question, and no two the same."""
    asked: dict[str, str] = {}
    for clause in clauses:
        at = f":{clause.line}"
        if clause.level > 1 and not clause.answers:
            what = f"clause {clause.id} does not say what it answers: end it with a line such as Answers: Who may ask?"
            yield AgreementFault("agreement.md", at, what)
        for question in clause.answers:
            before = asked.setdefault(question, clause.id)
            if before != clause.id:
                what = f"clauses {before} and {clause.id} answer the same question, “{question}”: let one of them"
                yield AgreementFault("agreement.md", at, what)
