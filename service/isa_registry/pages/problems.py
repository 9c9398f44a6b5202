"""A page that cannot be shown: what happened, what to do, and that no problem here is a reason to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote, urlencode

from litestar import Response
from msgspec import Struct

from isa_registry.identity.forms import Sent
from isa_registry.pages.asking_form import UNKNOWN, of_a_question
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Layout, Request, redirect


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


class Kept(Struct, frozen=True):
    """A form that was filled in and is kept on the page: where it goes, what to say of it, where to sign in first (in
    another tab), the words of its button, and its fields."""

    path: str
    says: str
    sign_in: str
    submit: str
    fields: tuple[tuple[str, str], ...]


_STILL_HERE = "Nothing has been done yet. What you filled in is kept on this page, as long as you leave it open."
_SEND_AGAIN = {
    "not-signed-in": (_STILL_HERE, "/sign-in?return=/signed-in", "Go on"),
    "sign-in-too-old": (_STILL_HERE, "/sign-in/again?return=/signed-in", "Go on"),
    "forged-request": (
        "You filled it in before you signed in again. Nothing has been done yet, and nothing of it is lost.",
        "",
        "Send it now",
    ),
    "unavailable": (_STILL_HERE, "", "Try again"),
}
"""What is said of a form that is kept, where to sign in first, and the words of its button."""

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
        "This form was not taken",
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
        layout, path = layout_of(request), request.scope["path"]
        sent: Sent | None = cast("dict[str, Any]", request.scope).get("isa_kept")
        if sent is not None and path == "/ask":
            if sent.get("urgency") == ("immediate-danger",):
                # Whoever they are, they are told what to do.
                return redirect("/immediate-danger")
            if code == "not-signed-in":
                words, sent = _on_to_the_answer(words, sent), None
        return layout.page(
            "failed.html",
            status=kind.status,
            words=words,
            kept=None if sent is None or code not in _SEND_AGAIN else _kept(layout, code, path, sent),
            detail=detail if detail not in (kind.advice, kind.title) and code in _TELLING else "",
            faults=tuple(dict.fromkeys(faults)),
            request_id=request_id,
        )


def _on_to_the_answer(words: Words, sent: Sent) -> Words:
    """A question is codes alone: it travels in the address, through the sign-in and on to where it was."""
    known = [(name, one) for name, values in of_a_question(sent).items() for one in values if one not in ("", UNKNOWN)]
    wanted = f"/ask/facts?{urlencode(known)}"
    advice = "Sign in, and you are back at your question with what you chose. Nothing has been asked yet."
    return Words(words.title, advice, (f"/sign-in?return={quote(wanted, safe='/')}", "Sign in, and go on"))


def _kept(layout: Layout, code: str, path: str, sent: Sent) -> Kept:
    """What the page does with what was filled in. Its token is that of the form, by which its person is known when
    they come back; where they have come back, it is that of their session now."""
    says, sign_in, submit = _SEND_AGAIN[code]
    own = layout.signed_in
    token = own.csrf if own is not None and code == "forged-request" else next(iter(sent.get("csrf", ())), "")
    fields = [(name, one) for name, values in sent.items() if name != "csrf" for one in values]
    return Kept(path, says, sign_in, submit, (("csrf", token), *fields))


_TELLING = frozenset(
    {"conflict", "unprocessable", "still-in-force", "on-hold", "gone", "bad-document", "second-person"}
)
"""Whose own sentence helps a person; the others' is about tokens and headers."""
