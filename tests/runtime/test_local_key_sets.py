"""Issuers' key sets on this machine: a token is known while its provider is away, and no longer than it was before."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity.issuing import Clock, Network, Provider
from isa_registry.identity.issuers import LONGEST_KEEP, STALE_KEEP, IssuerKeys, KeptKeys, KeysUnavailableError
from isa_registry.identity.sealing import SessionKeys
from isa_registry.runtime.local_copy.key_sets import KEY_SETS, LocalKeySets
from isa_registry.runtime.local_copy.sealed_files import SealedFiles

ONE, OTHER = "https://one.example", "https://other.example"


def sealed(directory: Path, secret: bytes = bytes(32)) -> SealedFiles:
    return SealedFiles(directory, SessionKeys([secret]), "registry.example/log")


async def nobody(_url: str) -> None:
    raise OSError("away")


def restarted(directory: Path, clock: Clock) -> IssuerKeys:
    """A worker that starts with what lies there, and reaches no provider."""
    keys = IssuerKeys(nobody, clock)  # type: ignore[arg-type]
    LocalKeySets(sealed(directory), keys).load()
    return keys


async def kept(directory: Path, clock: Clock, *issuers: str) -> list[KeptKeys]:
    """What a worker wrote that was asked about these issuers."""
    keys = IssuerKeys(Network(*map(Provider, issuers)), clock)
    for issuer in issuers:
        await keys.key(issuer, "k1")
    local = LocalKeySets(sealed(directory), keys)
    assert local.keep(local.held())
    assert not local.keep(local.held())
    return local.held()


async def test_a_set_serves_where_its_provider_is_away_for_as_long_as_it_would_have(tmp_path: Path) -> None:
    clock = Clock()
    (one,) = await kept(tmp_path, clock, ONE)
    keys = restarted(tmp_path, clock)
    assert (await keys.key(ONE, "k1")).thumbprint()
    with pytest.raises(KeysUnavailableError):
        await keys.key(OTHER, "k1")
    clock.now = one.usable_until - 1
    assert (await restarted(tmp_path, clock).key(ONE, "k1")).thumbprint()
    clock.now = one.usable_until
    with pytest.raises(KeysUnavailableError):
        await restarted(tmp_path, clock).key(ONE, "k1")


async def test_what_other_workers_fetched_stays_beside_what_this_one_did(tmp_path: Path) -> None:
    clock = Clock()
    await kept(tmp_path, clock, ONE)
    clock.now += 10
    await kept(tmp_path, clock, OTHER)
    keys = restarted(tmp_path, clock)
    assert [ONE, OTHER] == [one.issuer for one in keys.kept()]


async def test_a_set_that_is_held_already_is_not_taken_from_the_copy(tmp_path: Path) -> None:
    clock = Clock()
    await kept(tmp_path, clock, ONE)
    keys = IssuerKeys(Network(Provider(ONE)), clock)
    held = await keys.key(ONE, "k1")
    LocalKeySets(sealed(tmp_path), keys).load()
    assert await keys.key(ONE, "k1") is held


async def test_sets_that_somebody_else_wrote_or_that_would_serve_for_longer_than_any_are_not_taken(
    tmp_path: Path,
) -> None:
    clock = Clock()
    (one,) = await kept(tmp_path, clock, ONE)
    content = sealed(tmp_path).read(KEY_SETS)
    sealed(tmp_path / "theirs", bytes([1]) * 32).write(KEY_SETS, content)
    assert [] == restarted(tmp_path / "theirs", clock).kept()
    sealed(tmp_path / "spelt otherwise").write(KEY_SETS, b" " + content)
    assert [] == restarted(tmp_path / "spelt otherwise", clock).kept()
    keys = IssuerKeys(nobody, clock)  # type: ignore[arg-type]
    longest = clock() + LONGEST_KEEP + STALE_KEEP
    keys.remember([KeptKeys(OTHER, {"keys": "none"}, one.fresh_until, one.usable_until)])
    keys.remember([KeptKeys(ONE, one.document, one.fresh_until, longest + 1)])
    assert [] == keys.kept()
    keys.remember([KeptKeys(ONE, one.document, one.fresh_until, longest)])
    assert [ONE] == [held.issuer for held in keys.kept()]
