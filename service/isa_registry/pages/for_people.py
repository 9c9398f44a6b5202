"""Every page for people who sign in."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from isa_registry.pages.account import account_handlers
from isa_registry.pages.adopting import adopting_handlers
from isa_registry.pages.agreement_drafts import draft_handlers
from isa_registry.pages.agreement_life import life_handlers
from isa_registry.pages.asked_bodies import asked_body_handlers
from isa_registry.pages.asking import asking_handlers
from isa_registry.pages.attestations import attestation_handlers
from isa_registry.pages.attesting import attesting_handlers
from isa_registry.pages.audit import audit_handlers
from isa_registry.pages.audit_as_known import as_known_handlers
from isa_registry.pages.audit_entry import audit_entry_handlers
from isa_registry.pages.audit_evidence import audit_evidence_handlers
from isa_registry.pages.audit_what_if import what_if_handlers
from isa_registry.pages.challenges import challenge_handlers
from isa_registry.pages.challenges_raising import challenge_raising_handlers
from isa_registry.pages.companions import companion_handlers
from isa_registry.pages.consents import consent_handlers
from isa_registry.pages.consents_changing import consent_changing_handlers
from isa_registry.pages.consents_recording import consent_recording_handlers
from isa_registry.pages.decisions import decision_handlers
from isa_registry.pages.decisions_listing import listing_handlers
from isa_registry.pages.decisions_received import received_handlers
from isa_registry.pages.decisions_recording import recording_handlers
from isa_registry.pages.delegations import delegation_handlers
from isa_registry.pages.flagged_decisions import flagged_handlers
from isa_registry.pages.importing import importing_handlers
from isa_registry.pages.inviting import inviting_handlers
from isa_registry.pages.issuer import issuer_handlers
from isa_registry.pages.joining import joining_handlers
from isa_registry.pages.keys import key_handlers
from isa_registry.pages.law_watch import law_watch_handlers
from isa_registry.pages.lawful_bases import lawful_basis_handlers
from isa_registry.pages.lawful_bases_checking import checking_handlers
from isa_registry.pages.lawful_bases_choosing import choosing_handlers
from isa_registry.pages.lawful_bases_ending import ending_handlers
from isa_registry.pages.lawful_bases_to_do import to_do_handlers
from isa_registry.pages.members import member_handlers
from isa_registry.pages.notices import notice_handlers
from isa_registry.pages.organisation import one_organisation_handlers
from isa_registry.pages.organisations import organisation_handlers
from isa_registry.pages.particulars import particulars_handlers
from isa_registry.pages.processing_record import processing_handlers
from isa_registry.pages.proposals import proposal_handlers
from isa_registry.pages.proposing import proposing_handlers
from isa_registry.pages.quarterly import quarterly_handlers
from isa_registry.pages.registering_keys import registering_handlers
from isa_registry.pages.reporting import reporting_handlers
from isa_registry.pages.setting_up import setting_up_handlers
from isa_registry.pages.signing_in import Declare, signing_in_handlers
from isa_registry.pages.signing_out import signing_out_handlers
from isa_registry.pages.subject_access import subject_access_handlers
from isa_registry.pages.taking_part import taking_part_handlers
from isa_registry.pages.verifying import verifying_handlers
from isa_registry.pages.webhooks import webhook_handlers


def people_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    """The routes, made with `reads` (GET) and `writes` (POST). They read `registry`, `people` and `public_url` from the
    app's state, and what admission found from the request."""
    return [
        *signing_in_handlers(reads, writes),
        *signing_out_handlers(reads, writes),
        *account_handlers(reads, writes),
        *member_handlers(reads, writes),
        *key_handlers(reads, writes),
        *registering_handlers(reads, writes),
        *proposal_handlers(reads, writes),
        *proposing_handlers(reads, writes),
        *issuer_handlers(reads, writes),
        *organisation_handlers(reads),
        *setting_up_handlers(reads),
        *to_do_handlers(reads),
        *lawful_basis_handlers(reads),
        *choosing_handlers(reads),
        *checking_handlers(reads, writes),
        *ending_handlers(reads, writes),
        *processing_handlers(reads),
        *adopting_handlers(reads, writes),
        *importing_handlers(reads, writes),
        *inviting_handlers(reads, writes),
        *joining_handlers(reads, writes),
        *reporting_handlers(reads),
        *quarterly_handlers(reads, writes),
        *life_handlers(reads, writes),
        *companion_handlers(reads, writes),
        *draft_handlers(reads, writes),
        *asked_body_handlers(reads, writes),
        *asking_handlers(reads, writes),
        *consent_recording_handlers(reads, writes),
        *consent_changing_handlers(reads, writes),
        *consent_handlers(reads, writes),
        *recording_handlers(reads, writes),
        *decision_handlers(reads),
        *listing_handlers(reads),
        *received_handlers(reads, writes),
        *notice_handlers(reads, writes),
        *webhook_handlers(reads, writes),
        *flagged_handlers(reads),
        *subject_access_handlers(reads, writes),
        *one_organisation_handlers(reads),
        *particulars_handlers(reads, writes),
        *challenge_raising_handlers(reads, writes),
        *challenge_handlers(reads, writes),
        *delegation_handlers(reads, writes),
        *taking_part_handlers(reads, writes),
        *attestation_handlers(reads, writes),
        *attesting_handlers(reads, writes),
        *verifying_handlers(reads, writes),
        *law_watch_handlers(reads, writes),
        *audit_handlers(reads, writes),
        *audit_entry_handlers(reads, writes),
        *audit_evidence_handlers(reads, writes),
        *what_if_handlers(reads, writes),
        *as_known_handlers(reads),
    ]
