"""From a question to an answer: pure, total, and citing what it rests on.

`decide` is a tuple of rules (`rules.RULES`), tried in order; the first that finds something decides, and those before
it may leave notes. What an answer says beside its outcome (basis, consent, openness, conditions, what is missing) is
worked out by a module each; the words are in `wording`.
"""

from isa_registry.domain.decisions.codes import Fault, check_question, moment_of
from isa_registry.domain.decisions.engine import ENGINE_VERSION, decide, outcome

__all__ = ["ENGINE_VERSION", "Fault", "check_question", "decide", "moment_of", "outcome"]
