"""At which addresses one's own organisation is told of things; and, for the business unit, what reached nobody."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.domain.notices.receivers import Address
from isa_registry.domain.notices.templates import TEMPLATES
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages.changing import body_name, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.notices import keeping
from isa_registry.runtime.notices.notices import Notices
from isa_registry.store.outbox import Listed

ADDRESS = "/account/notices"
TOLD = f"{ADDRESS}/told"

FOR = {
    "signatory": ("Signatories", "Agreements to attest, what came into force, who withdraws"),
    "ig-lead": ("Information-governance lead", "What was attested on a page, keys and policy documents to see to"),
    "safeguarding-lead": ("Safeguarding lead", "What needs to be looked at on the same day"),
    "business-unit": ("Business unit", "Reviews due, who attests and declines, what reached nobody"),
}
STATES = {
    "waiting": ("pending", "Waiting"),
    "sending": ("pending", "Sending"),
    "sent": ("active", "Sent"),
    "dead": ("withdrawn", "Given up"),
    "dropped": ("ended", "Address deleted"),
}


class RoleShown(Struct, frozen=True):
    """The addresses for one role. `kept`: by whoever looks."""

    name: str
    told_of: str
    addresses: tuple[Address, ...]
    kept: bool


class ToldShown(Struct, frozen=True):
    """What a body was told, and how each delivery stands."""

    says: str
    body: str
    about: str
    on: str
    deliveries: tuple[tuple[str, str, str], ...]


def notices_of(request: Request) -> Notices:
    notices: Notices = request.app.state.notices
    return notices


def notice_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [_addresses(reads), *_adding(reads, writes), *_removing(reads, writes), *_told(reads, writes)]


def _addresses(reads: Declare) -> HTTPRouteHandler:
    @reads(ADDRESS)
    async def addresses(request: Request) -> Response[bytes]:
        kept = _kept(request)
        known = await keeping.addresses(registry_of(request), caller_of(request).organisation)
        roles = [
            RoleShown(name, told_of, tuple(one for one in known if one.role == role), role in kept)
            for role, (name, told_of) in FOR.items()
            if role in kept or any(one.role == role for one in known)
        ]
        return layout_of(request).page("notices.html", roles=roles, mailing=notices_of(request).mailing)

    return addresses


def _kept(request: Request) -> tuple[str, ...]:
    registry = registry_of(request)
    return keeping.roles_kept_by(registry.follower.view, decider(caller_of(request)), instant(registry.now()))


def _adding(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/address")
    async def form(request: Request) -> Response[bytes]:
        return _address_page(request, Form())

    @writes(f"{ADDRESS}/address")
    async def add(request: Request) -> Response[bytes]:
        sent = form_of(request)
        role, address = only(sent, "role"), only(sent, "address").strip()
        wanted = (("role", role, "Choose who is told at this address"), ("address", address, "Enter an email address"))
        missing = tuple(FieldError(field, says) for field, value, says in wanted if not value)
        if missing:
            return _address_page(request, Form(sent, missing), status=422)
        try:
            await keeping.add_address(notices_of(request), decider(caller_of(request)), role, address)
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return _address_page(request, told.form, status=told.status)
        return redirect(ADDRESS)

    return [form, add]


def _address_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    kept = _kept(request)
    choices = [(role, name, told_of) for role, (name, told_of) in FOR.items() if role in kept]
    return layout_of(request).page("notice_address.html", status=status, form=form, roles=choices)


def _removing(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{address:str}}/removal")
    async def look(request: Request, address: FromPath[str]) -> Response[bytes]:
        return layout_of(request).page("notice_address_removal.html", address=await _address(request, address))

    @writes(f"{ADDRESS}/{{address:str}}/removal")
    async def remove(request: Request, address: FromPath[str]) -> Response[bytes]:
        await keeping.remove_address(notices_of(request), decider(caller_of(request)), address)
        return redirect(ADDRESS)

    return [look, remove]


async def _address(request: Request, identifier: str) -> Address:
    """An address that whoever looks may delete. Raises `Refused` (`not-found`)."""
    known = await keeping.addresses(registry_of(request), caller_of(request).organisation)
    found = next((one for one in known if one.id == identifier and one.role in _kept(request)), None)
    if found is None:
        raise Refused("not-found", "The organisation has no such address of yours to delete.")
    return found


# --- what was told ----------------------------------------------------------------------------------------------------


def _told(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(TOLD)
    async def told(request: Request) -> Response[bytes]:
        given = request.query_params
        troubled, cursor = given.get("state") != "all", given.get("cursor")
        place = cursor if cursor is not None and cursor.isascii() and cursor.isprintable() else None
        found, following = await keeping.told(notices_of(request), before=place, troubled=troubled)
        state = "" if troubled else "state=all&"
        return layout_of(request).page(
            "told.html",
            told=[_shown(request, one) for one in found],
            troubled=troubled,
            states=STATES,
            following=None if following is None else f"{TOLD}?{state}cursor={following}",
        )

    @reads(f"{TOLD}/{{delivery:str}}/again")
    async def look(request: Request, delivery: FromPath[str]) -> Response[bytes]:
        return layout_of(request).page("told_again.html", delivery=delivery)

    @writes(f"{TOLD}/{{delivery:str}}/again")
    async def again(request: Request, delivery: FromPath[str]) -> Response[bytes]:
        await keeping.send_again(notices_of(request), decider(caller_of(request)), delivery)
        return redirect(TOLD)

    return [told, look, again]


def _shown(request: Request, listed: Listed) -> ToldShown:
    given = listed.parameters
    about = [given["agreement"], given["version"]] if "agreement" in given else [given.get("kid", "")]
    view = registry_of(request).follower.view
    return ToldShown(
        says=TEMPLATES[listed.template].says if listed.template in TEMPLATES else listed.template,
        body=body_name(view, listed.organisation),
        about=" ".join(about).strip(),
        on=instant(listed.made_at),
        deliveries=tuple((one.id, one.state, (one.error or "").replace("-", " ")) for one in listed.deliveries),
    )
