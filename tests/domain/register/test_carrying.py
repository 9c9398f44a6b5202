"""What of a register a log that continues another begins with."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import LOGGED_AT, attested, catalogue, demonstration_entries, published
from domain.test_retention import CHANGES
from faults.drafts import submitted
from isa_registry.actions.attestations import attest
from isa_registry.actions.companions import companion
from isa_registry.actions.continuing import begin
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved, RoleGranted, RoleRevoked
from isa_registry.domain.agreement_entries import AgreementPublished, CompanionPublished
from isa_registry.domain.entries import LogContinued, RegisterPayload, RegistryOpened, encode_payload, kind_of
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.carrying import (
    CARRIED,
    FIRST,
    OF_ONE_LOG,
    Carrying,
    carry,
    current_values,
    names_of,
)
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot
from isa_registry.domain.retention import HoldScope
from isa_registry.domain.sharing import decode_event
from isa_registry.domain.sharing_faults import event_faults
from law.questions import differences, reviewed
from law.register import law_register

AT = "2026-03-01T00:00:00.000Z"
NEW_AT = "2026-11-27T09:00:00.000Z"
OPENED = RegistryOpened(
    origin="old.example.org", partnership="durham", partnership_name="", lead_body="a", attestation_key={}
)
CONTINUED = LogContinued(old_origin="old.example.org", old_checkpoint="a note", reason="database-restored")
OTHER = msgspec.structs.replace(OPENED, origin="new.example.org")


def folded(*payloads: RegisterPayload, at: str = AT) -> list[Folded]:
    return [Folded(index=place, at=at, payload=payload) for place, payload in enumerate(payloads)]


def register_of(entries: list[Folded]) -> Register:
    register = Register()
    for one in entries:
        apply(register, one.index, one.at, one.payload)
    return register


def continued_register(carrying: Carrying) -> Register:
    return register_of(folded(OTHER, CONTINUED, *(one.payload for one in carrying.carried), at=NEW_AT))


def kinds(carrying: Carrying) -> list[str]:
    return [kind_of(one.payload) for one in carrying.carried]


def test_every_kind_of_the_register_is_either_carried_or_of_one_log() -> None:
    named = {str(member.__struct_config__.tag) for member in RegisterPayload.__args__}
    assert named <= CARRIED | OF_ONE_LOG
    assert not CARRIED & OF_ONE_LOG


@given(st.lists(CHANGES, min_size=1, max_size=14))
def test_the_new_register_has_every_current_value_of_the_old_and_nothing_else(changes: list[RegisterPayload]) -> None:
    old = folded(OPENED, *changes)
    carrying = carry(old)
    assert current_values(register_of(old)) == current_values(continued_register(carrying))


@given(st.lists(CHANGES, min_size=1, max_size=14))
def test_each_entry_carried_is_needed(changes: list[RegisterPayload]) -> None:
    old = folded(OPENED, *changes)
    carried = [one.old for one in carry(old).carried]
    for subject in carried:
        without = [one for one in carried if one is not subject]
        assert current_values(register_of(old)) != current_values(register_of(without))


def test_of_two_entries_that_say_the_same_one_stays() -> None:
    role = RoleGranted(organisation="a", issuer="i", subject="s", role="signatory")
    assert ["role.granted"] == kinds(carry(folded(OPENED, role, role)))


def test_the_demonstration_is_carried_over_whole_and_what_it_was_made_of_is_told() -> None:
    entries = [one for one in demonstration_entries() if isinstance(one, RegisterPayload)]
    changed = OrganisationChanged(organisation="harbour", name="Harbour", organisation_kind="voluntary")
    old = folded(*entries, changed, at=LOGGED_AT)
    carrying = carry(old)

    assert [0, *(one.index for one in old if getattr(one.payload, "organisation", "") == "harbour")][:2] == [
        one.old.index for one in carrying.left
    ]
    assert ["of-the-old-log", "no-longer-matters"] == [one.why for one in carrying.left]
    assert len(old) == len(carrying.left) + len(carrying.carried)
    assert list(range(FIRST, FIRST + len(carrying.carried))) == [one.index for one in carrying.carried]
    assert [one.old.index for one in carrying.carried] == sorted(one.old.index for one in carrying.carried)


def test_every_reviewed_question_gets_the_same_answer_from_the_register_that_was_carried_over() -> None:
    old = [Folded(place, LOGGED_AT, one) for place, one in enumerate(law_register().entries)]
    view = continued_register(carry(old)).at(2**62)
    asked = [one for one in reviewed() if not one.disputed]

    assert len(asked) > 1000
    assert [] == [one.id for one in asked if differences(one, view, catalogue())]


def test_a_payload_is_carried_as_it_was_signed_and_said() -> None:
    for one in carry(folded(*(one for one in demonstration_entries() if isinstance(one, RegisterPayload)))).carried:
        if not isinstance(one.payload, AgreementPublished):
            assert encode_payload(one.old.payload) == encode_payload(one.payload)


def test_versions_keep_the_day_on_which_they_were_published_and_so_their_order() -> None:
    first = published("tier-1")
    later = msgspec.structs.replace(first, version="1.10")
    between = msgspec.structs.replace(first, version="1.9")
    old = [
        Folded(index=place, at=f"2026-03-0{place + 1}T00:00:00.000Z", payload=payload)
        for place, payload in enumerate((OPENED, first, between, later))
    ]
    once = carry(old)
    # And continued a second time.
    again = carry([Folded(FIRST + n, NEW_AT, one.payload) for n, one in enumerate(once.carried)])

    for carrying in (once, again):
        found = continued_register(carrying).at(10).agreement_versions()
        assert [(one.version, one.published_at) for one in found] == [
            (one.version, one.published_at) for one in register_of(old).at(10).agreement_versions()
        ]
    assert ["1.0", "1.9", "1.10"] == [one.version for one in found]


class TestHolds:
    BODY = OrganisationRegistered(organisation="a", name="A", organisation_kind="police")
    OTHER_BODY = OrganisationRegistered(organisation="b", name="B", organisation_kind="police")

    def scopes(self, *holds: RegisterPayload) -> dict[str, HoldScope]:
        carrying = carry(folded(OPENED, self.BODY, self.BODY, self.OTHER_BODY, *holds))
        return {one.payload.hold: one.payload.scope for one in carrying.carried if isinstance(one.payload, HoldPlaced)}

    def test_one_that_names_entries_names_them_by_their_new_numbers(self) -> None:
        scope = HoldScope(entries=(1, 2, 3, 90), organisations=("a",))
        assert {"h": HoldScope(entries=(2, 3), organisations=("a",))} == self.scopes(
            HoldPlaced(hold="h", reason="court", scope=scope)
        )

    def test_a_period_beside_entries_has_been_applied_to_the_times_they_had(self) -> None:
        assert {"h": HoldScope(entries=(3,))} == self.scopes(
            HoldPlaced(hold="h", reason="court", scope=HoldScope(entries=(3,), until="2026-04-01T00:00:00.000Z"))
        )
        assert {} == self.scopes(
            HoldPlaced(hold="h", reason="court", scope=HoldScope(entries=(3,), since="2026-04-01T00:00:00.000Z"))
        )

    def test_one_that_names_only_what_stays_behind_stays_behind_and_never_covers_everything(self) -> None:
        hold = HoldPlaced(hold="h", reason="court", scope=HoldScope(entries=(0, 90)))
        assert {} == self.scopes(hold)
        assert ["hold-of-entries-left-behind"] == [
            one.why for one in carry(folded(OPENED, hold)).left if one.old.index == 1
        ]

    def test_one_by_organisation_and_period_is_carried_as_it_is_with_the_time_it_was_placed(self) -> None:
        hold = HoldPlaced(hold="h", reason="court", scope=HoldScope(organisations=("a",), since=AT))
        carrying = carry(folded(OPENED, self.BODY, hold))
        (found,) = continued_register(carrying).at(10).holds()
        assert (hold.scope, AT) == (found.scope, found.placed_at)

    def test_one_that_was_lifted_stays_behind(self) -> None:
        placed = HoldPlaced(hold="h", reason="court", scope=HoldScope(organisations=("a",)))
        carrying = carry(folded(OPENED, self.BODY, placed, HoldLifted(hold="h", reason="ended")))
        assert ["organisation.registered"] == kinds(carrying)
        assert ["of-the-old-log", "hold-lifted", "hold-lifted"] == [one.why for one in carrying.left]


# --- the entries that begin the log ---------------------------------------------------------------------------------


def attestation(registry: str) -> RegisterPayload:
    made = attested("harbour", "tier-1")
    claims = json.loads(base64.urlsafe_b64decode(made.jws.split(".")[1] + "==")) | {"registry": registry}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return msgspec.structs.replace(made, jws=f"e30.{body}.e30")


def beginning(old: list[Folded], **changed: str) -> list[RegisterPayload]:
    draft = begin(OTHER, msgspec.structs.replace(CONTINUED, **changed), carry(old).carried, made_for=names_of(old))
    draft.preconditions[0](Register().at(0), AT)
    return [one for one in draft.payloads if isinstance(one, RegisterPayload)]


def test_a_log_says_in_its_second_entry_what_it_continues_and_nowhere_else() -> None:
    begun = folded(*beginning(folded(OPENED)))
    assert [OTHER, CONTINUED] == [one.payload for one in begun]
    register = register_of(begun)
    assert (None, CONTINUED) == (register.at(1).continued(), register.at(2).continued())

    later = register_of([*folded(OTHER, OrganisationRegistered("a", "A", "police")), Folded(2, AT, CONTINUED)])
    assert later.at(3).continued() is None


def test_what_a_log_continues_is_in_its_snapshots_and_can_be_taken_back() -> None:
    register = register_of(folded(OTHER, CONTINUED))
    again = read_snapshot(write_snapshot(register))
    assert CONTINUED == again.at(2).continued()
    register.forget_from(1)
    assert register.at(2).continued() is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"old_origin": "new.example.org"}, "an origin of its own"), ({"reason": "whim"}, "The reason is one of")],
)
def test_a_log_does_not_continue_itself_nor_without_a_reason(changed: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        beginning(folded(OPENED), **changed)


def test_only_an_empty_log_can_begin_so() -> None:
    draft = begin(OTHER, CONTINUED, (), made_for=frozenset())
    with pytest.raises(Refused, match="begun already"):
        draft.preconditions[0](register_of(folded(OPENED)).at(1), AT)


def test_an_attestation_is_carried_that_was_made_for_the_log_that_is_continued() -> None:
    assert "attestation.made" in [kind_of(one) for one in beginning(folded(OPENED, attestation("old.example.org")))]


@pytest.mark.parametrize("registry", ["new.example.org", "elsewhere.example.org", ""])
def test_an_attestation_made_for_another_log_is_not_carried(registry: str) -> None:
    with pytest.raises(Refused, match="made for another log"):
        beginning(folded(OPENED, attestation(registry)))


def test_what_a_log_began_with_is_carried_on_when_it_is_continued_in_its_turn() -> None:
    older = LogContinued(old_origin="first.example.org", old_checkpoint="", reason="keys-lost")
    begun = [*folded(OPENED, older, attestation("first.example.org")), Folded(3, NEW_AT, attestation("x.example.org"))]
    assert {"old.example.org", "first.example.org"} == names_of(begun)
    with pytest.raises(Refused, match="Entry 3 of the old log"):
        beginning(begun)
    assert 4 == len(beginning(begun[:3])) + 1


def test_a_new_attestation_names_the_log_itself_and_not_the_one_it_continues() -> None:
    version = published("tier-1")
    body = OrganisationRegistered(organisation="harbour", name="Harbour", organisation_kind="voluntary")
    view = register_of(folded(OTHER, CONTINUED, body, version)).at(4)

    def attested_for(registry: str) -> None:
        made = attestation(registry)
        attest("att", made.jws).preconditions[0](view, AT)  # type: ignore[union-attr]

    attested_for("new.example.org")
    with pytest.raises(Refused, match="another registry"):
        attested_for("old.example.org")


def test_an_event_that_was_signed_for_the_old_log_is_not_taken_by_the_new() -> None:
    event = decode_event(_claims(submitted(1).event))
    of_the_old = event_faults(event, catalogue(), origin=event.registry, partnership="durham")
    of_the_new = event_faults(event, catalogue(), origin="new.example.org", partnership="durham")
    assert () == of_the_old
    assert [("#/registry", "another-registry")] == [(one.pointer, one.code) for one in of_the_new]


def _claims(jws: str) -> bytes:
    body = jws.split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def test_a_thousand_bodies_of_one_issuer_are_not_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try folds all of them twice: with every school of a region under one issuer it took minutes."""
    uses = [IssuerRegistered(f"school-{n}", "https://one.example", ("x",), ("ES256",), "generic") for n in range(1000)]
    tried: list[int] = []
    ends = Influence.ends
    monkeypatch.setattr(Influence, "ends", lambda self, index: tried.append(index) or ends(self, index))
    carrying = carry(folded(OPENED, *uses, uses[7], IssuerRemoved("school-9", "https://one.example")))

    assert 999 == len(carrying.carried)
    assert [8, 10, 1001, 1002] == tried


