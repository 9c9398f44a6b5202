"""Who decides, as the protocol sees it, and how many evaluations are gone through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol, TypeVar

from msgspec import Struct

from isa_registry.domain.authzen.messages import Entity, Evaluation, Evaluations
from isa_registry.domain.refusals import Refused

Sought = Literal["subject", "resource", "action"]


class Decided(Protocol):
    """A decision of a policy, which may know more of it."""

    @property
    def permits(self) -> bool: ...


class Response(Struct, frozen=True, omit_defaults=True):
    """What goes out for one evaluation. `context` is whatever the policy says beside its decision."""

    decision: bool
    context: object = None


class Asked(Struct, frozen=True):
    """What a search is about: everything of an evaluation save the id, or the name, of what is sought."""

    sought: Sought
    example: Evaluation

    def about(self, candidate: str) -> Evaluation:
        """The evaluation of one candidate."""
        subject, action, resource = self.example.subject, self.example.action, self.example.resource
        if self.sought == "subject":
            subject = Entity(subject.type, candidate, subject.properties)
        elif self.sought == "resource":
            resource = Entity(resource.type, candidate, resource.properties)
        else:
            action = type(action)(candidate)
        return Evaluation(subject, action, resource, self.example.context)


D = TypeVar("D", bound=Decided)


class Policy(Protocol[D]):
    """Decides. `moment` names the state of the world that it decides on, so that the pages of one search are all of one
    state; whoever wires it makes one for a moment again."""

    @property
    def moment(self) -> str: ...

    def decide(self, asked: Evaluation) -> D:
        """A decision, always: what is not known is denied. Raises `Refused` for what is not of the policy's form or may
        not be asked."""

    def candidates(self, asked: Asked) -> Iterable[str]:
        """The ids, or names, that may be in the results of a search, each once, in ascending order; none for a type
        that is not known."""

    async def respond(self, decisions: Sequence[D]) -> list[Response]:
        """The responses for decisions that were taken, in order, once all that is to be kept of them is kept."""


def in_order(policy: Policy[D], evaluations: Evaluations) -> Iterator[D | Refused]:
    """Decides one after the other, as far as the semantic of the request goes; a refusal counts as a denial. Nothing
    that is not asked for in the end is decided."""
    stops_at = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(evaluations.semantic)
    for asked in evaluations.asked:
        found: D | Refused
        try:
            found = asked if isinstance(asked, Refused) else policy.decide(asked)
        except Refused as refused:
            found = refused
        yield found
        if (not isinstance(found, Refused) and found.permits) is stops_at:
            return
