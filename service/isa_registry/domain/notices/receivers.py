"""At which addresses of a body a notice is told, by its roles: who is at several of them is told once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from isa_registry.domain.notices.addresses import same_mailbox
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.templates import PRIVATE, Role


class Address(Struct, frozen=True):
    """An address of a body for one of its roles."""

    id: str
    organisation: str
    role: str
    address: str


class Receivers(Struct, frozen=True):
    """The ids of the addresses at which a notice is told, and whether its roles had none of their own."""

    addresses: tuple[str, ...]
    lacking: bool


def receivers(notice: Notice, known: Sequence[Address]) -> Receivers:
    """Those of the notice's roles; where there are none, those of the body's information-governance lead."""
    own = [one for one in known if one.organisation == notice.organisation]
    direct = _each_mailbox_once(own, notice.roles)
    if direct:
        return Receivers(direct, lacking=False)
    return Receivers(_each_mailbox_once(own, ("ig-lead",)), lacking=True)


def nobody_told(notice: Notice, found: Receivers, lead_body: str | None) -> Notice | None:
    """The notice that a body lacks an address: to its own lead where that one can be told, otherwise to the business
    unit. Told once for a body and its role; None where nothing lacks, or where nobody is left to be told.

    That something of a case was to be told is nobody else's: its body's lead has been told that itself, and the unit
    hears no more than that there is no address at all.
    """
    if not found.lacking or notice.template == "nobody-told":
        return None
    private, at_home = notice.template in PRIVATE, bool(found.addresses)
    if private and at_home:
        return None
    role: Role = "ig-lead" if private else notice.roles[0]
    if not at_home and lead_body is None:
        return None
    return Notice(
        template="nobody-told",
        organisation=notice.organisation if at_home or lead_body is None else lead_body,
        roles=("ig-lead",) if at_home else ("business-unit",),
        parameters={"organisation": notice.organisation, "role": role},
        about=f"{notice.organisation} {role}",
    )


def _each_mailbox_once(own: Sequence[Address], roles: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for one in own:
        if one.role in roles:
            found.setdefault(same_mailbox(one.address), one.id)
    return tuple(found.values())
