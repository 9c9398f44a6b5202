"""What the law leaves a body to choose from, for a purpose on a day, and why it closes the rest."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue, Predicate, Provision
from isa_registry.domain.lawful_bases.closing import Closed, closed
from isa_registry.domain.lawful_bases.groups import GROUPS, Group, GroupCode, Member, candidates
from isa_registry.domain.lawful_bases.needs import Need, needs
from isa_registry.domain.lawful_bases.standing import Standing, standing_of
from isa_registry.domain.register.facts import Organisation


class Choice(Struct, frozen=True):
    """A code that a body may name in a group. `place` is where the default for bodies of its kind has it, counted from
    1 in the member of the record; None where the default has it not. `when` is the named condition under which the
    default does. `verified`: a person has checked the provision; what is no provision has none to check. `needs` is
    what it needs beside it in the record."""

    code: str
    title: str
    says: str
    practice: str
    verified: bool
    place: int | None
    when: Predicate | None
    limits: tuple[str, ...]
    needs: tuple[Need, ...]


class NotOpen(Struct, frozen=True):
    """A code of the group that this body may not name, why and what to do, and the law that says so."""

    code: str
    title: str
    because: Closed


class ChoiceGroup(Struct, frozen=True):
    """One group: the member of a record that it fills, what is open, and what is closed."""

    code: GroupCode
    member: Member
    title: str
    says: str
    open: tuple[Choice, ...]
    closed: tuple[NotOpen, ...]


class Choices(Struct, frozen=True):
    """Everything that a body may choose from. `reliable` is false where bodies of its kind have no basis to rely on for
    this purpose, and share only what identifies nobody. `policy_document`: the body's own record names one."""

    purpose: str
    on: str
    reliable: bool
    policy_document: bool
    groups: tuple[ChoiceGroup, ...]

    def group(self, code: GroupCode) -> ChoiceGroup:
        return next(one for one in self.groups if one.code == code)


def choices(catalogue: Catalogue, body: Organisation, purpose: str, day: str) -> Choices | None:
    """What is open to a body for a purpose in a record that begins on a day, YYYY-MM-DD, each group with the default
    first and in its order. None where the catalogue knows no such purpose."""
    standing = standing_of(catalogue, body, purpose, day)
    if standing is None:
        return None
    return Choices(
        purpose=purpose,
        on=day,
        reliable=standing.row is not None and standing.row.reliable,
        policy_document=body.policy_document is not None,
        groups=tuple(_group(standing, group) for group in GROUPS),
    )


def _group(standing: Standing, group: Group) -> ChoiceGroup:
    found: list[Choice] = []
    shut: list[NotOpen] = []
    for code in candidates(standing.catalogue, group.code):
        provision = standing.catalogue.provisions.get(code)
        title = standing.catalogue.codes.confidentiality_routes[code] if provision is None else provision.title
        because = closed(standing, group.member, code)
        if because is None:
            found.append(_choice(standing, group.member, code, title, provision))
        else:
            shut.append(NotOpen(code, title, because))
    found.sort(key=lambda one: one.place or len(standing.catalogue.provisions) + 1)
    return ChoiceGroup(group.code, group.member, group.title, group.says, tuple(found), tuple(shut))


def _choice(standing: Standing, member: Member, code: str, title: str, provision: Provision | None) -> Choice:
    uses = () if standing.row is None else getattr(standing.row, member, ())
    place = next((at for at, use in enumerate(uses, 1) if use.code == code), None)
    return Choice(
        code=code,
        title=title,
        says="" if provision is None else provision.says,
        practice="" if provision is None else provision.practice,
        verified=provision is None or provision.verified,
        place=place,
        when=None if place is None else uses[place - 1].when,
        limits=() if provision is None else provision.limits,
        needs=needs(standing, member, code),
    )
