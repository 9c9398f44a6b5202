"""An organisation's people: which roles they have, who grants and ends them, and which of them nobody uses."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.changing import decide
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.access_entries import RoleGranted, RoleRevoked
from isa_registry.domain.dates import london_date
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.access.leavers import UNUSED_DAYS, LeaversReport, unused_roles
from isa_registry.runtime.registry import Registry


class NewRole(Struct, frozen=True, forbid_unknown_fields=True):
    """A role to grant to one person, known by issuer and the subject that it gives them; `until` is the last day."""

    issuer: str
    subject: str
    role: str
    until: str | None = None


class EndedRole(Struct, frozen=True, forbid_unknown_fields=True):
    """A role to take away from one person."""

    issuer: str
    subject: str
    role: str


class HeldRole(Struct, frozen=True):
    """A role that was granted: `until` is its last day, `lapsed` says that it is over."""

    role: str
    until: str | None
    lapsed: bool


class Member(Struct, frozen=True):
    """A person, known by issuer and subject and by no name."""

    issuer: str
    subject: str
    roles: tuple[HeldRole, ...]


class MemberList(Struct, frozen=True):
    """Roles that were granted by name. What a claim gives stands with the issuer."""

    members: list[Member]


class UnusedRole(Struct, frozen=True):
    """A role of somebody who has not used any for so long; `granted_on` is a day in London."""

    role: str
    until: str | None
    granted_on: str


class UnusedMember(Struct, frozen=True):
    """A person whose roles nobody used. `last_used` is a day in London, None where no use was noted."""

    issuer: str
    subject: str
    last_used: str | None
    roles: tuple[UnusedRole, ...]


class UnusedRoles(Struct, frozen=True):
    """Roles that were there, and not used, for `days`. Use is noted since `noted_since`, and nothing before it counts:
    until `days` have passed from then, nobody is listed."""

    days: int
    noted_since: str
    members: list[UnusedMember]


@reads("/api/v1/organisations/{organisation:str}/members")
async def list_members(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight = sight_of(request)
    sight.own(organisation)
    today = london_date(registry.now())
    granted = registry.follower.view.roles_of(organisation)
    if not sight.whole(organisation):
        # The business unit lets a body's first lead in, and one who left out: it needs to see nobody else there.
        granted = [one for one in granted if one.role == "ig-lead"]
    people: dict[tuple[str, str], list[HeldRole]] = {}
    for one in granted:
        held = HeldRole(role=one.role, until=one.until, lapsed=one.until is not None and one.until < today)
        people.setdefault((one.issuer, one.subject), []).append(held)
    return json_response(
        MemberList([Member(issuer, subject, tuple(roles)) for (issuer, subject), roles in people.items()])
    )


@writes("/api/v1/organisations/{organisation:str}/members")
async def grant_role(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The role"):
        new = msgspec.json.decode(body, type=NewRole)
    granted = RoleGranted(
        organisation=organisation, issuer=new.issuer, subject=new.subject, role=new.role, until=new.until
    )
    return await decide(request, (granted,), body)


@writes("/api/v1/organisations/{organisation:str}/members/revocation")
async def revoke_role(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The role"):
        ended = msgspec.json.decode(body, type=EndedRole)
    revoked = RoleRevoked(organisation=organisation, issuer=ended.issuer, subject=ended.subject, role=ended.role)
    return await decide(request, (revoked,), body)


@reads("/api/v1/organisations/{organisation:str}/members/unused")
async def list_unused(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    report = await unused_roles(registry, organisation)
    return json_response(_unused(report))


def _unused(report: LeaversReport) -> UnusedRoles:
    return UnusedRoles(
        days=UNUSED_DAYS,
        noted_since=report.noted_since,
        members=[
            UnusedMember(
                issuer=person.issuer,
                subject=person.subject,
                last_used=person.last_used,
                roles=tuple(UnusedRole(role=one.role, until=one.until, granted_on=day) for one, day in person.roles),
            )
            for person in report.people
        ],
    )


HANDLERS = [list_members, grant_role, revoke_role, list_unused]
