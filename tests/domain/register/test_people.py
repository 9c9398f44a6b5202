"""Who is known by which entry, and since when somebody has had a role."""

from __future__ import annotations

from deciding_people import COUNCIL, ISSUERS, OTHER, POLICE, TODAY, Log, issuer, role
from isa_registry.domain.access_entries import IssuerRemoved, RoleRevoked
from isa_registry.domain.register.people import granted_roles, holders, most_by_one_issuer

NEW = (ISSUERS[POLICE], "new")


def test_a_person_is_known_by_their_first_entry_for_ever() -> None:
    log = Log(role(POLICE, "new", "practitioner"))
    entry = len(log.entries) - 1
    assert (log.view.first_known_by(*NEW), log.view.known_by(entry)) == (entry, NEW)
    log.add(RoleRevoked(POLICE, *NEW, role="practitioner"), role(POLICE, "new", "signatory"))
    assert (log.view.first_known_by(*NEW), log.view.known_by(entry)) == (entry, NEW)
    assert log.view.known_by(entry + 2) is None
    assert log.view.known_by(0) is None
    assert log.register.at(entry).known_by(entry) is None, "not known before"


def test_a_role_is_held_since_its_grant_whatever_its_term_became_and_anew_after_a_gap() -> None:
    log = Log(role(POLICE, "new", "practitioner"), role(POLICE, "new", "signatory"))
    first = len(log.entries) - 2
    log.add(role(POLICE, "new", "practitioner", "2027-01-01"))
    since = {one.role: log.view.granted_by(one) for one in log.view.roles(*NEW)}
    assert since == {"practitioner": first, "signatory": first + 1}
    log.add(RoleRevoked(POLICE, *NEW, role="practitioner"), role(POLICE, "new", "practitioner"))
    since = {one.role: log.view.granted_by(one) for one in log.view.roles(*NEW)}
    assert since == {"practitioner": len(log.entries) - 1, "signatory": first + 1}


def test_a_role_counts_for_its_own_body_while_the_issuer_acts_for_it() -> None:
    log = Log(role(POLICE, "new", "ig-lead"))
    assert granted_roles(log.view, POLICE, NEW, TODAY) == {"ig-lead"}
    assert granted_roles(log.view, COUNCIL, NEW, TODAY) == set()
    assert NEW in holders(log.view, POLICE, "ig-lead", TODAY)
    assert (ISSUERS[POLICE], "former-lead") not in holders(log.view, POLICE, "ig-lead", TODAY)
    log.add(IssuerRemoved(organisation=POLICE, issuer=ISSUERS[POLICE]))
    assert set() == holders(log.view, POLICE, "ig-lead", TODAY)
    log.add(issuer(POLICE))
    assert NEW in holders(log.view, POLICE, "ig-lead", TODAY)


def test_of_two_bodies_behind_one_issuer_a_role_counts_for_its_own() -> None:
    shared = "https://login.shared.example"
    log = Log(
        *(issuer(body, issuer=shared, claim="org", value=body) for body in (POLICE, COUNCIL)),
        role(POLICE, "new", "ig-lead", by=shared),
    )
    assert granted_roles(log.view, POLICE, (shared, "new"), TODAY) == {"ig-lead"}
    assert granted_roles(log.view, COUNCIL, (shared, "new"), TODAY) == set()


def test_people_are_counted_by_the_issuer_that_tells_them_apart() -> None:
    here, there = ISSUERS[COUNCIL], OTHER
    assert 0 == most_by_one_issuer([])
    assert 1 == most_by_one_issuer([(here, "a"), (there, "b")])
    assert 2 == most_by_one_issuer([(here, "a"), (there, "b"), (here, "c")])


def test_clients_are_listed_by_body_without_those_that_may_do_nothing() -> None:
    log = Log()
    assert ["police-system"] == [one.client for one in log.view.clients_of(POLICE)]
    assert [] == log.view.clients_of("charity")
