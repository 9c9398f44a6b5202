"""Every refusal as RFC 9457 problem details: one map from the registry's codes to what goes out."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from msgspec import Struct

from isa_registry.api.access import is_page
from isa_registry.api.requests import Request
from isa_registry.api.www_authenticate import challenge
from isa_registry.domain.refusals import Refused
from isa_registry.identity.issuers import KeysUnavailableError
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store.pool import DatabaseError, UnstorableText

_log = structlog.get_logger(__name__)

IMMEDIATE_DANGER = (
    "If a child is in immediate danger, share now with the police on 999 and record it afterwards: "
    "nothing here is a reason to wait."
)

_ABOUT_SHARING = ("/checks", "/access/", "/challenges")
"""What answers a question about sharing, or records a dispute about it: each of its problems says so."""


class ProblemType(Struct, frozen=True):
    """What a problem's `type` leads to: its status, its title, and what to do."""

    status: int
    title: str
    advice: str


PROBLEMS: dict[str, ProblemType] = {
    "malformed": ProblemType(400, "The request is not of the right form", "Mend what `errors` points at."),
    "unauthenticated": ProblemType(
        401, "An access token is needed", "Send `Authorization: Bearer` with a token of your organisation's issuer."
    ),
    "invalid-token": ProblemType(
        401,
        "The access token is not accepted",
        "Get a new token from your organisation's issuer. It must name this registry as its audience.",
    ),
    "sign-in-too-old": ProblemType(
        401, "Sign in again", "This needs a person who signed in within the last five minutes (RFC 9470)."
    ),
    "not-signed-in": ProblemType(
        401, "Sign in first", "Sign in with your organisation, and send the form again: nothing of it was done."
    ),
    "forged-request": ProblemType(
        403,
        "The form is not one of yours",
        "Open the page again from here and send its form: this one was not your session's, or came from another site.",
    ),
    "forbidden": ProblemType(403, "Not allowed", "Your roles or scopes do not cover this."),
    "insufficient-scope": ProblemType(
        403,
        "The token's scope does not cover this",
        "Ask for the scope, and have the registry grant it to your client.",
    ),
    "not-your-organisation": ProblemType(
        403, "Only for your own organisation", "Name the organisation that the token belongs to."
    ),
    "second-person": ProblemType(
        403,
        "This takes another person",
        "One person of the business unit proposes it, and another, signed in through the same issuer, approves it.",
    ),
    "not-found": ProblemType(404, "Not found", "There is no such thing here, or none that you may see."),
    "not-acceptable": ProblemType(
        406, "Not in a form that you accept", "Accept one of the forms that `alternates` names, or use its own address."
    ),
    "method-not-allowed": ProblemType(405, "The method is not allowed here", "See the `Allow` header."),
    "conflict": ProblemType(409, "It conflicts with what is registered", "Read it again before you try again."),
    "changed-meanwhile": ProblemType(
        409, "Somebody else was quicker", "Read it again, and decide whether it is still to be done."
    ),
    "event-conflict": ProblemType(
        409, "Another event has this id", "Give a new event a new id; to mend one, send a new one that `corrects` it."
    ),
    "on-hold": ProblemType(
        409, "A legal hold covers it", "Nothing of it is erased until the hold is lifted. Ask who placed the hold."
    ),
    "still-in-force": ProblemType(
        409, "The register depends on it", "End or replace it first: only what no longer has an effect can be erased."
    ),
    "too-slow": ProblemType(408, "The request took too long to come", "Send it again, whole."),
    "in-flight": ProblemType(409, "The same request is still being answered", "Wait for its answer."),
    "gone": ProblemType(410, "Erased", "The payload reached the end of its retention and was erased."),
    "too-large": ProblemType(413, "The request is too large", "Send less at a time."),
    "unsupported-media-type": ProblemType(
        415, "The content type is not taken here", "See the documentation for the types that this route takes."
    ),
    "misdirected": ProblemType(
        421, "Another host's request", "This service does not answer under that host name: use its public address."
    ),
    "unprocessable": ProblemType(422, "It cannot be carried out as it stands", "Mend what `errors` points at."),
    "bad-document": ProblemType(
        422, "The signed document is not accepted", "Sign it anew with a key that is registered for this use."
    ),
    "idempotency-conflict": ProblemType(
        422, "The Idempotency-Key was used for another request", "Use a new key for a new request."
    ),
    "quota-exceeded": ProblemType(
        429,
        "Asked too often",
        "Ask again after `Retry-After` seconds. A question about immediate danger is always answered, and a limit is "
        "never a reason not to share.",
    ),
    "internal": ProblemType(500, "Something went wrong here", "Tell the registry's operator the request id."),
    "unavailable": ProblemType(
        503, "Not available at this moment", "Try again shortly. An outage is never a reason not to share."
    ),
    "history-unconfirmed": ProblemType(
        503,
        "Nothing is recorded at this moment",
        "The registry makes sure first that its database holds the whole log. Keep what is to be recorded, and send it "
        "again later. An outage is never a reason not to share.",
    ),
    "form-not-offered": ProblemType(501, "There is no such form of it here", "Ask for `json` or `xml`."),
    "records-unconfirmed": ProblemType(
        503,
        "Records are not shown at this moment",
        "The registry's database is not the one that was signed, or holds what had been erased. Ask again when its "
        "operator has put that right; a receipt that you keep verifies all the same. An outage is never a reason not "
        "to share.",
    ),
    "not-as-logged": ProblemType(
        503,
        "What is stored is not what was logged",
        "It was changed or damaged since, so nothing of it is shown as if it were true. Tell the registry's operator "
        "the request id: `isa-registry fsck` says what it is. A receipt that you keep verifies all the same.",
    ),
    "receipt-not-ready": ProblemType(503, "The receipt is not ready yet", "Ask again after `Retry-After` seconds."),
    "not-folded": ProblemType(
        503, "This worker has not read that far yet", "Ask again, or without `ISA-Min-Log-Size`."
    ),
}

