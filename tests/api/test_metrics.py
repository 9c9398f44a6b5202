"""What the operator's monitoring reads: the log and its witnesses, and nothing of what anybody recorded."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.speaking import ALL_SCOPES, Database, assert_problem, bearer
from api.test_witnesses import tell
from isa_registry.api.access import ACCESS
from isa_registry.runtime.demonstration import METRICS_TOKEN, ORIGIN
from isa_registry.settings import SettingsError, read_settings
from live import POLICE, Demonstration

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def told(database: Database) -> Iterator[Database]:
    yield database
    database.as_owner("DELETE FROM witness RETURNING name")


def read(client: httpx.Client, size: int = 0) -> Samples:
    """The samples of a worker that has folded `size` entries."""
    answer = client.get("/metrics", headers={**bearer(METRICS_TOKEN), "ISA-Min-Log-Size": str(size)})
    assert 200 == answer.status_code
    assert answer.headers["content-type"].startswith("text/plain")
    assert "no-store" == answer.headers["cache-control"]
    found = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in found for one in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_the_state_of_the_log_is_told(nobody: httpx.Client) -> None:
    ready = nobody.get("/readyz").json()
    samples = read(nobody, ready["log_size"])
    assert value(samples, "isa_log_info", origin=ORIGIN) == 1
    assert value(samples, "isa_log_size") >= ready["log_size"]
    assert value(samples, "isa_log_checkpoint_size") > 0
    assert value(samples, "isa_log_published_size") > 0
    assert value(samples, "isa_log_checkpoint_signed_timestamp_seconds") > 1_700_000_000
    assert (1, 1, 1) == tuple(
        value(samples, name) for name in ("isa_database_connected", "isa_checkpointer_present", "isa_log_writable")
    )
    assert {"normal": 1, "alarmed": 0, "checks-only": 0} == {
        state: value(samples, "isa_log_history", state=state) for state in ("normal", "alarmed", "checks-only")
    }


def test_each_witness_is_told_with_its_state(nobody: httpx.Client, told: Database) -> None:
    tell(told, "police", 0, "healthy", 10, None)
    tell(told, "school", 1, "not-asked", None, None)
    samples = read(nobody)
    assert 1 == value(samples, "isa_witness_state", witness="police", state="healthy")
    assert 0 == value(samples, "isa_witness_state", witness="police", state="failing")
    assert 5 == value(samples, "isa_witness_size", witness="police")
    assert 1 == value(samples, "isa_witness_state", witness="school", state="not-asked")
    assert ("isa_witness_size", frozenset({("witness", "school")})) not in samples


def test_only_the_operators_own_token_opens_it(demonstration: Demonstration, nobody: httpx.Client) -> None:
    assert ACCESS["GET", "/metrics"].operator
    assert_problem(nobody.get("/metrics"), 401, "unauthenticated")
    for token in (METRICS_TOKEN[:-1], METRICS_TOKEN + "x", METRICS_TOKEN.upper(), demonstration.token(POLICE)):
        assert_problem(nobody.get("/metrics", headers=bearer(token)), 401, "invalid-token")
    assert_problem(nobody.get("/metrics", headers={"Authorization": f"Basic {METRICS_TOKEN}"}), 401, "unauthenticated")


def test_the_operators_token_opens_nothing_else(nobody: httpx.Client) -> None:
    answer = nobody.get("/api/v1/sharing-events", headers=bearer(METRICS_TOKEN))
    assert_problem(answer, 401, "invalid-token")


def test_nothing_is_told_of_any_organisation(demonstration: Demonstration, nobody: httpx.Client) -> None:
    with demonstration.client(POLICE, ALL_SCOPES) as client:
        client.get("/api/v1/sharing-events")
    answer = nobody.get("/metrics", headers=bearer(METRICS_TOKEN))
    assert POLICE not in answer.text


@pytest.mark.parametrize("token", ["short", "x" * 19, "with a space in it, long enough", "x" * 513])
def test_a_token_that_could_be_guessed_or_sent_wrongly_stops_the_start(token: str) -> None:
    environment = {
        "DATABASE_URL": "postgresql://x/y", "ISA_ORIGIN": "a.example/b", "ISA_PUBLIC_URL": "https://registry.test",
        "ISA_LOG_VKEYS": "x", "ISA_ATTESTATION_KEY_FILE": "k", "ISA_METRICS_TOKEN": token,
    }  # fmt: skip
    with pytest.raises(SettingsError, match="ISA_METRICS_TOKEN") as refused:
        read_settings(environment)
    assert token not in str(refused.value)
