"""A check as an agency keeps it, and its answer in plain English."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from isa_client.errors import SHARE_NOW, InputError
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

__all__ = ["MAY_GO", "SHARE_NOW", "Check", "printable", "render"]

MAY_GO = frozenset({"share-now", "duty-to-share", "may-share"})

_WIDTH = 100
_BASIS_NAMES = {
    "article_6": "UK GDPR Article 6",
    "article_9": "UK GDPR Article 9",
    "article_10": "UK GDPR Article 10",
    "part_3": "DPA 2018 Part 3",
    "gateways": "Powers and duties",
}
_CONSENT_ROLES = {
    "the-basis": "Consent is the basis here",
    "not-the-basis": "Consent is not the basis here",
    "agreement-to-service": "Agreement to the service is needed, beside the lawful basis",
}
_CONSENT_SEEK = {"yes": "ask for it", "no": "there is no need to ask for it", "must-not": "you must not ask for it"}
_WHO = {
    "you": "you",
    "your-ig-lead": "your information-governance lead",
    "their-ig-lead": "the other organisation's information-governance lead",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A question and the registry's answer to it, kept together so that an event can be made from them."""

    question: dict[str, JsonValue]
    answer: dict[str, JsonValue]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the check in a file as `encode` wrote it. Raises `InputError`."""
        try:
            value = parse_json_strict(path.read_bytes())
        except OSError:
            raise InputError("check-unreadable", f"The check {path} cannot be read.") from None
        except MalformedError:
            value = None
        question, answer = (value.get("question"), value.get("answer")) if isinstance(value, dict) else (None, None)
        if not isinstance(question, dict) or not isinstance(answer, dict):
            raise InputError("check-malformed", f"{path} does not hold a check as `isa-client ask --save` writes it.")
        return cls(question, answer)

    def encode(self) -> bytes:
        """Return the file's bytes: indented JSON with the members `question` and `answer`."""
        return json.dumps({"question": self.question, "answer": self.answer}, indent=2).encode("ascii") + b"\n"

    def held_categories(self) -> list[str]:
        """Return the categories that the answer keeps back from a sharing that may otherwise go."""
        return [
            code
            for item in _objects(self.answer.get("categories"))
            if (code := _text(item, "code")) and _text(item, "outcome") not in MAY_GO
        ]


def render(answer: dict[str, JsonValue]) -> str:
    """Return the answer for a person to read. Members that are not known here are left out."""
    return "\n".join(_lines(answer)) + "\n"


def printable(text: str) -> str:
    """Return text of a server with every control character replaced, so that it cannot steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _lines(answer: dict[str, JsonValue]) -> Iterator[str]:
    yield _text(answer, "outcome").replace("-", " ").upper()
    yield from _wrapped(_text(answer, "headline"))

    yield from _section("Why", (_with_cites(reason) for reason in _objects(answer.get("reasons"))))
    basis = answer.get("basis")
    named = basis if isinstance(basis, dict) else {}
    yield from _section(
        "Lawful basis",
        (f"{label}: {', '.join(codes)}" for name, label in _BASIS_NAMES.items() if (codes := _texts(named.get(name)))),
    )
    yield from _section("Duty", _duty(answer.get("duty")))
    yield from _section("Consent", _consent(answer.get("consent")))
    yield from _section("Telling the family", _inform(answer.get("inform")))
    yield from _section("Conditions", (_text(item, "text") for item in _objects(answer.get("conditions"))))
    yield from _section("Missing", (_missing(item) for item in _objects(answer.get("missing"))))
    yield from _section("What to record", (line.replace("-", " ") for line in _texts(answer.get("to_record"))))
    yield from _section(
        "Agreements",
        (
            f"{_text(item, 'agreement')} {_text(item, 'version')}, clause {_text(item, 'clause')}: {_text(item, 'url')}"
            for item in _objects(answer.get("agreements"))
        ),
    )
    yield from _section("Category by category", _categories(answer))
    yield from _section(
        "Who can advise", (f"{_text(item, 'who')}: {_text(item, 'why')}" for item in _objects(answer.get("advice")))
    )
    yield from _section("Guidance", (_guidance(item) for item in _objects(answer.get("guidance"))))
    yield ""
    yield from _wrapped(_standing(answer))
    if answer.get("outcome") not in MAY_GO:
        yield from _wrapped(SHARE_NOW)


def _guidance(item: dict[str, JsonValue]) -> str:
    told = f"{_text(item, 'title')}: {_text(item, 'text')}"
    return f"{told} ({_text(item, 'url')})" if _text(item, "url") else told


def _section(title: str, items: Iterator[str]) -> Iterator[str]:
    listed = [item for item in items if item.strip()]
    if listed:
        yield ""
        yield title
    for item in listed:
        yield from _wrapped(item, first="  - ", rest="    ")


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _with_cites(reason: dict[str, JsonValue]) -> str:
    cites = _texts(reason.get("cites"))
    return _text(reason, "text") + (f" [{', '.join(cites)}]" if cites else "")


def _duty(duty: JsonValue) -> Iterator[str]:
    if isinstance(duty, dict):
        engaged = "may be engaged; something that decides it is not known"
        if duty.get("engaged") is not None:
            engaged = "engaged" if duty["engaged"] is True else "not engaged"
        verified = "" if duty.get("verified") is True else " (its commencement is reported, not verified)"
        yield f"{_text(duty, 'provision')}: {engaged}{verified}"


def _consent(consent: JsonValue) -> Iterator[str]:
    if isinstance(consent, dict):
        role = _CONSENT_ROLES.get(_text(consent, "role"), _text(consent, "role"))
        seek = _CONSENT_SEEK.get(_text(consent, "seek"), _text(consent, "seek"))
        yield f"{role}; {seek}. {_text(consent, 'text')}"


def _inform(inform: JsonValue) -> Iterator[str]:
    if isinstance(inform, dict):
        yield _text(inform, "text") or _text(inform, "expected")


def _missing(item: dict[str, JsonValue]) -> str:
    needed = "needed to be lawful" if _text(item, "needed") == "to-be-lawful" else "for a good record"
    who = _WHO.get(_text(item, "who"), _text(item, "who"))
    return f"({needed}; {who}) {_text(item, 'text')}"


def _categories(answer: dict[str, JsonValue]) -> Iterator[str]:
    """Only where they differ: a list of equal lines hides the one that is not."""
    listed = _objects(answer.get("categories"))
    if any(_text(item, "outcome") != answer.get("outcome") for item in listed):
        for item in listed:
            yield f"{_text(item, 'code')}: {_text(item, 'outcome').replace('-', ' ')}"


def _standing(answer: dict[str, JsonValue]) -> str:
    register = answer.get("register")
    size = register.get("log_size") if isinstance(register, dict) else None
    parts = [f"Check {_text(answer, 'id')}", _text(answer, "decided_at")]
    if isinstance(size, int):
        parts.append(f"log size {size}")
    parts.append("recorded" if answer.get("recorded") is True else "not recorded")
    if answer.get("stale") is True:
        parts.append("from a register that may be behind")
    return ", ".join(parts) + "."


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _text(value: dict[str, JsonValue], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
