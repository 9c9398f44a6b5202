"""Who may call what, and what they see: one line per route. A route without a line does not start."""

from __future__ import annotations

from typing import Literal

from litestar import Litestar
from msgspec import Struct

Reader = Literal["caller", "provider", "recipient", "auditor", "operator", "anyone"]

_JSON = ("application/json",)
_FORM = ("application/x-www-form-urlencoded",)
_FORM_LIMIT = 16_384


class Access(Struct, frozen=True):
    """The terms of one route.

    A machine needs one of `scopes` (as its token and the registry's grant both give it), a person one of `roles`;
    `public` needs no token, nor does a route whose `opened_by` names a setting that is on; `operator` needs the
    operator's own. `session`: a page for people, who show a session instead of a token; one that `survives` takes its
    fallback too while the database is away. `handshake`: a step of signing in or out, before or after there is a
    session; what it takes proves itself (a sealed cookie, a provider's signed token, a form of the session that ends);
    `from_provider`: from a provider's own system, not from a browser. `greets`: a public page that shows who is signed
    in. `content_types` and `body_limit` (bytes) bound what is taken.
    `recent_sign_in` asks for a person who signed in within five minutes. `fields` says which members of the answer each
    reader sees; `("*",)` is all of them.
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
    fields: dict[Reader, tuple[str, ...]] = {}

    def scope_line(self) -> str:
        return " ".join(sorted(self.scopes))


_EVERYBODY: dict[Reader, tuple[str, ...]] = {"anyone": ("*",)}
_OWN: dict[Reader, tuple[str, ...]] = {"caller": ("*",)}
_EVENT_FIELDS: dict[Reader, tuple[str, ...]] = {
    "provider": ("*",),
    "auditor": ("*",),
    "recipient": ("id", "provider", "entry", "recorded_at", "event", "receipt"),
}
_EVENT_LINE_FIELDS: dict[Reader, tuple[str, ...]] = {
    "provider": ("*",),
    "auditor": ("*",),
    "recipient": ("id", "provider", "recipient", "decision", "purpose", "decided_at", "entry"),
}
_PEOPLE = frozenset({"practitioner", "signatory", "ig-lead", "auditor", "business-unit"})
_ASKERS = frozenset({"practitioner", "ig-lead", "auditor", "business-unit"})
_EVENT_READERS = frozenset({"practitioner", "ig-lead", "auditor"})
_LOG_SCOPES = frozenset({"events:read", "audit:read"})
_LOG_READERS = frozenset({"ig-lead", "auditor"})


def _public(says: str, *, greets: bool = False) -> Access:
    return Access(says=says, public=True, greets=greets, fields=_EVERYBODY)


def _handshake(says: str, *, form: bool = False, from_provider: bool = False) -> Access:
    return Access(
        says=says,
        handshake=True,
        from_provider=from_provider,
        content_types=_FORM if form else (),
        body_limit=_FORM_LIMIT if form else 0,
        fields=_EVERYBODY,
    )


def _page(
    says: str,
    *,
    form: bool = False,
    roles: frozenset[str] = _PEOPLE,
    survives: bool = False,
    recent_sign_in: bool = False,
) -> Access:
    return Access(
        says=says,
        session=True,
        roles=roles,
        survives=survives,
        recent_sign_in=recent_sign_in,
        content_types=_FORM if form else (),
        body_limit=_FORM_LIMIT if form else 0,
        fields=_OWN,
    )


ACCESS: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/checks"): Access(
        says="Ask whether, and on what lawful basis, information may be shared",
        scopes=frozenset({"checks:ask"}),
        roles=_ASKERS,
        content_types=_JSON,
        body_limit=65_536,
        fields=_OWN,
    ),
    ("POST", "/api/v1/checks/batch"): Access(
        says="Ask up to 1,000 questions at once",
        scopes=frozenset({"checks:ask"}),
        roles=_ASKERS,
        content_types=_JSON,
        body_limit=4_194_304,
        fields=_OWN,
    ),
    ("GET", "/api/v1/checks/{check}"): Access(
        says="Read a recorded answer again",
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=_ASKERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/checks/{check}/receipt"): Access(
        says="Fetch the receipt that proves that the log holds an answer",
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=_ASKERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("POST", "/api/v1/sharing-events"): Access(
        says="Record a signed decision to share or not to share",
        scopes=frozenset({"events:write"}),
        content_types=("application/jose", "application/json"),
        body_limit=131_072,
        fields={"provider": ("*",)},
    ),
    ("GET", "/api/v1/sharing-events"): Access(
        says="List events that you provided or received, newest first",
        scopes=frozenset({"events:read"}),
        roles=_EVENT_READERS,
        fields=_EVENT_LINE_FIELDS,
    ),
    ("GET", "/api/v1/sharing-events/{event}"): Access(
        says="Read one event",
        scopes=frozenset({"events:read"}),
        roles=_EVENT_READERS,
        fields=_EVENT_FIELDS,
    ),
    ("GET", "/api/v1/sharing-events/{event}/receipt"): Access(
        says="Fetch the receipt of an event, or with `part=withheld` that of its withheld list",
        scopes=frozenset({"events:read"}),
        roles=_EVENT_READERS,
        fields=_EVENT_FIELDS,
    ),
    ("GET", "/api/v1/agreements"): _public("List the agreements with their versions"),
    ("GET", "/api/v1/agreements/{agreement}"): _public("One agreement with its versions and what is in force"),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}"): _public(
        "One version: words, schedule, hashes, clauses"
    ),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/clauses/{clause}"): _public("One clause, word for word"),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/attestations"): _public(
        "Who has attested exactly these words"
    ),
    ("GET", "/api/v1/organisations"): Access(
        says="List the organisations",
        scopes=frozenset({"checks:ask", "events:write", "events:read", "agreements:read", "audit:read", "admin"}),
        roles=_PEOPLE,
        fields=_OWN,
    ),
    ("GET", "/api/v1/organisations/{organisation}"): Access(
        says="One organisation",
        scopes=frozenset({"checks:ask", "events:write", "events:read", "agreements:read", "audit:read", "admin"}),
        roles=_PEOPLE,
        fields=_OWN,
    ),
    ("GET", "/api/v1/organisations/{organisation}/keys"): Access(
        says="The public signing keys of your own organisation",
        scopes=frozenset({"events:read", "audit:read"}),
        roles=frozenset({"ig-lead", "auditor"}),
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("POST", "/api/v1/organisations/{organisation}/keys"): Access(
        says="Register a public signing key of your own organisation",
        roles=frozenset({"ig-lead"}),
        content_types=_JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=_OWN,
    ),
    ("POST", "/api/v1/organisations/{organisation}/keys/{kid}/revocation"): Access(
        says="Revoke a signing key of your own organisation, from the next entry on",
        roles=frozenset({"ig-lead"}),
        content_types=_JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=_OWN,
    ),
    ("GET", "/api/v1/organisations/{organisation}/lawful-bases"): Access(
        says="The lawful-basis records of your own organisation",
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=frozenset({"ig-lead", "auditor"}),
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/audit/entries"): Access(
        says="List entries of the log, newest first: your own and the register's public ones, or all to an auditor",
        scopes=_LOG_SCOPES,
        roles=_LOG_READERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/audit/entries/{index}"): Access(
        says="Read one entry of the log",
        scopes=_LOG_SCOPES,
        roles=_LOG_READERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/audit/inclusion"): _public("Prove that an entry is in the log (RFC 9162 section 2.1.3)"),
    ("GET", "/api/v1/audit/consistency"): _public("Prove that the log only grew (RFC 9162 section 2.1.4)"),
    ("GET", "/api/v1/audit/export"): Access(
        says="Take evidence away: entries with payloads and proofs, to check offline",
        scopes=_LOG_SCOPES,
        roles=_LOG_READERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("POST", "/api/v1/audit/erasures"): Access(
        says="Ask that a record be erased that no retention rule ends yet, or be the second person who does",
        roles=frozenset({"business-unit"}),
        content_types=_JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=_OWN,
    ),
    ("GET", "/api/v1/audit/erasures"): Access(
        says="What is going to be erased of your organisation's records, when, and what was",
        scopes=frozenset({"events:read", "audit:read"}),
        roles=frozenset({"ig-lead", "auditor", "business-unit"}),
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/log/checkpoint"): _public("The newest signed checkpoint that meets the witness policy"),
    ("GET", "/log/checkpoint.pending"): _public("Our newest signed checkpoint"),
    ("GET", "/log/keys"): _public("The log's verifier keys with the sizes they hold for; never a root of trust"),
    ("GET", "/log/key-rotations"): _public("A receipt of each change of the log's keys, by which an auditor follows"),
    ("GET", "/log/continuation"): _public("The receipt of the entry that says which log this one continues"),
    ("GET", "/log/witnesses"): _public("The witnesses of the log: keys, and how far each has cosigned"),
    ("GET", "/log/tile/entries/{path}"): Access(
        says="Entry bundles (C2SP tlog-tiles): timing and volume are information too",
        opened_by="open_entries",
        scopes=frozenset({"audit:read"}),
        roles=frozenset({"auditor"}),
        fields={"auditor": ("*",)},
    ),
    ("GET", "/log/tile/{path}"): _public("Hash tiles (C2SP tlog-tiles)"),
    ("GET", "/livez"): _public("Whether the process runs"),
    ("GET", "/readyz"): _public("Whether the register is folded; `degraded` while the database is away"),
    ("GET", "/metrics"): Access(
        says="The state of the log and its witnesses, for the operator's monitoring",
        operator=True,
        fields={"operator": ("*",)},
    ),
    ("GET", "/schema/openapi.json"): _public("This interface as OpenAPI 3.1"),
    ("GET", "/"): _public("What this is", greets=True),
    ("GET", "/agreements"): _public("The agreements", greets=True),
    ("GET", "/agreements/{agreement}"): _public("To the version in force"),
    ("GET", "/agreements/{agreement}/{version}"): _public("One version as a page; clauses are anchors", greets=True),
    ("GET", "/id/agreement/{agreement}"): _public("An agreement's identifier: to the version in force"),
    ("GET", "/id/agreement/{agreement}/clause/{clause}"): _public("A clause's identifier: to the version in force"),
    ("GET", "/log"): _public("The state of the log as a page", greets=True),
    ("GET", "/documentation"): _public("The interface's documentation", greets=True),
    ("GET", "/problems/{code}"): _public("What a problem means and what to do", greets=True),
    ("GET", "/immediate-danger"): _public("Is a child in immediate danger?"),
    ("GET", "/static/{path}"): _public("Style sheet"),
    ("GET", "/.well-known/jwks.json"): _public("The keys by which this registry proves itself to agencies' providers"),
    ("GET", "/sign-in"): _handshake("Choose the organisation to sign in with"),
    ("POST", "/sign-in"): _handshake("Go to an organisation's provider to sign in", form=True),
    ("GET", "/auth/{slug}/callback"): _handshake("Come back from a provider"),
    ("POST", "/auth/{slug}/backchannel-logout"): _handshake(
        "A provider says that somebody signed out", form=True, from_provider=True
    ),
    ("POST", "/sign-out"): _handshake("Sign out", form=True),
    ("GET", "/signed-out"): _handshake("After signing out"),
    ("GET", "/sign-in/again"): _page("Say why to sign in again"),
    ("POST", "/sign-in/again"): _page("Go to the provider to prove once more who one is", form=True),
    ("GET", "/account"): _page("Your own sessions, roles and organisations"),
    ("POST", "/account/organisation"): _page("Act for another organisation", form=True),
    ("POST", "/account/sessions/revocation"): _page("End one of your own sessions, or all others", form=True),
    ("POST", "/account/organisation/revocation"): _page(
        "End every session of an organisation",
        form=True,
        roles=frozenset({"ig-lead", "business-unit"}),
        recent_sign_in=True,
    ),
    ("GET", "/ask"): _page("Ask whether information may be shared", roles=_ASKERS, survives=True),
    ("POST", "/ask"): _page("The answer, recorded where it can be", form=True, roles=_ASKERS, survives=True),
}


class RouteWithoutAccess(Exception):
    """A route has no line in `ACCESS`, or a line no route."""


def access_of(method: str, template: str) -> Access:
    """The line of a route. Raises `RouteWithoutAccess`."""
    found = ACCESS.get((method, template))
    if found is None:
        raise RouteWithoutAccess(f"{method} {template}")
    return found


def template_of(path_format: str) -> str:
    """A route's path as the table writes it: parameters by name alone."""
    parts = (part.split(":")[0] + "}" if part.startswith("{") else part for part in path_format.split("/"))
    return "/".join(parts).replace("}}", "}")


DEMONSTRATION_PREFIX = "/demo/"
BENCH_PREFIX = "/bench/"


def check_routes(app: Litestar) -> None:
    """Holds the routes that are served and the table together. Raises `RouteWithoutAccess`.

    Only the demonstration's identity providers and the benchmarks' echo stand outside it, and neither is there in a
    real service.
    """
    served: set[tuple[str, str]] = set()
    for route in app.routes:
        template = template_of(route.path)
        if template.startswith((DEMONSTRATION_PREFIX, BENCH_PREFIX)):
            continue
        for method in getattr(route, "methods", ()):
            if method != "OPTIONS":
                access_of(method, template)
                served.add((method, template))
    for missing in ACCESS.keys() - served:
        raise RouteWithoutAccess(f"{missing[0]} {missing[1]} is not served")
