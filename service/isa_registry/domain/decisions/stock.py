"""What answers are made of that depends on the catalogue alone, made once and shared: an answer holds no copy of it."""

from __future__ import annotations

from isa_registry.domain.answers import CategoryAnswer, Condition, ConsentAdvice, InformAdvice, Missing
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions import features


class Stock:
    """One catalogue, ready for use. `missing` has those whose words name nobody."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.features = {code: features.of_category(code, one) for code, one in catalogue.categories.items()}
        self.conditions = {code: Condition(code, text) for code, text in catalogue.words.conditions.items()}
        self.policy_documents = frozenset(one.code for one in catalogue.provisions.values() if one.policy_document)
        self.missing = {
            code: Missing(code, words.needed, words.who, words.text)
            for code, words in catalogue.words.missing.items()
            if "{" not in words.text
        }
        self._consent: dict[tuple[str, str, str], ConsentAdvice] = {}
        self._inform: dict[tuple[str, bool | None, str], InformAdvice] = {}
        self._categories: dict[tuple[str, str], CategoryAnswer] = {}
        self.recordings: dict[tuple[str, tuple[bool, ...]], tuple[str, ...]] = {}

    def features_of(self, categories: tuple[str, ...]) -> int:
        """The features of the kinds of information that are asked about."""
        found, known = 0, self.features
        for code in categories:
            found |= known[code] if code in known else features.of_category(code, None)
        return found

    def consent(self, role: str, seek: str, words: str) -> ConsentAdvice:
        key = (role, seek, words)
        found = self._consent.get(key)
        if found is None:
            found = self._consent[key] = ConsentAdvice(role, seek, self.catalogue.words.consent[words])
        return found

    def inform(self, expected: str, now: bool | None, words: str) -> InformAdvice:
        key = (expected, now, words)
        found = self._inform.get(key)
        if found is None:
            found = self._inform[key] = InformAdvice(expected, now, self.catalogue.words.inform[words])
        return found

    def category(self, code: str, outcome: str) -> CategoryAnswer:
        found = self._categories.get((code, outcome))
        if found is None:
            category = self.catalogue.categories.get(code)
            special, criminal = category is not None and category.special, category is not None and category.criminal
            found = CategoryAnswer(code=code, special=special, criminal=criminal, outcome=outcome)
            if category is not None:
                self._categories[code, outcome] = found
        return found


_KEPT: list[Stock] = []
_AT_MOST = 8


def stock_of(catalogue: Catalogue) -> Stock:
    """The last few are kept, by identity of the catalogue."""
    for stock in _KEPT:
        if stock.catalogue is catalogue:
            return stock
    stock = Stock(catalogue)
    _KEPT.append(stock)
    del _KEPT[:-_AT_MOST]
    return stock
