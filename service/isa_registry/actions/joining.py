"""A body that joins by invitation: what it is asked, what its answer wishes for, and what becomes of that.

The answer comes from whoever has the link, and nobody there can sign in yet. So it decides nothing: it is looked at by
the business unit, of whom one person registers the record and two let in issuer and first lead.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from isa_registry.actions import organisations, roles
from isa_registry.actions.deciding import Change, Decider, number_of, refuse_outside_business_unit
from isa_registry.actions.issuer_faults import issuer_faults
from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted, SignIn
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.organisation_records import CONTACTS
from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered, PolicyDocument
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.people import holders
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

ALGORITHMS = ("RS256", "PS256", "ES256")
"""What a provider of its own may sign with, where nobody says otherwise."""

LONGEST_VALUE = 255
SIGN_IN_PROFILES = ("entra-v2", "generic", "cis2", "rfc9068")


class Told(Struct, frozen=True):
    """What the form of a link says, as it was filled in; empty where nothing was. `sign_in` is `shared`, `own` or
    `later`. With `shared`, `shared_with` is the body whose sign-in is used too, and `value` what it says of this one;
    with `own`, `issuer`, `client` and `profile` are the body's own. `subject` is its first lead, as that sign-in calls
    them."""

    name: str = ""
    ico_registration: str = ""
    policy_reference: str = ""
    policy_review_on: str = ""
    contacts: dict[str, str] = {}
    sign_in: str = ""
    shared_with: str = ""
    value: str = ""
    issuer: str = ""
    client: str = ""
    profile: str = ""
    subject: str = ""


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that waits to be decided: what the body says of itself, how its people sign in, and who leads there. An
    issuer that is `shared_with` another body may lack the claim and the value that tell the two apart."""

    name: str
    contacts: dict[str, str]
    ico_registration: str | None = None
    policy_document: PolicyDocument | None = None
    issuer: IssuerRegistered | None = None
    lead: RoleGranted | None = None
    shared_with: str | None = None


def encode_wish(wish: Wish) -> bytes:
    """Canonical JSON (RFC 8785): its SHA-256 is what the business unit confirms."""
    return msgspec.json.encode(wish, order="sorted")


def decode_wish(data: bytes) -> Wish:
    """What `encode_wish` wrote. Raises `msgspec.ValidationError`."""
    return msgspec.json.decode(data, type=Wish)


def encode_record(record: OrganisationRegistered) -> bytes:
    return msgspec.json.encode(record, order="sorted")


def decode_record(data: bytes) -> OrganisationRegistered:
    return msgspec.json.decode(data, type=OrganisationRegistered)


def invitable(record: OrganisationRegistered, view: RegisterView, at: str) -> OrganisationRegistered:
    """The record that an invitation asks a body to confirm: what stands, where it is registered, else what is wished.

    Refused: what registering it would be refused for; `conflict` where it has an information-governance lead already.
    """
    stands = view.organisation(record.organisation)
    if stands is None:
        for holds in organisations.register(record).preconditions:
            holds(view, at)
        return record
    if stands.closed_on is not None:
        raise Refused("conflict", "This organisation is closed, or will be.")
    if holders(view, record.organisation, "ig-lead", london_date(parse_instant(at))):
        raise Refused("conflict", "This organisation has an information-governance lead, who looks after all this.")
    return OrganisationRegistered(**{**asdict(stands), "approved_by": ()})


def shareable(view: RegisterView, record: OrganisationRegistered) -> dict[str, Issuer]:
    """The sign-ins of others that a body may use too, by whose they are: those above it, and the lead body's."""
    opened = view.opened()
    found: dict[str, Issuer] = {}
    seen = {record.organisation}
    current = record.parent
    while current is not None and current not in seen:
        seen.add(current)
        _offer(view, current, found)
        body = view.organisation(current)
        current = None if body is None else body.parent
    if opened is not None and opened.lead_body not in seen:
        _offer(view, opened.lead_body, found)
    return found


def _offer(view: RegisterView, organisation: str, found: dict[str, Issuer]) -> None:
    uses = [one for one in view.issuers_of(organisation) if one.sign_in is not None]
    if uses:
        found[organisation] = uses[0]


# --- from what was filled in to a wish --------------------------------------------------------------------------------


def wish_of(told: Told, record: OrganisationRegistered, view: RegisterView, at: str) -> Wish:
    """What a filled-in form wishes for. Raises `Refused` (`unprocessable`) with a pointer to each field to mend."""
    faults = list(_missing(told))
    issuer = None if faults else _issuer(told, record, view, faults)
    lead = None
    if issuer is not None and told.subject:
        lead = RoleGranted(organisation=record.organisation, issuer=issuer.issuer, subject=told.subject, role="ig-lead")
        try:
            roles.grant(lead, with_issuer=True)
        except Refused as refused:
            faults += refused.faults
    wish = Wish(
        name=told.name,
        contacts={code: told.contacts[code] for code in CONTACTS if told.contacts.get(code)},
        ico_registration=told.ico_registration or None,
        policy_document=PolicyDocument(told.policy_reference, told.policy_review_on or None)
        if told.policy_reference
        else None,
        issuer=issuer,
        lead=lead,
        shared_with=told.shared_with if told.sign_in == "shared" else None,
    )
    if told.name:
        faults += _refused_of_record(record_with(record, wish), view, at)
    if faults:
        raise Refused("unprocessable", "Some of this has to be mended first.", tuple(faults))
    return wish


