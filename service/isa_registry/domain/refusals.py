"""The one vocabulary of refusals. Every layer raises these; the edge turns them into problem documents, once."""

from __future__ import annotations

from msgspec import Struct


class Fault(Struct, frozen=True):
    """One thing wrong with an input: where (an RFC 6901 pointer as a URI fragment), and what to do about it.

    `detail` never repeats what was sent.
    """

    pointer: str
    code: str
    detail: str


class Refused(Exception):
    """An input or a wish that the registry turns down. `code` is stable and names a problem type."""

    def __init__(self, code: str, detail: str, faults: tuple[Fault, ...] = (), retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.faults = faults
        self.retry_after = retry_after
