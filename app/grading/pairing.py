"""Which point each clause of an answer speaks of, so that a title cannot borrow another's words."""

import re
from collections.abc import Sequence

from app.grading.evidence import Statement
from app.grading.lexical import Match, Profile, precision, recall
from app.grading.lexicon import LEXICON
from app.text import CJK, fold, grams

# The subject of a point without a title: what stands before the copula, or a leading Latin name.
_COPULA = "is|are|means|uses|refers|has|can|provides"
_SUBJECT = re.compile(
    rf"^\W*([^，,。；;:：]{{1,14}}?)(?:[:：]|——|是指|是|指|用于|负责|表示|意味)"
    rf"|^\W*([a-z][a-z0-9+#. -]{{0,24}}?)\s?(?=[{CJK}]|(?:{_COPULA})\b)"
    rf"|^\W*([{CJK}]{{2,6}})[，,]"
)
_NAMED = 0.75  # share of a subject's words by which a clause names it
_TITLE_ALONE = 0.7
_FULL_OF_ANOTHER = 0.3
_TIMES_OWN = 2.0


def subjects(points: Sequence[tuple[str | None, str]]) -> list[frozenset[str]]:
    """Return the grams of what each (title, text) point is about, empty where that is not its own.

    That is the title, or the head of the text where no other point says the same words.
    """
    said = [frozenset(grams(fold(f"{title or ''} {text}"))) for title, text in points]
    heads = [frozenset(grams(_head(title, text))) for title, text in points]
    return [
        head
        if points[at][0] or not any(head <= other for i, other in enumerate(said) if i != at)
        else frozenset()
        for at, head in enumerate(heads)
    ]


def _head(title: str | None, text: str) -> str:
    found = _SUBJECT.match(fold(text))
    if title or not found:
        return fold(title or "")
    return found[1] or found[2] or found[3]


def owners(
    profiles: Sequence[Profile],
    points: Sequence[tuple[str | None, str]],
    statements: Sequence[Statement],
) -> list[int | None]:
    """Return for each clause the one point whose subject it stands under, None if none or several.

    A title reaches to the end of its sentence; one that stands alone in its line, as a heading
    does, to the end of the next. The subject of a point without a title reaches no further than
    its clause.
    """
    topics = subjects(points)
    result: list[int | None] = []
    current: int | None = None
    until = -1
    for index, statement in enumerate(statements):
        said = statement.bag.grams
        named = [at for at, words in enumerate(topics) if words & said and _names(said, words)]
        if named:
            current = named[0] if len(named) == 1 else None
            until = _reach(index, statements, profiles[named[0]], titled=bool(points[named[0]][0]))
        result.append(current if index < until else None)
    return result


def _reach(index: int, statements: Sequence[Statement], profile: Profile, *, titled: bool) -> int:
    """Return the index behind the last statement that a subject reaches."""
    if not titled:
        return index + 1
    here = statements[index].clause
    end = _sentence_end(statements, index)
    heading = _is_heading(profile, statements[index]) and end == index + 1 < len(statements)
    if heading and statements[end].clause.line != here.line:
        return _sentence_end(statements, end)
    return end


def _sentence_end(statements: Sequence[Statement], index: int) -> int:
    sentence = statements[index].clause.sentence
    while index < len(statements) and statements[index].clause.sentence == sentence:
        index += 1
    return index


def find_rival(
    at: int,
    profiles: Sequence[Profile],
    matches: Sequence[Sequence[Match]],
    owned: Sequence[int | None],
) -> int | None:
    """Return the point whose explanation stands under the subject of point `at`, if one does."""
    section = [index for index, owner in enumerate(owned) if owner == at]
    shares = [
        recall(profile, _join(found, section), profile.body)
        for profile, found in zip(profiles, matches, strict=True)
    ]
    rivals = [index for index in range(len(profiles)) if index != at]
    best = max(rivals, key=shares.__getitem__, default=at)
    swapped = shares[best] >= _FULL_OF_ANOTHER and shares[best] > _TIMES_OWN * shares[at]
    return best if swapped else None


def _join(found: Sequence[Match], indexes: Sequence[int]) -> Match:
    result = Match()
    for index in indexes:
        result |= found[index]
    return result


def _names(said: frozenset[str], words: frozenset[str]) -> bool:
    total = sum(map(LEXICON.rarity, words))
    return sum(map(LEXICON.rarity, words & said)) >= _NAMED * total


def _is_heading(profile: Profile, statement: Statement) -> bool:
    own = statement.bag.grams
    return precision(profile, own, frozenset()) >= _TITLE_ALONE and len(own - profile.title) <= 1
