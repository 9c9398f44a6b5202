"""Where the files that ship beside the code lie: migrations, agreements, schemas."""

from pathlib import Path
from typing import Final

SHIPPED: Final = frozenset({"agreements", "migrations", "schemas"})

_PACKAGE: Final = Path(__file__).resolve().parent


def data_directory(name: str) -> Path:
    """The shipped directory `name`: one of `agreements`, `migrations`, `schemas`.

    An installed wheel carries them as package data under `isa_registry/_data/`; a checkout has them at its
    top. Raises ValueError for any other name, FileNotFoundError where the installation lacks the directory.
    """
    if name not in SHIPPED:
        raise ValueError("no such shipped directory")
    installed = _PACKAGE / "_data"
    directory = (installed if installed.is_dir() else _PACKAGE.parents[1]) / name
    if not directory.is_dir():
        raise FileNotFoundError(f"this installation lacks its {name} directory")
    return directory
