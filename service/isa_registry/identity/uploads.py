"""Forms that bring files (multipart/form-data, RFC 7578): read strictly and kept in memory alone."""

from __future__ import annotations

from collections.abc import Mapping

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import MAX_FIELDS, Sent

MULTIPART = "multipart/form-data"

Files = Mapping[str, bytes]
"""The files of a form by their field. What a file was called is not kept: a name can be a person's."""

_HEADERS = 4
_HEADER_BYTES = 1_024


def boundary_of(content_type: str) -> str | None:
    """The boundary of a multipart/form-data body; None for what is no such type, or names no boundary (RFC 2046)."""
    kind, options = parse_options_header(content_type)
    boundary = str(options.get("boundary", ""))
    if kind != MULTIPART or not 0 < len(boundary) <= 70 or not boundary.isascii() or not boundary.isprintable():
        return None
    return boundary


def read_upload(body: bytes, boundary: str) -> tuple[Sent, Files]:
    """The fields and the files of a form as a browser sends it. A file that nobody chose is not there.

    Raises `Refused` (malformed) for anything else, also for two files in one field.
    """
    sent: dict[str, tuple[str, ...]] = {}
    files: dict[str, bytes] = {}
    for segment, content in _segments(body, boundary):
        if segment.filename is None:
            try:
                value = content.decode("utf-8").replace("\r\n", "\n")
            except UnicodeDecodeError:
                raise _unreadable() from None
            sent[segment.name] = (*sent.get(segment.name, ()), value)
        elif content or segment.filename:
            if segment.name in files:
                raise Refused("malformed", "A field of the form brings two files. Choose one.")
            files[segment.name] = content
    return sent, files


def _segments(body: bytes, boundary: str) -> list[tuple[MultipartSegment, bytes]]:
    parser = PushMultipartParser(
        boundary,
        content_length=len(body),
        max_header_count=_HEADERS,
        max_header_size=_HEADER_BYTES,
        max_segment_count=MAX_FIELDS,
        strict=True,
    )
    found: list[tuple[MultipartSegment, bytearray]] = []
    try:
        with parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    found.append((event, bytearray()))
                elif event:
                    found[-1][1].extend(event)
    except (MultipartError, UnicodeDecodeError, ValueError):
        raise _unreadable() from None
    return [(segment, bytes(content)) for segment, content in found]


def _unreadable() -> Refused:
    return Refused("malformed", "The form cannot be read.")
