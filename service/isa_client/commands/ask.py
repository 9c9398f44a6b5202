"""`isa-client ask`: may I share this, with them, for this?"""

import argparse
import sys
from pathlib import Path

from isa_client.checks import SHARE_NOW, Check, render
from isa_client.commands import connecting, questions
from isa_client.errors import InputError
from isa_client.subject_keys import SubjectKeys
from isa_verify.encoding import JsonValue

DEMONSTRATION_SCOPE = "checks:ask"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    connecting.add_keys(parser)
    questions.add(parser)
    connecting.add_subjects(parser, "each subject, in order, which finds your consent records")
    parser.add_argument("--output", choices=("text", "json"), default="text", help="default: text, for a person")
    parser.add_argument("--save", metavar="FILE", type=Path, help="keep question and answer, for isa-client sign")


def run(options: argparse.Namespace) -> int:
    """Ask, print the answer, and return 0 whatever it says: an answer other than "share" is no failure."""
    question = questions.question(options, connecting.organisation(options))
    if question.get("urgency") == "immediate-danger":
        print(SHARE_NOW, file=sys.stderr, flush=True)
    if identifiers := connecting.subject_identifiers(options.subject_id):
        question["subjects"] = refer(question.get("subjects"), identifiers, connecting.subject_keys(options))
    answer = connecting.registry(options, DEMONSTRATION_SCOPE).ask(question)
    sys.stdout.write(questions.to_text(answer) + "\n" if options.output == "json" else render(answer))
    sys.stdout.flush()
    if options.save:
        connecting.write_private(options.save, Check(question, answer).encode())
    return 0


def refer(subjects: JsonValue, identifiers: list[str], keys: SubjectKeys) -> list[JsonValue]:
    """Return the subjects, each with the keyed reference of the identifier at its place.

    Raises `InputError` unless there is exactly one identifier for each subject.
    """
    listed = subjects if isinstance(subjects, list) else []
    if len(listed) != len(identifiers):
        raise InputError(
            "subjects-differ",
            f"There are {len(identifiers)} identifiers for {len(listed)} subjects: give one --subject-id for each.",
        )
    return [
        {**(subject if isinstance(subject, dict) else {}), "ref": keys.reference(identifier)}
        for subject, identifier in zip(listed, identifiers, strict=True)
    ]
