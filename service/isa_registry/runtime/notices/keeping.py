"""What people decide about notices and webhooks: at which addresses their body is told, what goes to their systems, and
what is sent again. Working state; nothing of it is in the log.

A body's information-governance lead decides about its addresses and its webhooks, its business unit about that unit's
own addresses. Each by a role that was granted by name.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from msgspec import Struct

from isa_registry.actions.deciding import Decider, refuse_without_role
from isa_registry.domain.dates import instant
from isa_registry.domain.notices.addresses import is_address
from isa_registry.domain.notices.events import FAMILIES, KINDS, TEST_KIND, Event, is_webhook_address
from isa_registry.domain.notices.receivers import Address
from isa_registry.domain.notices.templates import ROLES
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.notices.making import KEPT, WORTH_TELLING
from isa_registry.runtime.notices.notices import Notices
from isa_registry.runtime.registry import Registry
from isa_registry.store import notice_addresses, outbox, webhooks
from isa_registry.store.outbox import Listed
from isa_registry.store.pool import reading_for
from isa_registry.store.sessions import working_for_a_page
from isa_registry.store.webhooks import Webhook, WebhookDelivery

_log = structlog.get_logger("isa_registry.notices")

MOST_ADDRESSES = 5
"""For one role of one body."""
MOST_WEBHOOKS = 5
PAGE = 50
_NO_ADDRESS = "The organisation has no such address of yours to delete."
_NO_WEBHOOK = "The organisation has no such webhook."


class Added(Struct, frozen=True):
    """What was added, by id, and whether it is new."""

    id: str
    new: bool


def roles_kept_by(view: RegisterView, by: Decider, at: str) -> tuple[str, ...]:
    """The roles whose addresses somebody keeps at their own body, by what they were granted."""
    kept: list[str] = []
    for role in ROLES:
        try:
            refuse_without_role(view, by, _keeper_of(role), at=at)
        except Refused:
            continue
        if role != "business-unit" or _leads(view, by.organisation):
            kept.append(role)
    return tuple(kept)


def _keeper_of(role: str) -> str:
    return "business-unit" if role == "business-unit" else "ig-lead"


def _leads(view: RegisterView, organisation: str) -> bool:
    return any(one.lead_body == organisation for one in view.partnerships())


# --- addresses --------------------------------------------------------------------------------------------------------


async def addresses(registry: Registry, organisation: str) -> list[Address]:
    """A body's addresses, by role."""
    async with reading_for(registry.reading, organisation) as connection:
        return await notice_addresses.addresses_of(connection, [organisation])


async def add_address(notices: Notices, by: Decider, role: str, address: str) -> Added:
    """Adds an address of the decider's own body. Refused: `unprocessable`; `forbidden` for a role that they do not
    keep; `conflict` where the role has as many as it may."""
    faults = []
    if role not in ROLES:
        faults.append(Fault("#/role", "unknown-code", f"Use one of {', '.join(ROLES)}."))
    if not is_address(address):
        detail = "Enter an e-mail address as post@example.org: a post’s mailbox is best, since people come and go."
        faults.append(Fault("#/address", "malformed", detail))
    if faults:
        raise Refused("unprocessable", "The address cannot be taken like this.", tuple(faults))
    now = notices.now()
    if role not in roles_kept_by(notices.view, by, instant(now)):
        raise Refused("forbidden", f"Addresses for {role} are kept by the {_keeper_of(role)} of the organisation.")
    async with working_for_a_page(notices.pool) as connection:
        before = {one.id for one in await notice_addresses.addresses_of(connection, [by.organisation])}
        found = await notice_addresses.add(connection, by.organisation, role, address, now=now, most=MOST_ADDRESSES)
    if found is None:
        raise Refused("conflict", f"There are {MOST_ADDRESSES} addresses for this already. Delete one first.")
    if found not in before:
        _log.info("notice-address-added", organisation=by.organisation, role=role)
    return Added(id=found, new=found not in before)


async def remove_address(notices: Notices, by: Decider, identifier: str) -> None:
    """Deletes an address at once, and what was on its way there. Refused: `not-found`."""
    now = notices.now()
    kept = roles_kept_by(notices.view, by, instant(now))
    async with working_for_a_page(notices.pool) as connection:
        gone = await notice_addresses.remove(connection, identifier, by.organisation, kept, now=now)
    if not gone:
        raise Refused("not-found", _NO_ADDRESS)
    _log.info("notice-address-deleted", organisation=by.organisation)


# --- webhooks ---------------------------------------------------------------------------------------------------------


async def webhooks_of(registry: Registry, organisation: str) -> list[Webhook]:
    async with reading_for(registry.reading, organisation) as connection:
        return await webhooks.webhooks_of(connection, organisation)


async def deliveries_of(
    registry: Registry, organisation: str, webhook: str, *, dead: bool, before: int | None = None
) -> list[WebhookDelivery]:
    """What was delivered to a webhook, newest first; the dead alone where that is asked. Refused: `not-found`."""
    async with reading_for(registry.reading, organisation) as connection:
        if webhook not in {one.id for one in await webhooks.webhooks_of(connection, organisation)}:
            raise Refused("not-found", _NO_WEBHOOK)
        return await webhooks.deliveries_of(connection, webhook, organisation, dead=dead, before=before, limit=PAGE)


