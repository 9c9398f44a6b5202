"""A notice: one thing that one body is told, once."""

from __future__ import annotations

import re

from msgspec import Struct

from isa_registry.domain.notices.templates import TEMPLATES, Role

_VALUE = re.compile(r"[\x21-\x7e]{1,200}")
_ABOUT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,498}[\x21-\x7e])?")


class Notice(Struct, frozen=True):
    """What a body is told, in which of its roles. `about` names the thing: the same thing is told to the body once, for
    ever, whatever becomes of its addresses. Raises ValueError for what is not in the table of templates."""

    template: str
    organisation: str
    roles: tuple[Role, ...]
    parameters: dict[str, str]
    about: str

    def __post_init__(self) -> None:
        template = TEMPLATES.get(self.template)
        if template is None or set(self.parameters) != set(template.parameters):
            raise ValueError(f"{self.template} is not a template with these parameters")
        if not self.roles or not set(self.roles) <= {one.role for one in template.told}:
            raise ValueError(f"{self.template} is told to other roles")
        if not all(map(_VALUE.fullmatch, self.parameters.values())) or not _ABOUT.fullmatch(self.about):
            raise ValueError("a notice holds ids, codes and days alone")

    @property
    def key(self) -> str:
        """The same for the same thing to the same body, and for nothing else."""
        return f"{self.template} {self.organisation} {self.about}"


def merged(notices: list[Notice]) -> list[Notice]:
    """One notice for each thing and body, in order: whoever is told in two roles is told once."""
    found: dict[str, Notice] = {}
    for one in notices:
        before = found.get(one.key)
        roles = one.roles if before is None else tuple(dict.fromkeys((*before.roles, *one.roles)))
        found[one.key] = Notice(one.template, one.organisation, roles, one.parameters, one.about)
    return list(found.values())
