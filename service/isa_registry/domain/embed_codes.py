"""What a trainer pastes into a page so that it shows a clause: the frame's address, and the element for it."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

WIDTH, HEIGHT = 640, 320
"""Of a frame, in pixels, where nothing else is asked for."""

SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
"""The frame's one script tells its height; a link out of it opens a page that is whole."""


def identifier_frame(public_url: str, agreement: str, clause: str) -> str:
    """The frame that shows a clause of the version in force, whichever that is."""
    return f"{public_url}/embed/id/agreement/{agreement}/clause/{clause}"


def version_frame(public_url: str, agreement: str, version: str, clause: str) -> str:
    """The frame that shows a clause as one version has it, for good."""
    return f"{public_url}/embed/agreements/{agreement}/{version}/clause/{clause}"


def embed_code(address: str, title: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The element that shows a frame, for a page of another site."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="{width}" height="{height}" '
        f'sandbox="{SANDBOX}" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )


def oembed_address(public_url: str, address: str, form: str = "json") -> str:
    """Where a site's editor asks how to show an address of ours (oEmbed 1.0)."""
    return f"{public_url}/oembed?{urlencode({'url': address, 'format': form})}"
