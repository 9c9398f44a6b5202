"""What an information-governance lead has to do about lawful bases: a list that empties."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions import adopting
from isa_registry.actions.adopting import Purpose
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.to_do import ToDo, Why, to_do
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.lawful_bases_words import WHY, WhyShown, provision_shown, purpose_label
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare

ADDRESS = "/account/to-do"
RECORDS = "/account/lawful-bases"
PARTICULARS = "/account/particulars"


_TOGETHER: dict[Why, tuple[str, str]] = {
    "no-record": (f"{RECORDS}/adoption", "Adopt the default for several of them at once"),
    "lapsed": (f"{RECORDS}/adoption", "Adopt the default for several of them at once"),
}
"""The page that mends many of one kind together, and what the link to it is called."""


class ToDoShown(Struct, frozen=True):
    """One thing to do: what it is about, since or until when, the provisions concerned, and the page that mends it."""

    about: str
    when: str
    law: tuple[str, ...]
    page: str


class GroupShown(Struct, frozen=True):
    """Things to do for one reason, and the sentence that says why they matter."""

    words: WhyShown
    things: tuple[ToDoShown, ...]
    together: tuple[str, str] | None


def to_do_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request) -> Response[bytes]:
        registry = registry_of(request)
        view, day = registry.follower.view, london_date(registry.now())
        found = found_to_do(view, caller_of(request).organisation, day)
        return layout_of(request).page(
            "lawful_bases_to_do.html", groups=_grouped(view, found, day), left=len(found), day=plain_date(day)
        )

    return [look]


def found_to_do(view: RegisterView, organisation: str, day: str) -> tuple[ToDo, ...]:
    """What a body has to do on a day, against the defaults of the law as it is now."""

    def default(agreement: str, purpose: str) -> LawfulBasisRecorded | None:
        return adopting.default_for(view, organisation, Purpose(agreement, purpose), starts=day)

    return to_do(view, organisation, day, default)


def _grouped(view: RegisterView, found: tuple[ToDo, ...], day: str) -> list[GroupShown]:
    groups: dict[Why, list[ToDoShown]] = {}
    for one in found:
        groups.setdefault(one.why, []).append(_shown(view, one, day))
    return [
        GroupShown(WHY[why], tuple(things), _TOGETHER.get(why) if len(things) > 1 else None)
        for why, things in groups.items()
    ]


def _shown(view: RegisterView, one: ToDo, day: str) -> ToDoShown:
    law = view.catalogue()
    return ToDoShown(
        about=_about(view, one, law),
        when=_when(one, day),
        law=tuple(provision_shown(code, law).title for code in one.codes),
        page=page_for(one),
    )


def page_for(one: ToDo) -> str:
    """The page that mends it."""
    if one.record is not None:
        return f"{RECORDS}/new?{urlencode({'supersedes': one.record})}"
    if one.agreement is not None and one.purpose is not None:
        return f"{RECORDS}/new?{urlencode({'agreement': one.agreement, 'purpose': one.purpose})}"
    return PARTICULARS


def _about(view: RegisterView, one: ToDo, law: Catalogue | None) -> str:
    if one.agreement is None or one.purpose is None:
        return "Your organisation"
    return f"{purpose_label(one.purpose, law)}, in {agreement_title(view, one.agreement)}"


def _when(one: ToDo, day: str) -> str:
    if one.on is None:
        return ""
    on = plain_date(one.on)
    match one.why:
        case "policy-document-due":
            return f"Its review was due on {on}." if one.on < day else f"Its review is due on {on}."
        case "lapsed":
            return f"Its last day was {on}."
        case _:
            return f"Its last day is {on}."
