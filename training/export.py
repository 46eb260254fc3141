"""Turn a checkpoint into what ships: an int8 ONNX file beside its vocabulary.

    python -m training.export --run FOLDER [--checkpoint best.pt]

Matrices are quantised per output channel with dynamic activations, word vectors per row. Prints
sizes and the time of one pass on one thread.
"""

# ruff: noqa: T201 (it prints what it measured)

import argparse
import copy
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import (  # type: ignore[import-untyped]  # it ships no types
    QuantType,
    quantize_dynamic,
)
from torch import Tensor, nn

from training.dataset import Batch, Encoded, collate
from training.e5_weights import E5_SMALL
from training.model import PointJudge
from training.scoring import Forward

INPUTS = ("tokens", "segments", "present", "spans", "marks")
_OPSET = 17
_LAYER = re.compile(r"/encoder/layers\.(?P<layer>\d+)/(?P<part>\w+)/")
_MATRICES = frozenset({"qkv", "output", "inner", "outer"})
_ALIGNMENT = "/align/Softmax_output_0"
_LEVELS = 127
_POINTS = 4  # in the timed passes


class ByteEmbedding(nn.Embedding):
    """Word vectors as int8 with one scale a row."""

    scale: Tensor
    rows: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__(1, weight.shape[1])
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / _LEVELS
        self.register_buffer("scale", scale)
        self.register_buffer("rows", torch.round(weight / scale).to(torch.int8))

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (torch's name)
        """Return the vectors (…, width) of token numbers."""
        return self.rows[input].float() * self.scale[input]


def load_model(checkpoint: Path) -> PointJudge:
    """Read a network back from a checkpoint of `training.train`."""
    state = torch.load(checkpoint, map_location="cpu")
    weights = state["model"]
    model = PointJudge(E5_SMALL, weights["encoder.words.weight"].shape[0])
    del model.encoder.layers[state["recipe"]["layers"] :]
    model.load_state_dict(weights)
    return model.eval()


def export(model: PointJudge, path: Path) -> None:
    """Write the network as int8 ONNX; batch, tokens and points stay free."""
    small = copy.deepcopy(model)
    small.encoder.words = ByteEmbedding(model.encoder.words.weight.detach())
    names = {"tokens": {0: "batch", 1: "length"}, "marks": {0: "batch", 1: "points"}}
    names |= dict.fromkeys(("segments", "present"), names["tokens"])
    names["spans"] = {0: "batch", 1: "points", 2: "length"}
    names["logits"] = names["marks"]
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        torch.onnx.export(
            small,
            sample(64).inputs(),
            str(exact),
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_axes=names,
            opset_version=_OPSET,
            dynamo=False,
        )
        quantize_dynamic(
            exact,
            path,
            nodes_to_exclude=_kept_exact(onnx.load(str(exact)), len(model.encoder.layers)),
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
    _name_alignment(path)
    onnx.checker.check_model(str(path))


def _name_alignment(path: Path) -> None:
    """Make an output of how the head lines up every token with the answer's: it is evidence."""
    model = onnx.load(str(path))
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = ["alignment" if name == _ALIGNMENT else name for name in names]
    shape = ["batch", "length", "length"]
    output = onnx.helper.make_tensor_value_info("alignment", onnx.TensorProto.FLOAT, shape)
    model.graph.output.append(output)
    onnx.save(model, str(path))


def _kept_exact(graph: onnx.ModelProto, layers: int) -> list[str]:
    """Return the products that stay float32.

    The head, products of activations, and the wide inputs of the upper half's outer matrices: what
    int8 loses is lost there.
    """
    names = [node.name for node in graph.graph.node if node.op_type in {"MatMul", "Gemm"}]
    return [name for name in names if not _is_bytes(name, layers)]


def _is_bytes(name: str, layers: int) -> bool:
    found = _LAYER.match(name)
    if not found:
        return False
    return found["part"] in _MATRICES and not (
        found["part"] == "outer" and int(found["layer"]) >= layers // 2
    )


def sample(length: int) -> Batch:
    """Return one sequence of a length, for tracing and timing."""
    step = length // (2 * _POINTS)
    starts = [4 + step * number for number in range(_POINTS)]
    ends = [start + step for start in starts]
    return collate([Encoded([5] * length, [0] * length, starts, ends, [0] * _POINTS)])


def onnx_forward(path: Path, threads: int = 1) -> Forward:
    """Return the forward pass of an ONNX file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def forward(batch: Batch) -> Tensor:
        values = (part.numpy() for part in batch.inputs())
        (logits,) = session.run(["logits"], dict(zip(INPUTS, values, strict=True)))
        return torch.from_numpy(np.asarray(logits))

    return forward


def milliseconds(forward: Forward, length: int, rounds: int = 20) -> float:
    """Return the median time of a pass over one sequence."""
    batch = sample(length)
    forward(batch)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        forward(batch)
        times.append(time.perf_counter() - begun)
    return 1000 * sorted(times)[rounds // 2]


def main() -> None:
    """Export the best checkpoint of a run and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", type=Path, required=True, help="a folder of training.train")
    parser.add_argument("--checkpoint", default="best.pt")
    arguments = parser.parse_args()
    path = arguments.run / "model.onnx"
    export(load_model(arguments.run / arguments.checkpoint), path)
    vocabulary = arguments.run / "vocabulary.json.gz"
    for file in (path, vocabulary):
        print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB")
    forward = onnx_forward(path)
    for length in (64, 96, 128, 192, 256):
        print(f"{length} tokens, {_POINTS} points: {milliseconds(forward, length):.1f} ms")


if __name__ == "__main__":
    main()
