"""Our own files: style sheets, scripts, the icon. Nothing on a page comes from another address."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from litestar import Response

_TYPES = {"css": "text/css", "js": "text/javascript", "mjs": "text/javascript", "svg": "image/svg+xml"}
_DESIGN_SYSTEM = "vendor/govuk-frontend.min.css"
_ITS_SCRIPT = "vendor/govuk-frontend.min.js"
PLAIN = "plain.css"
OWN = "site.css"
SCRIPT = "site.js"


def read_assets(place: Traversable) -> dict[str, bytes]:
    """The files below `static`, by their path there. Our script names the design system's by the address that carries
    the mark of its content, so that an older one in a cache is not used."""
    found = dict(_files(place))
    if SCRIPT in found and _ITS_SCRIPT in found:
        found[SCRIPT] = found[SCRIPT].replace(
            f"./{_ITS_SCRIPT}".encode(), address(_ITS_SCRIPT, found[_ITS_SCRIPT]).encode()
        )
    return found


def _files(place: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(place.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            yield prefix + entry.name, entry.read_bytes()


def address(name: str, content: bytes) -> str:
    """Where a file is, with a mark of its content."""
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:8]}"


class Assets:
    """The files that can be asked for, read once: what is not among them is not there, whatever the path."""

    def __init__(self, found: dict[str, bytes]) -> None:
        self._found = found
        designed = _DESIGN_SYSTEM in found and _ITS_SCRIPT in found
        self.styles = tuple(self.address(name) for name in (_DESIGN_SYSTEM if designed else PLAIN, OWN))
        """The style sheets of a page; a plain one where the design system's was not fetched at the installation."""
        self.script = self.address(SCRIPT) if designed else None

    def address(self, name: str) -> str:
        return address(name, self._found[name])

    def response(self, name: str) -> Response[bytes] | None:
        """One of our own files, or None."""
        found = self._found.get(name)
        if found is None:
            return None
        end = name.rpartition(".")[2]
        # Modules name each other without a mark of their content: never one of yesterday beside one of today.
        kept = "public, no-cache" if end == "mjs" else "public, max-age=3600"
        return Response(found, media_type=_TYPES[end], headers={"Cache-Control": kept})

    def modules(self, place: str) -> tuple[tuple[str, str], ...]:
        """The script modules of one place, by their names there, with the SHA-256 of each as it is served."""
        return tuple(
            (name.removeprefix(place), hashlib.sha256(content).hexdigest())
            for name, content in sorted(self._found.items())
            if name.startswith(place) and name.endswith(".mjs")
        )


ASSETS = Assets(read_assets(files("isa_registry.pages").joinpath("static")))
