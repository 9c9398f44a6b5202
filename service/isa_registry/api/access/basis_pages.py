"""The lines of the pages about lawful bases: what is to be done, the records, and making one."""

from __future__ import annotations

from isa_registry.api.access.terms import IG_LEAD, Access, page

_RECORDS = "/account/lawful-bases"
BASIS_PAGES: dict[tuple[str, str], Access] = {
    ("GET", "/account/to-do"): page("What your own organisation has to do about lawful bases", roles=IG_LEAD),
    ("GET", _RECORDS): page("The lawful-basis records of your own organisation", roles=IG_LEAD),
    ("GET", "/account/processing-record"): page(
        "Your own organisation's record of processing activities, also as CSV and JSON", roles=IG_LEAD
    ),
    ("GET", f"{_RECORDS}/{{record}}"): page("One lawful-basis record, and those before and after it", roles=IG_LEAD),
    ("GET", f"{_RECORDS}/new"): page("A lawful-basis record of your own in the making, step by step", roles=IG_LEAD),
    ("GET", f"{_RECORDS}/check"): page(
        "A lawful-basis record to look at once more", roles=IG_LEAD, recent_sign_in=True
    ),
    ("POST", f"{_RECORDS}/check"): page("Make a lawful-basis record", form=True, roles=IG_LEAD, recent_sign_in=True),
    ("GET", f"{_RECORDS}/{{record}}/end"): page("A lawful-basis record to end", roles=IG_LEAD, recent_sign_in=True),
    ("POST", f"{_RECORDS}/{{record}}/end"): page(
        "End a lawful-basis record", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
    ("GET", f"{_RECORDS}/adoption"): page("Default lawful-basis records to adopt", roles=IG_LEAD, recent_sign_in=True),
    ("POST", f"{_RECORDS}/adoption"): page(
        "Adopt default lawful-basis records", form=True, roles=IG_LEAD, recent_sign_in=True
    ),
}
