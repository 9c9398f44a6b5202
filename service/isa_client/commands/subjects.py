"""`isa-client subjects`: the keys of subject references, and one's own people's references under each of them."""

import argparse

from isa_client.commands import connecting
from isa_client.errors import InputError
from isa_client.subject_keys import SubjectKeys


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument(
        "what",
        choices=("references", "make-key", "rotate-key"),
        help="references: print the references of people under every key, the current one's first; make-key: make the "
        "first key; rotate-key: make a new one, and keep the earlier ones for searching",
    )
    connecting.add_common(parser)
    connecting.add_keys(parser)
    connecting.add_subjects(parser, "a person; repeatable")
    parser.add_argument("--key-id", metavar="NAME", help="for make-key and rotate-key: your name for the key, as 2026")


def run(options: argparse.Namespace) -> int:
    """Nothing of this speaks to any server. No key is printed, and no identifier."""
    path = connecting.subject_key_path(options)
    if options.what != "references":
        if not options.key_id:
            raise InputError("subject-key-id", "Name the key: --key-id NAME, such as 2026.")
        if options.what == "make-key":
            SubjectKeys.made(options.key_id).write(path)
        else:
            SubjectKeys.read(path).rotated(options.key_id).write(path, replace=True)
        print(f"The current key is {options.key_id}: {path}")
        return 0
    identifiers = connecting.subject_identifiers(options.subject_id)
    if not identifiers:
        raise InputError("subject-missing", "Say of whom: --subject-id ID, or - for lines of standard input.")
    keys = SubjectKeys.read(path)
    for position, identifier in enumerate(identifiers, 1):
        for reference in keys.references(identifier):
            print(f"{position}\t{reference.key}\t{reference.ref}")
    return 0