def test_a_version_and_its_summary_keep_the_day_of_the_old_log_and_name_by_the_new_numbers_who_published_them() -> None:
    version, replace = published("tier-1"), msgspec.structs.replace
    summary = companion(version.agreement, version.version, "summary", "en", "[now](#3.1)\n")
    person = {"organisation": "a", "issuer": "i", "role": "business-unit"}
    old = folded(
        OPENED,
        RoleGranted(subject="left", **person),
        RoleRevoked(subject="left", **person),
        RoleGranted(subject="stays", **person),
        replace(version, approved_by=(1, 3)),
        replace(summary, approved_by=(3,)),
    )
    carried = {type(one.payload): one for one in carry(old).carried}
    stays = carried[RoleGranted].index
    words, beside = carried[AgreementPublished].payload, carried[CompanionPublished].payload
    assert isinstance(words, AgreementPublished)
    assert words == replace(version, published_at=old[4].at, approved_by=(stays,))
    assert beside == replace(summary, published_at=old[5].at, approved_by=(stays,))


def test_who_approved_it_is_named_by_the_new_numbers_and_nobody_by_anothers() -> None:
    person = {"organisation": "a", "issuer": "i", "role": "ig-lead"}
    old = folded(
        OPENED,
        RoleGranted(subject="left", **person),
        RoleRevoked(subject="left", **person),
        RoleGranted(subject="stays", **person),
        RoleGranted(subject="new", **person, approved_by=(3, 1)),
    )
    carried = {one.payload.subject: one for one in carry(old).carried if isinstance(one.payload, RoleGranted)}
    assert {"stays", "new"} == set(carried)
    assert carried["new"].payload == RoleGranted(subject="new", **person, approved_by=(carried["stays"].index,))
    assert encode_payload(carried["stays"].payload) == encode_payload(old[3].payload)
