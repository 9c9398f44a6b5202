"""The shipped catalogue is whole, holds the facts it should, and nothing malformed passes as one."""

import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, CatalogueError, load_catalogue


def words(text: str) -> list[str]:
    return text.split()


ORGANISATION_KINDS = words("""
    local-authority police integrated-care-board nhs-trust nhs-england gp-practice maintained-school
    academy academy-trust independent-school college early-years childrens-home fostering-agency
    secure-setting probation youth-justice prison cafcass fire british-transport-police voluntary faith
    sports-club housing-provider home-office national-panel""")
PURPOSES = words("""
    early-help child-in-need child-protection-enquiry pre-birth harm-outside-the-home missing-now
    missing-return-interview modern-slavery-referral mappa crime-prevention prevent-channel
    practice-review quality-assurance""")
CATEGORIES = words("""
    identity contact family ethnicity-faith sexuality education health mental-health self-harm
    sexual-health substance-use social-care risk-assessment missing-episodes criminal-record
    intelligence weapons-violence antisocial-behaviour exploitation-network locations vehicles-devices
    modern-slavery immigration radicalisation domestic-abuse housing photos-media finance
    professional-details voice-of-the-child""")
VOCABULARIES = {
    "urgencies": "routine urgent immediate-danger",
    "subject_kinds": "child unborn-child other-child parent-carer adult-at-risk adult",
    "subject_roles": "victim suspect convicted witness associate",
    "consent_states": "given refused withdrawn not-sought",
    "para18_reasons": "cannot-give not-reasonable would-prejudice",
    "confidentiality_routes": "consent implied-direct-care statute public-interest court-order",
    "restrictions": "court-papers court-order-forbids adoption-record legal-privilege gender-recognition "
    "source-protection",
    "roles": "social-worker police-officer nurse doctor midwife health-visitor teacher "
    "designated-safeguarding-lead probation-officer youth-worker housing-officer support-worker team-manager "
    "service-manager caldicott-guardian siro data-protection-officer legal-adviser named-professional other",
}
ROW_KINDS = words("""
    local-authority police integrated-care-board nhs-trust gp-practice maintained-school academy
    independent-school probation youth-justice cafcass fire voluntary faith sports-club housing-provider
    prison british-transport-police""")
COMPETENT_AUTHORITIES = words("""
    police british-transport-police probation youth-justice prison""")
NON_PUBLIC_ROWS = words("""
    independent-school voluntary faith sports-club housing-provider""")