_BY_STATUS = {
    400: "malformed", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    413: "too-large", 415: "unsupported-media-type", 503: "unavailable",
}  # fmt: skip


class ProblemError(Struct, frozen=True):
    """One thing that is wrong. `pointer` is an RFC 6901 pointer as a URI fragment into what was sent."""

    pointer: str
    code: str
    detail: str


class Problem(Struct, frozen=True, omit_defaults=True, rename={"violated_policies": "violated-policies"}):
    """RFC 9457 problem details. `instance` is the request's id; `immediate_danger` stands in every problem of a
    check; `violated-policies` names the quotas that were used up."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[ProblemError, ...] = ()
    immediate_danger: str | None = None
    violated_policies: tuple[str, ...] = ()


_encode = msgspec.json.Encoder().encode


def problem(
    public_url: str,
    code: str,
    detail: str,
    request_id: str,
    *,
    errors: tuple[ProblemError, ...] = (),
    about_check: bool = False,
    violated: tuple[str, ...] = (),
) -> Problem:
    """The problem details of one refusal of `PROBLEMS`."""
    kind = PROBLEMS[code]
    return Problem(
        type=f"{public_url}/problems/{code}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=request_id,
        errors=errors,
        immediate_danger=IMMEDIATE_DANGER if about_check else None,
        violated_policies=violated,
    )


def problem_bytes(public_url: str, code: str, detail: str, request_id: str) -> bytes:
    """The same as JSON, for a refusal without further members."""
    return _encode(problem(public_url, code, detail, request_id))


def problem_response(
    request: Request, code: str, detail: str, *, errors: tuple[ProblemError, ...] = (), retry_after: int | None = None
) -> Response[bytes]:
    """The response for one refusal of `PROBLEMS`: problem details, or a page where a page was asked for."""
    kind = PROBLEMS[code]
    scope = cast("dict[str, Any]", request.scope)
    scope["isa_refusal"] = code
    request_id = str(scope.get("isa_request_id", ""))
    response: Response[bytes]
    if _is_for_people(request):
        response = request.app.state.problem_page(
            request, code, detail, tuple(error.detail for error in errors), request_id
        )
    else:
        document = problem(
            request.app.state.public_url,
            code,
            detail,
            request_id,
            errors=errors,
            about_check=any(part in scope["path"] for part in _ABOUT_SHARING),
            violated=scope.get("isa_violated", ()),
        )
        response = Response(_encode(document), status_code=kind.status, media_type="application/problem+json")
    headers = {"Link": danger_link(request.app.state.public_url)}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    asked = challenge(code, request)
    if asked is not None:
        headers["WWW-Authenticate"] = asked
    response.headers.update(headers)
    return response


def danger_link(public_url: str) -> str:
    """The Link header (RFC 8288) of every problem: to the page that needs no sign-in and no database."""
    return f'<{public_url}/immediate-danger>; rel="help"; title="Is a child in immediate danger?"'


def _is_for_people(request: Request) -> bool:
    """Whether it was a page that failed: one of the routes for people, or no route at all and a browser that asks."""
    if request.app.state.get("problem_page") is None:
        return False
    route = request.scope.get("isa_route")
    if route:
        return is_page(str(route))
    return is_page(request.scope["path"]) and "text/html" in request.headers.get("accept", "")


def _refused(request: Request, refused: Refused) -> Response[bytes]:
    errors = tuple(ProblemError(fault.pointer, fault.code, fault.detail) for fault in refused.faults)
    return problem_response(request, refused.code, refused.detail, errors=errors, retry_after=refused.retry_after)


def _framework(request: Request, error: HTTPException) -> Response[bytes]:
    """The framework's own errors. Its words may repeat the input, so only the status is taken."""
    code = _BY_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    response = problem_response(request, code, PROBLEMS[code].advice)
    allow = (error.headers or {}).get("Allow") or (error.headers or {}).get("allow")
    if allow:
        response.headers["Allow"] = allow
    return response


