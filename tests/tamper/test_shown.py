"""What is shown or handed to somebody outside is refused by the tool that promises it, with its own code."""

from __future__ import annotations

import pytest

from isa_registry.ledger.witness import WitnessRefusal
from isa_verify.errors import VerificationError
from tamper.case import Shown, Silent
from tamper.cases import SHOWN, SILENT_SHOWN


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.id)
def test_it_is_refused_and_what_is_honest_is_not(case: Shown) -> None:
    case.verify(case.honest())
    with pytest.raises((VerificationError, WitnessRefusal)) as refused:
        case.verify(case.change(case.honest()))
    assert case.code == refused.value.code


@pytest.mark.parametrize("case", SILENT_SHOWN, ids=lambda case: case.id)
def test_an_auditor_who_was_never_here_cannot_know(case: Silent) -> None:
    """What the threat model says is not caught here, and by whom it is."""
    assert case.view is not None
    assert case.verify is not None
    assert case.verify(case.view())
