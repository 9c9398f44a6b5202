"""Only the checkpointer can read the log's private keys."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from isa_registry.checkpointer_settings import CHECKPOINTER_TABLE
from isa_registry.runtime.log_keys.files import (
    LOG_KEY,
    LOG_KEY_ML_DSA_44,
    KeyFileError,
    make_log_keys,
    read_log_signer_in,
)
from isa_registry.settings import TABLE
from running import ORIGIN

SERVICE = Path(__file__).parents[2] / "service"
READERS = {"read_log_signer", "read_log_signer_in"}


def test_nothing_of_the_service_reads_them_but_the_commands_that_sign_make_or_demonstrate() -> None:
    found = {
        path.relative_to(SERVICE / "isa_registry").as_posix()
        for path in SERVICE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and node.id in READERS)
        or (isinstance(node, ast.ImportFrom) and READERS & {one.name for one in node.names})
    }
    # `runtime/log_keys/files.py` is where they are defined.
    assert {
        "cli/checkpoint.py", "cli/demo.py", "cli/keys.py", "cli/rotate_log_key.py", "runtime/log_keys/files.py",
    } == found  # fmt: skip


def test_the_services_settings_do_not_know_where_they_are() -> None:
    told = {setting.variable for setting in CHECKPOINTER_TABLE.values()} - {one.variable for one in TABLE.values()}
    assert {"ISA_LOG_KEY_FILE", "ISA_LOG_KEY_ML_DSA_44_FILE"} <= told
    assert not [one.variable for one in TABLE.values() if "LOG_KEY" in one.variable]


@pytest.mark.parametrize("name", [LOG_KEY, LOG_KEY_ML_DSA_44])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o644, 0o660, 0o604, 0o620])
def test_a_key_that_others_may_read_or_write_is_not_used(tmp_path: Path, name: str, mode: int) -> None:
    before = os.umask(0)
    try:
        make_log_keys(tmp_path)
    finally:
        os.umask(before)
    assert 0o600 == (tmp_path / name).stat().st_mode & 0o777
    (tmp_path / name).chmod(mode)
    if mode & 0o027:
        with pytest.raises(KeyFileError, match=f"{name} is open to others"):
            read_log_signer_in(ORIGIN, tmp_path)
    else:
        assert ORIGIN == read_log_signer_in(ORIGIN, tmp_path).origin
