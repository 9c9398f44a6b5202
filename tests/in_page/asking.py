"""The verifier of the pages, run by Node, beside `isa_verify`: the same questions to both."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from isa_verify.errors import CannotRunError, VerificationError
from loudly import LOUD

SCRIPTS = Path(__file__).resolve().parents[2] / "service/isa_registry/pages/static/verify"
HARNESS = Path(__file__).with_name("harness.mjs")

Question = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """`said` is `verified`, `not verified` or `could not run`; the code says what failed, empty where nothing did."""

    said: str
    code: str = ""


VERIFIED = Verdict("verified")


@dataclass(frozen=True)
class Answer:
    """What the page's verifier says, with whatever else it says."""

    verdict: Verdict
    told: Mapping[str, Any]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip(f"{LOUD}there is no Node, so the verifier of the pages was not run")
    return found


class Page:
    """The page's verifier in a process of Node, which is asked until it is closed."""

    def __init__(self, scripts: Path = SCRIPTS) -> None:
        self._process = subprocess.Popen(
            [node(), str(HARNESS), scripts.as_uri()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0

    def ask(self, question: Question) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return Answer(Verdict(told["verdict"], told.get("code", "")), told)

    def differing(self, cases: Iterable[tuple[Question, Callable[[], object]]], *, codes: bool = True) -> list[str]:
        """The questions on which the page and `isa_verify` do not agree, with both verdicts, and their codes."""
        found = []
        for question, verify in cases:
            own, theirs = self.ask(question).verdict, said_by(verify)
            if own != theirs and (codes or own.said != theirs.said):
                found.append(f"{json.dumps(question)[:300]}: page {own}, isa_verify {theirs}")
        return found


def said_by(verify: Callable[[], object]) -> Verdict:
    """What `isa_verify` says of the same."""
    try:
        verify()
    except VerificationError as error:
        return Verdict("not verified", error.code)
    except CannotRunError as error:
        return Verdict("could not run", error.code)
    return VERIFIED
