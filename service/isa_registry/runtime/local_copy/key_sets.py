"""Issuers' key sets on this machine: who starts in an outage knows the tokens of providers that cannot be reached."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from isa_registry.identity.issuers import IssuerKeys, KeptKeys
from isa_registry.runtime.local_copy.sealed_files import LocalCopyRefused, SealedFiles

KEY_SETS = "key-sets"


class _Image(Struct, frozen=True, forbid_unknown_fields=True):
    sets: tuple[KeptKeys, ...]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Image)


class LocalKeySets:
    """What the workers of one machine fetched, each its own part. Public keys, but whoever could write them could be
    anybody: the file is sealed."""

    def __init__(self, files: SealedFiles, keys: IssuerKeys) -> None:
        self._files = files
        self._keys = keys
        self._written: dict[str, float] = {}

    def held(self) -> list[KeptKeys]:
        """The sets that this worker has now."""
        return self._keys.kept()

    def keep(self, sets: Iterable[KeptKeys]) -> bool:
        """Writes the sets that were fetched since, beside those of other workers that serve for longer; whether there
        were any. Raises `OSError` and `LocalCopyRefused`."""
        held = {one.issuer: one for one in sets}
        until = {issuer: one.usable_until for issuer, one in held.items()}
        if all(self._written.get(issuer) == moment for issuer, moment in until.items()):
            return False
        for one in self._read():
            mine = held.get(one.issuer)
            if mine is None or mine.usable_until < one.usable_until:
                held[one.issuer] = one
        self._files.write(KEY_SETS, _encoder.encode(_Image(sets=tuple(held[issuer] for issuer in sorted(held)))))
        self._written = until
        return True

    def load(self) -> None:
        """Remembers what was kept, where it is ours; otherwise providers are asked."""
        self._keys.remember(self._read())

    def _read(self) -> tuple[KeptKeys, ...]:
        try:
            content = self._files.read(KEY_SETS)
            image = _decoder.decode(content)
        except (LocalCopyRefused, msgspec.MsgspecError):
            return ()
        return image.sets if _encoder.encode(image) == content else ()
