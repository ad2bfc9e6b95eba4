"""kernels.h, written from the table: the value and the local derivatives of every row, in C.

`python -m autograd.native.kernels` prints it; the build runs it, so nothing is ever retyped.
"""

from __future__ import annotations

import hashlib

from autograd import ops, text
from autograd.operation import Operation, Reduction, Softmax

HEAD = """\
/* Written by autograd/native/kernels.py from the table of operations: do not edit. */

#include <math.h>
#include <stddef.h>

#ifndef KERNEL
#define KERNEL static inline
#endif

KERNEL double top_of(ptrdiff_t n, const double *x) {
    double top = n ? x[0] : 0.0;
    for (ptrdiff_t i = 1; i < n; i++) if (x[i] > top) top = x[i];
    return isfinite(top) ? top : 0.0;
}
"""
OF_LIST = "ptrdiff_t n, const double *x, double *w, ptrdiff_t k"
UNUSED = "(void)n; (void)x; (void)w; (void)k;"


def header() -> str:
    """The text of kernels.h."""
    fixed = {name: row for name, row in ops.ROWS.items() if not isinstance(row, Reduction)}
    lists = {name: row for name, row in ops.ROWS.items() if isinstance(row, Reduction)}
    derived = [row for row in fixed.values() if not row.in_c]
    parts = [
        HEAD,
        *(unless_defined(row, ";") for row in derived),
        *(unless_defined(row, f" {{ return {text.value(row, text.C)}; }}") for row in derived),
        *(kernel(row) for row in fixed.values()),
        *(list_kernel(row) for row in lists.values()),
        choice("reduction_value", OF_LIST, "n, x, w, k", "value", lists),
        choice(
            "reduction_by", f"{OF_LIST}, double out, ptrdiff_t i", "n, x, w, k, out, i", "by", lists
        ),
        *numbers(),
    ]
    source = "\n".join(parts)
    return f'{source}\n#define KERNELS "{hashlib.sha256(source.encode()).hexdigest()}"\n'


def unless_defined(row: Operation, body: str) -> str:
    """A function of the row's name, unless elementary.h has its own."""
    return f"#ifndef {row.name}\n{prototype(row, row.name)}{body}\n#endif"


def prototype(row: Operation, name: str, more: str = "") -> str:
    """A C function of the row's inputs."""
    inputs = ", ".join(f"double {x}" for x in row.inputs)
    return f"KERNEL double {name}({inputs}{more})"


def kernel(row: Operation) -> str:
    """The value and one function per derivative."""
    inputs = [text.C(name) for name in row.inputs]
    value = text.write(row, inputs, text.C) if row.in_c else f"{row.name}({', '.join(row.inputs)})"
    lines = [f"{prototype(row, f'value_{row.name}')} {{ return {value}; }}"]
    unused = "".join(f"(void){name}; " for name in (*row.inputs, "out"))
    for i in range(len(row.derivatives)):
        head = prototype(row, f"by{i}_{row.name}", ", double out")
        lines.append(f"{head} {{ {unused}return {text.derivative(row, i, text.C)}; }}")
    return "\n".join(lines)


def list_kernel(row: Reduction) -> str:
    """The value and the local derivatives of a reduction."""
    top = "double top = top_of(n, x); (void)top;"
    return (
        f"KERNEL double value_{row.name}({OF_LIST}) {{ ptrdiff_t i; double out = 0.0; "
        f"{top} (void)i; {UNUSED} {row.c} return out; }}\n"
        f"KERNEL double by_{row.name}({OF_LIST}, double out, ptrdiff_t i) "
        f"{{ {UNUSED} (void)out; (void)i; return {row.c_local}; }}"
    )


def choice(name: str, inputs: str, names: str, kind: str, rows: dict[str, Operation]) -> str:
    """A function that chooses among those of the reductions by the number of the row."""
    places = list(ops.ROWS)
    cases = "".join(
        f"    case {places.index(row)}: return {kind}_{row}({names});\n" for row in rows
    )
    return (
        f"KERNEL double {name}(int row, {inputs}) {{\n    switch (row) {{\n{cases}"
        "    default: return NAN;\n    }\n}"
    )


def flat(row: Operation) -> int:
    """A bit for each operand that the value does not depend on, or only in steps."""
    if isinstance(row, Reduction):
        return int(row.c_local == "0.0")
    return sum(1 << i for i in range(len(row.inputs)) if text.derivative(row, i, text.C) == "0.0")


def numbers() -> list[str]:
    """The rows by their place in the table, family by family."""
    rows = list(ops.ROWS.values())
    places = {row.name: place for place, row in enumerate(rows)}
    fixed = [row for row in rows if not isinstance(row, Reduction)]

    def each(macro: str, chosen: list[Operation], selects: bool) -> str:
        entries = " ".join(
            f"X({row.name}, {places[row.name]}{f', {row.selects:d}' * selects})" for row in chosen
        )
        return f"#define {macro}(X) {entries}"

    softmaxes = " || ".join(f"row == {places[r.name]}" for r in rows if isinstance(r, Softmax))
    return [
        f"#define ROW_COUNT {len(rows)}",
        "#define ROW_NAMES " + ", ".join(f'"{row.name}"' for row in rows),
        *(f"#define ROW_{row.name} {place}" for place, row in enumerate(rows)),
        f"#define row_is_softmax(row) ({softmaxes})",
        f"#define FLAT_OPERANDS {{{', '.join(str(flat(row)) for row in rows)}}}",
        each("UNARY_ROWS", [row for row in fixed if len(row.inputs) == 1], selects=False),
        each("OPERATOR_ROWS", list(ops.OPERATORS.values()), selects=False),
        *(
            each(f"ROWS_OF_{n}", [row for row in fixed if len(row.inputs) == n], selects=True)
            for n in (1, 2, 3)
        ),
    ]


if __name__ == "__main__":
    print(header(), end="")
