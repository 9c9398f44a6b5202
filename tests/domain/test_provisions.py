"""Every provision that an answer may cite: plain words, where its text is, how sure, whom it binds, what bounds it."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.agreement_lint.prose import Line
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.domain.catalogue import Catalogue, Provision
from isa_registry.domain.catalogue_loading import FILES, CatalogueError, load_catalogue

READ_ON = "2026-11-23"


def words(text: str) -> list[str]:
    return text.split()


def shipped() -> dict[str, bytes]:
    directory = data_directory("agreements") / "catalogue"
    return {name: (directory / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(shipped())


@pytest.fixture(scope="module")
def provisions(catalogue: Catalogue) -> list[Provision]:
    return list(catalogue.provisions.values())


# --- its words -------------------------------------------------------------------------------------------


def said(provisions: list[Provision]) -> list[tuple[str, str]]:
    return [(p.code, text) for p in provisions for text in (p.says, p.practice)]


def test_a_reader_of_17_can_follow_what_each_says(provisions: list[Provision]) -> None:
    aged = [(code, reading_age([Line(1, text)]), text) for code, text in said(provisions)]
    assert [one for one in aged if one[1] is None or one[1] > 17] == []


def test_each_is_said_in_one_short_sentence(provisions: list[Provision]) -> None:
    sentence = re.compile(r"[A-Z0-9][^.!?]*\.")
    texts = said(provisions)
    assert [one for one in texts if sentence.fullmatch(one[1]) is None or len(one[1].split()) > 32] == []


def test_nothing_begins_with_a_no(provisions: list[Provision]) -> None:
    assert [one for one in said(provisions) if one[1].split()[0].rstrip(",") in {"No", "Not", "Never"}] == []


def test_no_two_say_the_same_under_one_title(provisions: list[Provision]) -> None:
    titles = [p.title for p in provisions]
    assert sorted(title for title in set(titles) if titles.count(title) > 1) == []


def test_a_reader_of_17_can_follow_what_bounds_it(catalogue: Catalogue) -> None:
    aged = {code: reading_age([Line(1, text)]) for code, text in catalogue.codes.limits.items()}
    assert {code: age for code, age in aged.items() if age is None or age > 17} == {}


# --- how sure, and from where ----------------------------------------------------------------------------

BEGINS = {
    "verified": ("Read ",),
    "secondary": ("Secondary source: ",),
    "general-knowledge": ("General knowledge",),
    "uncertain": ("Uncertain: ",),
}


def test_its_source_is_in_line_with_how_sure_it_is(provisions: list[Provision]) -> None:
    assert [(p.code, p.source) for p in provisions if not p.source.startswith(BEGINS[p.confidence])] == []


def test_a_source_is_said_in_whole_sentences(provisions: list[Provision]) -> None:
    assert [p.code for p in provisions if not p.source.endswith(".")] == []
    assert [p.code for p in provisions if p.note is not None and not p.note.endswith(".")] == []


def test_what_has_an_identifier_has_its_text_on_the_day_it_was_read_or_as_enacted(provisions: list[Provision]) -> None:
    enacted = {p.code: p.text_at for p in provisions if p.text_at is not None and p.text_at.endswith("/enacted")}
    assert enacted == {
        "ca-2004-s16ea": "https://www.legislation.gov.uk/ukpga/2026/21/section/3/enacted",
        "ca-2004-s16la": "https://www.legislation.gov.uk/ukpga/2026/21/section/4/enacted",
        "ca-2004-s16lc": "https://www.legislation.gov.uk/ukpga/2026/21/section/4/enacted",
        "cwsa-2026-s2": "https://www.legislation.gov.uk/ukpga/2026/21/section/2/enacted",
    }
    for p in provisions:
        if p.uri is not None and p.code not in enacted:
            path = p.uri.removeprefix("http://www.legislation.gov.uk/id/")
            assert p.text_at == f"https://www.legislation.gov.uk/{path}/{READ_ON}"


def test_every_act_has_an_identifier(provisions: list[Provision]) -> None:
    without = {p.code for p in provisions if p.uri is None and p.kind != "guidance"}
    caldicott = {"caldicott-principles", *(f"caldicott-{n}" for n in range(1, 9))}
    assert without - caldicott == set(
        words("""
        gillick common-law-police common-law-implied common-law-public-interest common-law-confidentiality
        csa-reporting-duty fpr-2010-pd12g legal-privilege court-order source-protection""")
    )


@pytest.mark.parametrize(
    ("code", "identifier"),
    [
        ("ca-1989-s47", "ukpga/1989/41/section/47"),
        ("ca-1989-s47-1", "ukpga/1989/41/section/47"),
        ("ca-2004-s16la", "ukpga/2004/31/section/16LA"),
        ("cda-1998-s115", "ukpga/1998/37/section/115"),
        ("pcsca-2022-s16", "ukpga/2022/32/section/16"),
        ("msa-2015-s52", "ukpga/2015/30/section/52"),
        ("dpa-2018-s35-2-b", "ukpga/2018/12/section/35"),
        ("dpa-2018-sch1-para18", "ukpga/2018/12/schedule/1/paragraph/18"),
        ("art6-1-ea", "eur/2016/679/article/6"),
        ("uk-gdpr-annex1-para6", "ukpga/2025/18/schedule/4"),
        ("aja-1960-s12", "ukpga/Eliz2/8-9/65/section/12"),
    ],
)
def test_an_identifier_is_that_of_its_section(catalogue: Catalogue, code: str, identifier: str) -> None:
    assert catalogue.provisions[code].uri == f"http://www.legislation.gov.uk/id/{identifier}"


def test_terms_of_the_data_privacy_vocabulary_stand_where_they_mean_the_same(provisions: list[Provision]) -> None:
    assert {p.code: p.dpv for p in provisions if p.dpv is not None} == {
        "art6-1-a": "dpv:Consent",
        "art6-1-b": "dpv:Contract",
        "art6-1-c": "dpv:LegalObligation",
        "art6-1-d": "dpv:VitalInterest",
        "art6-1-e": "dpv:PublicInterest",
        "art6-1-f": "dpv:LegitimateInterest",
        "art9-2-a": "dpv:ExplicitlyExpressedConsent",
    }


# --- when it is in force ---------------------------------------------------------------------------------


def test_what_is_not_in_force(provisions: list[Provision]) -> None:
    assert sorted(p.code for p in provisions if not p.in_force) == [
        "ca-2004-s16ea", "ca-2004-s16la-guidance", "ca-2004-s16lc", "csa-reporting-duty", "cwsa-2026-s2",
    ]  # fmt: skip


def test_whose_start_is_only_reported(provisions: list[Provision]) -> None:
    reported = {p.code: period.from_ for p in provisions for period in p.in_force if period.reported}
    assert reported == {
        "ca-2004-s16la": date(2026, 9, 30),
        "duaa-2025-s103": date(2026, 6, 19),
        "kcsie-2026": date(2026, 9, 1),
        "working-together-2026": date(2026, 5, 31),
    }


def test_whose_start_was_looked_up(provisions: list[Provision]) -> None:
    known = {
        p.code: period.from_
        for p in provisions
        for period in p.in_force
        if not (period.by or period.reported) and not p.code.startswith(("golden-rule-", "ico-step-"))
    }
    annex = {f"uk-gdpr-annex1-para{n}": date(2026, 2, 5) for n in range(1, 7)}
    assert known == annex | {
        "art6-1-ea": date(2026, 2, 5),
        "channel-guidance-2023": date(2023, 12, 15),
        "dfe-information-sharing-2024": date(2024, 4, 19),
        "ico-10-step-guide": date(2023, 9, 14),
        "ico-data-sharing-code": date(2021, 10, 5),
        "police-information-code-2023": date(2023, 7, 20),
    }


def test_rules_and_steps_began_with_the_document_they_are_from(catalogue: Catalogue) -> None:
    rules = {catalogue.provisions[f"golden-rule-{n}"].in_force for n in range(1, 8)}
    steps = {catalogue.provisions[f"ico-step-{n}"].in_force for n in range(1, 11)}
    assert rules == {catalogue.provisions["dfe-information-sharing-2024"].in_force}
    assert steps == {catalogue.provisions["ico-10-step-guide"].in_force}


def test_nothing_is_dated_before_the_act_that_made_it(provisions: list[Provision]) -> None:
    for p in provisions:
        year = re.match(r"http://www\.legislation\.gov\.uk/id/uk\w+/(\d{4})/", p.uri or "")
        for period in p.in_force:
            assert year is None or int(year[1]) <= period.from_.year, p.code


# --- whom it binds ---------------------------------------------------------------------------------------

ASSISTING = "local-authority integrated-care-board nhs-trust nhs-england"
PUBLIC_PROTECTION = """
    police probation prison youth-justice local-authority integrated-care-board nhs-trust housing-provider"""
LISTED_FOR_SERIOUS_VIOLENCE = """
    local-authority police probation youth-justice fire maintained-school academy academy-trust independent-school
    college prison secure-setting"""
REVIEWS = "practice-review quality-assurance child-protection-enquiry harm-outside-the-home"
COMPETENT = "police british-transport-police probation youth-justice prison home-office"
ANYBODY = None


@pytest.mark.parametrize(
    ("code", "providers", "recipients", "purposes"),
    [
        ("ca-1989-s47", ASSISTING, "local-authority", "child-protection-enquiry pre-birth"),
        ("ca-1989-s27", ASSISTING, "local-authority", "child-in-need"),
        ("ca-2004-s16h", ANYBODY, "local-authority integrated-care-board police", REVIEWS),
        ("ca-2004-s16d", ANYBODY, "national-panel", REVIEWS),
        ("cja-2003-s325", PUBLIC_PROTECTION, PUBLIC_PROTECTION, "mappa"),
        (
            "cda-1998-s115",
            ANYBODY,
            "police local-authority probation youth-justice integrated-care-board nhs-trust fire housing-provider",
            None,
        ),
        ("msa-2015-s52", "local-authority police british-transport-police", "home-office", "modern-slavery-referral"),
        (
            "ca-2004-s11",
            f"{ASSISTING} police probation youth-justice prison secure-setting british-transport-police",
            None,
            None,
        ),
        (
            "pcsca-2022-s16",
            LISTED_FOR_SERIOUS_VIOLENCE,
            f"{LISTED_FOR_SERIOUS_VIOLENCE} integrated-care-board",
            "harm-outside-the-home missing-now crime-prevention",
        ),
        ("pcsca-2022-s17", LISTED_FOR_SERIOUS_VIOLENCE, "", None),
        ("care-2014-s45", ANYBODY, "", ""),
        ("dpa-2018-sch7", COMPETENT, None, None),
        ("dpa-2018-s30", COMPETENT, None, None),
        ("ca-2004-s16l", "local-authority integrated-care-board police", None, None),
    ],
)
def test_whom_it_binds_to_whom_and_for_what(
    catalogue: Catalogue, code: str, providers: str | None, recipients: str | None, purposes: str | None
) -> None:
    def listed(value: tuple[str, ...] | None) -> list[str] | None:
        return None if value is None else sorted(value)

    def expected(value: str | None) -> list[str] | None:
        return None if value is None else sorted(value.split())

    found = catalogue.provisions[code]
    assert (expected(providers), expected(recipients), expected(purposes)) == (
        listed(found.providers), listed(found.recipients), listed(found.purposes),
    )  # fmt: skip


def test_the_police_are_not_in_the_list_of_who_must_help_with_an_enquiry(catalogue: Catalogue) -> None:
    assert "police" not in (catalogue.provisions["ca-1989-s47"].providers or ())


def test_every_request_says_who_may_ask_and_that_it_takes_a_request(provisions: list[Provision]) -> None:
    requests = [p for p in provisions if p.kind == "request-duty"]
    assert sorted(p.code for p in requests) == [
        "ca-1989-s27", "ca-1989-s47", "ca-2004-s16d", "ca-2004-s16h", "care-2014-s45", "care-2014-s7",
        "pcsca-2022-s17",
    ]  # fmt: skip
    assert [p.code for p in requests if p.recipients is None or "on-request" not in p.limits] == []


def test_a_request_by_a_body_that_we_have_no_kind_for_says_so(provisions: list[Provision]) -> None:
    nobody = {p.code: p.note for p in provisions if p.recipients == ()}
    assert sorted(nobody) == ["care-2014-s45", "pcsca-2022-s17"]
    assert [code for code, note in nobody.items() if "is not among our kinds" not in (note or "")] == []


# --- what bounds it --------------------------------------------------------------------------------------


def test_every_limit_bounds_something(catalogue: Catalogue) -> None:
    used = {limit for p in catalogue.provisions.values() for limit in p.limits}
    assert sorted(catalogue.codes.limits) == sorted(used)


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("art6-1-e", "own-task-only public-bodies-only"),
        ("art6-1-ea", "no-machine-decision non-public-bodies-only"),
        ("art6-1-f", "balancing-test non-public-bodies-only"),
        ("art9-2-c", "incapable-of-consenting"),
        ("art9-2-d", "members-only"),
        ("art9-2-h", "confidence-owed"),
        ("dpa-2018-sch1-para10", "substantial-public-interest without-consent-to-avoid-prejudice"),
        ("dpa-2018-sch1-para18", "substantial-public-interest without-consent-for-a-reason"),
        ("dpa-2018-s35-5", "strictly-necessary"),
        ("ca-1989-s27", "on-request unless-unduly-prejudicial"),
        ("ca-1989-s46", "up-to-72-hours"),
        ("ca-1989-s47", "on-request unless-unreasonable"),
        ("ca-2004-s16d", "on-request used-only-for-the-request"),
        ("ca-2004-s16h", "on-request used-only-for-the-request"),
        ("ca-2004-s16la", "about-a-child not-if-more-detrimental so-far-as-it-may-help"),
        ("cda-1998-s17a", "depersonalised-only"),
        ("cda-1998-s115", "does-not-lift-confidence does-not-override-data-protection necessary-or-expedient"),
        (
            "pcsca-2022-s16",
            """does-not-override-data-protection functions-of-the-chapter not-by-health-or-social-care-authority
            not-patient-information""",
        ),
        ("ctsa-2015-s38", "does-not-override-data-protection excludes-intelligence"),
        ("hsca-2012-s251b", "for-the-persons-own-care not-if-they-object"),
        ("fgm-2003-s5b", "known-fgm-under-18"),
        ("uk-gdpr-annex1-para3", "major-incident-only non-public-bodies-only"),
    ],
)
def test_what_bounds_a_provision(catalogue: Catalogue, code: str, limits: str) -> None:
    assert sorted(limits.split()) == sorted(catalogue.provisions[code].limits)


def test_only_two_requests_may_be_declined_on_grounds_of_their_section_in_a_childs_case(catalogue: Catalogue) -> None:
    may = [p.code for p in catalogue.provisions.values() if p.may_be_declined and p.purposes]
    assert may == ["ca-1989-s27", "ca-1989-s47"]


@pytest.mark.parametrize("code", ["ca-2004-s10", "ca-2004-s11", "ca-2004-s16e", "ea-2002-s175", "cda-1998-s17"])
def test_a_duty_of_regard_or_to_arrange_is_no_power_to_disclose(catalogue: Catalogue, code: str) -> None:
    assert "not-a-disclosure-power" in catalogue.provisions[code].limits


def test_which_conditions_need_a_policy_document(provisions: list[Provision]) -> None:
    needing = {p.code for p in provisions if p.policy_document}
    assert needing == {
        *(f"dpa-2018-sch1-para{n}" for n in (6, 10, 17, 18)),
        *(f"dpa-2018-s35-{n}" for n in (3, 4, 5)),
        *(f"dpa-2018-sch8-para{n}" for n in range(1, 10)),
    }
    unless = {p.code: p.policy_document_unless for p in provisions if p.policy_document_unless is not None}
    assert unless == {"dpa-2018-sch1-para10": "recipient-competent-authority"}


# --- what the loader refuses -----------------------------------------------------------------------------


def faults(name: str, edit: Callable[[Any], object]) -> list[str]:
    files = shipped()
    value = json.loads(files[name])
    edit(value)
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(files | {name: json.dumps(value).encode()})
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize("member", ["says", "practice", "source"])
def test_a_provision_without_its_words_or_its_source_is_refused(member: str) -> None:
    assert faults("provisions.json", lambda items: items[0].pop(member)) == [
        f"provisions.json#/0: Object missing required field `{member}`"
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"practice": " "}, "/practice: this is empty"),
        ({"source": ""}, "/source: this is empty"),
        ({"dpv": "consent"}, "/dpv: this is no term of the form prefix:Term"),
        ({"dpv": "dpv:Consent or so"}, "/dpv: this is no term of the form prefix:Term"),
        ({"uri": None}, ": uri and text_at go together"),
        ({"text_at": None}, ": uri and text_at go together"),
        (
            {"uri": "https://www.legislation.gov.uk/eur/2016/679/article/6"},
            "/uri: this is no identifier of legislation.gov.uk",
        ),
        (
            {"text_at": "https://www.legislation.gov.uk/eur/2016/679/article/6"},
            "/text_at: this is no address of a text at a point in time",
        ),
        (
            {"text_at": "https://www.legislation.gov.uk/eur/2016/679/article/9/2026-11-23"},
            "/text_at: this is the text of another provision than uri",
        ),
    ],
)
def test_a_provision_with_a_wrong_address_or_term_is_refused(change: dict[str, str | None], fault: str) -> None:
    assert faults("provisions.json", lambda items: items[0].update(change)) == [f"provisions.json#/0{fault}"]


def test_a_text_as_enacted_may_be_that_of_the_act_that_inserted_it(catalogue: Catalogue) -> None:
    inserted = catalogue.provisions["ca-2004-s16la"]
    assert (inserted.uri, inserted.text_at) == (
        "http://www.legislation.gov.uk/id/ukpga/2004/31/section/16LA",
        "https://www.legislation.gov.uk/ukpga/2026/21/section/4/enacted",
    )


def test_a_limit_that_is_not_in_the_closed_list_is_refused() -> None:
    assert faults("provisions.json", lambda items: items[0].update(limits=["on-tuesdays"])) == [
        "provisions.json#/0/limits/0: Invalid enum value 'on-tuesdays'"
    ]


def test_the_words_of_limits_are_for_all_limits_and_no_others() -> None:
    def edit(value: Any) -> None:
        limits = value["codes"]["limits"]
        limits["on-tuesdays"] = limits.pop("on-request")

    assert faults("codes.json", edit) == [
        "codes.json#/codes/limits: nothing says what on-request means",
        "codes.json#/codes/limits: there is no limit on-tuesdays",
    ]
