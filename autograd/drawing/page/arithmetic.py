"""Arithmetic in JavaScript: the rows of the table as functions, so that a page can recompute."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from autograd import ops, text
from autograd.operation import Operation, Reduction, Softmax

# Math, by the names of C; then what it lacks, or answers otherwise
HEAD = """\
const {exp, expm1, log, log1p, log2, log10, sqrt, cbrt, floor, hypot} = Math;
const {sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, asinh, acosh, atanh} = Math;
const fabs = Math.abs;
const pow = (x, y) => x === 1 || (x === -1 && fabs(y) === Infinity) ? 1 : Math.pow(x, y);
const erf = (x) => {  // by its series of terms of one sign: Abramowitz and Stegun, 7.1.6
  if (!(fabs(x) < 3)) return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
  let term = x, sum = 0;
  for (let n = 1; sum + term !== sum; n++) { sum += term; term *= 2 * x * x / (2 * n + 1); }
  return 2 / sqrt(Math.PI) * exp(-x * x) * (sum || x);
};
const erfc = (x) => {  // by its continued fraction, 7.1.14
  if (x < 2) return 1 - erf(x);
  let tail = x;
  for (let n = 120; n > 0; n--) tail = x + n / 2 / tail;
  return exp(-x * x) / sqrt(Math.PI) / tail;
};
const largest = (xs) => { const top = Math.max(...xs); return Number.isFinite(top) ? top : 0; };
"""


class JavaScript(text.C):
    """JavaScript: C, but for a few names."""

    @staticmethod
    def number(x: float) -> str:
        if math.isfinite(x):
            return repr(x)
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"

    @staticmethod
    def template(operation: Operation) -> str:
        return operation.js or text.C.template(operation)


def kernels(operations: Iterable[Operation | None]) -> str:
    """An object with a function for each row among the operations, by its name.

    A function takes all operands in a list and gives the value and a list of the local derivatives.

    >>> print(kernels([ops.multiply]).splitlines()[-1])
    return {multiply: ([x, y]) => { const out = x * y; return [out, [y, x]]; }};
    """
    rows = [row for name, row in ops.ROWS.items() if any(row is one for one in operations)]
    functions = ", ".join(f"{row.name}: {kernel(row)}" for row in rows)
    return f"{HEAD}{called(functions)}return {{{functions}}};"


def kernel(row: Operation) -> str:
    """The function of a row."""
    if isinstance(row, Reduction):
        return list_kernel(row)
    derivatives = [text.derivative(row, i, JavaScript) for i in range(len(row.inputs))]
    inputs = ", ".join(row.inputs)
    out = text.write(row, [JavaScript(name) for name in row.inputs], JavaScript)
    return f"([{inputs}]) => {{ const out = {out}; return [out, [{', '.join(derivatives)}]]; }}"


def list_kernel(row: Reduction) -> str:
    """The function of a reduction; of a row with a result for each input, k comes last."""
    split = isinstance(row, Softmax)
    x, k = ("xs.slice(0, -1)", "xs[xs.length - 1]") if split else ("xs", "0")
    return (
        f"(xs) => {{ const x = {x}, k = {k}, n = x.length, w = [], top = largest(x); "
        f"let out = 0, i; {row.c} "
        f"return [out, xs.map((_, i) => +({row.c_local}))]; }}"
    )


def called(source: str) -> str:
    """The functions of the rows that are called there and that Math does not have."""
    own = [row for row in ops.ROWS.values() if not isinstance(row, Reduction) and not row.in_c]
    found: dict[str, str] = {}
    waiting = [source]
    while waiting:
        words = set(re.findall(r"\b(\w+)\(", waiting.pop()))
        for row in own:
            if row.name in words and row.name not in found:
                formula = text.value(row, JavaScript)
                inputs = ", ".join(row.inputs)
                found[row.name] = f"const {row.name} = ({inputs}) => {formula};\n"
                waiting.append(formula)
    return "".join(found.values())
