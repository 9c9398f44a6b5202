"""What can go wrong, and what each kind of wrong means for the person who asked."""


class VerificationError(Exception):
    """The evidence does not hold.

    `code` is a stable kebab-case name for machines. `detail` is a plain sentence that says what failed; it
    never repeats the input.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class MalformedError(VerificationError):
    """The evidence is not in the shape that its format prescribes, so there is nothing to check."""


class InconsistentLogError(VerificationError):
    """The log contradicts what it signed before. The two signed checkpoints are the evidence: keep both."""

    def __init__(self, code: str, detail: str, trusted: bytes, observed: bytes) -> None:
        super().__init__(code, detail)
        self.trusted = trusted
        self.observed = observed


class CannotRunError(Exception):
    """The check could not be made, so there is no verdict: a file that cannot be read, a network that is
    down.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class NotFoundError(CannotRunError):
    """The log's server says that it has nothing under this path."""


class AccessDeniedError(CannotRunError):
    """The log's server says that this reader may not see this path."""
