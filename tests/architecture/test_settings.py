"""Every setting is documented, in the words that the program itself uses, and offered to whoever installs it."""

import re
from pathlib import Path

import msgspec
import pytest

from isa_registry.checkpointer_settings import CHECKPOINTER_TABLE, CheckpointerSettings
from isa_registry.settings import TABLE, Setting, Settings

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = CHECKOUT / "docs/settings.md"

# Set by a program for its own workers, never by whoever installs the service.
NOT_FOR_OPERATORS = {"ISA_DEMO_STATE", "ISA_BENCH"}
BOTH = pytest.mark.parametrize(
    ("table", "struct", "template"),
    [
        (TABLE, Settings, CHECKOUT / "deploy/isa-registry.env"),
        (CHECKPOINTER_TABLE, CheckpointerSettings, CHECKOUT / "deploy/checkpointer.env"),
    ],
    ids=["service", "checkpointer"],
)
Table = dict[str, Setting]


def line(setting: Setting) -> str:
    """The line of docs/settings.md that documents `setting`."""
    default = {None: "*required*", "": "*empty*"}.get(setting.default, f"`{setting.default}`")
    return f"| `{setting.variable}` | {default} | {setting.says} |"


def documented() -> list[str]:
    return [row for row in DOCUMENT.read_text().splitlines() if row.startswith("| `")]


@pytest.mark.parametrize(
    "setting", [*TABLE.values(), *CHECKPOINTER_TABLE.values()], ids=lambda setting: setting.variable
)
def test_a_setting_is_documented_as_the_program_describes_it(setting: Setting) -> None:
    assert line(setting) in documented()


def test_nothing_else_is_documented_and_the_order_is_the_programs() -> None:
    assert [line(setting) for setting in [*TABLE.values(), *CHECKPOINTER_TABLE.values()]] == documented()


@BOTH
def test_every_field_of_the_settings_is_in_the_table(
    table: Table, struct: type[msgspec.Struct], template: Path
) -> None:
    assert list(struct.__struct_fields__) == list(table)


@BOTH
def test_a_default_is_the_same_in_the_table_and_in_the_settings(
    table: Table, struct: type[msgspec.Struct], template: Path
) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    for name, setting in table.items():
        if setting.default is None:
            assert fields[name].required
        else:
            default = fields[name].default
            assert setting.default == (str(default) if default not in ((), None, False) else "")


@BOTH
def test_the_settings_file_of_an_installation_offers_every_setting_and_says_what_holds_without_it(
    table: Table, struct: type[msgspec.Struct], template: Path
) -> None:
    offered = {
        name: (mark, value)
        for mark, name, value in re.findall(r"^(#?)([A-Z0-9_]+)='(.*)'$", template.read_text(), re.MULTILINE)
    }
    operators = {setting.variable: setting for setting in table.values() if setting.variable not in NOT_FOR_OPERATORS}

    assert set(offered) - {"DATABASE_URL_FILE", "ISA_LOG_VKEYS_FILE"} == set(operators)
    for name, setting in operators.items():
        mark, value = offered[name]
        if setting.default is not None and mark:
            assert value == setting.default


def test_the_service_is_told_nothing_of_the_logs_private_keys() -> None:
    assert not {setting.variable for setting in TABLE.values()} & {"ISA_LOG_KEY_FILE", "ISA_LOG_KEY_ML_DSA_44_FILE"}
