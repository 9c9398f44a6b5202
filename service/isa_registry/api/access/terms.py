"""The terms of a route, and the few shapes that most of them have."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from isa_registry.identity.callers import RECENT_SECONDS

Reader = Literal["caller", "provider", "recipient", "auditor", "operator", "anyone"]

JSON = ("application/json",)
FORM = ("application/x-www-form-urlencoded",)
FORM_LIMIT = 16_384
UPLOAD = ("multipart/form-data", *FORM)
UPLOAD_LIMIT = 1_048_576


class Access(Struct, frozen=True):
    """The terms of one route.

    A machine needs one of `scopes` (as its token and the registry's grant both give it), a person one of `roles`;
    `public` needs no token, nor does a route whose `opened_by` names a setting that is on; `operator` needs the
    operator's own. `session`: a page for people, who show a session instead of a token; one that `survives` takes its
    fallback too while the database is away. `handshake`: a step of signing in or out, before or after there is a
    session; what it takes proves itself (a sealed cookie, a provider's signed token, a form of the session that ends);
    `from_provider`: from a provider's own system, not from a browser. `greets`: a public page that shows who is signed
    in. `content_types` and `body_limit` (bytes) bound what is taken.
    `recent_sign_in` asks for a person who signed in within five minutes, or `recent_seconds`. `fields` says which
    members of the answer each reader sees; `("*",)` is all of them. Where auditors are among the readers, they see all
    bodies' things, and so do the roles and scopes of `oversight`. `records` says whether it shows what the database
    holds, and is refused while that is known to be wrong: unless it is said, whatever somebody who is known reads is.
    """

    says: str
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    public: bool = False
    operator: bool = False
    session: bool = False
    survives: bool = False
    handshake: bool = False
    from_provider: bool = False
    greets: bool = False
    opened_by: str = ""
    content_types: tuple[str, ...] = ()
    body_limit: int = 0
    recent_sign_in: bool = False
    recent_seconds: int = RECENT_SECONDS
    fields: dict[Reader, tuple[str, ...]] = {}
    oversight: frozenset[str] = frozenset()
    records: bool | None = None

    def shows_records(self, method: str) -> bool:
        return method in ("GET", "HEAD") if self.records is None else self.records

    def scope_line(self) -> str:
        return " ".join(sorted(self.scopes))


EVERYBODY: dict[Reader, tuple[str, ...]] = {"anyone": ("*",)}
OWN: dict[Reader, tuple[str, ...]] = {"caller": ("*",)}
EVENT_FIELDS: dict[Reader, tuple[str, ...]] = {
    "provider": ("*",),
    "auditor": ("*",),
    "recipient": (
        "id",
        "provider",
        "entry",
        "recorded_at",
        "event",
        "receipt",
        "suspect",
        "state",
        "acknowledgements",
        "corrects",
        "corrected_by",
    ),
}
EVENT_LINE_FIELDS: dict[Reader, tuple[str, ...]] = {
    "provider": ("*",),
    "auditor": ("*",),
    "recipient": ("id", "provider", "recipient", "decision", "purpose", "decided_at", "entry", "suspect", "state"),
}
PEOPLE = frozenset({
    "practitioner", "signatory", "ig-lead", "auditor", "business-unit", "partnership-unit", "law-lead",
})  # fmt: skip
ASKERS = frozenset({"practitioner", "ig-lead", "auditor", "business-unit"})
EVENT_READERS = frozenset({"practitioner", "ig-lead", "auditor"})
IG_LEAD = frozenset({"ig-lead"})
LAW_LEADS = frozenset({"law-lead"})
"""The information-governance leads of the registry's own lead body, about the law as data."""

UNIT = frozenset({"business-unit"})
"""The business unit of the registry's own lead body."""

UNITS = frozenset({"business-unit", "partnership-unit"})
"""That, and the units of other partnerships: whose agreements and members these are is held where it is decided."""

KEY_HOLDERS = frozenset({"ig-lead", "signatory"})
LOG_SCOPES = frozenset({"events:read", "audit:read"})
LOG_READERS = frozenset({"ig-lead", "auditor"})


def public(says: str, *, greets: bool = False) -> Access:
    return Access(says=says, public=True, greets=greets, fields=EVERYBODY)


def asks_in_public(says: str, content_types: tuple[str, ...], limit: int) -> Access:
    """A question of anybody, too long for an address: it is read, answered and forgotten."""
    return Access(says=says, public=True, content_types=content_types, body_limit=limit, fields=EVERYBODY)


def handshake(says: str, *, form: bool = False, from_provider: bool = False) -> Access:
    return Access(
        says=says,
        handshake=True,
        from_provider=from_provider,
        content_types=FORM if form else (),
        body_limit=FORM_LIMIT if form else 0,
        fields=EVERYBODY,
    )


def page(
    says: str,
    *,
    form: bool = False,
    upload: bool = False,
    roles: frozenset[str] = PEOPLE,
    survives: bool = False,
    recent_sign_in: bool = False,
    recent_seconds: int = RECENT_SECONDS,
    records: bool | None = None,
) -> Access:
    return Access(
        says=says,
        session=True,
        roles=roles,
        survives=survives,
        recent_sign_in=recent_sign_in,
        recent_seconds=recent_seconds,
        content_types=UPLOAD if upload else FORM if form else (),
        body_limit=UPLOAD_LIMIT if upload else FORM_LIMIT if form else 0,
        fields=OWN,
        records=records,
    )


def decides(says: str, *roles: str, oversees: bool = True) -> Access:
    """A change of what lets others act, or of who belongs, by a person who signed in just now; to the registry's own
    business unit open about every organisation, where that is what its address names."""
    return Access(
        says=says,
        roles=frozenset(roles),
        content_types=JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=OWN,
        oversight=frozenset(roles) & UNIT if oversees else frozenset(),
    )


def shows_who_acts(says: str, *roles: str) -> Access:
    return Access(
        says=says,
        scopes=frozenset({"audit:read"}),
        roles=frozenset({"ig-lead", "auditor", *roles}),
        fields={"caller": ("*",), "auditor": ("*",)},
        oversight=frozenset(roles) & UNIT,
    )
