"""Who decides, as the protocol sees it, and how many evaluations are gone through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol, TypeVar

from msgspec import Struct

from isa_registry.domain.authzen.messages import Entity, Evaluation, Evaluations
from isa_registry.domain.refusals import Refused

Sought = Literal["subject", "resource", "action"]

AT_A_TIME = 32
"""How many evaluations go through each step together, and after how many others have a turn."""


class Decided(Protocol):
    """A decision of a policy, which may know more of it."""

    @property
    def permits(self) -> bool: ...


class Response(Struct, frozen=True, omit_defaults=True, gc=False):
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
    state; whoever wires it makes one for a moment again.

    It is asked of several evaluations at a time: one step for all of them and then the next costs much less than all
    the steps for one and then for the next.
    """

    @property
    def moment(self) -> str: ...

    def decide(self, asked: Sequence[Evaluation]) -> list[D | Refused]:
        """A decision for each, always: what is not known is denied. A refusal in the place of what is not of the
        policy's form or may not be asked."""

    def candidates(self, asked: Asked) -> Iterable[str]:
        """The ids, or names, that may be in the results of a search, each once, in ascending order; none for a type
        that is not known."""

    def at_once(self, decisions: Sequence[D]) -> list[Response | None]:
        """The response for each decision of which nothing is to be kept; None where `respond` keeps something of it."""

    async def respond(self, decisions: Sequence[D]) -> list[Response | Refused]:
        """The responses for decisions that were taken, in order, once all that is to be kept of them is kept; a refusal
        in the place of one of which it cannot be."""


def in_order(policy: Policy[D], evaluations: Evaluations) -> Iterator[list[D | Refused]]:
    """Decides in order, a few at a time, as far as the semantic of the request goes; a refusal counts as a denial.
    Nothing that the semantic leaves out is decided."""
    stops_at = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(evaluations.semantic)
    step = AT_A_TIME if stops_at is None else 1
    for start in range(0, len(evaluations.asked), step):
        found = _decided(policy, evaluations.asked[start : start + step])
        yield found
        if any((not isinstance(one, Refused) and one.permits) is stops_at for one in found):
            return


def _decided(policy: Policy[D], asked: Sequence[Evaluation | Refused]) -> list[D | Refused]:
    """Each in its place: what was refused before stays so."""
    decisions = iter(policy.decide([one for one in asked if not isinstance(one, Refused)]))
    return [one if isinstance(one, Refused) else next(decisions) for one in asked]
