"""What a caller may see: the one place in the application where one body's things are kept from another.

Two questions are answered here, for every route, from its line in the access table: for whom rows are read (row-level
security then shows those alone), and which members of what was found go out. A handler asks, and decides nothing.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from isa_registry.api.access import Access
from isa_registry.api.access import Reader as Side
from isa_registry.api.frame import caller_of
from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.reporting import Reader, reader_for
from isa_registry.store.pool import EVERYTHING

_Shown = TypeVar("_Shown", bound=Struct)

AUDITING = frozenset({"auditor", "audit:read"})
"""The role and the scope by which somebody reads of all bodies, where a route shows auditors anything."""


class Sight(Struct, frozen=True):
    """What a caller sees on the terms of one route. `auditor`: the things of all bodies, as an auditor or on the
    route's `oversight`; `audits`: as an auditor."""

    organisation: str
    auditor: bool
    access: Access
    audits: bool = False

    @property
    def reader(self) -> str:
        """For whom row-level security shows rows."""
        return EVERYTHING if self.auditor else self.organisation

    def own(self, organisation: str) -> str:
        """The organisation of an address, if it is the caller's own or the caller sees all. Raises `Refused`: another's
        is refused whether or not it exists."""
        if organisation != self.organisation and not self.auditor:
            raise Refused("not-your-organisation", "This is open to the organisation itself.")
        return organisation

    def whole(self, organisation: str) -> bool:
        """Whether all that is there of an organisation is shown: it is the caller's own, or the caller is an auditor.
        Whoever oversees a route sees of others what that oversight needs."""
        return self.audits or organisation == self.organisation

    def sees(self, member: str, provider: str) -> bool:
        """Whether this member of a record of this provider is shown."""
        fields = self._fields(provider)
        return "*" in fields or member in fields

    def show(self, answer: _Shown, provider: str) -> _Shown:
        """What is shown of an answer about a record of this provider: a member that is not has its default, and is left
        out."""
        fields = self._fields(provider)
        if "*" in fields:
            return answer
        hidden = {one.name: one.default for one in msgspec.structs.fields(answer) if one.encode_name not in fields}
        return msgspec.structs.replace(answer, **hidden)

    def _fields(self, provider: str) -> tuple[str, ...]:
        """Rows of bodies that are no party are not found at all, so whoever is not the provider is the recipient."""
        side: Side = "auditor" if self.auditor else "provider" if provider == self.organisation else "recipient"
        return self.access.fields.get(side, ())


def sight_of(request: Request) -> Sight:
    """What the request's caller sees on its route."""
    caller = caller_of(request)
    access: Access = request.route_handler.opt["access"]
    held = caller.roles | caller.scopes
    audits = "auditor" in access.fields and bool(AUDITING & held)
    return Sight(
        organisation=caller.organisation,
        auditor=audits or bool(access.oversight & held),
        access=access,
        audits=audits,
    )


def report_reader(request: Request, view: RegisterView) -> Reader:
    """Who reads a report, as the route's line and their roles and scopes have it."""
    sight = sight_of(request)
    return reader_for(view, caller_of(request), everything=sight.auditor, audits=sight.audits)
