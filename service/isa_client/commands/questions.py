"""The options of a check, and the question that they make."""

import argparse
import json
import sys
from pathlib import Path

from isa_client.errors import InputError
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

_YES_NO = (
    ("would_help_recipient", "--would-help", "--would-not-help", "it would help the recipient with their task"),
    ("more_detrimental_to_share", "--more-detrimental", "--not-detrimental", "sharing harms the child more than not"),
    ("relates_to_child", "--relates-to-child", "--not-about-a-child", "the information relates to a child"),
    ("informing_increases_risk", "--informing-increases-risk", "--informing-is-safe", "telling the family adds risk"),
    ("law_enforcement_purpose", "--law-enforcement", "--not-law-enforcement", "it is for law enforcement (Part 3)"),
    ("anonymised", "--anonymised", "--identifiable", "nobody can be identified from it"),
    ("support_stage", "--support-stage", "--not-support-stage", "the Channel support stage has been reached"),
)
_CODED = (
    ("consent", "given, refused, withdrawn or not-sought"),
    ("agreement_to_service", "given, refused, withdrawn or not-sought"),
    ("para18_reason", "cannot-give, not-reasonable or would-prejudice"),
    ("s36_4_authority", "a provision's code"),
    ("confidentiality_route", "consent, implied-direct-care, statute, public-interest or court-order"),
    ("statutory_request", "the code of the provision under which you were asked"),
    ("restriction", "court-papers, court-order-forbids, adoption-record, legal-privilege, …"),
    ("detriment_confirmed_by", "the role of the person who confirmed that sharing harms more"),
)


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the options of a question. What is left out is "not known", never "no"."""
    asked = parser.add_argument_group("the question")
    asked.add_argument("--json", metavar="FILE", help="a whole question as JSON, or - for standard input")
    asked.add_argument("--recipient", metavar="ID", help="an organisation's id, or kind:KIND for one not registered")
    asked.add_argument("--purpose", metavar="CODE", help="what it is for")
    asked.add_argument("--category", metavar="CODE", action="append", help="repeat it for each category")
    asked.add_argument("--urgency", choices=("routine", "urgent", "immediate-danger"), help="default: routine")
    asked.add_argument(
        "--child", action="append_const", dest="subject", const="child", help="the same as --subject child"
    )
    asked.add_argument("--subject", metavar="KIND[:ROLE,…]", action="append", help="such as child:victim; repeatable")
    asked.add_argument("--on", metavar="DATE", help="the date that the question is about (a what-if)")
    asked.add_argument("--as-of", metavar="SIZE", help="what the register knew: a log size or a time (a what-if)")
    asked.add_argument("--no-record", action="store_true", help="do not record the check")
    asked.add_argument("--explain", action="store_true", help="say what every rule saw")
    known = parser.add_argument_group("what you know; leave out what you do not know")
    for name, yes, no, text in _YES_NO:
        known.add_argument(yes, dest=name, action="store_const", const=True, help=text)
        known.add_argument(no, dest=name, action="store_const", const=False, help="the opposite")
    for name, text in _CODED:
        known.add_argument("--" + name.replace("_", "-"), dest=name, metavar="CODE", help=text)


def question(options: argparse.Namespace, provider: str) -> dict[str, JsonValue]:
    """Return the body of `POST /api/v1/checks`: the JSON given, if any, with each option given laid over it.

    Raises `InputError` for JSON that is no object, or where recipient, purpose or category is missing.
    """
    asked: dict[str, JsonValue] = {"provider": provider, **(_read(options.json) if options.json else {})}
    if options.recipient:
        kind = options.recipient.removeprefix("kind:")
        asked["recipient"] = options.recipient if kind == options.recipient else {"kind": kind}
    plain = {"purpose": options.purpose, "urgency": options.urgency, "on": options.on}
    asked |= {member: value for member, value in plain.items() if value}
    if options.category:
        asked["categories"] = list(options.category)
    if options.subject:
        asked["subjects"] = [_subject(text) for text in options.subject]
    if options.as_of:
        size = options.as_of
        asked["as_of"] = int(size) if size.isascii() and size.isdigit() else size
    if options.no_record:
        asked["record"] = False
    if options.explain:
        asked["explain"] = True

    circumstances = asked.get("circumstances")
    known: dict[str, JsonValue] = dict(circumstances) if isinstance(circumstances, dict) else {}
    for name in (*(row[0] for row in _YES_NO), *(row[0] for row in _CODED)):
        if (value := getattr(options, name)) is not None:
            known[name] = value
    if known:
        asked["circumstances"] = known

    absent = [name for name in ("recipient", "purpose", "categories") if not asked.get(name)]
    if absent:
        raise InputError("question-incomplete", f"The question lacks its {' and '.join(absent)}.")
    return asked


def _subject(text: str) -> dict[str, JsonValue]:
    kind, _, roles = text.partition(":")
    return {"kind": kind, "roles": list(roles.split(","))} if roles else {"kind": kind}


def _read(name: str) -> dict[str, JsonValue]:
    try:
        text = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        value = parse_json_strict(text)
    except OSError:
        raise InputError("question-unreadable", f"The question {name} cannot be read.") from None
    except MalformedError as error:
        raise InputError("question-malformed", f"The question is not usable JSON. {error.detail}") from None
    if not isinstance(value, dict):
        raise InputError("question-malformed", "The question is not a JSON object.")
    return value


def to_text(value: dict[str, JsonValue]) -> str:
    """Return JSON for a person or a program to read, in ASCII so that it cannot steer a terminal."""
    return json.dumps(value, indent=2)
