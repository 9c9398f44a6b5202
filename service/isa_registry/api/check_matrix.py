"""One question for many recipients and purposes: these bodies x these purposes, and one set of everything else."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import msgspec
from litestar import Response
from msgspec import Struct
from msgspec.structs import asdict

from isa_registry.actions import checks
from isa_registry.api.checks import InPlace, answer_each
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.limits import refuse_unless_danger
from isa_registry.api.problems import Problem
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.questions import Circumstances, Question, RecipientKind, Subject
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding

MOST_CELLS = 1_000


class QuestionMatrix(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A check of every recipient for every purpose, up to 1,000 in all. Everything else is as in a check, save that
    `record` is false unless it says otherwise: a matrix is mostly a what-if."""

    recipients: tuple[str | RecipientKind, ...]
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    provider: str | None = None
    subjects: tuple[Subject, ...] = ()
    urgency: str = "routine"
    circumstances: Circumstances = Circumstances()
    on: str | None = None
    as_of: int | str | None = None
    record: bool = False
    explain: bool = False

    def question(self, recipient: str | RecipientKind, purpose: str) -> Question:
        """The check of one cell."""
        shared = {name: value for name, value in asdict(self).items() if name not in ("recipients", "purposes")}
        return Question(recipient=recipient, purpose=purpose, **shared)


class Cell(Struct, frozen=True):
    """The answer to one recipient's question for one purpose, or what is wrong with it."""

    recipient: str | RecipientKind
    purpose: str
    result: checks.CheckResponse | Problem


class MatrixResponse(Struct, frozen=True):
    """A cell for every recipient and purpose: recipients in the order in which they were sent, and for each of them the
    purposes in theirs."""

    cells: list[Cell]


_matrix = msgspec.json.Decoder(QuestionMatrix)


@writes("/api/v1/checks/matrix", status=200)
async def ask_matrix(request: Request) -> Response[bytes]:
    body = await request.body()
    with decoding("The matrix"):
        matrix = _matrix.decode(body)
    _refuse_unless_sound(matrix)
    refuse_unless_danger(request, matrix.urgency)
    cells = list(itertools.product(enumerate(matrix.recipients), enumerate(matrix.purposes)))
    asked = [
        InPlace(matrix.question(recipient, purpose), _pointing(row, column))
        for (row, recipient), (column, purpose) in cells
    ]
    results = await answer_each(request, asked, caller_of(request))
    return json_response(
        MatrixResponse(
            [
                Cell(recipient, purpose, result)
                for ((_, recipient), (_, purpose)), result in zip(cells, results, strict=True)
            ]
        )
    )


def _pointing(row: int, column: int) -> Callable[[str], str]:
    """A pointer into a cell's question as one into the matrix."""

    def pointing(pointer: str) -> str:
        if pointer == "#/purpose":
            return f"#/purposes/{column}"
        head, inner = pointer[: len("#/recipient")], pointer[len("#/recipient") :]
        return f"#/recipients/{row}{inner}" if head == "#/recipient" and inner[:1] in ("", "/") else pointer

    return pointing


def _refuse_unless_sound(matrix: QuestionMatrix) -> None:
    """Raises `Refused` (`malformed`) for a side that is empty or names something twice, and for too many cells."""
    for name, side in (("recipients", matrix.recipients), ("purposes", matrix.purposes)):
        if not side:
            raise _malformed(f"#/{name}", "too-few", "Name at least one.")
        if len(set(side)) != len(side):
            raise _malformed(f"#/{name}", "duplicate", "Name each once.")
    if len(matrix.recipients) * len(matrix.purposes) > MOST_CELLS:
        raise _malformed("#/recipients", "count", f"Ask for at most {MOST_CELLS:,} cells at once.")


def _malformed(pointer: str, code: str, detail: str) -> Refused:
    return Refused("malformed", "The matrix is not of the form that is taken here.", (Fault(pointer, code, detail),))


HANDLERS = [ask_matrix]
