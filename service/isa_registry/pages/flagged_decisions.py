"""One's own organisation's decisions that the registry marked: to look at with whoever decided, for the child's sake.

They are listed by what was decided and when, and by nobody's name or role: this is no measure of anybody's work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.store import casework
from isa_registry.store.casework import OwnEvent
from isa_registry.store.pool import reading_for

ADDRESS = "/account/flagged-decisions"
DECISIONS = {
    "shared": "Shared",
    "part-shared": "Shared in part",
    "not-shared": "Not shared",
    "deferred": "Put off",
}
_FLAGS = {
    "withheld-against-duty": (
        "Look at this today with whoever decided",
        (
            "There seems to be a duty to share this, or somebody is in danger. If it is to be shared, share it at "
            "once, and record that as a new event."
        ),
    ),
    "review-basis": (
        "Look at the basis",
        (
            "This was shared although the answer was not to. Record the basis if there is one. If there was none, "
            "follow your procedure for a breach of personal data."
        ),
    ),
}
_PAGE = 50
_CURSOR = re.compile(r"e([1-9][0-9]{0,14})")


class FlaggedShown(Struct, frozen=True):
    """A decision to look at: what to do, as title and words, and facts as (title, value)."""

    id: str
    to_do: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


def flagged_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def flagged_decisions(request: Request) -> Response[bytes]:
        registry, own = registry_of(request), caller_of(request).organisation
        cursor = str(request.query_params.get("cursor", ""))
        place = _CURSOR.fullmatch(cursor)
        if cursor and place is None:
            raise Refused("malformed", "The cursor is not one that this registry gave.")
        end = 2**62 if place is None else int(place[1])
        async with reading_for(registry.reading, own) as connection:
            found = await casework.flagged_down(connection, own, end, limit=_PAGE + 1)
        view = registry.follower.view
        return layout_of(request).page(
            "flagged_decisions.html",
            shown=flagged_shown(found[:_PAGE], view),
            next=f"{ADDRESS}?cursor=e{found[_PAGE - 1].index}" if len(found) > _PAGE else None,
            first=ADDRESS if place else None,
        )

    return [flagged_decisions]


def flagged_shown(found: Sequence[OwnEvent], view: RegisterView) -> list[FlaggedShown]:
    """The decisions as they are shown; a flag that this version does not know is shown by its code."""
    law = view.catalogue()
    return [
        FlaggedShown(
            id=str(one.id),
            to_do=tuple(_FLAGS.get(flag, (flag, "")) for flag in one.flags),
            facts=(
                ("Decided on", plain_date(london_date(one.decided_at))),
                ("Decision", DECISIONS[one.decision]),
                ("With", body_named(view, one.recipient)),
                ("For", purpose_named(law, one.purpose)),
                ("Event", str(one.id)),
                ("Log entry", str(one.index)),
            ),
        )
        for one in found
    ]


def body_named(view: RegisterView, organisation: str | None) -> str:
    """The other organisation by its name; one that is not registered has none here."""
    body = None if organisation is None else view.organisation(organisation)
    return "An organisation that is not registered" if body is None else body.name


def purpose_named(law: Catalogue | None, purpose: str) -> str:
    return law.purposes[purpose].label if law is not None and purpose in law.purposes else purpose
