"""Labels that only show how questions look: examples of a format, templates to be filled in."""

import re
from collections.abc import Sequence

from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.pieces import ANSWERS, Piece, PieceKind

_TO_FILL_IN = re.compile(
    r"[ \t]*(?:\[[^\]\n]{1,40}\](?!\()|【[^】\n]{1,40}】|<[^>\n]{1,40}>|\{[^}\n]{1,40}\}"
    r"|[（(]?(?:请)?在?(?:此处?|这里)(?:填写|输入|写)[^。？?\n]{0,20}|[xX×]{3,}"
    r"|your question(?: here)?)[ \t]*",
    re.IGNORECASE,
)


def find_examples(pieces: Sequence[Piece]) -> frozenset[int]:
    """Return the indices of the labels that are examples.

    A bare 问题：/答案： pair is one right below the label of an example, and so is a template
    (`**题目：** [在此填写]`) with the labels that follow it.
    """
    found: set[int] = set()
    in_template = False
    for index, piece in enumerate(pieces):
        label = piece.labelling
        if label is None:
            in_template = False
            continue
        if label.kind is LabelKind.QUESTION:
            in_template = bool(_TO_FILL_IN.fullmatch(label.rest))
        if in_template or (
            label.bare
            and _is_shown(label, pieces[index - 1] if index else None, shown=index - 1 in found)
        ):
            found.add(index)
    return frozenset(found)


def _is_shown(label: Label, above: Piece | None, *, shown: bool) -> bool:
    """Say whether a label stands right below `举例：`, or answers one that does."""
    if above is None or above.kind is not PieceKind.LABEL or above.label is None:
        return False
    if label.kind is LabelKind.QUESTION:
        return above.label.kind is LabelKind.EXTRA and above.block is None
    return label.kind in ANSWERS and above.label.kind is LabelKind.QUESTION and shown