def _keys_away(request: Request, _error: KeysUnavailableError) -> Response[bytes]:
    detail = "The keys of the token's issuer cannot be had at this moment."
    return problem_response(request, "unavailable", detail, retry_after=10)


def _database_away(request: Request, error: Exception) -> Response[bytes]:
    _log.warning("database-away", error=type(error).__name__, request_id=request.scope.get("isa_request_id"))
    return problem_response(request, "unavailable", "The log cannot be read at this moment.", retry_after=2)


def _not_as_logged(request: Request, error: LogDisagrees) -> Response[bytes]:
    """What is stored was found to be other than the log says. It names an entry, and nothing that is in it."""
    _log.error("not-as-logged", reason=str(error), request_id=request.scope.get("isa_request_id"))
    return problem_response(request, "not-as-logged", PROBLEMS["not-as-logged"].advice)


def _unstorable(request: Request, _error: Exception) -> Response[bytes]:
    return problem_response(request, "malformed", "Something that was sent holds a character that no text has: U+0000.")


def _unexpected(request: Request, error: Exception) -> Response[bytes]:
    """Whatever else: logged by its kind and place, told by the request id alone."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}"
    _log.error(
        "unexpected",
        error=type(error).__name__,
        where=where,
        request_id=request.scope.get("isa_request_id"),
    )
    return problem_response(request, "internal", PROBLEMS["internal"].advice)


HANDLERS: ExceptionHandlersMap = {
    Refused: _refused,
    HTTPException: _framework,
    KeysUnavailableError: _keys_away,
    **dict.fromkeys(DatabaseError, _database_away),
    LogDisagrees: _not_as_logged,
    **dict.fromkeys(UnstorableText, _unstorable),
    Exception: _unexpected,
}
