"""Finding the line on which a value of a JSON text stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.json_places import line_at

TEXT = b"""[
  {"code": "one", "list": [{"code": "a"},
                           {"code": "b"}]},

  {"code": "two", "a/b": 1,
   "m~n": {"x": "] } , : [ {"},
   "last": true}
]
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", None),
        ("/0", 2),
        ("/0/code", 2),
        ("/0/list/0", 2),
        ("/0/list/1", 3),
        ("/0/list/1/code", 3),
        ("/1", 5),
        ("/1/a~1b", 5),
        ("/1/m~0n/x", 6),
        ("/1/last", 7),
    ],
)
def test_the_line_on_which_a_value_begins(pointer: str, line: int | None) -> None:
    assert line == line_at(TEXT, pointer)


@pytest.mark.parametrize(
    ("pointer", "line"),
    [("/0/list/2", 2), ("/1/absent", 5), ("/1/last/deeper", 7), ("/2", None), ("/1/m~0n/y/z", 6)],
)
def test_what_is_not_there_is_looked_for_around(pointer: str, line: int | None) -> None:
    assert line == line_at(TEXT, pointer)


@pytest.mark.parametrize(
    ("text", "line"),
    [(b'[\n  {"a": 1}\n  {"b": 2}\n]', 3), (b'{\n\n"a": "\xff"}', 3), (b"", 1)],
)
def test_the_line_on_which_a_text_ceases_to_be_json(text: bytes, line: int) -> None:
    assert line == line_at(text, "/0")


NAMES = st.text(alphabet='ab~/ {}[],:"\\é', max_size=4)
NESTED = st.recursive(
    st.just("leaf"), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


def numbered(value: object, at: str, found: dict[str, int]) -> object:
    """The value with each leaf a number of its own, and where each number stands."""
    if isinstance(value, list):
        return [numbered(item, f"{at}/{i}", found) for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {
            name: numbered(item, f"{at}/{name.replace('~', '~0').replace('/', '~1')}", found)
            for name, item in value.items()
        }
    found[at] = 1_000_000 + len(found)
    return found[at]


@given(NESTED, st.integers(min_value=0, max_value=3))
def test_every_value_is_on_the_line_that_is_told(value: object, indent: int) -> None:
    leaves: dict[str, int] = {}
    text = json.dumps([numbered(value, "/0", leaves)], indent=indent, ensure_ascii=False)
    for pointer, number in leaves.items():
        line = line_at(text.encode(), pointer)
        assert line is not None
        assert str(number) in text.split("\n")[line - 1]
