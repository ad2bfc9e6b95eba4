"""Reproduction: a few lines of Python that compute one node again, on their own."""

from __future__ import annotations

from math import isfinite
from typing import Any

from autograd.operation import ROWS, Dot, Reduction, Softmax, Take


def script(node: Any, seed: float | None) -> str:
    """Five lines or fewer that compute the node again and show what was found."""
    operation = node.operation
    numbers = [x if isinstance(x, float) else x.data for x in node.operands]
    literal = [repr(x) if isfinite(x) else f'float("{x!r}")' for x in numbers]
    values = [
        text if isinstance(x, float) else f"Value({text})"
        for x, text in zip(node.operands, literal, strict=True)
    ]
    public = ROWS.get(node.op) is operation
    lines: list[str] = []
    head = f"from autograd import Value, detect_anomaly{f', {node.op}' * public}"
    if isinstance(operation, Dot):
        half = len(values) // 2
        sides = [f"[{', '.join(side)}]" for side in (values[:half], values[half : 2 * half])]
        call = f"{node.op}({', '.join([*sides, *values[2 * half :]])})"
    elif isinstance(operation, Take):
        call = f"{node.op}([{', '.join(values[:-1])}], {values[-1]})"
    elif isinstance(operation, Softmax):
        call = f"{node.op}([{', '.join(values[:-1])}])[{int(numbers[-1])}]"
    elif isinstance(operation, Reduction):
        lines, call = [f"xs = [{', '.join(values)}]"], f"{node.op}(xs)"
    else:
        letters = (
            operation.inputs
            if len(operation.inputs) == len(values)
            else [f"x{k + 1}" for k in range(len(values))]
        )
        lines = [f"{', '.join(letters)} = {', '.join(values)}"] if values else []
        call = f"{node.op}({', '.join(letters)})"
    if not public:
        head += f"  # and your operation {node.op}"
    body = ["with detect_anomaly():", f"    out = {call}"]
    if seed is not None:
        body.append(f"    out.backward({seed!r})")
    return "\n".join([head, *lines, *body])
