"""The words of every answer, apart from the rules that choose them.

Plain English for a practitioner under pressure. Nothing here may read as a bare no, or frighten anybody out of
protecting a child; law that no person has checked says so. `{recipient}` and the like come from `_words`.
"""

from __future__ import annotations

from isa_registry.domain.catalogue import Provision
from isa_registry.domain.decisions.case import Case

EMERGENCY = "the police on 999, and the council's children's services"
EMERGENCY_WHY = "Somebody may be hurt. Tell whoever can act first and write it down afterwards."
LEGAL_ADVISER = "your organisation's legal adviser"

HEADLINES = {
    "immediate-danger": "Share now with whoever can act, call 999, and record it afterwards.",
    "court-order": (
        "Do not share what the court order covers; what you know from elsewhere is not barred, and your legal "
        "adviser can ask the court."
    ),
    "court-restriction": (
        "Take advice before sharing papers of family proceedings; what you know from elsewhere is not barred."
    ),
    "restricted-record": (
        "Take advice before sharing this record, which the law protects specially; what you know from elsewhere "
        "is not barred."
    ),
    "not-personal-data": "You may share this: it identifies nobody, so data protection law does not stand in the way.",
    "statutory-request": "Share what {recipient} has asked for: the request binds your organisation.",
    "may-be-unreasonable": (
        "Take advice today before you answer this request: you may decline only what would be unreasonable."
    ),
    "more-detrimental": (
        "You have judged that sharing would harm the child more than not sharing, and it is confirmed: hold it for "
        "now, set a date to look again, and share at once if the danger grows."
    ),
    "confirm-detriment": (
        "Ask a manager, safeguarding lead or legal adviser today to confirm that sharing would harm the child more "
        "than not sharing."
    ),
    "duty-engaged": "Share this with {recipient}: your organisation has a duty to.",
    "consent-needed": (
        "Ask the family first, if that is safe: for early help their consent is what lets you share. If you are "
        "worried about harm, ask again as child protection."
    ),
    "consent-urgent": (
        "You need not wait: ask the family if that is safe, and if you are worried about harm share today with the "
        "council or the police as child protection."
    ),
    "agreement-needed": "Ask first, if that is safe: this support is taken up by agreement.",
    "agreement-needed-urgent": (
        "Ask if that is safe, and do not hold back protection meanwhile: if you are worried about harm, share today "
        "as child protection."
    ),
    "consent-refused": (
        "The answer for this purpose was no, so do not share for it; if you are worried about harm, ask again as "
        "child protection and this refusal will not block it."
    ),
    "consent-withdrawn": (
        "Consent for this purpose was taken back, so do not share for it any more; if you are worried about harm, "
        "ask again as child protection and the withdrawal will not block it."
    ),
    "consent-refused-duty-open": (
        "Consent was refused, but a duty to share may be engaged that does not need it: decide whether sharing "
        "would help, with advice."
    ),
    "consent-withdrawn-duty-open": (
        "Consent was withdrawn, but a duty to share may be engaged that does not need it: decide whether sharing "
        "would help, with advice."
    ),
    "consent-refused-channel": (
        "Support through Channel was refused; ask your Channel lead how the concern can still be met."
    ),
    "consent-withdrawn-channel": (
        "Agreement to support through Channel was withdrawn; ask your Channel lead how the concern can still be met."
    ),
    "anonymise-instead": (
        "Share it without anything that identifies a person: your organisation has no reliable basis for sharing "
        "identifiable information for quality assurance."
    ),
    "anonymise-first": "Take out whatever identifies a person; then you may share this for quality assurance.",
    "agreement-covers": "You may share this with {recipient}: an agreement that you both signed covers it.",
    "no-agreement-needed": (
        "You may share this with {recipient}, which protects or looks after children; no agreement is needed, so "
        "record it as a one-off."
    ),
    "express-power": "You may share this with {recipient}: a power in statute covers you both.",
    "consent-given": "You may share this with {recipient}, because consent was given; record it as a one-off.",
    "some-categories-held": (
        "You may share part of this with {recipient} now; take advice on the rest, which the agreement leaves out."
    ),
    "seek-advice": (
        "The registry cannot say, and this is not a prohibition: ask {adviser}; a one-off share may still be lawful."
    ),
}

