"""Where a value strays from its shape: a decoder's complaint as a pointer, and as a refusal that repeats nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from isa_registry.domain.refusals import Fault, Refused

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+|\.\.\.)\]")
_EXPECTED = re.compile(r"^Expected `([a-z |]+)`, got `([a-z]+)`")
_MISSING = re.compile(r"^Object missing required field `([a-z0-9_]+)`")


def place_and_fault(error: msgspec.ValidationError) -> tuple[str, str]:
    """The JSON pointer (RFC 6901) of what was refused, and what is wrong there in the decoder's words, which may
    repeat what was sent."""
    what, _, path = str(error).partition(" - at `$")
    return "".join(f"/{member or index}" for member, index in _STEP.findall(path)), what


@contextmanager
def decoding(subject: str, at: str = "") -> Iterator[None]:
    """Raises `Refused` (`malformed`) for what msgspec refuses inside; `at` is a pointer to what is being decoded."""
    try:
        yield
    except msgspec.ValidationError as error:
        fault = _fault(error, at)
        raise Refused("malformed", f"{subject} is not of the form that is taken here.", (fault,)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        fault = Fault(f"#{at}", "not-json", "Send valid JSON.")
        raise Refused("malformed", f"{subject} is not JSON in UTF-8.", (fault,)) from None
    except RecursionError:
        fault = Fault(f"#{at}", "too-deep", "Send it without such deep nesting.")
        raise Refused("malformed", f"{subject} is nested too deeply.", (fault,)) from None


def _fault(error: msgspec.ValidationError, at: str) -> Fault:
    place, message = place_and_fault(error)
    pointer = f"#{at}{place}"
    missing = _MISSING.match(message)
    if missing:
        return Fault(f"{pointer}/{missing.group(1)}", "missing", "This member is required.")
    expected = _EXPECTED.match(message)
    if expected:
        return Fault(pointer, "wrong-type", f"Expected {expected.group(1)}, got {expected.group(2)}.")
    if message.startswith("Object contains unknown field"):
        # The name is the sender's own text, so it stays out of the answer.
        return Fault(pointer, "unknown-member", "There is a member here that is not one of this document's.")
    return Fault(pointer, "wrong-type", "The value is not of the kind that is expected here.")
