"""What can go wrong, and what each kind of wrong means for the system that called."""

from collections.abc import Sequence
from dataclasses import dataclass


class ClientError(Exception):
    """The base of all errors of this package.

    `code` is a stable kebab-case name for machines; `detail` is a plain sentence. Neither ever repeats a token, a
    key or an identifier of a person.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class InputError(ClientError):
    """What the caller gave (a key, a reference, a document) cannot be used. Nothing was sent."""


class UnreachableError(ClientError):
    """The registry or the identity provider did not give a usable answer. What happened there is not known."""


class TokenRefusedError(ClientError):
    """The identity provider answered, and gave no access token."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One member of the request that was at fault: an RFC 6901 pointer and a sentence."""

    pointer: str
    detail: str


class ProblemError(ClientError):
    """The registry answered with an error (RFC 9457). `request` is the id to quote when asking for help.

    `code` is the last segment of the problem's type, or `http-{status}` where it names none.
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
    ) -> None:
        super().__init__(code, detail)
        self.status = status
        self.title = title
        self.fields = tuple(fields)
        self.request = request
