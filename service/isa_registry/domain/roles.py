"""What may be granted: people's roles, machines' scopes, and which of them are the lead body's alone."""

from __future__ import annotations

OWN_ROLES = ("practitioner", "signatory", "ig-lead")
"""Roles that a body's own information-governance lead grants, or a claim of its sign-in gives."""

LEAD_ROLES = ("auditor", "business-unit")
"""Roles of a lead body's people alone: granted by two people of the business unit, for a time, never by a claim.
`auditor` is of the registry's own lead body alone; `business-unit` of any that leads a partnership."""

PARTNERSHIP_UNIT = "partnership-unit"
"""What `business-unit` is to people of a body that leads another partnership than the registry's own. It is derived
and never granted; see `register/units.py`."""

LAW_LEAD = "law-lead"
"""What `ig-lead` is besides to people of the registry's own lead body: two of them say which of the law is checked. It
is derived and never granted, on the same terms."""

ROLES = (*OWN_ROLES, *LEAD_ROLES)

OWN_SCOPES = ("checks:ask", "events:write", "events:read", "consents:write", "consents:read", "agreements:read")
LEAD_SCOPES = ("audit:read", "admin")
"""Scopes of the lead body's machine clients alone, on the same terms as its roles."""

SCOPES = (*OWN_SCOPES, *LEAD_SCOPES)

LONGEST_LEAD_DAYS = 366
"""How long a role or a scope of the lead body may be granted for, counted from the day of its entry."""
