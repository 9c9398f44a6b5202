"""The shipped catalogue is whole, holds every code and the facts it should."""

from datetime import date
from typing import Any

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, load_catalogue


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
    assert [p.code for p in read if "before the Data (Use and Access) Act 2025" not in (p.source or "")] == []


# --- the matrix ----------------------------------------------------------------------------------------


def test_every_row_has_an_article_6_basis(catalogue: Catalogue) -> None:
    assert [key for key, row in catalogue.matrix.items() if not row.article_6] == []


def test_every_row_of_a_competent_authority_and_no_other_has_a_part_3_list(catalogue: Catalogue) -> None:
    with_part_3 = {row.organisation for row in catalogue.matrix.values() if row.part_3}
    without = {row.organisation for row in catalogue.matrix.values() if not row.part_3}
    assert (set(COMPETENT_AUTHORITIES), set()) == (with_part_3, with_part_3 & without)


def test_a_condition_follows_the_point_it_belongs_to(catalogue: Catalogue) -> None:
    for row in catalogue.matrix.values():
        kinds = [catalogue.provisions[code].kind for code in codes(row.article_9)]
        assert kinds[:1] in ([], ["article-9"])
        for i, code in enumerate(codes(row.article_6)):
            if code.startswith("uk-gdpr-annex1-"):
                assert "art6-1-ea" in codes(row.article_6)[:i]


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
    assert codes(row.article_6) == ["art6-1-e"]


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


# --- what the second reading of the matrix against the brief corrected ----------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("local-authority modern-slavery-referral", "msa-2015-s52 ca-1989-s47-1"),
        ("police crime-prevention", "common-law-police cda-1998-s115 pcsca-2022-s16"),
        ("police immediate-danger", "common-law-police ca-1989-s46 pace-1984-s17"),
        ("british-transport-police immediate-danger", "common-law-police ca-1989-s46 pace-1984-s17"),
        (
            "british-transport-police prevent-channel",
            "common-law-police common-law-public-interest cda-1998-s115",
        ),
        ("british-transport-police mappa", "common-law-police cda-1998-s115 common-law-public-interest"),
        ("fire early-help", "frsa-2004-s5a common-law-implied"),
        ("fire child-in-need", "frsa-2004-s5a common-law-implied"),
        ("fire child-protection-enquiry", "frsa-2004-s5a common-law-implied"),
        ("fire missing-return-interview", "frsa-2004-s5a common-law-implied"),
        ("prison harm-outside-the-home", "ca-2004-s11 cda-1998-s115 pcsca-2022-s16"),
        ("maintained-school harm-outside-the-home", "ea-2002-s175 pcsca-2022-s16 cda-1998-s115"),
        ("academy harm-outside-the-home", "ea-2002-s157 ea-2002-s175 pcsca-2022-s16 cda-1998-s115"),
        ("independent-school harm-outside-the-home", "ea-2002-s157 pcsca-2022-s16 cda-1998-s115"),
    ],
)
def test_a_corrected_row_has_its_gateways_in_order_and_says_why(catalogue: Catalogue, row: str, expected: str) -> None:
    assert words(expected) == codes(catalogue.matrix[row].gateways)
    assert catalogue.matrix[row].note


def test_councils_and_cafcass_may_use_paragraph_6_for_criminal_offence_data_wherever_they_may_use_18(
    catalogue: Catalogue,
) -> None:
    lists = {
        tuple(codes(row.article_10)[:3])
        for row in catalogue.matrix.values()
        if row.organisation in ("local-authority", "cafcass") and "dpa-2018-sch1-para18" in codes(row.article_10)
    }
    assert lists == {("dpa-2018-sch1-para18", "dpa-2018-sch1-para6", "dpa-2018-sch1-para10")}


def test_only_public_bodies_have_official_authority(catalogue: Catalogue) -> None:
    with_authority = {
        row.organisation for row in catalogue.matrix.values() if "art10-official-authority" in codes(row.article_10)
    }
    assert sorted(with_authority & set(NON_PUBLIC_ROWS)) == []
    assert set(COMPETENT_AUTHORITIES) < with_authority


def test_every_health_body_is_told_that_the_serious_violence_gateway_is_not_theirs(catalogue: Catalogue) -> None:
    told = {
        f"{row.organisation} {row.purpose}"
        for row in catalogue.matrix.values()
        if "no-serious-violence-gateway" in row.cautions
    }
    assert told == {
        f"{kind} {purpose}"
        for kind in ("integrated-care-board", "nhs-trust", "gp-practice")
        for purpose in ("harm-outside-the-home", "crime-prevention")
    }
