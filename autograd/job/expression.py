"""The expression of the picture, and the check of its gradients by central differences."""

from __future__ import annotations

from autograd import Value, no_grad, table

INPUTS = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
TITLE = "L = (a·b + c)·f"
STEP = 6e-6  # near the cube root of a double's precision, where rounding and curvature balance
TOLERANCE = 1e-8  # relative to the gradient, or to 1 where that is smaller


def build(a: float, b: float, c: float, f: float) -> Value:
    """L = (a·b + c)·f with every step named."""
    leaves = Value(a, name="a"), Value(b, name="b"), Value(c, name="c"), Value(f, name="f")
    e = leaves[0] * leaves[1]
    e.name = "e"
    d = e + leaves[2]
    d.name = "d"
    L = d * leaves[3]
    L.name = "L"
    return L


def central_difference(name: str) -> float:
    """∂L/∂input as (L(x + h) - L(x - h)) / 2h: two evaluations and no calculus."""
    x = INPUTS[name]
    with no_grad():
        above, below = (build(**{**INPUTS, name: x + h}).data for h in (STEP, -STEP))
    return (above - below) / (2 * STEP)


def check(L: Value) -> str:
    """Both gradients of every input and how far they are apart, as text.

    Raises ArithmeticError if they are not the same within rounding.
    """
    rows = [("input", "backward()", "central difference", "difference")]
    largest, agree = 0.0, True
    for leaf in [value for value in L.history() if not value.parents]:
        measured = central_difference(str(leaf.name))
        difference = abs(leaf.grad - measured)
        largest = max(largest, difference)
        agree &= difference <= TOLERANCE * max(1.0, abs(leaf.grad))
        numbers = f"{leaf.grad:g}", f"{measured:.10f}", f"{difference:.1e}"
        rows.append((str(leaf.name), *numbers))
    verdict = f"The largest difference is {largest:.1e}"
    text = f"{table.aligned(rows, 'lrrr')}\n\n{verdict}".replace("-", "−")
    if not agree:
        raise ArithmeticError(f"backward() and central differences do not agree:\n{text}")
    return f"{text}: they agree but for rounding."
