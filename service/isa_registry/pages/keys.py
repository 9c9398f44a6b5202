"""An organisation's signing keys: which there are, what is to be seen to, and revoking one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import keys
from isa_registry.domain.access_entries import KeyRevoked
from isa_registry.domain.dates import instant, is_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import SigningKey
from isa_registry.domain.register.signing_keys import KeyToDo, days_left, state_of, to_do
from isa_registry.identity.forms import Sent, only
from isa_registry.identity.key_material import thumbprint
from isa_registry.pages.changing import Rejected, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, plain_day_of
from isa_registry.pages.signing_in import Declare

ADDRESS = "/account/keys"
USES = {
    "event": "Records of sharing",
    "acknowledgement": "Acknowledgements",
    "attestation": "A signatory’s signature",
}
STATES = {
    "current": ("active", "In use"),
    "not-yet": ("not-yet", "Not yet valid"),
    "expired": ("expired", "Ended"),
    "revoked": ("revoked", "Revoked"),
}
REASONS = (
    ("superseded", "Superseded", "Another key took its place"),
    ("ceased", "Ceased", "The system that held it is gone"),
    ("compromised", "Compromised", "Somebody else may have it"),
)
_LONDON = ZoneInfo("Europe/London")


class KeyShown(Struct, frozen=True):
    """A key in words. `state` is a code for its tag and the words on it."""

    kid: str
    algorithm: str
    uses: str
    thumbprint: str
    state: tuple[str, str]
    ends: str
    revocable: bool


def key_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [_keys(reads), *_revoking(reads, writes)]


def _keys(reads: Declare) -> HTTPRouteHandler:
    @reads(ADDRESS)
    async def listed(request: Request) -> Response[bytes]:
        registry = registry_of(request)
        found, now = registry.follower.view.keys_of(caller_of(request).organisation), instant(registry.now())
        order = ("current", "not-yet", "expired", "revoked")
        return layout_of(request).page(
            "keys.html",
            keys=[shown(one, now) for one in sorted(found, key=lambda one: order.index(state_of(one, now)))],
            to_do=[(one.kid, _says(one)) for one in to_do(found, now)],
        )

    return listed


def shown(key: SigningKey, now: str) -> KeyShown:
    registered = key.registered
    left = days_left(registered, now)
    ends = "No end"
    if registered.valid_until is not None:
        ends = plain_day_of(registered.valid_until) + (f" ({_days(left)} left)" if left else "")
    return KeyShown(
        kid=registered.kid,
        algorithm=registered.algorithm,
        uses=", ".join(USES[use] for use in registered.uses),
        thumbprint=thumbprint(registered.jwk),
        state=STATES[state_of(key, now)],
        ends=ends,
        revocable=not key.revoked,
    )


def _days(count: int | None) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _says(one: KeyToDo) -> str:
    if one.code == "revoke-expired":
        return "has ended. It still signs late records of the time when it was valid: revoke it once none are to come."
    follows = "Another key goes on from there." if one.succeeded else "No key follows: have one made and register it."
    return f"ends in {_days(one.days_left)}. {follows}"


# --- revoking ---------------------------------------------------------------------------------------------------------


def _revoking(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{kid:str}}/revocation")
    async def look(request: Request, kid: FromPath[str]) -> Response[bytes]:
        return _revocation_page(request, _key(request, kid))

    @writes(f"{ADDRESS}/{{kid:str}}/revocation")
    async def revoke(request: Request, kid: FromPath[str]) -> Response[bytes]:
        key, sent, registry = _key(request, kid), form_of(request), registry_of(request)
        since, errors = _since(sent)
        if errors:
            return _revocation_page(request, key, Rejected(Form(sent, errors), 422))
        caller = caller_of(request)
        revoked = KeyRevoked(organisation=caller.organisation, kid=kid, reason=only(sent, "reason"), suspect_from=since)
        try:
            done = await registry.sequencer.append(keys.revoke_as(revoked, caller, registry.follower.view))
        except Refused as refused:
            told = rejected(Form(sent), refused, {"#/suspect_from": "since_day"})
            return _revocation_page(request, key, told)
        return layout_of(request).page("key_revoked.html", entry=done.index, kid=kid, since=since is not None)

    return [look, revoke]


def _since(sent: Sent) -> tuple[str | None, tuple[FieldError, ...]]:
    """Since when the key is in doubt, said as a day and a time in London, and what is wrong with the form."""
    if not only(sent, "reason"):
        return None, (FieldError("reason", "Choose why the key is revoked"),)
    day, time = only(sent, "since_day").strip(), only(sent, "since_time").strip() or "00:00"
    if not day:
        wrong = FieldError("since_day", "Enter the day from which on somebody else may have had the key")
        return None, (wrong,) if only(sent, "reason") == "compromised" else ()
    if not is_date(day):
        return None, (FieldError("since_day", "Enter the day as year-month-day, like 2026-11-20"),)
    try:
        moment = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M").replace(tzinfo=_LONDON)
    except ValueError:
        return None, (FieldError("since_time", "Enter the time as hours and minutes, like 09:30"),)
    return instant(moment.astimezone(UTC)), ()


def _key(request: Request, kid: str) -> SigningKey:
    """Raises `Refused`: `not-found`."""
    found = registry_of(request).follower.view.key(caller_of(request).organisation, kid)
    if found is None:
        raise Refused("not-found", "Your organisation has no such key.")
    return found


def _revocation_page(request: Request, key: SigningKey, told: Rejected | None = None) -> Response[bytes]:
    return layout_of(request).page(
        "revoke_key.html",
        status=200 if told is None else told.status,
        form=Form() if told is None else told.form,
        key=shown(key, instant(registry_of(request).now())),
        reasons=REASONS,
    )
