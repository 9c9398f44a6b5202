"""Finding what one's organisation can see about one person who asks for their data, with what to think of first.

References are posted and shown back on the page alone: no address, and no history of a browser, has one.
"""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions import casework as actions
from isa_registry.actions.casework import AccessSearch
from isa_registry.domain.casework.access import AccessConsent, AccessEvent, SubjectAccess
from isa_registry.domain.casework.access_law import AccessLaw
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.flagged_decisions import DECISIONS, body_named, purpose_named
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.casework import INSTEAD, note_search
from isa_registry.runtime.subject_access import gather

ADDRESS = "/account/subject-access"
SURE = {
    "verified": "checked",
    "secondary": "read in a copy, not checked",
    "general-knowledge": "not read, not checked",
    "uncertain": "uncertain",
}
"""How sure a point of law is, in words."""

_HAPPENED = {
    "given": "Given",
    "refused": "Refused",
    "renewed": "Renewed",
    "withdrawn": "Withdrawn",
    "invalidated": "Invalidated",
}


class WarningShown(Struct, frozen=True):
    """A warning: what to think of, and the law behind it as (title, what it says, how sure that is)."""

    text: str
    law: tuple[tuple[str, str, str], ...]


class EventShown(Struct, frozen=True):
    """An event: the page on which it is read, facts as (title, value), and what to think of."""

    id: str
    title: str
    address: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[WarningShown, ...]


def subject_access_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def ask(request: Request) -> Response[bytes]:
        return _form_page(request, Form())

    @writes(ADDRESS)
    async def find(request: Request) -> Response[bytes]:
        registry, caller, sent = registry_of(request), caller_of(request), form_of(request)
        view = registry.follower.view
        try:
            asked = actions.checked(_asked(sent))
            below = actions.below(asked.cursor, view.size)
        except Refused as refused:
            return _form_page(request, Form(sent, _errors(refused.faults)), status=422)
        request.app.state.limits.refuse_walking_through(caller, asked.references, INSTEAD)
        found = await gather(registry.reading, caller.organisation, view, asked, below=below)
        await note_search(registry, caller, actions.ACCESS, asked.references, len(found.events))
        return layout_of(request).page(
            "subject_access_found.html",
            address=ADDRESS,
            events=[_event_shown(one, view) for one in found.events],
            consents=[_consent_shown(one) for one in found.consents],
            notes=[(one.text, [law_shown(law) for law in one.law]) for one in found.notes],
            found=found,
            on=plain_date(london_date(registry.now())),
            again=_again(asked, found),
        )

    return [ask, find]


def _form_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    return layout_of(request).page("subject_access.html", status=status, form=form, address=ADDRESS)


def _asked(sent: Sent) -> AccessSearch:
    """What the form asks for: references and ids stand one to a line, or with spaces between."""
    return AccessSearch(
        references=tuple(only(sent, "references").split()),
        events=tuple(only(sent, "events").split()),
        cursor=only(sent, "cursor") or None,
    )


def _errors(faults: Sequence[Fault]) -> tuple[FieldError, ...]:
    """What is wrong, once for each field: which line it is stands in the words."""
    found: dict[str, FieldError] = {}
    for one in faults:
        _, field, *place = one.pointer.split("/")
        where = f"Line {int(place[0]) + 1}: " if place else ""
        if one.code == "count" and field == "references":
            found.setdefault(field, FieldError(field, "Enter 1 to 20 references, one to a line"))
        else:
            found.setdefault(field, FieldError(field, f"{where}{one.detail.rstrip('.')}"))
    return tuple(found.values()) or (FieldError("", "Open this page again: the form was not whole"),)


def _again(asked: AccessSearch, found: SubjectAccess) -> dict[str, str] | None:
    """The fields of the form that asks for the page after this one."""
    if found.next is None:
        return None
    return {"references": "\n".join(asked.references), "cursor": found.next}


def _event_shown(one: AccessEvent, view: RegisterView) -> EventShown:
    law, own = view.catalogue(), one.side == "provider"
    labels = {} if law is None else {code: words.label for code, words in law.categories.items()}
    other = one.recipient if own else one.provider
    facts = [
        ("Decided on", plain_date(london_date(parse_instant(one.decided_at)))),
        ("Decided by", "Your organisation" if own else body_named(view, other)),
        ("With", body_named(view, other) if own else "Your organisation"),
        ("For", purpose_named(law, one.purpose)),
        ("Kinds of information", ", ".join(labels.get(code, code) for code in one.categories)),
        ("Case record" if own else "Their case record", one.case_record),
        ("Event", one.id),
    ]
    if one.check is not None:
        facts.append(("Your check before it", one.check))
    if one.acknowledged is not None:
        facts.append(("They said that it came", plain_date(london_date(parse_instant(one.acknowledged)))))
    return EventShown(
        id=one.id,
        title=DECISIONS[one.decision] if own else "Shared with you",
        address=f"/decisions/{one.id}" if own else f"/decisions/received/{one.entry}",
        facts=tuple(facts),
        warnings=tuple(WarningShown(each.text, tuple(map(law_shown, each.law))) for each in one.warnings),
    )


def _consent_shown(one: AccessConsent) -> tuple[str, tuple[str, ...]]:
    lines = (
        f"{_HAPPENED[what]} on {plain_date(london_date(parse_instant(at)))}"
        for what, at in zip(one.happened, one.at, strict=True)
    )
    return one.id, tuple(lines)


def law_shown(law: AccessLaw) -> tuple[str, str, str]:
    return law.title, law.says, SURE[law.confidence]
