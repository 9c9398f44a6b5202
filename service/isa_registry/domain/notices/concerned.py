"""Whom a notice concerns: bodies, by what the register says of them on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.templates import TEMPLATES, Bodies
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


def told(
    template: str, about: str, parameters: Mapping[str, object], bodies: Mapping[Bodies, Iterable[str]]
) -> list[Notice]:
    """A notice for each body of those that the template's table says are told, in the table's order."""
    values = {name: str(value) for name, value in parameters.items()}
    return [
        Notice(template, organisation, (one.role,), values, about)
        for one in TEMPLATES[template].told
        for organisation in bodies.get(one.bodies, ())
    ]


def unit(view: RegisterView, version: AgreementVersion | None) -> tuple[str, ...]:
    """The lead body of a version's partnership; of the registry's own where none is named."""
    opened = view.opened()
    named = None if version is None else version.partnership
    partnership = view.partnership(named) if named is not None else None
    if partnership is not None:
        return (partnership.lead_body,)
    return () if opened is None else (opened.lead_body,)


def signatories(view: RegisterView, version: AgreementVersion, on: str) -> list[str]:
    """The bodies that attested a version themselves and are signatories on a day. Whom a parent attests for is told by
    its parent."""
    found = dict.fromkeys(
        one.organisation for one in view.attestations_of(version.agreement, version.version) if one.stands(on)
    )
    return [body for body in found if _takes_part(view, body, on)]


def parties(view: RegisterView, version: AgreementVersion, on: str) -> list[str]:
    """The bodies that were asked to attest a version and those that did."""
    asked = () if version.opened is None else version.opened.parties
    found = dict.fromkeys((*asked, *signatories(view, version, on)))
    return [body for body in found if _takes_part(view, body, on)]


def waited_for(view: RegisterView, version: AgreementVersion, on: str) -> list[str]:
    """The bodies that were asked and have given no answer: nobody attests for them, and they have not declined."""
    asked = () if version.opened is None else version.opened.parties
    return [
        body
        for body in dict.fromkeys(asked)
        if _takes_part(view, body, on)
        and view.signature(version.agreement, version.version, body, on) is None
        and view.declined(version.agreement, version.version, body) is None
    ]


def _takes_part(view: RegisterView, organisation: str, on: str) -> bool:
    body = view.organisation(organisation)
    return body is not None and body.takes_part(on)
