"""The interface for people, drawn from its OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue

Object = Mapping[str, object]


class Piece(Struct, frozen=True):
    """A piece of a type: words, and the shape that they lead to, if any."""

    text: str
    shape: str | None = None


class Line(Struct, frozen=True):
    """A member of a shape, or a parameter of a route."""

    name: str
    type: tuple[Piece, ...]
    required: bool
    says: str
    place: str = ""


class Body(Struct, frozen=True):
    """What is sent or answered, in one media type."""

    media: str
    type: tuple[Piece, ...]


class Answer(Struct, frozen=True):
    status: str
    says: str
    bodies: tuple[Body, ...]
    problems: tuple[str, ...]


class Operation(Struct, frozen=True):
    """One route: what it does, who may call it, what goes in and comes out. `limit` is in bytes."""

    id: str
    method: str
    path: str
    says: str
    public: bool
    recent_sign_in: bool
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    parameters: tuple[Line, ...]
    takes: tuple[Body, ...]
    limit: int | None
    answers: tuple[Answer, ...]


class Group(Struct, frozen=True):
    id: str
    name: str
    says: str
    operations: tuple[Operation, ...]


class Shape(Struct, frozen=True):
    """A shape that bodies have. `type` is given where it is no object with members."""

    name: str
    says: str
    members: tuple[Line, ...]
    type: tuple[Piece, ...]
    example: str | None


class Documentation(Struct, frozen=True):
    paragraphs: tuple[str, ...]
    groups: tuple[Group, ...]
    headers: tuple[Line, ...]
    shapes: tuple[Shape, ...]


class CodeList(Struct, frozen=True):
    """A vocabulary of the catalogue: codes with their labels."""

    id: str
    title: str
    codes: tuple[tuple[str, str], ...]


def code_lists(catalogue: Catalogue) -> tuple[CodeList, ...]:
    """The vocabularies that requests and answers use."""
    codes = catalogue.codes
    lists = (
        ("purposes", "Purposes", {one.code: one.label for one in catalogue.purposes.values()}),
        ("categories", "Categories of information", {one.code: one.label for one in catalogue.categories.values()}),
        ("kinds", "Kinds of organisation", {one.code: one.label for one in catalogue.kinds.values()}),
        ("urgencies", "Urgency", codes.urgencies),
        ("subject-kinds", "Kinds of people", codes.subject_kinds),
        ("subject-roles", "Roles of people", codes.subject_roles),
        ("consent-states", "States of consent, and of agreement to a service", codes.consent_states),
        ("para18-reasons", "Reasons of Data Protection Act 2018 Schedule 1 paragraph 18", codes.para18_reasons),
        ("confidentiality-routes", "Ways through a duty of confidence", codes.confidentiality_routes),
        ("restrictions", "Restrictions", codes.restrictions),
        ("roles", "Roles of those who decide and advise", codes.roles),
        ("provisions", "Provisions of the law", {one.code: one.title for one in catalogue.provisions.values()}),
    )
    return tuple(CodeList(name, title, tuple(labels.items())) for name, title, labels in lists)


def documentation(openapi: Object) -> Documentation:
    """What the page shows of an OpenAPI 3.1 document. Raises KeyError or TypeError where it is not such a document."""
    components = _object(openapi["components"])
    parameters = _object(components["parameters"])
    operations = [
        (_texts(_object(operation)["tags"])[0], _operation(method, path, _object(operation), parameters))
        for path, methods in _object(openapi["paths"]).items()
        for method, operation in _object(methods).items()
    ]
    return Documentation(
        paragraphs=tuple(str(_object(openapi["info"])["description"]).split("\n\n")),
        groups=tuple(
            Group(
                id=str(tag["name"]).replace(" ", "-"),
                name=str(tag["name"]),
                says=str(tag["description"]),
                operations=tuple(operation for name, operation in operations if name == tag["name"]),
            )
            for tag in map(_object, _list(openapi["tags"]))
        ),
        headers=tuple(_parameter(_object(one)) for one in parameters.values()),
        shapes=tuple(_shape(name, _object(schema)) for name, schema in _object(components["schemas"]).items()),
    )


def _object(value: object) -> Object:
    if not isinstance(value, Mapping):
        raise TypeError("expected an object")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("expected an array")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, _list(value)))


def _operation(method: str, path: str, operation: Object, shared: Object) -> Operation:
    body = _object(operation.get("requestBody", {}))
    limit = operation.get("x-isa-body-limit")
    fields = _object(operation["x-isa-fields"])
    return Operation(
        id=str(operation["operationId"]),
        method=method.upper(),
        path=path,
        says=str(operation["summary"]),
        public=operation["x-isa-public"] is True,
        recent_sign_in=operation["x-isa-recent-sign-in"] is True,
        scopes=_texts(operation["x-isa-scopes"]),
        roles=_texts(operation["x-isa-roles"]),
        fields=tuple((reader, _texts(members)) for reader, members in fields.items()),
        parameters=tuple(_parameters(operation, shared)),
        takes=_bodies(body),
        limit=limit if isinstance(limit, int) else None,
        answers=tuple(
            Answer(
                status=status,
                says=str(_object(answer)["description"]),
                bodies=_bodies(_object(answer)),
                problems=_texts(_object(answer).get("x-isa-problems", [])),
            )
            for status, answer in _object(operation["responses"]).items()
        ),
    )


def _parameters(operation: Object, shared: Object) -> Iterator[Line]:
    for one in map(_object, _list(operation["parameters"])):
        reference = one.get("$ref")
        yield _parameter(one if reference is None else _object(shared[str(reference).rpartition("/")[2]]))


def _parameter(parameter: Object) -> Line:
    schema = _object(parameter["schema"])
    return Line(
        name=str(parameter["name"]),
        type=tuple(_type(schema)),
        required=parameter["required"] is True,
        says=f"{parameter['description']} Example: `{parameter['example']}`.",
        place=str(parameter["in"]),
    )


def _bodies(holder: Object) -> tuple[Body, ...]:
    content = _object(holder.get("content", {}))
    return tuple(Body(media, tuple(_type(_object(_object(one)["schema"])))) for media, one in content.items())


def _shape(name: str, schema: Object) -> Shape:
    required = schema.get("required", [])
    examples = schema.get("examples")
    members = _object(schema.get("properties", {}))
    return Shape(
        name=name,
        says=str(schema.get("description", "")),
        members=tuple(
            Line(
                name=member,
                type=tuple(_type(_object(one))),
                required=member in _texts(required),
                says=" ".join(_notes(_object(one))),
            )
            for member, one in members.items()
        ),
        type=() if members else tuple(_type(schema)),
        example=None if examples is None else json.dumps(_list(examples)[0], indent=2, ensure_ascii=False),
    )


def _type(schema: Object) -> Iterator[Piece]:
    """The type in words: `list of string`, `one of yes, no`, or the name of a shape."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        yield Piece(name, name)
    elif "anyOf" in schema:
        for position, branch in enumerate(_list(schema["anyOf"])):
            if position:
                yield Piece(" or ")
            yield from _type(_object(branch))
    elif "x-isa-claims" in schema:
        yield Piece("compact JWS of ")
        yield from _type(_object(schema["x-isa-claims"]))
    elif "enum" in schema:
        yield Piece("one of " + ", ".join(_texts(schema["enum"])))
    elif "const" in schema:
        yield Piece(f"always {schema['const']}")
    elif schema.get("type") == "array":
        yield Piece("list of ")
        yield from _type(_object(schema.get("items", {})))
    elif schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        yield Piece("object whose members are ")
        yield from _type(_object(schema["additionalProperties"]))
    else:
        words = str(schema.get("type", "anything"))
        yield Piece(words + (f" ({schema['format']})" if "format" in schema else ""))


def _notes(schema: Object) -> Iterator[str]:
    """What else holds of a value: how many, of which form, and what stands where it is left out."""
    for branch in map(_object, _list(schema.get("anyOf", [schema]))):
        for one in (branch, _object(branch.get("items", {}))):
            if "pattern" in one:
                yield f"Matches `{one['pattern']}`."
    if "minItems" in schema and "maxItems" in schema:
        yield f"{schema['minItems']} to {schema['maxItems']} of them."
    elif "maxItems" in schema:
        yield f"At most {schema['maxItems']} of them."
    if schema.get("uniqueItems"):
        yield "Each once."
    if "default" in schema:
        yield f"Where it is left out: `{json.dumps(schema['default'])}`."
