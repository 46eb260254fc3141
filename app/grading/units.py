"""Units of measurement: 10 km is 10000 m, 1 GB is 1024 MB or 1000 MB; read from units.toml."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from importlib.resources import files

Measures = frozenset[tuple[str, float]]  # each a dimension and an amount of its base unit


def _load() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Return for each name of a unit its dimension with what it is in base units, maybe several."""
    data = tomllib.loads((files(__package__) / "units.toml").read_text(encoding="utf-8"))
    found: defaultdict[str, tuple[tuple[str, float], ...]] = defaultdict(tuple)
    for dimension, units in data.items():
        for names, sizes in units.items():
            for name in names.split():
                several = sizes if isinstance(sizes, list) else [sizes]
                found[name] += tuple((dimension, float(size)) for size in several)
    return dict(found)


_UNITS = _load()
# Behind a number; a Latin name must end there.
UNIT = "|".join(
    re.escape(name) + ("(?![a-z0-9])" if name[-1].isascii() and name[-1].isalnum() else "")
    for name in sorted(_UNITS, key=len, reverse=True)
)


def measure(value: float, unit: str | None) -> Measures:
    """Return a value in base units, in every size that its unit has; nothing without a unit."""
    if unit is None:
        return frozenset()
    return frozenset((dimension, value * size) for dimension, size in _UNITS[unit])
