"""The shipped agreements are whole, and loading refuses what would leave a signature on loose ends."""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isa_registry.cli.agreements import version_files
from isa_registry.data import data_directory
from isa_registry.domain.agreement_lint import lint_agreement
from isa_registry.domain.agreement_loading import AgreementVersion, load_agreement
from isa_registry.domain.agreement_text import AgreementError
from isa_registry.domain.agreements import SIGNATORY_ROLES, TOPICS, ParentAgreement, allowance
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from isa_verify.encoding import canonical_json

CATALOGUE = data_directory("agreements") / "catalogue"
DURHAM = data_directory("agreements") / "durham"
TIER_1 = DURHAM / "tier-1" / "1.0"
TIER_2 = DURHAM / "tier-2-hoth" / "1.0"

SECTIONS_OF_TIER_1 = [
    "About this text",
    "Parties and this version",
    "Background and why we share",
    "Immediate danger",
    "Principles",
    "Purposes",
    "Controllers and their roles",
    "Legal framework",
    "Who may ask and who may receive",
    "Consent, agreement and telling families",
    "Rights, requests and complaints",
    "Accuracy, handling and onward sharing",
    "Security",
    "Keeping and disposing",
    "When something goes wrong",
    "Assessments and records",
    "Recording decisions",
    "Disagreements, joining and leaving",
    "Review",
    "Signatures",
    "What information, and about whom",
    "Asking and answering",
    "Training",
    "The registry and audit",
]
SECTIONS_OF_TIER_2 = [
    "About this text",
    "Parties and this version",
    "Background and why we share",
    "Immediate danger",
    "Principles",
    "Purposes",
    "Controllers and their roles",
    "Legal framework",
    "What information, and about whom",
    "Who may ask and who may receive",
    "How we do it",
    "Consent and telling families",
    "Rights, requests and complaints",
    "Accuracy, handling and onward sharing",
    "Security",
    "Keeping and disposing",
    "When something goes wrong",
    "Assessments and records",
    "Review",
    "Signatures",
]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue({name: (CATALOGUE / name).read_bytes() for name in FILES})


def loaded(directory: Path, catalogue: Catalogue) -> AgreementVersion:
    return load_agreement(
        (directory / "agreement.md").read_bytes(), (directory / "schedule.json").read_bytes(), catalogue
    )


@pytest.fixture(scope="module")
def tier_1(catalogue: Catalogue) -> AgreementVersion:
    return loaded(TIER_1, catalogue)


@pytest.fixture(scope="module")
def tier_2(catalogue: Catalogue) -> AgreementVersion:
    return loaded(TIER_2, catalogue)


# --- the two agreements ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("directory", "sections"), [(TIER_1, SECTIONS_OF_TIER_1), (TIER_2, SECTIONS_OF_TIER_2)])
def test_every_section_is_there_and_says_something(directory: Path, sections: list[str], catalogue: Catalogue) -> None:
    clauses = loaded(directory, catalogue).clauses
    named = [(clause.id, clause.heading) for clause in clauses if clause.level == 1 and not clause.generated]
    assert named == [(str(number), heading) for number, heading in enumerate(sections)]
    filled = {clause.section for clause in clauses if clause.level == 2 and not clause.generated}
    assert filled == {section for section, _ in named}


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_they_lint_clean(directory: Path, catalogue: Catalogue) -> None:
    assert [str(fault) for fault in lint_agreement(version_files(directory), catalogue)] == []


def test_reading_and_checking_the_law_and_both_agreements_takes_less_than_a_second() -> None:
    def seconds() -> float:
        start = time.process_time()
        found = load_catalogue({name: (CATALOGUE / name).read_bytes() for name in FILES})
        for directory in (TIER_1, TIER_2):
            loaded(directory, found)
            lint_agreement(version_files(directory), found)
        return time.process_time() - start

    # The best of three: the machine may be busy with something else.
    assert min(seconds() for _ in range(3)) < 1


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_every_direction_of_every_purpose_has_a_minimum_within_all_that_may_go(
    directory: Path, catalogue: Catalogue
) -> None:
    schedule = loaded(directory, catalogue).schedule
    for purpose in schedule.purposes:
        assert purpose.flows
        for provider in catalogue.kinds:
            for recipient in catalogue.kinds:
                allowed = allowance(schedule, purpose, provider, recipient)
                assert allowed.minimum
                # No flow narrows what may go: in the demonstration any category may go in any direction.
                assert allowed.categories == purpose.categories


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_every_kind_of_body_that_may_sign_is_in_a_group_and_is_told_whom_to_consult(
    directory: Path, catalogue: Catalogue
) -> None:
    schedule = loaded(directory, catalogue).schedule
    grouped = {kind for kinds in schedule.parties.values() for kind in kinds}
    assert set(schedule.signatory_roles) <= grouped
    assert set(schedule.signatory_roles) == set(schedule.consulted_roles)
    assert all("data-protection-officer" in roles for roles in schedule.consulted_roles.values())