_REASONS = {
    "immediate-danger": "Somebody is in immediate danger, and protecting life comes before everything else.",
    "court-order": (
        "A court order forbids sharing this. It binds only what it covers: facts known independently are not barred."
    ),
    "court-restriction": (
        "Papers and information from family proceedings may be passed on only as the court's rules allow. Facts "
        "known independently are not barred."
    ),
    "court-rules-check": (
        "Court papers may go to {recipient} to protect a child; check the court's rules. Facts known independently "
        "are not barred."
    ),
    "restricted-record": ("The law protects this kind of record specially. Facts known independently are not barred."),
    "not-anonymous": (
        "It still holds something that can identify a person, so it counts as personal information here."
    ),
    "not-personal-data": "Nothing in it identifies anybody, so it is not personal data.",
    "statutory-request": "{recipient} asked under a section that obliges your organisation to answer ({request}).",
    "may-be-unreasonable": (
        "{recipient} asked under a section that binds your organisation ({request}). You have judged that sharing "
        "would do more harm, and the section lets you decline what is unreasonable; that needs advice, not silence."
    ),
    "request-does-not-bind": (
        "The provision named for the request ({request}) does not bind your organisation here, for this purpose and "
        "this recipient; the answer rests on the rest of the law."
    ),
    "more-detrimental": (
        "You have judged that sharing would be more detrimental to the child than not sharing, and somebody with "
        "that responsibility confirmed it. Write down why and the date when it will be looked at again."
    ),
    "confirm-detriment": (
        "You think that sharing would be more detrimental to the child than not sharing. A manager, safeguarding "
        "lead, named professional, Caldicott Guardian or legal adviser should confirm that."
    ),
    "duty-may-be-engaged": (
        "A duty to share (Children Act 2004 section 16LA, {s16la_standing}) may be engaged. Consider whether both "
        "bodies are in its list, whether this relates to a child, whether it may help {recipient} to protect them, "
        "and whether sharing would do the child more harm than not; if all speaks for it, there is a duty to share."
    ),
    "consent-needed": (
        "Your organisation is not a public body, and for early help it relies on the family's consent. There is "
        "none on record, and nothing says that asking is unsafe."
    ),
    "agreement-needed": "This support is by agreement. There is none on record, and nothing says asking is unsafe.",
    "unsafe-to-ask": "Asking could raise the risk, so agreement is not sought.",
    "child-goes-alone": (
        "One of the victims is an adult who has not agreed. The child's part does not wait for that: refer the "
        "child alone, now."
    ),
    "consent-refused": "The person asked said no. That decides this purpose and no other.",
    "consent-withdrawn": "Consent was taken back. That decides this purpose from now on and no other.",
    "anonymise-instead": "Quality assurance seldom needs to know who anybody is, and no reliable basis is known.",
    "anonymise-first": (
        "Quality assurance seldom needs to know who anybody is. Say whether this can be anonymised; no reliable "
        "basis is known for sharing it otherwise."
    ),
    "agreement-covers": "Both organisations signed an agreement in force that covers this purpose.",
    "no-agreement-needed": (
        "The purpose protects children and {recipient} protects or looks after them. An agreement is good practice, "
        "not a precondition."
    ),
    "express-power": "A power in statute lets your organisation share this with {recipient} ({power}).",
    "consent-given": "The family's consent is given for this.",
    "some-categories-held": (
        "Some of what you asked about may go now. The rest is outside the agreement for this purpose."
    ),
    "recipient-not-registered": "The recipient is not in this register, so what it signed is not known.",
    "agreement-not-in-force": "The agreement that covers this purpose is not in force on the date.",
    "provider-not-signatory": "{provider} is not a signatory of an agreement that covers this purpose.",
    "recipient-not-signatory": "{recipient} is not a signatory of an agreement that covers this purpose.",
    "tier-1-lapsed": "The Tier 1 agreement beneath it is not in force, or one of the two no longer stands by it.",
    "purpose-not-covered": "No agreement between the two covers this purpose.",
    "category-not-covered": "The agreement leaves out some of these categories for this purpose.",
    "no-basis-known": "The registry knows no lawful basis of {provider} for this purpose on the date.",
}

WHY = {
    "court-order": "What exactly the order forbids, and whether to ask the court for permission.",
    "court-restriction": "Which papers may go to whom, and whether the court's permission is needed.",
    "restricted-record": "What the law protects in this record, and what can go without it.",
    "may-be-unreasonable": "Whether declining is reasonable. Answer what you can, and do not leave it unanswered.",
    "statutory-request": "How to answer a binding request that you think would harm the child.",
    "more-detrimental": "When to look at this again, and what would change the judgement.",
    "confirm-detriment": "Whether sharing would really do the child more harm than not sharing.",
    "duty-open": "Whether sharing may help the recipient to protect the child; if it may, there is a duty to share.",
    "refused": "What can be done without sharing, and whether the worry is really one about harm.",
    "channel-refused": "How the concern can be met without Channel, and whether it is now one about harm.",
    "anonymise-instead": "How to take out what identifies people, or which body could lawfully do the work.",
    "anonymise-first": "How to take out what identifies people.",
    "some-categories-held": "Whether the categories that the agreement leaves out may go as a one-off.",
    "seek-advice": (
        "Whether to share this once, on which basis. It may still be lawful: this is not a prohibition. Record what "
        "you shared or not, and why."
    ),
    "urgent": "This is urgent. You do not have to wait for office hours, or for anybody's consent.",
}

