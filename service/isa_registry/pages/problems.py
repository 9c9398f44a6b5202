"""A page that cannot be shown: what happened, what to do, and that no problem here is a reason to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from litestar import Response
from msgspec import Struct

from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request


class ProblemPage(Struct, frozen=True):
    """What the page of a problem type says: the HTTP status, the title, and what to do."""

    status: int
    title: str
    advice: str


class Words(Struct, frozen=True):
    """The same problem to somebody at a screen. `onward` is an address and the words of the link to it."""

    title: str
    advice: str
    onward: tuple[str, str] = ("/", "Start page")


_AGAIN = "Go back and try again. If it happens again, tell whoever supports you the number below."

FOR_PEOPLE: dict[str, Words] = {
    "malformed": Words("Something was missing from what your browser sent", _AGAIN),
    "unauthenticated": Words(
        "Sign in to see this page", "This page is for people who are signed in.", ("/sign-in", "Sign in")
    ),
    "invalid-token": Words("Sign in again", "You are no longer signed in.", ("/sign-in", "Sign in")),
    "not-signed-in": Words(
        "You are no longer signed in",
        "You were signed out meanwhile, so nothing of this was done. Sign in, and send the form again.",
        ("/sign-in", "Sign in"),
    ),
    "forged-request": Words(
        "This form is no longer good",
        "It was not from a page of your session, so nothing was done. Open the page again from here, and use its form.",
        ("/account", "Your account"),
    ),
    "sign-in-too-old": Words(
        "Sign in again to do this",
        "This can only be done by somebody who signed in a short time ago. Nothing was done.",
        ("/sign-in/again", "Sign in again"),
    ),
    "forbidden": Words(
        "You do not have access to this page",
        "None of the roles that you have in this organisation covers it. Your organisation’s information-governance "
        "lead can grant roles.",
    ),
    "not-your-organisation": Words(
        "This belongs to another organisation", "You see what belongs to the organisation that you act for."
    ),
    "not-found": Words(
        "Page not found",
        "If you typed the address, check it. If you followed a link, what it led to may have gone, or be none that you "
        "may see.",
    ),
    "method-not-allowed": Words("This address cannot be used like that", "Go back, and use the page’s own buttons."),
    "conflict": Words(
        "Somebody else changed this meanwhile", "Look at it as it stands now, and do it again if it is still needed."
    ),
    "second-person": Words(
        "This takes another person",
        "One person of the business unit proposes it, and another, who signs in the same way, approves it.",
        ("/account/proposals", "Proposals"),
    ),
    "gone": Words("This was erased", "It reached the end of the time for which it is kept."),
    "unprocessable": Words("This cannot be done as it stands", "Go back, change what is named here, and try again."),
    "bad-document": Words(
        "The document does not pass the checks", "Go back, and make it again with the command that the page shows."
    ),
    "misdirected": Words(
        "This is not the registry’s address", "Use the address that your organisation gave you for the registry."
    ),
    "unsupported-media-type": Words("This form cannot be read", "Go back, and use the page’s own buttons."),
    "too-slow": Words("Your connection was too slow for this", "Nothing was done. Go back, and send it again."),
    "too-large": Words("What you sent is too large", "Send less at a time."),
    "quota-exceeded": Words(
        "Too much at once",
        "Wait a minute, and try again. A question about immediate danger is always answered, and a limit is never a "
        "reason not to share.",
    ),
    "history-unconfirmed": Words(
        "The registry is checking its own records",
        "Nothing can be changed until it is sure of them. Asking works. Try again later; never wait for it to share.",
    ),
    "records-unconfirmed": Words(
        "Records are not shown at this moment",
        "The registry has not got the right database, or has one that holds what had been erased. Its operator has to "
        "put that right. Asking works; never wait for it to share.",
        ("/ask", "Ask whether to share"),
    ),
    "not-as-logged": Words(
        "This record was changed, and is not shown",
        "What is stored is no longer what was recorded, so you cannot rely on it. Tell whoever supports you the number "
        "below. A receipt that you keep still proves what was recorded.",
    ),
    "unavailable": Words(
        "The registry cannot be reached at this moment",
        "Try again in a few minutes. An outage is never a reason not to share.",
    ),
    "not-folded": Words("The registry is starting", "Try again in a moment. You need not wait for it to share."),
    "internal": Words(
        "Something went wrong here",
        "It is our fault, not yours, and it was recorded. Try again later. An outage is never a reason not to share.",
    ),
}
"""For the problems that have no line here, what is said to systems is plain enough for people."""


class ProblemPages:
    """Shows any refusal as a page."""

    def __init__(self, problems: Mapping[str, ProblemPage]) -> None:
        self._problems = problems

    def __call__(
        self, request: Request, code: str, detail: str, faults: Sequence[str], request_id: str
    ) -> Response[bytes]:
        """The page of the problem `code`. `detail` and `faults` are sentences that repeat nothing of what was sent."""
        kind = self._problems[code]
        words = FOR_PEOPLE.get(code) or Words(kind.title, kind.advice)
        return layout_of(request).page(
            "failed.html",
            status=kind.status,
            words=words,
            detail=detail if detail not in (kind.advice, kind.title) and code in _TELLING else "",
            faults=tuple(dict.fromkeys(faults)),
            request_id=request_id,
        )


_TELLING = frozenset(
    {"conflict", "unprocessable", "still-in-force", "on-hold", "gone", "bad-document", "second-person"}
)
"""Whose own sentence helps a person; the others' is about tokens and headers."""
