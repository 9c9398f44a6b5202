"""Registering a signing key: an engineer's request is pasted, looked at, and only then registered."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.shapes import decoding
from isa_registry.identity.forms import only
from isa_registry.identity.key_material import thumbprint
from isa_registry.outbound.fetching import PublicFetcher
from isa_registry.pages.changing import Rejected, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.keys import ADDRESS, USES
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.key_registrations import NewKey, registration_of


def registering_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/registration")
    async def form(request: Request) -> Response[bytes]:
        return _form_page(request, Rejected(Form(), 200))

    @writes(f"{ADDRESS}/registration")
    async def register(request: Request) -> Response[bytes]:
        sent, registry = form_of(request), registry_of(request)
        fetcher: PublicFetcher = request.app.state.key_fetcher
        if not only(sent, "request").strip():
            error = FieldError("request", "Paste the request that the engineer’s command wrote")
            return _form_page(request, Rejected(Form(sent, (error,)), 422))
        try:
            new = _new_key(only(sent, "request"))
            draft = await registration_of(registry, fetcher.fetch_json, caller_of(request), new)
            (key,) = draft.payloads
            assert isinstance(key, KeyRegistered)
            # What is confirmed is the key that was shown, though an address may give another one by then.
            if only(sent, "thumbprint") != thumbprint(key.jwk):
                for holds in draft.preconditions:
                    holds(registry.follower.view, instant(registry.now()))
                return _review_page(request, only(sent, "request"), key)
            done = await registry.sequencer.append(draft)
        except Refused as refused:
            return _form_page(request, _told(Form(sent), refused))
        return layout_of(request).page("key_registered.html", entry=done.index, kid=key.kid)

    return [form, register]


def _new_key(text: str) -> NewKey:
    """Raises `Refused` (`malformed`) for what is no such request."""
    try:
        with decoding("The key"):
            return msgspec.json.decode(text.encode(), type=NewKey)
    except Refused:
        detail = "This is not a request that the command wrote. Paste the whole file, from the first { to the last }."
        raise Refused("malformed", detail) from None


def _told(form: Form, refused: Refused) -> Rejected:
    """Whatever is wrong is in the one field, and no browser made it."""
    code = "unprocessable" if refused.code == "malformed" else refused.code
    told = rejected(form, Refused(code, refused.detail, refused.faults, retry_after=refused.retry_after))
    # A private key that was pasted is not sent back for somebody else to see.
    values = {} if any(fault.code == "private-key" for fault in refused.faults) else form.values
    return replace(told, form=Form(values, tuple(FieldError("request", one.text) for one in told.form.errors)))


def _form_page(request: Request, told: Rejected) -> Response[bytes]:
    opened = registry_of(request).follower.view.opened()
    return layout_of(request).page(
        "register_key.html",
        status=told.status,
        form=told.form,
        public_url=request.app.state.public_url,
        organisation=caller_of(request).organisation,
        partnership_id="" if opened is None else opened.partnership,
    )


def _review_page(request: Request, text: str, key: KeyRegistered) -> Response[bytes]:
    return layout_of(request).page(
        "review_key.html",
        form=Form(),
        text=text,
        key=key,
        thumbprint=thumbprint(key.jwk),
        uses=", ".join(USES[use] for use in key.uses),
    )
