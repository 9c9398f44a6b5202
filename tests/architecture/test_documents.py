"""What the documents name is there: commands with their options, settings, files, addresses, anchors, decisions."""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from isa_client.cli import _parser as client_parser
from isa_registry.__main__ import _MODULES
from isa_registry.api.access import ACCESS
from isa_registry.checkpointer_settings import CHECKPOINTER_TABLE
from isa_registry.settings import TABLE
from isa_verify.cli import _parser as verifier_parser

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
PAGES = [ROOT / name for name in TRACKED if name.endswith(".md") and not name.startswith("agreements/")]
OPERATED = [ROOT / name for name in TRACKED if name.startswith("deploy/") and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_in(text: str) -> Iterator[str]:
    """What is set as code: the lines of blocks, with a continued line as one, and the spans of the rest."""
    fence = re.compile(r"^ *```.*?\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
    for block in fence.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from (re.sub(r"\s+", " ", span) for span in re.findall(r"`([^`]+)`", fence.sub("", text)))


def registry_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for module in _MODULES.values():
        import_module(f"isa_registry.cli.{module}").add_parser(commands)
    commands.add_parser("openapi").add_argument("directory")
    return parser


PARSERS = {"isa-registry": registry_parser(), "isa-client": client_parser(), "isa-verify": verifier_parser()}


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return {
        name: found
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, found in action.choices.items()
    }


def unknown_in(line: str) -> Iterator[str]:
    """The commands and options in a line of code that our programs do not have."""
    for program, arguments in re.findall(r"(?<![\w/.-])(isa-registry|isa-client|isa-verify) ([^|;&)#]*)", line):
        parser, said = PARSERS[program], program
        words = arguments.split()
        while words and (choices := subcommands(parser)):
            name = words.pop(0)
            said += f" {name}"
            if re.fullmatch(r"[a-z][a-z-]*", name) is None:
                break
            if name not in choices:
                yield said
                break
            parser = choices[name]
        else:
            options = {option for action in parser._actions for option in action.option_strings}
            for word in words:
                option = re.match(r"\[?(--[a-z][a-z0-9-]*)", word)
                if option is not None and option[1] not in options:
                    yield f"{said} {option[1]}"


def test_every_command_and_option_that_a_document_names_is_there() -> None:
    found = [
        f"{page.name}: {unknown}" for page in PAGES for line in code_in(text_of(page)) for unknown in unknown_in(line)
    ]

    assert [] == found
    assert list(unknown_in("isa-client ask --perhaps")) == ["isa-client ask --perhaps"]
    assert list(unknown_in("isa-registry hope")) == ["isa-registry hope"]


def test_every_setting_that_a_document_names_is_read_somewhere() -> None:
    """By the service or the checkpointer, the client's options, the installer, or the tests that a contributor runs."""
    known = {setting.variable for setting in [*TABLE.values(), *CHECKPOINTER_TABLE.values()]}
    for name in TRACKED:
        if name.endswith((".py", ".sh", ".yaml", ".service", "Containerfile", "Makefile")) and "cassettes" not in name:
            known |= set(re.findall(r"\bISA_[A-Z0-9_]+\b", text_of(ROOT / name)))
    named = {
        (page.name, variable)
        for page in PAGES
        for variable in re.findall(r"\bISA_[A-Z0-9]+(?:_[A-Z0-9]+)*\b", text_of(page))
    }

    assert named
    assert [] == sorted(
        (page, name) for page, name in named if name.removesuffix("_FILE") not in known and name not in known
    )


def test_every_target_of_make_that_a_document_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {
        (page.name, target)
        for page in PAGES
        for line in code_in(text_of(page))
        for target in re.findall(r"^(?:\$ )?make ([a-z][a-z-]*)", line)
    }

    assert named
    assert [] == sorted((page, target) for page, target in named if target not in targets)


def test_every_file_of_this_repository_that_a_document_names_is_there() -> None:
    """By its path from the top, from `service/isa_registry`, or by its name alone."""
    directories = {parent.as_posix() for name in TRACKED for parent in Path(name).parents}
    here = {*TRACKED, *directories}
    tops = "|".join(sorted(name for name in directories if "/" not in name and name not in (".", "agreements")))
    of_code = r"[\w.-]+(?:/[\w.-]+)*\.(?:py|sql|mjs|sh|toml|lock)"
    path = re.compile(rf"(?<![\w./{{}}*…-])((?:{tops})/[\w./-]*\w|{of_code})(?![\w*{{])")
    named = {(page.name, name) for page in PAGES for code in code_in(text_of(page)) for name in path.findall(code)}

    assert len(named) > 50
    assert [] == sorted(
        (page, name)
        for page, name in named
        if not any(one == name or one.endswith(f"/{name}") for one in here) and not name.startswith("deploy/secrets/")
    )


def test_every_address_of_the_interface_that_a_document_names_answers() -> None:
    shapes: dict[str, set[str]] = {}
    for method, template in ACCESS:
        shapes.setdefault(re.sub(r"\{[^}]*\}", "*", template), set()).add(method)
    named = {
        (page.name, method, address.rstrip(".:,"))
        for page in PAGES
        for code in code_in(text_of(page))
        for method, address in re.findall(
            r"(?:\b(GET|POST|PUT|DELETE) )?(?<![\w…}])(/(?:api/v1|access/v1)/[^\s?`\"'$]*)", code
        )
        if not {"…", "*"} & set(address)
    }

    def answers(method: str, address: str) -> bool:
        """Whether a route has this address, or where no method is named, begins with it."""
        parts = re.sub(r"\{[^}]*\}?", "*", address).split("/")
        return any(
            (
                method in methods and len(parts) == len(shape.split("/"))
                if method
                else len(parts) <= len(shape.split("/"))
            )
            and all(own in ("*", said) or said == "*" for own, said in zip(shape.split("/"), parts, strict=False))
            for shape, methods in shapes.items()
        )

    assert len(named) > 50
    assert [] == sorted((page, f"{method} {one}") for page, method, one in named if not answers(method, one))


def heading_anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and its likes make them."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?)\s*$", prose, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        again = 0
        while (anchor if not again else f"{anchor}-{again}") in found:
            again += 1
        found.add(anchor if not again else f"{anchor}-{again}")
    return found


def test_every_anchor_that_a_document_points_to_is_there() -> None:
    broken: list[str] = []
    looked = 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+#[^)\s]+)\)", re.sub(r"`[^`]*`", "", text_of(page))):
            path, _, anchor = target.partition("#")
            other = page.parent / path if path else page
            if "://" in target or other.suffix != ".md":
                continue
            looked += 1
            if not other.is_file() or anchor not in heading_anchors(text_of(other)):
                broken.append(f"{page.name}: {target}")

    assert looked
    assert [] == broken


def listed_in(index: Path) -> set[Path]:
    links = re.findall(r"\]\(([^)#\s]+)", text_of(index))
    return {(index.parent / link).resolve() for link in links if "://" not in link}


def test_every_document_is_in_the_list_of_all() -> None:
    listed = listed_in(ROOT / "docs" / "README.md")
    documents = {page for page in PAGES if page.is_relative_to(ROOT / "docs") and page.parent.name != "adr"}

    assert [] == sorted(page.name for page in documents - {ROOT / "docs" / "README.md"} - listed)


def test_every_decision_is_in_their_list_under_its_own_name_and_no_number_is_left_out() -> None:
    index = ROOT / "docs" / "adr" / "README.md"
    pages = sorted(page for page in PAGES if page.parent == index.parent and page != index)
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\(([\w-]+\.md)\) \|$", text_of(index), re.MULTILINE)
    heads = [re.fullmatch(r"# (\d+)\. (.+)", text_of(page).partition("\n")[0]) for page in pages]

    assert all(heads)
    assert [(head[1], head[2], page.name) for head, page in zip(heads, pages, strict=True) if head] == rows
    given = [int(number) for number in re.findall(r"^\| (\d+) \| ", text_of(index), re.MULTILINE)]
    assert given == list(range(1, len(given) + 1)), "a number that was given to no decision says so in its row"
