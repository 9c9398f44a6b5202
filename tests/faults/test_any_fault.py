"""Appends, erasures, restarts, rotations, restores, outages, in any order: the log verifies, or a refusal says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from databases import Databases
from faults.any_fault import FOR_NOW
from faults.erasing import NOT_ASKED_FOR
from faults.partnership import Founded, found
from faults.stealing import Stealing
from isa_registry.api.problems import PROBLEMS
from isa_registry.runtime import follower
from isa_registry.runtime.checkpoints import checkpointer, guard, listening, publisher
from isa_registry.runtime.fsck import check as fsck
from isa_registry.runtime.log_keys import following as following_keys
from isa_registry.runtime.witnesses import rounds as witnessing


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    """Nobody pauses for long before trying again; a busy machine makes no witness late."""
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.05)
    monkeypatch.setattr(checkpointer, "_REFUSED_SECONDS", 0.1)
    monkeypatch.setattr(follower, "_POLL_SECONDS", 0.1)
    monkeypatch.setattr(following_keys, "SECONDS", -1.0)
    monkeypatch.setattr(fsck, "_QUIET_SECONDS", 0.05)
    monkeypatch.setattr(guard, "_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(listening, "_FRESH_SECONDS", 0.05)
    monkeypatch.setattr(publisher, "_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(witnessing, "ROUND_SECONDS", 1000.0)


@pytest.fixture
def founded(databases: Databases, template_database: str, hurried: None) -> Iterator[Founded]:
    made = found(databases, template_database)
    yield made
    databases.drop(made.name)


def test_each_code_with_which_a_step_may_be_refused_is_a_documented_problem() -> None:
    assert set() == (FOR_NOW | NOT_ASKED_FOR | {"gone", "conflict", "not-found"}) - set(PROBLEMS)


@pytest.mark.parametrize(
    ("examples", "steps"), [(2, 8), pytest.param(30, 40, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_any_sequence_of_faults_leaves_a_log_that_verifies_or_a_refusal_that_says_why(
    databases: Databases, founded: Founded, examples: int, steps: int
) -> None:
    Stealing.databases, Stealing.founded = databases, founded
    run_state_machine_as_test(
        Stealing,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
