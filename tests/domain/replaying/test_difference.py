"""The difference of two JSON values is exact and complete: making the changes turns one into the other."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.replaying import Difference, differences

_SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b", "a/b", "~", "~1"])
_CODED = st.fixed_dictionaries({"code": st.sampled_from(["one", "two", "three"]), "text": st.sampled_from(["x", "y"])})
_VALUES = st.recursive(
    _SCALARS | _CODED,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "a/b", "~", "code"]), inner, max_size=4)
    ),
    max_leaves=14,
)


def place_of(value: Any, pointer: str) -> tuple[Any, Any]:
    """What holds the member that a pointer names, and its key there."""
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value, int(last) if isinstance(value, list) else last


def made(value: Any, changes: tuple[Difference, ...]) -> Any:
    """The value after the changes, made as docs/formats/replay.md says: what changed, what went (the last first), and
    what came."""
    value = copy.deepcopy(value)
    for one in changes:
        if one.change == "changed":
            if one.pointer == "":
                return one.now
            holder, key = place_of(value, one.pointer)
            assert holder[key] == one.was
            holder[key] = one.now
    for one in reversed([one for one in changes if one.change == "removed"]):
        holder, key = place_of(value, one.pointer)
        assert holder.pop(key) == one.was
    for one in changes:
        if one.change == "added":
            holder, key = place_of(value, one.pointer)
            if isinstance(holder, list):
                holder.insert(key, copy.deepcopy(one.now))
            else:
                holder[key] = copy.deepcopy(one.now)
    return value


def alike(one: Any, other: Any) -> bool:
    """Equal as JSON: true is no 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


@given(one=_VALUES, other=_VALUES)
def test_making_the_changes_turns_one_value_into_the_other(one: Any, other: Any) -> None:
    found = differences(one, other)
    assert alike(made(one, found), other)
    assert alike(one, other) == (found == ())


@given(value=_VALUES)
def test_nothing_is_said_of_what_is_the_same(value: Any) -> None:
    assert () == differences(value, copy.deepcopy(value))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"a": 1}, {"a": 2}, [("changed", "/a", 1, 2)]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("removed", "/a/b/1", 2, None), ("added", "/a/b/1", None, 3)]),
        ({"a": [1]}, {"a": [1, 2]}, [("added", "/a/1", None, 2)]),
        ({"a": 1}, {"b": 1}, [("removed", "/a", 1, None), ("added", "/b", None, 1)]),
        ({"a": None}, {"a": {}}, [("changed", "/a", None, {})]),
        ({"a": True}, {"a": 1}, [("changed", "/a", True, 1)]),
        ({"a/b": {"~": 0}}, {"a/b": {"~": 1}}, [("changed", "/a~1b/~0", 0, 1)]),
        ("x", "y", [("changed", "", "x", "y")]),
        # A reason that comes first leaves the others what they were, and of one that stays its words are told.
        (
            {"reasons": [{"code": "b", "text": "x"}, {"code": "c", "text": "z"}]},
            {"reasons": [{"code": "a", "text": "w"}, {"code": "b", "text": "y"}, {"code": "c", "text": "z"}]},
            [("added", "/reasons/0", None, {"code": "a", "text": "w"}), ("changed", "/reasons/0/text", "x", "y")],
        ),
    ],
)
def test_each_member_that_differs_is_named_once(one: Any, other: Any, said: list[tuple[Any, ...]]) -> None:
    assert said == [(each.change, each.pointer, each.was, each.now) for each in differences(one, other)]