async def add_webhook(notices: Notices, by: Decider, url: str, kinds: tuple[str, ...]) -> Added:
    """Registers an address of the body's systems for these kinds of events. Refused: `unprocessable`, `forbidden`,
    `conflict`; `not-found` where this service has no key for webhooks."""
    if notices.signer is None:
        raise Refused("not-found", "This service sends nothing to systems: it has no key for that.")
    faults = []
    if not is_webhook_address(url, loopback=notices.loopback):
        faults.append(Fault("#/url", "malformed", "Enter an https address of a host on the internet."))
    if not kinds or not set(kinds) <= {*KINDS, *FAMILIES}:
        known = ", ".join((*FAMILIES, *sorted(KINDS)))
        faults.append(Fault("#/kinds", "unknown-code", f"Choose at least one of {known}."))
    if faults:
        raise Refused("unprocessable", "The webhook cannot be registered like this.", tuple(faults))
    now = _lead(notices, by)
    async with working_for_a_page(notices.pool) as connection:
        found, new = await webhooks.add(
            connection, by.organisation, url, sorted(set(kinds)), now=now, most=MOST_WEBHOOKS
        )
    if found is None:
        raise Refused("conflict", f"The organisation has {MOST_WEBHOOKS} webhooks already. Delete one first.")
    if not new:
        raise Refused("conflict", "The organisation has a webhook of this address. Delete it to choose other kinds.")
    _log.info("webhook-added", organisation=by.organisation, webhook=found)
    return Added(id=found, new=True)


async def change_webhook(notices: Notices, by: Decider, webhook: str, state: str) -> None:
    """Pauses a webhook (`paused`: what happens waits), or goes on (`active`), also with one that was switched off.
    Refused: `forbidden`, `not-found`."""
    _lead(notices, by)
    async with working_for_a_page(notices.pool) as connection:
        if not await webhooks.change_state(connection, webhook, by.organisation, state):
            raise Refused("not-found", _NO_WEBHOOK)
    notices.wake()
    _log.info("webhook-changed", organisation=by.organisation, webhook=webhook, state=state)


async def remove_webhook(notices: Notices, by: Decider, webhook: str) -> None:
    """Deletes a webhook with all that was to be delivered to it. Refused: `forbidden`, `not-found`."""
    _lead(notices, by)
    async with working_for_a_page(notices.pool) as connection:
        if not await webhooks.remove(connection, webhook, by.organisation):
            raise Refused("not-found", _NO_WEBHOOK)
    _log.info("webhook-deleted", organisation=by.organisation, webhook=webhook)


async def test_webhook(notices: Notices, by: Decider, webhook: str) -> str:
    """Sends a test, once; its delivery's id. Refused: `forbidden`, `not-found`."""
    now = _lead(notices, by)
    event = Event(kind=TEST_KIND, at=instant(now), data={"webhook": webhook})
    async with working_for_a_page(notices.pool) as connection:
        found = await webhooks.test(connection, webhook, by.organisation, event)
    if found is None:
        raise Refused("not-found", "The organisation has no such webhook that is active.")
    notices.wake()
    return found


async def redeliver(notices: Notices, by: Decider, webhook: str, delivery: str) -> None:
    """Delivers again what was delivered or given up. Refused: `forbidden`, `not-found`."""
    now = _lead(notices, by)
    async with working_for_a_page(notices.pool) as connection:
        if not await webhooks.redeliver(connection, delivery, webhook, by.organisation, now=now):
            raise Refused("not-found", "The webhook has no such delivery that could be repeated.")
    notices.wake()


# --- what was told ----------------------------------------------------------------------------------------------------


async def told(notices: Notices, *, before: str | None, troubled: bool) -> tuple[list[Listed], str | None]:
    """A page of what was told, newest first, and where the next one begins; `troubled`: what did not reach somebody.
    A place that no page gave is the beginning of nothing."""
    async with working_for_a_page(notices.pool) as connection:
        now = notices.now()
        found = await outbox.listed(
            connection,
            before=before,
            troubled=troubled,
            limit=PAGE + 1,
            since=now - KEPT,
            untold=now - WORTH_TELLING,
        )
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


async def send_again(notices: Notices, by: Decider, delivery: str) -> None:
    """Sends again what was given up. Refused: `forbidden` for who is not of the business unit; `not-found`."""
    now = notices.now()
    refuse_without_role(notices.view, by, "business-unit", at=instant(now))
    async with working_for_a_page(notices.pool) as connection:
        if not await outbox.redrive(connection, delivery, now=now):
            raise Refused("not-found", "There is no such notice that was given up and still has an address.")
    notices.wake()


def _lead(notices: Notices, by: Decider) -> datetime:
    """The time now, at which somebody is the lead of their body. Raises `Refused` (`forbidden`)."""
    now = notices.now()
    refuse_without_role(notices.view, by, "ig-lead", at=instant(now))
    return now