CONDITIONS = {
    "minimum-necessary": "Share what is needed for this purpose and no more.",
    "need-to-know": "Share it only with people who need it to do their part.",
    "separate-fact-from-opinion": "Say what is fact, what is opinion, and how reliable each is.",
    "agreement-refused": "Record why you share without agreement.",
    "ask-safely": (
        "Ask alone, in a safe place, and stop if asking could put anybody at risk. If it is not safe, say so and ask "
        "the registry again."
    ),
    "concern-changes-answer": (
        "If you are worried about harm, ask again as child protection; this refusal or silence will not block it."
    ),
    "tell-the-family": "Tell the family what you share, with whom and why, before or as you do.",
    "do-not-tell-the-family": "Do not tell the family now. Record why, and when that will be looked at again.",
    "consider-detriment": "Consider whether sharing would do the child more harm than not sharing, and record it.",
    "record-one-off": "Record this as a one-off share: what, with whom, why, and on which basis.",
    "court-rules-check": "Check what the court's rules allow before papers of the proceedings go.",
    "third-parties": "Take out other people's information that is not needed, and say who each person is in this.",
    "pseudonymise": "Take out names and identifiers wherever the work can do without them.",
    "originator-check": "Check with whoever the information came from before passing it on.",
    "late-entry": "Mark the record as a late entry where it is made a day or more afterwards.",
    "call-999": "Call 999.",
    "only-those-who-can-act": "Tell those who can act to protect somebody, and nobody else for now.",
    "review-by-lead": "Have your safeguarding lead look at it, and set the date for that.",
    "notify-without-identity": "You can still tell the Home Office without saying who the adult is.",
}

MISSING = {
    "para18-reason": (
        "Say why it goes without consent: it cannot be given, it is not reasonable to expect you to get it, or "
        "asking would prejudice the protection (Data Protection Act 2018, Schedule 1 paragraph 18)."
    ),
    "appropriate-policy-document": "Your organisation has no appropriate policy document on record. Ask for one.",
    "lawful-basis-record": "Your organisation has not recorded its lawful basis for this purpose.",
    "dpia": "Check that a data protection impact assessment covers this work.",
    "s36-4-authority": (
        "If it was collected for law enforcement, say which law authorises using it for this (Data Protection Act "
        "2018 section 36(4))."
    ),
    "confidentiality-route": (
        "Say how confidentiality is lifted: consent, direct care, statute, public interest or a court order. "
        "Protecting a child from serious harm is in the public interest."
    ),
    "consent-record": "Put the consent on record, with who gave it, when and how.",
}

CONSENT = {
    "danger": "Do not ask for consent, and do not wait.",
    "unsafe": "Do not ask for consent: asking could raise the risk.",
    "ask-the-basis": "Ask the family, explain what would be shared and why, and that they are free to say no.",
    "ask-the-basis-urgent": "Ask the family if that is safe. You need not wait for it to protect somebody.",
    "ask-agreement-to-service": "Ask the person concerned whether they agree to this support.",
    "ask-agreement-to-service-urgent": (
        "Ask the person concerned if that is safe. You need not wait for it to protect somebody."
    ),
    "not-the-basis": (
        "Consent is not what allows this, so do not ask for it as if it were; be open about it where that is safe."
    ),
    "the-basis-refused": "Consent was refused or taken back for this purpose.",
    "the-basis-given": "Consent is given. It can be taken back at any time.",
    "the-basis-not-now": "Consent would be the basis here; settle what stands in the way first.",
    "agreement-to-service-refused": (
        "Agreement to the service was refused. It is not the legal basis for sharing; a refusal does not block it."
    ),
    "agreement-to-service-decides": (
        "This needs the person's agreement, and it was refused or taken back. It is not the legal basis for sharing, "
        "and does not block sharing to protect somebody from harm."
    ),
    "agreement-to-service-given": "Agreement to the service is given. It is not the legal basis for sharing.",
    "agreement-to-service-open": (
        "Ask the family to agree to the service. Their agreement is not the legal basis for sharing."
    ),
    "agreement-to-service-not-now": (
        "Agreement to the service is not the legal basis; do not wait for it, and seek it when it is safe."
    ),
}

