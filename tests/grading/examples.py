"""Questions with points that the tests of the answer check share."""

from dataclasses import dataclass

from app.grading.check import AnswerCheck, ReferencePoint, check_answer


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its points."""

    question: str
    points: tuple[ReferencePoint, ...]

    def check(self, answer: str) -> AnswerCheck:
        """Check an answer to the question."""
        return check_answer(self.question, self.points, answer)

    def states(self, answer: str) -> str:
        """Return the states of the points as capitals: C, P, M and X for contradicted."""
        letters = {"covered": "C", "partial": "P", "missed": "M", "contradicted": "X"}
        return "".join(letters[verdict.state] for verdict in self.check(answer).points)

    @property
    def copy(self) -> str:
        """The reference written out, a numbered line a point."""
        return "\n".join(
            f"{number}. **{point.title}**：{point.text}"
            if point.title
            else f"{number}. {point.text}"
            for number, point in enumerate(self.points, 1)
        )

    @property
    def titles(self) -> str:
        """The titles alone, a line each."""
        return "\n".join(point.title or "" for point in self.points)


MULTIMODAL = Example(
    "多模态大模型有哪些关键技术？",
    (
        ReferencePoint(
            "不同模态的数据需要通过特征提取技术分别提取出各自的特征表示，然后通过融合策略将它们整合起来。",
            "特征提取与融合",
        ),
        ReferencePoint(
            "为了有效融合多模态数据，需要解决模态间对齐和匹配问题，确保不同模态数据在时间和空间上的一致性。",
            "对齐与匹配",
        ),
        ReferencePoint(
            "设计适合多模态数据处理的大规模深度学习模型架构，"
            "如多任务学习（Multitask Learning）和迁移学习（Transfer Learning）。",
            "模型架构",
        ),
        ReferencePoint("通过数据增强方法扩大训练数据集，提高模型泛化能力。", "数据增强"),
    ),
)
CACHE = Example(
    "网站为什么要使用缓存？",
    (
        ReferencePoint("热点数据从内存读取，缩短了页面的响应时间。", "加快访问"),
        ReferencePoint("大量重复查询不再到达数据库，降低了数据库的压力。", "减轻负载"),
        ReferencePoint("数据库短时间故障时，缓存里的旧数据仍能返回给用户。", "容忍故障"),
    ),
)
LOGISTICS = Example(
    "物流的基本功能有哪些？",
    tuple(ReferencePoint(item) for item in ("运输", "储存", "装卸", "包装", "流通加工")),
)
VACCINE = Example(
    "How do vaccines protect a person?",
    (
        ReferencePoint("A vaccine shows the immune system a harmless part of a germ."),
        ReferencePoint("The body produces antibodies and memory cells against that germ."),
        ReferencePoint(
            "On a later infection the memory cells respond quickly and prevent disease."
        ),
    ),
)
BINARY_SEARCH = Example(
    "二分查找的前提和时间复杂度是什么？",
    (
        ReferencePoint("数组必须有序。"),
        ReferencePoint("时间复杂度为 O(log n)。"),
        ReferencePoint("一百万个元素最多比较 20 次。"),
    ),
)
LIQUIDS = Example(
    "蒸发和沸腾有什么区别？",
    (
        ReferencePoint("蒸发在任何温度下都能发生，沸腾要达到沸点。", "温度"),
        ReferencePoint("蒸发只在液体表面进行，沸腾在液体内部和表面同时进行。", "位置"),
        ReferencePoint("蒸发缓慢，沸腾剧烈。", "程度"),
    ),
)
EXAMPLES = (MULTIMODAL, CACHE, LOGISTICS, VACCINE, BINARY_SEARCH, LIQUIDS)
