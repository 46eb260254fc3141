"""Right or wrong, yes or no: the words and signs by which people say so."""

from app.grading.polarity import read_verdict
from app.text import fold

_TRUE = frozenset(
    "对 对的 正确 是 是的 真 成立 √ ✓ ✔ ✅ ☑ t true y yes right correct".split()  # noqa: SIM905 (a list of words)
)
_FALSE = frozenset(
    "错 错的 错误 否 不是 不对 不正确 假 不成立 × ✗ ✘ ❌ x f false n no wrong incorrect".split()  # noqa: SIM905
)
_AROUND = " \t\n。.!！,，;；:：()[]【】{}\"'“”‘’"


def read_truth(text: str) -> bool | None:
    """Return what a text that is a verdict and nothing else says: 对, √, T, yes; 错, ×, F, no."""
    word = fold(text).strip(_AROUND)
    return True if word in _TRUE else False if word in _FALSE else None


def find_truth(text: str) -> bool | None:
    """Return the verdict that a text begins with, or is: `错，因为…` says no."""
    whole = read_truth(text)
    if whole is not None:
        return whole
    folded = fold(text).strip(_AROUND)
    signs = {sign: word for words, word in ((_TRUE, True), (_FALSE, False)) for sign in words}
    head = folded[:1]
    if head in signs and not head.isalnum():
        return signs[head]
    return read_verdict(folded)
