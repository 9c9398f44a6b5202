"""Flows that never apply: an earlier one of the same purpose fits every pair of bodies that they fit."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain.agreement_text import AgreementFault
from isa_registry.domain.agreements import Schedule


def flow_faults(schedule: Schedule) -> Iterator[AgreementFault]:
    """Each flow that is in vain, and each group of parties that nothing names."""
    named: set[str] = set()
    for i, purpose in enumerate(schedule.purposes):
        taken: set[tuple[str, str]] = set()
        for j, flow in enumerate(purpose.flows):
            named |= {flow.from_, flow.to}
            fits = {
                (provider, recipient)
                for provider in schedule.parties.get(flow.from_, ())
                for recipient in schedule.parties.get(flow.to, ())
            }
            if fits <= taken:
                what = f"the flow from {flow.from_} to {flow.to} never applies: put it before those that fit as well"
                yield AgreementFault("schedule.json", f"#/purposes/{i}/flows/{j}", what)
            taken |= fits
    for group in schedule.parties:
        if group not in named:
            what = f"no flow names the group {group}: name it in one, or take it out"
            yield AgreementFault("schedule.json", f"#/parties/{group}", what)
