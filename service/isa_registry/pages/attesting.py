"""Attesting on a page: one form, a look at exactly what is signed, and then the certificate."""

from __future__ import annotations

from collections.abc import Mapping

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct, ValidationError, convert

from isa_registry.actions.attestations import Target
from isa_registry.domain.attestations import AttestationAuthority, AttestationConsulted, Signatory
from isa_registry.domain.attesting import Said, said_faults
from isa_registry.domain.attesting_codes import AUTHORITIES
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.binding import Signer, binder_of, bound_by
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.attestations import VERSION, attestation_of, attesting_of, own_task, version_of
from isa_registry.pages.attesting_words import CONSULTED_ROLES, SIGNATORY_ROLES, grouped
from isa_registry.pages.certificates import certificate_page
from isa_registry.pages.changing import Rejected, body_name, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of, session_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare

_WANTED = (
    ("role", "Choose in which role you sign"),
    ("ref", "Enter your organisation’s reference for your post"),
    ("authority", "Choose on what authority you sign"),
    ("authority_reference", "Enter where your organisation holds that authority"),
)
_FIELDS = {
    "#/text_sha256": "", "#/schedule_sha256": "", "#/signatory/role": "role", "#/signatory/ref": "ref",
    "#/authority/code": "authority", "#/authority/reference": "authority_reference", "#/organisation": "organisation",
    "#/consulted": "", "#/reservations": "reservation",
}  # fmt: skip


class Choices(Struct, frozen=True):
    """What a form offers: the bodies that one may sign for, the roles in which, whom one may have consulted (by field),
    and the purposes that can be reserved."""

    bodies: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    consulted: tuple[tuple[str, str], ...]
    purposes: tuple[tuple[str, str], ...]


def attesting_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{VERSION}/attestation")
    async def look(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found = version_of(request, agreement, version)
        return await _form_page(request, found, Rejected(Form(), 200))

    @writes(f"{VERSION}/attestation")
    async def attest(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found, sent = version_of(request, agreement, version), form_of(request)
        missing = tuple(FieldError(field, says) for field, says in _WANTED if not only(sent, field).strip())
        if missing:
            return await _form_page(request, found, Rejected(Form(sent, missing), 422))
        try:
            said, organisation = _said(sent, found), only(sent, "organisation") or caller_of(request).organisation
            _refuse_faulty(request, said, found, organisation)
            if only(sent, "confirmed") != "yes":
                return _review_page(request, found, said, organisation, sent)
            made = await attesting_of(request).by_person(
                said, Target(agreement, version), organisation, caller_of(request), session=session_of(request)
            )
        except Refused as refused:
            return await _form_page(request, found, rejected(Form(sent), refused, _fields(refused, sent)))
        return await certificate_page(request, attestation_of(request, made.attestation), fresh=True)

    return [look, attest]


def _said(sent: Sent, version: AgreementVersion) -> Said:
    """What the form says. Raises `Refused` (`unprocessable`)."""
    try:
        authority = convert(
            {"code": only(sent, "authority"), "reference": only(sent, "authority_reference").strip()},
            AttestationAuthority,
        )
    except ValidationError:
        detail = "Choose on what authority you sign."
        raise Refused("unprocessable", detail, (Fault("#/authority/code", "unknown-code", detail),)) from None
    return Said(
        text_sha256=only(sent, "text_sha256"),
        schedule_sha256=only(sent, "schedule_sha256"),
        signatory=Signatory(role=only(sent, "role"), ref=only(sent, "ref").strip()),
        authority=authority,
        consulted=tuple(
            AttestationConsulted(role=role, on=only(sent, f"consulted_{role}").strip()) for role in _asked(sent)
        ),
        reservations=tuple(sent.get("reservation", ())),
    )


def _asked(sent: Sent) -> list[str]:
    return [role for role in CONSULTED_ROLES if only(sent, f"consulted_{role}").strip()]


def _refuse_faulty(request: Request, said: Said, version: AgreementVersion, organisation: str) -> None:
    """What would be refused when it is signed is said before it is looked at. Raises `Refused`."""
    registry, caller = registry_of(request), caller_of(request)
    today = london_date(registry.now())
    faults = said_faults(said, version, on=today)
    try:
        signer = Signer(caller.organisation, said.signatory.role, said.signatory.ref)
        binder_of(registry.follower.view, organisation, version, today, signer)
    except Refused as refused:
        if refused.code != "unprocessable":
            raise
        faults += refused.faults
    if faults:
        raise Refused("unprocessable", "The attestation cannot be recorded as it stands.", tuple(faults))


def _fields(refused: Refused, sent: Sent) -> Mapping[str, str]:
    """The field of each pointer: those into the list of whom one consulted, and of the purposes, by their place."""
    found, asked = dict(_FIELDS), _asked(sent)
    for fault in refused.faults:
        parts = fault.pointer.split("/")
        if parts[1:2] == ["consulted"] and len(parts) > 2:
            found[fault.pointer] = f"consulted_{asked[int(parts[2])]}"
        elif parts[1:2] == ["reservations"]:
            found[fault.pointer] = "reservation"
    return found


async def _form_page(request: Request, version: AgreementVersion, told: Rejected) -> Response[bytes]:
    return layout_of(request).page(
        "attest.html",
        status=told.status,
        form=told.form,
        task=await own_task(request, version),
        choices=_choices(request, version),
        authorities=list(AUTHORITIES.items()),
        text_sha256=grouped(version.text_sha256),
        schedule_sha256=grouped(version.schedule_sha256),
    )


def _choices(request: Request, version: AgreementVersion) -> Choices:
    registry, own = registry_of(request), caller_of(request).organisation
    view, today = registry.follower.view, london_date(registry.now())
    bound = bound_by(view, own, version, today)
    may = {role for _, binders in bound for one in binders for role in one.roles}
    kind = view.organisation(own)
    asked = version.schedule.consulted_roles.get("" if kind is None else kind.organisation_kind, ())
    catalogue = view.catalogue()
    purposes = {} if catalogue is None else catalogue.purposes
    return Choices(
        bodies=tuple((body.organisation, body.name) for body, _ in bound),
        roles=tuple((role, label) for role, label in SIGNATORY_ROLES.items() if role in may),
        consulted=tuple((f"consulted_{role}", CONSULTED_ROLES[role]) for role in asked or ("data-protection-officer",)),
        purposes=tuple(
            (one.code, purposes[one.code].label if one.code in purposes else one.code)
            for one in version.schedule.purposes
        ),
    )


def _review_page(
    request: Request, version: AgreementVersion, said: Said, organisation: str, sent: Sent
) -> Response[bytes]:
    view, choices = registry_of(request).follower.view, _choices(request, version)
    labels = dict(choices.purposes)
    kept = ("organisation", "role", "ref", "authority", "authority_reference", "text_sha256", "schedule_sha256")
    return layout_of(request).page(
        "attest_review.html",
        version=version,
        organisation=body_name(view, organisation),
        role=SIGNATORY_ROLES[said.signatory.role],
        ref=said.signatory.ref,
        authority=AUTHORITIES[said.authority.code],
        authority_reference=said.authority.reference,
        consulted=[f"{CONSULTED_ROLES[one.role]}, {plain_date(one.on)}" for one in said.consulted],
        reservations=[labels[code] for code in said.reservations],
        text_sha256=grouped(said.text_sha256),
        schedule_sha256=grouped(said.schedule_sha256),
        hidden=[
            *((field, only(sent, field).strip()) for field in kept if only(sent, field)),
            *((f"consulted_{one.role}", one.on) for one in said.consulted),
            *(("reservation", code) for code in said.reservations),
        ],
    )
