"""What each route answers, as OpenAPI says it: its success, and every problem."""

from __future__ import annotations

from http import HTTPStatus

from isa_registry.api.access import Access
from isa_registry.api.contract_form import JSON, Contract, Shape
from isa_registry.api.limits import NEVER_LIMITED
from isa_registry.api.problems import PROBLEMS, Problem
from isa_registry.api.refinements import JsonSchema

RESPONSE_HEADERS: dict[str, tuple[str, str]] = {
    "X-Request-ID": ("The request's id: yours, or a new one.", "string"),
    "ISA-Log-Size": ("How many entries of the log this worker had read.", "integer"),
    "ISA-Export-Entries": ("How many entries the log had when the export began: for showing progress.", "integer"),
    "Location": ("Where the new resource is.", "string"),
    "ETag": ("A strong entity tag of these bytes: send it as If-None-Match (RFC 9110).", "string"),
    "Link": ('The page after this one, as `rel="next"` (RFC 8288).', "string"),
    "Retry-After": ("Seconds to wait before asking again.", "integer"),
    "RateLimit": ("What is left of a quota: `r` now, and `t` seconds until all of it is there again.", "string"),
    "RateLimit-Policy": ("The quota: `q` in `w` seconds (draft-ietf-httpapi-ratelimit-headers-11).", "string"),
    "WWW-Authenticate": (
        "What a token must be like (RFC 6750, RFC 9470), and where that is published (RFC 9728).",
        "string",
    ),
}

_WAITS = (
    "in-flight", "quota-exceeded", "unavailable", "history-unconfirmed", "records-unconfirmed", "receipt-not-ready",
    "not-folded",
)  # fmt: skip
"""The problems that say when to ask again."""
_LIMITS = ("RateLimit", "RateLimit-Policy")
_ANSWERED_STALE = ("askCheck", "askChecks", "askMatrix", "evaluate")
_AUTHENTICATING = ("unauthenticated", "invalid-token")
_SAYS = {
    (200, False): "As asked",
    (200, True): "As asked; where it was recorded, in the log",
    (201, False): "Made",
    (201, True): "Recorded in the log",
    (202, False): "Begun: it is done once another person approves it, or as soon as it can be",
}
"""What a success says, by its status and by whether it takes an Idempotency-Key: all that appends does."""


def ref_to(shape: Shape) -> JsonSchema:
    """A reference to a published shape."""
    name = shape if isinstance(shape, str) else shape.__name__
    return {"$ref": f"#/components/schemas/{name}"}


def content(*bodies: tuple[str, Shape]) -> dict[str, object]:
    """Bodies by media type; a media type with several shapes takes one of them."""
    by_media: dict[str, list[JsonSchema]] = {}
    for media, shape in bodies:
        by_media.setdefault(media, []).append(ref_to(shape))
    return {media: {"schema": refs[0] if len(refs) == 1 else {"oneOf": refs}} for media, refs in by_media.items()}


def _headers(*names: str) -> dict[str, object]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", "ISA-Log-Size", *names)}


def responses_of(method: str, template: str, access: Access, contract: Contract) -> dict[str, object]:
    """Every answer of a route by its status."""
    limits = () if template in NEVER_LIMITED else _LIMITS
    success = {"headers": _headers(*contract.headers, *limits), "content": content(contract.answers, *contract.also)}
    responses: dict[str, object] = {}
    if contract.repeats and contract.status == HTTPStatus.CREATED:
        responses["200"] = {"description": "A repetition: the first answer, rendered anew", **success}
    responses[str(contract.status)] = {
        "description": _SAYS[contract.status, contract.repeats],
        **success,
    }
    if contract.conditional:
        responses["304"] = {"description": "What you have is still the same", "headers": _headers("ETag", *limits)}
    if contract.proposes is not None:
        responses["202"] = {
            "description": "Kept as a proposal: this takes another person",
            "headers": _headers("Location", *limits),
            "content": content((JSON, contract.proposes)),
        }
    by_status: dict[int, list[str]] = {}
    for code in problems_of(method, template, access, contract):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        extra = ["Retry-After"] if set(codes) & set(_WAITS) else []
        extra += ["WWW-Authenticate"] if status == HTTPStatus.UNAUTHORIZED else []
        extra += limits if status == HTTPStatus.TOO_MANY_REQUESTS else []
        responses[str(status)] = {
            "description": "; ".join(PROBLEMS[code].title for code in codes),
            "headers": _headers(*extra),
            "content": {"application/problem+json": {"schema": ref_to(Problem)}},
            "x-isa-problems": codes,
        }
    return responses


def problems_of(method: str, template: str, access: Access, contract: Contract) -> list[str]:
    """The codes of every problem that a route may answer, in the order of the table of problems."""
    codes = {"internal", "misdirected", *contract.problems}
    if template.startswith(("/api/", "/access/", "/log/")):
        codes.add("not-as-logged")
    if template.startswith(("/api/", "/access/")):
        codes |= {"malformed", "unavailable"}
    if template.startswith("/api/") and contract.operation not in _ANSWERED_STALE:
        codes.add("not-folded")
    if template.startswith("/log/"):
        codes |= {"unavailable"}
    if template not in NEVER_LIMITED:
        codes.add("quota-exceeded")
    if not access.public:
        codes |= {*_AUTHENTICATING, "forbidden", "unavailable"}
        if access.shows_records(method):
            codes.add("records-unconfirmed")
    if access.scopes:
        codes.add("insufficient-scope")
    if access.recent_sign_in:
        codes.add("sign-in-too-old")
    if contract.takes:
        # By AuthZEN, another content type is a malformed request.
        codes |= {"too-large", "too-slow"}
        codes |= set() if template.startswith("/access/") else {"unsupported-media-type"}
    if contract.repeats and contract.operation not in _ANSWERED_STALE:
        codes.add("history-unconfirmed")
    if contract.repeats:
        codes |= {"idempotency-conflict", "in-flight", "gone"}
    if "{" in template:
        codes.add("not-found")
    return [code for code in PROBLEMS if code in codes]
