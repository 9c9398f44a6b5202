"""One organisation: its record, who is above and below it, how to reach it, who may bind it, what it signed."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.dates import london_date
from isa_registry.domain.organisation_records import CONTACTS, EVERY_AGREEMENT
from isa_registry.domain.register.bodies import Standing, children_of, standing
from isa_registry.domain.register.facts import AgreementVersion, Delegation, Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import led_by, partnerships_of
from isa_registry.pages.changing import body_name
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import registry_of
from isa_registry.pages.rendering import Request, plain_date, plain_day_of
from isa_registry.pages.signing_in import Declare

ADDRESS = "/organisations/{organisation:str}"
_TAGS: dict[Standing, tuple[str, str]] = {
    "taking-part": ("active", "Taking part"),
    "suspended": ("suspended", "Suspended"),
    "closed": ("ended", "Closed"),
}
_KNOWN = {None: "Not known", True: "Yes", False: "No"}


class Signed(Struct, frozen=True):
    """A version by which the body is a signatory today: with whose attestation, and since when, in words."""

    address: str
    title: str
    since: str
    by: tuple[str, str] | None
    reservations: int


class DelegationShown(Struct, frozen=True):
    """Who else may bind the body, for what, and when: in words."""

    to: tuple[str, str] | None
    agreements: str
    starts: str
    until: str


def one_organisation_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def one(request: Request, organisation: FromPath[str]) -> Response[bytes]:
        registry = registry_of(request)
        view, today = registry.follower.view, london_date(registry.now())
        body = view.organisation(organisation)
        if body is None:
            return layout_of(request).missing("There is no such organisation in this registry.")
        return layout_of(request).page(
            "organisation.html",
            body=body,
            kind=kind_name(view, body),
            standing=_TAGS[standing(body, today)],
            today=today,
            parent=None if body.parent is None else named(view, body.parent),
            successor=None if body.successor is None else named(view, body.successor),
            children=[named(view, child.organisation) for child in children_of(view, organisation)],
            partnerships=[partnership_name(view, one) for one in partnerships_of(view, body)],
            leads=[one.name for one in led_by(view, organisation)],
            contacts=[(words, body.contacts[code]) for code, words in CONTACTS.items() if code in body.contacts],
            named_out=agreement_names(view, body.named_out),
            known=_KNOWN,
            delegations=[_shown(view, one) for one in view.delegations_of(organisation) if one.lasts(today)],
            signed=_signed(view, body, today),
        )

    return [one]


def named(view: RegisterView, organisation: str) -> tuple[str, str]:
    """A body's address and its name."""
    return f"/organisations/{organisation}", body_name(view, organisation)


def kind_name(view: RegisterView, body: Organisation) -> str:
    catalogue = view.catalogue()
    kind = None if catalogue is None else catalogue.kinds.get(body.organisation_kind)
    return body.organisation_kind if kind is None else kind.label


def partnership_name(view: RegisterView, partnership: str) -> str:
    found = view.partnership(partnership)
    return partnership if found is None else found.name


def agreement_names(view: RegisterView, agreements: tuple[str, ...]) -> str:
    """Agreements by the titles of their newest versions; empty for none."""
    if EVERY_AGREEMENT in agreements:
        return "All agreements"
    return ", ".join(title for one in agreements for title in [agreement_title(view, one)])


def agreement_title(view: RegisterView, agreement: str) -> str:
    versions = view.agreement_versions(agreement)
    return versions[-1].title if versions else agreement


def _shown(view: RegisterView, delegation: Delegation) -> DelegationShown:
    given = delegation.given
    return DelegationShown(
        to=None if given.to is None else named(view, given.to),
        agreements=agreement_names(view, given.agreements) or "All agreements",
        starts=plain_date(given.starts),
        until=last_day(delegation),
    )


def last_day(delegation: Delegation) -> str:
    """When a delegation ends, in words."""
    if delegation.ended_on is not None:
        return f"ended from {plain_date(delegation.ended_on)} on"
    return plain_date(delegation.given.until)


def _signed(view: RegisterView, body: Organisation, today: str) -> list[Signed]:
    found = []
    for version in view.agreement_versions():
        if version.withdrawn_on is None or today < version.withdrawn_on:
            signed = _signature(view, version, body, today)
            found += [] if signed is None else [signed]
    return found


def _signature(view: RegisterView, version: AgreementVersion, body: Organisation, today: str) -> Signed | None:
    made = view.signature(version.agreement, version.version, body.organisation, today)
    if made is None:
        return None
    own = view.attestations_by(version.agreement, version.version, body.organisation)
    return Signed(
        address=f"/agreements/{version.agreement}/{version.version}",
        title=f"{version.title}, version {version.version}",
        since=plain_day_of(made.attested_at),
        by=None if made in own else named(view, made.organisation),
        reservations=len(made.reservations),
    )
