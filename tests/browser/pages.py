"""The pages that a browser is sent to: one table. A new page has a line here, and is then tested in every way."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import Struct

from isa_registry.pages.examples import EXAMPLES
from isa_registry.pages.gallery import ADDRESS
from live import LEAD, POLICE


class Look(Struct, frozen=True):
    """A page to look at: its path, and who is signed in (organisation, person of the demonstration).

    Where a link is to be followed from there, `template` is the route that it leads to. Where a button is to be
    pressed, `filled` are the fields of its form, and the answer is what is looked at.
    """

    path: str
    person: tuple[str, str] | None = None
    filled: Mapping[str, tuple[str, ...]] = {}
    button: str = ""
    link: str = ""
    template: str = ""


LARGE = ("/documentation", "/agreements/tier-2-hoth/1.0")
"""Pages of thousands of elements."""

_FOR_EVERYBODY: dict[str, str] = {
    "the start": "/",
    "the agreements": "/agreements",
    "the register of agreements": "/register-of-agreements",
    "following a citation": "/cite",
    "a citation that leads nowhere": "/cite?q=HOTH+ISA+9.9",
    "an agreement": "/agreements/tier-2-hoth/1.0",
    "a clause": "/agreements/tier-2-hoth/1.0/clause/5.3",
    "a day on which none was in force": "/agreements/tier-1/at/2020-01-01/clause/1.1",
    "comparing an agreement with itself": "/agreements/tier-2-hoth/compare",
    "clauses for training": "/training?agreement=tier-2-hoth&clause=5.3",
    "the log": "/log",
    "the law": "/law",
    "a provision": "/law/provisions/ca-2004-s16la",
    "a row of the matrix": "/law/rows/police/mappa",
    "the interface": "/documentation",
    "immediate danger": "/immediate-danger",
    "accessibility": "/accessibility-statement",
    "a kind of problem": "/problems/not-found",
    "a page that is not there": "/agreements/nothing/1.0",
    "an address that is not there": "/nowhere",
    "signing in to the demonstration": (
        "/demo/idp/durham-constabulary/authorize?response_type=code&client_id=isa-registry&scope=openid"
        "&redirect_uri={url}/auth/durham-constabulary/callback&state=s&nonce=n&code_challenge_method=S256"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    ),
    "signing in": "/sign-in",
    "signing in by search": "/sign-in?q=durham&return=/ask",
    "a sign-in that went wrong": "/auth/nobody/callback?state=s&code=c",
    "after signing out": "/signed-out",
    "the gallery": ADDRESS,
    **{example.title.lower(): f"{ADDRESS}/{example.name}" for example in EXAMPLES},
}

_AUDITOR = (LEAD, "auditor")
_PRACTITIONER, _IG_LEAD, _UNIT = (POLICE, "practitioner"), (LEAD, "ig-lead"), (LEAD, "business-unit")
_BASIS = f"/account/lawful-bases/lb_tier-2-hoth_missing-now_{LEAD}"
_FOR = "agreement=tier-2-hoth&purpose=missing-now"
_MADE = f"{_FOR}&from=2030-01-01&a6=art6-1-e&a9=art9-2-g,dpa-2018-sch1-para18&g=ca-2004-s11&by=siro"
_WITHOUT_RECORDS = ("way-through", "ig-lead")
_QUESTION = {
    "urgency": ("urgent",),
    "recipient": (LEAD,),
    "purpose": ("harm-outside-the-home",),
    "category": ("identity", "intelligence"),
    "subject": ("child",),
}
_KNOWN = {"would_help_recipient": ("yes",), "more_detrimental_to_share": ("no",)}
_SIGNATORY, _SIGNED = ("hmp-durham", "signatory"), (LEAD, "signatory")
_VERSION = "/account/attestations/tier-2-hoth/1.0"
_SIGNS = {
    "role": ("chief-officer",),
    "ref": ("POST-17",),
    "authority": ("board-resolution",),
    "authority_reference": ("GOV-2026-12",),
    "reservation": ("prevent-channel",),
}
_LIST = (
    "id,name,kind,parent\nexample-new,Example New School,academy,\nBad Id,,lighthouse,\nharbour,Harbour,voluntary,\n"
)
_LAW = "/account/law"
_BODIES = "/account/agreements/tier-2-hoth/1.0/bodies"
_CONSENT = (
    f"/consents/new?need=the-basis&purpose=early-help&recipient={LEAD},kind:gp-practice&category=identity,health"
    "&subject=child&by=parental-responsibility&shown=parental-responsibility-evidenced&view=objects&answer=given&explicit=yes"
    "&method=in-person&day=2026-06-01&time=14:05"
)
_SHOWN = {"statement": ("CONSENT-FORM-7",), "statement_version": ("3",), "language": ("pl",)}
_FOR_SOMEBODY: dict[str, Look] = {
    "bodies and questions": Look(_BODIES, _UNIT),
    "asking nobody to sign": Look(_BODIES, _UNIT, {}, "Ask it to sign"),
    "agreements to sign": Look("/account/attestations", _SIGNATORY),
    "agreements that were signed": Look("/account/attestations", _SIGNED),
    "a version to sign": Look(_VERSION, _SIGNATORY),
    "questions about the words": Look(f"{_VERSION}/questions", _SIGNED),
    "asking nothing about the words": Look(f"{_VERSION}/questions", _SIGNED, {"clause": ("99.9",)}, "Ask"),
    "signing": Look(f"{_VERSION}/attestation", _SIGNATORY),
    "signing with too little": Look(f"{_VERSION}/attestation", _SIGNATORY, {"ref": ("1",)}, "Look at what is signed"),
    "looking at what is signed": Look(f"{_VERSION}/attestation", _SIGNATORY, _SIGNS, "Look at what is signed"),
    "declining": Look(f"{_VERSION}/refusal", _SIGNATORY),
    "declining without a reason": Look(f"{_VERSION}/refusal", _SIGNATORY, {}, "Decline"),
    "a certificate": Look("/account/certificates/att_tier-2-hoth_1.0_durham-county-council", _SIGNED),
    "withdrawing": Look("/account/certificates/att_tier-2-hoth_1.0_durham-county-council/withdrawal", _SIGNED),
    "consents": Look("/consents", _PRACTITIONER),
    "whether consent is needed": Look("/consents/new", _PRACTITIONER),
    "what a consent is for": Look(f"{_CONSENT}&step=whom", _PRACTITIONER),
    "nobody who consents": Look("/consents/new?step=who", _PRACTITIONER, {}, "Continue"),
    "what they say": Look(f"{_CONSENT}&step=said", _PRACTITIONER),
    "one's own references": Look(f"{_CONSENT}&step=words", _PRACTITIONER, _SHOWN, "Continue"),
    "an account": Look("/account", _IG_LEAD),
    "signed in for a form that waits": Look("/signed-in", _PRACTITIONER),
    "signing in again": Look("/sign-in/again?return=/account", _PRACTITIONER),
    "asking": Look("/ask", _PRACTITIONER),
    "asking with too little": Look("/ask", _PRACTITIONER, {"urgency": ("urgent",)}, "Continue"),
    "what one knows of a question": Look("/ask", _PRACTITIONER, _QUESTION, "Continue"),
    "an answer": Look(f"/ask/facts?{urlencode(_QUESTION, doseq=True)}", _PRACTITIONER, _KNOWN, "See the answer"),
    "an answer in danger": Look("/ask", _PRACTITIONER, {**_QUESTION, "urgency": ("immediate-danger",)}, "Continue"),
    "decisions": Look("/decisions", _PRACTITIONER),
    "decisions of one kind": Look("/decisions?decision=deferred&state=disputed", _IG_LEAD),
    "what was shared with one": Look("/decisions/received", _PRACTITIONER),
    "the start, signed in": Look("/", _IG_LEAD),
    "people and roles": Look("/account/people", _IG_LEAD),
    "granting a role": Look("/account/people/grant", _IG_LEAD),
    "granting no role": Look("/account/people/grant", _IG_LEAD, {"until": ("tomorrow",)}, "Grant the role"),
    "taking a role away": Look(
        "/account/people",
        _IG_LEAD,
        link="Take away the role Signatory of signatory",
        template="/account/people/{entry}/revocation",
    ),
    "proposals": Look("/account/proposals", _UNIT),
    "proposing a role": Look("/account/proposals/role", _UNIT),
    "proposing no role": Look("/account/proposals/role", _UNIT, {}, "Propose it"),
    "a proposal of one's own": Look(
        "/account/proposals",
        _UNIT,
        link="Look at it or withdraw it (Grant a role at Durham County Council)",
        template="/account/proposals/{proposal}",
    ),
    "a proposal to decide": Look(
        "/account/proposals",
        (LEAD, "business-unit-2"),
        link="Look at it and decide (Grant a role at Durham County Council)",
        template="/account/proposals/{proposal}",
    ),
    "the law to check": Look("/account/law", _IG_LEAD),
    "checking a provision": Look(f"{_LAW}/provisions/ca-1989-s47", _IG_LEAD),
    "checking a row": Look(f"{_LAW}/rows/police/mappa", _IG_LEAD),
    "checking with too little": Look(f"{_LAW}/rows/police/mappa", _IG_LEAD, {"source": ("Jo",)}, "Propose it"),
    "a proposal about the law of one's own": Look(
        _LAW,
        _IG_LEAD,
        link="Look at it or withdraw it (Children Act 1989 s.17: children in need)",
        template="/account/law/proposals/{verification}",
    ),
    "a proposal about the law to decide": Look(
        _LAW,
        (LEAD, "ig-lead-2"),
        link="Look at it and decide (Children Act 1989 s.17: children in need)",
        template="/account/law/proposals/{verification}",
    ),
    "changes of the law": Look(f"{_LAW}/watch", _UNIT),
    "what rests on a provision": Look(f"{_LAW}/watch/ca-2004-s11", _UNIT, template="/account/law/watch/{provision}"),
    "what follows from a change of the law": Look(
        f"{_LAW}/watch/ca-2004-s11/outcome", _UNIT, template="/account/law/watch/{provision}/outcome"
    ),
    "saying nothing of a change of the law": Look(
        f"{_LAW}/watch/ca-2004-s11/outcome", _UNIT, {}, "Record what follows"
    ),
    "where one is told": Look("/account/notices", _IG_LEAD),
    "where the unit is told": Look("/account/notices", _UNIT),
    "adding an address": Look("/account/notices/address", _IG_LEAD),
    "adding no address": Look("/account/notices/address", _IG_LEAD, {}, "Add the address"),
    "deleting an address": Look(
        "/account/notices",
        _IG_LEAD,
        link="Delete desk@council.example (Safeguarding lead)",
        template="/account/notices/{address}/removal",
    ),
    "sending a notice again": Look(f"/account/notices/told/ntd_{'0' * 32}/again", _UNIT),
    "what reached nobody": Look("/account/notices/told", _UNIT),
    "who was told what": Look("/account/notices/told?state=all", _UNIT),
    "decisions to look at": Look("/account/flagged-decisions", _PRACTITIONER),
    "no decision to look at": Look("/account/flagged-decisions", ("harbour", "ig-lead")),
    "somebody asks for their data": Look("/account/subject-access", _IG_LEAD),
    "looking for nobody": Look("/account/subject-access", _IG_LEAD, {}, "Find what is recorded"),
    "what is recorded about one person": Look(
        "/account/subject-access", (POLICE, "ig-lead"), {"references": ("CMS-BROWSER-1",)}, "Find what is recorded"
    ),
    "webhooks": Look("/account/webhooks", _IG_LEAD),
    "registering a webhook": Look("/account/webhooks/registration", _IG_LEAD),
    "registering no webhook": Look("/account/webhooks/registration", _IG_LEAD, {}, "Register the webhook"),
    "organisations": Look("/organisations", _PRACTITIONER),
    "what organisations have to set up": Look("/organisations/set-up", _UNIT),
    "what is left to set up": Look("/account/set-up", _IG_LEAD),
    "what another has to set up": Look("/organisations/way-through/set-up", _UNIT),
    "importing organisations": Look("/organisations/import", _UNIT),
    "importing nothing": Look("/organisations/import", _UNIT, {}, "See what would happen"),
    "what a list would do": Look("/organisations/import", _UNIT, {"list": (_LIST,)}, "See what would happen"),
    "invitations": Look("/organisations/invitations", _UNIT),
    "inviting an organisation": Look("/organisations/invitations/new", _UNIT),
    "inviting nobody": Look("/organisations/invitations/new", _UNIT, {"organisation": ("Not An Id",)}, "Make the link"),
    "an invitation that was answered": Look(
        "/organisations/invitations",
        _UNIT,
        link="Example Invited School",
        template="/organisations/invitations/{invitation}",
    ),
    "to do": Look("/account/to-do", _WITHOUT_RECORDS),
    "nothing to do": Look("/account/to-do", ("harbour", "ig-lead")),
    "lawful bases": Look("/account/lawful-bases", _IG_LEAD),
    "lawful bases not recorded yet": Look("/account/lawful-bases", _WITHOUT_RECORDS),
    "a lawful-basis record": Look(
        "/account/lawful-bases", _IG_LEAD, link="Child missing now", template="/account/lawful-bases/{record}"
    ),
    "ending a lawful-basis record": Look(f"{_BASIS}/end", _IG_LEAD),
    "ending a record on no day": Look(f"{_BASIS}/end", _IG_LEAD, {"on": ("soon",)}, "End the record"),
    "making a record for no purpose": Look("/account/lawful-bases/new", _IG_LEAD, {}, "Continue"),
    "making a record": Look(f"/account/lawful-bases/new?{_FOR}", _WITHOUT_RECORDS),
    "choosing what lets one use it": Look(f"/account/lawful-bases/new?{_FOR}&step=article-6", _WITHOUT_RECORDS),
    "choosing nothing": Look(f"/account/lawful-bases/new?{_FOR}&step=article-6", _WITHOUT_RECORDS, {}, "Continue"),
    "choosing powers and duties": Look(f"/account/lawful-bases/new?{_FOR}&step=gateways", _WITHOUT_RECORDS),
    "saying when it holds": Look(f"/account/lawful-bases/new?{_FOR}&step=when", _WITHOUT_RECORDS),
    "naming papers": Look(f"/account/lawful-bases/new?{_FOR}&step=papers", _WITHOUT_RECORDS),
    "checking what is recorded": Look(f"/account/lawful-bases/check?{_MADE}", _IG_LEAD),
    "checking what is wrong": Look(f"/account/lawful-bases/check?{_FOR}&from=2030-01-01", _IG_LEAD),
    "a record of processing": Look("/account/processing-record", _IG_LEAD),
    "adopting the default": Look("/account/lawful-bases/adoption", _WITHOUT_RECORDS),
    "adopting nothing": Look("/account/lawful-bases/adoption", _WITHOUT_RECORDS, {}, "Adopt the default for these"),
    "who has attested what": Look("/reports/attestation-matrix", _UNIT),
    "who has attested what, narrowed": Look("/reports/attestation-matrix?kind=voluntary&sort=state", _PRACTITIONER),
    "what is due for review": Look("/reports/reviews-due?within=365", _UNIT),
    "the figures of a quarter": Look("/reports/quarterly", _UNIT),
    "giving no number of one's own": Look("/reports/quarterly", _IG_LEAD, {}, "Give this number"),
    "the unit's agreements": Look("/account/agreements", _UNIT),
    "how a version stands": Look("/account/agreements/tier-1/1.0", _UNIT),
    "suspending a version": Look("/account/agreements/tier-1/1.0/suspension", _UNIT),
    "suspending a version for no reason": Look(
        "/account/agreements/tier-1/1.0/suspension", _UNIT, {"on": ("soon",)}, "Suspend it"
    ),
    "summaries and translations of a version": Look("/account/agreements/tier-2-hoth/1.0/companions", _UNIT),
    "reviewing a version": Look("/account/agreements/tier-1/1.0/review", _UNIT),
    "withdrawing a version": Look("/account/agreements/tier-2-hoth/1.0/withdrawal", _UNIT),
    "beginning a draft": Look("/account/agreement-drafts/new", _UNIT),
    "beginning a draft of nothing": Look("/account/agreement-drafts/new", _UNIT, {}, "Send the words"),
    "a draft of one's own": Look(
        "/account/agreements",
        _UNIT,
        link="little-agreement version 1.0",
        template="/account/agreement-drafts/{draft}",
    ),
    "other words for a draft": Look(
        "/account/agreements",
        _UNIT,
        link="Send other words for little-agreement version 1.0",
        template="/account/agreement-drafts/{draft}/revision",
    ),
    "checking an issuer": Look("/account/issuer", _IG_LEAD),
    "an issuer that was checked": Look("/account/issuer", _IG_LEAD, {"issuer": ("0",)}, "Look at it now"),
    "keys": Look("/account/keys", _IG_LEAD),
    "registering a key": Look("/account/keys/registration", _IG_LEAD),
    "revoking a key": Look(f"/account/keys/{LEAD}-1/revocation", _IG_LEAD),
    "an organisation": Look("/organisations/example-academy-trust", _PRACTITIONER),
    "one's own organisation": Look(f"/organisations/{LEAD}", _IG_LEAD),
    "an organisation's own details": Look("/account/particulars", _IG_LEAD),
    "details that are wrong": Look("/account/particulars", _IG_LEAD, {"ico_registration": ("12",)}, "Save and log"),
    "delegations": Look("/account/delegations", _IG_LEAD),
    "giving a delegation": Look("/account/delegations/new", _IG_LEAD),
    "ending a delegation": Look(
        "/account/delegations",
        _IG_LEAD,
        link="End it (Your post POST-17, from 1 January 2099)",
        template="/account/delegations/{delegation}/end",
    ),
    "suspending an organisation": Look("/organisations/cafcass/suspension", _UNIT),
    "closing an organisation": Look("/organisations/example-academy-trust/closure", _UNIT),
    "differences": Look("/account/challenges", _PRACTITIONER),
    "raising a challenge": Look("/account/challenges/new?request=REQ-2026-1", _PRACTITIONER),
    "raising a challenge to nobody": Look("/account/challenges/new", _PRACTITIONER, {}, "Raise the challenge"),
    "a challenge": Look(
        "/account/challenges/new",
        _PRACTITIONER,
        {
            "other": (LEAD,),
            "kind": ("request",),
            "id": ("REQ-2026-1",),
            "ground": ("not-answered",),
            "role": ("police-officer",),
            "ref": ("STAFF-17",),
        },
        "Raise the challenge",
    ),
    "entries of the log, looking up nothing": Look("/audit", _AUDITOR, {"wanted": ("nothing",)}, "Look it up"),
    "an entry of the register": Look("/audit/entries/0", _AUDITOR),
    "how large evidence would be": Look(
        "/audit/evidence", _AUDITOR, {"what": ("whole",), "reason": ("audit",)}, "How large would it be?"
    ),
    "a question about no day": Look("/audit/what-if", _UNIT, {"as_of_at": ("noon",)}, "Continue"),
    "the register as it was known": Look("/audit/as-known?on=2026-07-03", _AUDITOR),
    "overdue challenges": Look("/reports/challenges-overdue", _UNIT),
    "revoking no key": Look(f"/account/keys/{LEAD}-1/revocation", _IG_LEAD, {}, "Revoke the key"),
}

PAGES: dict[str, Look] = {**{name: Look(path) for name, path in _FOR_EVERYBODY.items()}, **_FOR_SOMEBODY}

OFTEN = ("an account", "asking", "granting a role", "a proposal to decide")
"""Of the pages for somebody, those that stand for the rest where every page would take too long."""
