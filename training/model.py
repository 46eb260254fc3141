"""The network: an E5 encoder that reads a question, all its points and an answer at once.

Every point gets its verdict from the same pass, so a point is always judged beside its siblings.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize, scaled_dot_product_attention

from training.e5_weights import Array, E5File, Shape

CLASSES = ("covered", "partial", "missed", "contradicted")
SEGMENTS = 3  # question, points, answer
ANSWER = 2
POOLS = 2  # learned ways to weigh the tokens of a point
SHARPNESS = 15.0  # of the first alignments; cosines of one meaning differ by little
ABSENT = -1e4  # added to what must not be attended to
SMALL = 0.02


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.output = nn.Linear(shape.width, shape.width)
        self.attention_norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.inner = nn.Linear(shape.width, shape.inner)
        self.outer = nn.Linear(shape.inner, shape.width)
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map (batch, tokens, width) to the same shape; `mask` is added to the attention."""
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(batch, tokens, width)
        x = self.attention_norm(x + self.dropout(self.output(mixed)))
        y: Tensor = self.norm(x + self.dropout(self.outer(gelu(self.inner(x)))))
        return y


class Encoder(nn.Module):
    """Embeddings and layers of E5; `segments` is new and starts at zero."""

    def __init__(self, shape: Shape, pieces: int, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding(pieces, shape.width)
        self.positions = nn.Embedding(shape.longest, shape.width)
        self.segments = nn.Embedding(SEGMENTS, shape.width)
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        nn.init.zeros_(self.segments.weight)

    def forward(self, tokens: Tensor, segments: Tensor, present: Tensor) -> Tensor:
        """Return token vectors (batch, tokens, width); `present` is false for padding."""
        where = torch.arange(tokens.shape[1], device=tokens.device)
        x: Tensor = self.words(tokens) + self.positions(where) + self.segments(segments)
        x = self.norm(x)
        absent = torch.where(present, 0.0, ABSENT)
        mask = absent[:, None, None, :].to(x.dtype)
        for layer in self.layers:
            x = layer(x, mask)
        return x


class Alignment(nn.Module):
    """Compares each token with what it is nearest to in the answer.

    The projections start as the identity: E5's token vectors of one meaning lie close in any
    language, so the comparison is worth something before the first step.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ask = nn.Linear(width, width, bias=False)
        self.offer = nn.Linear(width, width, bias=False)
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))
        self.compare = nn.Linear(4 * width + 1, width)
        nn.init.eye_(self.ask.weight)
        nn.init.eye_(self.offer.weight)

    def forward(self, x: Tensor, present: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
        """Return the comparison (batch, tokens, width) and the best cosine (batch, tokens, 1)."""
        count = present.sum(1, keepdim=True)
        centre = (x * present[:, :, None]).sum(1, keepdim=True) / count[:, :, None]
        asked = normalize(self.ask(x - centre), dim=2)
        offered = normalize(self.offer(x - centre), dim=2)
        cosines = asked @ offered.transpose(1, 2)
        cosines = cosines.float() + torch.where(answer, 0.0, ABSENT)[:, None, :]
        found = torch.softmax(self.sharpness * cosines, dim=2).to(x.dtype) @ x
        best = cosines.amax(dim=2).clamp(min=-1.0)[:, :, None]
        seen = torch.cat([x, found, x - found, x * found, best.to(x.dtype)], dim=2)
        return gelu(self.compare(seen)), best


class PointJudge(nn.Module):
    """Encoder and head: logits of the four classes for every point of every answer."""

    def __init__(self, shape: Shape, pieces: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = Encoder(shape, pieces, dropout)
        self.align = Alignment(shape.width)
        self.weigh = nn.Linear(shape.width, POOLS)
        self.dense = nn.Linear((POOLS + 2) * shape.width + 2, shape.width)
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(shape.width, len(CLASSES))
        nn.init.normal_(self.classify.weight, std=SMALL)
        nn.init.zeros_(self.classify.bias)

    def forward(
        self, tokens: Tensor, segments: Tensor, present: Tensor, spans: Tensor, marks: Tensor
    ) -> Tensor:
        """Return logits (batch, points, 4).

        `spans` (batch, points, tokens) weighs the tokens of each point, summing to one; `marks`
        (batch, points) is the position of the token that opens it.
        """
        x = self.encoder(tokens, segments, present)
        compared, best = self.align(x, present, present & (segments == ANSWER))
        spans = spans.to(compared.dtype)
        parts = [spans @ compared, *self._pools(compared, spans)]
        parts.append(torch.gather(x, 1, marks[:, :, None].expand(-1, -1, x.shape[2])))
        near = spans.float() @ best
        parts += [near, near - near.amax(dim=1, keepdim=True)]
        hidden = gelu(self.dense(torch.cat([part.to(x.dtype) for part in parts], dim=2)))
        logits: Tensor = self.classify(self.dropout(hidden))
        return logits

    def _pools(self, compared: Tensor, spans: Tensor) -> list[Tensor]:
        """Pool the tokens of each point by learned weights, so that one word can decide."""
        scores = self.weigh(compared).float()
        outside = torch.where(spans > 0, 0.0, ABSENT)
        weights = [torch.softmax(scores[:, None, :, at] + outside, dim=2) for at in range(POOLS)]
        return [weight.to(compared.dtype) @ compared for weight in weights]


def load_e5(model: PointJudge, file: E5File, kept: list[int]) -> None:
    """Copy E5's weights into the encoder; word vectors of the kept pieces only, and frozen."""
    tensors = file.tensors
    encoder = model.encoder
    # The type vector is the same at every position: it moves into the positions.
    words = tensors["emb.word"][kept]
    state = {
        "words.weight": words,
        "positions.weight": tensors["emb.pos"] + tensors["emb.type"][:1],
        "norm.weight": tensors["emb.ln.w"],
        "norm.bias": tensors["emb.ln.b"],
    }
    for number in range(file.shape.layers):
        state |= _layer_state(tensors, number)
    loaded = {name: torch.from_numpy(value) for name, value in state.items()}
    missing = encoder.load_state_dict(loaded, strict=False)
    if missing.missing_keys != ["segments.weight"] or missing.unexpected_keys:
        raise ValueError(f"weights do not fit the encoder: {missing}")
    encoder.words.weight.requires_grad_(False)  # noqa: FBT003 (torch's signature)


def _layer_state(tensors: Mapping[str, Array], number: int) -> dict[str, Array]:
    old, new = f"l{number}.", f"layers.{number}."
    names = {
        "output": "ao",
        "inner": "fi",
        "outer": "fo",
        "attention_norm": "aln",
        "norm": "oln",
    }
    state = {
        f"{new}qkv.weight": np.concatenate([tensors[f"{old}{part}.w"] for part in "qkv"]),
        f"{new}qkv.bias": np.concatenate([tensors[f"{old}{part}.b"] for part in "qkv"]),
    }
    for name, short in names.items():
        state[f"{new}{name}.weight"] = tensors[f"{old}{short}.w"]
        state[f"{new}{name}.bias"] = tensors[f"{old}{short}.b"]
    return state
