"""Opposites, denials and verdicts."""

import pytest

from app.grading.polarity import (
    Agreement,
    compare_claims,
    compare_denials,
    read_polarity,
    read_verdict,
)


@pytest.mark.parametrize(
    ("reference", "answer", "agreement"),
    [
        ("提高模型的泛化能力", "降低模型的泛化能力", Agreement.CLASHES),
        ("提高模型的泛化能力", "不能提高模型的泛化能力", Agreement.CLASHES),
        ("提高模型的泛化能力", "不会降低模型的泛化能力", Agreement.AGREES),
        ("提高模型的泛化能力", "泛化能力增强了", Agreement.AGREES),
        ("提高模型的泛化能力", "降低硬件成本", Agreement.SILENT),
        ("避免过拟合", "导致过拟合", Agreement.CLASHES),
        ("避免过拟合", "防止过拟合", Agreement.AGREES),
        ("reduces network latency", "increases network latency", Agreement.CLASHES),
        ("栈是后进先出的结构", "栈是先进先出的结构", Agreement.CLASHES),
    ],
)
def test_opposites_about_the_same_thing(reference: str, answer: str, agreement: Agreement) -> None:
    """A word and its opposite clash where they are about the same thing; denials turn them."""
    parts = [read_polarity(reference)], [read_polarity(answer)]

    assert compare_claims(*parts, asked=()) is agreement


@pytest.mark.parametrize(
    ("reference", "answer", "clash"),
    [
        ("通过握手建立连接", "不通过握手建立连接", True),
        ("没有中心节点", "有一个中心节点", True),
        ("没有中心节点", "不存在中心节点", False),
        ("采用无监督训练", "采用无监督训练", False),
        ("不同模态要分别编码", "模态要分别编码", False),
        ("不得不重传数据", "必须重传数据", False),
        ("识别图像", "识别图像里的物体", False),
        ("objects are copied", "objects are not copied", True),
    ],
)
def test_denials(reference: str, answer: str, clash: bool) -> None:  # noqa: FBT001 (a table's column)
    """Denied words clash with plain ones; 不同, 无监督, 识别 and double denials deny nothing."""
    assert bool(compare_denials(read_polarity(reference), read_polarity(answer))) is clash


@pytest.mark.parametrize(
    ("clause", "verdict"),
    [
        ("正确", True),
        ("答案:错误", False),
        ("不是这样", False),
        ("对于链表", None),
        ("能力很强", None),
        ("no, it is not", False),
        ("notes are kept", None),
        ("true", True),
    ],
)
def test_verdicts(clause: str, verdict: bool | None) -> None:  # noqa: FBT001 (a table's column)
    """A verdict stands at the head of a clause and is a word of its own."""
    assert read_verdict(clause) is verdict
