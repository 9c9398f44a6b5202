"""The lines of notices: addresses, what was sent, webhooks."""

from __future__ import annotations

from isa_registry.api.access.terms import IG_LEAD, JSON, OWN, UNIT, UNITS, Access, page, public

_BODY = "/api/v1/organisations/{organisation}"
_WEBHOOK = f"{_BODY}/webhooks/{{webhook}}"
_KEEPERS = IG_LEAD | UNITS


def _changes(says: str, roles: frozenset[str]) -> Access:
    """A change of working state by a person who signed in just now. It takes no part in anybody's oversight."""
    return Access(says=says, roles=roles, content_types=JSON, body_limit=16_384, recent_sign_in=True, fields=OWN)


NOTICES: dict[tuple[str, str], Access] = {
    ("GET", f"{_BODY}/notice-addresses"): Access(
        says="At which addresses your own organisation is told of things, by role", roles=_KEEPERS, fields=OWN
    ),
    ("POST", f"{_BODY}/notice-addresses"): _changes(
        "Add an address at which your own organisation is told, for a role that you keep addresses for", _KEEPERS
    ),
    ("POST", f"{_BODY}/notice-addresses/removal"): _changes(
        "Delete an address at once, with what was on its way there", _KEEPERS
    ),
    ("GET", f"{_BODY}/webhooks"): Access(
        says="The addresses of your own organisation's systems that are told of entries", roles=IG_LEAD, fields=OWN
    ),
    ("POST", f"{_BODY}/webhooks"): _changes(
        "Register an address of your own organisation's systems, and the kinds of events it is told of", IG_LEAD
    ),
    ("GET", f"{_WEBHOOK}/deliveries"): Access(
        says="What was delivered to a webhook of your own organisation, and what was given up",
        roles=IG_LEAD,
        fields=OWN,
    ),
    ("POST", f"{_WEBHOOK}/test"): _changes("Send a test to a webhook, once", IG_LEAD),
    ("POST", f"{_WEBHOOK}/pause"): _changes("Let what happens wait for a webhook", IG_LEAD),
    ("POST", f"{_WEBHOOK}/resumption"): _changes("Go on with a webhook that is paused or was switched off", IG_LEAD),
    ("POST", f"{_WEBHOOK}/removal"): _changes("Delete a webhook, with all that was to be delivered to it", IG_LEAD),
    ("POST", f"{_WEBHOOK}/deliveries/{{delivery}}/redelivery"): _changes(
        "Deliver again what was delivered or given up", IG_LEAD
    ),
    ("GET", "/api/v1/notices"): Access(
        says="Who was told what, and what reached nobody; never an address", roles=UNIT, fields=OWN
    ),
    ("POST", "/api/v1/notices/redelivery"): _changes("Send again what was given up", UNIT),
    ("GET", "/account/notices"): page("At which addresses your organisation is told of things", roles=_KEEPERS),
    ("GET", "/account/notices/address"): page("An address to add", roles=_KEEPERS, recent_sign_in=True),
    ("POST", "/account/notices/address"): page("Add an address", form=True, roles=_KEEPERS, recent_sign_in=True),
    ("GET", "/account/notices/{address}/removal"): page("An address to delete", roles=_KEEPERS, recent_sign_in=True),
    ("POST", "/account/notices/{address}/removal"): page(
        "Delete an address at once", form=True, roles=_KEEPERS, recent_sign_in=True
    ),
    ("GET", "/account/notices/told"): page("Who was told what, and what reached nobody", roles=UNIT),
    ("GET", "/account/notices/told/{delivery}/again"): page("A notice to send again", roles=UNIT, recent_sign_in=True),
    ("POST", "/account/notices/told/{delivery}/again"): page(
        "Send a notice again that was given up", form=True, roles=UNIT, recent_sign_in=True
    ),
    ("GET", "/account/webhooks"): page("Your organisation's webhooks", roles=IG_LEAD),
    ("GET", "/account/webhooks/registration"): page("A webhook to register", roles=IG_LEAD, recent_sign_in=True),
    ("POST", "/account/webhooks/registration"): page(
        "Register a webhook", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
    ("GET", "/account/webhooks/{webhook}"): page(
        "A webhook, and what was delivered to it", roles=IG_LEAD, recent_sign_in=True
    ),
    ("POST", "/account/webhooks/{webhook}"): page(
        "Test, pause, go on with or delete a webhook, or deliver again", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
    ("GET", "/.well-known/webhook-keys.json"): public("The public keys behind webhooks"),
}
