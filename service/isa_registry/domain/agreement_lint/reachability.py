"""Every clause is found by somebody who does not read the text from end to end.

Ways in are the schedule (the clauses of purposes and topics, and the annexes, which are the schedule) and the process
section, the one that holds the topic `request`. From there on, cross-references lead.
"""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain.agreement_lint.references import references
from isa_registry.domain.agreement_text import AgreementFault, Clause
from isa_registry.domain.agreements import Schedule

PROCESS_TOPIC = "request"


def unreachable(clauses: tuple[Clause, ...], schedule: Schedule) -> tuple[Clause, ...]:
    """The clauses that no way in leads to. A reference to a section leads to all of it, one to a clause to what is
    below it."""
    known = {clause.id: clause for clause in clauses}
    process = schedule.topics.get(PROCESS_TOPIC, "").partition(".")[0]
    waiting = [
        *(purpose.clause for purpose in schedule.purposes),
        *schedule.topics.values(),
        *(clause.id for clause in clauses if clause.generated or clause.section == process),
    ]
    reached: set[str] = set()
    while waiting:
        id_ = waiting.pop()
        if id_ in reached or id_ not in known:
            continue
        reached.add(id_)
        waiting += [below for below in known if below.startswith(f"{id_}.")]
        waiting += [reference.id for reference in references(known[id_], known) if not reference.tier_1]
    return tuple(clause for clause in clauses if clause.level > 1 and clause.id not in reached)


def reachability_faults(clauses: tuple[Clause, ...], schedule: Schedule) -> Iterator[AgreementFault]:
    """Each clause that nothing leads to."""
    for clause in unreachable(clauses, schedule):
        what = (
            f"nothing leads to clause {clause.id}: let a topic in schedule.json name it, or refer to it in a clause "
            "that is reached"
        )
        yield AgreementFault("agreement.md", f":{clause.line}", what)
