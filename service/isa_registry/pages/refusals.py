"""Why nobody was signed in, in words: what it means, and what to do."""

from __future__ import annotations

from msgspec import Struct


class Why(Struct, frozen=True):
    """A heading, a sentence of what happened, and what to do about it."""

    title: str
    says: str
    do: str


_AGAIN = "Start again and choose your organisation."
_TELL_IT = "Try once more. If it happens again, give your IT service desk the code below: it says what to look at."

_WHYS = {
    "state-unknown": Why(
        "Start signing in again",
        "This sign-in did not begin in this browser, was finished already, or took longer than 15 minutes.",
        _AGAIN,
    ),
    "no-role": Why(
        "You have no role here yet",
        "Your organisation has vouched for you, but nobody has given you a role in this register.",
        "Ask your information-governance lead for one, and give them the identifier below.",
    ),
    "id-token-organisation-refused": Why(
        "You belong to another organisation",
        "Your sign-in is not one of the organisation that you chose.",
        _AGAIN,
    ),
    "another-person": Why(
        "Somebody else came back",
        "The sign-in that came back is not yours, or is not for the organisation that you are signed in for. Nothing "
        "has changed.",
        "Sign in again as yourself. To act for another organisation, sign out first.",
    ),
    "session-ended": Why(
        "You are no longer signed in", "The session that was to be confirmed has ended in the meantime.", _AGAIN
    ),
    "id-token-auth-time-missing": Why(
        "Your organisation does not say when you signed in",
        "What you wanted to do needs a sign-in within the last five minutes, and your organisation’s sign-in does not "
        "say when it saw you last.",
        "Give your IT service desk the code below: their provider has to send `auth_time`.",
    ),
    "id-token-auth-time-too-old": Why(
        "Your organisation did not ask you again",
        "What you wanted to do needs a sign-in within the last five minutes, and your organisation’s sign-in let you "
        "through on an older one.",
        "Sign out there, and try again. If it happens again, give your IT service desk the code below.",
    ),
    "id-token-key-unknown": Why(
        "Your organisation’s sign-in has just changed",
        "Its answer was signed with a key that this register does not know yet.",
        "Wait a minute and try again. If it happens again, give your IT service desk the code below.",
    ),
    "provider-access-denied": Why(
        "You did not sign in at your organisation",
        "The sign-in there was cancelled, or your organisation does not let you into this register.",
        "Try again. If it happens though you did not cancel, ask your IT service desk whether you may use this "
        "register.",
    ),
    "issuer-removed": Why(
        "Your organisation’s sign-in has changed",
        "The way to sign in that you began with is no longer registered.",
        _AGAIN,
    ),
}
_NOT_LET_IN = Why(
    "Your organisation did not let you in",
    "Its sign-in ended without saying who you are.",
    "Try again. If it happens again, ask your IT service desk whether you may use this register.",
)
_NOT_STRONG_ENOUGH = Why(
    "Sign in another way",
    "You signed in, but not in the way that this register needs.",
    "Sign in again with your smartcard, security key or authenticator.",
)
_MIXED_UP = Why(
    "The answer came from somewhere else",
    "What came back is not from the sign-in that you chose. Nobody was signed in.",
    "Start again from here, not from a link that somebody sent you. If it happens again, tell your IT service desk.",
)
_STRENGTH = frozenset(
    {"id-token-acr-refused", "id-token-identity-assurance-too-low", "id-token-authentication-assurance-too-low"}
)
_REFUSED = Why(
    "You could not be signed in", "Your organisation’s sign-in gave an answer that cannot be accepted here.", _TELL_IT
)


def why(reason: str) -> Why:
    """The words for a code of `SignInRefused`."""
    if reason in ("issuer-mixed-up", "issuer-missing"):
        return _MIXED_UP
    if reason in _STRENGTH:
        return _NOT_STRONG_ENOUGH
    return _WHYS.get(reason) or (_NOT_LET_IN if reason.startswith("provider-") else _REFUSED)
