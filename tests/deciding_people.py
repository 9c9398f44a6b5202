"""A small partnership whose people decide who may act: the lead body and another, and everybody who could try."""

from __future__ import annotations

from isa_registry.actions import deciding
from isa_registry.actions.deciding import AccessPayload, Change, Decider
from isa_registry.domain.access_entries import ClientGranted, IssuerRegistered, RoleGranted
from isa_registry.domain.entries import RegisterPayload, RegistryOpened
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.ledger.drafts import Draft

AT = "2026-11-27T09:00:00.000Z"
TODAY = "2026-11-27"
SOON = "2027-03-31"
COUNCIL, POLICE, CHARITY = "council", "police", "charity"
ISSUERS = {body: f"https://login.{body}.example" for body in (COUNCIL, POLICE, CHARITY)}
OTHER = "https://other-login.council.example"


def issuer(body: str, **changes: object) -> IssuerRegistered:
    members: dict[str, object] = {
        "organisation": body,
        "issuer": ISSUERS[body],
        "audiences": ("urn:isa-registry",),
        "algorithms": ("ES256",),
        "profile": "rfc9068",
        **changes,
    }
    return IssuerRegistered(**members)  # type: ignore[arg-type]


def role(body: str, subject: str, name: str, until: str | None = None, *, by: str | None = None) -> RoleGranted:
    return RoleGranted(organisation=body, issuer=by or ISSUERS[body], subject=subject, role=name, until=until)


def person(body: str, subject: str, *, by: str | None = None) -> Decider:
    return Decider(organisation=body, issuer=by or ISSUERS[body], subject=subject)


FOUNDING: tuple[RegisterPayload, ...] = (
    RegistryOpened(
        origin="registry.example.org/durham",
        partnership="durham",
        partnership_name="A partnership",
        lead_body=COUNCIL,
        attestation_key={},
    ),
    *(OrganisationRegistered(body, body.title(), "local-authority") for body in ISSUERS),
    *(issuer(body) for body in ISSUERS),
    role(COUNCIL, "bu-1", "business-unit"),
    role(COUNCIL, "bu-2", "business-unit"),
    role(COUNCIL, "bu-3", "business-unit"),
    role(COUNCIL, "council-lead", "ig-lead"),
    role(COUNCIL, "council-practitioner", "practitioner"),
    role(COUNCIL, "council-auditor", "auditor"),
    role(POLICE, "police-lead", "ig-lead"),
    role(POLICE, "police-practitioner", "practitioner"),
    role(POLICE, "police-signatory", "signatory"),
    role(POLICE, "former-lead", "ig-lead", "2026-11-26"),
    ClientGranted(organisation=POLICE, client="police-system", scopes=("checks:ask",)),
    ClientGranted(organisation=COUNCIL, client="council-reader", scopes=("audit:read",), until=SOON),
)
"""What the log was founded with: `charity` has nobody yet, and no one decided any of this."""

BU_1, BU_2, BU_3 = (person(COUNCIL, f"bu-{number}") for number in (1, 2, 3))
COUNCIL_LEAD, POLICE_LEAD = person(COUNCIL, "council-lead"), person(POLICE, "police-lead")
EVERYBODY = (
    BU_1,
    COUNCIL_LEAD,
    person(COUNCIL, "council-practitioner"),
    person(COUNCIL, "council-auditor"),
    POLICE_LEAD,
    person(POLICE, "police-practitioner"),
    person(POLICE, "police-signatory"),
    person(POLICE, "former-lead"),
    person(CHARITY, "nobody-known"),
)


class Log:
    """A log in memory: a draft becomes entries only if its preconditions hold at the tail."""

    def __init__(self, *more: RegisterPayload) -> None:
        self.register = Register()
        self.entries: list[RegisterPayload] = []
        self.add(*FOUNDING, *more)

    def add(self, *payloads: RegisterPayload) -> None:
        for payload in payloads:
            apply(self.register, len(self.entries), AT, payload)
            self.entries.append(payload)

    @property
    def view(self) -> RegisterView:
        return self.register.at(len(self.entries))

    def append(self, draft: Draft, at: str = AT) -> tuple[RegisterPayload, ...]:
        for holds in draft.preconditions:
            holds(self.view, at)
        self.add(*draft.payloads)  # type: ignore[arg-type]
        return draft.payloads  # type: ignore[return-value]

    def alone(self, payload: AccessPayload, by: Decider, at: str = AT) -> tuple[RegisterPayload, ...]:
        return self.append(deciding.alone(payload, by, self.view), at)

    def by_two(self, change: Change, first: Decider, second: Decider, at: str = AT) -> tuple[RegisterPayload, ...]:
        return self.append(deciding.by_two(change, first, second, self.view), at)
