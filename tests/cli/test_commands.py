"""The commands as an operator runs them: what they refuse, and what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from isa_registry.data import data_directory
from isa_registry.ledger.checkpoints import parse_log_keys
from isa_registry.runtime.demonstration import demonstration_document
from running import vkeys_of

ORIGIN = "registry.example.org/durham"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command, with nothing in its environment but what is given."""
    return subprocess.run(
        [sys.executable, "-m", "isa_registry", *arguments],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, str]:
    made = run("keys", str(tmp_path / "keys"), "--origin", ORIGIN)
    assert 0 == made.returncode
    return {
        "DATABASE_URL": database_url,
        "ISA_ORIGIN": ORIGIN,
        "ISA_PUBLIC_URL": "https://registry.example.org",
        "ISA_LOG_VKEYS": made.stdout,
        "ISA_ATTESTATION_KEY_FILE": str(tmp_path / "keys" / "attestation-key.jwk"),
    }


@pytest.fixture
def signing(settings: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """What the checkpointer is told."""
    return {
        "DATABASE_URL": settings["DATABASE_URL"],
        "ISA_ORIGIN": ORIGIN,
        "ISA_LOG_KEY_FILE": str(tmp_path / "keys" / "log-key.pem"),
        "ISA_LOG_KEY_ML_DSA_44_FILE": str(tmp_path / "keys" / "log-key-ml-dsa-44.pem"),
        "ISA_CHECKPOINT_FILE": str(tmp_path / "checkpoint"),
    }


@pytest.fixture
def founding(tmp_path: Path) -> Path:
    """A real partnership's document: the demonstration's, without its invented signatures."""
    import msgspec

    document = msgspec.to_builtins(demonstration_document())
    for body in document["organisations"]:
        body["attests"] = []
    path = tmp_path / "founding.json"
    path.write_text(json.dumps(document))
    return path


def test_keys_are_made_once_private_and_give_the_verifier_keys(tmp_path: Path) -> None:
    first = run("keys", str(tmp_path / "k"), "--origin", ORIGIN)
    second = run("keys", str(tmp_path / "k"), "--origin", ORIGIN)

    assert first.stdout == second.stdout
    assert first.stdout == "".join(f"{vkey}\n" for vkey in parse_log_keys(ORIGIN, first.stdout).vkeys)
    assert [0o600] * 6 == [path.stat().st_mode & 0o777 for path in sorted((tmp_path / "k").iterdir())]


def test_the_logs_keys_may_lie_where_only_the_checkpointer_reads(tmp_path: Path) -> None:
    assert 0 == run("keys", str(tmp_path / "service"), "--log-keys", str(tmp_path / "signer")).returncode

    made = sorted(path.name for path in (tmp_path / "service").iterdir())
    assert ["attestation-key.jwk", "session-key", "sign-in-key.jwk", "webhook-key.jwk"] == made
    assert ["log-key-ml-dsa-44.pem", "log-key.pem"] == sorted(path.name for path in (tmp_path / "signer").iterdir())


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("", "is not set"),
        ("not-a-key", "does not have the form"),
        (vkeys_of(ORIGIN)[0], "two verifier keys"),
        (",".join(reversed(vkeys_of(ORIGIN))), "Ed25519 first"),
        (",".join(vkeys_of("registry.example.org/elsewhere")), "another log"),
    ],
)
def test_the_service_demands_both_public_keys_of_its_own_log(settings: dict[str, str], keys: str, why: str) -> None:
    refused = run("serve", **{**settings, "ISA_LOG_VKEYS": keys})

    assert 2 == refused.returncode
    assert "ISA_LOG_VKEYS" in refused.stderr
    assert why in refused.stderr


@pytest.mark.parametrize("key", ["ISA_LOG_KEY_FILE", "ISA_LOG_KEY_ML_DSA_44_FILE"])
def test_a_key_file_open_to_others_is_refused(signing: dict[str, str], key: str) -> None:
    Path(signing[key]).chmod(0o644)
    refused = run("checkpoint", **signing)

    assert 2 == refused.returncode
    assert "open to others" in refused.stderr


def test_a_key_of_the_other_kind_is_refused(signing: dict[str, str]) -> None:
    refused = run("checkpoint", **{**signing, "ISA_LOG_KEY_FILE": signing["ISA_LOG_KEY_ML_DSA_44_FILE"]})

    assert 2 == refused.returncode
    assert "is not an Ed25519 key" in refused.stderr


def test_a_missing_setting_is_named_with_what_it_means(settings: dict[str, str]) -> None:
    del settings["ISA_PUBLIC_URL"]
    refused = run("serve", **settings)

    assert 2 == refused.returncode
    assert "ISA_PUBLIC_URL is not set" in refused.stderr


