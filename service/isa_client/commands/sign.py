"""`isa-client sign`: make and sign the record of a decision to share, or not to share."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from isa_client.checks import Check
from isa_client.commands import connecting
from isa_client.commands.ask import refer
from isa_client.documents import SigningKey
from isa_client.errors import InputError
from isa_client.events import (
    ADVICE_OUTCOMES,
    BASIS_LISTS,
    CHILDS_VIEWS,
    CONSENTS,
    DECISIONS,
    FAMILY_INFORMED,
    METHODS,
    NOT_INFORMED_REASONS,
    WITHHELD_REASONS,
    Advice,
    EventSubject,
    SharingEvent,
    Withheld,
    sign_event,
    time_of,
)
from isa_client.identifiers import new_event_id
from isa_client.registry import log_origin
from isa_verify.encoding import JsonValue


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_keys(parser)
    connecting.add_subjects(parser, "each subject, in order")
    made = parser.add_argument_group("the decision")
    made.add_argument("--check", metavar="FILE", type=Path, required=True, help="what isa-client ask --save kept")
    made.add_argument("--decision", choices=DECISIONS, required=True)
    made.add_argument("--category", metavar="CODE", action="append", help="what was shared (default: all asked for)")
    made.add_argument(
        "--withheld",
        metavar="CATEGORY=REASON",
        action="append",
        default=[],
        help="what was held back and why; repeatable. Reasons: " + ", ".join(WITHHELD_REASONS),
    )
    made.add_argument("--consent", choices=CONSENTS, help="default: what the question said")
    made.add_argument("--informed", choices=FAMILY_INFORMED, required=True, help="whether the family was told")
    made.add_argument("--not-informed-reason", choices=NOT_INFORMED_REASONS, help="needed where the family is not told")
    made.add_argument("--childs-view", choices=CHILDS_VIEWS, required=True)
    made.add_argument("--method", choices=METHODS, required=True)
    made.add_argument("--role", metavar="ROLE", required=True, help="the role of the person who decided")
    made.add_argument("--staff-ref", metavar="REF", required=True, help="an opaque reference of that person")
    made.add_argument("--case-record", metavar="REF", required=True, help="where your own system holds the rationale")
    made.add_argument("--approved-by", metavar="ROLE")
    made.add_argument("--advice", metavar="ROLE=OUTCOME", action="append", default=[], help=", ".join(ADVICE_OUTCOMES))
    made.add_argument("--agreement", metavar="ID/VERSION", help="default: the agreement that the answer rests on first")
    made.add_argument("--marking", metavar="CODE", default="official-sensitive")
    made.add_argument("--request", metavar="REF", help="the request that this answers")
    made.add_argument("--retention", metavar="CODE")
    made.add_argument("--review-on", metavar="DATE")
    made.add_argument("--decided-at", metavar="TIME", help="RFC 3339 UTC with milliseconds (default: now)")
    made.add_argument("--shared-at", metavar="TIME", help="default: when it was decided, where something was shared")
    made.add_argument("--late-entry", action="store_true", help="needed for a decision more than 24 hours ago")
    made.add_argument("--corrects", metavar="EVENT", help="the id of an event that this one corrects")
    made.add_argument("--partnership", metavar="ID", default="durham", help="default: durham")
    made.add_argument("--registry", metavar="ORIGIN", help="the name of the registry's log (default: asked of URL)")
    made.add_argument("-o", "--out", metavar="FILE", type=Path, required=True)
    made.add_argument("--withheld-out", metavar="FILE", type=Path, help="default: beside FILE, as NAME.withheld.jws")


def run(options: argparse.Namespace) -> int:
    """Sign the event, and the list of what was withheld, into files. Nothing is sent."""
    key = SigningKey.read(connecting.signing_key_path(options))
    check = Check.read(options.check)
    withheld = [Withheld(*_pair(text, "--withheld CATEGORY=REASON")) for text in options.withheld]
    event = _event(options, check, withheld)
    signed, listed = sign_event(event, withheld, key)

    beside = options.withheld_out or options.out.with_name(f"{options.out.stem}.withheld.jws")
    # The event last: where it is there, so is the list that it names.
    if listed is not None:
        connecting.write_private(beside, listed.encode("ascii") + b"\n")
    connecting.write_private(options.out, signed.encode("ascii") + b"\n")
    print(f"Signed event {event.id} ({event.decision}) as {event.provider}: {options.out}")
    if listed is not None:
        print(f"Signed what was withheld: {beside}")
    return 0


def _event(options: argparse.Namespace, check: Check, withheld: list[Withheld]) -> SharingEvent:
    question, answer = check.question, check.answer
    circumstances = question.get("circumstances")
    known = circumstances if isinstance(circumstances, dict) else {}
    own = connecting.organisation(options)
    if question.get("provider") != own:
        raise InputError("provider-differs", "The check was asked for another organisation than the one that signs.")
    consent = options.consent or _text(known.get("consent"))
    if consent is None:
        raise InputError("consent-missing", f"Say what became of consent: --consent {' | '.join(CONSENTS)}.")
    decided_at = options.decided_at or time_of(datetime.now(UTC))
    shares = options.decision in ("shared", "part-shared")
    subjects = question.get("subjects")
    if identifiers := connecting.subject_identifiers(options.subject_id):
        subjects = refer(subjects, identifiers, connecting.subject_keys(options))
    return SharingEvent(
        registry=options.registry or log_origin(options.url, connecting.connection(options)),
        partnership=options.partnership,
        id=new_event_id(),
        decision=options.decision,
        provider=own,
        recipient=_recipient(question.get("recipient")),
        purpose=_text(question.get("purpose")) or "",
        categories=_categories(options, check, withheld),
        subjects=_subjects(subjects),
        urgency=_text(question.get("urgency")) or "routine",
        # Only a recorded check can be looked up again; a what-if leaves nothing to point to.
        check=_text(answer.get("id")) if answer.get("recorded") is True else None,
        agreement=_agreement(options.agreement, answer),
        basis=_basis(answer.get("basis")),
        para18_reason=_text(known.get("para18_reason")),
        s36_4_authority=_text(known.get("s36_4_authority")),
        confidentiality_route=_text(known.get("confidentiality_route")),
        would_help_recipient=_truth(known.get("would_help_recipient")),
        more_detrimental=_truth(known.get("more_detrimental_to_share")),
        consent=consent,
        family_informed=options.informed,
        not_informed_reason=options.not_informed_reason,
        childs_view=options.childs_view,
        advice=[Advice(*_pair(text, "--advice ROLE=OUTCOME")) for text in options.advice],
        approved_by=options.approved_by,
        decided_by_role=options.role,
        decided_by_ref=options.staff_ref,
        decided_at=decided_at,
        shared_at=options.shared_at or (decided_at if shares else None),
        method=options.method,
        marking=options.marking,
        request=options.request,
        case_record=options.case_record,
        retention=options.retention,
        review_on=options.review_on,
        late_entry=options.late_entry,
        corrects=options.corrects,
    )


def _categories(options: argparse.Namespace, check: Check, withheld: list[Withheld]) -> list[str]:
    """What was shared; where nothing was, what was asked for. What the answer held back is never assumed shared."""
    asked = check.question.get("categories")
    every = [code for code in asked if isinstance(code, str)] if isinstance(asked, list) else []
    listed: list[str] = options.category or every
    if options.decision not in ("shared", "part-shared"):
        return listed
    back = {one.category for one in withheld}
    sent = [code for code in listed if code not in back]
    held = [code for code in check.held_categories() if code in sent]
    if held and len(held) < len(sent) and not options.category:
        raise InputError(
            "categories-held",
            f"The answer holds back {', '.join(held)}. Say what was shared with --category, or what was not with "
            "--decision part-shared --withheld CATEGORY=REASON.",
        )
    return sent


def _subjects(subjects: JsonValue) -> list[EventSubject]:
    found: list[EventSubject] = []
    for subject in subjects if isinstance(subjects, list) else []:
        members = subject if isinstance(subject, dict) else {}
        kind, ref, roles = _text(members.get("kind")), _text(members.get("ref")), members.get("roles")
        if kind is None or ref is None:
            raise InputError("subject-missing", "An event names each person by a keyed reference: give --subject-id.")
        listed = roles if isinstance(roles, list) else []
        found.append(EventSubject(kind, ref, tuple(role for role in listed if isinstance(role, str))))
    return found


def _recipient(value: JsonValue) -> str | dict[str, str]:
    if isinstance(value, dict) and isinstance(kind := value.get("kind"), str):
        return {"kind": kind}
    return _text(value) or ""


def _agreement(given: str | None, answer: dict[str, JsonValue]) -> tuple[str, str] | None:
    if given:
        name, _, version = given.partition("/")
        return name, version
    listed = answer.get("agreements")
    first = listed[0] if isinstance(listed, list) and listed else None
    if isinstance(first, dict):
        name_version = _text(first.get("agreement")), _text(first.get("version"))
        if name_version[0] and name_version[1]:
            return name_version[0], name_version[1]
    return None


def _basis(value: JsonValue) -> dict[str, list[str]]:
    members = value if isinstance(value, dict) else {}
    found: dict[str, list[str]] = {}
    for name in BASIS_LISTS:
        codes = members.get(name)
        found[name] = [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []
    return found


def _pair(text: str, form: str) -> tuple[str, str]:
    left, separator, right = text.partition("=")
    if not (left and separator and right):
        raise InputError("option-malformed", f"An option is not of the form {form}.")
    return left, right


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _truth(value: JsonValue) -> bool | None:
    return value if isinstance(value, bool) else None
