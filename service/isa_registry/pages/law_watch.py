"""Changes of the law that a business unit has to look at: a list that empties, and a page for each provision."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import law_watching
from isa_registry.domain.law_watch.changes import COMES
from isa_registry.domain.law_watch.looking import OUTCOMES, ToLookAt, changes_to_look_at, dates_ahead
from isa_registry.domain.law_watch.resting import NOTHING, Resting, bodies_of, resting_by_code
from isa_registry.domain.law_watch.words import change_lines, hash_line
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.law import now_of
from isa_registry.pages.law_provision import records_shown, versions_shown
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.law_watch import answers_lately

ADDRESS = "/account/law/watch"
_SAYS = frozenset({"business-unit"})
_LATELY = 20
"""So many changes that were looked at, or that nothing rests on, are shown."""


class ChangeShown(Struct, frozen=True):
    """A change of a provision in the list: what changed, what rests on the provision, and what was said of it."""

    code: str
    title: str
    href: str
    by: str
    lines: tuple[str, ...]
    hashes: str
    rests: str
    said: str


class NearShown(Struct, frozen=True):
    """A date of a provision that is near."""

    code: str
    title: str
    href: str
    when: str
    rests: str


def law_watch_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def changes_of_the_law(request: Request) -> Response[bytes]:
        view, today = now_of(request)
        found = changes_to_look_at(view, today)
        return layout_of(request).page(
            "law_watch.html",
            waiting=[_shown(one) for one in found if one.waits],
            others=[_shown(one) for one in found if not one.waits][:_LATELY],
            near=[
                NearShown(
                    code=one.code,
                    title=one.title,
                    href=f"{ADDRESS}/{one.code}",
                    when=f"{COMES[one.what].capitalize()} on {plain_date(one.on)}",
                    rests=rests_in_words(resting, answers=True),
                )
                for one, resting in dates_ahead(view, today)
            ],
        )

    @reads(f"{ADDRESS}/{{provision:str}}")
    async def what_rests_on_it(request: Request, provision: FromPath[str]) -> Response[bytes]:
        return await _provision_page(request, provision)

    @reads(f"{ADDRESS}/{{provision:str}}/outcome")
    async def what_follows(request: Request, provision: FromPath[str]) -> Response[bytes]:
        return _outcome_page(request, provision, Form({}))

    @writes(f"{ADDRESS}/{{provision:str}}/outcome")
    async def say_what_follows(request: Request, provision: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        outcome, catalogue = only(sent, "outcome"), only(sent, "catalogue")
        if outcome not in OUTCOMES:
            form = Form(sent, (FieldError("outcome", "Say what follows from it"),))
            return _outcome_page(request, provision, form, 422)
        registry, by = registry_of(request), decider(caller_of(request))
        try:
            draft = law_watching.look_at(catalogue, provision, outcome, by, registry.follower.view)
            done = await registry.sequencer.append(draft)
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return _outcome_page(request, provision, told.form, told.status)
        await registry.follower.wait_for_size(done.size, seconds=5)
        return layout_of(request).page("law_looked_at.html", entry=done.index, said=OUTCOMES[outcome])

    return [changes_of_the_law, what_rests_on_it, what_follows, say_what_follows]


async def _provision_page(request: Request, code: str) -> Response[bytes]:
    view, today = now_of(request)
    law, layout = view.law(), layout_of(request)
    if law is None or code not in law.read.provisions:
        return layout.missing("The catalogue has no such provision.", (ADDRESS, "Changes of the law"))
    resting = resting_by_code(view, today).get(code, NOTHING)
    change = _change(request, code)
    says = layout.signed_in is not None and _SAYS & layout.signed_in.roles
    return layout.page(
        "law_watch_provision.html",
        code=code,
        title=law.read.provisions[code].title,
        change=None if change is None else _shown(change),
        outcome_href=f"{ADDRESS}/{code}/outcome" if says and change is not None else None,
        versions=versions_shown(view, resting.standing),
        records=[list(one) for one in records_shown(view, law.read, resting)],
        lately=await answers_lately(registry_of(request), code),
    )


def _outcome_page(request: Request, code: str, form: Form, status: int = 200) -> Response[bytes]:
    layout, change = layout_of(request), _change(request, code)
    if change is None:
        detail = "This provision has not changed since the register began."
        return layout.missing(detail, (ADDRESS, "Changes of the law"))
    return layout.page(
        "law_outcome.html",
        status=status,
        form=form,
        href=f"{ADDRESS}/{code}",
        change=_shown(change),
        catalogue=change.came.catalogue,
        outcomes=tuple((outcome, words, "") for outcome, words in OUTCOMES.items()),
    )


def _change(request: Request, code: str) -> ToLookAt | None:
    """The newest change of a provision."""
    view, today = now_of(request)
    return next((one for one in changes_to_look_at(view, today) if one.came.change.code == code), None)


def _shown(one: ToLookAt) -> ChangeShown:
    change = one.came.change
    return ChangeShown(
        code=change.code,
        title=change.title,
        href=f"{ADDRESS}/{change.code}",
        by=f"Catalogue of version {one.came.version}, entry {one.came.entry} of the log",
        lines=tuple(change_lines(change)),
        hashes=hash_line(change),
        rests=rests_in_words(one.resting, answers=one.answers),
        said="" if one.said is None else f"{OUTCOMES.get(one.said.outcome, one.said.outcome)} (entry {one.entry})",
    )


def rests_in_words(resting: Resting, *, answers: bool) -> str:
    """What rests on a provision, in a sentence."""
    bodies = bodies_of(resting.records)
    clauses = _count(len(resting.standing), "clause") if resting.standing else "No clause"
    records = "no lawful-basis record"
    if resting.records:
        records = f"{_count(len(resting.records), 'lawful-basis record')} of {_count(len(bodies), 'organisation')}"
    return f"{clauses} and {records}; {'answers can rest on it' if answers else 'no answer rests on it'}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
