"""The page on replay says what is true: its examples are taken by the code that takes the real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from isa_registry.api.replay import AgainstToday, ReplayRequest, ReplayResponse
from isa_registry.domain.replaying import VERDICTS, Difference, Lacking, differences, erased_by
from isa_verify.encoding import decode_base64

PAGE = (Path(__file__).parents[3] / "docs" / "formats" / "replay.md").read_text(encoding="utf-8")


def example(kind: str) -> Any:
    (found,) = re.findall(rf"^```json {kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return json.loads(found)


def as_json(value: object) -> Any:
    return json.loads(msgspec.json.encode(value))


def test_the_worked_difference_is_that_of_the_two_values() -> None:
    assert example("differences") == as_json(differences(example("was"), example("now")))


def test_the_worked_response_is_one() -> None:
    shown = example("response")
    response = msgspec.convert(shown, type=ReplayResponse)
    assert shown == as_json(response)
    assert 32 == len(decode_base64(response.recorded.register.root))
    assert response.needs is not None
    needed = Lacking(response.needs, erased_by(90211))
    assert needed.stands_in_the_way(response.recorded.register.log_size)
    assert response.why == f"entry {needed.entry}, which the register of then may need, {needed.why}"


def test_the_page_names_every_member_and_every_verdict() -> None:
    shapes = (ReplayResponse, AgainstToday, Difference)
    names = [name for shape in shapes for name in shape.__struct_fields__]
    assert [] == [name for name in (*names, *VERDICTS) if f"`{name}`" not in PAGE]
    assert msgspec.json.decode(re.findall(r'`(\{"against".*?\})`', PAGE)[0], type=ReplayRequest).against == "today"
