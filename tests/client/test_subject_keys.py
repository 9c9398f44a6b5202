"""Keys of subject references over the years: references under the current one, searches under all of them."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from client.running import SUBJECT_KEY, Ran
from client.stand_in import ORGANISATION, StandIn
from client.test_commands import ASK, EVENT_REF
from isa_client.errors import InputError
from isa_client.references import subject_reference
from isa_client.subject_keys import SubjectKey, SubjectKeys
from isa_verify.encoding import encode_base64url

Run = Callable[..., Ran]
OLD, NEW = SubjectKey("2024", SUBJECT_KEY), SubjectKey("2026", SUBJECT_KEY[::-1])
RING = SubjectKeys([NEW, OLD])


def test_what_is_sent_is_under_the_current_key_and_what_is_looked_for_under_each() -> None:
    found = RING.references("local-child-77")
    assert [(one.key, one.ref) for one in found] == [
        ("2026", subject_reference(NEW.key, "local-child-77")),
        ("2024", EVENT_REF),
    ]
    assert RING.reference("local-child-77") == found[0].ref


def test_rotation_makes_a_new_current_key_and_keeps_the_earlier_ones() -> None:
    rotated = RING.rotated("2028")
    assert [one.id for one in rotated.keys] == ["2028", "2026", "2024"]
    assert rotated.references("a1")[1:] == RING.references("a1")
    assert RING.rotated("2028").reference("a1") != rotated.reference("a1")


def test_keys_are_read_back_as_they_were_written_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "own.subject-key"
    RING.write(path)
    assert SubjectKeys.read(path).keys == RING.keys
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in tmp_path.iterdir()] == [(path.name, 0o600)]


def test_a_file_of_one_bare_key_is_read_as_before(tmp_path: Path) -> None:
    path = tmp_path / "own.subject-key"
    path.write_text(encode_base64url(SUBJECT_KEY) + "\n")
    assert SubjectKeys.read(path).reference("local-child-77") == EVENT_REF


def test_keys_are_never_written_over_by_accident(tmp_path: Path) -> None:
    path = tmp_path / "own.subject-key"
    RING.write(path)
    with pytest.raises(InputError, match="is there already"):
        SubjectKeys.made("2030").write(path)
    with pytest.raises(InputError, match="cannot be written"):
        RING.write(tmp_path / "none" / "own.subject-key")
    assert SubjectKeys.read(path).keys == RING.keys
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_key_does_not_show_itself() -> None:
    assert repr(OLD) == "SubjectKey(id='2024')"


BAD: dict[str, object] = {
    "no list": {"v": 1},
    "another version": {"v": 2, "keys": [{"id": "a", "key": "A" * 43}]},
    "none": {"v": 1, "keys": []},
    "an unknown member": {"v": 1, "keys": [{"id": "a", "key": "A" * 43}], "more": 1},
    "a key of another size": {"v": 1, "keys": [{"id": "a", "key": "AAAA"}]},
    "a key of another spelling": {"v": 1, "keys": [{"id": "a", "key": "A" * 43 + "="}]},
    "a name of another form": {"v": 1, "keys": [{"id": "a b", "key": "A" * 43}]},
    "a number for a name": {"v": 1, "keys": [{"id": 1, "key": "A" * 43}]},
    "a key with more": {"v": 1, "keys": [{"id": "a", "key": "A" * 43, "more": 1}]},
    "text for a key": {"v": 1, "keys": ["A" * 43]},
    "one name twice": {"v": 1, "keys": [{"id": "a", "key": "A" * 43}, {"id": "a", "key": "B" * 42 + "A"}]},
    "one key twice": {"v": 1, "keys": [{"id": "a", "key": "A" * 43}, {"id": "b", "key": "A" * 43}]},
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_of_another_form_is_refused_and_never_quoted(tmp_path: Path, name: str) -> None:
    path = tmp_path / "own.subject-key"
    path.write_text(json.dumps(BAD[name]))
    with pytest.raises(InputError) as caught:
        SubjectKeys.read(path)
    assert "AAAA" not in str(caught.value)


def test_the_command_makes_rotates_and_shows_references_without_a_key_or_an_identifier(
    run: Run, stand_in: StandIn, state_directory: Path
) -> None:
    path = state_directory / "demo" / "keys" / f"{ORGANISATION}.subject-key"
    assert run("subjects", "rotate-key", "--key-id", "2026").status == 0
    ran = run("subjects", "references", "--subject-id", "local-child-77", "--nhs-number", "943 476 5919")
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert [(line[0], line[1]) for line in lines] == [("1", "2026"), ("1", "1"), ("2", "2026"), ("2", "1")]
    assert lines[1][2] == EVENT_REF
    assert lines[3][2] == subject_reference(SUBJECT_KEY, "9434765919")
    assert run(*ASK, "--subject-id", "local-child-77").status == 0
    assert stand_in.questions[0]["subjects"] == [{"kind": "child", "ref": lines[0][2]}]
    secret = [one["key"] for one in json.loads(path.read_text())["keys"]]
    assert [hidden for hidden in ("local-child-77", "9434765919", *secret) if hidden in ran.out + ran.err] == []
    made = run("subjects", "make-key", "--key-id", "2026", "--subject-key", "new.keys")
    assert (made.status, len(SubjectKeys.read(Path("new.keys")).keys)) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("references",), "Say of whom"),
        (("references", "--nhs-number", "943 476 5918"), "a digit is mistyped"),
        (("references", "--subject-id", "a1", "--subject-key", "none"), "cannot be read"),
        (("make-key",), "--key-id"),
        (("make-key", "--key-id", "2026"), "is there already"),
        (("rotate-key", "--key-id", "1"), "have one name"),
        (("rotate-key", "--key-id", "é"), "such as 2026"),
        (("burn",), "invalid choice"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_no_key(
    run: Run, state_directory: Path, arguments: tuple[str, ...], said: str
) -> None:
    path = state_directory / "demo" / "keys" / f"{ORGANISATION}.subject-key"
    before = path.read_bytes()
    ran = run("subjects", *arguments)
    assert (ran.status, said in ran.err, path.read_bytes()) == (2, True, before), ran.err
    assert "943" not in ran.err
