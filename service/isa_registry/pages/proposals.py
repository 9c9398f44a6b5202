"""Four eyes on pages: what waits for a second person of the business unit, exactly what it would do, and their word."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import deciding
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages.changes_in_words import ChangeShown, in_words
from isa_registry.pages.changing import proposals_of, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, plain_time, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.access.proposals import Proposals, read_document
from isa_registry.store.proposals import Proposal

ADDRESS = "/account/proposals"
_ID = re.compile(r"prp_[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
STATES = {
    "open": "Waits for a second person",
    "approved": "Approved, and not in the log yet: approve it again",
    "logged": "In the log",
    "withdrawn": "Withdrawn",
    "declined": "Declined",
}


class ProposalShown(Struct, frozen=True):
    """A proposal. `exactly` is what would be logged, as canonical JSON, and `sha256` that of those bytes; `own`:
    whoever reads this proposed it."""

    id: str
    state: str
    words: str
    changes: tuple[ChangeShown, ...]
    exactly: str
    sha256: str
    own: bool
    proposed_by: int
    proposed_at: str
    expires_at: str
    entry: int | None


def proposal_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def waiting(request: Request) -> Response[bytes]:
        found = await proposals_of(request).undecided()
        return layout_of(request).page("proposals.html", proposals=[_shown(request, one) for one in found])

    @reads(f"{ADDRESS}/{{proposal:str}}")
    async def look(request: Request, proposal: FromPath[str]) -> Response[bytes]:
        return await _page(request, proposal)

    @writes(f"{ADDRESS}/{{proposal:str}}")
    async def decide(request: Request, proposal: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        word, sha256 = _WORDS.get(only(sent, "word")), only(sent, "sha256")
        if word is None:
            error = FieldError("word", "Say whether you approve it")
            return await _page(request, proposal, Form(sent, (error,)), status=422)
        if not _SHA256.fullmatch(sha256):
            raise Refused("malformed", "The form cannot be read.")
        try:
            entry = await word(proposals_of(request), _id(proposal), sha256, request)
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return await _page(request, proposal, told.form, status=told.status)
        return layout_of(request).page("proposal_decided.html", word=only(sent, "word"), entry=entry)

    return [waiting, look, decide]


_Word = Callable[[Proposals, str, str, Request], Awaitable[int | None]]


async def _approve(proposals: Proposals, identifier: str, sha256: str, request: Request) -> int | None:
    return (await proposals.approve(identifier, sha256, decider(caller_of(request)))).entry


async def _decline(proposals: Proposals, identifier: str, sha256: str, request: Request) -> int | None:
    return (await proposals.decline(identifier, sha256, decider(caller_of(request)))).entry


async def _withdraw(proposals: Proposals, identifier: str, sha256: str, request: Request) -> int | None:
    return (await proposals.withdraw(identifier, sha256, decider(caller_of(request)))).entry


_WORDS: dict[str, _Word] = {"approve": _approve, "decline": _decline, "withdraw": _withdraw}


async def _page(request: Request, identifier: str, form: Form | None = None, *, status: int = 200) -> Response[bytes]:
    found = await proposals_of(request).read(_id(identifier))
    return layout_of(request).page("proposal.html", status=status, form=form or Form(), proposal=_shown(request, found))


def _shown(request: Request, one: Proposal) -> ProposalShown:
    view = registry_of(request).follower.view
    change = () if one.change is None else read_document(one.change)
    return ProposalShown(
        id=one.id,
        state=one.state,
        words=STATES[one.state],
        changes=tuple(in_words(payload, view) for payload in change),
        exactly=(one.change or b"").decode(),
        sha256="" if one.sha256 is None else one.sha256.hex(),
        own=one.proposed_by == deciding.number_of(view, decider(caller_of(request))),
        proposed_by=one.proposed_by,
        proposed_at=plain_time(one.proposed_at),
        expires_at=plain_time(one.expires_at),
        entry=one.entry,
    )


def _id(proposal: str) -> str:
    if not _ID.fullmatch(proposal):
        raise Refused("not-found", "There is no such proposal.")
    return proposal
