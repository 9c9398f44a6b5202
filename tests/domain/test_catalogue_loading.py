"""Loading a catalogue: its hash, and each thing it refuses, with the place."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.catalogue_loading import FILES, CatalogueError, load_catalogue


def shipped() -> dict[str, bytes]:
    directory = data_directory("agreements") / "catalogue"
    return {name: (directory / name).read_bytes() for name in FILES}


def test_loading_is_quick_enough_to_do_at_every_start() -> None:
    files = shipped()
    started = time.perf_counter()
    load_catalogue(files)
    assert time.perf_counter() - started < 1


def test_the_hash_does_not_depend_on_layout() -> None:
    compact = {name: json.dumps(json.loads(text), sort_keys=True).encode() for name, text in shipped().items()}
    assert load_catalogue(shipped()).sha256 == load_catalogue(compact).sha256


def test_the_hash_depends_on_every_file() -> None:
    def reworded(name: str) -> str:
        files = shipped()
        value = json.loads(files[name])
        if name == "codes.json":
            value["version"] = "another"
        elif name == "matrix.json":
            value[0]["typical"] = "rare"
        elif name == "words.json":
            value["inform"]["no"] = "Another"
        else:
            value[0]["label" if "label" in value[0] else "title"] = "Another"
        return load_catalogue(files | {name: json.dumps(value).encode()}).sha256

    assert len({load_catalogue(shipped()).sha256, *(reworded(name) for name in FILES)}) == len(FILES) + 1


def test_a_missing_and_a_foreign_file_are_named() -> None:
    files = shipped()
    files["extra.json"] = files.pop("kinds.json")
    assert refusal(files) == [
        "kinds.json#: this file is missing",
        "extra.json#: a catalogue has no such file",
    ]


def test_json_with_a_member_twice_is_refused() -> None:
    [fault] = refusal(shipped() | {"codes.json": b'{"version": "1", "version": "2"}'})
    assert fault.startswith("codes.json#: ")


def refusal(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(files)
    return [str(fault) for fault in raised.value.faults]


def edited(name: str, edit: Callable[[Any], object]) -> dict[str, bytes]:
    files = shipped()
    value = json.loads(files[name])
    edit(value)
    return files | {name: json.dumps(value).encode()}


def index(name: str, code: str) -> int:
    return next(i for i, item in enumerate(json.loads(shipped()[name])) if item["code"] == code)


def row_index(kind: str, purpose: str) -> int:
    rows = json.loads(shipped()["matrix.json"])
    return next(i for i, row in enumerate(rows) if (row["organisation"], row["purpose"]) == (kind, purpose))


POLICE_CRIME = row_index("police", "crime-prevention")
CHARITY_HELP = row_index("voluntary", "early-help")
TRUST_HOME = row_index("nhs-trust", "harm-outside-the-home")
FGM = index("provisions.json", "fgm-2003-s5b")
S115 = index("provisions.json", "cda-1998-s115")
FIRE = index("kinds.json", "fire")
SECOND = "UK GDPR Article 6(1), second subparagraph"
RELEVANT_ONLY = (
    f"provisions.json#/{S115}/recipients: cda-1998-s115 names exactly fire, housing-provider, integrated-care-board, "
    "local-authority, nhs-trust, police, probation, youth-justice "
    "(relevant-authorities: Crime and Disorder Act 1998 s.115)"
)


@pytest.mark.parametrize(
    ("name", "edit", "faults"),
    [
        pytest.param(
            "kinds.json",
            lambda kinds: kinds[2].update(colour="blue"),
            ["kinds.json#/2: Object contains unknown field `colour`"],
            id="unknown member",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[0].update(kind="hunch"),
            ["provisions.json#/0/kind: Invalid enum value 'hunch'"],
            id="unknown kind of provision",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[3]["article_6"][0].update(when="full-moon"),
            ["matrix.json#/3/article_6/0/when: Invalid enum value 'full-moon'"],
            id="unknown predicate",
        ),
        pytest.param(
            "categories.json",
            lambda categories: categories[4].update(code=categories[3]["code"]),
            ["categories.json#/4/code: ethnicity-faith is here twice"],
            id="duplicate code",
        ),
        pytest.param(
            "categories.json",
            lambda categories: categories[4].update(code="Sexuality"),
            ["categories.json#/4/code: 'Sexuality' is not a kebab-case code"],
            id="malformed code",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[0]["gateways"].append({"code": "magna-carta"}),
            ["matrix.json#/0/gateways/3/code: there is no magna-carta"],
            id="row naming no provision",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[0]["duties"].append("magna-carta"),
            ["matrix.json#/0/duties/1: there is no magna-carta"],
            id="row naming no duty",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[0]["duties"].append("ca-1989-s17"),
            ["matrix.json#/0/duties/1: ca-1989-s17 is no duty"],
            id="a framework as a duty",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[0].update(cautions=["mind-the-gap"]),
            ["matrix.json#/0/cautions/0: there is no guidance for rows mind-the-gap"],
            id="unknown caution",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[0]["article_6"].append({"code": "art9-2-g"}),
            ["matrix.json#/0/article_6/1/code: art9-2-g is of kind article-9: not for article_6"],
            id="provision in the wrong list",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows.pop(),
            ["matrix.json#: there is no row for british-transport-police and immediate-danger"],
            id="missing row",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows.append(rows[0]),
            ["matrix.json#/216: local-authority and early-help are here twice"],
            id="row twice",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows.append(rows[0] | {"organisation": "college"}),
            [
                "matrix.json#/216/organisation: there is no row kind college",
                "matrix.json#/216/gateways/1/code: ca-1989-s17 does not name college among its providers",
                "matrix.json#/216/gateways/2/code: localism-2011-s1 does not name college among its providers",
            ],
            id="row of a kind that follows another",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows.append(rows[0] | {"purpose": "pre-birth"}),
            ["matrix.json#/216/purpose: there is no column pre-birth"],
            id="column of a purpose that follows another",
        ),
        pytest.param(
            "kinds.json",
            lambda kinds: kinds[FIRE].update(row_if_council_run="brigade"),
            [f"kinds.json#/{FIRE}/row_if_council_run: there is no brigade"],
            id="kind following no kind",
        ),
        pytest.param(
            "kinds.json",
            lambda kinds: kinds[FIRE].update(row_if_council_run="college"),
            [f"kinds.json#/{FIRE}/row_if_council_run: college has no row of its own"],
            id="kind following a follower",
        ),
        pytest.param(
            "purposes.json",
            lambda purposes: purposes[3].update(matrix="missing-now"),
            ["purposes.json#/3/matrix: missing-now has no column of its own"],
            id="purpose following a follower",
        ),
        pytest.param(
            "purposes.json",
            lambda purposes: purposes[3].update(matrix="fun"),
            ["purposes.json#/3/matrix: there is no fun"],
            id="purpose following no purpose",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[FGM].update(providers=["guild"], purposes=["fun"]),
            [
                f"provisions.json#/{FGM}/providers/0: there is no kind of organisation guild",
                f"provisions.json#/{FGM}/purposes/0: there is no purpose fun",
            ],
            id="provision naming no kind and no purpose",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[0].update(verified=False),
            ["provisions.json#/0/verified: verified and confidence disagree"],
            id="claims that disagree",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[0].update(
                in_force=[{"from": "2020-01-01", "until": "2024-05-01"}, {"from": "2024-05-01"}]
            ),
            ["provisions.json#/0/in_force/1: overlaps the period before it"],
            id="overlapping periods",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[0].update(in_force=[{"from": "2020-01-02", "until": "2020-01-01"}]),
            ["provisions.json#/0/in_force/0: the period ends before it begins"],
            id="period backwards",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[0].update(in_force=[{"from": "soon"}]),
            ["provisions.json#/0/in_force/0/from: Invalid RFC3339 encoded date"],
            id="malformed date",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[POLICE_CRIME]["article_6"].append({"code": "art6-1-ea"}),
            [
                (
                    f"matrix.json#/{POLICE_CRIME}/article_6/1/code: art6-1-ea is never for police here "
                    f"(no-recognised-interest-for-public-bodies: {SECOND})"
                )
            ],
            id="recognised legitimate interest for a public body",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[POLICE_CRIME]["article_6"].append({"code": "art6-1-f"}),
            [
                (
                    f"matrix.json#/{POLICE_CRIME}/article_6/1/code: art6-1-f is never for police here "
                    f"(no-legitimate-interests-for-public-bodies: {SECOND})"
                )
            ],
            id="legitimate interests for a public body",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[CHARITY_HELP]["article_6"].append({"code": "art6-1-e"}),
            [
                (
                    f"matrix.json#/{CHARITY_HELP}/article_6/3/code: art6-1-e is never for voluntary here "
                    "(no-borrowed-public-task: UK GDPR Article 6(1)(e) as amended in 2025: "
                    "the task is the controller's own)"
                )
            ],
            id="public task for a charity",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[TRUST_HOME]["gateways"].insert(0, {"code": "pcsca-2022-s16"}),
            [
                # Its providers leave health bodies out too.
                (
                    f"matrix.json#/{TRUST_HOME}/gateways/0/code: pcsca-2022-s16 does not name nhs-trust "
                    "among its providers"
                )
            ],
            id="serious violence gateway for health",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[CHARITY_HELP]["gateways"].insert(0, {"code": "common-law-police"}),
            [
                (
                    f"matrix.json#/{CHARITY_HELP}/gateways/0/code: common-law-police does not name voluntary "
                    "among its providers"
                )
            ],
            id="gateway for a body outside its list",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[S115]["recipients"].insert(0, "childrens-home"),
            [RELEVANT_ONLY],
            id="s.115 to a voluntary body",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[S115].pop("recipients"),
            [RELEVANT_ONLY],
            id="s.115 to anybody",
        ),
    ],
)
def test_the_loader_refuses_and_says_where(name: str, edit: Callable[[Any], object], faults: list[str]) -> None:
    assert faults == refusal(edited(name, edit))


def test_every_fault_is_reported_at_once() -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["duties"] = ["one"]
        rows[1]["duties"] = ["two"]

    assert [fault.split(":")[0] for fault in refusal(edited("matrix.json", spoil))] == [
        "matrix.json#/0/duties/0",
        "matrix.json#/1/duties/0",
    ]
