"""Every code that the verifier can answer with, and its sentences, read from its source.

`python tests/verify/rejections.py` prints docs/formats/rejections.md anew.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "formats" / "rejections.md"
CANNOT_RUN = {"CannotRunError", "NotFoundError", "AccessDeniedError"}
NOT_VERIFIED = {"VerificationError", "MalformedError", "InconsistentLogError"}

HEAD = """\
# Rejections

Every code with which `isa-verify` ends, and what it says then. Codes are stable; sentences may be put better. `…`
stands for a number or a word that belongs to the case. Exit status 1 is *not verified*, 2 *could not run*. What is
wrong with the keys or the policy that it was given also ends with 2, under the codes below. This page is made from
the verifier's source, and a test holds it to that.

| code | exit | sentences |
|---|---|---|
"""


@dataclass
class Rejection:
    exits: set[int] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)


def text_of(node: ast.expr, values: dict[str, str]) -> str | None:
    """What a constant or a formatted string says, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        elif isinstance(value, ast.FormattedValue):
            named = value.value.id if isinstance(value.value, ast.Name) else ""
            parts.append(values.get(named, "…"))
    return "".join(parts)


def errors_in(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id in CANNOT_RUN | NOT_VERIFIED or node.func.id == "_could_not_run")
        and len(node.args) >= 2
        and isinstance(node.args[0], ast.Constant)
    ]


def collected() -> dict[str, Rejection]:
    """By code, in the order of the alphabet."""
    found: defaultdict[str, Rejection] = defaultdict(Rejection)
    for file in sorted((REPOSITORY / "service" / "isa_verify").glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        helpers = {
            node.name: ([one.arg for one in node.args.args], errors_in(node))
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("_")
        }
        for call in errors_in(tree):
            take(found, call, {})
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in helpers:
                names, errors = helpers[call.func.id]
                said = {name: text_of(value, {}) for name, value in zip(names, call.args, strict=False)}
                values = {name: text for name, text in said.items() if text is not None}
                for error in errors if values else []:
                    take(found, error, values)
    for rejection in found.values():
        said = rejection.sentences
        # A sentence whose end is always given stands here with each of its ends.
        rejection.sentences = [
            one for one in said if not any(other != one and other.startswith(one.removesuffix("….")) for other in said)
        ]
    return dict(sorted(found.items()))


def take(found: defaultdict[str, Rejection], error: ast.Call, values: dict[str, str]) -> None:
    assert isinstance(error.func, ast.Name)
    assert isinstance(error.args[0], ast.Constant)
    rejection = found[error.args[0].value]
    rejection.exits.add(1 if error.func.id in NOT_VERIFIED else 2)
    sentence = text_of(error.args[1], values)
    if sentence and sentence not in rejection.sentences:
        rejection.sentences.append(sentence)


def rendered() -> str:
    rows = []
    for code, rejection in collected().items():
        exits = ", ".join(str(one) for one in sorted(rejection.exits))
        rows.append(f"| `{code}` | {exits} | {' · '.join(rejection.sentences) or 'what the value at fault says'} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
