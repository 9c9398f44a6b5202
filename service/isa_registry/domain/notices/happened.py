"""What is told because of an entry of the log. Each entry is looked at once, in order."""

from __future__ import annotations

from collections.abc import Iterable

from isa_registry.domain import agreement_entries as entries
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.entries import CatalogueChanged, Payload
from isa_registry.domain.law_watch.looking import changes_to_look_at
from isa_registry.domain.notices.concerned import parties, signatories, told, unit, waited_for
from isa_registry.domain.notices.events import SharedEvent
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.templates import Bodies
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView

TELLING_KINDS = frozenset({
    "agreement.opened", "agreement.in-force", "agreement.suspended", "agreement.resumed", "agreement.withdrawn",
    "attestation.made", "attestation.withdrawn", "attestation.declined", "key.registered",
    "catalogue.changed",
})  # fmt: skip
"""The kinds of entries that anybody is told of."""

FLAGS = frozenset({"withheld-against-duty", "review-basis"})
"""The flags on an event of which its own body is told: each is a template."""

_DECIDED: dict[type, str] = {
    entries.AgreementInForce: "agreement-in-force",
    entries.AgreementSuspended: "agreement-suspended",
    entries.AgreementResumed: "agreement-resumed",
    entries.AgreementWithdrawn: "agreement-withdrawn",
}


def notices_of(view: RegisterView, entry: int, day: str, payload: Payload) -> list[Notice]:
    """The notices of one entry, logged on a day (London). `view` is a register that holds it."""
    match payload:
        case KeyRegistered():
            if "attestation" not in payload.uses:
                return []
            values = {"kid": payload.kid, "entry": entry}
            return told("attestation-key-registered", f"entry {entry}", values, {"own": (payload.organisation,)})
        case CatalogueChanged():
            return _law_changed(view, entry, day)
        case entries.AttestationMade():
            return _attested(entry, payload)
        case entries.AgreementOpened():
            version = view.agreement_version(payload.agreement, payload.version)
            values = {"agreement": payload.agreement, "version": payload.version}
            asked = [] if version is None else waited_for(view, version, day)
            return told("agreement-opened", _name(values), values, {"parties": asked})
        case (
            entries.AgreementInForce()
            | entries.AgreementSuspended()
            | entries.AgreementResumed()
            | entries.AgreementWithdrawn()
        ):
            version = view.agreement_version(payload.agreement, payload.version)
            return [] if version is None else _decided(view, entry, day, payload, version)
        case entries.AttestationWithdrawn() | entries.AttestationDeclined():
            version = view.agreement_version(payload.agreement, payload.version)
            return [] if version is None else _left(view, entry, day, payload, version)
    return []


def flagged(one: SharedEvent) -> list[Notice]:
    """What a body is told of its own decision because of what the registry marked on it, the same day."""
    values = {"event": one.event, "entry": one.entry}
    return [
        notice
        for flag in one.flags
        if flag in FLAGS
        for notice in told(flag, f"entry {one.entry}", values, {"own": (one.provider,)})
    ]


def _law_changed(view: RegisterView, entry: int, day: str) -> list[Notice]:
    """The unit hears of a catalogue by which something changed that matters here, once for all of it."""
    changes = sum(one.matters for one in changes_to_look_at(view, day) if one.came.entry == entry)
    values = {"entry": entry, "changes": changes}
    return told("law-changed", f"entry {entry}", values, {"unit": unit(view, None) if changes else ()})


def _name(values: dict[str, object]) -> str:
    return f"{values['agreement']}/{values['version']}"


def _attested(entry: int, payload: entries.AttestationMade) -> list[Notice]:
    """Others of a body hear of an attestation that was made on a page; who signs by a system of their own knows."""
    if payload.sign_in is None:
        return []
    claims = read_attestation(payload.jws)
    values = {
        "agreement": claims.agreement,
        "version": claims.version,
        "attestation": payload.attestation,
        "entry": entry,
    }
    return told("attestation-made-on-page", f"entry {entry}", values, {"own": (claims.organisation,)})


def _decided(
    view: RegisterView,
    entry: int,
    day: str,
    payload: entries.AgreementInForce
    | entries.AgreementSuspended
    | entries.AgreementResumed
    | entries.AgreementWithdrawn,
    version: AgreementVersion,
) -> list[Notice]:
    template = _DECIDED[type(payload)]
    values = {"agreement": payload.agreement, "version": payload.version, "on": payload.on}
    if isinstance(payload, entries.AgreementSuspended | entries.AgreementWithdrawn):
        values["reason"] = payload.reason
    concerned = parties(view, version, day)
    found = told(template, f"entry {entry}", values, {"parties": concerned, "unit": unit(view, version)})
    if isinstance(payload, entries.AgreementInForce):
        found += _stale(view, entry, day, payload, version)
    return found


def _stale(
    view: RegisterView, entry: int, day: str, payload: entries.AgreementInForce, version: AgreementVersion
) -> list[Notice]:
    """Signatories of the version that was in force before, who have not attested this one."""
    before = [
        one
        for one in view.agreement_versions(payload.agreement)
        if one.version != version.version and one.in_force_on is not None and one.in_force_on <= payload.on
    ]
    if not before:
        return []
    older = max(before, key=lambda one: (one.in_force_on or "", one.published_at))
    left = [
        body
        for body in signatories(view, older, day)
        if view.signature(version.agreement, version.version, body, day) is None
    ]
    values = {
        "agreement": version.agreement,
        "version": version.version,
        "on": payload.on,
        "older": older.version,
    }
    return told("attestation-stale", f"entry {entry}", values, {"stale": left})


def _left(
    view: RegisterView,
    entry: int,
    day: str,
    payload: entries.AttestationWithdrawn | entries.AttestationDeclined,
    version: AgreementVersion,
) -> list[Notice]:
    values = {
        "agreement": payload.agreement,
        "version": payload.version,
        "organisation": payload.organisation,
        "reason": payload.reason,
    }
    template = "attestation-declined"
    if isinstance(payload, entries.AttestationWithdrawn):
        template, values["on"] = "attestation-withdrawn", payload.on
    others = [body for body in signatories(view, version, day) if body != payload.organisation]
    bodies: dict[Bodies, Iterable[str]] = {
        "signatories": others,
        "own": (payload.organisation,),
        "unit": unit(view, version),
    }
    return told(template, f"entry {entry}", values, bodies)