def shipped() -> dict[str, bytes]:
    directory = data_directory("agreements") / "catalogue"
    return {name: (directory / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(shipped())


def codes(uses: tuple[Any, ...]) -> list[str]:
    return [use.code for use in uses]


# --- what is in it -------------------------------------------------------------------------------------


def test_every_organisation_kind_is_there(catalogue: Catalogue) -> None:
    assert sorted(ORGANISATION_KINDS) == sorted(catalogue.kinds)


def test_every_purpose_is_there(catalogue: Catalogue) -> None:
    assert sorted(PURPOSES) == sorted(catalogue.purposes)


def test_every_category_is_there(catalogue: Catalogue) -> None:
    assert sorted(CATEGORIES) == sorted(catalogue.categories)


@pytest.mark.parametrize(("vocabulary", "expected"), VOCABULARIES.items())
def test_every_other_code_is_there(catalogue: Catalogue, vocabulary: str, expected: str) -> None:
    assert sorted(expected.split()) == sorted(getattr(catalogue.codes, vocabulary))


def test_the_matrix_has_18_rows_of_12_columns(catalogue: Catalogue) -> None:
    assert sorted(ROW_KINDS) == sorted({row.organisation for row in catalogue.matrix.values()})
    assert len(catalogue.matrix) == 18 * 12


@pytest.mark.parametrize(
    ("kind", "row", "council_run"),
    [
        ("academy-trust", "academy", None),
        ("college", "academy", None),
        ("nhs-england", "integrated-care-board", None),
        ("early-years", "voluntary", "local-authority"),
        ("childrens-home", "voluntary", "local-authority"),
        ("fostering-agency", "voluntary", "local-authority"),
        ("secure-setting", "prison", "local-authority"),
        ("home-office", None, None),
        ("national-panel", None, None),
    ],
)
def test_kinds_without_a_row_follow_another(
    catalogue: Catalogue, kind: str, row: str | None, council_run: str | None
) -> None:
    assert (row, council_run) == (catalogue.kinds[kind].row, catalogue.kinds[kind].row_if_council_run)


def test_who_is_in_the_list_of_the_duty_to_share(catalogue: Catalogue) -> None:
    listed = {kind.code for kind in catalogue.kinds.values() if kind.s16la == "in"}
    unknown = {kind.code for kind in catalogue.kinds.values() if kind.s16la == "unknown"}
    assert listed == set(
        words("""
        local-authority integrated-care-board nhs-england nhs-trust police probation youth-justice
        prison secure-setting""")
    )
    assert unknown == set(
        words("""
        maintained-school academy academy-trust independent-school college early-years voluntary
        gp-practice childrens-home fostering-agency british-transport-police""")
    )


def test_competent_authorities_and_health_bodies(catalogue: Catalogue) -> None:
    kinds = catalogue.kinds.values()
    assert sorted(COMPETENT_AUTHORITIES) == sorted(k.code for k in kinds if k.competent_authority)
    assert sorted(k.code for k in kinds if k.health) == [
        "gp-practice", "integrated-care-board", "nhs-england", "nhs-trust",
    ]  # fmt: skip


def test_two_purposes_follow_anothers_column(catalogue: Catalogue) -> None:
    followed = {p.code: p.matrix for p in catalogue.purposes.values() if p.matrix != p.code}
    assert followed == {"pre-birth": "child-protection-enquiry", "missing-now": "harm-outside-the-home"}


def test_how_the_family_is_told(catalogue: Catalogue) -> None:
    told = {purpose.code: purpose.inform for purpose in catalogue.purposes.values()}
    unless_unsafe = set(PURPOSES) - {
        "early-help", "prevent-channel", "mappa", "crime-prevention", "quality-assurance",
    }  # fmt: skip
    assert told == dict.fromkeys(unless_unsafe, "unless-unsafe") | {
        "early-help": "yes",
        "prevent-channel": "case-by-case",
        "mappa": "no",
        "crime-prevention": "no",
        "quality-assurance": "privacy-notice",
    }


def test_identifying_categories(catalogue: Catalogue) -> None:
    identifying = {c.code for c in catalogue.categories.values() if c.identifying}
    assert identifying == set(
        words("""
        identity contact family photos-media locations vehicles-devices exploitation-network""")
    )


@pytest.mark.parametrize(
    ("category", "special", "criminal"),
    [
        ("identity", (False, False), (False, False)),
        ("health", (True, False), (False, False)),
        ("substance-use", (True, False), (False, True)),
        ("risk-assessment", (True, False), (True, False)),
        ("intelligence", (False, True), (True, False)),
        ("antisocial-behaviour", (False, False), (False, True)),
        ("photos-media", (False, True), (False, True)),
        ("education", (False, True), (False, False)),
    ],
)
def test_category_flags(
    catalogue: Catalogue, category: str, special: tuple[bool, bool], criminal: tuple[bool, bool]
) -> None:
    found = catalogue.categories[category]
    assert special == (found.special, found.may_be_special)
    assert criminal == (found.criminal, found.may_be_criminal)


# --- how sure it is ------------------------------------------------------------------------------------


def test_the_duty_to_share_is_reported_in_force_and_not_verified(catalogue: Catalogue) -> None:
    duty = catalogue.provisions["ca-2004-s16la"]
    assert (duty.verified, duty.confidence, duty.in_force[0].reported) == (False, "uncertain", True)
    assert not duty.in_force_on(date(2026, 9, 29))
    assert duty.in_force_on(date(2026, 9, 30))


def test_recognised_legitimate_interest_began_in_february_2026(catalogue: Catalogue) -> None:
    point = catalogue.provisions["art6-1-ea"]
    assert (point.in_force_on(date(2026, 2, 4)), point.in_force_on(date(2026, 2, 5))) == (False, True)


@pytest.mark.parametrize("code", ["csa-reporting-duty", "ca-2004-s16ea", "ca-2004-s16lc"])
def test_what_is_not_known_to_be_in_force_is_not(catalogue: Catalogue, code: str) -> None:
    assert not catalogue.provisions[code].in_force


def test_nothing_that_a_row_relies_on_is_out_of_force(catalogue: Catalogue) -> None:
    day = date(2026, 11, 23)
    relied = {
        code
        for row in catalogue.matrix.values()
        for uses in (row.article_6, row.article_9, row.article_10, row.part_3, row.gateways)
        for code in codes(uses)
    } | {code for row in catalogue.matrix.values() for code in row.duties}
    assert sorted(code for code in relied if not catalogue.provisions[code].in_force_on(day)) == []


def test_verified_text_that_predates_the_2025_act_says_so(catalogue: Catalogue) -> None:
    read = [p for p in catalogue.provisions.values() if p.code.startswith("dpa-2018-") and p.verified]
    assert len(read) > 10
    assert [p.code for p in read if "before the Data (Use and Access) Act 2025" not in (p.note or "")] == []


# --- the matrix ----------------------------------------------------------------------------------------


def test_every_row_has_an_article_6_basis(catalogue: Catalogue) -> None:
    assert [key for key, row in catalogue.matrix.items() if not row.article_6] == []


def test_every_row_of_a_competent_authority_and_no_other_has_a_part_3_list(catalogue: Catalogue) -> None:
    with_part_3 = {row.organisation for row in catalogue.matrix.values() if row.part_3}
    without = {row.organisation for row in catalogue.matrix.values() if not row.part_3}
    assert (set(COMPETENT_AUTHORITIES), set()) == (with_part_3, with_part_3 & without)


def test_public_rows_rest_on_public_task_and_others_never(catalogue: Catalogue) -> None:
    resting = {row.organisation for row in catalogue.matrix.values() if "art6-1-e" in codes(row.article_6)}
    assert resting == set(ROW_KINDS) - set(NON_PUBLIC_ROWS)


def test_the_rows_without_a_reliable_basis_are_quality_assurance_by_bodies_that_are_not_public(
    catalogue: Catalogue,
) -> None:
    unreliable = {(row.organisation, row.purpose) for row in catalogue.matrix.values() if not row.reliable}
    assert unreliable == {(kind, "quality-assurance") for kind in NON_PUBLIC_ROWS}


def test_the_council_in_early_help(catalogue: Catalogue) -> None:
    row = catalogue.matrix["local-authority early-help"]
    assert codes(row.article_6) == ["art6-1-e"]
    assert codes(row.article_9) == [
        "art9-2-h", "dpa-2018-sch1-para2", "art9-2-g", "dpa-2018-sch1-para18", "dpa-2018-sch1-para6",
    ]  # fmt: skip
    assert row.duties == ("ca-2004-s16la",)


def test_the_police_preventing_crime(catalogue: Catalogue) -> None:
    row = catalogue.matrix["police crime-prevention"]
    assert codes(row.part_3) == [
        "dpa-2018-s35-2-b", "dpa-2018-s35-5", "dpa-2018-sch8-para1", "dpa-2018-sch8-para4",
    ]  # fmt: skip
    assert {"law-enforcement"} == {use.when for use in row.part_3}
    assert [(use.code, use.when) for use in row.article_6] == [("art6-1-e", "uk-gdpr")]


def test_a_charity_in_early_help_offers_consent_as_the_basis(catalogue: Catalogue) -> None:
    row = catalogue.matrix["voluntary early-help"]
    assert [(use.code, use.when) for use in row.article_6] == [
        ("art6-1-a", "consent-is-the-basis"),
        ("art6-1-ea", None),
        ("uk-gdpr-annex1-para6", None),
    ]


@pytest.mark.parametrize("kind", ["local-authority", "police", "british-transport-police"])
def test_three_kinds_must_notify_modern_slavery(catalogue: Catalogue, kind: str) -> None:
    assert catalogue.matrix[f"{kind} modern-slavery-referral"].duties == ("msa-2015-s52",)


def test_only_councils_may_rest_on_three_named_gateways_for_return_interviews(catalogue: Catalogue) -> None:
    row = catalogue.matrix["local-authority missing-return-interview"]
    assert codes(row.gateways) == ["ca-1989-s17", "ca-1989-s22", "lassa-1970-s7", "ca-2004-s10"]


def test_life_in_danger_never_lacks_vital_interests(catalogue: Catalogue) -> None:
    rows = [row for row in catalogue.matrix.values() if row.purpose == "immediate-danger"]
    assert [row.article_6[0].code for row in rows] == ["art6-1-d"] * 18


def test_a_row_is_found_by_kind_and_purpose(catalogue: Catalogue) -> None:
    assert catalogue.row("fire", "mappa") is catalogue.matrix["fire mappa"]
    assert catalogue.row("home-office", "mappa") is None


# --- loading -------------------------------------------------------------------------------------------


def test_loading_is_quick_enough_to_do_at_every_start() -> None:
    files = shipped()
    started = time.perf_counter()
    load_catalogue(files)
    assert time.perf_counter() - started < 1


def test_the_hash_does_not_depend_on_layout(catalogue: Catalogue) -> None:
    compact = {
        name: json.dumps(json.loads(text), sort_keys=True).encode() for name, text in shipped().items()
    }
    assert catalogue.sha256 == load_catalogue(compact).sha256


def test_the_hash_depends_on_every_file(catalogue: Catalogue) -> None:
    def reworded(name: str) -> str:
        files = shipped()
        value = json.loads(files[name])
        if name == "codes.json":
            value["version"] = "another"
        elif name == "matrix.json":
            value[0]["typical"] = "rare"
        else:
            value[0]["label" if "label" in value[0] else "title"] = "Another"
        return load_catalogue(files | {name: json.dumps(value).encode()}).sha256

    assert len({catalogue.sha256, *(reworded(name) for name in FILES)}) == len(FILES) + 1


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
            ["matrix.json#/0/cautions/0: there is no caution mind-the-gap"],
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
            ["matrix.json#/216/organisation: there is no row kind college"],
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
                f"provisions.json#/{FGM}/providers/0: there is no guild",
                f"provisions.json#/{FGM}/purposes/0: there is no fun",
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
            [f"matrix.json#/{POLICE_CRIME}/article_6/1/code: art6-1-ea is never for a public body"],
            id="recognised legitimate interest for a public body",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[POLICE_CRIME]["article_6"].append({"code": "art6-1-f"}),
            [f"matrix.json#/{POLICE_CRIME}/article_6/1/code: art6-1-f is never for a public body"],
            id="legitimate interests for a public body",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[CHARITY_HELP]["article_6"].append({"code": "art6-1-e"}),
            [f"matrix.json#/{CHARITY_HELP}/article_6/3/code: art6-1-e is only for a public body"],
            id="public task for a charity",
        ),
        pytest.param(
            "matrix.json",
            lambda rows: rows[TRUST_HOME]["gateways"].insert(0, {"code": "pcsca-2022-s16"}),
            [f"matrix.json#/{TRUST_HOME}/gateways/0/code: pcsca-2022-s16 is never for a health body"],
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
            [f"provisions.json#/{S115}/recipients/0: childrens-home is voluntary: never a recipient"],
            id="s.115 to a voluntary body",
        ),
        pytest.param(
            "provisions.json",
            lambda provisions: provisions[S115].pop("recipients"),
            [f"provisions.json#/{S115}: s.115 reaches relevant authorities only: name them"],
            id="s.115 to anybody",
        ),
    ],
)
def test_the_loader_refuses_and_says_where(
    name: str, edit: Callable[[Any], object], faults: list[str]
) -> None:
    assert faults == refusal(edited(name, edit))


def test_every_fault_is_reported_at_once() -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["duties"] = ["one"]
        rows[1]["duties"] = ["two"]

    assert [fault.split(":")[0] for fault in refusal(edited("matrix.json", spoil))] == [
        "matrix.json#/0/duties/0",
        "matrix.json#/1/duties/0",
    ]
