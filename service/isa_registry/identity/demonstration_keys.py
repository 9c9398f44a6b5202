"""The signing keys of the demonstration's identity providers, as files that several workers share."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path

from joserfc.jwk import ECKey

from isa_registry.identity.signing import Jwk


def load_or_create(directory: Path, organisation: str) -> Jwk:
    """The private signing key of an organisation's provider, from `{directory}/{organisation}.jwk`.

    Made on first use, readable by its owner only. Workers that start together end up with the same key: the
    file appears whole or not at all, and the first to appear stays.
    """
    path = directory / f"{organisation}.jwk"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        key = ECKey.generate_key("P-256", {"kid": f"{organisation}-{secrets.token_hex(4)}"})
        fresh = directory / f".{organisation}.{secrets.token_hex(8)}"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(key.as_dict(private=True), file)
            # A hard link, unlike a rename, fails where another worker was quicker.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)
        finally:
            fresh.unlink()
    return {name: str(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
