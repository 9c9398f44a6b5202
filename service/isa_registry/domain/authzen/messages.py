"""What comes in: evaluations, alone or many at once. Members that are not known are ignored, as the standard has it.

Properties and context are kept as the bytes that they came in: the policy alone knows what stands in them, and the many
evaluations that share a context share its bytes too.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding

MOST_EVALUATIONS = 1_000
SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")

NOTHING = Raw()
"""A member that was left out, or null."""


class Entity(Struct, frozen=True, gc=False):
    """A subject or a resource."""

    type: str
    id: str
    properties: Raw = NOTHING


class Action(Struct, frozen=True, gc=False):
    """What the subject would do to the resource."""

    name: str
    properties: Raw = NOTHING


class Evaluation(Struct, frozen=True, gc=False):
    """One question: may this subject do this to that resource?"""

    subject: Entity
    action: Action
    resource: Entity
    context: Raw = NOTHING


class Options(Struct, frozen=True):
    """How many evaluations are gone through; other options are nobody's here."""

    evaluations_semantic: str | None = None


class _Part(Struct, frozen=True, gc=False):
    """An evaluation as far as it is given: what it leaves out is taken from the request's top."""

    subject: Entity | None = None
    action: Action | None = None
    resource: Entity | None = None
    context: Raw = NOTHING


class _Many(_Part, frozen=True):
    evaluations: tuple[_Part, ...] | None = None
    options: Options | None = None


class _ManyRaw(_Part, frozen=True):
    evaluations: tuple[Raw, ...] | None = None
    options: Options | None = None


class Evaluations(Struct, frozen=True):
    """Several questions in order; what is wrong with one stands in its place. `single`: there was no list, so it is
    answered as one evaluation is."""

    asked: tuple[Evaluation | Refused, ...]
    semantic: str = "execute_all"
    single: bool = False


_evaluation = msgspec.json.Decoder(Evaluation)
_part = msgspec.json.Decoder(_Part)
_many = msgspec.json.Decoder(_Many)
_many_raw = msgspec.json.Decoder(_ManyRaw)
_M = TypeVar("_M")


def read_evaluation(body: bytes) -> Evaluation:
    """One evaluation. Raises `Refused` (`malformed`)."""
    found = decoded(_evaluation, body)
    refuse_unless_objects(found)
    return found


def read_evaluations(body: bytes) -> Evaluations:
    """Many at once. Raises `Refused` (`malformed`) for what is wrong with the whole of it: what is wrong with one of
    the evaluations is told in its place alone."""
    top, parts = _read_many(body)
    options = top.options or Options()
    semantic = options.evaluations_semantic or "execute_all"
    if semantic not in SEMANTICS:
        fault = Fault("#/options/evaluations_semantic", "unknown-code", f"Send one of {', '.join(SEMANTICS)}.")
        raise Refused("malformed", "The evaluations cannot be gone through like that.", (fault,))
    refuse_unless_objects(top)
    if not parts:
        return Evaluations((_whole(top, top, ""),), semantic, single=True)
    if len(parts) > MOST_EVALUATIONS:
        fault = Fault("#/evaluations", "count", f"Send at most {MOST_EVALUATIONS:,}.")
        raise Refused("malformed", "That is more evaluations than are answered at once.", (fault,))
    return Evaluations(tuple([_asked(part, top, place) for place, part in enumerate(parts)]), semantic)


def _read_many(body: bytes) -> tuple[_Many | _ManyRaw, tuple[_Part | Raw, ...]]:
    """The whole in one go where all of it is well formed; otherwise each evaluation by itself."""
    try:
        many = _many.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raw = decoded(_many_raw, body)
        return raw, raw.evaluations or ()
    return many, many.evaluations or ()


def _asked(part: _Part | Raw, top: _Many | _ManyRaw, place: int) -> Evaluation | Refused:
    at = f"/evaluations/{place}"
    try:
        if isinstance(part, Raw):
            part = decoded(_part, part, at)
        refuse_unless_objects(part, at)
        return _whole(part, top, at)
    except Refused as refused:
        return refused


def _whole(part: _Part, top: _Part, at: str) -> Evaluation:
    """The evaluation with what it leaves out from the top: whole members, nothing within them."""
    subject, action = part.subject or top.subject, part.action or top.action
    resource = part.resource or top.resource
    if subject is None or action is None or resource is None:
        missing = [
            name for name, found in (("subject", subject), ("action", action), ("resource", resource)) if found is None
        ]
        faults = tuple(Fault(f"#{at}/{name}", "missing", "This member is required.") for name in missing)
        raise Refused("malformed", f"The evaluation has no {' and no '.join(missing)}.", faults)
    return Evaluation(subject, action, resource, part.context if is_given(part.context) else top.context)


def decoded(decoder: msgspec.json.Decoder[_M], body: bytes | Raw, at: str = "") -> _M:
    """What the bytes hold. Raises `Refused` (`malformed`)."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Only then is it worth saying where.
        with decoding("The request", at):
            return decoder.decode(body)


def is_given(raw: Raw) -> bool:
    """Whether a member is there at all; null is not."""
    return raw is not NOTHING and bytes(raw) != b"null"


def refuse_unless_objects(found: Struct, at: str = "") -> None:
    """Properties and context are objects, whoever reads them. Raises `Refused` (`malformed`)."""
    for name in ("subject", "action", "resource"):
        entity = getattr(found, name, None)
        if entity is not None:
            _refuse_unless_object(entity.properties, f"#{at}/{name}/properties")
    context: Raw = getattr(found, "context", NOTHING)
    _refuse_unless_object(context, f"#{at}/context")


def _refuse_unless_object(raw: Raw, pointer: str) -> None:
    if is_given(raw) and bytes(raw)[:1] != b"{":
        fault = Fault(pointer, "wrong-type", "Expected object.")
        raise Refused("malformed", "The request is not of the form that is taken here.", (fault,))
