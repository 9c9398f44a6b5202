"""Every setting is documented, in the words that the program itself uses, and offered to whoever installs it."""

import re
from pathlib import Path

import msgspec
import pytest

from isa_registry.settings import TABLE, Setting, Settings

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = CHECKOUT / "docs/settings.md"
TEMPLATE = CHECKOUT / "deploy/isa-registry.env"

# Set by a program for its own workers, never by whoever installs the service.
NOT_FOR_OPERATORS = {"ISA_DEMO_STATE", "ISA_BENCH"}


def line(setting: Setting) -> str:
    """The line of docs/settings.md that documents `setting`."""
    default = {None: "*required*", "": "*empty*"}.get(setting.default, f"`{setting.default}`")
    return f"| `{setting.variable}` | {default} | {setting.says} |"


def documented() -> list[str]:
    return [row for row in DOCUMENT.read_text().splitlines() if row.startswith("| `")]


@pytest.mark.parametrize("setting", TABLE.values(), ids=lambda setting: setting.variable)
def test_a_setting_is_documented_as_the_program_describes_it(setting: Setting) -> None:
    assert line(setting) in documented()


def test_nothing_else_is_documented_and_the_order_is_the_programs() -> None:
    assert [line(setting) for setting in TABLE.values()] == documented()


def test_every_field_of_the_settings_is_in_the_table() -> None:
    assert list(Settings.__struct_fields__) == list(TABLE)


def test_a_default_is_the_same_in_the_table_and_in_the_settings() -> None:
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    for name, setting in TABLE.items():
        if setting.default is None:
            assert fields[name].required
        else:
            default = fields[name].default
            assert setting.default == (str(default) if default not in ((), None, False) else "")


def test_the_settings_file_of_an_installation_offers_every_setting_with_its_default() -> None:
    offered = dict(re.findall(r"^#?([A-Z_]+)='(.*)'$", TEMPLATE.read_text(), re.MULTILINE))
    operators = {name: setting for name, setting in _by_variable().items() if name not in NOT_FOR_OPERATORS}

    assert set(offered) - {"DATABASE_URL_FILE"} == set(operators)
    for name, setting in operators.items():
        if setting.default is not None:
            assert offered[name] == setting.default


def _by_variable() -> dict[str, Setting]:
    return {setting.variable: setting for setting in TABLE.values()}
