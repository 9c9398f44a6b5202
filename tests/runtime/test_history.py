"""Never a second history: every combination of what witnesses, the outside store, memory and the database say."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from growing import new_witness
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.outbound.witnesses import WitnessError
from isa_registry.runtime.checkpoints.examination import examine
from isa_registry.runtime.checkpoints.history import HistoryRefused, HistoryUnconfirmed, look
from isa_registry.runtime.checkpoints.outside_store import OutsideStoreError
from isa_registry.runtime.witnesses.policy import PolicyWitnesses
from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.server import Identity
from isa_verify.merkle import leaf_hash, root_of
from isa_verify.policy import Policy
from running import ORIGIN, SIGNER, Remembered, wall_clock

FORK = 2
"""Both histories hold the same entries so far, and others from there."""

REAL = [leaf_hash(b"entry %d" % index) for index in range(8)]
OTHER = [*REAL[:FORK], *(leaf_hash(b"other %d" % index) for index in range(FORK, 8))]
STRANGER = LogSigner(origin=ORIGIN, ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=SIGNER.ml_dsa_44)


class Claim(Struct, frozen=True):
    """A checkpoint over `size` entries of the real history or of the other one, signed by this log's keys or not."""

    size: int
    real: bool = True
    ours: bool = True

    @property
    def root(self) -> bytes:
        return root_of((REAL if self.real else OTHER)[: self.size])

    @property
    def note(self) -> bytes:
        key = (self.size, self.real, self.ours)
        if key not in NOTES:
            NOTES[key] = (SIGNER if self.ours else STRANGER).sign(self.size, self.root, 1_780_000_000)
        return NOTES[key]


NOTES: dict[tuple[int, bool, bool], bytes] = {}


class Stored(Struct, frozen=True):
    """A database: how many entries of which history, and its own newest checkpoint. It keeps the contract: no root is
    asked of it that it cannot give."""

    entries: int
    real: bool = True
    signed: int | None = None
    standby: bool = False

    async def identity(self) -> Identity:
        return Identity(system="1", timeline=None if self.standby else "00000001", standby=self.standby)

    async def size(self) -> int:
        return self.entries

    async def root(self, size: int) -> bytes:
        assert size <= self.entries
        return Claim(size, self.real).root

    async def newest(self) -> StoredCheckpoint | None:
        if self.signed is None:
            return None
        claim = Claim(self.signed, self.real)
        return StoredCheckpoint(size=claim.size, root=claim.root, note=claim.note, signed_at=wall_clock())

    async def warnings(self) -> tuple[str, ...]:
        return ()


class Unreadable(Remembered):
    def load(self) -> bytes | None:
        raise OutsideStoreError("The store cannot be read (by the test).")


DATABASES = {
    "same": Stored(6, signed=4),
    "behind": Stored(3, signed=2),
    "differs": Stored(6, real=False, signed=2),
    "never signed": Stored(6),
    "empty": Stored(0),
}
OUTSIDE: dict[str, Claim | str | None] = {
    "agrees": Claim(4),
    "ahead": Claim(5),
    "behind": Claim(1),
    "missing": None,
    "unreadable": "unreadable",
    "other root": Claim(4, real=False),
    "not ours": Claim(4, ours=False),
    "damaged": "damaged",
}
MEMORY: dict[str, Claim | None] = {
    "nothing": None,
    "agrees": Claim(4),
    "ahead": Claim(7),
    "differs": Claim(3, real=False),
}
AWAY = "away"
WITNESSES: dict[str, tuple[Claim | str | None, ...] | None] = {
    "none in the policy": None,
    "enough agree": (Claim(4), Claim(3), AWAY),
    "fewer": (Claim(4), AWAY, None),
    "none answers": (AWAY, AWAY, AWAY),
    "none knows this log": (None, None, None),
    "a larger size that we signed": (Claim(4), Claim(7), AWAY),
    "a larger size that we did not sign": (Claim(4), Claim(4), Claim(7, ours=False)),
    "fewer, and a larger size that we did not sign": (Claim(4), Claim(7, ours=False), AWAY),
    "another root that we signed": (Claim(4), Claim(4), Claim(4, real=False)),
    "another root that we did not sign": (Claim(4), Claim(4), Claim(4, real=False, ours=False)),
}


