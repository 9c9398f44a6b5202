"""The guards of changing the law, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

ADOPTS, LOOKS = "actions/catalogues.py", "actions/law_watching.py"
COMMANDS, PAGES = "tests/law_watch/test_commands.py::", "tests/law_watch/test_pages.py::"

OF_LAW = (
    (
        "a catalogue takes the place of the one that was seen", ADOPTS,
        "if law.written.sha256 != replacing:", "if False:",
        f"{COMMANDS}test_of_two_that_adopt_at_once_the_second_is_refused",
    ),
    (
        "a catalogue takes no code away", ADOPTS,
        "    if faults:\n", "    if False:\n",
        f"{COMMANDS}test_a_catalogue_that_lacks_what_was_there_is_refused_and_says_what_rests_on_it",
    ),
    (
        "what follows is said of a change that there was", LOOKS,
        "if not any((one.catalogue, one.change.code) == (catalogue, provision) for one in every_change(view)):",
        "if False:", f"{PAGES}test_the_unit_looks_at_a_change_says_what_follows_and_the_list_empties",
    ),
)  # fmt: skip
