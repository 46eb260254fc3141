"""Training of the answer check's encoder: from labelled answers to one small ONNX file."""
