"""The tables of docs/formats/lifecycles.md, made from the code: `PYTHONPATH=tests .venv/bin/python
tests/domain/lifecycle_page.py` writes them into the page."""

from __future__ import annotations

import re
from pathlib import Path

from isa_registry.domain import agreement_codes
from isa_registry.domain.lifecycles import DERIVED, STEPS, Machine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats" / "lifecycles.md"

WHO = {
    "draft": {
        "begin": "business unit", "revise": "business unit", "submit": "business unit", "discard": "business unit",
        "return": "business unit", "pass": "a second person of it", "publish": "business unit",
    },
    "agreement": {
        "publish": "business unit, once a second person of it checked the draft", "open": "business unit",
        "come-into-force": "by the rule, or business unit", "review": "business unit", "suspend": "business unit",
        "resume": "business unit", "withdraw": "business unit",
    },
    "invitation": {
        "ask-to-join": "a body's signatory", "invite": "business unit", "turn-down": "business unit",
        "view": "a body's signatory", "query": "a body's signatory", "answer": "business unit",
        "settle": "a body's signatory, or business unit",
    },
    "attestation": {
        "attest": "a body's signatory", "decline": "a body's signatory", "withdraw": "a body's signatory",
    },
}  # fmt: skip
"""Who brings an event about."""


def tables() -> dict[str, str]:
    """Every generated part of the page, by its name."""
    found = {machine: _steps(machine) for machine in WHO}  # type: ignore[arg-type]
    found["derived"] = _table(
        ("life", "state", "shown as, on a day"),
        [
            (machine, f"`{state}`", ", ".join(f"`{one}`" for one in shown))
            for (machine, state), shown in DERIVED.items()
        ],
    )
    for name in ("SUSPENSION_REASONS", "WITHDRAWAL_REASONS", "REVIEW_OUTCOMES", "RETURN_REASONS"):
        codes: dict[str, str] = getattr(agreement_codes, name)
        found[name.lower().replace("_", "-")] = _table(
            ("code", "in words"), [(f"`{code}`", words) for code, words in codes.items()]
        )
    return found


def written(page: str) -> str:
    """The page with every generated part as the code has it now."""
    for name, table in tables().items():
        begin, end = f"<!-- made: {name} -->\n", f"<!-- end: {name} -->"
        assert begin in page, name
        page = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", f"{begin}{table}{end}", page, flags=re.DOTALL)
    return page


def _steps(machine: Machine) -> str:
    rows = [
        (f"`{one.state}`", one.event, f"`{one.to}`", WHO[machine][one.event], f"`{one.kind}`" if one.kind else "")
        for one in STEPS
        if one.machine == machine
    ]
    return _table(("in state", "event", "leads to", "who", "entry"), rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
