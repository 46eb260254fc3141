"""Reads the weights of a shipped network back, so that a run can go on where another ended."""

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.e5_weights import Array

_MODULE = re.compile(r"^/(?P<path>[\w./]+)/MatMul(?:_quant)?$")
_WORDS = "encoder.words"


def read_shipped(path: Path) -> dict[str, Tensor]:
    """Return the state of a `PointJudge` out of an ONNX file of `training.export`.

    What was stored as int8 comes back rounded to its 127 steps.
    """
    graph = onnx.load(str(path)).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    state = {name: value for name, value in arrays.items() if "::" not in name}
    scale, rows = state.pop(f"{_WORDS}.scale"), state.pop(f"{_WORDS}.rows")
    state[f"{_WORDS}.weight"] = rows.astype(np.float32) * scale
    for node in graph.node:
        found = _MODULE.match(node.name)
        if found and node.op_type in {"MatMul", "MatMulInteger"} and "::" in node.input[1]:
            name = f"{found['path'].replace('/', '.')}.weight"
            state[name] = _matrix(arrays, node.input[1]).T
    return {
        name: torch.from_numpy(np.array(value, np.float32))
        for name, value in state.items()
        if name.startswith(("encoder.", "align.", "weigh.", "dense.", "classify."))
        and not name.endswith(("_scale", "_zero_point", "_quantized"))
    }


def _matrix(arrays: dict[str, Array], name: str) -> Array:
    if not name.endswith("_quantized"):
        return arrays[name]
    scale = arrays[name.removesuffix("_quantized") + "_scale"]
    product: Array = arrays[name].astype(np.float32) * scale
    return product