INFORM = {
    "after": "Tell the family afterwards, once it is safe.",
    "not-personal": "Nothing here identifies anybody, so there is nobody to tell.",
    "no": "Do not tell the family as a rule: it could get in the way. Whoever leads the work decides.",
    "privacy-notice": "Your privacy notice tells people about this; nobody needs telling case by case.",
    "unsafe": "Do not tell the family now: it could raise the risk. Look at this again later.",
    "yes": "Tell the family before you share.",
    "safe": "Tell the family: nothing suggests that it raises the risk.",
    "unless-unsafe": "Tell the family unless that could raise the risk to anybody or get in the way of protection.",
    "case-by-case": "Decide with the police or council Channel lead whether and when to tell anybody.",
}

# What a rule saw where it neither decided nor added anything.
PASSED = {
    "immediate-danger": "Nobody is said to be in immediate danger.",
    "restriction": "No court order or specially protected record is stated.",
    "anonymised": "It is not said to be anonymous.",
    "statutory-request": "No request under a statute is stated.",
    "detriment": "Nobody has judged that sharing would harm a child more than not sharing.",
    "duty": "No statutory duty towards this recipient is engaged, or could be.",
    "agreement-or-consent": "Nothing has to be agreed first, or it is agreed.",
    "anonymise-first": "This is not identifiable information for quality assurance without a reliable basis.",
    "lawful-and-agreed": "No agreement, protecting purpose, express power or consent lets all or part of it go.",
    "ask-for-advice": "Another rule answered.",
}


def _title(case: Case, code: str | None) -> str:
    provision = case.catalogue.provisions.get(code) if code is not None else None
    return provision.title if provision is not None else "that provision"


def recipient(case: Case) -> str:
    """The recipient's name; an id that is not known is never repeated."""
    organisation, kind = case.recipient.organisation, case.recipient.kind
    if organisation is not None:
        return organisation.name
    return f"the recipient ({kind.label})" if kind is not None else "the recipient you named"


def provider(case: Case) -> str:
    organisation = case.provider.organisation
    return organisation.name if organisation is not None else "your organisation"


def adviser(case: Case) -> str:
    """Whom the provider asks first: the post on its record, or what its kind usually has."""
    organisation, kind = case.provider.organisation, case.provider.kind
    if organisation is not None and "advice" in organisation.contacts:
        return organisation.contacts["advice"]
    return kind.advice_from if kind is not None else "your safeguarding lead or data protection officer"


def out_of_hours(case: Case) -> str:
    """The out-of-hours contact: the recipient's own, an agreement's, or the one that everywhere has."""
    organisation = case.recipient.organisation
    if organisation is not None and "out-of-hours" in organisation.contacts:
        return f"{organisation.name}, {organisation.contacts['out-of-hours']}"
    for version in case.view.agreements_in_force(case.on):
        for contact in version.schedule.contacts:
            if contact.code == "out-of-hours":
                return f"{contact.label}, {contact.telephone}" if contact.telephone else contact.label
    return "the council's out-of-hours emergency duty team, or the police on 101"


def standing(case: Case, code: str) -> str:
    """How sure the registry is of a provision: checked, reported in force, or not yet checked by a person."""
    provision = case.catalogue.provisions[code]
    return case.view.memory.recall(("standing", case.catalogue.sha256, code), lambda: _standing(provision))


def _standing(provision: Provision) -> str:
    if provision.verified:
        return "in force"
    reported = next((period for period in provision.in_force if period.reported), None)
    if reported is None:
        return "not yet checked by a person"
    return f"reported in force from {reported.from_:%d %B %Y}, not yet checked by a person".replace(" 0", " ")


def duty_engaged(case: Case, code: str) -> str:
    """Why there is a duty, and how sure that is."""
    what = "this" if code != "ca-2004-s16la" else f"what may help {recipient(case)} to protect the child"
    text = f"{_title(case, code)}, {standing(case, code)}. It obliges your organisation to share {what}."
    if not case.catalogue.provisions[code].verified:
        return f"{text} Until a person has checked that, your own lawful basis is listed after it."
    return text


def _fill(case: Case, template: str) -> str:
    if "{" not in template:
        return template
    return template.format_map(_Words(case))


class _Words(dict[str, str]):
    """The words a template may ask for, worked out only where it does."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self._case = case

    def __missing__(self, key: str) -> str:
        case = self._case
        if key == "recipient":
            return recipient(case)
        if key == "provider":
            return provider(case)
        if key == "adviser":
            return adviser(case)
        if key == "request":
            return _title(case, case.circumstances.statutory_request)
        if key == "power":
            return _title(case, "cja-2003-s325" if case.question.purpose == "mappa" else "cda-1998-s115")
        return standing(case, "ca-2004-s16la")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def reason(code: str, case: Case) -> str:
    return _sentence(_fill(case, _REASONS[code]))


def headline(code: str, case: Case) -> str:
    return _sentence(_fill(case, HEADLINES[code]))
