"""Invitations to attest a version, and questions about its words with their answers."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.attestations import Target
from isa_registry.api.attestations import VERSION
from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import Sight, sight_of
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.attesting.invitations import Invitations
from isa_registry.store.attesting import Invitation, Query

_QUERY = re.compile(r"qry_[0-9a-f]{32}")


class InvitationLine(Struct, frozen=True):
    """How far a body has come with a version: `asked` to join, `turned-down`, `invited`, `viewed`, or `queried`, since
    a minute (RFC 3339 UTC). What it then attested or declined is in the log."""

    organisation: str
    state: str
    since: str


class InvitationList(Struct, frozen=True):
    """By organisation. The parties that a version was opened for are invited without a line until they look at it."""

    invitations: list[InvitationLine]


class InvitedBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The organisation that is invited, or turned down."""

    organisation: str


class QueryLine(Struct, frozen=True, omit_defaults=True):
    """A question about a clause, and its answer, by codes. `reference` is the asking body's own, for itself and the
    business unit alone. Times are RFC 3339 UTC, whole minutes."""

    id: str
    organisation: str
    clause: str
    question: str
    state: str
    asked_at: str
    answer: str | None = None
    answer_clause: str | None = None
    answered_at: str | None = None
    settled_at: str | None = None
    reference: str | None = None


class QueryList(Struct, frozen=True):
    """What was asked about a version, oldest first: the same for every signatory."""

    queries: list[QueryLine]


class NewQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A question by its code, about a clause by its number. `reference` is into your own system."""

    question: str
    clause: str
    reference: str | None = None


class QueryAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer by its code; `clause` is one that helps."""

    answer: str
    clause: str | None = None


def invitations_of(request: Request) -> Invitations:
    invitations: Invitations = request.app.state.invitations
    return invitations


@reads(f"{VERSION}/invitations")
async def list_invitations(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    found = await invitations_of(request).of_version(
        Target(agreement, version), sight_of(request).reader, decider_of(request)
    )
    return json_response(InvitationList([_invitation(one) for one in found]))


@writes(f"{VERSION}/invitations")
async def invite(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    body = await _body_named(request)
    done = await invitations_of(request).invite(Target(agreement, version), body, decider_of(request))
    return json_response(_invitation(done), status=201)


@writes(f"{VERSION}/invitations/refusal", status=200)
async def turn_down(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    body = await _body_named(request)
    done = await invitations_of(request).turn_down(Target(agreement, version), body, decider_of(request))
    return json_response(_invitation(done))


@writes(f"{VERSION}/joining")
async def ask_to_join(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    with decoding("The request"):
        msgspec.json.decode(await request.body(), type=Nothing)
    done = await invitations_of(request).ask_to_join(Target(agreement, version), decider_of(request))
    return json_response(_invitation(done), status=201)


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object."""


async def _body_named(request: Request) -> str:
    with decoding("The invitation"):
        return msgspec.json.decode(await request.body(), type=InvitedBody).organisation


def _invitation(one: Invitation) -> InvitationLine:
    return InvitationLine(organisation=one.organisation, state=one.state, since=instant(one.since))


@reads(f"{VERSION}/queries")
async def list_queries(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sight = sight_of(request)
    found = await invitations_of(request).queries(Target(agreement, version), sight.reader)
    return json_response(QueryList([_query(one, sight) for one in found]))


@writes(f"{VERSION}/queries")
async def ask(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    with decoding("The question"):
        new = msgspec.json.decode(await request.body(), type=NewQuery)
    done = await invitations_of(request).ask(
        Target(agreement, version), new.question, new.clause, new.reference, decider_of(request)
    )
    return json_response(_query(done, sight_of(request)), status=201)


@writes(f"{VERSION}/queries/{{question:str}}/answer", status=200)
async def answer(
    request: Request, agreement: FromPath[str], version: FromPath[str], question: FromPath[str]
) -> Response[bytes]:
    with decoding("The answer"):
        said = msgspec.json.decode(await request.body(), type=QueryAnswer)
    await _of_this_version(request, agreement, version, question)
    done = await invitations_of(request).answer(question, said.answer, said.clause, decider_of(request))
    return json_response(_query(done, sight_of(request)))


@writes(f"{VERSION}/queries/{{question:str}}/settlement", status=200)
async def settle(
    request: Request, agreement: FromPath[str], version: FromPath[str], question: FromPath[str]
) -> Response[bytes]:
    with decoding("The settlement"):
        msgspec.json.decode(await request.body(), type=Nothing)
    await _of_this_version(request, agreement, version, question)
    return json_response(_query(await invitations_of(request).settle(question, decider_of(request)), sight_of(request)))


async def _of_this_version(request: Request, agreement: str, version: str, query: str) -> None:
    found = await invitations_of(request).query(query) if _QUERY.fullmatch(query) else None
    if found is None or (found.agreement, found.version) != (agreement, version):
        raise Refused("not-found", "There is no such question.")


def _query(one: Query, sight: Sight) -> QueryLine:
    line = QueryLine(
        id=one.id,
        organisation=one.organisation,
        clause=one.clause,
        question=one.question,
        state=one.state,
        asked_at=instant(one.asked_at),
        answer=one.answer,
        answer_clause=one.answer_clause,
        answered_at=_moment(one.answered_at),
        settled_at=_moment(one.settled_at),
        reference=one.reference,
    )
    return sight.show(line, one.organisation)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


HANDLERS = [list_invitations, invite, turn_down, ask_to_join, list_queries, ask, answer, settle]