class Client:
    """Witnesses at three addresses, as far as `PolicyWitnesses` asks what they show."""

    def __init__(self, shown: tuple[Claim | str | None, ...]) -> None:
        self._shown = shown

    async def newest(self, url: str, origin: str) -> bytes | None:
        assert origin == ORIGIN
        shown = self._shown[int(url[-1])]
        if isinstance(shown, str):
            raise WitnessError("unreachable", url)
        return None if shown is None else shown.note


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    directory = tmp_path_factory.mktemp("witnesses")
    keys = [new_witness(directory / str(number), f"w{number}.example").keys[0] for number in range(3)]
    lines = [f"witness w{number} {key} https://w.example/{number}" for number, key in enumerate(keys)]
    return Policy.parse("\n".join([*lines, "group two 2 w0 w1 w2", "quorum two", ""]))


def expected(witnesses: str, outside: str, memory: str, database: str) -> str:
    """The rule, in the words of the issue, over names and numbers alone."""
    stored, kept, known, shown = DATABASES[database], OUTSIDE[outside], MEMORY[memory], WITNESSES[witnesses] or ()
    signed = [one for one in (kept, known, *shown) if isinstance(one, Claim) and one.ours]
    if outside in ("not ours", "damaged"):
        return "refused"
    if any(one.size > stored.entries or (one.size > FORK and one.real != stored.real) for one in signed):
        return "refused"
    agreeing = sum(isinstance(one, Claim) and one.ours for one in shown)
    if stored.signed is None and not signed:
        outside_agrees = outside == "missing"
    else:
        outside_agrees = isinstance(kept, Claim) and kept.size >= (stored.signed or 0)
    if agreeing >= 2:
        return "alarmed" if outside == "unreadable" else "normal"
    if outside_agrees:
        return "normal" if witnesses == "none in the policy" else "alarmed"
    return "checks-only"


@pytest.mark.parametrize(("witnesses", "outside"), list(product(WITNESSES, OUTSIDE)))
async def test_the_state_is_what_the_rule_says(policy: Policy, witnesses: str, outside: str) -> None:
    for memory, database in product(MEMORY, DATABASES):
        found, _ = await state_of(policy, witnesses, outside, memory, database)
        assert expected(witnesses, outside, memory, database) == found, (memory, database)


async def state_of(
    policy: Policy, witnesses: str, outside: str, memory: str, database: str, *, adopt: bool = False
) -> tuple[str, str | None]:
    """The state, or `refused` with the code, or `checks-only` with what is lacking."""
    shown, kept, known = WITNESSES[witnesses], OUTSIDE[outside], MEMORY[memory]
    asked = None
    if shown is not None:
        asked = PolicyWitnesses(policy, Client(shown), SIGNER.keys, monotonic=lambda: 0.0, random=lambda: 0.0)  # type: ignore[arg-type]
    store = Unreadable() if kept == "unreadable" else Remembered(kept.note if isinstance(kept, Claim) else None)
    if kept == "damaged":
        store = Remembered(Claim(4).note[:-40])
    try:
        examined = await examine(
            DATABASES[database],
            SIGNER.keys,
            store,
            asked,
            None if known is None else (known.size, known.root),
            adopt=adopt,
        )
    except HistoryRefused as refused:
        return "refused", refused.code
    except HistoryUnconfirmed as unconfirmed:
        return "checks-only", unconfirmed.reason
    assert (examined.failure is not None) == (outside == "unreadable")
    return examined.state, None


def test_the_table_meets_every_state_in_every_row_that_can_have_it() -> None:
    """An oracle that always said the same would be no oracle."""
    states = {
        (witnesses, expected(witnesses, outside, memory, database))
        for witnesses, outside, memory, database in product(WITNESSES, OUTSIDE, MEMORY, DATABASES)
    }
    assert {state for name, state in states if name == "none in the policy"} == {"refused", "normal", "checks-only"}
    assert {state for name, state in states if name == "fewer"} == {"refused", "alarmed", "checks-only"}
    assert {state for name, state in states if name == "enough agree"} == {"refused", "normal", "alarmed"}
    assert {state for name, state in states if name == "a larger size that we signed"} == {"refused"}


