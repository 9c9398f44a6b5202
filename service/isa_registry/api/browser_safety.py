"""The headers that keep a browser from doing with an answer what it was not made for. Every answer carries them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from litestar.types import Scope

from isa_registry.domain.origins import is_origin

Headers = list[tuple[bytes, bytes]]

_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::[0-9]{1,5})?|http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?")
_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "compute-pressure", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "usb",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip

_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    # A clause's or a person's page is nobody else's to know of.
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", ", ".join(f"{feature}=()" for feature in _FEATURES).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-permitted-cross-domain-policies", b"none"),
)


def policy(forms_to: Iterable[str] = (), frames_of: Sequence[str] = (), *, fetches: bool = False) -> bytes:
    """The Content-Security-Policy: our own files alone, no inline script or style, in nobody's frame but those of the
    origins named, forms to us alone and to the origins named. Scripts ask for nothing, or with `fetches` for what is
    here."""
    return "; ".join(
        (
            "default-src 'none'",
            *(("connect-src 'self'",) if fetches else ()),
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            " ".join(("form-action 'self'", *forms_to)),
            "base-uri 'none'",
            " ".join(("frame-ancestors", *frames_of)) if frames_of else "frame-ancestors 'none'",
        )
    ).encode()


_POLICY = policy()
_OURS = frozenset({name for name, _ in _ALWAYS} | {b"content-security-policy", b"cross-origin-resource-policy"})


def form_targets(scope: Scope) -> tuple[str, ...]:
    """The origins to which a form of this answer may lead beside ours, as whoever answered put them into the scope.

    A browser holds `form-action` against redirections too: a page whose form signs in leads to an issuer in the end.
    Such a page sets `scope["isa_form_targets"]` to that issuer's origin. Raises ValueError for what is no origin.
    """
    found: tuple[str, ...] = cast("dict[str, Any]", scope).get("isa_form_targets", ())
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("a form's target is not an origin")
    return found


def framed_by(scope: Scope) -> tuple[str, ...]:
    """The origins whose pages may show this answer in a frame, as whoever answered put them into the scope.

    Only a page that knows nobody does (`pages/embedding.py`): it reads no cookie, and holds nothing that one could be
    led to press. Raises ValueError for what is no origin.
    """
    found: tuple[str, ...] = cast("dict[str, Any]", scope).get("isa_framed_by", ())
    for origin in found:
        if not is_origin(origin):
            raise ValueError("whoever frames a page is not an origin")
    return found


def fetches(scope: Scope) -> bool:
    """Whether the scripts of this answer may ask for what is here: whoever answered set `scope["isa_fetches"]`."""
    return cast("dict[str, Any]", scope).get("isa_fetches") is True


def safe(
    headers: Headers, forms_to: Sequence[str] = (), frames_of: Sequence[str] = (), *, fetches: bool = False
) -> Headers:
    """An answer's headers with those that keep it safe, each once, whatever the answer said itself.

    What says nothing of caches is kept in none. What was made for everybody (a file, a tile) other sites may load;
    whatever else is for ours alone, and for those who may frame it.
    """
    kind, cached, found = b"", b"", []
    for pair in headers:
        name, value = pair
        if name == b"content-type":
            kind = value
        elif name == b"cache-control":
            cached = value
        elif name in _OURS:
            continue
        found.append(pair)
    shared = (cached.startswith(b"public") and not kind.startswith(b"text/html")) or bool(frames_of)
    # Browsers that know both go by the policy; the older header cannot name anybody.
    found.extend(pair for pair in _ALWAYS if not frames_of or pair[0] != b"x-frame-options")
    own = policy(forms_to, frames_of, fetches=fetches) if forms_to or frames_of or fetches else _POLICY
    found.append((b"content-security-policy", own))
    found.append((b"cross-origin-resource-policy", b"cross-origin" if shared else b"same-origin"))
    if not cached:
        found.append((b"cache-control", b"no-store"))
    return found
