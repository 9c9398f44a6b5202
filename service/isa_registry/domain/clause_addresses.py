"""What an address of this registry names: an agreement, a version or a day of it, a clause. Every form that was ever
given out is read here, so that a link in a training page or a policy can be asked about as it stands there."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from isa_registry.domain.agreement_text import is_clause_id
from isa_registry.domain.agreements import LANGUAGES
from isa_registry.domain.citations import parse_citation

LONGEST = 2_000
"""Characters of an address that is read at all."""

_AGREEMENT = r"(?P<agreement>[a-z0-9]+(?:-[a-z0-9]+)*)"
_VERSION = r"(?P<version>[0-9]+(?:\.[0-9]+)*)"
_DAY = r"at/(?P<on>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_CLAUSE = r"clause/(?P<clause>[A-Z0-9]+(?:\.[0-9]+)*)"
_SUFFIX = rf"(?:\.(?:{'|'.join(LANGUAGES)}))?(?:\.(?:html|jsonld|json|md))?"
"""The language and the form, which do not change what is named."""
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?:/embed)?/id/agreement/{_AGREEMENT}/{_CLAUSE}",
        rf"/id/agreement/{_AGREEMENT}",
        rf"(?:/embed)?/agreements/{_AGREEMENT}/{_VERSION}/{_CLAUSE}{_SUFFIX}",
        rf"/agreements/{_AGREEMENT}/{_DAY}/{_CLAUSE}{_SUFFIX}",
        rf"/agreements/{_AGREEMENT}/{_DAY}{_SUFFIX}",
        rf"/agreements/{_AGREEMENT}/{_VERSION}/part/(?P<clause>[A-Z0-9]+(?:\.[0-9]+)*)",
        rf"/agreements/{_AGREEMENT}/{_VERSION}(?:/(?:print|schedule|law|attestations|summaries|versions)|{_SUFFIX})",
        rf"/agreements/{_AGREEMENT}",
        rf"/api/v1/agreements/{_AGREEMENT}/versions/{_VERSION}(?:/clauses/(?P<clause>[A-Z0-9]+(?:\.[0-9]+)*))?",
        rf"/api/v1/agreements/{_AGREEMENT}",
    )
)
_PORTS = {"http": 80, "https": 443}


class Named(NamedTuple):
    """What an address names. Without `version` and `on` it is the version in force, without `clause` all of it."""

    agreement: str
    version: str | None = None
    on: str | None = None
    clause: str | None = None


def is_ours(address: str, public_url: str) -> bool:
    """Whether an absolute address is on this registry's host and below its path, by http or by https."""
    found, own = _split(address), _split(public_url)
    if found is None or own is None or found.scheme not in _PORTS or found.username is not None:
        return False
    try:
        same = (found.hostname, found.port or _PORTS[found.scheme]) == (own.hostname, own.port or _PORTS[own.scheme])
        # An old link by http leads on to https, where both have their usual ports.
        usual = found.hostname == own.hostname and {found.port, own.port} <= {None, *_PORTS.values()}
    except ValueError:
        return False
    return (same or usual) and f"{found.path}/".startswith(f"{own.path}/")


def named_by(address: str, public_url: str) -> Named | None:
    """What an address of ours names, whether absolute, a path alone, or a citation as answers write it
    (tier-2-hoth/1.0#5.3); None for what names nothing here."""
    address = address.strip()
    if len(address) > LONGEST:
        return None
    cited = parse_citation(address)
    if cited is not None:
        return Named(cited.agreement, cited.version, None, cited.clause)
    found, own = _split(address), _split(public_url)
    if found is None or own is None:
        return None
    path = unquote(found.path)
    if found.scheme or found.netloc:
        if not is_ours(address, public_url):
            return None
        path = path.removeprefix(own.path)
    return _named(path.removesuffix("/"), unquote(found.fragment))


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _named(path: str, fragment: str) -> Named | None:
    for form in _FORMS:
        found = form.fullmatch(path)
        if found is None:
            continue
        parts = found.groupdict()
        on, clause = parts.get("on"), parts.get("clause")
        if clause is not None and not is_clause_id(clause):
            return None
        if on is not None and not _is_day(on):
            return None
        if clause is None and is_clause_id(fragment):
            clause = fragment
        return Named(found["agreement"], parts.get("version"), on, clause)
    return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