REFUSALS: list[tuple[str, str, str, str, str]] = [
    ("none in the policy", "agrees", "nothing", "behind", "database-behind"),
    ("none in the policy", "agrees", "nothing", "empty", "database-behind"),
    ("none in the policy", "agrees", "nothing", "differs", "database-differs"),
    ("none in the policy", "other root", "nothing", "same", "database-differs"),
    ("none in the policy", "not ours", "nothing", "same", "not-signed-by-us"),
    ("none in the policy", "damaged", "nothing", "same", "not-signed-by-us"),
    ("none in the policy", "missing", "ahead", "same", "database-behind"),
    ("none in the policy", "agrees", "differs", "same", "database-differs"),
    ("a larger size that we signed", "agrees", "nothing", "same", "database-behind"),
    ("another root that we signed", "agrees", "nothing", "same", "database-differs"),
    ("none in the policy", "missing", "nothing", "same", "outside-store-empty"),
    ("none in the policy", "missing", "agrees", "never signed", "outside-store-empty"),
    ("none in the policy", "behind", "nothing", "same", "outside-store-behind"),
    ("none answers", "unreadable", "nothing", "same", "outside-store-failed"),
]


@pytest.mark.parametrize(("witnesses", "outside", "memory", "database", "code"), REFUSALS)
async def test_the_code_says_what_is_wrong(
    policy: Policy, witnesses: str, outside: str, memory: str, database: str, code: str
) -> None:
    assert code == (await state_of(policy, witnesses, outside, memory, database))[1]


@pytest.mark.parametrize("outside", ["missing", "behind"])
async def test_an_operator_may_take_the_databases_word_where_the_store_was_lost(policy: Policy, outside: str) -> None:
    assert "normal" == (await state_of(policy, "none in the policy", outside, "nothing", "same", adopt=True))[0]
    assert "alarmed" == (await state_of(policy, "none answers", outside, "nothing", "same", adopt=True))[0]


@pytest.mark.parametrize("outside", ["agrees", "ahead", "other root", "not ours", "unreadable"])
@pytest.mark.parametrize("database", ["behind", "differs"])
async def test_an_operators_word_never_outweighs_what_was_signed(policy: Policy, outside: str, database: str) -> None:
    for witnesses in WITNESSES:
        state, _ = await state_of(policy, witnesses, outside, "nothing", database, adopt=True)
        if outside != "unreadable" or witnesses == "none answers":
            assert state in ("refused", "checks-only") or (outside, database) == ("other root", "differs")


async def test_a_standby_is_refused_whatever_it_holds() -> None:
    with pytest.raises(HistoryRefused, match="point DATABASE_URL at the primary") as refused:
        await examine(Stored(6, signed=4, standby=True), SIGNER.keys, Remembered(Claim(4).note), None, None)
    assert "database-is-standby" == refused.value.code


async def test_a_database_whose_own_newest_checkpoint_it_does_not_hold_is_refused() -> None:
    with pytest.raises(HistoryRefused, match="the database's own table"):
        await examine(Stored(3, signed=4), SIGNER.keys, Remembered(), None, None, adopt=True)


@pytest.mark.parametrize(
    ("outside", "database", "code"),
    [
        ("agrees", "same", None),
        ("ahead", "same", None),
        ("missing", "empty", None),
        ("missing", "same", "history-unconfirmed"),
        ("behind", "same", "history-unconfirmed"),
        ("agrees", "behind", "database-behind"),
        ("other root", "same", "database-differs"),
        ("not ours", "same", "not-signed-by-us"),
    ],
)
async def test_a_worker_by_itself_confirms_what_the_outside_store_confirms(
    outside: str, database: str, code: str | None
) -> None:
    kept = OUTSIDE[outside]
    store = Remembered(kept.note if isinstance(kept, Claim) else None)
    if code is None:
        assert store.note == await look(DATABASES[database], SIGNER.keys, store)
        return
    with pytest.raises((HistoryRefused, HistoryUnconfirmed)) as error:
        await look(DATABASES[database], SIGNER.keys, store)
    assert code == error.value.code


class Overtaking(Stored, frozen=True):
    """A checkpoint is signed, outside first and then in the database, while somebody looks."""

    signs: Callable[[], None] = lambda: None

    async def newest(self) -> StoredCheckpoint | None:
        found = await super().newest()
        self.signs()
        return found


async def test_a_checkpoint_signed_while_a_worker_looks_raises_no_alarm() -> None:
    store = Remembered(Claim(4).note)
    history = Overtaking(6, signed=4, signs=lambda: store.swap(Claim(4).note, Claim(6).note))
    assert Claim(6).note == await look(history, SIGNER.keys, store)
    store = Remembered(Claim(4).note)
    history = Overtaking(6, signed=4, signs=lambda: store.swap(Claim(4).note, Claim(6).note))
    assert "normal" == (await examine(history, SIGNER.keys, store, None, None)).state


def test_the_two_histories_part_where_the_rule_says() -> None:
    assert [Claim(size).root == Claim(size, real=False).root for size in range(5)] == [True, True, True, False, False]
