"""What a key may sign, by its position in the log and its own dates: the same for whoever folds the log, whenever."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isa_registry.actions import keys
from isa_registry.domain.access_entries import KeyRegistered, KeyRevoked, KeySignatory
from isa_registry.domain.entries import Payload, RegistryOpened, decode_payload, encode_payload
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.register.signing_keys import (
    bodies_in_doubt,
    days_left,
    has_successor,
    is_suspect,
    key_for_use,
    state_of,
    valid_at,
)
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot
from isa_registry.identity.signing import new_signing_key
from isa_registry.ledger.drafts import Draft

POLICE = "durham-constabulary"
HOURS = [f"2026-11-{day:02}T{hour:02}:00:00.000Z" for day in (23, 24) for hour in range(24)]
KIDS = ("k0", "k1", "k2")
SIRO = KeySignatory(role="siro", ref="POST-1")


@cache
def public(kid: str) -> dict[str, str]:
    _, jwk = new_signing_key(kid)
    return {name: jwk[name] for name in ("kty", "crv", "x")}


def key(kid: str = "k0", *, start: int = 0, end: int | None = None, **changes: object) -> KeyRegistered:
    members: dict[str, object] = {
        "organisation": POLICE, "kid": kid, "algorithm": "Ed25519", "jwk": public(kid), "uses": ("event",),
        "valid_from": HOURS[start], "valid_until": None if end is None else HOURS[end], **changes,
    }  # fmt: skip
    return msgspec.convert(members, KeyRegistered)


def folded(*payloads: Payload) -> RegisterView:
    register = Register()
    for entry, payload in enumerate(payloads):
        apply(register, entry, HOURS[entry], payload)
    return register.at(len(payloads))


# --- one key ----------------------------------------------------------------------------------------------------------


def test_a_key_counts_from_the_entry_after_its_own() -> None:
    register = Register()
    apply(register, 5, HOURS[0], key())
    assert key_for_use(register.at(5), POLICE, "k0", "event") is None
    assert key_for_use(register.at(6), POLICE, "k0", "event") == key()


def test_a_revoked_key_counts_up_to_the_entry_that_revokes_it() -> None:
    register = Register()
    apply(register, 5, HOURS[0], key())
    apply(register, 8, HOURS[1], KeyRevoked(organisation=POLICE, kid="k0", reason="ceased"))
    assert key_for_use(register.at(8), POLICE, "k0", "event") == key()
    assert key_for_use(register.at(9), POLICE, "k0", "event") is None


def test_a_key_is_for_its_uses_and_its_organisation_alone() -> None:
    view = folded(key(uses=("event",)), key("k1", uses=("acknowledgement",)))
    assert key_for_use(view, POLICE, "k0", "acknowledgement") is None
    assert key_for_use(view, POLICE, "k1", "event") is None
    assert key_for_use(view, "harbour", "k0", "event") is None
    assert key_for_use(view, POLICE, "k1", "acknowledgement") is not None


def test_an_attestation_key_signs_for_its_own_signatory_alone() -> None:
    view = folded(key("k0", uses=("attestation",), signatory=SIRO), key("k1"))
    assert key_for_use(view, POLICE, "k0", "attestation", signatory=SIRO) is not None
    other = KeySignatory(role="chief-officer", ref="POST-1")
    assert key_for_use(view, POLICE, "k0", "attestation", signatory=other) is None
    assert key_for_use(view, POLICE, "k0", "attestation") is None
    assert key_for_use(view, POLICE, "k1", "event", signatory=SIRO) is None


def test_the_bodies_in_doubt_are_those_of_the_position() -> None:
    register = Register()
    revoked = KeyRevoked(organisation=POLICE, kid="k0", reason="compromised", suspect_from=HOURS[0])
    for entry, payload in enumerate((key(), key("k1", organisation="harbour"), revoked)):
        apply(register, entry, HOURS[entry], payload)
    assert [bodies_in_doubt(register.at(size)) for size in (2, 3)] == [frozenset(), {POLICE}]


def test_a_second_registration_under_a_kid_changes_nothing() -> None:
    """No action makes one. Whoever appends it anyway brings no revoked key back, and exchanges none."""
    revoked = KeyRevoked(organisation=POLICE, kid="k0", reason="compromised", suspect_from=HOURS[0])
    once, again = folded(key(), revoked), folded(key(), revoked, key(jwk=public("k1")))
    assert key_for_use(again, POLICE, "k0", "event") is None
    assert once.key(POLICE, "k0") == again.key(POLICE, "k0")


@pytest.mark.parametrize(("moment", "valid"), [(1, False), (2, True), (4, True), (5, False)])
def test_a_key_is_valid_from_its_first_moment_to_before_its_last(moment: int, valid: bool) -> None:
    assert valid_at(key(start=2, end=5), HOURS[moment]) is valid


def test_a_key_without_an_end_has_none() -> None:
    assert valid_at(key(), "9999-12-31T23:59:59.999Z")
    assert days_left(key(), HOURS[0]) is None


@pytest.mark.parametrize(("now", "state"), [(1, "not-yet"), (2, "current"), (5, "expired")])
def test_the_state_of_a_key_is_that_of_now(now: int, state: str) -> None:
    view = folded(key(start=2, end=5))
    (held,) = view.keys_of(POLICE)
    assert state_of(held, HOURS[now]) == state


def test_a_revoked_key_is_revoked_whatever_its_dates() -> None:
    (held,) = folded(key(start=2, end=5), KeyRevoked(organisation=POLICE, kid="k0", reason="ceased")).keys_of(POLICE)
    assert {state_of(held, now) for now in HOURS} == {"revoked"}


def test_doubt_begins_with_the_time_in_the_log() -> None:
    view = folded(key(), KeyRevoked(organisation=POLICE, kid="k0", reason="compromised", suspect_from=HOURS[4]))
    assert [is_suspect(view, POLICE, "k0", HOURS[at]) for at in (3, 4, 5)] == [False, True, True]
    assert not is_suspect(view, POLICE, "k1", HOURS[5])
    assert not is_suspect(view.__class__(view._register, 1, view.memory), POLICE, "k0", HOURS[5])


def test_days_that_are_left_are_whole_ones() -> None:
    assert days_left(key(end=47), HOURS[22]) == 1
    assert days_left(key(end=47), HOURS[24]) == 0
    assert days_left(key(end=1), HOURS[5]) == 0


@pytest.mark.parametrize(
    ("other", "succeeded"),
    [
        (key("k1", start=3, end=9), True),
        (key("k1", start=5), True),
        (key("k1", start=6), False),
        (key("k1", start=3, end=5), False),
        (key("k1", uses=("acknowledgement",)), False),
    ],
    ids=["overlaps", "begins where it ends", "begins later", "ends with it", "for another use"],
)
def test_a_successor_goes_on_where_a_key_ends(other: KeyRegistered, succeeded: bool) -> None:
    ending = key(start=0, end=5)
    assert has_successor(ending, folded(ending, other).keys_of(POLICE)) is succeeded


def test_a_revoked_key_and_the_key_itself_succeed_nobody() -> None:
    ending, revoked = key(end=5), KeyRevoked(organisation=POLICE, kid="k1", reason="ceased")
    assert not has_successor(ending, folded(ending).keys_of(POLICE))
    assert not has_successor(ending, folded(ending, key("k1"), revoked).keys_of(POLICE))


def test_each_use_may_have_a_successor_of_its_own() -> None:
    ending = key(end=5, uses=("event", "acknowledgement"))
    parts = key("k1"), key("k2", uses=("acknowledgement",))
    assert has_successor(ending, folded(ending, *parts).keys_of(POLICE))
    assert not has_successor(ending, folded(ending, parts[0]).keys_of(POLICE))


def test_an_attestation_key_is_followed_by_the_same_signatorys() -> None:
    ending = key(end=5, uses=("attestation",), signatory=SIRO)
    other = KeySignatory(role="siro", ref="POST-2")
    same, another = (key("k1", uses=("attestation",), signatory=one) for one in (SIRO, other))
    assert has_successor(ending, folded(ending, same).keys_of(POLICE))
    assert not has_successor(ending, folded(ending, another).keys_of(POLICE))


# --- any history ------------------------------------------------------------------------------------------------------

FOUNDED: tuple[Payload, ...] = (
    RegistryOpened(
        origin="x.example", partnership="durham", partnership_name="D", lead_body=POLICE, attestation_key={}
    ),
    OrganisationRegistered(organisation=POLICE, name="Police", organisation_kind="police"),
)


class Document(msgspec.Struct, frozen=True):
    """Something signed, and the time that it states."""

    kid: str
    use: str
    moment: str


hours = st.integers(0, len(HOURS) - 1)
kids = st.sampled_from(KIDS)
uses = st.lists(st.sampled_from(("event", "acknowledgement")), min_size=1, max_size=2, unique=True).map(tuple)
registrations = st.builds(
    lambda kid, one, other, open_, uses: key(
        kid, start=min(one, other), end=None if open_ else max(one, other), uses=uses
    ),
    kids, hours, hours, st.booleans(), uses,
)  # fmt: skip
revocations = st.builds(
    lambda kid, since: KeyRevoked(
        organisation=POLICE, kid=kid, reason="superseded" if since is None else "compromised",
        suspect_from=None if since is None else HOURS[since],
    ),
    kids, st.none() | hours,
)  # fmt: skip
documents = st.builds(
    Document, kids, st.sampled_from(("event", "acknowledgement", "attestation")), hours.map(HOURS.__getitem__)
)
histories = st.lists(st.tuples(st.integers(0, 4), registrations | revocations | documents), max_size=25)


class Told:
    """A log that only what its actions let through gets into, and the verdict on each document as it came."""

    def __init__(self, history: Sequence[tuple[int, KeyRegistered | KeyRevoked | Document]]) -> None:
        self.register = Register()
        self.log: list[tuple[str, bytes]] = []
        self.verdicts: list[tuple[int, str, Document, bool]] = []
        for payload in FOUNDED:
            self.append(HOURS[0], payload)
        hour = 0
        for later, said in history:
            hour = min(hour + later, len(HOURS) - 1)
            if isinstance(said, Document):
                view = self.register.at(len(self.log))
                self.verdicts.append((len(self.log), HOURS[hour], said, accepted(view, said)))
            else:
                self.attempt(HOURS[hour], said)

    def attempt(self, at: str, said: KeyRegistered | KeyRevoked) -> None:
        try:
            draft: Draft = keys.register(said) if isinstance(said, KeyRegistered) else keys.revoke(said)
            for holds in draft.preconditions:
                holds(self.register.at(len(self.log)), at)
        except Refused:
            return
        self.append(at, *draft.payloads)

    def append(self, at: str, *payloads: Payload) -> None:
        for payload in payloads:
            apply(self.register, len(self.log), at, payload)
            self.log.append((at, encode_payload(payload)))


def accepted(view: RegisterView, document: Document) -> bool:
    found = key_for_use(view, POLICE, document.kid, document.use)  # type: ignore[arg-type]
    return found is not None and valid_at(found, document.moment)


def expected(log: Sequence[tuple[str, bytes]], document: Document) -> bool:
    """The rule in other words, over the entries before the document alone."""
    mine = [one for one in (decode_payload(body) for _, body in log) if getattr(one, "kid", None) == document.kid]
    if len(mine) != 1:
        return False
    (only,) = mine
    assert isinstance(only, KeyRegistered)
    until = only.valid_until or "9999"
    return document.use in only.uses and only.valid_from <= document.moment < until


@settings(deadline=None)
@given(histories, st.integers(0, 30))
def test_every_fold_of_the_log_gives_the_verdict_that_was_given(
    history: list[tuple[int, KeyRegistered | KeyRevoked | Document]], cut: int
) -> None:
    """One register that was there, one that folds the bytes anew, one that goes on from a snapshot; then and later."""
    told = Told(history)
    anew, resumed = Register(), Register()
    for entry, (at, body) in enumerate(told.log):
        apply(anew, entry, at, decode_payload(body))
        if entry == min(cut, len(told.log)):
            resumed = read_snapshot(write_snapshot(resumed))
        apply(resumed, entry, at, decode_payload(body))
    for position, _, document, verdict in told.verdicts:
        assert verdict == expected(told.log[:position], document)
        assert [accepted(one.at(position), document) for one in (told.register, anew, resumed)] == [verdict] * 3


@settings(deadline=None)
@given(histories)
def test_doubt_is_cast_on_what_was_logged_since_and_takes_nothing_back(
    history: list[tuple[int, KeyRegistered | KeyRevoked | Document]],
) -> None:
    told = Told(history)
    end = told.register.at(len(told.log))
    earliest: dict[str, str] = {}
    for _, body in told.log:
        payload = decode_payload(body)
        if isinstance(payload, KeyRevoked) and payload.suspect_from is not None:
            earliest[payload.kid] = min(payload.suspect_from, earliest.get(payload.kid, "9999"))
    for position, at, document, verdict in told.verdicts:
        assert is_suspect(end, POLICE, document.kid, at) is (at >= earliest.get(document.kid, "9999"))
        assert accepted(told.register.at(position), document) is verdict