def test_between_them_they_have_a_clause_for_every_topic(tier_1: AgreementVersion, tier_2: AgreementVersion) -> None:
    assert set(tier_1.schedule.topics) | set(tier_2.schedule.topics) == TOPICS


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_the_words_say_at_once_that_nobody_adopted_them(directory: Path, catalogue: Catalogue) -> None:
    first = next(clause for clause in loaded(directory, catalogue).clauses if clause.text)
    assert "This is a demonstration text. No body has adopted it" in first.text


def test_tier_1_names_its_dates_and_purposes(tier_1: AgreementVersion, catalogue: Catalogue) -> None:
    schedule = tier_1.schedule
    assert (schedule.agreement, schedule.version, schedule.tier) == ("tier-1", "1.0", 1)
    assert (schedule.effective_from, schedule.review_due, schedule.ends) == ("2026-04-01", "2028-04-01", None)
    assert schedule.parent is None
    assert [(purpose.code, purpose.clause) for purpose in schedule.purposes] == [
        ("early-help", "5.3"),
        ("child-in-need", "5.4"),
        ("child-protection-enquiry", "5.5"),
        ("pre-birth", "5.6"),
        ("practice-review", "5.7"),
        ("quality-assurance", "5.8"),
    ]
    assert all(set(purpose.categories) == set(catalogue.categories) for purpose in schedule.purposes)


def test_tier_2_names_its_parent_dates_and_purposes(tier_2: AgreementVersion, catalogue: Catalogue) -> None:
    schedule = tier_2.schedule
    assert (schedule.agreement, schedule.version, schedule.tier) == ("tier-2-hoth", "1.0", 2)
    assert (schedule.effective_from, schedule.review_due, schedule.ends) == ("2026-06-01", "2027-06-01", None)
    assert ParentAgreement("tier-1", "1.0") == schedule.parent
    everything = set(catalogue.categories)
    assert {purpose.code: set(purpose.categories) for purpose in schedule.purposes} == {
        "harm-outside-the-home": everything,
        "missing-now": everything,
        "missing-return-interview": everything,
        "modern-slavery-referral": everything,
        "crime-prevention": everything - {"finance", "immigration", "sexual-health"},
        "prevent-channel": everything - {"finance", "immigration", "sexual-health"},
    }
    assert (schedule.purposes[0].code, schedule.purposes[0].clause) == ("harm-outside-the-home", "5.3")


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_each_purpose_has_a_clause_of_its_own(directory: Path, catalogue: Catalogue) -> None:
    version = loaded(directory, catalogue)
    headings = {clause.id: clause.heading for clause in version.clauses}
    cited = [purpose.clause for purpose in version.schedule.purposes]
    assert len(cited) == len(set(cited))
    assert all(headings[clause].startswith("Purposes: ") for clause in cited)


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_the_duty_to_share_is_called_reported(directory: Path, catalogue: Catalogue) -> None:
    version = loaded(directory, catalogue)
    clause = next(c for c in version.clauses if c.id == version.schedule.topics["duty-to-share"])
    assert (clause.id, "reported in force from 30 September 2026" in clause.text) == ("7.2", True)
    assert "ca-2004-s16la" in clause.cites


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
def test_contacts_and_who_may_sign(directory: Path, catalogue: Catalogue) -> None:
    schedule = loaded(directory, catalogue).schedule
    telephones = {contact.code: contact.telephone for contact in schedule.contacts}
    assert telephones["first-contact"] == "03000 267 979"
    assert (telephones["police-emergency"], telephones["police-non-emergency"]) == ("999", "101")
    assert "out-of-hours" in telephones
    assert set(schedule.signatory_roles) == set(catalogue.kinds) - {"home-office", "national-panel"}
    assert all(roles and set(roles) <= SIGNATORY_ROLES for roles in schedule.signatory_roles.values())


@pytest.mark.parametrize("directory", [TIER_1, TIER_2])
@pytest.mark.parametrize(
    ("name", "most_words", "says"),
    [("summary.md", 600, "This is a demonstration."), ("summary-children.md", 350, "This is an example.")],
)
def test_summaries_are_short_and_say_what_they_are(directory: Path, name: str, most_words: int, says: str) -> None:
    summary = (directory / name).read_text(encoding="utf-8")
    assert says in summary
    assert "999" in summary
    assert len(summary.split()) <= most_words


