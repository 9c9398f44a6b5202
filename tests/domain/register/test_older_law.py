"""A log outlives versions of this software: law that was logged before a rule could speak is read all the same."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from asking import COUNCIL, POLICE, TODAY, question
from demonstration import catalogue_files, demonstration_entries
from isa_registry.domain.catalogue_loading import CatalogueError, load_catalogue
from isa_registry.domain.decisions import decide
from isa_registry.domain.entries import CatalogueChanged
from isa_registry.domain.questions import Evidence
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.words import KEYS

Files = dict[str, bytes]


def older(*lacking: tuple[str, str]) -> Files:
    """The law as data, its words without some keys: `*` is a whole table."""
    files = dict(catalogue_files())
    words = json.loads(files["words.json"])
    for table, key in lacking:
        if key == "*":
            del words[table]
        else:
            del words[table][key]
    return {**files, "words.json": json.dumps(words).encode()}


def folded(files: Files) -> RegisterView:
    parsed = {name: msgspec.json.decode(data) for name, data in files.items()}
    sha256 = hashlib.sha256(msgspec.json.encode(parsed, order="sorted")).hexdigest()
    register, size = Register(), 0
    for entry in demonstration_entries():
        said = CatalogueChanged(sha256=sha256, files=parsed) if isinstance(entry, CatalogueChanged) else entry
        apply(register, size, "2026-06-01T00:00:00.000Z", said)
        size += 1
    return register.at(size)


def test_words_that_a_logged_catalogue_lacks_are_said_plainly() -> None:
    files = older(("missing", "recipient-lawful-basis-record"), ("facts", "*"), ("outcomes", "*"))
    with pytest.raises(CatalogueError):
        load_catalogue(files)
    view = folded(files)
    law = view.catalogue()
    assert law is not None
    asked = question(POLICE, "way-through", "harm-outside-the-home", explain=True)
    answer = decide(view, law, asked, Evidence(), today=TODAY)
    texts = {one.code: one.text for one in answer.missing}
    assert texts["recipient-lawful-basis-record"] == "Recipient lawful basis record."
    assert answer.one_more_fact
    assert f"sha256:{law.sha256}" != f"sha256:{load_catalogue(catalogue_files()).sha256}"


def test_every_key_of_every_table_may_be_lacking() -> None:
    """Whatever a rule says, it has words: no answer fails for want of a sentence."""
    whole = load_catalogue(catalogue_files()).words
    empty = older(*((table, key) for table in KEYS for key in getattr(whole, table)))
    view = folded(empty)
    law = view.catalogue()
    assert law is not None
    for provider in (COUNCIL, POLICE, "harbour", "nenc-icb"):
        for purpose in law.purposes:
            asked = question(provider, COUNCIL, purpose, "identity health", explain=True)
            answer = decide(view, law, asked, Evidence(), today=TODAY)
            assert answer.headline
            assert all(one.text for one in (*answer.reasons, *answer.conditions, *answer.missing))


def test_what_is_not_a_catalogue_at_all_is_refused() -> None:
    with pytest.raises(CatalogueError):
        folded({**catalogue_files(), "matrix.json": b'{"not": "a list"}'})
