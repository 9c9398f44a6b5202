"""What the registry answers, read strictly: an answer that does not say what it should is no answer."""

from dataclasses import dataclass

from isa_client.errors import ClientError, FieldProblem, ProblemError, UnreachableError
from isa_client.exchanges import Reply, retry_after
from isa_verify.encoding import JsonValue


@dataclass(frozen=True, slots=True)
class Recorded:
    """The registry's answer to a sharing event: where it lies in the log, since when, and what was flagged.

    `new` is False where the registry held this very event already. `receipt` is a path at the registry.
    """

    id: str
    entry: int
    recorded_at: str
    flags: tuple[str, ...]
    receipt: str
    new: bool


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The registry's answer to an acknowledgement of the event `event`. `new` as for `Recorded`."""

    event: str
    entry: int
    recorded_at: str
    new: bool


@dataclass(frozen=True, slots=True)
class Attested:
    """The registry's answer to an attestation. `receipt` is a path at the registry; `new` as for `Recorded`."""

    attestation: str
    entry: int
    logged_at: str
    receipt: str
    new: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list, newest first, as the registry gave them. `next` is the cursor of the page after it, or None."""

    items: tuple[dict[str, JsonValue], ...]
    next: str | None


def expect(reply: Reply, *statuses: int) -> dict[str, JsonValue]:
    """Return the JSON object of an answer with one of these statuses. Raises what any other answer means."""
    if reply.status not in statuses:
        raise problem_of(reply)
    if reply.media_type not in ("application/json", "application/ld+json"):
        raise UnreachableError("answer-malformed", "The registry's answer is not JSON.")
    return reply.json_object()


def problem_of(reply: Reply) -> ClientError:
    """Return the error that an unexpected answer means: its RFC 9457 problem, or its bare status."""
    if reply.media_type != "application/problem+json":
        detail = f"The server answered with status {reply.status} and no explanation."
        return ProblemError(reply.status, f"http-{reply.status}", "Unexplained", detail, retry_after=retry_after(reply))
    return problem_in(reply.status, reply.json_object(), retry_after(reply))


def problem_in(status: int, document: dict[str, JsonValue], wait: float | None = None) -> ProblemError:
    """Return the error that problem details (RFC 9457) mean."""
    title, detail = text(document.get("title")), text(document.get("detail"))
    kind = text(document.get("type")).rstrip("/").rpartition("/")[2]
    listed = document.get("errors")
    fields = [
        FieldProblem(text(item.get("pointer")), text(item.get("detail")), text(item.get("code")))
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict)
    ]
    return ProblemError(
        status,
        kind or f"http-{status}",
        title or "Refused",
        detail,
        fields=fields,
        request=text(document.get("instance")) or None,
        retry_after=wait,
    )


def check_answer(document: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the answer to a check. Raises `UnreachableError` where it holds no outcome."""
    if not isinstance(document.get("outcome"), str):
        raise UnreachableError("answer-malformed", "The registry's answer holds no outcome.")
    return document


def each(document: dict[str, JsonValue], expected: int) -> list[dict[str, JsonValue] | ProblemError]:
    """Return the results of a batch in order, each an answer or the problem that it means.

    Raises `UnreachableError` unless there are as many as were asked for.
    """
    listed = document.get("results")
    results = listed if isinstance(listed, list) else []
    found: list[dict[str, JsonValue] | ProblemError] = []
    for item in results:
        if not isinstance(item, dict):
            break
        status = item.get("status")
        found.append(problem_in(status, item) if isinstance(status, int) and text(item.get("type")) else item)
    if len(found) != expected or len(results) != expected:
        raise UnreachableError("answer-malformed", "The registry's answer does not match what it was asked.")
    return found


def recorded(document: dict[str, JsonValue], *, new: bool) -> Recorded:
    """Return what a sharing event's answer says. Raises `UnreachableError` where it does not say it."""
    entry, flags = _index(document), document.get("flags", [])
    texts = [text(document.get(name)) for name in ("id", "recorded_at", "receipt")]
    if entry is None or not isinstance(flags, list) or not all(texts):
        raise _unclear()
    return Recorded(texts[0], entry, texts[1], tuple(text(flag) for flag in flags), texts[2], new)


def acknowledged(document: dict[str, JsonValue], *, new: bool) -> Acknowledged:
    """Return what an acknowledgement's answer says. Raises `UnreachableError` where it does not say it."""
    entry, event, at = _index(document), text(document.get("event")), text(document.get("recorded_at"))
    if entry is None or not (event and at):
        raise _unclear()
    return Acknowledged(event, entry, at, new)


def attested(document: dict[str, JsonValue], *, new: bool) -> Attested:
    """Return what an attestation's answer says. Raises `UnreachableError` where it does not say it."""
    entry = _index(document)
    texts = [text(document.get(name)) for name in ("attestation", "logged_at", "receipt")]
    if entry is None or not all(texts):
        raise _unclear()
    return Attested(texts[0], entry, texts[1], texts[2], new)


def page(document: dict[str, JsonValue], name: str) -> Page:
    """Return a page of a list whose lines are the member `name`. Raises `UnreachableError` where it is none."""
    listed, following = document.get(name), document.get("next")
    if not isinstance(listed, list) or not (following is None or isinstance(following, str)):
        raise UnreachableError("answer-malformed", "The registry's answer is not the list that was expected.")
    return Page(tuple(item for item in listed if isinstance(item, dict)), following)


def text(value: JsonValue) -> str:
    """Return the value where it is text, and otherwise none."""
    return value if isinstance(value, str) else ""


def _index(document: dict[str, JsonValue]) -> int | None:
    value = document.get("entry")
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _unclear() -> UnreachableError:
    return UnreachableError("answer-malformed", "The registry's answer does not say what it recorded.")