def test_the_hashes_are_of_the_files_as_they_lie(tier_1: AgreementVersion) -> None:
    schedule = canonical_json(json.loads((TIER_1 / "schedule.json").read_bytes()))
    assert tier_1.text_sha256 == hashlib.sha256((TIER_1 / "agreement.md").read_bytes()).hexdigest()
    assert tier_1.schedule_sha256 == hashlib.sha256(schedule).hexdigest()


# --- what loading refuses ----------------------------------------------------------------------------------


def faults(text: bytes, schedule: bytes, catalogue: Catalogue) -> list[str]:
    with pytest.raises(AgreementError) as raised:
        load_agreement(text, schedule, catalogue)
    return [str(fault) for fault in raised.value.faults]


def test_a_citation_of_no_provision_is_refused(catalogue: Catalogue) -> None:
    text = (TIER_1 / "agreement.md").read_text(encoding="utf-8").replace("`ca-2004-s16g`.", "`magna-carta`.", 1)
    assert faults(text.encode(), (TIER_1 / "schedule.json").read_bytes(), catalogue) == [
        "agreement.md:59: clause 1.1 rests on magna-carta, which is no provision"
    ]


def test_text_that_is_not_utf_8_is_refused(catalogue: Catalogue) -> None:
    assert faults(b"\xff", b"{}", catalogue) == ["agreement.md: not UTF-8"]


