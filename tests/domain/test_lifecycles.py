"""The tables of lives: that they are tables, that every state is reached through the code that lives by them, and that
no event is taken which they do not have."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import LOGGED_AT, Demonstration, attested
from isa_registry.domain.agreement_entries import AttestationWithdrawn
from isa_registry.domain.entries import REGISTER_KINDS, RegisterPayload
from isa_registry.domain.happenings import happening
from isa_registry.domain.lifecycles import DERIVED, NEW, STEPS, Machine, event_of, events, run, states, step
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.agreement_life import SHOWN
from isa_registry.domain.register.carrying import carry
from isa_registry.domain.register.influence import Folded
from isa_registry.domain.register.lives import EVENTS_IN_WORDS, IN_WORDS, refuse_untimely, state_of
from isa_registry.ledger.rows import life_row
from lives import BODIES, LOGGED, VERSION_THING, Script, attestation_event, events_of, version_event, ways

MACHINES: tuple[Machine, ...] = ("draft", "agreement", "invitation", "attestation")


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_can_be_reached_and_an_event_leads_to_one_state(machine: Machine) -> None:
    assert set(states(machine)) | {NEW} == set(ways(machine))
    places = [(one.state, one.event) for one in STEPS if one.machine == machine]
    assert len(places) == len(set(places))
    for state, way in ways(machine).items():
        assert state == run(machine, way)


def test_every_kind_that_is_an_event_is_one_event_and_the_other_way_round() -> None:
    kinds = {one.kind for one in STEPS if one.kind is not None}
    assert kinds == {kind for kind in REGISTER_KINDS if kind.startswith(("agreement.", "attestation."))}
    assert {(one.machine, one.event) for one in STEPS if one.kind} == {event_of(kind) for kind in kinds}
    assert event_of("organisation.registered") is None


def test_states_and_events_have_words_and_derived_states_are_those_that_are_shown() -> None:
    for machine in LOGGED:
        assert set(states(machine)) <= set(IN_WORDS)
        assert set(events_of(machine)) <= set(EVENTS_IN_WORDS)
    assert set(DERIVED["agreement", "in-force"]) | set(states("agreement")) == set(SHOWN)


def accepted(kept: Demonstration, payload: RegisterPayload) -> bool:
    try:
        refuse_untimely(kept.view(), payload)
    except Refused as refused:
        assert "conflict" == refused.code
        return False
    kept.then(payload)
    return True


def with_version() -> Demonstration:
    return Demonstration().then(version_event("publish"))


@pytest.mark.parametrize(("state", "way"), ways("agreement").items(), ids=list(ways("agreement")))
def test_a_version_takes_what_the_table_says_in_every_state(state: str, way: tuple[str, ...]) -> None:
    for event in events_of("agreement"):
        kept = Demonstration()
        assert all(accepted(kept, version_event(one, number)) for number, one in enumerate(way))
        last = version_event(event, 20)
        found = happening(last)
        assert found is not None
        assert state == state_of(kept.view(), found)
        taken = step("agreement", state, event)
        assert accepted(kept, last) == (taken is not None)
        assert state_of(kept.view(), found) == (state if taken is None else taken.to)


@pytest.mark.parametrize(("state", "way"), ways("attestation").items(), ids=list(ways("attestation")))
def test_an_attestation_takes_what_the_table_says_in_every_state(state: str, way: tuple[str, ...]) -> None:
    body = BODIES[0]
    for event in events_of("attestation"):
        kept = with_version()
        assert all(accepted(kept, attestation_event(one, body)) for one in way)
        # A second attestation is another one than that which was withdrawn.
        last = attestation_event(event, body, 1 if event == "attest" else 0)
        found = happening(last)
        assert found is not None
        assert state == state_of(kept.view(), found)
        assert accepted(kept, last) == (event in events("attestation", state))


SCRIPTS = st.lists(
    st.one_of(
        st.tuples(st.just(VERSION_THING), st.sampled_from(events_of("agreement")[1:])),
        st.tuples(st.sampled_from(BODIES), st.sampled_from(events_of("attestation"))),
    ),
    max_size=30,
)


@given(script=SCRIPTS)
def test_whatever_is_tried_in_whatever_order_the_table_alone_decides(script: list[tuple[str, str]]) -> None:
    kept = with_version()
    lived: dict[str, str] = {VERSION_THING: "published"}
    played = Script()
    for thing, event in script:
        payload = played.payload(thing, event)
        machine: Machine = "agreement" if thing == VERSION_THING else "attestation"
        taken = step(machine, lived.get(thing, NEW), event)
        assert accepted(kept, payload) == (taken is not None)
        if taken is not None:
            lived[thing] = taken.to
            played.taken(thing, event)
        found = happening(payload)
        assert found is not None
        assert lived.get(thing, NEW) == state_of(kept.view(), found)


@given(script=SCRIPTS)
def test_a_log_that_goes_on_lives_on_in_the_same_states(script: list[tuple[str, str]]) -> None:
    """What is carried over skips no step: whatever a state depends on matters to the register. Left behind are only
    what was said again since, such as a body's earlier refusal, or an earlier review."""
    kept = with_version()
    began = kept.size - 1
    played = Script()
    for thing, event in script:
        if accepted(kept, played.payload(thing, event)):
            played.taken(thing, event)
    whole = [Folded(index, LOGGED_AT, payload) for index, payload in enumerate(kept.entries)]
    lives: dict[tuple[str, str], list[str]] = {}
    for one in carry(whole[began:]).carried:
        row = life_row(one.index, one.payload)
        if row is not None:
            lives.setdefault((row.machine, row.thing), []).append(row.event)
    assert ("agreement", VERSION_THING) in lives
    for (machine, thing), happened in lives.items():
        assert machine in LOGGED
        payload = next(one for one in kept.entries if (happening(one) or (None, None))[:2] == (machine, thing))
        found = happening(payload)
        assert found is not None
        assert run(found.machine, happened) == state_of(kept.view(), found)


@pytest.mark.parametrize(
    "wrong",
    [
        attestation_event("withdraw", BODIES[0], 9),
        attestation_event("withdraw", BODIES[1], 0),
        attestation_event("attest", BODIES[1], 0),
    ],
    ids=["of an unknown attestation", "of another body", "an id that is another's"],
)
def test_an_attestation_is_withdrawn_by_its_own_id_and_an_id_is_one_attestations(wrong: RegisterPayload) -> None:
    """What the log says happened to a thing, and what the register says of it, are then the same."""
    kept = with_version()
    assert accepted(kept, attestation_event("attest", BODIES[0], 0))
    assert accepted(kept, attested(BODIES[1], "tier-2-hoth", version="3.0", identifier="att-other"))
    if happening(wrong) == happening(attestation_event("attest", BODIES[1])):
        assert accepted(kept, AttestationWithdrawn("att-other", "tier-2-hoth", "3.0", BODIES[1], "2026-12-01", "other"))
        wrong = msgspec.structs.replace(wrong, attestation=f"att-{BODIES[0]}-0")
    assert not accepted(kept, wrong)