def test_an_empty_log_is_not_served_and_the_way_on_is_named(settings: dict[str, str]) -> None:
    refused = run("serve", **settings)

    assert 2 == refused.returncode
    assert "isa-registry import FILE" in refused.stderr


def test_a_partnership_is_imported_once_and_fsck_finds_nothing(settings: dict[str, str], founding: Path) -> None:
    first = run("import", str(founding), **settings)
    again = run("import", str(founding), **settings)
    checked = run("fsck", **settings)

    assert (0, "the log now has") == (first.returncode, first.stdout[:15])
    assert (1, "This log has begun already.") == (again.returncode, again.stderr.split(": ")[1].strip())
    assert (0, "0 findings") == (checked.returncode, checked.stdout.split(", ")[1])


def test_fsck_takes_the_policy_that_cosignatures_are_held_against(
    settings: dict[str, str], founding: Path, tmp_path: Path
) -> None:
    assert 0 == run("import", str(founding), **settings).returncode
    policy = tmp_path / "policy"
    policy.write_text("quorum none\n")
    assert 0 == run("fsck", "--policy", str(policy), "--signatures", **settings).returncode
    policy.write_text("quorum\n")
    refused = run("fsck", "--policy", str(policy), **settings)
    assert (2, "Line 1 of the policy") == (refused.returncode, refused.stderr.split(": ")[2][:20])


def test_attestations_are_never_imported(settings: dict[str, str], founding: Path) -> None:
    document = json.loads(founding.read_text())
    document["organisations"][0]["attests"] = [
        {"agreement": "tier-1", "version": "1.0", "on": "2026-03-10", "role": "chief-officer"}
    ]
    founding.write_text(json.dumps(document))
    refused = run("import", str(founding), **settings)

    assert 1 == refused.returncode
    assert "each body makes its own" in refused.stderr


def test_a_founding_document_of_another_form_says_where(settings: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"partnership": "durham", "organisations": [{"organisation": 7}]}')
    refused = run("import", str(path), **settings)

    assert 1 == refused.returncode
    assert "$.organisations[0].organisation" in refused.stderr


def test_a_log_of_another_origin_is_not_served(settings: dict[str, str], founding: Path) -> None:
    run("import", str(founding), **settings)
    elsewhere = "registry.example.org/elsewhere"
    keys = ",".join(vkeys_of(elsewhere))
    refused = run("serve", **{**settings, "ISA_ORIGIN": elsewhere, "ISA_LOG_VKEYS": keys})

    assert 2 == refused.returncode
    assert "ISA_ORIGIN is not the name that this log was born with" in refused.stderr


def test_a_demonstrations_log_is_never_served_as_real(settings: dict[str, str]) -> None:
    import asyncio

    from isa_registry.domain.entries import RegistryOpened
    from isa_registry.ledger.drafts import Draft
    from running import running

    opened = RegistryOpened(
        origin=ORIGIN, partnership="durham", partnership_name="", lead_body="", attestation_key={}, demo=True
    )

    async def open_it() -> None:
        async with running(settings["DATABASE_URL"]) as registry:
            await registry.sequencer.append(Draft(payloads=(opened,)))

    asyncio.run(open_it())
    refused = run("serve", **settings)

    assert 2 == refused.returncode
    assert "never served as real" in refused.stderr


def test_migrate_says_what_it_did(empty_database_url: str) -> None:
    first, again = run("migrate", DATABASE_URL=empty_database_url), run("migrate", DATABASE_URL=empty_database_url)

    assert (0, sorted(path.name for path in data_directory("migrations").iterdir())) == (
        first.returncode,
        [line.removeprefix("applied ") for line in first.stdout.splitlines()],
    )
    assert (0, "nothing to apply\n") == (again.returncode, again.stdout)


def test_the_database_address_may_stand_in_a_file(empty_database_url: str, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text(empty_database_url + "\n")

    assert 0 == run("migrate", DATABASE_URL_FILE=str(secret)).returncode
    assert 2 == run("migrate", DATABASE_URL_FILE=str(tmp_path / "absent")).returncode


def test_a_database_that_is_away_is_said_without_its_address() -> None:
    away = run("migrate", DATABASE_URL="postgresql://someone:secret@127.0.0.1:1/nowhere")

    assert 2 == away.returncode
    assert "secret" not in away.stderr
    assert "Traceback" not in away.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ISA_LOG_LEVEL", "loud"), ("ISA_PUBLIC_URL", "registry.example.org"), ("ISA_BENCH", "1")],
)
def test_serve_names_a_setting_that_it_cannot_run_with(settings: dict[str, str], variable: str, value: str) -> None:
    refused = run("serve", **{**settings, variable: value})

    assert 2 == refused.returncode
    assert variable in refused.stderr