def test_carriage_returns_are_refused(catalogue: Catalogue) -> None:
    text = (TIER_1 / "agreement.md").read_bytes().replace(b"\n", b"\r\n")
    found = faults(text, (TIER_1 / "schedule.json").read_bytes(), catalogue)
    assert found[0] == "agreement.md:1: a carriage return: lines end in LF alone"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            lambda s: s["purposes"][0].update(clause="99"),
            ["schedule.json#/purposes/0/clause: there is no clause 99"],
            id="clause of a purpose",
        ),
        pytest.param(
            lambda s: s["topics"].update(rights="99"),
            ["schedule.json#/topics/rights: there is no clause 99"],
            id="clause of a topic",
        ),
        pytest.param(
            lambda s: s["purposes"][0].update(code="fun"),
            ["schedule.json#/purposes/0/code: there is no purpose fun"],
            id="purpose",
        ),
        pytest.param(
            lambda s: s["purposes"].append(s["purposes"][0]),
            ["schedule.json#/purposes/6: harm-outside-the-home is here twice"],
            id="purpose twice",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["categories"].append("shoe-size"),
            ["schedule.json#/purposes/0/categories/30: there is no category shoe-size"],
            id="category",
        ),
        pytest.param(
            lambda s: s["purposes"][4]["minimum"].append("finance"),
            ["schedule.json#/purposes/4/minimum/4: finance is not among the categories"],
            id="minimum",
        ),
        pytest.param(
            lambda s: s.update(purposes=[]),
            ["schedule.json#/purposes: an agreement has a purpose"],
            id="no purpose",
        ),
        pytest.param(
            lambda s: s["signatory_roles"].update(guild=["chief-officer"]),
            ["schedule.json#/signatory_roles/guild: there is no such kind of organisation"],
            id="kind that signs",
        ),
        pytest.param(
            lambda s: s["signatory_roles"].update(fire=["hose-bearer"]),
            ["schedule.json#/signatory_roles/fire/0: there is no role hose-bearer"],
            id="role that signs",
        ),
        pytest.param(
            lambda s: s.pop("parent"),
            ["schedule.json#/parent: a Tier 2 agreement has a parent, and a Tier 1 agreement none"],
            id="no parent",
        ),
        pytest.param(
            lambda s: s["parent"].update(agreement="tier-2-hoth"),
            ["schedule.json#/parent/agreement: an agreement is not its own parent"],
            id="own parent",
        ),
        pytest.param(
            lambda s: s.update(agreement="tier-2", version="1.1"),
            [
                "schedule.json#/agreement: the words say tier-2-hoth",
                "schedule.json#/version: the words say 1.0",
            ],
            id="words of another version",
        ),
        pytest.param(
            lambda s: s.update(effective_from="1 June 2026"),
            ["schedule.json#/effective_from: expected a date, YYYY-MM-DD"],
            id="date",
        ),
        pytest.param(
            lambda s: s.update(ends="2026-06-01"),
            ["schedule.json#/ends: is not after the agreement begins"],
            id="end before beginning",
        ),
        pytest.param(
            lambda s: s["contacts"][0].update(telephone="ring me"),
            ["schedule.json#/contacts/0/telephone: not a telephone number"],
            id="telephone",
        ),
        pytest.param(
            lambda s: s["retention"].append(s["retention"][0]),
            ["schedule.json#/retention/13: looked-after-child is here twice"],
            id="retention class twice",
        ),
        pytest.param(
            lambda s: s["topics"].update(weather="3.1"),
            ["schedule.json#/topics/weather: there is no such topic"],
            id="topic",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["flows"][0].update({"from": "pirates"}),
            ["schedule.json#/purposes/0/flows/0/from: there is no group of parties pirates"],
            id="group a flow comes from",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["flows"][0].update(to="pirates"),
            ["schedule.json#/purposes/0/flows/0/to: there is no group of parties pirates"],
            id="group a flow goes to",
        ),
        pytest.param(
            lambda s: s["purposes"][4]["flows"][0].update(minimum=["finance"]),
            ["schedule.json#/purposes/4/flows/0/minimum/0: finance is not among the categories"],
            id="minimum of a flow",
        ),
        pytest.param(
            lambda s: s["purposes"][4]["flows"][0].update(minimum=[], categories=["finance"]),
            ["schedule.json#/purposes/4/flows/0/categories/0: finance is not among the purpose's categories"],
            id="categories of a flow",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["flows"][0].update(minimum=["contact"], categories=["identity"]),
            ["schedule.json#/purposes/0/flows/0/minimum/0: contact is not among the categories"],
            id="minimum beyond a narrowed flow",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["flows"][0].update(minimum=["contact", "contact"]),
            ["schedule.json#/purposes/0/flows/0/minimum/1: contact is here twice"],
            id="category twice in a flow",
        ),
        pytest.param(
            lambda s: s["purposes"][0]["minimum"].append("identity"),
            ["schedule.json#/purposes/0/minimum/6: identity is here twice"],
            id="category twice in a minimum",
        ),
        pytest.param(
            lambda s: s["parties"].update(nobody=[]),
            ["schedule.json#/parties/nobody: a group of parties has a kind of organisation"],
            id="empty group",
        ),
        pytest.param(
            lambda s: s["parties"].update(crew=["guild"]),
            ["schedule.json#/parties/crew/0: there is no kind of organisation guild"],
            id="kind in a group",
        ),
        pytest.param(
            lambda s: s["parties"].update(crew=["police", "police"]),
            ["schedule.json#/parties/crew/1: police is here twice"],
            id="kind twice in a group",
        ),
        pytest.param(
            lambda s: s["consulted_roles"].update(fire=["hose-bearer"]),
            ["schedule.json#/consulted_roles/fire/0: there is no role hose-bearer"],
            id="role that is consulted",
        ),
        pytest.param(
            lambda s: s["retention"][0].update(starts="as-guidance-says", years=6),
            ["schedule.json#/retention/0/years: a period that guidance sets has no years of its own"],
            id="years beside guidance",
        ),
        pytest.param(
            lambda s: (s["retention"][0].update(starts="birth"), s["retention"][0].pop("years", None)),
            ["schedule.json#/retention/0/years: expected from 1 to 150 years"],
            id="no years",
        ),
        pytest.param(
            lambda s: s["retention"][0].update(source=" "),
            ["schedule.json#/retention/0/source: a retention class names its source"],
            id="no source",
        ),
        pytest.param(
            lambda s: s["retention"][0].update(starts="sunrise"),
            ["schedule.json#/retention/0/starts: Invalid enum value 'sunrise'"],
            id="start of a period",
        ),
        pytest.param(
            lambda s: s["purposes"][1].update(colour="blue"),
            ["schedule.json#/purposes/1: Object contains unknown field `colour`"],
            id="unknown member",
        ),
        pytest.param(
            lambda s: s.update(ends=None),
            ["schedule.json#: a member is spelled out that has its default value"],
            id="default spelled out",
        ),
    ],
)
def test_a_loose_end_in_the_schedule_is_refused_with_its_place(
    edit: Callable[[Any], object], expected: list[str], catalogue: Catalogue
) -> None:
    schedule = json.loads((TIER_2 / "schedule.json").read_bytes())
    edit(schedule)
    text = (TIER_2 / "agreement.md").read_bytes()
    assert expected == faults(text, json.dumps(schedule).encode(), catalogue)


def test_a_schedule_with_a_member_twice_is_refused(catalogue: Catalogue) -> None:
    text = (TIER_2 / "agreement.md").read_bytes()
    [fault] = faults(text, b'{"tier": 1, "tier": 2}', catalogue)
    assert fault.startswith("schedule.json#: ")
