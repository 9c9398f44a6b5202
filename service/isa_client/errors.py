"""What can go wrong, what each kind of wrong means for the system that called, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

SHARE_NOW = (
    "In immediate danger share now: call 999, tell those who can act, and record it afterwards. "
    "No answer, no agreement and no outage of the registry is a reason to wait."
)

_AGAIN = "Try again later; the same documents sent again give the registry's first answer."
_BY_CODE = {
    "insufficient-scope": "Have your information-governance lead grant the scope to your client at the registry, and "
    "ask your issuer for it.",
    "not-your-organisation": "Send it with a token of the organisation that it names.",
    "event-conflict": "The registry holds another event under this id. Give a new event a new id, and have a "
    "correction name the old one in `corrects`.",
    "bad-document": "Sign it anew with a key that is registered for this use, not revoked, and valid at the time that "
    "the document states.",
    "idempotency-conflict": "Use a new key for a new request.",
    "in-flight": _AGAIN,
    "not-as-logged": "Tell the registry's operator, with the request's id: what is stored is not what was logged.",
}
_BY_STATUS = {
    401: "The registry does not take your token: check that your issuer is registered, and that the token names the "
    "registry as its audience.",
    403: "Ask your information-governance lead what your organisation's client may do.",
    404: "Check the id and the address: there is no such thing there, or none that you may see.",
    409: "Read what the registry holds before you try again.",
    410: "It was recorded, and erased at the end of its retention. There is nothing to send again.",
    413: "Send less at a time.",
    429: "Send less often, and again after the time that it names.",
}


class ClientError(Exception):
    """The base of all errors of this package.

    `code` is a stable kebab-case name for machines; `detail` is a plain sentence; `to_do` says what to do. None ever
    repeats a token, a key or an identifier of a person. `immediate_danger` is there where a question got no answer: it
    says that in immediate danger one shares now, and whoever shows the error to a person shows it too.
    """

    immediate_danger: str | None = None

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    @property
    def to_do(self) -> str:
        """What to do about it, as a sentence."""
        return "Correct what was given, and call again. Nothing was sent."

    def __str__(self) -> str:
        return self.detail if self.immediate_danger is None else f"{self.detail} {self.immediate_danger}"


class InputError(ClientError):
    """What the caller gave (a key, a reference, a document) cannot be used. Nothing was sent."""


class UnreachableError(ClientError):
    """The registry or the identity provider did not give a usable answer. What happened there is not known."""

    @property
    def to_do(self) -> str:
        """What to do about it, as a sentence."""
        return f"{_AGAIN} If it goes on, check the address, the network, and the settings of your identity provider."


class TokenRefusedError(ClientError):
    """The identity provider answered, and gave no access token."""

    @property
    def to_do(self) -> str:
        """What to do about it, as a sentence."""
        return (
            "Check the client's id, its secret or key, and the scopes that it asks for, with your identity team; and "
            "this machine's clock, where the client has a key."
        )


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One member of the request that was at fault: an RFC 6901 pointer, a code, and a sentence."""

    pointer: str
    detail: str
    code: str = ""


class ProblemError(ClientError):
    """The registry answered with an error (RFC 9457). `request` is the id to quote when asking for help.

    `code` is the last segment of the problem's type, or `http-{status}` where it names none. `retry_after` is the
    seconds for which the registry asks to be left alone, where it says.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        fields: Sequence[FieldProblem] = (),
        request: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.status = status
        self.title = title
        self.fields = tuple(fields)
        self.request = request
        self.retry_after = retry_after

    @property
    def explained(self) -> bool:
        """Whether the registry itself said what is wrong, rather than something on the way to it."""
        return self.code != f"http-{self.status}"

    @property
    def to_do(self) -> str:
        """What to do about it, as a sentence."""
        if any(field.code == "late" for field in self.fields):
            return "Sign the same decision again as a late entry (`late_entry`), under the same id, and send that."
        if any(field.code == "in-the-future" for field in self.fields):
            return "Set the clock of the machine that states the time, and send it again once that time has come."
        if self.code in _BY_CODE:
            return _BY_CODE[self.code]
        if self.status in _BY_STATUS:
            return _BY_STATUS[self.status]
        if self.status >= 500:
            return _AGAIN
        return "Correct what the problem points at, and send that as a new request."


class QueueError(ClientError):
    """The offline queue cannot be used, or another process is sending from it. What it holds stays in it."""

    @property
    def to_do(self) -> str:
        """What to do about it, as a sentence."""
        if self.code == "queue-in-use":
            return "Nothing: the other process sends what waits."
        return "Keep the signed files; mend the queue's disk or its permissions, and put them in again."
