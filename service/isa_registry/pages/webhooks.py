"""One's own organisation's systems that are told of entries: registering, testing, pausing, sending again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.notices.events import FAMILIES
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.notices import notices_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.notices import keeping
from isa_registry.store.webhooks import Webhook

ADDRESS = "/account/webhooks"
KINDS = {
    "agreement.*": "Agreements: published, opened, in force, suspended, resumed, withdrawn, reviewed",
    "attestation.*": "Attestations: made, declined, withdrawn",
    "challenge.*": "Professional differences: raised with you or by you, and each step",
    "sharing-event.*": "Sharing events: what others shared with you, and what they said of what you shared",
}
STATES = {
    "active": ("active", "Active"),
    "paused": ("suspended", "Paused"),
    "off": ("withdrawn", "Switched off"),
    "waiting": ("pending", "Waiting"),
    "sending": ("pending", "Sending"),
    "sent": ("active", "Delivered"),
    "dead": ("withdrawn", "Given up"),
}


def webhook_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    assert set(FAMILIES) == set(KINDS)
    return [_webhooks(reads), *_registering(reads, writes), *_one(reads, writes)]


def _webhooks(reads: Declare) -> HTTPRouteHandler:
    @reads(ADDRESS)
    async def webhooks(request: Request) -> Response[bytes]:
        found = await keeping.webhooks_of(registry_of(request), caller_of(request).organisation)
        return layout_of(request).page(
            "webhooks.html", webhooks=found, states=STATES, kinds=KINDS, sends=notices_of(request).signer is not None
        )

    return webhooks


def _registering(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/registration")
    async def form(request: Request) -> Response[bytes]:
        return _form_page(request, Form())

    @writes(f"{ADDRESS}/registration")
    async def register(request: Request) -> Response[bytes]:
        sent = form_of(request)
        url, kinds = only(sent, "url").strip(), tuple(sent.get("kinds", ()))
        wanted = (("url", url, "Enter the address that is to be told"), ("kinds", kinds, "Choose at least one"))
        missing = tuple(FieldError(field, says) for field, value, says in wanted if not value)
        if missing:
            return _form_page(request, Form(sent, missing), status=422)
        try:
            added = await keeping.add_webhook(notices_of(request), decider(caller_of(request)), url, kinds)
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return _form_page(request, told.form, status=told.status)
        return redirect(f"{ADDRESS}/{added.id}")

    return [form, register]


def _form_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    return layout_of(request).page("register_webhook.html", status=status, form=form, kinds=list(KINDS.items()))


def _one(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{webhook:str}}")
    async def look(request: Request, webhook: FromPath[str]) -> Response[bytes]:
        return await _page(request, webhook, Form())

    @writes(f"{ADDRESS}/{{webhook:str}}")
    async def change(request: Request, webhook: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        await _webhook(request, webhook)
        step = _STEPS.get(only(sent, "do"))
        if step is None:
            error = FieldError("", "Choose what to do with this webhook")
            return await _page(request, webhook, Form(sent, (error,)), status=422)
        try:
            await step(request, webhook, only(sent, "delivery"))
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return await _page(request, webhook, told.form, status=told.status)
        return redirect(ADDRESS if only(sent, "do") == "delete" else f"{ADDRESS}/{webhook}")

    return [look, change]


async def _webhook(request: Request, identifier: str) -> Webhook:
    """A webhook of one's own organisation. Raises `Refused` (`not-found`)."""
    known = await keeping.webhooks_of(registry_of(request), caller_of(request).organisation)
    found = next((one for one in known if one.id == identifier), None)
    if found is None:
        raise Refused("not-found", "The organisation has no such webhook.")
    return found


async def _page(request: Request, identifier: str, form: Form, *, status: int = 200) -> Response[bytes]:
    webhook = await _webhook(request, identifier)
    registry, own = registry_of(request), caller_of(request).organisation
    return layout_of(request).page(
        "webhook.html",
        status=status,
        form=form,
        webhook=webhook,
        kinds=[KINDS.get(one, one) for one in webhook.kinds],
        states=STATES,
        dead=await keeping.deliveries_of(registry, own, identifier, dead=True),
        deliveries=(await keeping.deliveries_of(registry, own, identifier, dead=False))[:10],
    )


async def _test(request: Request, webhook: str, _delivery: str) -> None:
    await keeping.test_webhook(notices_of(request), decider(caller_of(request)), webhook)


async def _pause(request: Request, webhook: str, _delivery: str) -> None:
    await keeping.change_webhook(notices_of(request), decider(caller_of(request)), webhook, "paused")


async def _go_on(request: Request, webhook: str, _delivery: str) -> None:
    await keeping.change_webhook(notices_of(request), decider(caller_of(request)), webhook, "active")


async def _delete(request: Request, webhook: str, _delivery: str) -> None:
    await keeping.remove_webhook(notices_of(request), decider(caller_of(request)), webhook)


async def _again(request: Request, webhook: str, delivery: str) -> None:
    await keeping.redeliver(notices_of(request), decider(caller_of(request)), webhook, delivery)


_STEPS: dict[str, Callable[[Request, str, str], Awaitable[None]]] = {
    "test": _test,
    "pause": _pause,
    "go-on": _go_on,
    "delete": _delete,
    "again": _again,
}
"""What the buttons of a webhook's page do."""
