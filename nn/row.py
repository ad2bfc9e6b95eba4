"""Row: the inputs of one call, as a list of numbers and Values of the right length."""

from __future__ import annotations

from typing import Any


def row(inputs: Any, width: int, reader: str) -> list[Any]:
    """One row of inputs as a list of `width` numbers or Values; an array gives plain floats.

    `reader` is the name that errors give to the module the row was handed to. The numbers are not
    looked at one by one: what is no number is an error where it is multiplied.
    """
    if type(inputs) is list and len(inputs) == width:
        return inputs
    want = f"{reader} expects a row of {width} numbers or Values"
    if getattr(inputs, "ndim", 1) > 1:
        raise ValueError(
            f"{want}, got an array of shape {tuple(inputs.shape)}: call it once for each row, "
            "as in [model(x) for x in X]"
        )
    if isinstance(inputs, (str, bytes, dict, set, frozenset)):
        raise TypeError(f"{want}, got a {type(inputs).__name__}: write them as a list, in order")
    if hasattr(inputs, "tolist"):
        inputs = inputs.tolist()
    try:
        values = list(inputs)
    except TypeError:
        raise TypeError(
            f"{want}, got {inputs!r}, which is no row: write [x], even for a single number"
        ) from None
    if len(values) != width:
        raise ValueError(
            f"{reader} expects {width} input{'s' * (width != 1)}, got {len(values)}: "
            + mend(values, width)
        )
    return values


def mend(inputs: list[Any], width: int) -> str:
    """What to do about a row that is not `width` wide."""
    if not inputs:
        return "the row is empty; if it came from a generator, it may be used up already"
    if hasattr(inputs[0], "__len__"):
        return "these look like many rows; call it once for each, as in [model(x) for x in X]"
    return f"give it rows of {width}, or build it for {len(inputs)}"


def refuse_nan(inputs: list[Any], reader: str) -> None:
    """Raise ValueError if a plain number of the row is nan, saying where and what to do."""
    places = [i for i, x in enumerate(inputs) if isinstance(x, float) and x != x]
    if places:
        raise ValueError(
            f"{reader} got nan at {', '.join(map(str, places[:6]))} of a row of {len(inputs)}: "
            "leave such rows out, or fill them in, before they reach the model"
        )