def _missing(told: Told) -> Iterator[Fault]:
    if not told.name:
        yield Fault("#/name", "missing", "Enter the organisation's name.")
    if told.policy_review_on and not told.policy_reference:
        yield Fault("#/policy_document/reference", "missing", "Enter your own reference for the document.")
    if told.sign_in not in ("shared", "own", "later"):
        yield Fault("#/sign_in", "missing", "Say how your people are to sign in.")
    if told.sign_in == "later" and told.subject:
        yield Fault("#/subject", "too-early", "Leave this empty until it is known how your people sign in.")


def _issuer(
    told: Told, record: OrganisationRegistered, view: RegisterView, faults: list[Fault]
) -> IssuerRegistered | None:
    if told.sign_in == "later":
        return None
    if told.sign_in == "shared":
        use = shareable(view, record).get(told.shared_with)
        if use is None:
            faults.append(Fault("#/shared_with", "missing", "Choose whose sign-in your people use."))
            return None
        claim, value = (use.claim, told.value or None) if use.claim and told.value else (None, told.value or None)
        # Without its claim, a value waits for the business unit to say of which it is.
        issuer = replace(use, organisation=record.organisation, claim=claim, value=value, roles_from=(), approved_by=())
        looked_at = issuer if claim else replace(issuer, value=None)
    else:
        issuer = looked_at = IssuerRegistered(
            organisation=record.organisation,
            issuer=told.issuer,
            audiences=(told.client,),
            algorithms=ALGORITHMS,
            profile=told.profile or "entra-v2",
            sign_in=SignIn(client=told.client, authentication="private_key_jwt"),
        )
    # The audience is the client's id here, and what is wrong with it is said of that.
    found = issuer_faults(looked_at)
    faults += [one for one in found if one.pointer != "#/audiences"]
    if len(told.value) > LONGEST_VALUE:
        faults.append(Fault("#/value", "malformed", "A value is at most 255 characters."))
    return issuer


def record_with(record: OrganisationRegistered, wish: Wish) -> OrganisationRegistered:
    """The record as the body wishes it."""
    return replace(
        record,
        name=wish.name,
        contacts=wish.contacts,
        ico_registration=wish.ico_registration,
        policy_document=wish.policy_document,
    )


def _refused_of_record(record: OrganisationRegistered, view: RegisterView, at: str) -> Iterator[Fault]:
    try:
        draft = _recorded(record, view)
        for holds in () if draft is None else draft.preconditions:
            holds(view, at)
    except Refused as refused:
        yield from refused.faults or (Fault("#", refused.code, refused.detail),)


# --- from a wish to entries -------------------------------------------------------------------------------------------


def registration(wish: Wish, record: OrganisationRegistered, by: Decider, view: RegisterView) -> Draft | None:
    """The entry that registers a body as it wishes, or changes what stands; None where all of it stands. One person of
    the business unit decides it, at the tail, where it is refused too once the body has a lead of its own."""
    stands = view.organisation(record.organisation)
    wished = record_with(record if stands is None else OrganisationRegistered(**asdict(stands)), wish)
    draft = _recorded(replace(wished, approved_by=()), view)
    if draft is None:
        return None
    number = number_of(view, by)

    def holds(tail: RegisterView, at: str) -> None:
        refuse_outside_business_unit(tail, by, at, number=number)
        if holders(tail, record.organisation, "ig-lead", london_date(parse_instant(at))):
            raise Refused("conflict", "This organisation has an information-governance lead, who looks after all this.")
        if tail.organisation(record.organisation) != stands:
            raise Refused("conflict", "The organisation's record was changed at this moment. Look at it again.")

    (payload,) = draft.payloads
    assert isinstance(payload, OrganisationRegistered)
    return replace(
        draft,
        payloads=(replace(payload, approved_by=(number,)),),
        preconditions=(holds, *draft.preconditions),
    )


def _recorded(record: OrganisationRegistered, view: RegisterView) -> Draft | None:
    stands = view.organisation(record.organisation)
    if stands is None:
        return organisations.register(OrganisationRegistered(**asdict(record)))
    members = asdict(record)
    if {**asdict(stands), "approved_by": ()} == {**members, "approved_by": ()}:
        return None
    return organisations.change(OrganisationChanged(**members))


def access_change(wish: Wish, view: RegisterView, *, claim: str | None, value: str | None) -> Change | None:
    """What two people are to approve: the issuer, with the claim and value that the business unit adds where it is
    shared, and the first lead; None where there is nothing of it, or all of it stands.

    Refused (`unprocessable`) where a shared issuer would not tell the bodies apart.
    """
    if wish.issuer is None:
        return None
    issuer = wish.issuer
    if wish.shared_with is not None:
        issuer = replace(issuer, claim=claim or issuer.claim, value=value or issuer.value)
        if issuer.claim is None or issuer.value is None:
            detail = "Say which claim of this sign-in tells the two organisations apart, and what it says of this one."
            raise Refused("unprocessable", detail, (Fault("#/claim", "missing", detail),))
    stands = any(replace(one, approved_by=()) == issuer for one in view.issuers(issuer.issuer))
    if wish.lead is None:
        return None if stands else (issuer,)
    return (wish.lead,) if stands else (issuer, wish.lead)
